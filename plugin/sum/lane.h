/* SPDX-License-Identifier: MIT */
#ifndef SUM_LANE_H
#define SUM_LANE_H

/*
 * 128 bits of a message, and the carry-less multiplication of x86 and ARM.
 *
 * A lane holds 16 bytes as they lie in memory, which makes it a polynomial in the bit order of
 * poly.h: its first word has the powers of x from 127 to 64. The product of two words in this
 * order comes out multiplied by x, so that all constants are for one power less.
 *
 * Everything in here needs SUM_TARGET, also on functions that call it.
 */

#include "sum/constants.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define SUM_LANE_TARGET "pclmul,sse2"
#define SUM_LANE_INLINE static inline __attribute__((always_inline, target(SUM_LANE_TARGET)))
#define SUM_LANE_FUNCTION __attribute__((target(SUM_LANE_TARGET)))

#define sum_lane __m128i

SUM_LANE_INLINE sum_lane lane_load(const void *data)
{
	return _mm_loadu_si128(data);
}

SUM_LANE_INLINE sum_lane lane_make(uint64_t first, uint64_t second)
{
	return _mm_set_epi64x((int64_t)second, (int64_t)first);
}

SUM_LANE_INLINE uint64_t lane_first(sum_lane lane)
{
	return (uint64_t)_mm_cvtsi128_si64(lane);
}

SUM_LANE_INLINE uint64_t lane_second(sum_lane lane)
{
	return (uint64_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(lane, lane));
}

SUM_LANE_INLINE sum_lane lane_xor(sum_lane a, sum_lane b)
{
	return _mm_xor_si128(a, b);
}

SUM_LANE_INLINE sum_lane lane_and(sum_lane a, sum_lane b)
{
	return _mm_and_si128(a, b);
}

/* The lane times the power of x that fold stands for. */
SUM_LANE_INLINE sum_lane lane_fold(sum_lane lane, sum_lane fold)
{
	return _mm_xor_si128(
		_mm_clmulepi64_si128(lane, fold, 0x00), _mm_clmulepi64_si128(lane, fold, 0x11));
}

SUM_LANE_INLINE sum_lane lane_multiply(uint64_t a, uint64_t b)
{
	return _mm_clmulepi64_si128(
		_mm_cvtsi64_si128((int64_t)a), _mm_cvtsi64_si128((int64_t)b), 0);
}

#elif defined(__aarch64__)

#include <arm_neon.h>

/* The instructions are allowed by the compiler's options for these files. */
#define SUM_LANE_INLINE static inline __attribute__((always_inline))
#define SUM_LANE_FUNCTION

#define sum_lane uint64x2_t

SUM_LANE_INLINE sum_lane lane_load(const void *data)
{
	return vreinterpretq_u64_u8(vld1q_u8(data));
}

SUM_LANE_INLINE sum_lane lane_make(uint64_t first, uint64_t second)
{
	return vcombine_u64(vcreate_u64(first), vcreate_u64(second));
}

SUM_LANE_INLINE uint64_t lane_first(sum_lane lane)
{
	return vgetq_lane_u64(lane, 0);
}

SUM_LANE_INLINE uint64_t lane_second(sum_lane lane)
{
	return vgetq_lane_u64(lane, 1);
}

SUM_LANE_INLINE sum_lane lane_xor(sum_lane a, sum_lane b)
{
	return veorq_u64(a, b);
}

SUM_LANE_INLINE sum_lane lane_and(sum_lane a, sum_lane b)
{
	return vandq_u64(a, b);
}

SUM_LANE_INLINE sum_lane lane_multiply(uint64_t a, uint64_t b)
{
	return vreinterpretq_u64_p128(vmull_p64((poly64_t)a, (poly64_t)b));
}

SUM_LANE_INLINE sum_lane lane_fold(sum_lane lane, sum_lane fold)
{
	poly128_t first =
		vmull_p64((poly64_t)vgetq_lane_u64(lane, 0), (poly64_t)vgetq_lane_u64(fold, 0));
	poly128_t second = vmull_high_p64(vreinterpretq_p64_u64(lane), vreinterpretq_p64_u64(fold));

	return veorq_u64(vreinterpretq_u64_p128(first), vreinterpretq_u64_p128(second));
}

#endif

SUM_LANE_INLINE sum_lane lane_constant(struct sum_fold fold)
{
	return lane_make(fold.first, fold.second);
}

/* A polynomial of degree 63 modulo one of degree 32, after Barrett. */
SUM_LANE_INLINE uint32_t lane_reduce64(uint64_t value, const struct sum_reduction *reduction)
{
	uint32_t quotient =
		(uint32_t)lane_first(lane_multiply((uint32_t)value, reduction->quotient));

	value ^= lane_first(lane_multiply(quotient, reduction->modulus));
	return (uint32_t)(value >> 32);
}

/* The linear CRC of the 16 bytes of a lane. */
SUM_LANE_INLINE uint32_t lane_reduce(sum_lane lane, const struct sum_reduction *reduction)
{
	uint64_t second = lane_second(lane);
	sum_lane product = lane_multiply(lane_first(lane), reduction->by96);
	uint64_t high = lane_first(product) ^ second << 32;
	uint64_t low = lane_second(product) ^ second >> 32;

	low ^= lane_second(lane_multiply(high, reduction->by64));
	return lane_reduce64(low, reduction);
}

SUM_LANE_INLINE void lane_reduce_tile(
	struct sum_tile *tile, sum_lane sum, sum_lane part, const struct sum_constants *constants)
{
	tile->crc32 = lane_reduce(sum, &constants->crc32);
	tile->crc32c = lane_reduce(sum, &constants->crc32c);
	tile->part = lane_reduce(part, &constants->crc32);
}

#endif
