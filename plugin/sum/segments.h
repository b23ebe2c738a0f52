/* SPDX-License-Identifier: MIT */
#ifndef SUM_SEGMENTS_H
#define SUM_SEGMENTS_H

#include "sum/kernel.h"

/*
 * What kernels without a carry-less multiplication share: each row of a tile is summed by
 * itself, and put together with the rows above by tables.
 */

/* Sums a row: returns what crc32_z() of zlib does, from 0, and goes on with *crc32c, which is
 * the linear part of CRC-32C. */
typedef uint32_t sum_row_func(const uint8_t *data, size_t size, uint32_t *crc32c);

void sum_tiles_by_rows(sum_row_func *sum_row, const struct sum_layout *layout, const uint8_t *data,
	size_t stride, uint32_t rows, uint32_t column, uint32_t count, struct sum_tile *tiles);

uint32_t sum_dot_by_shifts(const uint32_t *a, const uint32_t *b, size_t count);

#if defined(__aarch64__) && defined(__AARCH64EL__)
extern const struct sum_kernel sum_kernel_armv8_crc32;
#endif

#endif
