/* SPDX-License-Identifier: MIT */
#include <arm_acle.h>
#include <asm/hwcap.h>
#include <string.h>
#include <sys/auxv.h>

#include "sum/poly.h"
#include "sum/segments.h"

/* The kernel for ARM processors that have no PMULL, but the CRC32 instructions. */

static uint64_t load(const uint8_t *data)
{
	uint64_t word;

	memcpy(&word, data, sizeof(word));
	return word;
}

static uint32_t update_crc32(uint32_t crc, const uint8_t *data, size_t size)
{
	for (; size >= 8; data += 8, size -= 8)
		crc = __crc32d(crc, load(data));
	for (; size > 0; data++, size--)
		crc = __crc32b(crc, *data);
	return crc;
}

/* Both at once, as each waits for its last step. A sum is CRC-32, and CRC-32C below it. */
static void add_one(uint64_t *sum, const uint8_t *data, size_t size)
{
	uint32_t p = (uint32_t)(*sum >> 32), q = (uint32_t)*sum;

	for (; size >= 8; data += 8, size -= 8) {
		p = __crc32d(p, load(data));
		q = __crc32cd(q, load(data));
	}
	for (; size > 0; data++, size--) {
		p = __crc32b(p, *data);
		q = __crc32cb(q, *data);
	}
	*sum = (uint64_t)p << 32 | q;
}

static void add(uint64_t *sums, uint32_t count, const uint8_t *data, size_t size)
{
	for (; count > 0; count--, sums++, data += size)
		add_one(sums, data, size);
}

static void finish(struct sum_tile *tile, uint64_t sum, uint64_t part)
{
	tile->crc32 = (uint32_t)(sum >> 32);
	tile->crc32c = (uint32_t)sum;
	tile->part = sum_poly64_reduce(SUM_CRC32, part);
}

static void sum_tiles(const struct sum_layout *layout, const uint8_t *data, size_t stride,
	uint32_t rows, uint32_t column, uint32_t count, struct sum_tile *tiles)
{
	static const struct sum_rows method = {
		.add = add, .mask = UINT64_MAX << 32, .finish = finish};

	sum_tiles_by_rows(&method, layout, data, stride, rows, column, count, tiles);
}

static uint32_t sum_bytes(uint32_t crc, const void *data, size_t size)
{
	return ~update_crc32(~crc, data, size);
}

static bool is_available(void)
{
	return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0;
}

const struct sum_kernel sum_kernel_armv8_crc32 = {
	.name = "armv8-crc32",
	.is_available = is_available,
	.sum_tiles = sum_tiles,
	.dot = sum_dot_by_shifts,
	.sum_bytes = sum_bytes,
};
