/* SPDX-License-Identifier: MIT */
#include "observer/claim.h"

/* A claim that reaches so far is of everything, whatever the surface's size. */
#define EVERYTHING 65536

bool claims_add(struct claims *claims, bool buffer, const union wl_argument *args)
{
	if (claims->n == CLAIMS_MAX) {
		claims->incomplete = true;
		return false;
	}
	claims->list[claims->n++] = (struct claim){
		.buffer = buffer,
		.x = args[0].i,
		.y = args[1].i,
		.width = args[2].i,
		.height = args[3].i,
	};
	return true;
}

void claims_clear(struct claims *claims)
{
	claims->n = 0;
	claims->incomplete = false;
}

/* The part of 0..size, in pixels, that start..start+length is, with so many pixels to each. */
static bool clip(
	int32_t start, int32_t length, int32_t scale, int32_t size, int32_t *from, int32_t *to)
{
	int64_t begin = (int64_t)start * scale, end = ((int64_t)start + length) * scale;

	*from = (int32_t)(begin < 0 ? 0 : begin < size ? begin : size);
	*to = (int32_t)(end < 0 ? 0 : end < size ? end : size);
	return *from < *to;
}

static bool is_everything(const struct claim *claim)
{
	return claim->x <= 0 && claim->y <= 0 && (int64_t)claim->x + claim->width >= EVERYTHING &&
	       (int64_t)claim->y + claim->height >= EVERYTHING;
}

static bool add(
	const struct claim *claim, const struct claim_geometry *geometry, pixman_region32_t *region)
{
	int32_t scale = claim->buffer ? 1 : geometry->scale;
	pixman_box32_t box = {0, 0, geometry->width, geometry->height};

	if (is_everything(claim))
		return pixman_region32_union_rect(
			region, region, 0, 0, (unsigned)box.x2, (unsigned)box.y2);
	if (!claim->buffer && (geometry->viewport || geometry->transform != 0))
		return false;
	if (!clip(claim->x, claim->width, scale, geometry->width, &box.x1, &box.x2) ||
		!clip(claim->y, claim->height, scale, geometry->height, &box.y1, &box.y2))
		return true;
	return pixman_region32_union_rect(region, region, box.x1, box.y1,
		(unsigned)(box.x2 - box.x1), (unsigned)(box.y2 - box.y1));
}

bool claims_get_region(const struct claims *claims, const struct claim_geometry *geometry,
	pixman_region32_t *region)
{
	bool complete = !claims->incomplete;

	for (int i = 0; i < claims->n && complete; i++)
		complete = add(&claims->list[i], geometry, region);
	if (complete)
		return true;
	pixman_region32_fini(region);
	pixman_region32_init_rect(
		region, 0, 0, (unsigned)geometry->width, (unsigned)geometry->height);
	return false;
}
