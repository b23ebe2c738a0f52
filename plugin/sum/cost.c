/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <time.h>

#include "sum/cost.h"
#include "sum/grid.h"

/* Less than that tells nothing. */
#define MIN_BYTES 16384
/* Once so many sums were quick enough, the next ones are not timed. */
#define MAX_MEASURED 8
/* What is too slow, per KiB: this, or that many times what private memory takes, as slower
 * machines have slower kernels. RAM that is in no cache takes about a tenth of it. */
#define SLOW_NS UINT64_C(4096)
#define SLOW_FACTOR 8

/* What is read again of memory that seems slow, and how often, and less than which it cannot
 * be told from calling a function. */
#define PROBE_BYTES 16384
#define PROBES 4
#define MIN_ROW_BYTES 64

/* Private memory to compare with. */
#define SAMPLE_SIDE 128

static uint64_t slow_ns_per_kib = SLOW_NS;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/*
 * The time of the thread, not of the clock: the time during which others ran instead does not
 * count, while waiting for memory does.
 */
static uint64_t get_thread_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void measure_private_memory(void)
{
	static uint8_t sample[SAMPLE_SIDE * SAMPLE_SIDE];
	struct wltex_sum_pixels pixels = {.data = sample, .stride = SAMPLE_SIDE};
	struct wltex_sum *sum = wltex_sum_create(SAMPLE_SIDE, SAMPLE_SIDE, 1);
	uint64_t best = UINT64_MAX;

	if (sum == NULL)
		return;
	for (int i = 0; i < 4; i++) {
		uint64_t begin = get_thread_ns(), time;

		wltex_sum_update(sum, &pixels, NULL, NULL);
		time = get_thread_ns() - begin;
		if (time < best)
			best = time;
	}
	wltex_sum_destroy(sum);
	best = best * SLOW_FACTOR / (sizeof(sample) / 1024);
	if (best > slow_ns_per_kib)
		slow_ns_per_kib = best;
}

uint64_t sum_cost_begin(const struct sum_cost *cost)
{
	pthread_once(&once, measure_private_memory);
	return cost->measured < MAX_MEASURED ? get_thread_ns() : 0;
}

static size_t read_rows(const struct sum_cost_rows *rows)
{
	size_t bytes = 0;

	for (size_t y = 0; y < rows->rows && bytes < PROBE_BYTES; y++) {
		wltex_sum_bytes(0, rows->data + y * rows->stride, rows->row_bytes);
		bytes += rows->row_bytes;
	}
	return bytes;
}

static bool is_slow(uint64_t ns, size_t bytes)
{
	return ns >= bytes * slow_ns_per_kib / 1024;
}

/*
 * A hypervisor that runs another machine meanwhile takes time that the thread's own clock does
 * not leave out. It may do so twice in a row, but hardly in each of a few short reads.
 */
static bool is_slow_again(const struct sum_cost_rows *rows)
{
	if (rows == NULL || rows->row_bytes < MIN_ROW_BYTES)
		return true;
	for (int i = 0; i < PROBES; i++) {
		uint64_t begin = get_thread_ns();
		size_t bytes = read_rows(rows);

		if (!is_slow(get_thread_ns() - begin, bytes))
			return false;
	}
	return true;
}

void sum_cost_end(
	struct sum_cost *cost, uint64_t begin, size_t bytes, const struct sum_cost_rows *rows)
{
	if (cost->measured >= MAX_MEASURED || cost->too_slow || bytes < MIN_BYTES)
		return;
	if (!is_slow(get_thread_ns() - begin, bytes) || !is_slow_again(rows)) {
		cost->measured++;
		cost->slow = 0;
	} else {
		cost->slow++;
		cost->too_slow = cost->slow >= SUM_COST_SLOW;
	}
}

size_t sum_cost_update(struct sum_cost *cost, struct wltex_sum *sum,
	const struct wltex_sum_pixels *pixels, const pixman_region32_t *damage,
	pixman_region32_t *changed)
{
	uint64_t begin = sum_cost_begin(cost);
	size_t count = wltex_sum_update(sum, pixels, damage, changed);
	const struct sum_cost_rows rows = {
		.data = pixels->data,
		.stride = pixels->stride,
		.row_bytes = sum->layout.row_bytes,
		.rows = sum->height,
	};

	sum_cost_end(cost, begin, sum_count_bytes(sum), &rows);
	return count;
}
