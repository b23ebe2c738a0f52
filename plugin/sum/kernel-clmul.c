/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "sum/clmul.h"
#include "sum/lane.h"

/* The kernel for PCLMULQDQ of x86 and PMULL of ARM, which multiply one lane at a time. */

struct constants {
	/* By powers of two bytes, and by the rows of layout. */
	sum_lane by16, by32, by64, by128, by256;
	sum_lane row, segment, last;
};

/* Two sums of a column of tiles: the tile's own, and what it adds to the frame. */
struct column {
	sum_lane tile, part;
};

SUM_LANE_INLINE void load_constants(struct constants *k)
{
	const struct sum_constants *constants = sum_get_constants();

	k->by16 = lane_constant(constants->fold[0]);
	k->by32 = lane_constant(constants->fold[1]);
	k->by64 = lane_constant(constants->fold[2]);
	k->by128 = lane_constant(constants->fold[3]);
	k->by256 = lane_constant(constants->fold[4]);
}

/*
 * Bytes to one lane that has the same remainder; in halves, so that few of these steps wait
 * for each other. If there is a mask, bytes are masked with it.
 */
SUM_LANE_INLINE sum_lane fold16(const uint8_t *data, const uint8_t *mask)
{
	sum_lane lane = lane_load(data);

	return mask != NULL ? lane_and(lane, lane_load(mask)) : lane;
}

SUM_LANE_INLINE sum_lane fold32(const struct constants *k, const uint8_t *data, const uint8_t *mask)
{
	return lane_xor(lane_fold(fold16(data, mask), k->by16),
		fold16(data + 16, mask != NULL ? mask + 16 : NULL));
}

SUM_LANE_INLINE sum_lane fold64(const struct constants *k, const uint8_t *data, const uint8_t *mask)
{
	return lane_xor(lane_fold(fold32(k, data, mask), k->by32),
		fold32(k, data + 32, mask != NULL ? mask + 32 : NULL));
}

SUM_LANE_INLINE sum_lane fold128(
	const struct constants *k, const uint8_t *data, const uint8_t *mask)
{
	return lane_xor(lane_fold(fold64(k, data, mask), k->by64),
		fold64(k, data + 64, mask != NULL ? mask + 64 : NULL));
}

SUM_LANE_INLINE sum_lane fold256(
	const struct constants *k, const uint8_t *data, const uint8_t *mask)
{
	return lane_xor(lane_fold(fold128(k, data, mask), k->by128),
		fold128(k, data + 128, mask != NULL ? mask + 128 : NULL));
}

SUM_LANE_INLINE sum_lane fold_segment(
	const struct constants *k, size_t size, const uint8_t *data, const uint8_t *mask)
{
	switch (size) {
	case 64:
		return fold64(k, data, mask);
	case 128:
		return fold128(k, data, mask);
	case 256:
		return fold256(k, data, mask);
	default:
		return lane_xor(lane_fold(fold256(k, data, mask), k->by256),
			fold256(k, data + 256, mask != NULL ? mask + 256 : NULL));
	}
}

SUM_LANE_INLINE void add_segment(
	const struct constants *k, struct column *column, sum_lane width, sum_lane segment)
{
	column->tile = lane_xor(lane_fold(column->tile, width), segment);
	column->part = lane_xor(lane_fold(column->part, k->row), segment);
}

/* size is segment.size, written out by the callers so that it is a constant in here. */
SUM_LANE_INLINE void add_rows(
	const struct constants *k, struct column *columns, struct sum_span *span, size_t size)
{
	const uint8_t *row = span->data;

	for (uint32_t y = 0; y < span->rows; y++, row += span->stride) {
		const uint8_t *data = row;

		sum_span_begin_row(span, y);
		for (uint32_t c = 0; c < span->whole; c++, data += size) {
			sum_span_prefetch(span, data, size);
			add_segment(k, &columns[c], k->segment, fold_segment(k, size, data, NULL));
		}
		if (span->narrow > 0) {
			data = sum_span_align(span, data);
			add_segment(k, &columns[span->whole], k->last,
				fold_segment(k, size, data, span->mask));
		}
	}
}

SUM_LANE_FUNCTION static void sum_tiles(const struct sum_layout *layout, const uint8_t *data,
	size_t stride, uint32_t rows, uint32_t column, uint32_t count, struct sum_tile *tiles)
{
	struct column columns[SUM_MAX_COLUMNS];
	struct constants k;
	struct sum_span span;

	load_constants(&k);
	k.row = lane_constant(layout->row);
	k.segment = lane_constant(layout->segment);
	k.last = lane_constant(layout->last);
	sum_span_init(&span, layout, data, stride, rows, column, count);
	memset(columns, 0, count * sizeof(*columns));
	switch (layout->segment_bytes) {
	case 64:
		add_rows(&k, columns, &span, 64);
		break;
	case 128:
		add_rows(&k, columns, &span, 128);
		break;
	case 256:
		add_rows(&k, columns, &span, 256);
		break;
	case 512:
		add_rows(&k, columns, &span, 512);
		break;
	}
	for (uint32_t c = 0; c < count; c++) {
		lane_reduce_tile(&tiles[c], columns[c].tile, columns[c].part, sum_get_constants());
	}
}

SUM_LANE_FUNCTION static uint32_t dot(const uint32_t *a, const uint32_t *b, size_t count)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum ^= lane_first(lane_multiply(a[i], b[i]));
	/* Two factors of 32 bits: the product is x times too large, and does not use the word's
	 * last bit. */
	return lane_reduce64(sum << 1, &sum_get_constants()->crc32);
}

SUM_LANE_FUNCTION static uint32_t sum_blocks(const uint8_t *head, const uint8_t *data, size_t size)
{
	struct constants k;
	sum_lane sum;

	load_constants(&k);
	sum = lane_xor(lane_fold(fold256(&k, head, NULL), k.by256), fold256(&k, head + 256, NULL));
	for (; size > 0; data += 256, size -= 256)
		sum = lane_xor(lane_fold(sum, k.by256), fold256(&k, data, NULL));
	return lane_reduce(sum, &sum_get_constants()->crc32);
}

static uint32_t sum_bytes(uint32_t crc, const void *data, size_t size)
{
	return sum_bytes_in_blocks(crc, data, size, sum_blocks);
}

#ifdef SUM_HAVE_PCLMUL
uint32_t sum_pclmul_dot(const uint32_t *a, const uint32_t *b, size_t count)
{
	return dot(a, b, count);
}

static bool is_available(void)
{
	return __builtin_cpu_supports("pclmul");
}

const struct sum_kernel sum_kernel_pclmul = {
	.name = "pclmul",
	.is_available = is_available,
	.sum_tiles = sum_tiles,
	.dot = dot,
	.sum_bytes = sum_bytes,
};
#else
const struct sum_kernel sum_kernel_pmull = {
	.name = "pmull",
	.is_available = sum_pmull_is_available,
	.sum_tiles = sum_tiles,
	.dot = dot,
	.sum_bytes = sum_bytes,
};
#endif
