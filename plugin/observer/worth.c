/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "observer/worth.h"

/* Of each phase the first commits do not count: they draw what those before them left. */
#define SETTLING 3
#define FIRST_PERIOD 600
#define LAST_PERIOD 19200

void worth_init(struct worth *worth)
{
	*worth = (struct worth){.period = FIRST_PERIOD};
}

uint64_t worth_get_cpu_ns(void)
{
	struct timespec now = {0};

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

static uint64_t get_median(uint64_t *spent_ns)
{
	qsort(spent_ns, WORTH_COMMITS, sizeof(*spent_ns), compare);
	return spent_ns[WORTH_COMMITS / 2];
}

/* If the answer is the same again, it is asked for less often. */
static void decide(struct worth *worth, uint64_t claimed_ns)
{
	bool pays = worth->trimmed_ns < claimed_ns;

	if (pays != worth->pays)
		worth->period = FIRST_PERIOD;
	else if (worth->period < LAST_PERIOD)
		worth->period *= 2;
	worth->pays = pays;
}

static void begin_phase(struct worth *worth, enum worth_phase phase)
{
	worth->phase = phase;
	worth->n = 0;
}

static void end_phase(struct worth *worth)
{
	uint64_t median_ns = get_median(worth->spent_ns);

	if (worth->phase == WORTH_TRIMMED) {
		worth->trimmed_ns = median_ns;
		begin_phase(worth, WORTH_CLAIMED);
	} else {
		decide(worth, median_ns);
		begin_phase(worth, WORTH_DECIDED);
	}
}

/* What was spent since the last commit is of that one. */
static void note(struct worth *worth, uint64_t cpu_ns)
{
	if (worth->n >= SETTLING)
		worth->spent_ns[worth->n - SETTLING] = cpu_ns - worth->last_ns;
	if (++worth->n == SETTLING + WORTH_COMMITS)
		end_phase(worth);
}

bool worth_begin(struct worth *worth, uint64_t cpu_ns)
{
	if (worth->phase != WORTH_DECIDED)
		note(worth, cpu_ns);
	else if (++worth->n >= worth->period)
		begin_phase(worth, WORTH_TRIMMED);
	worth->last_ns = cpu_ns;
	return worth->phase == WORTH_TRIMMED || (worth->phase == WORTH_DECIDED && worth->pays);
}
