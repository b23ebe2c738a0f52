/* SPDX-License-Identifier: MIT */
#ifndef SUM_SEGMENTS_H
#define SUM_SEGMENTS_H

#include "sum/kernel.h"

/*
 * What kernels without a carry-less multiplication share: a sum of each tile that goes on row
 * by row, and what the tile adds to the frame, made of these sums.
 */

struct sum_rows {
	/* Go on with the sums of count neighbouring tiles: size bytes for each. */
	void (*add)(uint64_t *sums, uint32_t count, const uint8_t *data, size_t size);
	/* The bits of a sum that are a polynomial of 64 bits, right modulo P: the tile's part is
	 * made of them. */
	uint64_t mask;
	void (*finish)(struct sum_tile *tile, uint64_t sum, uint64_t part);
};

void sum_tiles_by_rows(const struct sum_rows *method, const struct sum_layout *layout,
	const uint8_t *data, size_t stride, uint32_t rows, uint32_t column, uint32_t count,
	struct sum_tile *tiles);

uint32_t sum_dot_by_shifts(const uint32_t *a, const uint32_t *b, size_t count);

#if defined(__aarch64__) && defined(__AARCH64EL__)
extern const struct sum_kernel sum_kernel_armv8_crc32;
#endif

#endif
