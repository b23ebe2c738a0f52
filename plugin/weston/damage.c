/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "weston/damage.h"

/* Regions that live longer than a commit are kept simple, whatever a client claims. */
#define MAX_RECTS 128

void damage_init(struct damage *damage)
{
	*damage = (struct damage){0};
	pixman_region32_init(&damage->unflushed);
	pixman_region32_init(&damage->doubtful);
	pixman_region32_init(&damage->dropped);
}

void damage_finish(struct damage *damage)
{
	pixman_region32_fini(&damage->unflushed);
	pixman_region32_fini(&damage->doubtful);
	pixman_region32_fini(&damage->dropped);
}

void damage_forget(struct damage *damage)
{
	damage->geometry_known = false;
}

void damage_commit_requested(
	struct damage *damage, const struct weston_surface *surface, uint64_t request)
{
	bool known =
		pixman_region32_copy(&damage->unflushed, (pixman_region32_t *)&surface->damage);

	damage->request = known ? request : 0;
}

static void get_geometry(const struct weston_surface *surface, struct damage_geometry *geometry)
{
	const struct weston_buffer *buffer = surface->buffer_ref.buffer;

	/* Compared as memory: nothing between the members may be left to chance. */
	memset(geometry, 0, sizeof(*geometry));
	geometry->buffer_width = buffer->width;
	geometry->buffer_height = buffer->height;
	geometry->width = surface->width;
	geometry->height = surface->height;
	geometry->format = buffer->pixel_format;
	geometry->modifier = buffer->format_modifier;
	geometry->buffer_type = (int)buffer->type;
	geometry->origin = (int)buffer->buffer_origin;
	geometry->viewport = surface->buffer_viewport;
	geometry->protection = (uint64_t)surface->desired_protection;
	geometry->color_profile = surface->color_profile;
	geometry->render_intent = surface->render_intent;
}

struct interval {
	double from, to;
};

/* What lies between a and b, in whole pixels, cut to 0..size: it may be out of any range. */
static struct interval get_interval(double a, double b, int32_t size)
{
	return (struct interval){
		.from = fmax(floor(fmin(a, b)), 0),
		.to = fmin(ceil(fmax(a, b)), size),
	};
}

/*
 * pixman leaves a region that it has no memory for without any content, and with that counts
 * as unchanged what is not. Whoever sees that happen makes it too large instead, which needs
 * no memory.
 */
