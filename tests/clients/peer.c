/* SPDX-License-Identifier: MIT */
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "peer.h"

/* Longer than anything takes under valgrind. */
#define PATIENCE_S 100

static const char *const states[] = {
	[WLTEX_SURFACE_V1_STATE_IMPORTED] = "imported",
	[WLTEX_SURFACE_V1_STATE_REIMPORTED] = "reimported",
	[WLTEX_SURFACE_V1_STATE_REUSED] = "reused",
	[WLTEX_SURFACE_V1_STATE_DESTROYED] = "destroyed",
	[WLTEX_SURFACE_V1_STATE_FAILED] = "failed",
	[WLTEX_SURFACE_V1_STATE_REFUSED] = "refused",
};

static const char *const reasons[] = {
	[WLTEX_SURFACE_V1_REASON_ATTACHED] = "attached",
	[WLTEX_SURFACE_V1_REASON_CONTENT_CHANGED] = "content_changed",
	[WLTEX_SURFACE_V1_REASON_REPLACED] = "replaced",
	[WLTEX_SURFACE_V1_REASON_RELEASED] = "released",
	[WLTEX_SURFACE_V1_REASON_DETACHED] = "detached",
	[WLTEX_SURFACE_V1_REASON_BUFFER_DESTROYED] = "buffer_destroyed",
	[WLTEX_SURFACE_V1_REASON_SURFACE_DESTROYED] = "surface_destroyed",
	[WLTEX_SURFACE_V1_REASON_INVALID] = "invalid",
	[WLTEX_SURFACE_V1_REASON_LIMIT] = "limit",
	[WLTEX_SURFACE_V1_REASON_CONTEXT_LOST] = "context_lost",
};

#define N_ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

static void add_word(struct peer *peer, const char *word)
{
	size_t used = strlen(peer->log);
	int n = snprintf(
		peer->log + used, sizeof(peer->log) - used, "%s%s", used > 0 ? " " : "", word);

	check(n > 0 && (size_t)n < sizeof(peer->log) - used);
}

static void handle_texture(void *data, struct wltex_surface_v1 *watch, uint32_t serial,
	uint32_t state, uint32_t reason, uint32_t sum)
{
	struct peer_surface *surface = data;
	char word[96];

	check(state < N_ELEMENTS(states) && reason < N_ELEMENTS(reasons));
	snprintf(word, sizeof(word), "%s%s%s/%s", surface->name, surface->name[0] ? ":" : "",
		states[state], reasons[reason]);
	surface->serial = serial;
	surface->sum = sum;
	add_word(surface->peer, word);
}

static const struct wltex_surface_v1_listener watch_listener = {.texture = handle_texture};

static void handle_ping(void *data, struct xdg_wm_base *wm_base, uint32_t serial)
{
	xdg_wm_base_pong(wm_base, serial);
}

static const struct xdg_wm_base_listener wm_base_listener = {.ping = handle_ping};

static void handle_format(void *data, struct zwp_linux_dmabuf_v1 *dmabuf, uint32_t format)
{
}

static void handle_modifier(void *data, struct zwp_linux_dmabuf_v1 *dmabuf, uint32_t format,
	uint32_t modifier_hi, uint32_t modifier_lo)
{
	struct peer *peer = data;

	check((size_t)peer->n_formats < N_ELEMENTS(peer->formats));
	peer->formats[peer->n_formats++] =
		(struct peer_format){format, (uint64_t)modifier_hi << 32 | modifier_lo};
}

static const struct zwp_linux_dmabuf_v1_listener dmabuf_listener = {
	.format = handle_format,
	.modifier = handle_modifier,
};

