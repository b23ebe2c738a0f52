/* SPDX-License-Identifier: MIT */
#include <pixman.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "sum-reference.h"
#include "sum/workers.h"
#include "test.h"

static int count_threads(void)
{
	FILE *status = fopen("/proc/self/status", "r");
	char line[256];
	int count = -1;

	check(status != NULL);
	while (fgets(line, sizeof(line), status) != NULL)
		sscanf(line, "Threads: %d", &count);
	fclose(status);
	return count;
}

/* A thread that was joined may be counted for a moment longer. */
static void check_threads(int expected)
{
	for (int i = 0; i < 1000 && count_threads() != expected; i++)
		usleep(1000);
	check_int(count_threads(), expected);
}

/* The threads without ours: sanitizers start one of their own along with the first. */
static int count_others(void)
{
	sum_workers_destroy(sum_workers_create(1));
	usleep(100000);
	return count_threads();
}

/* Large enough for threads to be used. */
#define WIDTH 1111
#define HEIGHT 777

TEST(threads_change_nothing)
{
	uint64_t state = 1;
	struct picture p = make_picture(&state, WIDTH, HEIGHT, 4, 8, 0);
	struct wltex_sum_pixels pixels = picture_pixels(&p);
	struct wltex_sum *sum = wltex_sum_create(WIDTH, HEIGHT, 4);
	pixman_region32_t changed;

	if (wltex_sum_set_threads(sum, 2) != 2)
		test_skip("this machine has one core");
	pixman_region32_init(&changed);
	check_int(wltex_sum_update(sum, &pixels, NULL, NULL), 18 * 13);
	for (int i = 0; i < 300; i++) {
		uint32_t x = next_random(&state) % WIDTH, y = next_random(&state) % HEIGHT;

		check_int(wltex_sum_get_frame(sum), reference_crc32(&p, 0, 0, WIDTH, HEIGHT));
		p.data[y * p.stride + x * 4] ^= 1;
		check_int(wltex_sum_update(sum, &pixels, NULL, &changed), 1);
		check(pixman_region32_contains_point(&changed, (int)x, (int)y, NULL));
		check_int(wltex_sum_get_tile(sum, x / 64, y / 64),
			reference_crc32(&p, x / 64 * 64, y / 64 * 64,
				x / 64 < 17 ? 64 : WIDTH - 17 * 64,
				y / 64 < 12 ? 64 : HEIGHT - 12 * 64));
	}
	pixman_region32_fini(&changed);
	wltex_sum_destroy(sum);
	free(p.memory);
}

TEST(off_unless_asked)
{
	uint64_t state = 2;
	struct picture p = make_picture(&state, WIDTH, HEIGHT, 4, 0, 0);
	struct wltex_sum_pixels pixels = picture_pixels(&p);
	struct wltex_sum *sum = wltex_sum_create(WIDTH, HEIGHT, 4);
	int before = count_others();

	wltex_sum_update(sum, &pixels, NULL, NULL);
	check_threads(before);
	check(wltex_sum_set_threads(sum, 4) >= 1);
	check(count_threads() <= before + 3);
	check_int(wltex_sum_set_threads(sum, 1), 1);
	check_threads(before);
	check_int(wltex_sum_set_threads(sum, 0), 1);
	wltex_sum_set_threads(sum, 2);
	wltex_sum_destroy(sum);
	check_threads(before);
	free(p.memory);
}

TEST(no_more_than_cores)
{
	struct wltex_sum *sum = wltex_sum_create(WIDTH, HEIGHT, 4);
	int before = count_others();
	cpu_set_t set;

	check(wltex_sum_set_threads(sum, UINT32_MAX) <= (int)sum_count_cores());
	check(sched_getaffinity(0, sizeof(set), &set) == 0);
	for (size_t cpu = CPU_SETSIZE - 1; CPU_COUNT(&set) > 1; cpu--)
		CPU_CLR(cpu, &set);
	check(sched_setaffinity(0, sizeof(set), &set) == 0);
	check_int(sum_count_cores(), 1);
	check_int(wltex_sum_set_threads(sum, 2), 1);
	check_threads(before);
	wltex_sum_destroy(sum);
}

struct tally {
	unsigned int runs;
};

static void count_run(void *data)
{
	struct tally *tally = data;

	__atomic_fetch_add(&tally->runs, 1, __ATOMIC_RELAXED);
}

/* Jobs that end before workers wake up, one right behind the other. */
TEST(short_jobs)
{
	struct sum_workers *workers = sum_workers_create(3);

	for (int i = 0; i < 20000; i++) {
		struct tally tally = {0};

		sum_workers_run(workers, count_run, &tally);
		check(tally.runs >= 1 && tally.runs <= 4);
	}
	sum_workers_destroy(workers);
	sum_workers_destroy(NULL);
}

static volatile sig_atomic_t signals_here;
static pthread_t main_thread;

static void on_signal(int number)
{
	if (pthread_equal(pthread_self(), main_thread))
		signals_here++;
}

/* A signal to the process never interrupts a worker. */
TEST(signals_are_not_for_workers)
{
	struct sum_workers *workers = sum_workers_create(2);

	main_thread = pthread_self();
	signal(SIGUSR1, on_signal);
	for (int i = 1; i <= 100; i++) {
		check(kill(getpid(), SIGUSR1) == 0);
		check_int(signals_here, i);
	}
	sum_workers_destroy(workers);
}
