/* SPDX-License-Identifier: MIT */
#ifndef SUM_KERNEL_H
#define SUM_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wltex/sum.h>

/*
 * A CRC is affine: crc(m) = linear(m) ^ crc(as many zero bytes). Everything inside is the
 * linear part, with which leading zeros do not count and messages can be put together by
 * multiplications; the rest is added where a sum leaves the library.
 */

/* What is kept for a tile. */
struct sum_tile {
	/* The linear part of the tile's CRC-32 and CRC-32C: together as good as a CRC of
	 * 64 bits whose polynomial is the product of both. */
	uint32_t crc32, crc32c;
	/* What the tile adds to the frame: its rows at the distance which they have in the
	 * frame, the last one at 0, modulo the polynomial of CRC-32. */
	uint32_t part;
};

/* Multiplies a 128-bit lane by a power of x: constants for its first and second half. */
struct sum_fold {
	uint64_t first, second;
};

/* The shape of a frame, and what kernels want to know of it in advance. */
struct sum_layout {
	uint32_t columns;
	/* Visible bytes of a row, and of a row of a tile: all but the last column, and that. */
	size_t row_bytes, segment_bytes, last_bytes;
	struct sum_fold row, segment, last;
};

struct sum_kernel {
	const char *name;
	bool (*is_available)(void);
	/* Sum the rows of count tiles of one band; data is the first byte of the first tile. */
	void (*sum_tiles)(const struct sum_layout *layout, const uint8_t *data, size_t stride,
		uint32_t rows, uint32_t column, uint32_t count, struct sum_tile *tiles);
	/* The sum of a[i] * b[i] modulo the polynomial of CRC-32. */
	uint32_t (*dot)(const uint32_t *a, const uint32_t *b, size_t count);
	/* As crc32_z() of zlib. */
	uint32_t (*sum_bytes)(uint32_t crc, const void *data, size_t size);
};

/* The most tiles that are given to sum_tiles() at once. */
#define SUM_MAX_COLUMNS 128

extern const struct sum_kernel sum_kernel_portable;

/* The kernels that were built in, the best first; NULL after the last. */
const struct sum_kernel *sum_kernel_get(size_t index);
/* The kernel of that name if it can run here, or else NULL. */
const struct sum_kernel *sum_kernel_find(const char *name);
/* The one in use: chosen once. */
const struct sum_kernel *sum_kernel_choose(void);

/* As wltex_sum_create(), for tests: with a kernel that can run here. */
struct wltex_sum *sum_create_with(
	const struct sum_kernel *kernel, uint32_t width, uint32_t height, uint32_t bytes_per_pixel);
/* The linear CRCs of a tile. */
struct sum_tile sum_get_tile(const struct wltex_sum *sum, uint32_t column, uint32_t row);

#endif
