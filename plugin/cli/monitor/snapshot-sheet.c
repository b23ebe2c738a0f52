/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include "cli/monitor/snapshot.h"
#include "cli/monitor/shown.h"

#define MARGIN 24
#define CELL_WIDTH 256
#define CELL_HEIGHT 252
#define THUMBNAIL 176
#define PADDING 12
#define GOOD_COLUMNS 6
#define MAX_ROWS ((DRAWING_MAX_SIDE - 2 * MARGIN) / CELL_HEIGHT)
#define TEXT_HEIGHT 13
#define TEXT_WIDTH (CELL_WIDTH - 2 * PADDING)

int snapshot_sheet_init(struct snapshot_sheet *sheet, size_t count)
{
	uint32_t columns = 1, rows;

	while ((columns < GOOD_COLUMNS || count > (size_t)columns * MAX_ROWS) &&
		(size_t)columns * columns < count)
		columns++;
	rows = (uint32_t)((count + columns - 1) / columns);
	sheet->columns = columns;
	sheet->count = 0;
	return drawing_init(&sheet->drawing, 2 * MARGIN + columns * CELL_WIDTH,
		2 * MARGIN + rows * CELL_HEIGHT, COLOR_BACKGROUND);
}

void snapshot_sheet_add(struct snapshot_sheet *sheet, const struct client_state *client,
	const struct surface_state *surface, const struct drawing_picture *picture)
{
	struct drawing *drawing = &sheet->drawing;
	uint32_t x = MARGIN + (uint32_t)(sheet->count % sheet->columns) * CELL_WIDTH;
	uint32_t y = MARGIN + (uint32_t)(sheet->count / sheet->columns) * CELL_HEIGHT;
	char line[256], name[64], title[128];

	sheet->count++;
	drawing_fill(drawing, x + 2, y + 2, CELL_WIDTH - 4, CELL_HEIGHT - 4, COLOR_PANEL);
	x += PADDING;
	y += PADDING;
	drawing_picture(drawing, picture, x, y, THUMBNAIL);
	snprintf(line, sizeof(line), "%s %" PRIu64, shown_clean(name, sizeof(name), client->name),
		client->pid);
	y += THUMBNAIL + 8;
	drawing_text(drawing, x, y, TEXT_HEIGHT, TEXT_WIDTH, line, COLOR_NAME);
	snprintf(line, sizeof(line), "%" PRIu64 ": %" PRIu32 "x%" PRIu32 " %s", surface->id,
		picture->width, picture->height, shown_clean(title, sizeof(title), surface->title));
	drawing_text(drawing, x, y + 20, TEXT_HEIGHT, TEXT_WIDTH, line, COLOR_TEXT);
}
