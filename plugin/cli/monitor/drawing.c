/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/param.h>

#include "cli/monitor/drawing.h"
#include "util/text.h"

#define COLOR_FRAME 0x3c4454
#define COLOR_LIGHT_SQUARE 0x9a9a9a
#define COLOR_DARK_SQUARE 0x6a6a6a
#define SQUARE 8
#define ELLIPSIS "\u2026"

static void set_color(cairo_t *cairo, uint32_t color)
{
	cairo_set_source_rgb(cairo, (color >> 16 & 0xff) / 255.0, (color >> 8 & 0xff) / 255.0,
		(color & 0xff) / 255.0);
}

void drawing_fill(struct drawing *drawing, uint32_t x, uint32_t y, uint32_t width, uint32_t height,
	uint32_t color)
{
	set_color(drawing->cairo, color);
	cairo_rectangle(drawing->cairo, x, y, width, height);
	cairo_fill(drawing->cairo);
}

static double get_width(cairo_t *cairo, const char *text)
{
	cairo_text_extents_t extents;

	cairo_text_extents(cairo, text, &extents);
	return extents.x_advance;
}

/* Copy to line what has room, in whole characters; its size leaves room for an ellipsis. */
static void cut(cairo_t *cairo, char *line, size_t size, const char *text, double max_width)
{
	size_t length = strnlen(text, size - sizeof(ELLIPSIS));
	bool fits = text[length] == '\0';

	do {
		while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
			length--;
		memcpy(line, text, length);
		snprintf(line + length, size - length, "%s", fits ? "" : ELLIPSIS);
		fits = false;
	} while (length-- > 0 && get_width(cairo, line) > max_width);
}

void drawing_text(struct drawing *drawing, uint32_t x, uint32_t y, uint32_t size,
	uint32_t max_width, const char *text, uint32_t color)
{
	cairo_t *cairo = drawing->cairo;
	cairo_font_extents_t extents;
	char line[256];

	/* cairo would draw nothing more at all. */
	if (!wltex_text_is_utf8(text, strlen(text)))
		return;
	cairo_set_font_size(cairo, size);
	cairo_font_extents(cairo, &extents);
	cut(cairo, line, sizeof(line), text, max_width);
	set_color(cairo, color);
	cairo_move_to(cairo, x, y + extents.ascent);
	cairo_show_text(cairo, line);
}

static uint32_t premultiply(const uint8_t *rgba)
{
	uint32_t pixel = rgba[3];

	for (int i = 0; i < 3; i++)
		pixel = pixel << 8 | (rgba[i] * rgba[3] + 127u) / 255;
	return pixel;
}

/* The picture as cairo has it; one with an error set where there is no memory. */
static cairo_surface_t *make_surface(const struct drawing_picture *picture)
{
	cairo_surface_t *surface = cairo_image_surface_create(
		CAIRO_FORMAT_ARGB32, (int)picture->width, (int)picture->height);
	const int stride = cairo_image_surface_get_stride(surface);
	const uint8_t *from = picture->pixels;
	uint8_t *to = cairo_image_surface_get_data(surface);

	for (uint32_t y = 0; to && y < picture->height; y++, to += stride) {
		for (uint32_t x = 0; x < picture->width; x++, from += 4) {
			const uint32_t pixel = premultiply(from);
			memcpy(to + (size_t)x * 4, &pixel, 4);
		}
	}
	cairo_surface_mark_dirty(surface);
	return surface;
}

static void draw_checkerboard(
	struct drawing *drawing, uint32_t x, uint32_t y, uint32_t width, uint32_t height)
{
	drawing_fill(drawing, x, y, width, height, COLOR_LIGHT_SQUARE);
	set_color(drawing->cairo, COLOR_DARK_SQUARE);
	for (uint32_t j = 0; j < height; j += SQUARE) {
		for (uint32_t i = j % (2 * SQUARE) == 0 ? SQUARE : 0; i < width; i += 2 * SQUARE)
			cairo_rectangle(drawing->cairo, x + i, y + j,
				i + SQUARE < width ? SQUARE : width - i,
				j + SQUARE < height ? SQUARE : height - j);
	}
	cairo_fill(drawing->cairo);
}

void drawing_picture(struct drawing *drawing, const struct drawing_picture *picture, uint32_t x,
	uint32_t y, uint32_t size)
{
	const uint32_t longer = MAX(MAX(picture->width, picture->height), 1);
	cairo_surface_t *surface = make_surface(picture);
	cairo_t *cairo = drawing->cairo;
	uint32_t width = picture->width * size / longer;
	uint32_t height = picture->height * size / longer;

	width = width > 0 ? width : 1;
	height = height > 0 ? height : 1;
	drawing_fill(drawing, x - 1, y - 1, width + 2, height + 2, COLOR_FRAME);
	draw_checkerboard(drawing, x, y, width, height);
	cairo_save(cairo);
	cairo_rectangle(cairo, x, y, width, height);
	cairo_clip(cairo);
	cairo_translate(cairo, x, y);
	cairo_scale(cairo, (double)width / picture->width, (double)height / picture->height);
	cairo_set_source_surface(cairo, surface, 0, 0);
	/* Small pictures stay what they are, pixel by pixel. */
	cairo_pattern_set_filter(
		cairo_get_source(cairo), longer < size ? CAIRO_FILTER_NEAREST : CAIRO_FILTER_GOOD);
	cairo_pattern_set_extend(cairo_get_source(cairo), CAIRO_EXTEND_PAD);
	cairo_paint(cairo);
	cairo_restore(cairo);
	cairo_surface_destroy(surface);
}

static int get_error(const struct drawing *drawing)
{
	switch (cairo_status(drawing->cairo)) {
	case CAIRO_STATUS_SUCCESS:
		return 0;
	case CAIRO_STATUS_INVALID_SIZE:
		return -EINVAL;
	default:
		return -ENOMEM;
	}
}

int drawing_init(struct drawing *drawing, uint32_t width, uint32_t height, uint32_t color)
{
	int ret;

	*drawing = (struct drawing){0};
	if (width > DRAWING_MAX_SIDE || height > DRAWING_MAX_SIDE)
		return -EINVAL;
	drawing->surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)width, (int)height);
	drawing->cairo = cairo_create(drawing->surface);
	ret = get_error(drawing);
	if (ret < 0) {
		drawing_finish(drawing);
		return ret;
	}
	cairo_select_font_face(
		drawing->cairo, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
	drawing_fill(drawing, 0, 0, width, height, color);
	return 0;
}

void drawing_finish(struct drawing *drawing)
{
	cairo_destroy(drawing->cairo);
	cairo_surface_destroy(drawing->surface);
	*drawing = (struct drawing){0};
}

int drawing_write(const struct drawing *drawing, const char *path, struct cli_reason *reason)
{
	cairo_status_t status = cairo_status(drawing->cairo);

	if (status == CAIRO_STATUS_SUCCESS)
		status = cairo_surface_write_to_png(drawing->surface, path);
	if (status == CAIRO_STATUS_SUCCESS)
		return 0;
	cli_set_reason(reason, "%s: %s", path,
		status == CAIRO_STATUS_WRITE_ERROR ? strerror(errno)
						   : cairo_status_to_string(status));
	return -1;
}
