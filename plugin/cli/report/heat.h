/* SPDX-License-Identifier: MIT */
#ifndef CLI_REPORT_HEAT_H
#define CLI_REPORT_HEAT_H

#include <stddef.h>
#include <stdint.h>

/* Pixels of a tile's side. */
#define HEAT_TILE 64
/* Of a surface, as in the compositor. */
#define HEAT_CELLS_MAX 16384

/* How often a tile was claimed, and did change. */
struct heat_cell {
	uint32_t claimed, changed;
};

/* The tiles of a surface, row by row, of the largest buffer that it showed. */
struct heat {
	uint32_t columns, rows;
	struct heat_cell *cells;
};

static inline size_t heat_size(const struct heat *heat)
{
	return (size_t)heat->columns * heat->rows;
}

/*
 * Room for a buffer of this many pixels; cells that are there keep what they count. *budget is
 * how many cells there may still be. Returns 0, -E2BIG or -ENOMEM, with nothing changed.
 */
int heat_fit(struct heat *heat, uint32_t width, uint32_t height, size_t *budget);

/* Rectangles of tiles, "x,y,width,height" with ";" between them; what lies outside is left out. */
void heat_count_claimed(struct heat *heat, const char *rectangles);
void heat_count_changed(struct heat *heat, const char *rectangles);

void heat_finish(struct heat *heat);

#endif
