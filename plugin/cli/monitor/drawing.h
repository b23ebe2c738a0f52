/* SPDX-License-Identifier: MIT */
#ifndef CLI_MONITOR_DRAWING_H
#define CLI_MONITOR_DRAWING_H

#include <cairo.h>
#include <stdint.h>

#include "cli/cli.h"

/* Colors are 0xRRGGBB. */
#define COLOR_BACKGROUND 0x16181d
#define COLOR_PANEL 0x1f232b
#define COLOR_TITLE 0xf2f4f8
#define COLOR_NAME 0x8ecbff
#define COLOR_TEXT 0xb4bcc8

/* The longest side of a sheet. */
#define DRAWING_MAX_SIDE 32767

/* A sheet on which text and small pictures are drawn; what falls outside is cut. */
struct drawing {
	cairo_surface_t *surface;
	cairo_t *cairo;
};

/* RGBA, not premultiplied. */
struct drawing_picture {
	uint32_t width, height;
	uint8_t *pixels;
};

/* Of one color. Returns 0, -EINVAL if a side is too long, or -ENOMEM. */
int drawing_init(struct drawing *drawing, uint32_t width, uint32_t height, uint32_t color);
void drawing_finish(struct drawing *drawing);

void drawing_fill(struct drawing *drawing, uint32_t x, uint32_t y, uint32_t width, uint32_t height,
	uint32_t color);

/*
 * A line of text, its top left corner at x, y and size pixels high; wider than max_width it is
 * cut, with an ellipsis at its end. What is no UTF-8 is not drawn.
 */
void drawing_text(struct drawing *drawing, uint32_t x, uint32_t y, uint32_t size,
	uint32_t max_width, const char *text, uint32_t color);

/*
 * The picture in a frame, its longer side scaled to size; on a checkerboard, so that its
 * alpha shows too.
 */
void drawing_picture(struct drawing *drawing, const struct drawing_picture *picture, uint32_t x,
	uint32_t y, uint32_t size);

/* Write it as a PNG. Returns 0, or -1 with *reason set. */
int drawing_write(const struct drawing *drawing, const char *path, struct cli_reason *reason);

#endif
