/* SPDX-License-Identifier: MIT */
/*
 * Ways to a stale pixel, one by one: whatever a client does, the compositor with the module
 * must show what the one without it shows.
 */
#include <drm_fourcc.h>

#include "stale.h"

struct twin twin;
struct twin_surface *window;

struct twin_buffer *make(int32_t width, int32_t height, enum twin_memory memory)
{
	return twin_buffer_create(&twin, &(struct twin_buffer_spec){
						 .width = width,
						 .height = height,
						 .format = DRM_FORMAT_XRGB8888,
						 .memory = memory,
					 });
}

/* A window that covers the output, with a picture on it. */
void set_up(void)
{
	struct twin_buffer *background;

	twin_connect(&twin);
	window = twin_surface_create(&twin);
	background = make(twin.width, twin.height, TWIN_DMABUF);
	twin_buffer_paint(background, 1);
	twin_surface_map(&twin, window);
	/* Else sub-surfaces would count, and could make it larger than it may be. */
	both(xdg_surface_set_window_geometry(window->xdg[i], 0, 0, twin.width, twin.height));
	twin_present(window, background);
	check_equal(&twin);
}

/* A desynchronized sub-surface that shows a buffer. */
struct twin_surface *show(struct twin_buffer *buffer, int32_t x, int32_t y)
{
	struct twin_surface *surface = twin_subsurface_create(&twin, window, x, y);

	both(wl_subsurface_set_desync(surface->sub[i]));
	twin_commit(window);
	twin_present(surface, buffer);
	check_equal(&twin);
	return surface;
}

void claim(struct twin_surface *surface, int32_t x, int32_t y, int32_t width, int32_t height)
{
	both(wl_surface_damage_buffer(surface->wl[i], x, y, width, height));
}

/* Draw a rectangle, claim just that, commit. */
void draw(struct twin_surface *surface, struct twin_buffer *buffer, int32_t x, int32_t y,
	int32_t width, int32_t height, uint32_t argb)
{
	twin_buffer_fill(buffer, x, y, width, height, argb);
	twin_attach(surface, buffer);
	claim(surface, x, y, width, height);
	twin_commit(surface);
}
