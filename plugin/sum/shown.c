/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "sum/grid.h"
#include "sum/shown.h"

struct sum_shown {
	struct wltex_sum *sum;
	struct sum_tile *next; // what the last look found, row by row
	/* One bit per tile, as in struct wltex_sum: its sum is what was read last; the last
	 * look was at it; that was because it is claimed. */
	uint64_t *known, *looked, *claimed;
	uint64_t *marked; // for the moment only
};

static size_t count_words(const struct sum_shown *shown)
{
	return shown->sum->rows * shown->sum->mask_words;
}

struct sum_shown *sum_shown_create(uint32_t width, uint32_t height, uint32_t bytes_per_pixel)
{
	struct sum_shown *shown = calloc(1, sizeof(*shown));
	size_t words;

	if (shown == NULL)
		return NULL;
	shown->sum = wltex_sum_create(width, height, bytes_per_pixel);
	if (shown->sum == NULL)
		goto error;
	words = count_words(shown);
	shown->next =
		calloc((size_t)shown->sum->rows * shown->sum->layout.columns, sizeof(*shown->next));
	shown->known = calloc(4 * words, sizeof(*shown->known));
	if (shown->next == NULL || shown->known == NULL)
		goto error;
	shown->looked = shown->known + words;
	shown->claimed = shown->looked + words;
	shown->marked = shown->claimed + words;
	return shown;

error:
	sum_shown_destroy(shown);
	return NULL;
}

void sum_shown_destroy(struct sum_shown *shown)
{
	if (shown == NULL)
		return;
	wltex_sum_destroy(shown->sum);
	free(shown->next);
	free(shown->known);
	free(shown);
}

size_t sum_shown_get_size(uint32_t width, uint32_t height)
{
	size_t columns = ((size_t)width + WLTEX_TILE_SIZE - 1) / WLTEX_TILE_SIZE;
	size_t rows = ((size_t)height + WLTEX_TILE_SIZE - 1) / WLTEX_TILE_SIZE;

	/* Sums twice, six masks, and a weight for each column and row. */
	return rows * columns * 2 * sizeof(struct sum_tile) +
	       rows * (columns + 63) / 64 * 6 * sizeof(uint64_t) +
	       (rows + columns) * sizeof(uint32_t);
}

/* Set in mask the bits of the tiles that region touches, of all if it is NULL. */
static void mark(struct sum_shown *shown, uint64_t *mask, const pixman_region32_t *region)
{
	sum_mark_damage(shown->sum, region);
	memcpy(mask, shown->sum->dirty, count_words(shown) * sizeof(*mask));
}

/* In sum->changed: the claimed tiles that are new, or not known. Returns how many are known. */
static size_t compare_row(struct sum_shown *shown, uint32_t row)
{
	struct wltex_sum *sum = shown->sum;
	size_t first = row * sum->mask_words, tiles = (size_t)row * sum->layout.columns;
	size_t known = 0;

	for (uint32_t i = 0; i < sum->layout.columns; i++) {
		uint64_t bit = UINT64_C(1) << (i % 64);
		size_t word = first + i / 64;
		const struct sum_tile *a = &shown->next[tiles + i], *b = &sum->tiles[tiles + i];
		bool same = a->crc32 == b->crc32 && a->crc32c == b->crc32c;

		if (!(shown->looked[word] & bit))
			continue;
		if (same && (shown->known[word] & bit))
			sum->changed[word] &= ~bit;
		known += (shown->known[word] & shown->claimed[word] & bit) != 0;
	}
	return known;
}

/* What a look is at. */
static void begin_look(struct sum_shown *shown, const pixman_region32_t *claimed, bool others)
{
	struct wltex_sum *sum = shown->sum;
	size_t words = count_words(shown);

	mark(shown, shown->claimed, claimed);
	for (size_t i = 0; i < words; i++)
		shown->looked[i] = shown->claimed[i] | (others ? shown->known[i] : 0);
	memcpy(sum->dirty, shown->looked, words * sizeof(*sum->dirty));
	memcpy(sum->changed, shown->looked, words * sizeof(*sum->changed));
}

