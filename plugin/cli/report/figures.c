/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "cli/report/figures.h"

#define NO_BREAK "\u00a0"
/* Between thousands. */
#define NARROW "\u202f"

struct unit {
	double size;
	const char *name;
};

/* In the largest of the units of which there is one, or the last: whole, or with two digits. */
static struct figure print_in(double value, const struct unit *unit)
{
	struct figure figure;
	double count;

	while (unit[1].name != NULL && value < unit->size)
		unit++;
	count = value / unit->size;
	snprintf(figure.text, sizeof(figure.text), "%.*f" NO_BREAK "%s",
		count < 9.95 && count != floor(count) ? 1 : 0, count, unit->name);
	return figure;
}

struct figure figure_bytes(uint64_t bytes)
{
	static const struct unit units[] = {
		{0x1p40, "TiB"}, {0x1p30, "GiB"}, {0x1p20, "MiB"}, {0x1p10, "KiB"}, {1, "B"}, {0}};

	return print_in((double)bytes, units);
}

struct figure figure_duration(uint64_t ns)
{
	static const struct unit units[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "\u00b5s"}, {0}};
	struct figure figure;

	if (ns >= 120 * UINT64_C(1000000000)) {
		snprintf(figure.text, sizeof(figure.text),
			"%" PRIu64 NO_BREAK "min" NO_BREAK "%02" PRIu64 NO_BREAK "s",
			ns / 60000000000, ns / 1000000000 % 60);
		return figure;
	}
	return print_in((double)ns, units);
}

struct figure figure_count(uint64_t count)
{
	struct figure figure = {""};
	char digits[24];
	int length = snprintf(digits, sizeof(digits), "%" PRIu64, count);
	char *out = figure.text;

	for (int i = 0; i < length; i++) {
		if (i > 0 && length > 4 && (length - i) % 3 == 0)
			out += sprintf(out, NARROW);
		*out++ = digits[i];
	}
	*out = '\0';
	return figure;
}

struct figure figure_share(uint64_t part, uint64_t whole)
{
	double percent = 100.0 * (double)part / (double)whole;
	struct figure figure;

	if (percent > 0 && percent < 1)
		snprintf(figure.text, sizeof(figure.text), "<1" NO_BREAK "%%");
	else if (percent > 99 && part != whole)
		snprintf(figure.text, sizeof(figure.text), ">99" NO_BREAK "%%");
	else
		snprintf(figure.text, sizeof(figure.text), "%.0f" NO_BREAK "%%", percent);
	return figure;
}

struct figure figure_pixels(uint64_t pixels)
{
	static const struct unit units[] = {
		{1e9, "Gpx"}, {1e6, "Mpx"}, {1e3, "kpx"}, {1, "px"}, {0}};

	return print_in((double)pixels, units);
}
