/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>
#include <strings.h>

#include <drm_fourcc.h>

#include "cli/pixel-format.h"

/* shifts and bits of red, green, blue, alpha */
#define FORMAT(name, bytes, half, rs, rb, gs, gb, bs, bb, as, ab) \
	{ \
		DRM_FORMAT_##name, #name, bytes, half, \
		{ \
			{rs, rb}, {gs, gb}, {bs, bb}, \
			{ \
				as, ab \
			} \
		} \
	}

static const struct pixel_format formats[] = {
	FORMAT(XRGB8888, 4, false, 16, 8, 8, 8, 0, 8, 24, 8),
	FORMAT(ARGB8888, 4, false, 16, 8, 8, 8, 0, 8, 24, 8),
	FORMAT(XBGR8888, 4, false, 0, 8, 8, 8, 16, 8, 24, 8),
	FORMAT(ABGR8888, 4, false, 0, 8, 8, 8, 16, 8, 24, 8),
	FORMAT(RGBX8888, 4, false, 24, 8, 16, 8, 8, 8, 0, 8),
	FORMAT(RGBA8888, 4, false, 24, 8, 16, 8, 8, 8, 0, 8),
	FORMAT(BGRX8888, 4, false, 8, 8, 16, 8, 24, 8, 0, 8),
	FORMAT(BGRA8888, 4, false, 8, 8, 16, 8, 24, 8, 0, 8),
	FORMAT(XRGB2101010, 4, false, 20, 10, 10, 10, 0, 10, 30, 2),
	FORMAT(ARGB2101010, 4, false, 20, 10, 10, 10, 0, 10, 30, 2),
	FORMAT(XBGR2101010, 4, false, 0, 10, 10, 10, 20, 10, 30, 2),
	FORMAT(ABGR2101010, 4, false, 0, 10, 10, 10, 20, 10, 30, 2),
	FORMAT(RGB565, 2, false, 11, 5, 5, 6, 0, 5, 0, 0),
	FORMAT(BGR565, 2, false, 0, 5, 5, 6, 11, 5, 0, 0),
	FORMAT(XBGR16161616F, 8, true, 0, 16, 16, 16, 32, 16, 48, 16),
	FORMAT(ABGR16161616F, 8, true, 0, 16, 16, 16, 32, 16, 48, 16),
};

const struct pixel_format *pixel_format_by_index(size_t index)
{
	return index < sizeof(formats) / sizeof(formats[0]) ? &formats[index] : NULL;
}

const struct pixel_format *pixel_format_by_fourcc(uint32_t fourcc)
{
	const struct pixel_format *format;

	for (size_t i = 0; (format = pixel_format_by_index(i)); i++) {
		if (format->fourcc == fourcc)
			return format;
	}
	return NULL;
}

const struct pixel_format *pixel_format_by_name(const char *name)
{
	const struct pixel_format *format;

	for (size_t i = 0; (format = pixel_format_by_index(i)); i++) {
		if (strcasecmp(name, format->name) == 0 ||
			strcasecmp(name, fourcc_to_text(format->fourcc).text) == 0)
			return format;
	}
	return NULL;
}

struct fourcc_text fourcc_to_text(uint32_t fourcc)
{
	struct fourcc_text text = {{0}};

	for (unsigned int i = 0; i < 4; i++) {
		char c = (char)(fourcc >> (8 * i) & 0x7f);
		text.text[i] = (char)(c < ' ' || c == 0x7f ? '.' : c);
	}
	return text;
}

/* The half float of value / 255: never denormal, infinite or negative. */
static uint64_t half_from_byte(unsigned int value)
{
	int exponent;
	double fraction = frexp(value / 255.0, &exponent);

	if (value == 0)
		return 0;
	/* fraction is in [0.5, 1): the leading bit is implied, 10 bits are kept */
	long mantissa = lround((fraction * 2 - 1) * 1024);
	return ((uint64_t)(exponent - 1 + 15) << 10) + (uint64_t)mantissa;
}

void pixel_packer_init(struct pixel_packer *packer, const struct pixel_format *format)
{
	for (unsigned int c = 0; c < PIXEL_COMPONENTS; c++) {
		uint64_t max = (UINT64_C(1) << format->component[c].bits) - 1;

		for (unsigned int value = 0; value < 256; value++) {
			uint64_t bits = format->half_float ? half_from_byte(value)
							   : (value * max + 127) / 255;
			packer->component[c][value] = bits << format->component[c].shift;
		}
	}
}
