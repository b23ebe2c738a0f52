/* SPDX-License-Identifier: MIT */
#include <endian.h>
#include <pthread.h>
#include <string.h>
#include <zlib.h>

#include "sum/kernel.h"
#include "sum/poly.h"
#include "sum/segments.h"

/*
 * The kernel for machines without a carry-less multiplication: zlib for CRC-32, tables for
 * CRC-32C, which zlib does not have.
 */

/* crc32c_tables[n][b]: the CRC of byte b with n zero bytes after it. */
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

static uint32_t sum_row(const uint8_t *data, size_t size, uint32_t *crc32c)
{
	*crc32c = crc32c_linear(*crc32c, data, size);
	return (uint32_t)crc32_z(0, data, size);
}

static void zlib_sum_tiles(const struct sum_layout *layout, const uint8_t *data, size_t stride,
	uint32_t rows, uint32_t column, uint32_t count, struct sum_tile *tiles)
{
	pthread_once(&once, make_tables);
	sum_tiles_by_rows(sum_row, layout, data, stride, rows, column, count, tiles);
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
	.dot = sum_dot_by_shifts,
	.sum_bytes = zlib_sum_bytes,
};
