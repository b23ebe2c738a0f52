/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "sum/poly.h"
#include "sum/segments.h"

/* Multiplication by a constant: a table per 4 bits of the other factor. */
struct multiplier {
	uint32_t table[8][16];
};

static void multiplier_init(struct multiplier *m, uint32_t factor)
{
	for (unsigned int n = 0; n < 8; n++) {
		for (uint32_t i = 0; i < 16; i++) {
			m->table[n][i] = sum_poly_multiply(SUM_CRC32, i << (4 * n), factor);
		}
	}
}

static uint32_t multiply(const struct multiplier *m, uint32_t a)
{
	uint32_t product = 0;

	for (unsigned int n = 0; n < 8; n++)
		product ^= m->table[n][a >> (4 * n) & 0xf];
	return product;
}

/* What the rows of a tile are made of, and its CRC of as many zero bytes as a row has. */
struct segment {
	size_t size;
	uint32_t zeros;
	struct multiplier advance;
};

static void segment_init(struct segment *segment, size_t size)
{
	uint32_t power = sum_poly_power(SUM_CRC32, SUM_BYTE32, size);

	segment->size = size;
	segment->zeros = sum_poly_zeros(SUM_CRC32, power);
	multiplier_init(&segment->advance, power);
}

static void add_row(sum_row_func *sum_row, struct sum_tile *tile, const struct segment *segment,
	const struct multiplier *row, const uint8_t *data)
{
	uint32_t crc = sum_row(data, segment->size, &tile->crc32c) ^ segment->zeros;

	tile->crc32 = multiply(&segment->advance, tile->crc32) ^ crc;
	tile->part = multiply(row, tile->part) ^ crc;
}

void sum_tiles_by_rows(sum_row_func *sum_row, const struct sum_layout *layout, const uint8_t *data,
	size_t stride, uint32_t rows, uint32_t column, uint32_t count, struct sum_tile *tiles)
{
	struct segment segment, last;
	struct multiplier row;
	uint32_t whole = count;

	multiplier_init(&row, sum_poly_power(SUM_CRC32, SUM_BYTE32, layout->row_bytes));
	segment_init(&segment, layout->segment_bytes);
	segment_init(&last, layout->last_bytes);
	if (column + count == layout->columns)
		whole--;

	memset(tiles, 0, count * sizeof(*tiles));
	for (uint32_t y = 0; y < rows; y++, data += stride) {
		for (uint32_t c = 0; c < whole; c++)
			add_row(sum_row, &tiles[c], &segment, &row, data + c * segment.size);
		if (whole < count)
			add_row(sum_row, &tiles[whole], &last, &row, data + whole * segment.size);
	}
}

uint32_t sum_dot_by_shifts(const uint32_t *a, const uint32_t *b, size_t count)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum ^= sum_poly_multiply(SUM_CRC32, a[i], b[i]);
	return sum;
}