bool peer_offers(const struct peer *peer, uint32_t fourcc, uint64_t modifier)
{
	for (int i = 0; i < peer->n_formats; i++) {
		if (peer->formats[i].fourcc == fourcc && peer->formats[i].modifier == modifier)
			return true;
	}
	return false;
}

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version)
{
	struct peer *peer = data;
	const struct {
		const struct wl_interface *interface;
		uint32_t version;
		void *object;
	} globals[] = {
		{&wl_compositor_interface, 4, &peer->compositor},
		{&wl_subcompositor_interface, 1, &peer->subcompositor},
		{&wl_shm_interface, 1, &peer->shm},
		{&xdg_wm_base_interface, 1, &peer->wm_base},
		{&zwp_linux_dmabuf_v1_interface, 3, &peer->dmabuf},
		{&wp_viewporter_interface, 1, &peer->viewporter},
		{&wp_presentation_interface, 1, &peer->presentation},
		{&wltex_manager_v1_interface, 1, &peer->wltex},
	};

	for (size_t i = 0; i < N_ELEMENTS(globals); i++) {
		if (strcmp(interface, globals[i].interface->name) != 0)
			continue;
		void *object =
			wl_registry_bind(registry, name, globals[i].interface, globals[i].version);
		memcpy(globals[i].object, &object, sizeof(object));
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name)
{
}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

void peer_connect(struct peer *peer, const char *name)
{
	alarm(PATIENCE_S);
	prctl(PR_SET_NAME, name);
	*peer = (struct peer){.display = wl_display_connect(NULL)};
	for (size_t i = 0; i < N_ELEMENTS(peer->buffers); i++)
		peer->buffers[i].fd = -1;
	check(peer->display != NULL);
	peer->registry = wl_display_get_registry(peer->display);
	wl_registry_add_listener(peer->registry, &registry_listener, peer);
	check(wl_display_roundtrip(peer->display) >= 0);
	check(peer->compositor != NULL && peer->subcompositor != NULL && peer->shm != NULL);
	check(peer->wm_base != NULL);
	xdg_wm_base_add_listener(peer->wm_base, &wm_base_listener, peer);
	if (peer->dmabuf != NULL)
		zwp_linux_dmabuf_v1_add_listener(peer->dmabuf, &dmabuf_listener, peer);
	check(wl_display_roundtrip(peer->display) >= 0);
}

static void handle_done(void *data, struct wl_callback *callback, uint32_t serial)
{
	struct peer *peer = data;

	add_word(peer, "done");
	wl_callback_destroy(callback);
}

static const struct wl_callback_listener sync_listener = {.done = handle_done};

static int count_done(const struct peer *peer)
{
	int n = 0;

	for (const char *at = peer->log; (at = strstr(at, "done")) != NULL; at++)
		n++;
	return n;
}

bool peer_try_sync(struct peer *peer)
{
	int before = count_done(peer);
	struct wl_callback *callback = wl_display_sync(peer->display);

	wl_callback_add_listener(callback, &sync_listener, peer);
	while (count_done(peer) == before) {
		if (wl_display_dispatch(peer->display) >= 0)
			continue;
		wl_callback_destroy(callback);
		return false;
	}
	return true;
}

void peer_sync(struct peer *peer)
{
	check(peer_try_sync(peer));
}

void peer_check_events(struct peer *peer, const char *words, const char *file, int line)
{
	char expected[sizeof(peer->log)];

	if (!peer_try_sync(peer))
		test_fail(file, line, "the connection broke: %s",
			strerror(wl_display_get_error(peer->display)));
	snprintf(expected, sizeof(expected), "%s%sdone", words, words[0] ? " " : "");
	if (fnmatch(expected, peer->log, FNM_EXTMATCH) != 0)
		test_fail(file, line, "events are \"%s\", not \"%s\"", peer->log, expected);
	peer->log[0] = '\0';
}

void peer_check_error(struct peer *peer, const struct wl_interface *interface, uint32_t code,
	const char *file, int line)
{
	const struct wl_interface *found = NULL;
	uint32_t found_code;

	if (peer_try_sync(peer))
		test_fail(file, line, "the compositor sent no error");
	found_code = wl_display_get_protocol_error(peer->display, &found, NULL);
	if (interface == NULL)
		return;
	if (found == NULL || strcmp(found->name, interface->name) != 0 || found_code != code)
		test_fail(file, line, "error %u of %s, not %u of %s", found_code,
			found != NULL ? found->name : "nothing", code, interface->name);
}

static void handle_configure(void *data, struct xdg_surface *xdg_surface, uint32_t serial)
{
	struct peer_surface *surface = data;

	xdg_surface_ack_configure(xdg_surface, serial);
	surface->configured = true;
}

static const struct xdg_surface_listener xdg_surface_listener = {.configure = handle_configure};

static void ignore_configure(void *data, struct xdg_toplevel *toplevel, int32_t width,
	int32_t height, struct wl_array *array)
{
}

static void ignore_close(void *data, struct xdg_toplevel *toplevel)
{
}

static const struct xdg_toplevel_listener toplevel_listener = {
	.configure = ignore_configure,
	.close = ignore_close,
};

struct peer_surface *peer_surface(struct peer *peer, const char *name)
{
	struct peer_surface *surface = &peer->surfaces[peer->n_surfaces++];

	check(peer->n_surfaces <= PEER_MAX_SURFACES);
	surface->peer = peer;
	surface->name = name;
	surface->wl_surface = wl_compositor_create_surface(peer->compositor);
	if (peer->wltex == NULL)
		return surface;
	surface->watch = wltex_manager_v1_get_surface(peer->wltex, surface->wl_surface);
	wltex_surface_v1_add_listener(surface->watch, &watch_listener, surface);
	return surface;
}

void peer_surface_map(struct peer_surface *surface)
{
	surface->xdg_surface =
		xdg_wm_base_get_xdg_surface(surface->peer->wm_base, surface->wl_surface);
	xdg_surface_add_listener(surface->xdg_surface, &xdg_surface_listener, surface);
	surface->toplevel = xdg_surface_get_toplevel(surface->xdg_surface);
	xdg_toplevel_add_listener(surface->toplevel, &toplevel_listener, surface);
	wl_surface_commit(surface->wl_surface);
	while (!surface->configured)
		check(wl_display_dispatch(surface->peer->display) >= 0);
}

void peer_surface_show(struct peer_surface *surface, const struct peer_buffer *buffer)
{
	wl_surface_attach(surface->wl_surface, buffer != NULL ? buffer->wl_buffer : NULL, 0, 0);
	wl_surface_damage_buffer(surface->wl_surface, 0, 0, INT32_MAX, INT32_MAX);
	wl_surface_commit(surface->wl_surface);
}

static void handle_frame(void *data, struct wl_callback *callback, uint32_t time)
{
	struct peer_surface *surface = data;

	surface->drawn = true;
	wl_callback_destroy(callback);
}

static const struct wl_callback_listener frame_listener = {.done = handle_frame};

void peer_surface_draw(struct peer_surface *surface)
{
	struct wl_callback *callback = wl_surface_frame(surface->wl_surface);

	wl_callback_add_listener(callback, &frame_listener, surface);
	wl_surface_commit(surface->wl_surface);
	surface->drawn = false;
	while (!surface->drawn)
		check(wl_display_dispatch(surface->peer->display) >= 0);
}
