/* SPDX-License-Identifier: MIT */
#include <pthread.h>

#include "sum/constants.h"
#include "sum/poly.h"

static struct sum_constants constants;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* The product of two words comes out multiplied by x: hence 63 and 1 less. */
struct sum_fold sum_make_fold(size_t bytes)
{
	return (struct sum_fold){
		.first = sum_poly64_power(8 * (uint64_t)bytes + 63),
		.second = sum_poly64_power(8 * (uint64_t)bytes - 1),
	};
}

/* x^64 divided by x^32 + modulus: 33 bits, the lowest for x^32. */
static uint64_t divide_x64(uint32_t modulus)
{
	/* The remainder so far, without the terms that have become 0. */
	uint32_t remainder = modulus;
	uint64_t quotient = 1;

	for (unsigned int i = 1; i <= 32; i++) {
		uint64_t term = remainder & 1;

		quotient |= term << i;
		remainder = (remainder >> 1) ^ (term ? modulus : 0);
	}
	return quotient;
}

static struct sum_reduction make_reduction(uint32_t modulus)
{
	uint32_t x = SUM_ONE32 >> 1;

	return (struct sum_reduction){
		.by96 = (uint64_t)sum_poly_power(modulus, x, 95) << 32,
		.by64 = (uint64_t)sum_poly_power(modulus, x, 63) << 32,
		.modulus = (uint64_t)modulus << 1 | 1,
		.quotient = divide_x64(modulus),
	};
}

static void make_constants(void)
{
	for (unsigned int i = 0; i < sizeof(constants.fold) / sizeof(constants.fold[0]); i++)
		constants.fold[i] = sum_make_fold((size_t)16 << i);
	constants.crc32 = make_reduction(SUM_CRC32);
	constants.crc32c = make_reduction(SUM_CRC32C);
}

const struct sum_constants *sum_get_constants(void)
{
	pthread_once(&once, make_constants);
	return &constants;
}
