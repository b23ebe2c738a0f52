/* SPDX-License-Identifier: MIT */
#ifndef SUM_GRID_H
#define SUM_GRID_H

#include "sum/kernel.h"

/* Inside of struct wltex_sum; for the files of this folder. */
struct wltex_sum {
	const struct sum_kernel *kernel;
	struct sum_layout layout;
	struct sum_workers *workers; // NULL: none
	uint32_t width, height, rows;

	bool has_sums;
	uint32_t frame; // linear
	/* What is added where a sum leaves: the CRCs of as many zero bytes. */
	uint32_t frame_zeros, tile_zeros[2][2]; // [last row][last column]

	struct sum_tile *tiles; // row by row
	/* What a tile's part is multiplied by in the frame: x to the power of the bits after
	 * its last byte, those in the same row and those of the bands below. */
	uint32_t *column_weights, *row_weights;

	/* One bit per tile, mask_words words per row: to be read; found changed. */
	size_t mask_words;
	uint64_t *dirty, *changed;
};

/* Set the bits of the tiles that damage touches, or all of them if it is NULL. */
void sum_mark_damage(struct wltex_sum *sum, const pixman_region32_t *damage);
/* Set region to the tiles whose bits are set in sum->changed. */
void sum_get_changed(const struct wltex_sum *sum, pixman_region32_t *region);

/* About how many bytes the last update read. */
size_t sum_count_bytes(const struct wltex_sum *sum);

/* Sum the dirty tiles of one row of tiles; returns what the frame's sum changes by. */
uint32_t sum_update_band(
	struct wltex_sum *sum, const struct wltex_sum_pixels *pixels, uint32_t row);

/* Sum the dirty tiles of one row of tiles; tiles, as many as a row has, becomes what they are. */
void sum_read_band(const struct wltex_sum *sum, const struct wltex_sum_pixels *pixels, uint32_t row,
	struct sum_tile *tiles);

/* Keep count sums of a row, at most SUM_MAX_COLUMNS, from a column on; the frame's follows. */
void sum_take_tiles(struct wltex_sum *sum, uint32_t row, uint32_t column, uint32_t count,
	const struct sum_tile *tiles);

/* The first run of set bits in mask from *begin on; returns its length, 0 if there is none. */
uint32_t sum_find_run(const uint64_t *mask, uint32_t bits, uint32_t *begin);

#endif
