/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "sum/grid.h"

static void set_bits(uint64_t *mask, uint32_t begin, uint32_t end)
{
	while (begin < end) {
		uint32_t bit = begin % 64;
		uint32_t count = end - begin < 64 - bit ? end - begin : 64 - bit;

		mask[begin / 64] |= ~UINT64_C(0) >> (64 - count) << bit;
		begin += count;
	}
}

static void mark_tiles(struct wltex_sum *sum, uint32_t x1, uint32_t y1, uint32_t x2, uint32_t y2)
{
	for (uint32_t row = y1; row < y2; row++)
		set_bits(&sum->dirty[row * sum->mask_words], x1, x2);
}

/* The tiles that begin to end touches, of a side of that many pixels. */
static bool clip_to_tiles(
	int32_t begin, int32_t end, uint32_t size, uint32_t *first, uint32_t *behind)
{
	if (end <= 0 || begin >= end || (begin > 0 && (uint32_t)begin >= size))
		return false;
	*first = begin > 0 ? (uint32_t)begin / WLTEX_TILE_SIZE : 0;
	*behind = (uint32_t)end < size ? (uint32_t)end : size;
	*behind = (*behind - 1) / WLTEX_TILE_SIZE + 1;
	return true;
}

void sum_mark_damage(struct wltex_sum *sum, const pixman_region32_t *damage)
{
	const pixman_box32_t *boxes;
	uint32_t x1, y1, x2, y2;
	int count;

	memset(sum->dirty, 0, sum->rows * sum->mask_words * sizeof(*sum->dirty));
	if (damage == NULL) {
		mark_tiles(sum, 0, 0, sum->layout.columns, sum->rows);
		return;
	}
	/* Older pixman forgot the const. */
	boxes = pixman_region32_rectangles((pixman_region32_t *)damage, &count);
	for (int i = 0; i < count; i++) {
		if (clip_to_tiles(boxes[i].x1, boxes[i].x2, sum->width, &x1, &x2) &&
			clip_to_tiles(boxes[i].y1, boxes[i].y2, sum->height, &y1, &y2))
			mark_tiles(sum, x1, y1, x2, y2);
	}
}

/* The next rows with the same bits, from *begin on; returns how many, 0 at the end. */
static uint32_t find_equal_rows(const struct wltex_sum *sum, uint32_t begin)
{
	const uint64_t *first = &sum->changed[begin * sum->mask_words];
	uint32_t end = begin;

	while (end < sum->rows && memcmp(&sum->changed[end * sum->mask_words], first,
					  sum->mask_words * sizeof(*first)) == 0)
		end++;
	return end - begin;
}

static int32_t to_pixels(uint32_t tiles, uint32_t size)
{
	return (int32_t)(tiles < (size - 1) / WLTEX_TILE_SIZE + 1 ? tiles * WLTEX_TILE_SIZE : size);
}

/* Fill in the boxes if there are any to fill in; returns their number. */
static size_t make_boxes(const struct wltex_sum *sum, pixman_box32_t *boxes)
{
	uint32_t columns = sum->layout.columns, equal, column, run;
	size_t count = 0;

	for (uint32_t row = 0; row < sum->rows; row += equal) {
		const uint64_t *mask = &sum->changed[row * sum->mask_words];

		equal = find_equal_rows(sum, row);
		for (column = 0; (run = sum_find_run(mask, columns, &column)) > 0; column += run) {
			if (boxes != NULL) {
				boxes[count].x1 = to_pixels(column, sum->width);
				boxes[count].x2 = to_pixels(column + run, sum->width);
				boxes[count].y1 = to_pixels(row, sum->height);
				boxes[count].y2 = to_pixels(row + equal, sum->height);
			}
			count++;
		}
	}
	return count;
}

void sum_get_changed(const struct wltex_sum *sum, pixman_region32_t *region)
{
	pixman_box32_t few[16], *boxes = few;
	size_t count = make_boxes(sum, NULL);
	bool made = false;

	pixman_region32_fini(region);
	if (count > sizeof(few) / sizeof(few[0]))
		boxes = calloc(count, sizeof(*boxes));
	if (boxes != NULL) {
		make_boxes(sum, boxes);
		made = pixman_region32_init_rects(region, boxes, (int)count);
	}
	/* Without memory: too much is right, too little is not. */
	if (!made)
		pixman_region32_init_rect(region, 0, 0, sum->width, sum->height);
	if (boxes != few)
		free(boxes);
}
