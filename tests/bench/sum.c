/* SPDX-License-Identifier: MIT */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sum-methods.h"

/*
 * How fast frames are summed, beside other ways to do so and beside reading them at all. All
 * methods take turns in one run: what else the machine does slows them all, and the ratios
 * of their medians stay.
 */

#define MAX_BUFFERS 64

struct scene {
	const char *name;
	uint32_t width, height;
	/* Buffers that are not in the cache, or one that is. */
	bool cold;
};

struct result {
	double *seconds;
	double median, p95;
};

struct bench {
	struct method methods[MAX_METHODS];
	size_t method_count, rounds, buffer_count, next, buffer_size;
	uint8_t *buffers[MAX_BUFFERS];
	struct result results[MAX_METHODS];
	bool json;
};

static const struct scene scenes[] = {
	{"1080p-cold", 1920, 1080, true},
	{"1080p-hot", 1920, 1080, false},
	{"4k-cold", 3840, 2160, true},
	{"4k-hot", 3840, 2160, false},
};

static volatile uint64_t sink;

/*
 * The time of this thread, in which others that ran instead do not count; but where a method
 * has more threads than one, that of the clock.
 */
static double get_seconds(const struct method *method)
{
	struct timespec now;

	clock_gettime(method->threads > 1 ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static size_t get_cache_size(void)
{
	long size = sysconf(_SC_LEVEL3_CACHE_SIZE);

	return size > 0 ? (size_t)size : (size_t)8 << 20;
}

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void make_buffers(struct bench *bench, const struct scene *scene)
{
	uint64_t state = 1;

	/* Before a buffer's turn comes again, four caches have gone by. */
	bench->buffer_size = (size_t)scene->width * scene->height * 4;
	bench->buffer_count = scene->cold ? 4 * get_cache_size() / bench->buffer_size + 4 : 2;
	if (bench->buffer_count > MAX_BUFFERS)
		bench->buffer_count = MAX_BUFFERS;
	bench->next = 0;
	for (size_t i = 0; i < bench->buffer_count; i++) {
		bench->buffers[i] = aligned_alloc(4096, bench->buffer_size / 4096 * 4096 + 4096);
		if (bench->buffers[i] == NULL)
			abort();
		for (size_t j = 0; j < bench->buffer_size && i == 0; j += 8) {
			state = state * UINT64_C(6364136223846793005) + 1;
			memcpy(bench->buffers[i] + j, &state, 8);
		}
		if (i > 0)
			memcpy(bench->buffers[i], bench->buffers[0], bench->buffer_size);
	}
}

static void free_buffers(struct bench *bench)
{
	for (size_t i = 0; i < bench->buffer_count; i++)
		free(bench->buffers[i]);
}

static double run_once(
	struct bench *bench, size_t m, const struct scene *scene, struct frame *frame)
{
	const struct method *method = &bench->methods[m];
	double begin;

	frame->data = bench->buffers[bench->next];
	frame->other =
		bench->buffers[(bench->next + bench->buffer_count / 2) % bench->buffer_count];
	if (scene->cold) {
		bench->next = (bench->next + 1) % bench->buffer_count;
	} else {
		sink = method->run(frame);
	}
	begin = get_seconds(method);
	sink = method->run(frame);
	return get_seconds(method) - begin;
}

static void evaluate(struct result *result, size_t count)
{
	qsort(result->seconds, count, sizeof(*result->seconds), compare_doubles);
	result->median = result->seconds[count / 2];
	result->p95 = result->seconds[count * 95 / 100];
}

static void measure(struct bench *bench, const struct scene *scene)
{
	struct frame frames[MAX_METHODS];

	make_buffers(bench, scene);
	for (size_t m = 0; m < bench->method_count; m++) {
		const struct sum_kernel *kernel = bench->methods[m].kernel;

		frames[m] = (struct frame){.width = scene->width,
			.height = scene->height,
			.data = bench->buffers[0],
			.other = bench->buffers[1],
			.size = bench->buffer_size};
		if (kernel != NULL) {
			frames[m].sum = sum_create_with(kernel, scene->width, scene->height, 4);
			wltex_sum_set_threads(frames[m].sum, bench->methods[m].threads);
			wltex_sum_update(frames[m].sum,
				&(struct wltex_sum_pixels){bench->buffers[0], scene->width * 4},
				NULL, NULL);
		}
		bench->results[m].seconds = calloc(bench->rounds, sizeof(double));
	}
	for (size_t round = 0; round < bench->rounds; round++) {
		for (size_t i = 0; i < bench->method_count; i++) {
			size_t m = (i + round) % bench->method_count;

			bench->results[m].seconds[round] = run_once(bench, m, scene, &frames[m]);
		}
	}
	for (size_t m = 0; m < bench->method_count; m++) {
		evaluate(&bench->results[m], bench->rounds);
		wltex_sum_destroy(frames[m].sum);
	}
	free_buffers(bench);
}

static void print_table(const struct bench *bench, const struct scene *scene)
{
	const struct result *read = &bench->results[0];

	printf("%s: %ux%u, %zu buffer%s, %zu rounds\n", scene->name, scene->width, scene->height,
		scene->cold ? bench->buffer_count : 1,
		scene->cold && bench->buffer_count > 1 ? "s" : "", bench->rounds);
	printf("  %-18s %-16s %9s %8s %7s %7s\n", "", "", "median us", "GB/s", "ratio", "at p95");
	for (size_t m = 0; m < bench->method_count; m++) {
		const struct method *method = &bench->methods[m];
		const struct result *result = &bench->results[m];
		double bytes = method->damage ? 256 * 256 * 4 : (double)bench->buffer_size;

		printf("  %-18s %-16s %9.1f %8.2f %7.3f %7.3f\n", method->name, method->what,
			result->median * 1e6, bytes / result->median * 1e-9,
			read->median / result->median, read->p95 / result->p95);
	}
	printf("\n");
}

static void print_json(const struct bench *bench, const struct scene *scene, bool first)
{
	const struct result *read = &bench->results[0];

	printf("%s\n  {\"scene\": \"%s\", \"width\": %u, \"height\": %u, \"rounds\": %zu, "
	       "\"methods\": [",
		first ? "" : ",", scene->name, scene->width, scene->height, bench->rounds);
	for (size_t m = 0; m < bench->method_count; m++) {
		const struct result *result = &bench->results[m];

		printf("%s\n    {\"name\": \"%s\", \"what\": \"%s\", \"median_us\": %.2f, "
		       "\"p95_us\": %.2f, \"ratio\": %.4f, \"p95_ratio\": %.4f}",
			m > 0 ? "," : "", bench->methods[m].name, bench->methods[m].what,
			result->median * 1e6, result->p95 * 1e6, read->median / result->median,
			read->p95 / result->p95);
	}
	printf("]}");
}

static void run_scenes(struct bench *bench, const char *only)
{
	bool first = true;

	if (bench->json) {
		printf("{\"kernel\": \"%s\", \"cpu_features\": \"%s\", \"l3_bytes\": %zu, "
		       "\"scenes\": [",
			wltex_sum_get_kernel(), get_cpu_features(), get_cache_size());
	} else {
		printf("kernel in use: %s; CPU has: %s; L3: %zu KiB\n"
		       "ratio: to the plain read, of medians and of 95th percentiles; times: of the\n"
		       "thread, so that other work does not count, but of the clock for two threads\n\n",
			wltex_sum_get_kernel(), get_cpu_features(), get_cache_size() / 1024);
	}
	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
		if (only != NULL && strcmp(only, scenes[i].name) != 0)
			continue;
		measure(bench, &scenes[i]);
		if (bench->json)
			print_json(bench, &scenes[i], first);
		else
			print_table(bench, &scenes[i]);
		first = false;
		for (size_t m = 0; m < bench->method_count; m++)
			free(bench->results[m].seconds);
	}
	if (bench->json)
		printf("]}\n");
}

int main(int argc, char *argv[])
{
	static const struct option options[] = {
		{"json", no_argument, NULL, 'j'},
		{"rounds", required_argument, NULL, 'r'},
		{"scene", required_argument, NULL, 's'},
		{0},
	};
	struct bench bench = {.rounds = 101};
	const char *only = NULL;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'j':
			bench.json = true;
			break;
		case 'r':
			bench.rounds = strtoul(optarg, NULL, 10);
			break;
		case 's':
			only = optarg;
			break;
		default:
			bench.rounds = 0;
		}
	}
	if (bench.rounds == 0 || optind < argc) {
		fprintf(stderr, "usage: %s [--json] [--rounds N] [--scene NAME]\n", argv[0]);
		return 1;
	}
	bench.method_count = get_methods(bench.methods);
	run_scenes(&bench, only);
	return 0;
}
