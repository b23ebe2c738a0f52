/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "cli/format.h"

/* Fewer bits would not show the smallest of the changes that canvases make. */
#define MIN_BITS 5

struct wltex_format_component format_find(
	const struct wltex_format_info *format, enum format_component component)
{
	static const char letters[FORMAT_COMPONENTS] = "RGBA";
	struct wltex_format_component found =
		wltex_format_get_component(format, letters[component]);

	if (component == FORMAT_ALPHA && found.bits == 0)
		return wltex_format_get_component(format, 'X');
	return found;
}

static bool can_be_painted(const struct wltex_format_info *format)
{
	uint32_t bytes = format_bytes(format);

	return format_find(format, FORMAT_RED).bits >= MIN_BITS &&
	       format_find(format, FORMAT_GREEN).bits >= MIN_BITS &&
	       format_find(format, FORMAT_BLUE).bits >= MIN_BITS &&
	       (bytes == 2 || bytes == 4 || bytes == 8);
}

const struct wltex_format_info *format_by_index(size_t index)
{
	const struct wltex_format_info *format;

	for (size_t i = 0; (format = wltex_format_info_by_index(i)); i++) {
		if (can_be_painted(format) && index-- == 0)
			return format;
	}
	return NULL;
}

const struct wltex_format_info *format_by_name(const char *name)
{
	const struct wltex_format_info *format;

	for (size_t i = 0; (format = format_by_index(i)); i++) {
		if (strcasecmp(name, format->long_name) == 0 || strcasecmp(name, format->name) == 0)
			return format;
	}
	return NULL;
}

void format_list(FILE *file)
{
	const struct wltex_format_info *format;

	fputs("Formats:", file);
	for (size_t i = 0; (format = format_by_index(i)); i++)
		fprintf(file, " %s", format->name);
	fputc('\n', file);
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

void format_packer_init(struct format_packer *packer, const struct wltex_format_info *format)
{
	for (unsigned int c = 0; c < FORMAT_COMPONENTS; c++) {
		struct wltex_format_component place = format_find(format, c);
		uint64_t max = (UINT64_C(1) << place.bits) - 1;

		for (unsigned int value = 0; value < 256; value++) {
			uint64_t bits = format->half_float ? half_from_byte(value)
							   : (value * max + 127) / 255;
			packer->component[c][value] = bits << place.shift;
		}
	}
}
