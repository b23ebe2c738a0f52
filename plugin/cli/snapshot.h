/* SPDX-License-Identifier: MIT */
#ifndef CLI_SNAPSHOT_H
#define CLI_SNAPSHOT_H

#include "cli/drawing.h"
#include "cli/state.h"

#define SNAPSHOT_MAX_SIDE 16384L

/*
 * Copy what the compositor passed (RGBA, premultiplied) into *picture, whose pixels are to
 * be freed. Returns 0, or -1 with *reason set: also if the memory could shrink meanwhile.
 */
int snapshot_read(int fd, uint32_t width, uint32_t height, size_t stride,
	struct wltex_drawing_picture *picture, struct wltex_cli_reason *reason);

/* Small pictures with the names of their clients, row by row. */
struct snapshot_sheet {
	struct wltex_drawing drawing;
	uint32_t columns;
	size_t count;
};

/* For so many pictures. Returns 0 or -ENOMEM. */
int snapshot_sheet_init(struct snapshot_sheet *sheet, size_t count);
void snapshot_sheet_add(struct snapshot_sheet *sheet, const struct wltex_client_state *client,
	const struct wltex_surface_state *surface, const struct wltex_drawing_picture *picture);

#endif
