/* SPDX-License-Identifier: MIT */
#ifndef SUM_CLMUL_H
#define SUM_CLMUL_H

#include "sum/kernel.h"

/* What the kernels with a carry-less multiplication share and that needs none itself. */

#define SUM_MAX_SEGMENT (WLTEX_TILE_SIZE * 8)
/*
 * How far ahead memory is asked for. In rows that follow each other closely, with less than a
 * gap between them, that helps some CPUs, which stop prefetching by themselves at the end of a
 * page; in a span of wider rows it is rows below that are asked for, which helps all of them.
 */
#define SUM_PREFETCH 8192
#define SUM_PREFETCH_GAP 1024
#define SUM_PREFETCH_BELOW 4096

#if defined(__x86_64__)
#define SUM_HAVE_PCLMUL 1
#elif defined(__aarch64__) && defined(__AARCH64EL__)
#define SUM_HAVE_PMULL 1
#endif

/* The tiles of a call of sum_tiles(). */
struct sum_span {
	const uint8_t *data;
	size_t stride;
	uint32_t rows;
	/* Tiles of full width, and the bytes of one row of the narrower one after them. */
	uint32_t whole;
	size_t narrow, segment;
	/* Leading zeros do not count: a narrow row is read as a whole segment which ends where
	 * the row does, and the bytes of the tile before it are masked out. If there is no tile
	 * before it, it is copied. */
	bool copy;
	/* Ask for what is SUM_PREFETCH bytes ahead. */
	bool prefetch_ahead;
	/* In a span of wider rows: ask for what is so many rows, and bytes, ahead; 0: do not. */
	uint32_t rows_below;
	size_t below;
	uint8_t mask[SUM_MAX_SEGMENT], buffer[SUM_MAX_SEGMENT];
};

void sum_span_init(struct sum_span *span, const struct sum_layout *layout, const uint8_t *data,
	size_t stride, uint32_t rows, uint32_t column, uint32_t count);

/* The segment that ends with the narrow row that begins at data. */
static inline const uint8_t *sum_span_align(struct sum_span *span, const uint8_t *data)
{
	if (!span->copy)
		return data + span->narrow - span->segment;
	__builtin_memcpy(span->buffer + span->segment - span->narrow, data, span->narrow);
	return span->buffer;
}

static inline void sum_span_begin_row(struct sum_span *span, uint32_t row)
{
	if (row + span->rows_below >= span->rows)
		span->below = 0;
}

static inline void sum_span_prefetch(const struct sum_span *span, const uint8_t *data, size_t size)
{
	if (span->below != 0) {
		for (size_t i = 0; i < size; i += 64)
			__builtin_prefetch(data + i + span->below, 0, 2);
	} else if (span->prefetch_ahead) {
		for (size_t i = 0; i < size; i += 64)
			__builtin_prefetch(data + i + SUM_PREFETCH, 0, 3);
	}
}

/* The linear CRC of SUM_HEAD_BLOCKS blocks and of size bytes, whole blocks, after them. */
#define SUM_BLOCK ((size_t)256)
#define SUM_HEAD_BLOCKS 2
typedef uint32_t sum_blocks_func(const uint8_t *head, const uint8_t *data, size_t size);

/* crc32_z() of zlib made of it. */
uint32_t sum_bytes_in_blocks(
	uint32_t crc, const void *data, size_t size, sum_blocks_func *sum_blocks);

#ifdef SUM_HAVE_PCLMUL
extern const struct sum_kernel sum_kernel_avx512, sum_kernel_vpclmul, sum_kernel_pclmul;
uint32_t sum_pclmul_dot(const uint32_t *a, const uint32_t *b, size_t count);
#endif
#ifdef SUM_HAVE_PMULL
extern const struct sum_kernel sum_kernel_pmull;
bool sum_pmull_is_available(void);
#endif

#endif
