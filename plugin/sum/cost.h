/* SPDX-License-Identifier: MIT */
#ifndef SUM_COST_H
#define SUM_COST_H

#include <stdbool.h>

#include <wltex/sum.h>

#include "util/cost.h"

/*
 * Whether reading a mapping pays. Memory of a device may be mapped so that the CPU reads it
 * a hundred times slower than RAM: sums of it would cost more than what they save. A struct
 * sum_cost belongs to each mapping, zeroed at first, and tells after the first few sums.
 */

/*
 * As wltex_sum_update(). After it, cost->too_slow tells if this mapping should not be summed
 * again: each of the last SUM_COST_SLOW sums that were long enough to tell was slow.
 */
size_t sum_cost_update(struct sum_cost *cost, struct wltex_sum *sum,
	const struct wltex_sum_pixels *pixels, const pixman_region32_t *damage,
	pixman_region32_t *changed);

/* Some of what was read. */
struct sum_cost_rows {
	const uint8_t *data;
	size_t stride, row_bytes, rows;
};

/*
 * The same around reading in other ways: the time of this thread in ns, and then how much was
 * read since. If that took long, the first few of rows are read again, to tell slow memory
 * from a processor that was busy elsewhere; NULL: they cannot be.
 */
uint64_t sum_cost_begin(const struct sum_cost *cost);
void sum_cost_end(
	struct sum_cost *cost, uint64_t begin, size_t bytes, const struct sum_cost_rows *rows);

#define SUM_COST_SLOW 2

#endif
