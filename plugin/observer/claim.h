/* SPDX-License-Identifier: MIT */
#ifndef OBSERVER_CLAIM_H
#define OBSERVER_CLAIM_H

/* What a client claims to have changed since the last commit, as it says so. */
#include <pixman.h>
#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>

#define CLAIMS_MAX 64

struct claim {
	bool buffer; // wl_surface.damage_buffer; else damage, in surface coordinates
	int32_t x, y, width, height;
};

struct claims {
	struct claim list[CLAIMS_MAX]; // in the client's order
	int n;
	bool incomplete; // there were more
};

/* Add what the arguments of a request say. Returns false if there is no room for it. */
bool claims_add(struct claims *claims, bool buffer, const union wl_argument *args);
void claims_clear(struct claims *claims);

/* How the pixels of a buffer are laid out on a surface. */
struct claim_geometry {
	int32_t width, height; // of the buffer
	int32_t scale, transform;
	bool viewport; // there may be one
};

/*
 * In buffer pixels, cut to the buffer. region is initialised by the caller. Returns false where
 * that cannot be told, or memory ran out: then it is all of the buffer.
 */
bool claims_get_region(const struct claims *claims, const struct claim_geometry *geometry,
	pixman_region32_t *region);

#endif
