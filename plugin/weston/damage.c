/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>
#include <wayland-server.h>

#include "weston/compat.h"
#include "weston/damage.h"

static void set_box(pixman_region32_t *region, int32_t width, int32_t height)
{
	pixman_region32_fini(region);
	pixman_region32_init_rect(region, 0, 0, (unsigned)width, (unsigned)height);
}

/* Whether pixels come to lie anywhere but on whole pixels, in their order. */
static bool is_in_between(const struct weston_matrix *matrix)
{
	const float *m = compat_matrix_numbers(matrix);

	return matrix->type & ~(unsigned)WESTON_MATRIX_TRANSFORM_TRANSLATE ||
	       floorf(m[12]) < m[12] || floorf(m[13]) < m[13];
}

/* Whether there is an output, or a view, that draws surface pixels anywhere but in their place. */
static bool is_scaled(const struct weston_surface *surface)
{
	const struct weston_output *output;
	const struct weston_view *view;

	wl_list_for_each (output, &surface->compositor->output_list, link) {
		if (surface->output_mask & 1u << output->id && output->current_scale != 1)
			return true;
	}
	wl_list_for_each (view, &surface->views, surface_link) {
		if (is_in_between(&view->transform.matrix))
			return true;
	}
	return false;
}

static bool is_filtered(const struct weston_surface *surface)
{
	const float *m = compat_matrix_numbers(&surface->buffer_to_surface_matrix);
	static const int integers[] = {0, 1, 4, 5, 12, 13};

	for (size_t i = 0; i < sizeof(integers) / sizeof(integers[0]); i++) {
		double value = m[integers[i]];
		if (floor(value) < value || (integers[i] < 12 && fabs(value) > 1))
			return true;
	}
	return is_scaled(surface);
}

bool damage_geometry_update(struct damage_geometry *geometry, const struct weston_surface *surface)
{
	const struct weston_buffer *buffer = surface->buffer_ref.buffer;
	struct damage_geometry now;
	bool other;

	/* Compared as memory: nothing between the members may be left to chance. */
	memset(&now, 0, sizeof(now));
	now.buffer_width = buffer->width;
	now.buffer_height = buffer->height;
	/* Where the stride is another one, gl-renderer uploads everything. */
	if (buffer->type == WESTON_BUFFER_SHM && buffer->shm_buffer != NULL)
		now.stride = wl_shm_buffer_get_stride(buffer->shm_buffer);
	now.width = surface->width;
	now.height = surface->height;
	now.filtered = is_filtered(surface);
	now.format = buffer->pixel_format;
	now.modifier = buffer->format_modifier;
	now.buffer_type = (int)buffer->type;
	now.origin = (int)buffer->buffer_origin;
	now.viewport = surface->buffer_viewport;
	now.protection = (uint64_t)surface->desired_protection;
	now.color_profile = surface->color_profile;
	now.render_intent = surface->render_intent;
	other = memcmp(geometry, &now, sizeof(now)) != 0;
	memcpy(geometry, &now, sizeof(now));
	return other;
}

static bool is_within(struct weston_coord point, const struct weston_buffer *buffer)
{
	return point.x > -0.5 && point.x < buffer->width + 0.5 && point.y > -0.5 &&
	       point.y < buffer->height + 0.5;
}

bool damage_is_mapped(const struct weston_surface *surface)
{
	const struct weston_buffer *buffer = surface->buffer_ref.buffer;
	struct weston_coord end = weston_coord(surface->width, surface->height);
	struct weston_coord there =
		weston_matrix_transform_coord(&surface->surface_to_buffer_matrix, end);
	struct weston_coord begin = weston_matrix_transform_coord(
		&surface->surface_to_buffer_matrix, weston_coord(0, 0));
	struct weston_coord back =
		weston_matrix_transform_coord(&surface->buffer_to_surface_matrix, there);

	return is_within(begin, buffer) && is_within(there, buffer) && fabs(back.x - end.x) < 0.5 &&
	       fabs(back.y - end.y) < 0.5;
}

struct interval {
	double from, to;
};