/* What came of it, once all rows are compared. */
static void end_look(struct sum_shown *shown, pixman_region32_t *changed)
{
	struct wltex_sum *sum = shown->sum;
	size_t words = count_words(shown);

	memcpy(shown->marked, sum->changed, words * sizeof(*sum->changed));
	for (size_t i = 0; i < words; i++)
		sum->changed[i] &= shown->claimed[i];
	sum_get_changed(sum, changed);
}

size_t sum_shown_look(struct sum_shown *shown, const struct wltex_sum_pixels *pixels,
	const pixman_region32_t *claimed, bool others, pixman_region32_t *changed)
{
	struct wltex_sum *sum = shown->sum;
	size_t known = 0;

	begin_look(shown, claimed, others);
	for (uint32_t row = 0; row < sum->rows; row++) {
		sum_read_band(sum, pixels, row, &shown->next[(size_t)row * sum->layout.columns]);
		known += compare_row(shown, row);
	}
	end_look(shown, changed);
	return known;
}

size_t sum_shown_look_at_sums(struct sum_shown *shown, const struct wltex_sum *sums,
	const pixman_region32_t *claimed, bool others, pixman_region32_t *changed)
{
	struct wltex_sum *sum = shown->sum;
	size_t known = 0;

	begin_look(shown, claimed, others);
	memcpy(shown->next, sums->tiles,
		(size_t)sum->rows * sum->layout.columns * sizeof(*shown->next));
	for (uint32_t row = 0; row < sum->rows; row++)
		known += compare_row(shown, row);
	end_look(shown, changed);
	return known;
}

/* Keep the sums of the tiles of a row that are marked. */
static void take_row(struct sum_shown *shown, uint32_t row)
{
	struct wltex_sum *sum = shown->sum;
	const uint64_t *marked = &shown->marked[row * sum->mask_words];
	uint32_t column = 0, count;

	while ((count = sum_find_run(marked, sum->layout.columns, &column)) > 0) {
		if (count > SUM_MAX_COLUMNS)
			count = SUM_MAX_COLUMNS;
		sum_take_tiles(sum, row, column, count,
			&shown->next[(size_t)row * sum->layout.columns + column]);
		column += count;
	}
}

void sum_shown_settle(struct sum_shown *shown)
{
	size_t words = count_words(shown);

	for (uint32_t row = 0; row < shown->sum->rows; row++)
		take_row(shown, row);
	/* What nobody claimed is not read again, though it changed. */
	for (size_t i = 0; i < words; i++)
		shown->known[i] = (shown->known[i] & ~shown->marked[i]) |
				  (shown->marked[i] & shown->claimed[i]);
}

void sum_shown_drop_look(struct sum_shown *shown)
{
	memset(shown->looked, 0, count_words(shown) * sizeof(*shown->looked));
}

void sum_shown_forget(struct sum_shown *shown, const pixman_region32_t *region)
{
	sum_mark_damage(shown->sum, region);
	for (size_t i = 0; i < count_words(shown); i++)
		shown->known[i] &= ~shown->sum->dirty[i];
}

void sum_shown_forget_unlooked(struct sum_shown *shown, const pixman_region32_t *region)
{
	sum_mark_damage(shown->sum, region);
	for (size_t i = 0; i < count_words(shown); i++)
		shown->known[i] &= ~shown->sum->dirty[i] | shown->looked[i];
}

bool sum_shown_is_known(const struct sum_shown *shown)
{
	for (size_t i = 0; i < count_words(shown); i++) {
		if (shown->known[i] != 0)
			return true;
	}
	return false;
}

bool sum_shown_get_frame(const struct sum_shown *shown, uint32_t *crc32)
{
	size_t tiles = (size_t)shown->sum->rows * shown->sum->layout.columns, known = 0;

	for (size_t i = 0; i < count_words(shown); i++)
		known += (size_t)__builtin_popcountll(shown->known[i]);
	*crc32 = wltex_sum_get_frame(shown->sum);
	return known == tiles;
}
