/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/gpu.h"
#include "sum/poly.h"

/*
 * The thread (i, j) of a work group has the pixels i + 16 m of the rows j + 16 k of a tile whose
 * right and bottom edge are the group's: what is missing of a smaller tile are leading zeros,
 * which do not count. What a row adds to a tile is multiplied by x to the power of the bits of
 * a row of it for each row below; to the frame, by those of a row of the frame.
 */
#define THREADS 16
#define WORD_BITS 32
#define BYTES_PER_PIXEL 4

/* As struct sum_tile, and a word that aligns it. */
enum {
	LANE_CRC32,
	LANE_CRC32C,
	LANE_PART,
	N_LANES = 4,
};

static const uint32_t moduli[] = {SUM_CRC32, SUM_CRC32C, SUM_CRC32};

/* For tiles of the last column or all others. Vectors of N_LANES words. */
struct tile_shape {
	uint32_t step[WORD_BITS][N_LANES];           // by 16 rows, what each bit becomes
	uint32_t weight[THREADS * THREADS][N_LANES]; // of each thread
};

static void set_steps(struct tile_shape *shape, int lane, uint32_t x_row)
{
	uint32_t step = sum_poly_power(moduli[lane], x_row, THREADS);

	for (unsigned int bit = 0; bit < WORD_BITS; bit++)
		shape->step[bit][lane] = sum_poly_multiply(moduli[lane], UINT32_C(1) << bit, step);
}

/* A CRC is of the message times x^32; then each pixel to the right is 32 bits. */
static void set_weights(struct tile_shape *shape, int lane, uint32_t x_row)
{
	uint32_t x_pixel = sum_poly_power(moduli[lane], SUM_BYTE32, BYTES_PER_PIXEL);
	uint32_t row = x_pixel;

	for (int j = THREADS - 1; j >= 0; j--) {
		uint32_t weight = row;

		for (int i = THREADS - 1; i >= 0; i--) {
			shape->weight[j * THREADS + i][lane] = weight;
			weight = sum_poly_multiply(moduli[lane], weight, x_pixel);
		}
		row = sum_poly_multiply(moduli[lane], row, x_row);
	}
}

static void set_tile_shape(struct tile_shape *shape, const struct sum_layout *layout, bool last)
{
	size_t tile_bytes = last ? layout->last_bytes : layout->segment_bytes;

	for (int lane = 0; lane <= LANE_PART; lane++) {
		size_t bytes = lane == LANE_PART ? layout->row_bytes : tile_bytes;
		uint32_t x_row = sum_poly_power(moduli[lane], SUM_BYTE32, bytes);

		set_steps(shape, lane, x_row);
		set_weights(shape, lane, x_row);
	}
}

uint32_t *gpu_shape_make(const struct wltex_sum *grid, size_t *size)
{
	size_t columns = grid->layout.columns, rows = grid->rows;
	struct tile_shape *shapes;
	uint32_t *words;

	*size = 2 * sizeof(*shapes) + (columns + rows) * sizeof(*words);
	shapes = calloc(1, *size);
	if (shapes == NULL)
		return NULL;
	set_tile_shape(&shapes[0], &grid->layout, false);
	set_tile_shape(&shapes[1], &grid->layout, true);
	words = (uint32_t *)&shapes[2];
	memcpy(words, grid->column_weights, columns * sizeof(*words));
	memcpy(words + columns, grid->row_weights, rows * sizeof(*words));
	return (uint32_t *)shapes;
}
