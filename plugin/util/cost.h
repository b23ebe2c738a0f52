/* SPDX-License-Identifier: MIT */
#ifndef UTIL_COST_H
#define UTIL_COST_H

#include <stdbool.h>
#include <stdint.h>

/*
 * What reading a piece of memory was found to cost. Whoever holds a mapping keeps one,
 * zeroed at first; sum/cost.h fills it.
 */
struct sum_cost {
	uint8_t measured;
	uint8_t slow; // in a row
	bool too_slow;
};

#endif