/* The rectangles of a region; only one, if they are too many. */
static const pixman_box32_t *get_boxes(const pixman_region32_t *region, int *n)
{
	const pixman_box32_t *boxes = pixman_region32_rectangles((pixman_region32_t *)region, n);

	if (*n <= DAMAGE_MAX_RECTS)
		return boxes;
	*n = 1;
	return pixman_region32_extents((pixman_region32_t *)region);
}

/* What lies between a and b, in whole pixels, cut to 0..size: it may be out of any range. */
static struct interval get_interval(double a, double b, int32_t size)
{
	return (struct interval){
		.from = fmax(floor(fmin(a, b)), 0),
		.to = fmin(ceil(fmax(a, b)), size),
	};
}

/* Add the box between two corners, in any order. false: out of memory. */
static bool add_box(pixman_region32_t *region, struct weston_coord a, struct weston_coord b,
	int32_t width, int32_t height)
{
	struct interval x = get_interval(a.x, b.x, width), y = get_interval(a.y, b.y, height);

	return x.from >= x.to || y.from >= y.to ||
	       pixman_region32_union_rect(region, region, (int)x.from, (int)y.from,
		       (unsigned)(x.to - x.from), (unsigned)(y.to - y.from));
}

void damage_add_surface_region(pixman_region32_t *buffer_damage,
	const struct weston_surface *surface, const pixman_region32_t *damage)
{
	const struct weston_buffer *buffer = surface->buffer_ref.buffer;
	pixman_region32_t clipped;
	bool complete;
	int n = 0;

	/* Clients claim up to INT32_MAX: cut before anything is multiplied. */
	pixman_region32_init(&clipped);
	complete = pixman_region32_intersect_rect(
		&clipped, damage, 0, 0, (unsigned)surface->width, (unsigned)surface->height);
	const pixman_box32_t *boxes = get_boxes(&clipped, &n);
	for (int i = 0; i < n && complete; i++) {
		struct weston_coord_buffer a = weston_coord_surface_to_buffer(
			surface, weston_coord_surface(boxes[i].x1, boxes[i].y1, surface));
		struct weston_coord_buffer b = weston_coord_surface_to_buffer(
			surface, weston_coord_surface(boxes[i].x2, boxes[i].y2, surface));
		complete = add_box(buffer_damage, a.c, b.c, buffer->width, buffer->height);
	}
	pixman_region32_fini(&clipped);
	if (!complete)
		set_box(buffer_damage, buffer->width, buffer->height);
}

void damage_add_buffer_region(pixman_region32_t *damage, const struct weston_surface *surface,
	bool filtered, const pixman_region32_t *changed)
{
	int n = 0, around = filtered ? 1 : 0;
	const pixman_box32_t *boxes = get_boxes(changed, &n);
	bool complete = true;

	for (int i = 0; i < n && complete; i++) {
		struct weston_coord a = weston_coord(boxes[i].x1 - around, boxes[i].y1 - around);
		struct weston_coord b = weston_coord(boxes[i].x2 + around, boxes[i].y2 + around);
		complete = add_box(damage,
			weston_matrix_transform_coord(&surface->buffer_to_surface_matrix, a),
			weston_matrix_transform_coord(&surface->buffer_to_surface_matrix, b),
			surface->width, surface->height);
	}
	if (!complete)
		set_box(damage, surface->width, surface->height);
}

void damage_add_global_region(pixman_region32_t *buffer_damage, const struct weston_view *view,
	const pixman_region32_t *region)
{
	const struct weston_surface *surface = view->surface;
	const float *m = compat_matrix_numbers(&view->transform.matrix);
	pixman_region32_t seen;

	pixman_region32_init(&seen);
	if (!pixman_region32_intersect(
		    &seen, (pixman_region32_t *)region, &view->transform.boundingbox) ||
		(pixman_region32_not_empty(&seen) && is_in_between(&view->transform.matrix))) {
		set_box(&seen, surface->width, surface->height);
	} else {
		pixman_region32_translate(&seen, -(int)m[12], -(int)m[13]);
	}
	damage_add_surface_region(buffer_damage, surface, &seen);
	pixman_region32_fini(&seen);
}