static void set_all(pixman_region32_t *region, const struct weston_surface *surface)
{
	pixman_box32_t all = {0, 0, surface->width, surface->height};

	if (all.x2 > 0 && all.y2 > 0)
		pixman_region32_reset(region, &all);
	else
		pixman_region32_clear(region);
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

bool damage_add_surface_region(pixman_region32_t *buffer_damage,
	const struct weston_surface *surface, const pixman_region32_t *claimed)
{
	pixman_region32_t clipped;
	bool complete;
	int n = 0;

	/* Clients claim up to INT32_MAX: cut before anything is multiplied. */
	pixman_region32_init(&clipped);
	complete = pixman_region32_intersect_rect(
		&clipped, claimed, 0, 0, (unsigned)surface->width, (unsigned)surface->height);
	const pixman_box32_t *boxes = pixman_region32_rectangles(&clipped, &n);
	for (int i = 0; i < n && complete; i++) {
		struct weston_coord_buffer a = weston_coord_surface_to_buffer(
			surface, weston_coord_surface(boxes[i].x1, boxes[i].y1, surface));
		struct weston_coord_buffer b = weston_coord_surface_to_buffer(
			surface, weston_coord_surface(boxes[i].x2, boxes[i].y2, surface));
		complete = add_box(buffer_damage, a.c, b.c, surface->buffer_ref.buffer->width,
			surface->buffer_ref.buffer->height);
	}
	pixman_region32_fini(&clipped);
	return complete;
}

/*
 * Add where changed buffer pixels can be seen on the surface. Filtering lets a pixel be
 * seen up to one pixel around it.
 */
static bool add_buffer_region(pixman_region32_t *surface_damage,
	const struct weston_surface *surface, const pixman_region32_t *changed)
{
	int n = 0;
	const pixman_box32_t *boxes = pixman_region32_rectangles(changed, &n);
	bool complete = true;

	for (int i = 0; i < n && complete; i++) {
		struct weston_coord a = weston_coord(boxes[i].x1 - 1, boxes[i].y1 - 1);
		struct weston_coord b = weston_coord(boxes[i].x2 + 1, boxes[i].y2 + 1);
		complete = add_box(surface_damage,
			weston_matrix_transform_coord(&surface->buffer_to_surface_matrix, a),
			weston_matrix_transform_coord(&surface->buffer_to_surface_matrix, b),
			surface->width, surface->height);
	}
	return complete;
}

/*
 * Whether Weston's two matrices are each other's inverse: it cannot invert those of extreme
 * viewports, and keeps what it had.
 */
static bool is_invertible(const struct weston_surface *surface)
{
	struct weston_coord end = weston_coord(surface->width, surface->height);
	struct weston_coord there =
		weston_matrix_transform_coord(&surface->surface_to_buffer_matrix, end);
	struct weston_coord back =
		weston_matrix_transform_coord(&surface->buffer_to_surface_matrix, there);

	return fabs(back.x - end.x) < 0.5 && fabs(back.y - end.y) < 0.5;
}

static const char *why_kept(const struct damage *damage, const struct weston_surface *surface,
	const struct damage_geometry *geometry, uint64_t request, const pixman_region32_t *changed)
{
	if (changed == NULL)
		return "content not known";
	/*
	 * gl-renderer draws these wrongly where it draws to a framebuffer object: one row of
	 * them everywhere.
	 */
	if (geometry->origin != ORIGIN_TOP_LEFT && pixman_region32_not_empty(changed))
		return "upside down";
	if (!damage->geometry_known)
		return "first content";
	if (memcmp(geometry, &damage->geometry, sizeof(*geometry)) != 0)
		return "size, format or transform changed";
	if (!is_invertible(surface))
		return "size out of all proportion";
	/* Mapping a surface damages all of it, whatever the client claims. */
	if (surface->is_mapping || !surface->is_mapped)
		return "not mapped before";
	if (request == 0 || damage->request != request)
		return "earlier damage not known";
	return NULL;
}

static void simplify(pixman_region32_t *region)
{
	if (pixman_region32_n_rects(region) > MAX_RECTS)
		pixman_region32_reset(region, pixman_region32_extents(region));
}

/*
 * A repaint of an output that shows the surface has drawn what was in doubt, as it would have
 * without us. Weston marks the surfaces whose damage it flushes, and reads the mark nowhere
 * else. That there was any repaint is not enough: it may have been of other outputs.
 */
static void forget_dropped(struct damage *damage, struct weston_surface *surface)
{
	if (surface->touched)
		pixman_region32_clear(&damage->dropped);
	surface->touched = false;
}

/* Take out of the claim what is not to be kept. false: out of memory, all of it is kept. */
static bool drop(struct damage *damage, struct weston_surface *surface, pixman_region32_t *keep)
{
	pixman_region32_t dropped, rest;
	bool complete;

	pixman_region32_init(&dropped);
	pixman_region32_init(&rest);
	complete = pixman_region32_subtract(&dropped, &surface->damage, keep) &&
		   pixman_region32_subtract(&rest, &surface->damage, &dropped) &&
		   pixman_region32_union(&dropped, &damage->dropped, &dropped);
	if (complete) {
		/* Moved, not copied: Weston's own region is never one that failed. */
		pixman_region32_fini(&surface->damage);
		surface->damage = rest;
		pixman_region32_fini(&damage->dropped);
		damage->dropped = dropped;
		simplify(&damage->dropped);
		return true;
	}
	pixman_region32_fini(&dropped);
	pixman_region32_fini(&rest);
	return false;
}

/* Put back what is in doubt, and leave in doubt only what nobody claims. */
static void restore(struct damage *damage, struct weston_surface *surface)
{
	pixman_region32_t restored;

	pixman_region32_init(&restored);
	if (!pixman_region32_intersect(&restored, &damage->dropped, &damage->doubtful) ||
		!pixman_region32_union(&surface->damage, &surface->damage, &restored) ||
		!pixman_region32_intersect_rect(&surface->damage, &surface->damage, 0, 0,
			(unsigned)surface->width, (unsigned)surface->height))
		set_all(&surface->damage, surface);
	if (!pixman_region32_subtract(&damage->doubtful, &damage->doubtful, &surface->damage))
		set_all(&damage->doubtful, surface);
	simplify(&damage->doubtful);
	pixman_region32_fini(&restored);
}

/* Whether there is an output, or a view, that draws surface pixels larger or smaller. */
static bool is_scaled(const struct weston_surface *surface)
{
	const struct weston_output *output;
	const struct weston_view *view;

	wl_list_for_each (output, &surface->compositor->output_list, link) {
		if (surface->output_mask & 1u << output->id && output->current_scale != 1)
			return true;
	}
	wl_list_for_each (view, &surface->views, surface_link) {
		if (view->transform.matrix.type & ~(unsigned)WESTON_MATRIX_TRANSFORM_TRANSLATE)
			return true;
	}
	return false;
}

/* Whether a pixel of the buffer may be seen beside its place. */
static bool is_filtered(const struct weston_surface *surface)
{
	const struct weston_matrix *m = &surface->buffer_to_surface_matrix;
	static const int integers[] = {0, 1, 4, 5, 12, 13};

	for (size_t i = 0; i < sizeof(integers) / sizeof(integers[0]); i++) {
		double value = m->d[integers[i]];
		if (floor(value) < value || (integers[i] < 12 && fabs(value) > 1))
			return true;
	}
	return is_scaled(surface);
}

/* Weston does not draw what filtering spreads beside the damage; what it drew is stale. */
static void add_fringe(struct weston_surface *surface)
{
	const struct weston_matrix *m = &surface->buffer_to_surface_matrix;
	double x = fabs((double)m->d[0]) + fabs((double)m->d[4]);
	double y = fabs((double)m->d[1]) + fabs((double)m->d[5]);
	const pixman_box32_t *boxes;
	pixman_region32_t fringe;
	bool complete = true;
	int n = 0;

	if (!is_filtered(surface))
		return;
	x = fmax(x, 1);
	y = fmax(y, 1);
	pixman_region32_init(&fringe);
	boxes = pixman_region32_rectangles(&surface->damage, &n);
	for (int i = 0; i < n && complete; i++)
		complete = add_box(&fringe, weston_coord(boxes[i].x1 - x, boxes[i].y1 - y),
			weston_coord(boxes[i].x2 + x, boxes[i].y2 + y), surface->width,
			surface->height);
	if (!complete || !pixman_region32_union(&surface->damage, &surface->damage, &fringe))
		set_all(&surface->damage, surface);
	pixman_region32_fini(&fringe);
}

/* Replace the claim by what changed. false: out of memory, nothing is taken out. */
static bool replace_claim(
	struct damage *damage, struct weston_surface *surface, const pixman_region32_t *changed)
{
	return add_buffer_region(&damage->doubtful, surface, changed) &&
	       pixman_region32_union(&damage->unflushed, &damage->unflushed, &damage->doubtful) &&
	       drop(damage, surface, &damage->unflushed);
}

const char *damage_commit_applied(struct damage *damage, struct weston_surface *surface,
	uint64_t request, const pixman_region32_t *changed)
{
	struct damage_geometry geometry;
	const char *why;

	get_geometry(surface, &geometry);
	why = why_kept(damage, surface, &geometry, request, changed);
	memcpy(&damage->geometry, &geometry, sizeof(geometry));
	damage->geometry_known = true;
	/* One request may apply several commits: unflushed is as of before the first. */
	damage->request = 0;

	forget_dropped(damage, surface);
	if (why == NULL && !replace_claim(damage, surface, changed))
		why = "out of memory";
	if (why != NULL)
		set_all(&damage->doubtful, surface);
	add_fringe(surface);
	restore(damage, surface);
	return why;
}

void damage_doubt(struct damage *damage, struct weston_surface *surface)
{
	forget_dropped(damage, surface);
	set_all(&damage->doubtful, surface);
	restore(damage, surface);
	damage_forget(damage);
}

void damage_state_applied(struct damage *damage, const struct weston_surface *surface)
{
	struct damage_geometry geometry;

	if (!damage->geometry_known || surface->buffer_ref.buffer == NULL)
		return;
	/* Weston draws with it from now on, wherever it draws: each pixel may show either. */
	get_geometry(surface, &geometry);
	if (memcmp(&geometry, &damage->geometry, sizeof(geometry)) != 0)
		damage->geometry_known = false;
}
