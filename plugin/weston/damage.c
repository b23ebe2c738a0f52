/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "weston/damage.h"

void damage_init(struct damage *damage)
{
	*damage = (struct damage){0};
	pixman_region32_init(&damage->unflushed);
}

void damage_finish(struct damage *damage)
{
	pixman_region32_fini(&damage->unflushed);
}

void damage_forget(struct damage *damage)
{
	damage->geometry_known = false;
}

void damage_commit_requested(
	struct damage *damage, const struct weston_surface *surface, uint64_t request)
{
	pixman_region32_copy(&damage->unflushed, (pixman_region32_t *)&surface->damage);
	damage->request = request;
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
	geometry->protection = surface->desired_protection;
}

/* Add the box between two corners, in any order, widened to whole pixels. */
static void add_box(pixman_region32_t *region, struct weston_coord a, struct weston_coord b)
{
	int x1 = (int)floor(fmin(a.x, b.x)), x2 = (int)ceil(fmax(a.x, b.x));
	int y1 = (int)floor(fmin(a.y, b.y)), y2 = (int)ceil(fmax(a.y, b.y));

	pixman_region32_union_rect(
		region, region, x1, y1, (unsigned)(x2 - x1), (unsigned)(y2 - y1));
}

void damage_add_surface_region(pixman_region32_t *buffer_damage,
	const struct weston_surface *surface, const pixman_region32_t *claimed)
{
	pixman_region32_t clipped;
	int n = 0;

	/* Clients claim up to INT32_MAX: cut before anything is multiplied. */
	pixman_region32_init(&clipped);
	pixman_region32_intersect_rect(
		&clipped, claimed, 0, 0, (unsigned)surface->width, (unsigned)surface->height);
	const pixman_box32_t *boxes = pixman_region32_rectangles(&clipped, &n);
	for (int i = 0; i < n; i++) {
		struct weston_coord_buffer a = weston_coord_surface_to_buffer(
			surface, weston_coord_surface(boxes[i].x1, boxes[i].y1, surface));
		struct weston_coord_buffer b = weston_coord_surface_to_buffer(
			surface, weston_coord_surface(boxes[i].x2, boxes[i].y2, surface));
		add_box(buffer_damage, a.c, b.c);
	}
	pixman_region32_fini(&clipped);
}

/*
 * Add where changed buffer pixels can be seen on the surface. Filtering lets a pixel be
 * seen up to one pixel around it.
 */
static void add_buffer_region(pixman_region32_t *surface_damage,
	const struct weston_surface *surface, const pixman_region32_t *changed)
{
	int n = 0;
	const pixman_box32_t *boxes = pixman_region32_rectangles(changed, &n);

	for (int i = 0; i < n; i++) {
		struct weston_coord a = weston_coord(boxes[i].x1 - 1, boxes[i].y1 - 1);
		struct weston_coord b = weston_coord(boxes[i].x2 + 1, boxes[i].y2 + 1);
		add_box(surface_damage,
			weston_matrix_transform_coord(&surface->buffer_to_surface_matrix, a),
			weston_matrix_transform_coord(&surface->buffer_to_surface_matrix, b));
	}
}

static const char *why_kept(const struct damage *damage, const struct weston_surface *surface,
	const struct damage_geometry *geometry, uint64_t request, const pixman_region32_t *changed)
{
	if (changed == NULL)
		return "content not known";
	if (!damage->geometry_known)
		return "first content";
	if (memcmp(geometry, &damage->geometry, sizeof(*geometry)) != 0)
		return "size, format or transform changed";
	/* Mapping a surface damages all of it, whatever the client claims. */
	if (surface->is_mapping || !surface->is_mapped)
		return "not mapped before";
	if (request == 0 || damage->request != request)
		return "earlier damage not known";
	return NULL;
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
	if (why != NULL)
		return why;

	add_buffer_region(&damage->unflushed, surface, changed);
	pixman_region32_intersect(&surface->damage, &surface->damage, &damage->unflushed);
	return NULL;
}
