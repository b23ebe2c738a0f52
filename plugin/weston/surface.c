/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "weston/look.h"
#include "weston/module.h"

static void handle_commit(struct wl_listener *listener, void *data)
{
	struct module_surface *surface = wl_container_of(listener, surface, commit);

	module_surface_commit(surface);
}

static void handle_destroy(struct wl_listener *listener, void *data)
{
	struct module_surface *surface = wl_container_of(listener, surface, destroy);
	const struct wltex_applied nothing = {.source = {.acquire_fence = -1}};
	struct wltex_verdict verdict;

	wltex_surface_apply(surface->session, &nothing, &verdict);
	wltex_surface_end_looks(surface->session);
	wltex_surface_set_data(surface->session, NULL);
	module_surface_destroy(surface);
}

struct module_surface *module_surface_from_weston(struct weston_surface *surface)
{
	struct wl_listener *listener = wl_signal_get(&surface->commit_signal, handle_commit);
	struct module_surface *found;

	return listener != NULL ? wl_container_of(listener, found, commit) : NULL;
}

struct module_surface *module_surface_create(struct module *module, struct weston_surface *weston)
{
	struct wltex_surface *session =
		wltex_session_get_surface(module->session, weston->resource);
	struct module_surface *surface;

	if (session == NULL)
		return NULL;
	surface = calloc(1, sizeof(*surface));
	if (surface == NULL) {
		weston_log("wltex: out of memory: a surface is not followed\n");
		return NULL;
	}
	surface->module = module;
	surface->session = session;
	surface->surface = weston;
	pixman_region32_init(&surface->claimed);
	look_init(&surface->look);
	wltex_surface_set_data(session, surface);
	surface->commit.notify = handle_commit;
	wl_signal_add(&weston->commit_signal, &surface->commit);
	surface->destroy.notify = handle_destroy;
	wl_signal_add(&weston->destroy_signal, &surface->destroy);
	return surface;
}

void module_surface_destroy(struct module_surface *surface)
{
	look_finish(&surface->look);
	pixman_region32_fini(&surface->claimed);
	wl_list_remove(&surface->commit.link);
	wl_list_remove(&surface->destroy.link);
	free(surface);
}

struct wltex_source module_surface_get_source(const struct module_surface *surface)
{
	const struct weston_surface *weston = surface->surface;
	const struct weston_buffer *buffer = weston->buffer_ref.buffer;
	struct wltex_source source = {.acquire_fence = weston->acquire_fence_fd};

	if (buffer == NULL)
		return source;
	source.buffer = buffer->resource;
	source.width = buffer->width;
	source.height = buffer->height;
	source.shm = buffer->type == WESTON_BUFFER_SHM ? buffer->shm_buffer : NULL;
	source.scanout_only = buffer->direct_display;
	return source;
}
