/* SPDX-License-Identifier: MIT */
#include <endian.h>
#include <pthread.h>
#include <string.h>
#include <zlib.h>

#include "sum/kernel.h"
#include "sum/poly.h"

/*
 * The kernel for machines without a carry-less multiplication: zlib for CRC-32, tables for
 * CRC-32C, which zlib does not have.
 */

/* crc32c_tables[n][b]: the CRC of byte b with n zero bytes behind it. */
static uint32_t crc32c_tables[8][256];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_tables(void)
{
	for (uint32_t b = 0; b < 256; b++)
		crc32c_tables[0][b] = sum_poly_multiply(SUM_CRC32C, b, SUM_BYTE32);
	for (unsigned int n = 1; n < 8; n++) {
		for (unsigned int b = 0; b < 256; b++) {
			uint32_t crc = crc32c_tables[n - 1][b];

			crc32c_tables[n][b] = crc32c_tables[0][crc & 0xff] ^ (crc >> 8);
		}
	}
}

static uint32_t crc32c_linear(uint32_t crc, const uint8_t *data, size_t size)
{
	for (; size >= 8; data += 8, size -= 8) {
		uint64_t word;

		memcpy(&word, data, 8);
		word = le64toh(word) ^ crc;
		crc = 0;
		for (unsigned int n = 0; n < 8; n++)
			crc ^= crc32c_tables[7 - n][word >> (8 * n) & 0xff];
	}
	for (; size > 0; data++, size--)
		crc = crc32c_tables[0][(crc ^ *data) & 0xff] ^ (crc >> 8);
	return crc;
}

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

static void add_row(struct sum_tile *tile, const struct segment *segment,
	const struct multiplier *row, const uint8_t *data)
{
	uint32_t crc = (uint32_t)crc32_z(0, data, segment->size) ^ segment->zeros;

	tile->crc32 = multiply(&segment->advance, tile->crc32) ^ crc;
	tile->part = multiply(row, tile->part) ^ crc;
	tile->crc32c = crc32c_linear(tile->crc32c, data, segment->size);
}

static void zlib_sum_tiles(const struct sum_layout *layout, const uint8_t *data, size_t stride,
	uint32_t rows, uint32_t column, uint32_t count, struct sum_tile *tiles)
{
	struct segment segment, last;
	struct multiplier row;
	uint32_t whole = count;

	pthread_once(&once, make_tables);
	multiplier_init(&row, sum_poly_power(SUM_CRC32, SUM_BYTE32, layout->row_bytes));
	segment_init(&segment, layout->segment_bytes);
	if (column + count == layout->columns) {
		segment_init(&last, layout->last_bytes);
		whole--;
	}

	memset(tiles, 0, count * sizeof(*tiles));
	for (uint32_t y = 0; y < rows; y++, data += stride) {
		for (uint32_t c = 0; c < whole; c++)
			add_row(&tiles[c], &segment, &row, data + c * segment.size);
		if (whole < count)
			add_row(&tiles[whole], &last, &row, data + whole * segment.size);
	}
}

static uint32_t zlib_dot(const uint32_t *a, const uint32_t *b, size_t count)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum ^= sum_poly_multiply(SUM_CRC32, a[i], b[i]);
	return sum;
}

static uint32_t zlib_sum_bytes(uint32_t crc, const void *data, size_t size)
{
	/* With NULL zlib would begin anew. */
	return size == 0 ? crc : (uint32_t)crc32_z(crc, data, size);
}

static bool zlib_is_available(void)
{
	return true;
}

const struct sum_kernel sum_kernel_zlib = {
	.name = "zlib",
	.is_available = zlib_is_available,
	.sum_tiles = zlib_sum_tiles,
	.dot = zlib_dot,
	.sum_bytes = zlib_sum_bytes,
};
