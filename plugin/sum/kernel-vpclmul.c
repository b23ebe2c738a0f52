/* SPDX-License-Identifier: MIT */
#include "sum/clmul.h"

#ifdef SUM_HAVE_PCLMUL

#include <string.h>

#include "sum/lane.h"

/* The kernel for VPCLMULQDQ with AVX2, which multiplies two lanes at a time. */

#define TARGET "avx2,vpclmulqdq," SUM_LANE_TARGET
#define PAIR_INLINE static inline __attribute__((always_inline, target(TARGET)))
#define PAIR_FUNCTION __attribute__((target(TARGET)))

/* Both lanes of by32 and so on are the same; row, segment and last are for struct column. */
struct constants {
	__m256i by16, by32, by64, by128, by256;
	__m256i segment, last;
};

/*
 * Two sums of a column of tiles are side by side in a vector: the tile's own first, and what
 * it adds to the frame second.
 */

PAIR_INLINE __m256i pair_load(const uint8_t *data)
{
	return _mm256_loadu_si256((const __m256i *)data);
}

PAIR_INLINE __m256i pair_fold(__m256i pair, __m256i fold)
{
	return _mm256_xor_si256(_mm256_clmulepi64_epi128(pair, fold, 0x00),
		_mm256_clmulepi64_epi128(pair, fold, 0x11));
}

PAIR_INLINE __m256i pair_constant(struct sum_fold first, struct sum_fold second)
{
	return _mm256_set_m128i(lane_constant(second), lane_constant(first));
}

PAIR_INLINE void load_constants(struct constants *k)
{
	const struct sum_fold *fold = sum_get_constants()->fold;

	k->by16 = pair_constant(fold[0], fold[0]);
	k->by32 = pair_constant(fold[1], fold[1]);
	k->by64 = pair_constant(fold[2], fold[2]);
	k->by128 = pair_constant(fold[3], fold[3]);
	k->by256 = pair_constant(fold[4], fold[4]);
}

/*
 * Bytes to two lanes that together have the same remainder; in halves, so that few of these
 * steps wait for each other. If there is a mask, bytes are masked with it.
 */
PAIR_INLINE __m256i fold32(const uint8_t *data, const uint8_t *mask)
{
	__m256i pair = pair_load(data);

	return mask != NULL ? _mm256_and_si256(pair, pair_load(mask)) : pair;
}

PAIR_INLINE __m256i fold64(const struct constants *k, const uint8_t *data, const uint8_t *mask)
{
	return _mm256_xor_si256(pair_fold(fold32(data, mask), k->by32),
		fold32(data + 32, mask != NULL ? mask + 32 : NULL));
}

PAIR_INLINE __m256i fold128(const struct constants *k, const uint8_t *data, const uint8_t *mask)
{
	return _mm256_xor_si256(pair_fold(fold64(k, data, mask), k->by64),
		fold64(k, data + 64, mask != NULL ? mask + 64 : NULL));
}

PAIR_INLINE __m256i fold256(const struct constants *k, const uint8_t *data, const uint8_t *mask)
{
	return _mm256_xor_si256(pair_fold(fold128(k, data, mask), k->by128),
		fold128(k, data + 128, mask != NULL ? mask + 128 : NULL));
}

PAIR_INLINE __m256i fold_segment(
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
		return _mm256_xor_si256(pair_fold(fold256(k, data, mask), k->by256),
			fold256(k, data + 256, mask != NULL ? mask + 256 : NULL));
	}
}

/* The two lanes of each of two segments to one, side by side. */
PAIR_INLINE __m256i join_lanes(const struct constants *k, __m256i a, __m256i b)
{
	return _mm256_xor_si256(pair_fold(_mm256_permute2x128_si256(a, b, 0x20), k->by16),
		_mm256_permute2x128_si256(a, b, 0x31));
}

PAIR_INLINE __m256i add_segment(__m256i column, __m256i fold, __m256i segment)
{
	return _mm256_xor_si256(pair_fold(column, fold), segment);
}

PAIR_INLINE void add_two(
	const struct constants *k, __m256i *columns, __m256i second_fold, __m256i a, __m256i b)
{
	__m256i joined = join_lanes(k, a, b);

	columns[0] = add_segment(
		columns[0], k->segment, _mm256_permute2x128_si256(joined, joined, 0x00));
	columns[1] = add_segment(
		columns[1], second_fold, _mm256_permute2x128_si256(joined, joined, 0x11));
}

PAIR_INLINE void add_one(const struct constants *k, __m256i *columns, __m256i fold, __m256i a)
{
	__m256i joined = join_lanes(k, a, a);

	columns[0] = add_segment(columns[0], fold, joined);
}

/* size is segment.size, written out by the callers so that it is a constant in here. */
PAIR_INLINE void add_rows(
	const struct constants *k, __m256i *columns, struct sum_span *span, size_t size)
{
	const uint8_t *row = span->data;

	for (uint32_t y = 0; y < span->rows; y++, row += span->stride) {
		const uint8_t *data = row;
		uint32_t c = 0;

		sum_span_begin_row(span, y);
		for (; c + 2 <= span->whole; c += 2, data += 2 * size) {
			sum_span_prefetch(span, data, 2 * size);
			add_two(k, &columns[c], k->segment, fold_segment(k, size, data, NULL),
				fold_segment(k, size, data + size, NULL));
		}
		if (c < span->whole) {
			sum_span_prefetch(span, data, size);
			add_one(k, &columns[c], k->segment, fold_segment(k, size, data, NULL));
			data += size;
			c++;
		}
		if (span->narrow > 0) {
			sum_span_prefetch(span, data, span->narrow);
			data = sum_span_align(span, data);
			add_one(k, &columns[c], k->last, fold_segment(k, size, data, span->mask));
		}
	}
}

PAIR_FUNCTION static void sum_tiles(const struct sum_layout *layout, const uint8_t *data,
	size_t stride, uint32_t rows, uint32_t column, uint32_t count, struct sum_tile *tiles)
{
	__m256i columns[SUM_MAX_COLUMNS];
	struct constants k;
	struct sum_span span;

	load_constants(&k);
	k.segment = pair_constant(layout->segment, layout->row);
	k.last = pair_constant(layout->last, layout->row);
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
		lane_reduce_tile(&tiles[c], _mm256_castsi256_si128(columns[c]),
			_mm256_extracti128_si256(columns[c], 1), sum_get_constants());
	}
}

PAIR_FUNCTION static uint32_t sum_blocks(const uint8_t *head, const uint8_t *data, size_t size)
{
	struct constants k;
	__m256i sum;

	load_constants(&k);
	sum = fold_segment(&k, SUM_HEAD_BLOCKS * SUM_BLOCK, head, NULL);
	for (; size > 0; data += SUM_BLOCK, size -= SUM_BLOCK)
		sum = _mm256_xor_si256(pair_fold(sum, k.by256), fold256(&k, data, NULL));
	return lane_reduce(
		_mm256_castsi256_si128(join_lanes(&k, sum, sum)), &sum_get_constants()->crc32);
}

static uint32_t sum_bytes(uint32_t crc, const void *data, size_t size)
{
	return sum_bytes_in_blocks(crc, data, size, sum_blocks);
}

static bool is_available(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("vpclmulqdq") &&
	       __builtin_cpu_supports("pclmul");
}

const struct sum_kernel sum_kernel_vpclmul = {
	.name = "vpclmul",
	.is_available = is_available,
	.sum_tiles = sum_tiles,
	.dot = sum_pclmul_dot,
	.sum_bytes = sum_bytes,
};

#endif
