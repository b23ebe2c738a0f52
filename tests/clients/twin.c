/* SPDX-License-Identifier: MIT */
#include <drm_fourcc.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "twin.h"

#define N_ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

static void handle_ping(void *data, struct xdg_wm_base *wm_base, uint32_t serial)
{
	xdg_wm_base_pong(wm_base, serial);
}

static const struct xdg_wm_base_listener wm_base_listener = {.ping = handle_ping};

static void add_format(uint32_t *formats, int *n, uint32_t format)
{
	if (*n < 64)
		formats[(*n)++] = format;
}

static void handle_shm_format(void *data, struct wl_shm *shm, uint32_t format)
{
	struct twin_screen *screen = data;

	if (format == WL_SHM_FORMAT_ARGB8888)
		format = DRM_FORMAT_ARGB8888;
	else if (format == WL_SHM_FORMAT_XRGB8888)
		format = DRM_FORMAT_XRGB8888;
	add_format(screen->shm_formats, &screen->n_shm_formats, format);
}

static const struct wl_shm_listener shm_listener = {.format = handle_shm_format};

static void ignore_format(void *data, struct zwp_linux_dmabuf_v1 *dmabuf, uint32_t format)
{
}

static void handle_modifier(void *data, struct zwp_linux_dmabuf_v1 *dmabuf, uint32_t format,
	uint32_t modifier_hi, uint32_t modifier_lo)
{
	struct twin_screen *screen = data;

	if (((uint64_t)modifier_hi << 32 | modifier_lo) == DRM_FORMAT_MOD_LINEAR)
		add_format(screen->dmabuf_formats, &screen->n_dmabuf_formats, format);
}

static const struct zwp_linux_dmabuf_v1_listener dmabuf_listener = {
	.format = ignore_format,
	.modifier = handle_modifier,
};

static bool has_format(const uint32_t *formats, int n, uint32_t format)
{
	for (int k = 0; k < n; k++) {
		if (formats[k] == format)
			return true;
	}
	return false;
}

bool twin_takes(const struct twin *twin, enum twin_memory memory, uint32_t format)
{
	for (int i = 0; i < 2; i++) {
		const struct twin_screen *screen = &twin->screens[i];
		bool shm = memory == TWIN_SHM;
		if (!has_format(shm ? screen->shm_formats : screen->dmabuf_formats,
			    shm ? screen->n_shm_formats : screen->n_dmabuf_formats, format))
			return false;
	}
	return true;
}

