/* SPDX-License-Identifier: MIT */
#include "sum/clmul.h"

#ifdef SUM_HAVE_PCLMUL

#include <string.h>

#include "sum/lane.h"

/* The kernel for VPCLMULQDQ with AVX-512, which multiplies four lanes at a time. */

#define TARGET "avx512f,vpclmulqdq," SUM_LANE_TARGET
#define QUAD_INLINE static inline __attribute__((always_inline, target(TARGET)))
#define QUAD_FUNCTION __attribute__((target(TARGET)))

/* All lanes are the same but those of last: they are for a group whose last tile is narrow. */
struct constants {
	__m512i by16, by32, by64, by128, by256;
	__m512i row, segment, last;
};

/* Four columns of tiles: what each tile sums up to, and what it adds to the frame. */
struct group {
	__m512i tiles, parts;
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

/* The four lanes of each of four segments to one, side by side. */
QUAD_INLINE __m512i join_lanes(const struct constants *k, const __m512i segments[4])
{
	__m512i a = segments[0], b = segments[1], c = segments[2], d = segments[3];
	__m512i ab = quad_fold(
		_mm512_shuffle_i64x2(a, b, 0x44), k->by32, _mm512_shuffle_i64x2(a, b, 0xee));
	__m512i cd = quad_fold(
		_mm512_shuffle_i64x2(c, d, 0x44), k->by32, _mm512_shuffle_i64x2(c, d, 0xee));

	return quad_fold(
		_mm512_shuffle_i64x2(ab, cd, 0x88), k->by16, _mm512_shuffle_i64x2(ab, cd, 0xdd));
}

QUAD_INLINE void add_segments(
	const struct constants *k, struct group *group, __m512i width, const __m512i segments[4])
{
	__m512i joined = join_lanes(k, segments);

	group->tiles = quad_fold(group->tiles, width, joined);
	group->parts = quad_fold(group->parts, k->row, joined);
}

/* The last one to three segments of a row, and the narrow one behind them. */
QUAD_INLINE void add_rest(const struct constants *k, struct group *group, struct sum_span *span,
	size_t size, const uint8_t *data)
{
	__m512i segments[4];
	uint32_t c = 0;

	for (; c < span->whole % 4; c++, data += size) {
		sum_span_prefetch(span, data, size);
		segments[c] = fold_segment(k, size, data, NULL);
	}
	if (span->narrow > 0) {
		sum_span_prefetch(span, data, span->narrow);
		data = sum_span_align(span, data);
		segments[c++] = fold_segment(k, size, data, span->mask);
	}
	for (; c < 4; c++)
		segments[c] = _mm512_setzero_si512();
	add_segments(k, group, k->last, segments);
}

/* size is segment.size, written out by the callers so that it is a constant in here. */
QUAD_INLINE void add_rows(
	const struct constants *k, struct group *groups, struct sum_span *span, size_t size)
{
	const uint8_t *row = span->data;
	bool rest = span->whole % 4 > 0 || span->narrow > 0;

	for (uint32_t y = 0; y < span->rows; y++, row += span->stride) {
		const uint8_t *data = row;
		struct group *group = groups;

		sum_span_begin_row(span, y);
		for (uint32_t c = span->whole / 4; c > 0; c--, data += 4 * size, group++) {
			__m512i segments[4];

			sum_span_prefetch(span, data, 4 * size);
			segments[0] = fold_segment(k, size, data, NULL);
			segments[1] = fold_segment(k, size, data + size, NULL);
			segments[2] = fold_segment(k, size, data + 2 * size, NULL);
			segments[3] = fold_segment(k, size, data + 3 * size, NULL);
			add_segments(k, group, k->segment, segments);
		}
		if (rest)
			add_rest(k, group, span, size, data);
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

QUAD_INLINE void reduce_group(const struct group *group, uint32_t count, struct sum_tile *tiles)
{
	const struct sum_constants *constants = sum_get_constants();
	uint32_t crc32[16], crc32c[16], parts[16];

	_mm512_storeu_si512(crc32, reduce(group->tiles, &constants->crc32));
	_mm512_storeu_si512(crc32c, reduce(group->tiles, &constants->crc32c));
	_mm512_storeu_si512(parts, reduce(group->parts, &constants->crc32));
	for (uint32_t i = 0; i < count; i++) {
		tiles[i].crc32 = crc32[4 * i + 3];
		tiles[i].crc32c = crc32c[4 * i + 3];
		tiles[i].part = parts[4 * i + 3];
	}
}

/* Like segment, but for the lane of a narrow tile. */
QUAD_INLINE __m512i last_constant(const struct sum_layout *layout, const struct sum_span *span)
{
	__mmask8 narrow = (__mmask8)(span->narrow > 0 ? 3 << (span->whole % 4 * 2) : 0);

	return _mm512_mask_mov_epi64(
		quad_fold_constant(layout->segment), narrow, quad_fold_constant(layout->last));
}

QUAD_FUNCTION static void sum_tiles(const struct sum_layout *layout, const uint8_t *data,
	size_t stride, uint32_t rows, uint32_t column, uint32_t count, struct sum_tile *tiles)
{
	struct group groups[SUM_MAX_COLUMNS / 4];
	uint32_t group_count = (count + 3) / 4;
	struct constants k;
	struct sum_span span;

	load_constants(&k);
	sum_span_init(&span, layout, data, stride, rows, column, count);
	k.row = quad_fold_constant(layout->row);
	k.segment = quad_fold_constant(layout->segment);
	k.last = last_constant(layout, &span);
	memset(groups, 0, group_count * sizeof(*groups));
	switch (layout->segment_bytes) {
	case 64:
		add_rows(&k, groups, &span, 64);
		break;
	case 128:
		add_rows(&k, groups, &span, 128);
		break;
	case 256:
		add_rows(&k, groups, &span, 256);
		break;
	case 512:
		add_rows(&k, groups, &span, 512);
		break;
	}
	for (uint32_t g = 0; g < group_count; g++)
		reduce_group(&groups[g], count - 4 * g < 4 ? count - 4 * g : 4, &tiles[4 * g]);
}

QUAD_FUNCTION static uint32_t sum_blocks(const uint8_t *head, const uint8_t *data, size_t size)
{
	struct constants k;
	__m512i sum, segments[4] = {0};
	uint32_t crc32[16];

	load_constants(&k);
	sum = fold_segment(&k, SUM_HEAD_BLOCKS * SUM_BLOCK, head, NULL);
	for (; size > 0; data += SUM_BLOCK, size -= SUM_BLOCK)
		sum = quad_fold(sum, k.by256, fold256(&k, data, NULL));
	segments[0] = sum;
	_mm512_storeu_si512(crc32, reduce(join_lanes(&k, segments), &sum_get_constants()->crc32));
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
