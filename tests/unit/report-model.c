/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "cli/report/figures.h"
#include "cli/report/heat.h"
#include "cli/report/index.h"
#include "cli/report/series.h"
#include "test.h"

#define MS UINT64_C(1000000)

/* Two gauges in one time, one of which is told often: what they were when is right in the end. */
TEST(gauges_keep_their_values)
{
	static struct series often, once;
	struct series_clock clock = {0};

	series_set(&once, &clock, 1000 * MS, 7);
	for (uint64_t ms = 0; ms < 5000; ms++)
		series_set(&often, &clock, (1000 + ms) * MS, ms);
	series_finish_gauge(&often, &clock, 6000 * MS);
	series_finish_gauge(&once, &clock, 6000 * MS);
	check_int(clock.begin_ns, 1000 * MS);
	check_int(clock.slot_ns, 16 * MS);
	/* The highest of each slot. */
	check_int(often.slots[0], 15);
	check_int(often.slots[100], 1615);
	for (unsigned int i = 0; i <= 5000 / 16; i++)
		check_int(once.slots[i], 7);
	check_int(often.value, 4999);
	check_int(often.slots[5000 / 16], 4999);
}

TEST(gauges_that_fall)
{
	static struct series gauge;
	struct series_clock clock = {0};

	series_set(&gauge, &clock, 0, 5);
	series_set(&gauge, &clock, 2 * MS, 9);
	series_set(&gauge, &clock, 2 * MS, 1);
	series_finish_gauge(&gauge, &clock, 4 * MS);
	check_int(gauge.slots[0], 5);
	check_int(gauge.slots[1], 5);
	/* It was 9 for a moment. */
	check_int(gauge.slots[2], 9);
	check_int(gauge.slots[3], 1);
	check_int(gauge.slots[4], 1);
}

TEST(counts_are_not_lost)
{
	static struct series counts;
	struct series_clock clock = {0};
	uint64_t sum = 0;

	for (uint64_t i = 0; i < 1000; i++)
		series_count(&counts, &clock, i * i * MS, 3);
	series_finish_counts(&counts, &clock);
	for (unsigned int i = 0; i < SERIES_SLOTS; i++)
		sum += counts.slots[i];
	check_int(sum, 3000);
}

/* Times that no trace has. */
TEST(hostile_times)
{
	static struct series gauge, counts;
	struct series_clock clock = {0};

	series_set(&gauge, &clock, 1000, 1);
	series_set(&gauge, &clock, UINT64_MAX, 2);
	series_set(&gauge, &clock, 0, 3);
	series_count(&counts, &clock, 0, 1);
	series_count(&counts, &clock, UINT64_MAX, 1);
	series_finish_gauge(&gauge, &clock, UINT64_MAX);
	series_finish_counts(&counts, &clock);
	check(series_clock_find(&clock, UINT64_MAX) < SERIES_SLOTS);
	check_int(counts.slots[0], 1);
}

TEST(tiles)
{
	struct heat heat = {0};
	size_t budget = 100;

	check_int(heat_fit(&heat, 65, 128, &budget), 0);
	check_int(heat.columns, 2);
	check_int(heat.rows, 2);
	check_int(budget, 96);
	heat_count_claimed(&heat, "0,0,2,2");
	heat_count_changed(&heat, "1,0,1,1;0,1,1,1");
	/* What is counted stays in its place. */
	check_int(heat_fit(&heat, 256, 64, &budget), 0);
	check_int(heat.columns, 4);
	check_int(heat.rows, 2);
	check_int(heat.cells[1].changed, 1);
	check_int(heat.cells[4].changed, 1);
	check_int(heat.cells[5].claimed, 1);
	check_int(heat.cells[5].changed, 0);
	check_int(heat.cells[2].claimed, 0);
	heat_finish(&heat);
}

TEST(hostile_tiles)
{
	struct heat heat = {0};
	size_t budget = 20;
	char many[4096] = "";

	check_int(heat_fit(&heat, 640, 64, &budget), 0);
	check_int(heat_fit(&heat, 640, 192, &budget), -E2BIG);
	check_int(heat_fit(&heat, UINT32_MAX, UINT32_MAX, &budget), -E2BIG);
	check_int(heat.columns, 10);
	heat_count_claimed(&heat, "9,0,999999999,999999999;999999999,999999999,1,1");
	heat_count_claimed(&heat, "-1,0,1,1");
	heat_count_claimed(&heat, "0,0,1");
	heat_count_claimed(&heat, "99999999999999999999,0,1,1");
	check_int(heat.cells[9].claimed, 1);
	check_int(heat.cells[0].claimed, 0);
	for (unsigned int i = 0; i < 500; i++)
		strcat(many, "1,0,1,1;");
	heat_count_claimed(&heat, many);
	check(heat.cells[1].claimed < 100);
	heat_finish(&heat);
}

static void no_destroy(void *key)
{
}

TEST(index_finds)
{
	struct index_key keys[100] = {0}, again = {7};
	struct index index = {NULL};

	for (unsigned int i = 0; i < 100; i++) {
		keys[i].number = (uint64_t)i * i;
		check_int(index_insert(&index, &keys[i]), 0);
	}
	again.number = 81;
	check_int(index_insert(&index, &again), -EEXIST);
	check(index_find(&index, 81) == &keys[9]);
	check(index_find(&index, 82) == NULL);
	/* It is not the one that is there. */
	index_remove(&index, &again);
	check(index_find(&index, 81) == &keys[9]);
	index_remove(&index, &keys[9]);
	check(index_find(&index, 81) == NULL);
	index_finish(&index, no_destroy);
	check(index_find(&index, 0) == NULL);
}

#define NB "\u00a0"
#define THIN "\u202f"

TEST(figures)
{
	check_str(figure_bytes(0).text, "0" NB "B");
	check_str(figure_bytes(1023).text, "1023" NB "B");
	check_str(figure_bytes(1024).text, "1" NB "KiB");
	check_str(figure_bytes(48 * 1048576 + 600000).text, "49" NB "MiB");
	check_str(figure_bytes(UINT64_MAX).text, "16777216" NB "TiB");
	check_str(figure_duration(0).text, "0" NB "\u00b5s");
	check_str(figure_duration(1500 * 1000).text, "1.5" NB "ms");
	check_str(figure_duration(9960 * MS).text, "10" NB "s");
	check_str(figure_duration(119 * 1000 * MS).text, "119" NB "s");
	check_str(figure_duration(125 * 1000 * MS).text, "2" NB "min" NB "05" NB "s");
	check_str(figure_count(0).text, "0");
	check_str(figure_count(1234).text, "1234");
	check_str(figure_count(1234567).text, "1" THIN "234" THIN "567");
	check(strlen(figure_count(UINT64_MAX).text) < sizeof(struct figure));
	check_str(figure_share(0, 5).text, "0" NB "%");
	check_str(figure_share(1, 1000).text, "<1" NB "%");
	check_str(figure_share(999, 1000).text, ">99" NB "%");
	check_str(figure_share(5, 5).text, "100" NB "%");
	check_str(figure_share(1, 3).text, "33" NB "%");
	check_str(figure_pixels(2073600).text, "2.1" NB "Mpx");
}
