/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "twin.h"

struct twin_surface *twin_surface_create(struct twin *twin)
{
	struct twin_surface *surface = calloc(1, sizeof(*surface));
	struct wltex_manager_v1 *manager = twin->screens[TWIN_TESTED].wltex;

	check(surface != NULL);
	surface->twin = twin;
	surface->next = twin->surfaces;
	twin->surfaces = surface;
	both(surface->wl[i] = wl_compositor_create_surface(twin->screens[i].compositor));
	if (manager != NULL)
		surface->watch = wltex_manager_v1_get_surface(manager, surface->wl[TWIN_TESTED]);
	return surface;
}

struct twin_surface *twin_subsurface_create(
	struct twin *twin, struct twin_surface *parent, int32_t x, int32_t y)
{
	struct twin_surface *surface = twin_surface_create(twin);

	for (int i = 0; i < 2; i++) {
		surface->sub[i] = wl_subcompositor_get_subsurface(
			twin->screens[i].subcompositor, surface->wl[i], parent->wl[i]);
		wl_subsurface_set_position(surface->sub[i], x, y);
	}
	return surface;
}

static void handle_configure(void *data, struct xdg_surface *xdg_surface, uint32_t serial)
{
	struct twin_surface *surface = data;

	xdg_surface_ack_configure(xdg_surface, serial);
	surface->configured |= xdg_surface == surface->xdg[0] ? 1 : 2;
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

void twin_surface_map(struct twin *twin, struct twin_surface *surface)
{
	for (int i = 0; i < 2; i++) {
		surface->xdg[i] =
			xdg_wm_base_get_xdg_surface(twin->screens[i].wm_base, surface->wl[i]);
		xdg_surface_add_listener(surface->xdg[i], &xdg_surface_listener, surface);
		surface->toplevel[i] = xdg_surface_get_toplevel(surface->xdg[i]);
		xdg_toplevel_add_listener(surface->toplevel[i], &toplevel_listener, surface);
		wl_surface_commit(surface->wl[i]);
	}
	while (surface->configured != 3)
		twin_sync(twin);
}

struct wp_viewport **twin_surface_get_viewports(struct twin *twin, struct twin_surface *surface)
{
	if (surface->viewport[0] == NULL)
		both(surface->viewport[i] = wp_viewporter_get_viewport(
			     twin->screens[i].viewporter, surface->wl[i]));
	return surface->viewport;
}

void twin_surface_destroy(struct twin_surface *surface)
{
	struct twin_surface **link;

	for (link = &surface->twin->surfaces; *link != surface;)
		link = &(*link)->next;
	*link = surface->next;
	if (surface->watch != NULL)
		wltex_surface_v1_destroy(surface->watch);
	for (int i = 0; i < 2; i++) {
		if (surface->viewport[i] != NULL)
			wp_viewport_destroy(surface->viewport[i]);
		if (surface->sub[i] != NULL)
			wl_subsurface_destroy(surface->sub[i]);
		if (surface->toplevel[i] != NULL)
			xdg_toplevel_destroy(surface->toplevel[i]);
		if (surface->xdg[i] != NULL)
			xdg_surface_destroy(surface->xdg[i]);
		wl_surface_destroy(surface->wl[i]);
	}
	free(surface);
}

void twin_attach(struct twin_surface *surface, struct twin_buffer *buffer)
{
	for (int i = 0; i < 2; i++) {
		wl_surface_attach(
			surface->wl[i], buffer != NULL ? buffer->wl_buffers[i] : NULL, 0, 0);
		if (buffer != NULL)
			buffer->busy[i] = true;
	}
}

void twin_commit(struct twin_surface *surface)
{
	both(wl_surface_commit(surface->wl[i]));
}

void twin_present(struct twin_surface *surface, struct twin_buffer *buffer)
{
	twin_attach(surface, buffer);
	both(wl_surface_damage(surface->wl[i], 0, 0, INT32_MAX, INT32_MAX));
	twin_commit(surface);
}
