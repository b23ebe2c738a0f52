/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <stddef.h>

#include "sum/affine.h"
#include "sum/poly.h"

/* Lanes of 16 bytes; the last of 256 bytes has the lowest powers of x. */
#define LANES 16
#define TARGETS 8

static struct sum_affine affine;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Powers of x, with more than one term at first, each with a highest bit of its own; and which
 * of the targets' powers they are sums of: bit 8 * target + i for the power i of a byte. */
struct basis {
	uint64_t vectors[64], origins[64];
};

/* Take as much as can be of a vector from the basis; returns the rest. */
static uint64_t reduce(const struct basis *basis, uint64_t vector, uint64_t *origin)
{
	while (vector != 0) {
		int bit = 63 - __builtin_clzll(vector);

		if (basis->vectors[bit] == 0)
			break;
		vector ^= basis->vectors[bit];
		*origin ^= basis->origins[bit];
	}
	return vector;
}

/* The power of x that the first bit of a byte stands for, in a lane. */
static uint64_t lane_power(unsigned int lane)
{
	return sum_poly64_power(UINT64_C(128) * (LANES - 1 - lane));
}

/* Any 64 powers will do of which none is a sum of others. */
static void add_target(struct basis *basis, unsigned int target, unsigned int lane)
{
	uint64_t power = lane_power(lane);

	for (unsigned int i = 0; i < 8; i++, power = sum_poly64_shift(power)) {
		uint64_t origin = UINT64_C(1) << (8 * target + i);
		uint64_t rest = reduce(basis, power, &origin);
		int bit = 63 - __builtin_clzll(rest);

		basis->vectors[bit] = rest;
		basis->origins[bit] = origin;
	}
}

/* What each target gets of a byte of that lane. In matrices the first byte is for the highest
 * bit of the result, which has the lowest power of x. */
static void make_matrices(const struct basis *basis, unsigned int lane, uint64_t matrices[TARGETS])
{
	uint64_t power = lane_power(lane);

	for (unsigned int i = 0; i < 8; i++, power = sum_poly64_shift(power)) {
		uint64_t origin = 0;

		reduce(basis, power, &origin);
		for (unsigned int bit = 0; bit < 64; bit++)
			matrices[bit / 8] |= (origin >> bit & 1) << (8 * (bit % 8) + 7 - i);
	}
}

static void make_affine(void)
{
	struct basis basis = {0};

	for (unsigned int i = 0; i < 4; i++) {
		add_target(&basis, i, 4 + i);
		add_target(&basis, 4 + i, 12 + i);
	}
	for (unsigned int lane = 0; lane < 4; lane++) {
		uint64_t matrices[TARGETS] = {0};

		make_matrices(&basis, lane, matrices);
		for (size_t i = 0; i < 4; i++) {
			size_t rotation = (lane - i) % 4;

			for (size_t word = 2 * i; word < 2 * i + 2; word++) {
				affine.second[rotation][word] = matrices[i];
				affine.last[rotation][word] = matrices[4 + i];
			}
		}
	}
}

const struct sum_affine *sum_get_affine(void)
{
	pthread_once(&once, make_affine);
	return &affine;
}
