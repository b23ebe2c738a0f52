/* SPDX-License-Identifier: MIT */
#include "sum/clmul.h"

#ifdef SUM_HAVE_PCLMUL

#include <string.h>

#include "sum/affine.h"
#include "sum/lane.h"

/*
 * The kernel for VPCLMULQDQ with AVX-512, which multiplies four lanes at a time. Today's CPUs
 * begin one such multiplication in two cycles at best (Zen 5), or have them wait for each other
 * and for shuffles (Ice Lake), while GF2P8AFFINEQB, which all of them have, goes on meanwhile:
 * it does a fourth of the folding.
 */

#define TARGET "avx512f,avx512bw,gfni,vpclmulqdq," SUM_LANE_TARGET
#define QUAD_INLINE static inline __attribute__((always_inline, target(TARGET)))
#define QUAD_FUNCTION __attribute__((target(TARGET)))

/* The sums of four columns of tiles, and what they add to the frame. */
struct four {
	__m512i tiles, parts;
};

struct constants {
	/* All lanes are the same. */
	__m512i by16, by32, by64, by128, by256;
	/* For the sums: of tiles of full width, of the last ones of a row, and of parts. */
	__m512i whole, last, row;
	/* As in struct sum_affine. */
	__m512i to_second[4], to_last[4];
};

QUAD_INLINE __m512i quad_xor(__m512i a, __m512i b, __m512i c)
{
	return _mm512_ternarylogic_epi64(a, b, c, 0x96);
}

