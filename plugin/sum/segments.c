/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "sum/poly.h"
#include "sum/segments.h"

/* Multiplication by a constant: a table per 4 bits of the other factor. */
struct multiplier {
	uint64_t table[16][16];
};

static void multiplier_init(struct multiplier *m, uint64_t factor)
{
	for (unsigned int n = 16; n > 0; n--)
		factor = sum_poly64_make_table(m->table[n - 1], 16, factor);
}

static uint64_t multiply(const struct multiplier *m, uint64_t a)
{
	uint64_t product = 0;

#pragma GCC unroll 16
	for (unsigned int n = 0; n < 16; n++)
		product ^= m->table[n][a >> (4 * n) & 0xf];
	return product;
}

/* x to the power of the bits that fold is for. */
static uint64_t get_power(struct sum_fold fold)
{
	return sum_poly64_shift(fold.second);
}

/*
 * With t(y) for the sum of a tile's rows up to y, and a and b for the powers of x that rows of
 * the tile and of the frame stand for, the last row alone is t(y) + a * t(y - 1), and so the
 * rows at their distance in the frame are t(last) + (a + b) * above, where above is the sum of
 * b^(last - 1 - y) * t(y) for all y before the last. That is one multiplication per row.
 */
struct columns {
	/* How many there are, and how many of them have the width of the first. */
	uint32_t count, whole;
	uint64_t sums[SUM_MAX_COLUMNS], above[SUM_MAX_COLUMNS];
};

static void init_columns(
	struct columns *columns, const struct sum_layout *layout, uint32_t column, uint32_t count)
{
	bool narrow =
		column + count == layout->columns && layout->last_bytes < layout->segment_bytes;

	memset(columns, 0, sizeof(*columns));
	columns->count = count;
	columns->whole = narrow ? count - 1 : count;
}

static void add_row(struct columns *columns, const struct sum_rows *method,
	const struct sum_layout *layout, const struct multiplier *row, const uint8_t *data)
{
	uint64_t *sums = columns->sums, *above = columns->above;
	uint32_t whole = columns->whole;

	for (uint32_t c = 0; c < columns->count; c++)
		above[c] = multiply(row, above[c]) ^ (sums[c] & method->mask);
	method->add(sums, whole, data, layout->segment_bytes);
	if (whole < columns->count)
		method->add(
			&sums[whole], 1, data + whole * layout->segment_bytes, layout->last_bytes);
}

void sum_tiles_by_rows(const struct sum_rows *method, const struct sum_layout *layout,
	const uint8_t *data, size_t stride, uint32_t rows, uint32_t column, uint32_t count,
	struct sum_tile *tiles)
{
	uint64_t b = get_power(layout->row);
	struct columns columns;
	struct multiplier row = {0};

	init_columns(&columns, layout, column, count);
	multiplier_init(&row, b);
	for (uint32_t y = 0; y < rows; y++, data += stride)
		add_row(&columns, method, layout, &row, data);
	for (uint32_t c = 0; c < count; c++) {
		uint64_t a = get_power(c < columns.whole ? layout->segment : layout->last);
		uint64_t sum = columns.sums[c];

		method->finish(&tiles[c], sum,
			(sum & method->mask) ^ sum_poly64_multiply(a ^ b, columns.above[c]));
	}
}

uint32_t sum_dot_by_shifts(const uint32_t *a, const uint32_t *b, size_t count)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum ^= sum_poly_multiply(SUM_CRC32, a[i], b[i]);
	return sum;
}
