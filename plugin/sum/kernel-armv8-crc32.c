/* SPDX-License-Identifier: MIT */
#include <arm_acle.h>
#include <asm/hwcap.h>
#include <string.h>
#include <sys/auxv.h>

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

/* Both at once, as each waits for its last step. */
static uint32_t sum_row(const uint8_t *data, size_t size, uint32_t *crc32c)
{
	uint32_t p = UINT32_MAX, q = *crc32c;

	for (; size >= 8; data += 8, size -= 8) {
		p = __crc32d(p, load(data));
		q = __crc32cd(q, load(data));
	}
	for (; size > 0; data++, size--) {
		p = __crc32b(p, *data);
		q = __crc32cb(q, *data);
	}
	*crc32c = q;
	return ~p;
}

static void sum_tiles(const struct sum_layout *layout, const uint8_t *data, size_t stride,
	uint32_t rows, uint32_t column, uint32_t count, struct sum_tile *tiles)
{
	sum_tiles_by_rows(sum_row, layout, data, stride, rows, column, count, tiles);
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
