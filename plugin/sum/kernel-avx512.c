/* SPDX-License-Identifier: MIT */
#include "sum/clmul.h"

#ifdef SUM_HAVE_PCLMUL

#include <string.h>

#include "sum/lane.h"

/* The kernel for VPCLMULQDQ with AVX-512, which multiplies four lanes at a time. */

#define TARGET "avx512f,vpclmulqdq," SUM_LANE_TARGET
#define QUAD_INLINE static inline __attribute__((always_inline, target(TARGET)))
#define QUAD_FUNCTION __attribute__((target(TARGET)))

/*
 * Two columns of tiles share a vector of sums: first what the two tiles sum up to, then what
 * they add to the frame. More columns at a time would save some multiplications, but a loop
 * that reads more than 512 bytes at a time is too much for the prefetchers of today's CPUs:
 * with 1024, memory out of the cache was read at half the speed.
 */

struct constants {
	/* All lanes are the same. */
	__m512i by16, by32, by64, by128, by256;
	/* For the sums: of two tiles of full width, and of the last two of a row. */
	__m512i whole, last;
};

QUAD_INLINE __m512i quad_fold(__m512i quad, __m512i fold, __m512i behind)
{
	/* Of all three: exclusive or. */
	return _mm512_ternarylogic_epi64(_mm512_clmulepi64_epi128(quad, fold, 0x00),
		_mm512_clmulepi64_epi128(quad, fold, 0x11), behind, 0x96);
}

QUAD_INLINE __m512i quad_constant(uint64_t first, uint64_t second)
{
	return _mm512_broadcast_i32x4(lane_make(first, second));
}

QUAD_INLINE __m512i quad_fold_constant(struct sum_fold fold)
{
	return quad_constant(fold.first, fold.second);
}

QUAD_INLINE void load_constants(struct constants *k)
{
	const struct sum_fold *fold = sum_get_constants()->fold;

	k->by16 = quad_fold_constant(fold[0]);
	k->by32 = quad_fold_constant(fold[1]);
	k->by64 = quad_fold_constant(fold[2]);
	k->by128 = quad_fold_constant(fold[3]);
	k->by256 = quad_fold_constant(fold[4]);
}

/*
 * Bytes to four lanes that together have the same remainder; in halves, so that few of these
 * steps wait for each other. If there is a mask, bytes are masked with it.
 */
QUAD_INLINE __m512i fold64(const uint8_t *data, const uint8_t *mask)
{
	__m512i quad = _mm512_loadu_si512(data);

	return mask != NULL ? _mm512_and_si512(quad, _mm512_loadu_si512(mask)) : quad;
}

QUAD_INLINE __m512i fold128(const struct constants *k, const uint8_t *data, const uint8_t *mask)
{
	return quad_fold(
		fold64(data, mask), k->by64, fold64(data + 64, mask != NULL ? mask + 64 : NULL));
}

QUAD_INLINE __m512i fold256(const struct constants *k, const uint8_t *data, const uint8_t *mask)
{
	return quad_fold(fold128(k, data, mask), k->by128,
		fold128(k, data + 128, mask != NULL ? mask + 128 : NULL));
}

QUAD_INLINE __m512i fold_segment(
	const struct constants *k, size_t size, const uint8_t *data, const uint8_t *mask)
{
	switch (size) {
	case 64:
		return fold64(data, mask);
	case 128:
		return fold128(k, data, mask);
	case 256:
		return fold256(k, data, mask);
	default:
		return quad_fold(fold256(k, data, mask), k->by256,
			fold256(k, data + 256, mask != NULL ? mask + 256 : NULL));
	}
}

/* The four lanes of each of two segments to one, side by side, and the same once more. */
QUAD_INLINE __m512i join_lanes(const struct constants *k, __m512i a, __m512i b)
{
	__m512i joined = quad_fold(
		_mm512_shuffle_i64x2(a, b, 0x44), k->by32, _mm512_shuffle_i64x2(a, b, 0xee));

	return quad_fold(_mm512_shuffle_i64x2(joined, joined, 0x88), k->by16,
		_mm512_shuffle_i64x2(joined, joined, 0xdd));
}

/* The last one or two segments of a row. */
QUAD_INLINE __m512i add_last(const struct constants *k, __m512i sums, struct sum_span *span,
	size_t size, const uint8_t *data)
{
	__m512i segments[2] = {0};
	uint32_t c = span->whole % 2;

	sum_span_prefetch(span, data, c * size + span->narrow);
	if (c > 0)
		segments[0] = fold_segment(k, size, data, NULL);
	if (span->narrow > 0) {
		data = sum_span_align(span, data + c * size);
		segments[c] = fold_segment(k, size, data, span->mask);
	}
	return quad_fold(sums, k->last, join_lanes(k, segments[0], segments[1]));
}

