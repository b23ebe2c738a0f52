/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report/heat.h"

/* More than a record ever has. */
#define RECTANGLES_MAX 64
/* The sum of two is a number. */
#define NUMBER_MAX 1000000000

struct rectangle {
	uint32_t x, y, width, height;
};

static uint32_t get_max(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static uint32_t get_min(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static void copy_cells(struct heat *to, const struct heat *from)
{
	for (uint32_t y = 0; y < from->rows; y++)
		memcpy(to->cells + (size_t)y * to->columns, from->cells + (size_t)y * from->columns,
			from->columns * sizeof(*to->cells));
}

int heat_fit(struct heat *heat, uint32_t width, uint32_t height, size_t *budget)
{
	struct heat larger = {
		.columns = get_max(heat->columns, width / HEAT_TILE + (width % HEAT_TILE != 0)),
		.rows = get_max(heat->rows, height / HEAT_TILE + (height % HEAT_TILE != 0)),
	};
	uint64_t size = (uint64_t)larger.columns * larger.rows;

	if (size == heat_size(heat))
		return 0;
	if (size > HEAT_CELLS_MAX || size - heat_size(heat) > *budget)
		return -E2BIG;
	larger.cells = calloc(size, sizeof(*larger.cells));
	if (larger.cells == NULL)
		return -ENOMEM;
	copy_cells(&larger, heat);
	*budget -= size - heat_size(heat);
	free(heat->cells);
	*heat = larger;
	return 0;
}

/* Reads a number at *text and moves it past that and the character that follows. */
static bool read_number(const char **text, char follows, uint32_t *number)
{
	char *end;
	unsigned long value = strtoul(*text, &end, 10);

	if (**text < '0' || **text > '9' || value > NUMBER_MAX)
		return false;
	*number = (uint32_t)value;
	*text = *end == follows ? end + 1 : end;
	return *end == follows || follows == ';';
}

static bool read_rectangle(const char **text, struct rectangle *r)
{
	return read_number(text, ',', &r->x) && read_number(text, ',', &r->y) &&
	       read_number(text, ',', &r->width) && read_number(text, ';', &r->height);
}

static void count(struct heat *heat, const struct rectangle *r, uint32_t claimed, uint32_t changed)
{
	uint32_t right = get_min(r->x + r->width, heat->columns);
	uint32_t bottom = get_min(r->y + r->height, heat->rows);

	for (uint32_t y = r->y; y < bottom; y++) {
		for (uint32_t x = r->x; x < right; x++) {
			heat->cells[(size_t)y * heat->columns + x].claimed += claimed;
			heat->cells[(size_t)y * heat->columns + x].changed += changed;
		}
	}
}

static void count_all(struct heat *heat, const char *text, uint32_t claimed, uint32_t changed)
{
	struct rectangle r;

	for (unsigned int i = 0; i < RECTANGLES_MAX && read_rectangle(&text, &r); i++)
		count(heat, &r, claimed, changed);
}

void heat_count_claimed(struct heat *heat, const char *rectangles)
{
	count_all(heat, rectangles, 1, 0);
}

void heat_count_changed(struct heat *heat, const char *rectangles)
{
	count_all(heat, rectangles, 0, 1);
}

void heat_finish(struct heat *heat)
{
	free(heat->cells);
}
