/* SPDX-License-Identifier: MIT */
#ifndef SUM_AFFINE_H
#define SUM_AFFINE_H

#include <stdint.h>

/*
 * Folding with GF2P8AFFINEQB, which multiplies bytes by matrices of 8x8 bits: 8 powers of x of
 * a byte are, modulo P * Q, sums of 64 powers of x that 8 other bytes have. Of 256 bytes, the
 * first quarter can go into the second and the last one so: each of its lanes into all lanes of
 * these, a byte always into bytes at the same place of a lane.
 */
struct sum_affine {
	/* For the second and for the last quarter: the matrices for lane i of it, twice each, if
	 * it gets what comes from lane (i + rotation) % 4. */
	uint64_t second[4][8], last[4][8]; // [rotation][two words for each lane]
};

/* Made by the first call. */
const struct sum_affine *sum_get_affine(void);

#endif
