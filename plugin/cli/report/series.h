/* SPDX-License-Identifier: MIT */
#ifndef CLI_REPORT_SERIES_H
#define CLI_REPORT_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Values over a time whose end nobody knows yet, in memory that does not grow: when time runs
 * out of slots, each two of them become one, and a slot is twice as long.
 */
#define SERIES_SLOTS 512
/* At first; a power of two times that later. */
#define SERIES_SLOT_NS UINT64_C(1000000)

/* How long the slots of all series of a trace are: they have one in common. */
struct series_clock {
	uint64_t begin_ns, slot_ns;
	bool has_begun;
};

struct series {
	/* Of the slots, which a series brings up to the clock's when it is used. */
	uint64_t slot_ns;
	/* The highest value of a gauge, or the sum of counts, in each slot. */
	uint64_t slots[SERIES_SLOTS];
	/* Of a gauge: its value from then on, and the last slot in which that was told. */
	uint64_t value;
	unsigned int filled;
};

/* The slot of a time; times before the first count as that. Slots get longer if need be. */
unsigned int series_clock_find(struct series_clock *clock, uint64_t time_ns);

/* A gauge has this value from now on. Times before the last are taken for the last. */
void series_set(
	struct series *series, struct series_clock *clock, uint64_t time_ns, uint64_t value);
/* So many more in the slot of this time. */
void series_count(
	struct series *series, struct series_clock *clock, uint64_t time_ns, uint64_t count);

/* Bring the slots to the clock's length; a gauge keeps its value until end_ns. */
void series_finish_gauge(struct series *series, struct series_clock *clock, uint64_t end_ns);
void series_finish_counts(struct series *series, const struct series_clock *clock);

#endif
