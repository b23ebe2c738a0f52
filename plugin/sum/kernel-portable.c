/* SPDX-License-Identifier: MIT */
#include <endian.h>
#include <pthread.h>
#include <string.h>
#include <zlib.h>

#include "sum/poly.h"
#include "sum/segments.h"

/*
 * The kernel for machines without a carry-less multiplication: tables, of 64 bits, so that one
 * look-up counts for CRC-32 and CRC-32C alike. A sum is the tile's polynomial modulo P * Q.
 */

/* tables[n][b]: byte b with n + 1 zero bytes after it; 16 KiB, so that it stays in any cache. */
static uint64_t tables[8][256];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_tables(void)
{
	uint64_t factor = sum_poly64_modulus();

	for (unsigned int n = 0; n < 8; n++)
		factor = sum_poly64_make_table(tables[n], 256, factor);
}

/* The sum eight zero bytes later, two bytes of each of its halves at a time. */
static inline uint64_t advance(uint64_t sum)
{
	uint32_t a = (uint32_t)sum, b = (uint32_t)(sum >> 32);
	uint64_t next = tables[7][a & 0xff] ^ tables[6][a >> 8 & 0xff] ^ tables[3][b & 0xff] ^
			tables[2][b >> 8 & 0xff];

	a >>= 16;
	b >>= 16;
	return next ^ tables[5][a & 0xff] ^ tables[4][a >> 8] ^ tables[1][b & 0xff] ^
	       tables[0][b >> 8];
}

static inline uint64_t add_word(uint64_t sum, const uint8_t *data)
{
	uint64_t word;

	memcpy(&word, data, sizeof(word));
	return advance(sum) ^ le64toh(word);
}

static inline uint64_t add_byte(uint64_t sum, uint8_t byte)
{
	return tables[0][sum & 0xff] ^ sum >> 8 ^ (uint64_t)byte << 56;
}

/* Up to four tiles at once, as each waits for its last step. count is written out by the callers
 * so that it is a constant in here; only one tile can have a size that is no multiple of 8. */
static inline __attribute__((always_inline)) void add_some(
	uint64_t *sums, uint32_t count, const uint8_t *data, size_t size)
{
	uint64_t s[4];
	size_t i = 0;

#pragma GCC unroll 4
	for (uint32_t c = 0; c < count; c++)
		s[c] = sums[c];
	for (; i + 8 <= size; i += 8) {
#pragma GCC unroll 4
		for (uint32_t c = 0; c < count; c++)
			s[c] = add_word(s[c], data + c * size + i);
	}
	for (; i < size; i++)
		s[0] = add_byte(s[0], data[i]);
#pragma GCC unroll 4
	for (uint32_t c = 0; c < count; c++)
		sums[c] = s[c];
}

static void add(uint64_t *sums, uint32_t count, const uint8_t *data, size_t size)
{
	/* A sum takes two registers of 32 bits, and then there are none left for another tile. */
	uint32_t most = sizeof(size_t) < sizeof(*sums) ? 1 : 4, n;

	for (; count > 0; count -= n, sums += n, data += n * size) {
		n = count < most ? count : most;
		switch (n) {
		case 4:
			add_some(sums, 4, data, size);
			break;
		case 3:
			add_some(sums, 3, data, size);
			break;
		case 2:
			add_some(sums, 2, data, size);
			break;
		default:
			add_some(sums, 1, data, size);
		}
	}
}

/* A CRC is the remainder of the polynomial times x^32. */
static uint32_t get_crc(uint32_t modulus, uint64_t sum)
{
	return sum_poly_multiply(modulus, sum_poly64_reduce(modulus, sum), modulus);
}

static void finish(struct sum_tile *tile, uint64_t sum, uint64_t part)
{
	tile->crc32 = get_crc(SUM_CRC32, sum);
	tile->crc32c = get_crc(SUM_CRC32C, sum);
	tile->part = get_crc(SUM_CRC32, part);
}

static void sum_tiles(const struct sum_layout *layout, const uint8_t *data, size_t stride,
	uint32_t rows, uint32_t column, uint32_t count, struct sum_tile *tiles)
{
	static const struct sum_rows method = {.add = add, .mask = UINT64_MAX, .finish = finish};

	pthread_once(&once, make_tables);
	sum_tiles_by_rows(&method, layout, data, stride, rows, column, count, tiles);
}

static uint32_t sum_bytes(uint32_t crc, const void *data, size_t size)
{
	/* With NULL zlib would begin anew. */
	return size == 0 ? crc : (uint32_t)crc32_z(crc, data, size);
}

static bool is_available(void)
{
	return true;
}

const struct sum_kernel sum_kernel_portable = {
	.name = "portable",
	.is_available = is_available,
	.sum_tiles = sum_tiles,
	.dot = sum_dot_by_shifts,
	.sum_bytes = sum_bytes,
};
