/* SPDX-License-Identifier: MIT */
#ifndef TESTS_GL_DECODE_H
#define TESTS_GL_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What GL must see in pixels of a DRM format, worked out on the CPU from its definition. */
struct decode_format {
	uint32_t fourcc;
	uint32_t bytes_per_pixel;
	struct {
		uint8_t shift, bits; // bits 0: not there
	} r, g, b, a;
	bool half_float;
};

/* NULL for a format that is not known here. */
const struct decode_format *decode_find(uint32_t fourcc);

void decode_pixel(const struct decode_format *format, const uint8_t *pixel, float rgba[4]);

/* Random pixels that are all numbers. size is a multiple of the format's pixel. */
void decode_random(const struct decode_format *format, uint32_t *seed, uint8_t *data, size_t size);

#endif
