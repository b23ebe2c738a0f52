/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cli/report/series.h"

static uint64_t get_max(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

unsigned int series_clock_find(struct series_clock *clock, uint64_t time_ns)
{
	uint64_t slot;

	if (!clock->has_begun)
		*clock = (struct series_clock){time_ns, SERIES_SLOT_NS, true};
	if (time_ns < clock->begin_ns)
		return 0;
	while ((slot = (time_ns - clock->begin_ns) / clock->slot_ns) >= SERIES_SLOTS)
		clock->slot_ns *= 2;
	return (unsigned int)slot;
}

/* Each two slots become one. */
static void halve(struct series *series, bool is_gauge)
{
	uint64_t *slots = series->slots;

	for (size_t i = 0; i < SERIES_SLOTS / 2; i++)
		slots[i] = is_gauge ? get_max(slots[2 * i], slots[2 * i + 1])
				    : slots[2 * i] + slots[2 * i + 1];
	memset(slots + SERIES_SLOTS / 2, 0, sizeof(*slots) * SERIES_SLOTS / 2);
	series->filled /= 2;
	series->slot_ns *= 2;
}

static void keep_up(struct series *series, const struct series_clock *clock, bool is_gauge)
{
	if (series->slot_ns == 0)
		series->slot_ns = clock->slot_ns;
	while (series->slot_ns < clock->slot_ns)
		halve(series, is_gauge);
}

/* A gauge keeps its value up to a slot. Returns that slot. */
static uint64_t *fill(struct series *series, struct series_clock *clock, uint64_t time_ns)
{
	unsigned int slot = series_clock_find(clock, time_ns);

	keep_up(series, clock, true);
	while (series->filled < slot)
		series->slots[++series->filled] = series->value;
	return &series->slots[series->filled];
}

void series_set(struct series *series, struct series_clock *clock, uint64_t time_ns, uint64_t value)
{
	uint64_t *slot = fill(series, clock, time_ns);

	*slot = get_max(*slot, value);
	series->value = value;
}

void series_count(
	struct series *series, struct series_clock *clock, uint64_t time_ns, uint64_t count)
{
	unsigned int slot = series_clock_find(clock, time_ns);

	keep_up(series, clock, false);
	series->slots[slot] += count;
}

void series_finish_gauge(struct series *series, struct series_clock *clock, uint64_t end_ns)
{
	fill(series, clock, end_ns);
}

void series_finish_counts(struct series *series, const struct series_clock *clock)
{
	keep_up(series, clock, false);
}