/* size is segment.size, written out by the callers so that it is a constant in here. */
QUAD_INLINE void add_rows(
	const struct constants *k, __m512i *sums, struct sum_span *span, size_t size)
{
	const uint8_t *row = span->data;
	uint32_t pairs = span->whole / 2;
	bool last = span->whole % 2 > 0 || span->narrow > 0;

	for (uint32_t y = 0; y < span->rows; y++, row += span->stride) {
		const uint8_t *data = row;

		sum_span_begin_row(span, y);
		for (uint32_t i = 0; i < pairs; i++, data += 2 * size) {
			__m512i a = fold_segment(k, size, data, NULL);
			__m512i b = fold_segment(k, size, data + size, NULL);

			sum_span_prefetch(span, data, 2 * size);
			sums[i] = quad_fold(sums[i], k->whole, join_lanes(k, a, b));
		}
		if (last)
			sums[pairs] = add_last(k, sums[pairs], span, size, data);
	}
}

/* The linear CRC of each lane: as lane_reduce(), in the last word of 32 bits. */
QUAD_INLINE __m512i reduce(__m512i quad, const struct sum_reduction *reduction)
{
	__m512i powers = quad_constant(reduction->by96, reduction->by64);
	__m512i barrett = quad_constant(reduction->quotient, reduction->modulus);
	__m512i low = quad_constant(UINT32_MAX, UINT32_MAX);
	__m512i moved = _mm512_maskz_shuffle_epi32(0x6666, quad, 0x38);
	__m512i sum = _mm512_xor_si512(_mm512_clmulepi64_epi128(quad, powers, 0x00), moved);
	__m512i value, quotient, product;

	value = _mm512_xor_si512(sum, _mm512_clmulepi64_epi128(sum, powers, 0x10));
	quotient = _mm512_clmulepi64_epi128(_mm512_and_si512(value, low), barrett, 0x01);
	product = _mm512_clmulepi64_epi128(_mm512_and_si512(quotient, low), barrett, 0x10);
	return _mm512_xor_si512(value, _mm512_unpacklo_epi64(product, product));
}

QUAD_INLINE void reduce_tiles(__m512i sums, uint32_t count, struct sum_tile *tiles)
{
	const struct sum_constants *constants = sum_get_constants();
	uint32_t crc32[16], crc32c[16];

	_mm512_storeu_si512(crc32, reduce(sums, &constants->crc32));
	_mm512_storeu_si512(crc32c, reduce(sums, &constants->crc32c));
	for (uint32_t i = 0; i < count; i++) {
		tiles[i].crc32 = crc32[4 * i + 3];
		tiles[i].crc32c = crc32c[4 * i + 3];
		tiles[i].part = crc32[4 * i + 11];
	}
}

QUAD_INLINE __m512i sums_constant(struct sum_fold a, struct sum_fold b, struct sum_fold row)
{
	return _mm512_set_epi64((int64_t)row.second, (int64_t)row.first, (int64_t)row.second,
		(int64_t)row.first, (int64_t)b.second, (int64_t)b.first, (int64_t)a.second,
		(int64_t)a.first);
}

QUAD_FUNCTION static void sum_tiles(const struct sum_layout *layout, const uint8_t *data,
	size_t stride, uint32_t rows, uint32_t column, uint32_t count, struct sum_tile *tiles)
{
	__m512i sums[SUM_MAX_COLUMNS / 2];
	uint32_t pairs = (count + 1) / 2;
	struct constants k;
	struct sum_span span;
	bool second;

	load_constants(&k);
	sum_span_init(&span, layout, data, stride, rows, column, count);
	/* Here, the CPU's own prefetchers do better. */
	span.prefetch_ahead = false;
	second = span.whole % 2 > 0;
	k.whole = sums_constant(layout->segment, layout->segment, layout->row);
	k.last = sums_constant(second ? layout->segment : layout->last,
		second ? layout->last : layout->segment, layout->row);
	memset(sums, 0, pairs * sizeof(*sums));
	switch (layout->segment_bytes) {
	case 64:
		add_rows(&k, sums, &span, 64);
		break;
	case 128:
		add_rows(&k, sums, &span, 128);
		break;
	case 256:
		add_rows(&k, sums, &span, 256);
		break;
	case 512:
		add_rows(&k, sums, &span, 512);
		break;
	}
	for (size_t i = 0; i < pairs; i++)
		reduce_tiles(sums[i], count - 2 * i < 2 ? 1 : 2, &tiles[2 * i]);
}

QUAD_FUNCTION static uint32_t sum_blocks(const uint8_t *head, const uint8_t *data, size_t size)
{
	struct constants k;
	__m512i sum;
	uint32_t crc32[16];

	load_constants(&k);
	sum = fold_segment(&k, SUM_HEAD_BLOCKS * SUM_BLOCK, head, NULL);
	for (; size > 0; data += SUM_BLOCK, size -= SUM_BLOCK)
		sum = quad_fold(sum, k.by256, fold256(&k, data, NULL));
	_mm512_storeu_si512(crc32, reduce(join_lanes(&k, sum, sum), &sum_get_constants()->crc32));
	return crc32[3];
}

static uint32_t sum_bytes(uint32_t crc, const void *data, size_t size)
{
	return sum_bytes_in_blocks(crc, data, size, sum_blocks);
}

static bool is_available(void)
{
	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("vpclmulqdq") &&
	       __builtin_cpu_supports("pclmul");
}

const struct sum_kernel sum_kernel_avx512 = {
	.name = "avx512",
	.is_available = is_available,
	.sum_tiles = sum_tiles,
	.dot = sum_pclmul_dot,
	.sum_bytes = sum_bytes,
};

#endif
