/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_SUM_REFERENCE_H
#define TESTS_UNIT_SUM_REFERENCE_H

/* Content sums the slow and obvious way, to compare with. */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include <wltex/sum.h>

struct picture {
	uint32_t width, height, bpp;
	size_t stride, offset;
	uint8_t *memory, *data;
};

static inline uint32_t next_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*state >> 33);
}

static inline void fill_random(uint64_t *state, uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		data[i] = (uint8_t)next_random(state);
}

/* Random pixels, padding bytes behind each row, offset bytes before the first. */
static inline struct picture make_picture(uint64_t *state, uint32_t width, uint32_t height,
	uint32_t bpp, size_t padding, size_t offset)
{
	struct picture p = {.width = width, .height = height, .bpp = bpp};
	size_t size;

	p.stride = (size_t)width * bpp + padding;
	p.offset = offset;
	size = offset + p.stride * (height - 1) + (size_t)width * bpp;
	p.memory = malloc(size);
	fill_random(state, p.memory, size);
	p.data = p.memory + offset;
	return p;
}

static inline struct wltex_sum_pixels picture_pixels(const struct picture *p)
{
	return (struct wltex_sum_pixels){.data = p->data, .stride = p->stride};
}

/* zlib's CRC-32 of a part of a picture. */
static inline uint32_t reference_crc32(
	const struct picture *p, uint32_t x, uint32_t y, uint32_t width, uint32_t height)
{
	uLong crc = crc32(0, NULL, 0);

	for (uint32_t i = y; i < y + height; i++) {
		crc = crc32(crc, p->data + i * p->stride + (size_t)x * p->bpp, width * p->bpp);
	}
	return (uint32_t)crc;
}

/* The linear part of CRC-32C, bit by bit for the table and byte by byte for the rest. */
static inline uint32_t reference_crc32c_bytes(uint32_t crc, const uint8_t *data, size_t size)
{
	static uint32_t table[256];

	if (table[1] == 0) {
		for (uint32_t b = 0; b < 256; b++) {
			table[b] = b;
			for (int i = 0; i < 8; i++)
				table[b] = table[b] >> 1 ^ (table[b] & 1 ? 0x82f63b78 : 0);
		}
	}
	for (size_t i = 0; i < size; i++)
		crc = table[(crc ^ data[i]) & 0xff] ^ crc >> 8;
	return crc;
}

static inline uint32_t reference_crc32c(
	const struct picture *p, uint32_t x, uint32_t y, uint32_t width, uint32_t height)
{
	uint32_t crc = 0;

	for (uint32_t i = y; i < y + height; i++) {
		crc = reference_crc32c_bytes(
			crc, p->data + i * p->stride + (size_t)x * p->bpp, (size_t)width * p->bpp);
	}
	return crc;
}

#endif
