/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include <drm_fourcc.h>

#include "decode.h"
#include "gl.h"

#define N(x) (sizeof(x) / sizeof((x)[0]))

/* Shift and bits of red, green, blue, alpha in a little-endian word. */
#define F(code, bytes, rs, rb, gs, gb, bs, bb, as, ab) \
	{ \
		DRM_FORMAT_##code, bytes, {rs, rb}, {gs, gb}, {bs, bb}, {as, ab}, false \
	}
#define H(code, rs, gs, bs, as, ab) \
	{ \
		DRM_FORMAT_##code, 8, {rs, 16}, {gs, 16}, {bs, 16}, {as, ab}, true \
	}

static const struct decode_format formats[] = {
	F(XRGB8888, 4, 16, 8, 8, 8, 0, 8, 0, 0),
	F(ARGB8888, 4, 16, 8, 8, 8, 0, 8, 24, 8),
	F(XBGR8888, 4, 0, 8, 8, 8, 16, 8, 0, 0),
	F(ABGR8888, 4, 0, 8, 8, 8, 16, 8, 24, 8),
	F(RGBX8888, 4, 24, 8, 16, 8, 8, 8, 0, 0),
	F(RGBA8888, 4, 24, 8, 16, 8, 8, 8, 0, 8),
	F(BGRX8888, 4, 8, 8, 16, 8, 24, 8, 0, 0),
	F(BGRA8888, 4, 8, 8, 16, 8, 24, 8, 0, 8),
	F(XRGB2101010, 4, 20, 10, 10, 10, 0, 10, 0, 0),
	F(ARGB2101010, 4, 20, 10, 10, 10, 0, 10, 30, 2),
	F(XBGR2101010, 4, 0, 10, 10, 10, 20, 10, 0, 0),
	F(ABGR2101010, 4, 0, 10, 10, 10, 20, 10, 30, 2),
	F(RGB565, 2, 11, 5, 5, 6, 0, 5, 0, 0),
	F(BGR565, 2, 0, 5, 5, 6, 11, 5, 0, 0),
	F(ARGB1555, 2, 10, 5, 5, 5, 0, 5, 15, 1),
	F(ABGR1555, 2, 0, 5, 5, 5, 10, 5, 15, 1),
	F(ARGB4444, 2, 8, 4, 4, 4, 0, 4, 12, 4),
	F(ABGR4444, 2, 0, 4, 4, 4, 8, 4, 12, 4),
	F(R8, 1, 0, 8, 0, 0, 0, 0, 0, 0),
	F(R16, 2, 0, 16, 0, 0, 0, 0, 0, 0),
	F(GR88, 2, 0, 8, 8, 8, 0, 0, 0, 0),
	F(GR1616, 4, 0, 16, 16, 16, 0, 0, 0, 0),
	F(XBGR16161616, 8, 0, 16, 16, 16, 32, 16, 0, 0),
	F(ABGR16161616, 8, 0, 16, 16, 16, 32, 16, 48, 16),
	F(XRGB16161616, 8, 32, 16, 16, 16, 0, 16, 0, 0),
	F(ARGB16161616, 8, 32, 16, 16, 16, 0, 16, 48, 16),
	H(XBGR16161616F, 0, 16, 32, 0, 0),
	H(ABGR16161616F, 0, 16, 32, 48, 16),
	H(XRGB16161616F, 32, 16, 0, 0, 0),
	H(ARGB16161616F, 32, 16, 0, 48, 16),
};

const struct decode_format *decode_find(uint32_t fourcc)
{
	for (size_t i = 0; i < N(formats); i++) {
		if (formats[i].fourcc == fourcc)
			return &formats[i];
	}
	return NULL;
}

static float half_to_float(uint32_t half)
{
	int exponent = (half >> 10) & 31;
	float mantissa = (float)(half & 1023) / 1024;
	float value = exponent == 0 ? ldexpf(mantissa, -14) : ldexpf(1 + mantissa, exponent - 15);

	return half & 0x8000 ? -value : value;
}

static float component(
	const struct decode_format *format, uint64_t word, int shift, int bits, float missing)
{
	uint64_t max = (UINT64_C(1) << bits) - 1;

	if (bits == 0)
		return missing;
	if (format->half_float)
		return half_to_float((uint32_t)((word >> shift) & max));
	return (float)((double)((word >> shift) & max) / (double)max);
}

void decode_pixel(const struct decode_format *format, const uint8_t *pixel, float rgba[4])
{
	uint64_t word = 0;

	for (uint32_t i = 0; i < format->bytes_per_pixel; i++)
		word |= (uint64_t)pixel[i] << (8 * i);
	rgba[0] = component(format, word, format->r.shift, format->r.bits, 0);
	rgba[1] = component(format, word, format->g.shift, format->g.bits, 0);
	rgba[2] = component(format, word, format->b.shift, format->b.bits, 0);
	rgba[3] = component(format, word, format->a.shift, format->a.bits, 1);
}

void decode_random(const struct decode_format *format, uint32_t *seed, uint8_t *data, size_t size)
{
	gl_random(seed, data, size);
	if (!format->half_float)
		return;
	/* Neither infinity nor NaN: exponents below 31. */
	for (size_t i = 1; i < size; i += 2) {
		if ((data[i] & 0x7c) == 0x7c)
			data[i] &= 0xbf;
	}
}
