/* SPDX-License-Identifier: MIT */
#ifndef WESTON_DAMAGE_H
#define WESTON_DAMAGE_H

#include <libweston/libweston.h>
#include <pixman.h>
#include <stdbool.h>

/*
 * Where a surface's damage lies in its buffer, and the other way round.
 *
 * Regions are made larger where they cannot be exact, and where memory runs out: too much is
 * right, too little is not.
 */

/* Regions of more rectangles than that count as their extents: pixman adds each in turn. */
#define DAMAGE_MAX_RECTS 128

/* All that decides how buffer pixels become surface pixels, and surface pixels seen. */
struct damage_geometry {
	/* Compared byte for byte: no padding. */
	int32_t buffer_width, buffer_height, stride, width, height;
	int filtered; // whether a pixel may be seen beside its place
	const struct pixel_format_info *format;
	uint64_t modifier;
	int buffer_type, origin;
	struct weston_buffer_viewport viewport;
	uint64_t protection;
	const struct weston_color_profile *color_profile;
	const struct weston_render_intent_info *render_intent;
};

/* Of a surface that has a buffer. Returns whether it is another one than before. */
bool damage_geometry_update(struct damage_geometry *geometry, const struct weston_surface *surface);

/*
 * Whether all of the surface shows a place of its own in the buffer. It does not where Weston
 * cannot invert the matrix of an extreme viewport, and keeps what it had; nor where another scale
 * or transform came without a buffer, as Weston keeps the size then: beyond the buffer it shows
 * the pixels at its edge.
 */
bool damage_is_mapped(const struct weston_surface *surface);

/*
 * Add damage in surface coordinates to damage in buffer pixels; whatever a fraction of is
 * touched is added whole.
 */
void damage_add_surface_region(pixman_region32_t *buffer_damage,
	const struct weston_surface *surface, const pixman_region32_t *damage);

/*
 * Add where changed buffer pixels are seen on the surface. Filtering (filtered) lets a pixel be
 * seen up to one pixel around it.
 */
void damage_add_buffer_region(pixman_region32_t *damage, const struct weston_surface *surface,
	bool filtered, const pixman_region32_t *changed);

/*
 * Add where a region of the screen, in global coordinates, shows the view's buffer, in buffer
 * pixels.
 */
void damage_add_global_region(pixman_region32_t *buffer_damage, const struct weston_view *view,
	const pixman_region32_t *region);

#endif
