/* SPDX-License-Identifier: MIT */
#include "track/private.h"

void state_init(struct surface_state *state)
{
	state->attached = false;
	state->buffer = NULL;
	pixman_region32_init(&state->damage_surface);
	pixman_region32_init(&state->damage_buffer);
}

void state_finish(struct surface_state *state)
{
	pixman_region32_fini(&state->damage_surface);
	pixman_region32_fini(&state->damage_buffer);
}

static void region_set_box(pixman_region32_t *region, pixman_box32_t box)
{
	pixman_region32_fini(region);
	pixman_region32_init_with_extents(region, &box);
}

/* Keep the region small, and whole: a client must neither slow us down nor lose damage. */
static void region_settle(pixman_region32_t *region, bool complete)
{
	if (!complete)
		region_set_box(region, (pixman_box32_t){0, 0, INT32_MAX, INT32_MAX});
	else if (pixman_region32_n_rects(region) > WLTEX_TRACK_MAX_RECTS)
		region_set_box(region, *pixman_region32_extents(region));
}

/* The part of start..start+length that lies in 0..INT32_MAX. */
static bool clip(int32_t start, int32_t length, int32_t *from, int32_t *to)
{
	int64_t end = (int64_t)start + length;

	*from = start > 0 ? start : 0;
	*to = end < INT32_MAX ? (int32_t)(end > 0 ? end : 0) : INT32_MAX;
	return *from < *to;
}

void region_add(pixman_region32_t *region, const union wl_argument *args)
{
	pixman_box32_t box;

	if (!clip(args[0].i, args[2].i, &box.x1, &box.x2) ||
		!clip(args[1].i, args[3].i, &box.y1, &box.y2))
		return;
	region_settle(
		region, pixman_region32_union_rect(region, region, box.x1, box.y1,
				(unsigned int)(box.x2 - box.x1), (unsigned int)(box.y2 - box.y1)));
}

/* Needs no memory where either is empty. */
static void region_merge(pixman_region32_t *region, pixman_region32_t *from)
{
	if (!pixman_region32_not_empty(from))
		return;
	region_settle(region, pixman_region32_union(region, region, from));
	pixman_region32_clear(from);
}

void state_add_older(struct surface_state *state, struct surface_state *older)
{
	if (!state->attached) {
		state->attached = older->attached;
		state->buffer = older->buffer;
	}
	region_merge(&state->damage_surface, &older->damage_surface);
	region_merge(&state->damage_buffer, &older->damage_buffer);
}

void state_claim_all(struct surface_state *state)
{
	region_settle(&state->damage_buffer, false);
}
