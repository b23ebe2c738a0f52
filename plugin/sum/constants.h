/* SPDX-License-Identifier: MIT */
#ifndef SUM_CONSTANTS_H
#define SUM_CONSTANTS_H

#include "sum/kernel.h"

/* What brings a lane down to a CRC. */
struct sum_reduction {
	/* Multiplication of a word by x^96 and x^64. */
	uint64_t by96, by64;
	/* The modulus with its leading term, and x^64 divided by it. */
	uint64_t modulus, quotient;
};

struct sum_constants {
	/* For powers of two: fold[i] is by 16 << i bytes. */
	struct sum_fold fold[6];
	struct sum_reduction crc32, crc32c;
};

/* Folding a lane by that many bytes. */
struct sum_fold sum_make_fold(size_t bytes);

/* Made by the first call. */
const struct sum_constants *sum_get_constants(void);

#endif
