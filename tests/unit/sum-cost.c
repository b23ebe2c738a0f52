/* SPDX-License-Identifier: MIT */
#include <pixman.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "sum/cost.h"
#include "test.h"

#define SIDE 256

static uint8_t *map_pixels(int protection)
{
	uint8_t *data = mmap(NULL, SIDE * SIDE * 4, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	check(data != MAP_FAILED);
	return data;
}

TEST(ram_is_not_slow)
{
	struct wltex_sum_pixels pixels = {map_pixels(PROT_READ | PROT_WRITE), SIDE * 4};
	struct wltex_sum *sum = wltex_sum_create(SIDE, SIDE, 4);
	struct sum_cost cost = {0};
	pixman_region32_t changed;

	/* With all page faults of the first look. */
	pixman_region32_init(&changed);
	check_int(sum_cost_update(&cost, sum, &pixels, NULL, &changed), 16);
	check_int(pixman_region32_extents(&changed)->x2, SIDE);
	for (int i = 0; i < 1000; i++) {
		check_int(sum_cost_update(&cost, sum, &pixels, NULL, &changed), 0);
		check(!cost.too_slow);
	}
	pixman_region32_fini(&changed);
	wltex_sum_destroy(sum);
}

static void burn(uint64_t ns)
{
	struct timespec now;
	uint64_t end = 0;

	do {
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
		if (end == 0)
			end = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec + ns;
	} while ((uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec < end);
}

static size_t slow_pages;

/* Memory that takes its time: only the page that was read last can be read at once. */
static void on_fault(int number, siginfo_t *info, void *context)
{
	static void *last;
	uintptr_t size = (uintptr_t)sysconf(_SC_PAGESIZE);
	void *page = (void *)((uintptr_t)info->si_addr / size * size);

	burn(200000);
	slow_pages++;
	if (last != NULL && mprotect(last, size, PROT_NONE) != 0)
		_exit(1);
	if (mprotect(page, size, PROT_READ) != 0)
		_exit(1);
	last = page;
}

TEST(slow_memory_is_given_up)
{
	struct wltex_sum_pixels pixels = {map_pixels(PROT_NONE), SIDE * 4};
	struct wltex_sum *sum = wltex_sum_create(SIDE, SIDE, 4);
	struct sum_cost cost = {0};
	struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};

	check(sigaction(SIGSEGV, &action, NULL) == 0);
	sum_cost_update(&cost, sum, &pixels, NULL, NULL);
	check(slow_pages >= (size_t)(SIDE * SIDE * 4 / sysconf(_SC_PAGESIZE)));
	/* Once may have been an accident. */
	check(!cost.too_slow);
	sum_cost_update(&cost, sum, &pixels, NULL, NULL);
	check(cost.too_slow);
	wltex_sum_destroy(sum);
}

TEST(accidents_are_forgiven)
{
	struct sum_cost cost = {0};

	for (int i = 0; i < 5; i++) {
		uint64_t begin = sum_cost_begin(&cost);

		burn(20000000);
		sum_cost_end(&cost, begin, 1 << 20, NULL);
		check(!cost.too_slow);
		sum_cost_end(&cost, sum_cost_begin(&cost), 1 << 20, NULL);
		check(!cost.too_slow);
	}
}

/* A hypervisor takes the processor away again and again: that says nothing about memory. */
TEST(stolen_time_is_forgiven)
{
	const struct sum_cost_rows rows = {
		map_pixels(PROT_READ | PROT_WRITE), SIDE * 4, SIDE * 4, SIDE};
	struct sum_cost cost = {0};

	for (int i = 0; i < 5; i++) {
		uint64_t begin = sum_cost_begin(&cost);

		burn(20000000);
		sum_cost_end(&cost, begin, 1 << 20, &rows);
		check(!cost.too_slow);
	}
}

/* Little that was read tells nothing, however long it took. */
TEST(little_tells_nothing)
{
	struct sum_cost cost = {0};

	for (int i = 0; i < 5; i++) {
		uint64_t begin = sum_cost_begin(&cost);

		burn(1000000);
		sum_cost_end(&cost, begin, 1000, NULL);
		check(!cost.too_slow);
	}
}

/* Waiting for the processor does not count. */
TEST(sleep_does_not_count)
{
	struct sum_cost cost = {0};

	for (int i = 0; i < 5; i++) {
		uint64_t begin = sum_cost_begin(&cost);

		usleep(20000);
		sum_cost_end(&cost, begin, 1 << 20, NULL);
		check(!cost.too_slow);
	}
}

/* What was quick often enough is not timed any more. */
TEST(quick_memory_is_settled)
{
	struct sum_cost cost = {0};
	uint64_t begin;

	for (int i = 0; i < 100; i++)
		sum_cost_end(&cost, sum_cost_begin(&cost), 1 << 20, NULL);
	check_int(sum_cost_begin(&cost), 0);
	for (int i = 0; i < 5; i++) {
		begin = sum_cost_begin(&cost);
		burn(20000000);
		sum_cost_end(&cost, begin, 1 << 20, NULL);
	}
	check(!cost.too_slow);
}