static void bind_output(struct twin_screen *screen, uint32_t name)
{
	if (screen->n_outputs < TWIN_MAX_OUTPUTS)
		screen->outputs[screen->n_outputs++].wl =
			wl_registry_bind(screen->registry, name, &wl_output_interface, 2);
}

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version)
{
	struct twin_screen *screen = data;
	const struct {
		const struct wl_interface *interface;
		uint32_t version;
		void *object;
	} globals[] = {
		{&wl_compositor_interface, 4, &screen->compositor},
		{&wl_subcompositor_interface, 1, &screen->subcompositor},
		{&wl_shm_interface, 1, &screen->shm},
		{&xdg_wm_base_interface, 1, &screen->wm_base},
		{&zwp_linux_dmabuf_v1_interface, 3, &screen->dmabuf},
		{&wp_viewporter_interface, 1, &screen->viewporter},
		{&wltex_manager_v1_interface, 1, &screen->wltex},
		{&weston_capture_v1_interface, 1, &screen->capture},
	};

	if (strcmp(interface, wl_output_interface.name) == 0)
		bind_output(screen, name);
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

static pid_t get_pid(const char *variable)
{
	char name[64];

	snprintf(name, sizeof(name), "%s_PID", variable);
	return getenv(name) != NULL ? atoi(getenv(name)) : 0;
}

static void connect_screen(struct twin_screen *screen, const char *variable)
{
	const char *path = getenv(variable);

	if (path == NULL)
		test_skip("%s is not set: run it by tests/weston/twins.sh", variable);
	screen->pid = get_pid(variable);
	screen->display = wl_display_connect(path);
	if (screen->display == NULL)
		test_fail(__FILE__, __LINE__, "cannot connect to %s", path);
	screen->registry = wl_display_get_registry(screen->display);
	wl_registry_add_listener(screen->registry, &registry_listener, screen);
	check(wl_display_roundtrip(screen->display) >= 0);
	check(screen->compositor != NULL && screen->subcompositor != NULL && screen->shm != NULL);
	check(screen->wm_base != NULL && screen->viewporter != NULL && screen->n_outputs > 0);
	if (screen->capture == NULL)
		test_skip("this Weston has no weston_capture_v1");
	xdg_wm_base_add_listener(screen->wm_base, &wm_base_listener, NULL);
	wl_shm_add_listener(screen->shm, &shm_listener, screen);
	if (screen->dmabuf != NULL)
		zwp_linux_dmabuf_v1_add_listener(screen->dmabuf, &dmabuf_listener, screen);
	twin_capture_init(screen);
}

void twin_connect(struct twin *twin)
{
	twin_connect_to(twin, "WLTEX_TWIN_TESTED");
}

void twin_connect_to(struct twin *twin, const char *variable)
{
	*twin = (struct twin){.pictures = getenv("WLTEX_TWIN_PICTURES")};
	connect_screen(&twin->screens[TWIN_REFERENCE], "WLTEX_TWIN_REFERENCE");
	connect_screen(&twin->screens[TWIN_TESTED], variable);
	check_int(twin->screens[0].n_outputs, twin->screens[1].n_outputs);
	twin->n_outputs = twin->screens[0].n_outputs;
	for (int k = 0; k < twin->n_outputs; k++) {
		const struct twin_output *a = &twin->screens[0].outputs[k];
		const struct twin_output *b = &twin->screens[1].outputs[k];
		check_int(a->size, b->size);
		check_int(a->format, b->format);
	}
	twin->width = twin->screens[0].outputs[0].width / twin->screens[0].outputs[0].scale;
	twin->height = twin->screens[0].outputs[0].height / twin->screens[0].outputs[0].scale;
}

static void disconnect_screen(struct twin_screen *screen)
{
	if (screen->wltex != NULL)
		wltex_manager_v1_destroy(screen->wltex);
	if (screen->dmabuf != NULL)
		zwp_linux_dmabuf_v1_destroy(screen->dmabuf);
	twin_capture_finish(screen);
	weston_capture_v1_destroy(screen->capture);
	wp_viewporter_destroy(screen->viewporter);
	xdg_wm_base_destroy(screen->wm_base);
	wl_shm_destroy(screen->shm);
	wl_subcompositor_destroy(screen->subcompositor);
	wl_compositor_destroy(screen->compositor);
	wl_registry_destroy(screen->registry);
	wl_display_disconnect(screen->display);
}

void twin_disconnect(struct twin *twin)
{
	/* Those on top of others come first. */
	while (twin->surfaces != NULL)
		twin_surface_destroy(twin->surfaces);
	while (twin->buffers != NULL)
		twin_buffer_destroy(twin->buffers);
	both(disconnect_screen(&twin->screens[i]));
}

static void report_error(struct wl_display *display)
{
	const struct wl_interface *interface = NULL;
	uint32_t id = 0, code;

	if (wl_display_get_error(display) == 0)
		return;
	code = wl_display_get_protocol_error(display, &interface, &id);
	test_fail(__FILE__, __LINE__, "the connection broke: %s, error %u of %s@%u",
		strerror(wl_display_get_error(display)), code,
		interface != NULL ? interface->name : "nothing", id);
}

void twin_sync(struct twin *twin)
{
	both({
		wl_display_roundtrip(twin->screens[i].display);
		report_error(twin->screens[i].display);
	});
}

void twin_dispatch(struct wl_display *display, int timeout_ms)
{
	struct pollfd pollfd = {.fd = wl_display_get_fd(display), .events = POLLIN};

	wl_display_flush(display);
	while (wl_display_prepare_read(display) < 0)
		wl_display_dispatch_pending(display);
	if (poll(&pollfd, 1, timeout_ms) > 0)
		wl_display_read_events(display);
	else
		wl_display_cancel_read(display);
	wl_display_dispatch_pending(display);
	report_error(display);
}

void twin_flush(struct twin *twin)
{
	both(wl_display_flush(twin->screens[i].display));
	both(twin_dispatch(twin->screens[i].display, 0));
}
