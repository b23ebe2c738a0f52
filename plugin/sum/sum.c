/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "sum/constants.h"
#include "sum/grid.h"
#include "sum/poly.h"
#include "sum/workers.h"
#include "util/export.h"

/* Regions have signed coordinates. */
#define MAX_SIDE INT32_MAX

#define MIN_THREAD_BYTES ((size_t)2 << 20)
/* More do not read memory faster. */
#define MAX_THREADS 8

static uint32_t to_tiles(uint32_t size)
{
	return (size - 1) / WLTEX_TILE_SIZE + 1;
}

static void init_layout(struct sum_layout *layout, uint32_t width, uint32_t bytes_per_pixel)
{
	layout->columns = to_tiles(width);
	layout->row_bytes = (size_t)width * bytes_per_pixel;
	layout->segment_bytes = (size_t)WLTEX_TILE_SIZE * bytes_per_pixel;
	layout->last_bytes = layout->row_bytes - (layout->columns - 1) * layout->segment_bytes;
	layout->row = sum_make_fold(layout->row_bytes);
	layout->segment = sum_make_fold(layout->segment_bytes);
	layout->last = sum_make_fold(layout->last_bytes);
}

static uint32_t power32(uint32_t base, uint64_t exponent)
{
	return sum_poly_power(SUM_CRC32, base, exponent);
}

/* weights[i] is last * step^(count - 2 - i), and 1 for the last. */
static void init_weights(uint32_t *weights, uint32_t count, uint32_t last, uint32_t step)
{
	uint32_t weight = last;

	weights[count - 1] = SUM_ONE32;
	for (uint32_t i = count - 1; i > 0; i--) {
		weights[i - 1] = weight;
		weight = sum_poly_multiply(SUM_CRC32, weight, step);
	}
}

static void init_powers(struct wltex_sum *sum)
{
	const struct sum_layout *layout = &sum->layout;
	uint32_t last_height = sum->height - (sum->rows - 1) * WLTEX_TILE_SIZE;
	uint32_t x_row = power32(SUM_BYTE32, layout->row_bytes);
	uint32_t x_widths[2] = {
		power32(SUM_BYTE32, layout->segment_bytes),
		power32(SUM_BYTE32, layout->last_bytes),
	};
	uint32_t heights[2] = {WLTEX_TILE_SIZE, last_height};

	sum->frame_zeros = sum_poly_zeros(SUM_CRC32, power32(x_row, sum->height));
	for (unsigned int r = 0; r < 2; r++) {
		for (unsigned int c = 0; c < 2; c++) {
			uint32_t x_tile = power32(x_widths[c], heights[r]);

			sum->tile_zeros[r][c] = sum_poly_zeros(SUM_CRC32, x_tile);
		}
	}
	init_weights(sum->column_weights, layout->columns, x_widths[1], x_widths[0]);
	init_weights(sum->row_weights, sum->rows, power32(x_row, last_height),
		power32(x_row, WLTEX_TILE_SIZE));
}

struct wltex_sum *sum_create_with(
	const struct sum_kernel *kernel, uint32_t width, uint32_t height, uint32_t bytes_per_pixel)
{
	struct wltex_sum *sum;
	size_t tiles, words;

	if (width == 0 || width > MAX_SIDE || height == 0 || height > MAX_SIDE ||
		(bytes_per_pixel != 1 && bytes_per_pixel != 2 && bytes_per_pixel != 4 &&
			bytes_per_pixel != 8)) {
		errno = EINVAL;
		return NULL;
	}

	sum = calloc(1, sizeof(*sum));
	if (sum == NULL)
		return NULL;
	sum->kernel = kernel;
	sum->width = width;
	sum->height = height;
	sum->rows = to_tiles(height);
	sum->mask_words = (to_tiles(width) + 63) / 64;
	if (__builtin_mul_overflow((size_t)to_tiles(width), sum->rows, &tiles) ||
		__builtin_mul_overflow(sum->mask_words, sum->rows, &words)) {
		errno = ENOMEM;
		goto error;
	}
	sum->tiles = calloc(tiles, sizeof(*sum->tiles));
	sum->column_weights = calloc(to_tiles(width), sizeof(*sum->column_weights));
	sum->row_weights = calloc(sum->rows, sizeof(*sum->row_weights));
	sum->dirty = calloc(words, sizeof(*sum->dirty));
	sum->changed = calloc(words, sizeof(*sum->changed));
	if (sum->tiles == NULL || sum->column_weights == NULL || sum->row_weights == NULL ||
		sum->dirty == NULL || sum->changed == NULL)
		goto error;

	init_layout(&sum->layout, width, bytes_per_pixel);
	init_powers(sum);
	return sum;

error:
	wltex_sum_destroy(sum);
	errno = ENOMEM;
	return NULL;
}

