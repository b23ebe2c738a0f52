/* SPDX-License-Identifier: MIT */
#ifndef CLI_FLIP_CANVAS_H
#define CLI_FLIP_CANVAS_H

#include <stddef.h>
#include <stdint.h>

#include <pixman.h>

#include "cli/format.h"

enum canvas_pattern {
	CANVAS_GRADIENT,
	CANVAS_CHECKER,
	CANVAS_BARS,
	CANVAS_NOISE,
};

enum canvas_change {
	CANVAS_CHANGE_NONE,
	CANVAS_CHANGE_PIXEL,
	CANVAS_CHANGE_TILE,
	CANVAS_CHANGE_FULL,
};

struct canvas_options {
	const struct wltex_format_info *format;
	uint32_t width, height;
	enum canvas_pattern pattern;
	enum canvas_change change;
	uint32_t seed;
};

/*
 * The picture as it is now, in the buffers' format and without padding. Buffers get
 * copies of the parts that changed since they were last written.
 */
struct canvas {
	struct canvas_options options;
	struct format_packer packer;
	uint8_t *pixels;
	size_t stride;
	/* How many frames were drawn. */
	uint64_t frames;
	/* What the last frame changed, exactly. */
	pixman_region32_t changed;
};

/* The tiles of the change "tile", in pixels a side. */
#define CANVAS_TILE 64

/* Returns 0 or -ENOMEM. */
int canvas_init(struct canvas *canvas, const struct canvas_options *options);
void canvas_finish(struct canvas *canvas);

/*
 * Go on to the next frame. The first one draws everything. Later ones change
 *
 * none:  nothing;
 * pixel: a pixel somewhere, and on every fourth frame (4, 8, ...) only the very last byte
 *        of the last row;
 * tile:  one 64x64 tile, going round from the top left one;
 * full:  every tile, and every pixel but a few.
 *
 * The pixels always differ from those of the frame before.
 */
void canvas_draw(struct canvas *canvas);

/* Copy a region of the canvas to other memory of the same size and format. */
void canvas_copy(const struct canvas *canvas, const pixman_region32_t *region, uint8_t *pixels,
	size_t stride);

#endif