QUAD_INLINE __m512i quad_fold(__m512i quad, __m512i fold, __m512i behind)
{
	return quad_xor(_mm512_clmulepi64_epi128(quad, fold, 0x00),
		_mm512_clmulepi64_epi128(quad, fold, 0x11), behind);
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
	for (int i = 0; i < 4; i++) {
		k->to_second[i] = _mm512_loadu_si512(sum_get_affine()->second[i]);
		k->to_last[i] = _mm512_loadu_si512(sum_get_affine()->last[i]);
	}
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

/* Part of a vector, by its lanes in all rotations, into another one. */
QUAD_INLINE __m512i move(const __m512i *lanes, const __m512i *matrices, __m512i target)
{
	target = quad_xor(target, _mm512_gf2p8affine_epi64_epi8(lanes[0], matrices[0], 0),
		_mm512_gf2p8affine_epi64_epi8(lanes[1], matrices[1], 0));
	return quad_xor(target, _mm512_gf2p8affine_epi64_epi8(lanes[2], matrices[2], 0),
		_mm512_gf2p8affine_epi64_epi8(lanes[3], matrices[3], 0));
}

/* The first quarter by matrices, the others by multiplications. */
QUAD_INLINE __m512i fold256(const struct constants *k, const uint8_t *data, const uint8_t *mask)
{
	__m512i first = fold64(data, mask);
	__m512i second = fold64(data + 64, mask != NULL ? mask + 64 : NULL);
	__m512i third = fold64(data + 128, mask != NULL ? mask + 128 : NULL);
	__m512i last = fold64(data + 192, mask != NULL ? mask + 192 : NULL);
	const __m512i lanes[4] = {first, _mm512_shuffle_i64x2(first, first, 0x39),
		_mm512_shuffle_i64x2(first, first, 0x4e), _mm512_shuffle_i64x2(first, first, 0x93)};

	second = move(lanes, k->to_second, second);
	last = move(lanes, k->to_last, last);
	return quad_fold(second, k->by128, quad_fold(third, k->by64, last));
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

/* The four lanes of each of two segments to two, and of four to one, side by side. */
QUAD_INLINE __m512i join_two(const struct constants *k, __m512i a, __m512i b)
{
	return quad_fold(
		_mm512_shuffle_i64x2(a, b, 0x44), k->by32, _mm512_shuffle_i64x2(a, b, 0xee));
}

QUAD_INLINE __m512i join_four(const struct constants *k, const __m512i *segments)
{
	__m512i a = join_two(k, segments[0], segments[1]);
	__m512i b = join_two(k, segments[2], segments[3]);

	return quad_fold(
		_mm512_shuffle_i64x2(a, b, 0x88), k->by16, _mm512_shuffle_i64x2(a, b, 0xdd));
}

QUAD_INLINE void add_four(
	const struct constants *k, struct four *four, __m512i width, const __m512i *segments)
{
	__m512i joined = join_four(k, segments);

	four->tiles = quad_fold(four->tiles, width, joined);
	four->parts = quad_fold(four->parts, k->row, joined);
}

/*
 * size is segment.size, written out by the callers so that it is a constant in here. One loop
 * for all of a row: with several segments at a time, and others after them for what is left,
 * prefetchers see no stream. Of the last four some may be left over, which nobody asks for.
 */
QUAD_INLINE void add_rows(
	const struct constants *k, struct four *fours, struct sum_span *span, size_t size)
{
	const uint8_t *row = span->data;
	bool last = span->whole % 4 > 0 || span->narrow > 0;
	__m512i segments[4] = {0};

	for (uint32_t y = 0; y < span->rows; y++, row += span->stride) {
		struct four *four = fours;
		const uint8_t *data = row;

		sum_span_begin_row(span, y);
		for (uint32_t c = 0; c < span->whole; c++, data += size) {
			sum_span_prefetch(span, data, size);
			segments[c % 4] = fold_segment(k, size, data, NULL);
			if (c % 4 == 3)
				add_four(k, four++, k->whole, segments);
		}
		if (span->narrow > 0) {
			sum_span_prefetch(span, data, span->narrow);
			data = sum_span_align(span, data);
			segments[span->whole % 4] = fold_segment(k, size, data, span->mask);
		}
		if (last)
			add_four(k, four, k->last, segments);
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

QUAD_INLINE void reduce_tiles(const struct four *four, uint32_t count, struct sum_tile *tiles)
{
	const struct sum_constants *constants = sum_get_constants();
	uint32_t crc32[16], crc32c[16], part[16];

	_mm512_storeu_si512(crc32, reduce(four->tiles, &constants->crc32));
	_mm512_storeu_si512(crc32c, reduce(four->tiles, &constants->crc32c));
	_mm512_storeu_si512(part, reduce(four->parts, &constants->crc32));
	for (size_t i = 0; i < count; i++) {
		tiles[i].crc32 = crc32[4 * i + 3];
		tiles[i].crc32c = crc32c[4 * i + 3];
		tiles[i].part = part[4 * i + 3];
	}
}

/* As wide as the last tiles of a row are, after so many of full width. */
QUAD_INLINE __m512i last_constant(const struct sum_layout *layout, uint32_t whole)
{
	return _mm512_mask_mov_epi64(quad_fold_constant(layout->segment),
		(__mmask8)(3 << 2 * whole), quad_fold_constant(layout->last));
}

QUAD_FUNCTION static void sum_tiles(const struct sum_layout *layout, const uint8_t *data,
	size_t stride, uint32_t rows, uint32_t column, uint32_t count, struct sum_tile *tiles)
{
	struct four fours[SUM_MAX_COLUMNS / 4];
	uint32_t four_count = (count + 3) / 4;
	struct constants k;
	struct sum_span span;

	load_constants(&k);
	sum_span_init(&span, layout, data, stride, rows, column, count);
	k.whole = quad_fold_constant(layout->segment);
	k.last = last_constant(layout, span.whole % 4);
	k.row = quad_fold_constant(layout->row);
	memset(fours, 0, four_count * sizeof(*fours));
	switch (layout->segment_bytes) {
	case 64:
		add_rows(&k, fours, &span, 64);
		break;
	case 128:
		add_rows(&k, fours, &span, 128);
		break;
	case 256:
		add_rows(&k, fours, &span, 256);
		break;
	case 512:
		add_rows(&k, fours, &span, 512);
		break;
	}
	for (size_t i = 0; i < four_count; i++, count -= 4, tiles += 4)
		reduce_tiles(&fours[i], count < 4 ? count : 4, tiles);
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
	_mm512_storeu_si512(
		crc32, reduce(join_four(&k, (__m512i[4]){sum}), &sum_get_constants()->crc32));
	return crc32[3];
}

static uint32_t sum_bytes(uint32_t crc, const void *data, size_t size)
{
	return sum_bytes_in_blocks(crc, data, size, sum_blocks);
}

static bool is_available(void)
{
	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
	       __builtin_cpu_supports("gfni") && __builtin_cpu_supports("vpclmulqdq") &&
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
