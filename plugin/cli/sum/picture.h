/* SPDX-License-Identifier: MIT */
#ifndef CLI_SUM_PICTURE_H
#define CLI_SUM_PICTURE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <pixman.h>

#include "cli/cli.h"
#include "cli/format.h"

/* Pixels of a file, as they lie in a buffer. */
struct sum_picture {
	const struct wltex_format_info *format;
	uint32_t width, height;
	size_t stride;
	uint8_t *pixels;
};

#define SUM_PICTURE_MAX_SIDE 65536
#define SUM_PICTURE_MAX_BYTES (UINT64_C(1) << 30)

struct sum_picture_options {
	/* What PNGs become and what raw frames are. */
	const struct wltex_format_info *format;
	/* Of raw frames; 0: the file is a PNG. */
	uint32_t width, height;
	/* Bytes from row to row of a raw frame; 0: no padding. */
	uint32_t stride;
};

/*
 * Read a picture from a file, or from standard input if its path is "-". Returns 0, or -1 with the reason and nothing to finish.
 */
int sum_picture_read(struct sum_picture *picture, const char *path,
	const struct sum_picture_options *options, struct cli_reason *reason);
void sum_picture_finish(struct sum_picture *picture);

/* Memory for the pixels of a picture whose format, width and height are set, with rows of
 * stride bytes (0: no padding). Returns 0, or -1 with the reason. */
int sum_picture_allocate(struct sum_picture *picture, size_t stride, struct cli_reason *reason);

/* For sum_picture_read(): the file is at its beginning. */
int sum_picture_read_png(struct sum_picture *picture, FILE *file, struct cli_reason *reason);

/*
 * Write the picture as a PNG without alpha, with a region painted over in red. Returns 0, or
 * -1 with the reason.
 */
int sum_picture_write_png(const struct sum_picture *picture, const char *path,
	const pixman_region32_t *painted, struct cli_reason *reason);

#endif
