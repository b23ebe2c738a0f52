/* SPDX-License-Identifier: MIT */
#ifndef CLI_MONITOR_SNAPSHOT_H
#define CLI_MONITOR_SNAPSHOT_H

#include "cli/monitor/drawing.h"
#include "cli/monitor/state.h"

#define SNAPSHOT_MAX_SIDE 16384L

/* A PNG as it came; zeros at first. */
struct snapshot_png {
	uint8_t *bytes;
	size_t size;
};

/*
 * Read from fd to its end, waiting for at most timeout_ms each time. Returns 0, or -1 with
 * *reason set and nothing to finish.
 */
int snapshot_png_receive(
	int fd, int timeout_ms, struct snapshot_png *png, struct cli_reason *reason);
/*
 * Make a picture of it, whose pixels are to be freed. Returns 0, or -1 with *reason set if it
 * is no whole PNG, or too large a one.
 */
int snapshot_png_decode(
	const struct snapshot_png *png, struct drawing_picture *picture, struct cli_reason *reason);
/* Returns 0, or -1 with *reason set. */
int snapshot_png_write(const struct snapshot_png *png, const char *path, struct cli_reason *reason);
void snapshot_png_finish(struct snapshot_png *png);

/* Small pictures with the names of their clients, row by row. */
struct snapshot_sheet {
	struct drawing drawing;
	uint32_t columns;
	size_t count;
};

/* For so many pictures. Returns 0, -EINVAL if they are too many, or -ENOMEM. */
int snapshot_sheet_init(struct snapshot_sheet *sheet, size_t count);
void snapshot_sheet_add(struct snapshot_sheet *sheet, const struct client_state *client,
	const struct surface_state *surface, const struct drawing_picture *picture);

#endif
