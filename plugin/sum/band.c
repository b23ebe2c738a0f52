/* SPDX-License-Identifier: MIT */
#include "sum/grid.h"
#include "sum/poly.h"

static uint32_t find_bit(const uint64_t *mask, uint32_t bits, uint32_t begin, bool set)
{
	while (begin < bits) {
		uint64_t word = set ? mask[begin / 64] : ~mask[begin / 64];

		word &= ~UINT64_C(0) << (begin % 64);
		if (word != 0) {
			uint32_t bit = begin / 64 * 64 + (uint32_t)__builtin_ctzll(word);

			return bit < bits ? bit : bits;
		}
		begin = (begin / 64 + 1) * 64;
	}
	return bits;
}

uint32_t sum_find_run(const uint64_t *mask, uint32_t bits, uint32_t *begin)
{
	*begin = find_bit(mask, bits, *begin, true);
	return find_bit(mask, bits, *begin, false) - *begin;
}

/* Compare tiles with what is kept for them, and keep them instead. */
static uint32_t take_tiles(struct wltex_sum *sum, uint32_t row, uint32_t column, uint32_t count,
	const struct sum_tile *tiles)
{
	struct sum_tile *kept = &sum->tiles[(size_t)row * sum->layout.columns + column];
	uint64_t *changed = &sum->changed[row * sum->mask_words];
	uint32_t parts[SUM_MAX_COLUMNS];

	for (uint32_t i = 0; i < count; i++) {
		if (!sum->has_sums || tiles[i].crc32 != kept[i].crc32 ||
			tiles[i].crc32c != kept[i].crc32c)
			changed[(column + i) / 64] |= UINT64_C(1) << ((column + i) % 64);
		parts[i] = tiles[i].part ^ kept[i].part;
		kept[i] = tiles[i];
	}
	return sum->kernel->dot(parts, &sum->column_weights[column], count);
}

/* What the frame's sum changes by where that of a row of tiles, as if it were the last, does. */
static uint32_t move_up(const struct wltex_sum *sum, uint32_t row, uint32_t delta)
{
	return delta == 0 ? 0 : sum->kernel->dot(&delta, &sum->row_weights[row], 1);
}

/* The next run of dirty tiles of a row, from *column on, as many as a kernel takes at once. */
static uint32_t find_dirty(const struct wltex_sum *sum, uint32_t row, uint32_t *column)
{
	uint32_t count =
		sum_find_run(&sum->dirty[row * sum->mask_words], sum->layout.columns, column);

	return count < SUM_MAX_COLUMNS ? count : SUM_MAX_COLUMNS;
}

static void read_run(const struct wltex_sum *sum, const struct wltex_sum_pixels *pixels,
	uint32_t row, uint32_t column, uint32_t count, struct sum_tile *tiles)
{
	uint32_t y = row * WLTEX_TILE_SIZE;
	uint32_t height = sum->height - y < WLTEX_TILE_SIZE ? sum->height - y : WLTEX_TILE_SIZE;
	const uint8_t *band = (const uint8_t *)pixels->data + y * pixels->stride;

	sum->kernel->sum_tiles(&sum->layout, band + column * sum->layout.segment_bytes,
		pixels->stride, height, column, count, tiles);
}

uint32_t sum_update_band(struct wltex_sum *sum, const struct wltex_sum_pixels *pixels, uint32_t row)
{
	struct sum_tile tiles[SUM_MAX_COLUMNS];
	uint32_t delta = 0, column = 0, count;

	while ((count = find_dirty(sum, row, &column)) > 0) {
		read_run(sum, pixels, row, column, count, tiles);
		delta ^= take_tiles(sum, row, column, count, tiles);
		column += count;
	}
	return move_up(sum, row, delta);
}

void sum_read_band(const struct wltex_sum *sum, const struct wltex_sum_pixels *pixels, uint32_t row,
	struct sum_tile *tiles)
{
	uint32_t column = 0, count;

	while ((count = find_dirty(sum, row, &column)) > 0) {
		read_run(sum, pixels, row, column, count, &tiles[column]);
		column += count;
	}
}

void sum_take_tiles(struct wltex_sum *sum, uint32_t row, uint32_t column, uint32_t count,
	const struct sum_tile *tiles)
{
	sum->frame ^= move_up(sum, row, take_tiles(sum, row, column, count, tiles));
}
