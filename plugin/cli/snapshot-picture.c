/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "cli/snapshot.h"

#define MARGIN 24
#define CELL_WIDTH 256
#define CELL_HEIGHT 252
#define THUMBNAIL 176
#define PADDING 12
#define MAX_COLUMNS 6
#define TEXT_WIDTH (CELL_WIDTH - 2 * PADDING)

/* PNGs have straight alpha. */
static void copy_row(uint8_t *to, const uint8_t *from, uint32_t width)
{
	for (uint32_t x = 0; x < width; x++, to += 4, from += 4) {
		unsigned int alpha = from[3];

		for (int i = 0; i < 3; i++) {
			unsigned int value = alpha > 0 ? (from[i] * 255u + alpha / 2) / alpha : 0;

			to[i] = (uint8_t)(value < 255 ? value : 255);
		}
		to[3] = (uint8_t)alpha;
	}
}

/* Whether the file has the size, and keeps it. */
static bool is_safe(int fd, size_t size)
{
	struct stat st;
	int seals = fcntl(fd, F_GET_SEALS);

	return seals >= 0 && (seals & F_SEAL_SHRINK) && fstat(fd, &st) == 0 && st.st_size >= 0 &&
	       (uint64_t)st.st_size >= size;
}

int snapshot_read(int fd, uint32_t width, uint32_t height, size_t stride,
	struct wltex_drawing_picture *picture, struct wltex_cli_reason *reason)
{
	size_t size = stride * height;
	uint8_t *data = MAP_FAILED;

	if (fd >= 0 && is_safe(fd, size))
		data = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED) {
		wltex_cli_set_reason(reason, "the compositor passed no picture that can be read");
		return -1;
	}
	picture->width = width;
	picture->height = height;
	picture->pixels = malloc((size_t)width * height * 4);
	for (uint32_t y = 0; picture->pixels && y < height; y++)
		copy_row(picture->pixels + (size_t)y * width * 4, data + y * stride, width);
	munmap(data, size);
	if (picture->pixels)
		return 0;
	wltex_cli_set_reason(reason, "out of memory");
	return -1;
}

int snapshot_sheet_init(struct snapshot_sheet *sheet, size_t count)
{
	uint32_t columns = 1, rows;

	while (columns < MAX_COLUMNS && (size_t)columns * columns < count)
		columns++;
	rows = (uint32_t)((count + columns - 1) / columns);
	sheet->columns = columns;
	sheet->count = 0;
	return wltex_drawing_init(&sheet->drawing, 2 * MARGIN + columns * CELL_WIDTH,
		2 * MARGIN + rows * CELL_HEIGHT, WLTEX_COLOR_BACKGROUND);
}

void snapshot_sheet_add(struct snapshot_sheet *sheet, const struct wltex_client_state *client,
	const struct wltex_surface_state *surface, const struct wltex_drawing_picture *picture)
{
	struct wltex_drawing *drawing = &sheet->drawing;
	uint32_t x = MARGIN + (uint32_t)(sheet->count % sheet->columns) * CELL_WIDTH;
	uint32_t y = MARGIN + (uint32_t)(sheet->count / sheet->columns) * CELL_HEIGHT;
	char line[96], name[32], title[64];

	sheet->count++;
	wltex_drawing_fill(
		drawing, x + 2, y + 2, CELL_WIDTH - 4, CELL_HEIGHT - 4, WLTEX_COLOR_PANEL);
	x += PADDING;
	y += PADDING;
	wltex_drawing_picture(drawing, picture, x, y, THUMBNAIL);
	snprintf(line, sizeof(line), "%s %" PRIu64, wltex_clean(name, sizeof(name), client->name),
		client->pid);
	y += THUMBNAIL + 8;
	wltex_drawing_text(drawing, x, y, 2, TEXT_WIDTH, line, WLTEX_COLOR_NAME);
	snprintf(line, sizeof(line), "%" PRIu64 ": %" PRIu32 "x%" PRIu32 " %s", surface->id,
		picture->width, picture->height, wltex_clean(title, sizeof(title), surface->title));
	wltex_drawing_text(drawing, x, y + 22, 2, TEXT_WIDTH, line, WLTEX_COLOR_TEXT);
}
