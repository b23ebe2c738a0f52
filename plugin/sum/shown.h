/* SPDX-License-Identifier: MIT */
#ifndef SUM_SHOWN_H
#define SUM_SHOWN_H

#include <wltex/sum.h>

/*
 * What a renderer has read last of a picture, tile by tile, as far as that is known.
 *
 * A look is at what it is about to read. It changes nothing until it is settled, once the
 * renderer has read it: then the sums found replace those that were known. Whatever it read
 * without a look is to be forgotten.
 */
struct sum_shown;

/* Nothing is known at first. Arguments and errors as of wltex_sum_create(). */
struct sum_shown *sum_shown_create(uint32_t width, uint32_t height, uint32_t bytes_per_pixel);
void sum_shown_destroy(struct sum_shown *shown);

/* Bytes of memory that it takes. */
size_t sum_shown_get_size(uint32_t width, uint32_t height);

/*
 * Read the tiles that claimed (in pixels) touches and, if others is set, all others that are
 * known. changed, initialised by the caller, becomes the claimed tiles that differ or were not
 * known. Returns how many of the claimed tiles were known: 0, nothing could be compared.
 */
size_t sum_shown_look(struct sum_shown *shown, const struct wltex_sum_pixels *pixels,
	const pixman_region32_t *claimed, bool others, pixman_region32_t *changed);

/* The same of sums of the same shape that somebody else has made, of all tiles. */
size_t sum_shown_look_at_sums(struct sum_shown *shown, const struct wltex_sum *sums,
	const pixman_region32_t *claimed, bool others, pixman_region32_t *changed);

/*
 * The renderer has read what the last look found: the claimed tiles, all of them. Where it did
 * not read a tile as a whole it has a mix of old and new: that is to be forgotten then.
 */
void sum_shown_settle(struct sum_shown *shown);

/* The last look counts no more. */
void sum_shown_drop_look(struct sum_shown *shown);

/* The tiles that region touches are not known any more; NULL: none is. */
void sum_shown_forget(struct sum_shown *shown, const pixman_region32_t *region);
/* The same, but for those that the last look read, until it is dropped. */
void sum_shown_forget_unlooked(struct sum_shown *shown, const pixman_region32_t *region);

/* Whether any tile is known. */
bool sum_shown_is_known(const struct sum_shown *shown);
/* The content sum of the picture, if all tiles are known. */
bool sum_shown_get_frame(const struct sum_shown *shown, uint32_t *crc32);

#endif
