/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include <png.h>

#include "cli/monitor/drawing.h"

#define COLOR_FRAME 0x3c4454
#define COLOR_LIGHT_SQUARE 0x9a9a9a
#define COLOR_DARK_SQUARE 0x6a6a6a

static void put_pixel(struct drawing *drawing, uint32_t x, uint32_t y, uint32_t color)
{
	uint8_t *p;

	if (x >= drawing->width || y >= drawing->height)
		return;
	p = drawing->pixels + ((size_t)y * drawing->width + x) * 3;
	p[0] = (uint8_t)(color >> 16);
	p[1] = (uint8_t)(color >> 8);
	p[2] = (uint8_t)color;
}

void drawing_fill(struct drawing *drawing, uint32_t x, uint32_t y, uint32_t width, uint32_t height,
	uint32_t color)
{
	for (uint32_t j = 0; j < height; j++) {
		for (uint32_t i = 0; i < width; i++)
			put_pixel(drawing, x + i, y + j, color);
	}
}

static void draw_glyph(
	struct drawing *drawing, uint32_t x, uint32_t y, uint32_t scale, char c, uint32_t color)
{
	const uint8_t *rows = font_glyphs[c >= FONT_FIRST && c <= FONT_LAST ? c - FONT_FIRST : 0];

	for (uint32_t j = 0; j < FONT_HEIGHT; j++) {
		for (uint32_t i = 0; i < FONT_WIDTH; i++) {
			if (rows[j] >> (FONT_WIDTH - 1 - i) & 1)
				drawing_fill(
					drawing, x + i * scale, y + j * scale, scale, scale, color);
		}
	}
}

void drawing_text(struct drawing *drawing, uint32_t x, uint32_t y, uint32_t scale,
	uint32_t max_width, const char *text, uint32_t color)
{
	const uint32_t advance = (FONT_WIDTH + 1) * scale;

	for (uint32_t used = advance; *text != '\0' && used <= max_width + scale; used += advance) {
		draw_glyph(drawing, x, y, scale, *text++, color);
		x += advance;
	}
}

static uint32_t blend(uint32_t below, const uint32_t rgba[4])
{
	uint32_t color = 0;

	for (int i = 0; i < 3; i++) {
		const uint32_t b = below >> (16 - 8 * i) & 0xff;
		color = color << 8 | (rgba[i] * rgba[3] + b * (255 - rgba[3]) + 127) / 255;
	}
	return color;
}

/* The average of the picture's pixels that fall onto one pixel of the thumbnail. */
static void sample(const struct drawing_picture *picture, uint32_t x, uint32_t y, uint32_t width,
	uint32_t height, uint32_t rgba[4])
{
	const uint32_t x1 = x * picture->width / width, y1 = y * picture->height / height;
	uint32_t x2 = (x + 1) * picture->width / width, y2 = (y + 1) * picture->height / height;
	uint64_t sums[4] = {0}, n = 0;

	x2 = x2 > x1 ? x2 : x1 + 1;
	y2 = y2 > y1 ? y2 : y1 + 1;
	for (uint32_t j = y1; j < y2; j++) {
		for (uint32_t i = x1; i < x2; i++, n++) {
			const uint8_t *p = picture->pixels + ((size_t)j * picture->width + i) * 4;
			for (int k = 0; k < 4; k++)
				sums[k] += p[k];
		}
	}
	for (int k = 0; k < 4; k++)
		rgba[k] = (uint32_t)(sums[k] / n);
}

void drawing_picture(struct drawing *drawing, const struct drawing_picture *picture, uint32_t x,
	uint32_t y, uint32_t size)
{
	const uint32_t longer = picture->width > picture->height ? picture->width : picture->height;
	uint32_t width = picture->width * size / longer;
	uint32_t height = picture->height * size / longer;

	width = width > 0 ? width : 1;
	height = height > 0 ? height : 1;
	drawing_fill(drawing, x - 1, y - 1, width + 2, height + 2, COLOR_FRAME);
	for (uint32_t j = 0; j < height; j++) {
		for (uint32_t i = 0; i < width; i++) {
			const bool light = (i / 8 + j / 8) % 2 == 0;
			uint32_t rgba[4];
			sample(picture, i, j, width, height, rgba);
			put_pixel(drawing, x + i, y + j,
				blend(light ? COLOR_LIGHT_SQUARE : COLOR_DARK_SQUARE, rgba));
		}
	}
}

int drawing_init(struct drawing *drawing, uint32_t width, uint32_t height, uint32_t color)
{
	drawing->width = width;
	drawing->height = height;
	drawing->pixels = calloc((size_t)width * height, 3);
	if (!drawing->pixels)
		return -ENOMEM;
	drawing_fill(drawing, 0, 0, width, height, color);
	return 0;
}

void drawing_finish(struct drawing *drawing)
{
	free(drawing->pixels);
	*drawing = (struct drawing){0};
}

int drawing_write(const struct drawing *drawing, const char *path, struct cli_reason *reason)
{
	png_image image = {
		.version = PNG_IMAGE_VERSION,
		.width = drawing->width,
		.height = drawing->height,
		.format = PNG_FORMAT_RGB,
	};

	if (png_image_write_to_file(&image, path, 0, drawing->pixels, 0, NULL))
		return 0;
	cli_set_reason(reason, "%s: %s", path, image.message);
	return -1;
}