WLTEX_EXPORT struct wltex_sum *wltex_sum_create(
	uint32_t width, uint32_t height, uint32_t bytes_per_pixel)
{
	return sum_create_with(sum_kernel_choose(), width, height, bytes_per_pixel);
}

WLTEX_EXPORT void wltex_sum_destroy(struct wltex_sum *sum)
{
	if (sum == NULL)
		return;
	sum_workers_destroy(sum->workers);
	free(sum->tiles);
	free(sum->column_weights);
	free(sum->row_weights);
	free(sum->dirty);
	free(sum->changed);
	free(sum);
}

static size_t count_bits(const struct wltex_sum *sum, const uint64_t *mask)
{
	size_t count = 0;

	for (size_t i = 0; i < sum->rows * sum->mask_words; i++)
		count += (size_t)__builtin_popcountll(mask[i]);
	return count;
}

/* An update that several threads work on: each takes the next row of tiles. */
struct job {
	struct wltex_sum *sum;
	const struct wltex_sum_pixels *pixels;
	atomic_uint_fast32_t next_row, delta;
};

static void run_job(void *data)
{
	struct job *job = data;
	uint32_t row, delta = 0;

	while ((row = (uint32_t)atomic_fetch_add(&job->next_row, 1)) < job->sum->rows)
		delta ^= sum_update_band(job->sum, job->pixels, row);
	atomic_fetch_xor(&job->delta, delta);
}

size_t sum_count_bytes(const struct wltex_sum *sum)
{
	size_t frame_bytes = sum->layout.row_bytes * sum->height;
	size_t bytes = count_bits(sum, sum->dirty) * sum->layout.segment_bytes * WLTEX_TILE_SIZE;

	return bytes < frame_bytes ? bytes : frame_bytes;
}

WLTEX_EXPORT size_t wltex_sum_update(struct wltex_sum *sum, const struct wltex_sum_pixels *pixels,
	const pixman_region32_t *damage, pixman_region32_t *changed)
{
	struct job job = {.sum = sum, .pixels = pixels};

	if (sum == NULL || pixels == NULL || pixels->data == NULL ||
		pixels->stride < sum->layout.row_bytes) {
		errno = EINVAL;
		return SIZE_MAX;
	}
	sum_mark_damage(sum, sum->has_sums ? damage : NULL);
	memset(sum->changed, 0, sum->rows * sum->mask_words * sizeof(*sum->changed));
	/* Waking a thread up costs about as much as summing a megabyte. */
	if (sum->workers != NULL && sum_count_bytes(sum) >= MIN_THREAD_BYTES)
		sum_workers_run(sum->workers, run_job, &job);
	else
		run_job(&job);
	sum->frame ^= (uint32_t)job.delta;
	sum->has_sums = true;
	if (changed != NULL)
		sum_get_changed(sum, changed);
	return count_bits(sum, sum->changed);
}

WLTEX_EXPORT int wltex_sum_set_threads(struct wltex_sum *sum, uint32_t threads)
{
	uint32_t cores = sum_count_cores();
	struct sum_workers *workers = NULL;

	if (sum == NULL)
		return -EINVAL;
	if (threads > cores)
		threads = cores;
	if (threads > MAX_THREADS)
		threads = MAX_THREADS;
	if (threads > 1) {
		workers = sum_workers_create(threads - 1);
		if (workers == NULL)
			return -errno;
	}
	sum_workers_destroy(sum->workers);
	sum->workers = workers;
	return threads > 1 ? (int)threads : 1;
}

WLTEX_EXPORT void wltex_sum_reset(struct wltex_sum *sum)
{
	/* The sums themselves stay: the next update goes on from them, and its differences
	 * lead to the right frame. */
	if (sum != NULL)
		sum->has_sums = false;
}

WLTEX_EXPORT uint32_t wltex_sum_get_frame(const struct wltex_sum *sum)
{
	return sum != NULL ? sum->frame ^ sum->frame_zeros : 0;
}

WLTEX_EXPORT void wltex_sum_get_grid(const struct wltex_sum *sum, uint32_t *columns, uint32_t *rows)
{
	if (columns != NULL)
		*columns = sum != NULL ? sum->layout.columns : 0;
	if (rows != NULL)
		*rows = sum != NULL ? sum->rows : 0;
}

struct sum_tile sum_get_tile(const struct wltex_sum *sum, uint32_t column, uint32_t row)
{
	return sum->tiles[(size_t)row * sum->layout.columns + column];
}

WLTEX_EXPORT uint32_t wltex_sum_get_tile(const struct wltex_sum *sum, uint32_t column, uint32_t row)
{
	if (sum == NULL || column >= sum->layout.columns || row >= sum->rows) {
		errno = EINVAL;
		return 0;
	}
	bool last_column = column == sum->layout.columns - 1, last_row = row == sum->rows - 1;

	return sum_get_tile(sum, column, row).crc32 ^ sum->tile_zeros[last_row][last_column];
}
