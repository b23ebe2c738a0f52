/* SPDX-License-Identifier: MIT */
#ifndef CLI_FLIP_CANVAS_H
#define CLI_FLIP_CANVAS_H

#include <stddef.h>
#include <stdint.h>

#include <pixman.h>

#include "cli/pixel-format.h"

enum wltex_canvas_pattern {
	WLTEX_CANVAS_GRADIENT,
	WLTEX_CANVAS_CHECKER,
	WLTEX_CANVAS_BARS,
	WLTEX_CANVAS_NOISE,
};

enum wltex_canvas_change {
	WLTEX_CANVAS_CHANGE_NONE,
	WLTEX_CANVAS_CHANGE_PIXEL,
	WLTEX_CANVAS_CHANGE_TILE,
	WLTEX_CANVAS_CHANGE_FULL,
};

struct wltex_canvas_options {
	const struct wltex_pixel_format *format;
	uint32_t width, height;
	enum wltex_canvas_pattern pattern;
	enum wltex_canvas_change change;
	uint32_t seed;
};

/*
 * The picture as it is now, in the buffers' format and without padding. Buffers get
 * copies of the parts that changed since they were last written.
 */
struct wltex_canvas {
	struct wltex_canvas_options options;
	struct wltex_pixel_packer packer;
	uint8_t *pixels;
	size_t stride;
	/* How many frames were drawn. */
	uint64_t frames;
	/* What the last frame changed, exactly. */
	pixman_region32_t changed;
};

/* The tiles of the change "tile", in pixels a side. */
#define WLTEX_CANVAS_TILE 64

/* Returns 0 or -ENOMEM. */
int wltex_canvas_init(struct wltex_canvas *canvas, const struct wltex_canvas_options *options);
void wltex_canvas_finish(struct wltex_canvas *canvas);

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
void wltex_canvas_draw(struct wltex_canvas *canvas);

/* Copy a region of the canvas to other memory of the same size and format. */
void wltex_canvas_copy(const struct wltex_canvas *canvas, const pixman_region32_t *region,
	uint8_t *pixels, size_t stride);

#endif
