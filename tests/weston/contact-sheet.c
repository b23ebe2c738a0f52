/* SPDX-License-Identifier: MIT */
/*
 * Compose pictures with captions into one sheet:
 *
 *	contact-sheet OUT.png <DESCRIPTION
 *
 * Lines of the description, in this order of nesting:
 *
 *	title TEXT              the heading of the sheet
 *	note TEXT               a smaller line below the heading
 *	row TEXT                starts a row of pictures; the text stands to the left
 *	line TEXT               one more, smaller, line of that text
 *	image FILE [CAPTION]    a picture of the row (PNG), with a caption below it
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "font.h"

#define MARGIN 32
#define GAP 16
#define LABEL_WIDTH 476
#define THUMBNAIL 160 /* the longer side */
#define LINE_HEIGHT (FONT_HEIGHT * 2 + 6)
#define CAPTION_HEIGHT (LINE_HEIGHT + 4)
#define ROW_PADDING 18

#define MAX_ROWS 64
#define MAX_LINES 8
#define MAX_IMAGES 16
#define MAX_NOTES 4

/* 0xRRGGBB */
#define COLOR_BACKGROUND 0x16181d
#define COLOR_ROW 0x1f232b
#define COLOR_TITLE 0xf2f4f8
#define COLOR_NAME 0x8ecbff
#define COLOR_TEXT 0xb4bcc8
#define COLOR_FRAME 0x3c4454
#define COLOR_LIGHT_SQUARE 0x9a9a9a
#define COLOR_DARK_SQUARE 0x6a6a6a

struct picture {
	char *caption;
	uint32_t width, height;
	uint8_t *pixels; /* RGBA, straight alpha */
};

struct row {
	char *name;
	char *lines[MAX_LINES];
	size_t n_lines;
	struct picture images[MAX_IMAGES];
	size_t n_images;
};

struct sheet {
	char *title;
	char *notes[MAX_NOTES];
	size_t n_notes;
	struct row rows[MAX_ROWS];
	size_t n_rows;
};

struct canvas {
	uint32_t width, height;
	uint8_t *pixels; /* RGB */
};

__attribute__((noreturn, format(printf, 1, 2))) static void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "contact-sheet: ");
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(EXIT_FAILURE);
}

static void *check(void *memory)
{
	if (memory == NULL)
		die("out of memory");
	return memory;
}

static void put_pixel(struct canvas *canvas, uint32_t x, uint32_t y, uint32_t color)
{
	uint8_t *p;

	if (x >= canvas->width || y >= canvas->height)
		return;
	p = canvas->pixels + ((size_t)y * canvas->width + x) * 3;
	p[0] = (uint8_t)(color >> 16);
	p[1] = (uint8_t)(color >> 8);
	p[2] = (uint8_t)color;
}

static void fill(struct canvas *canvas, uint32_t x, uint32_t y, uint32_t width, uint32_t height,
	uint32_t color)
{
	for (uint32_t j = 0; j < height; j++) {
		for (uint32_t i = 0; i < width; i++)
			put_pixel(canvas, x + i, y + j, color);
	}
}

static void draw_glyph(
	struct canvas *canvas, uint32_t x, uint32_t y, uint32_t scale, char c, uint32_t color)
{
	const uint8_t *rows = font_glyphs[c >= FONT_FIRST && c <= FONT_LAST ? c - FONT_FIRST : 0];

	for (uint32_t j = 0; j < FONT_HEIGHT; j++) {
		for (uint32_t i = 0; i < FONT_WIDTH; i++) {
			if (rows[j] >> (FONT_WIDTH - 1 - i) & 1)
				fill(canvas, x + i * scale, y + j * scale, scale, scale, color);
		}
	}
}

/* Text that would be wider than max_width is cut. */
static void draw_text(struct canvas *canvas, uint32_t x, uint32_t y, uint32_t scale,
	uint32_t max_width, const char *text, uint32_t color)
{
	const uint32_t advance = (FONT_WIDTH + 1) * scale;

	for (uint32_t used = advance; *text != '\0' && used <= max_width + scale; used += advance) {
		draw_glyph(canvas, x, y, scale, *text++, color);
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
static void sample(const struct picture *picture, uint32_t x, uint32_t y, uint32_t width,
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

/* Pictures are shown on a checkerboard, so that their alpha shows too. */
static void draw_picture(
	struct canvas *canvas, const struct picture *picture, uint32_t x, uint32_t y)
{
	const uint32_t longer = picture->width > picture->height ? picture->width : picture->height;
	uint32_t width = picture->width * THUMBNAIL / longer;
	uint32_t height = picture->height * THUMBNAIL / longer;

	width = width > 0 ? width : 1;
	height = height > 0 ? height : 1;
	fill(canvas, x - 1, y - 1, width + 2, height + 2, COLOR_FRAME);
	for (uint32_t j = 0; j < height; j++) {
		for (uint32_t i = 0; i < width; i++) {
			const bool light = (i / 8 + j / 8) % 2 == 0;
			uint32_t rgba[4];
			sample(picture, i, j, width, height, rgba);
			put_pixel(canvas, x + i, y + j,
				blend(light ? COLOR_LIGHT_SQUARE : COLOR_DARK_SQUARE, rgba));
		}
	}
	if (picture->caption != NULL)
		draw_text(canvas, x, y + THUMBNAIL + 6, 2, THUMBNAIL + GAP - 4, picture->caption,
			COLOR_TEXT);
}

static void draw_row(struct canvas *canvas, const struct row *row, uint32_t y, uint32_t height)
{
	const uint32_t x = MARGIN + ROW_PADDING;

	fill(canvas, MARGIN, y, canvas->width - 2 * MARGIN, height, COLOR_ROW);
	y += ROW_PADDING;
	draw_text(canvas, x, y, 3, LABEL_WIDTH, row->name, COLOR_NAME);
	for (size_t i = 0; i < row->n_lines; i++)
		draw_text(canvas, x, y + 40 + (uint32_t)i * LINE_HEIGHT, 2, LABEL_WIDTH,
			row->lines[i], COLOR_TEXT);
	for (size_t i = 0; i < row->n_images; i++)
		draw_picture(canvas, &row->images[i],
			x + LABEL_WIDTH + GAP + (uint32_t)i * (THUMBNAIL + GAP), y);
}

static uint32_t header_height(const struct sheet *sheet)
{
	return 56 + (uint32_t)sheet->n_notes * LINE_HEIGHT + GAP;
}

static void layout(const struct sheet *sheet, struct canvas *canvas, uint32_t *row_height)
{
	size_t images = 1;

	for (size_t i = 0; i < sheet->n_rows; i++)
		images = sheet->rows[i].n_images > images ? sheet->rows[i].n_images : images;
	*row_height = 2 * ROW_PADDING + THUMBNAIL + CAPTION_HEIGHT;
	canvas->width =
		2 * MARGIN + 2 * ROW_PADDING + LABEL_WIDTH + (uint32_t)images * (THUMBNAIL + GAP);
	canvas->height = 2 * MARGIN + header_height(sheet) +
			 (uint32_t)sheet->n_rows * (*row_height + GAP) -
			 (sheet->n_rows > 0 ? GAP : 0);
	canvas->pixels = check(calloc((size_t)canvas->width * canvas->height, 3));
}

static void draw_sheet(struct canvas *canvas, const struct sheet *sheet)
{
	const uint32_t text_width = 4096;
	uint32_t row_height, y = MARGIN;

	layout(sheet, canvas, &row_height);
	fill(canvas, 0, 0, canvas->width, canvas->height, COLOR_BACKGROUND);
	draw_text(canvas, MARGIN, y, 5, text_width, sheet->title != NULL ? sheet->title : "",
		COLOR_TITLE);
	y += 56;
	for (size_t i = 0; i < sheet->n_notes; i++, y += LINE_HEIGHT)
		draw_text(canvas, MARGIN, y, 2, text_width, sheet->notes[i], COLOR_TEXT);
	y += GAP;
	for (size_t i = 0; i < sheet->n_rows; i++, y += row_height + GAP)
		draw_row(canvas, &sheet->rows[i], y, row_height);
}

static void read_picture(struct picture *picture, const char *path)
{
	png_image image = {.version = PNG_IMAGE_VERSION};

	if (!png_image_begin_read_from_file(&image, path))
		die("%s: %s", path, image.message);
	image.format = PNG_FORMAT_RGBA;
	picture->width = image.width;
	picture->height = image.height;
	picture->pixels = check(malloc(PNG_IMAGE_SIZE(image)));
	if (!png_image_finish_read(&image, NULL, picture->pixels, 0, NULL))
		die("%s: %s", path, image.message);
}

static struct row *last_row(struct sheet *sheet)
{
	if (sheet->n_rows == 0)
		die("a line or image before the first row");
	return &sheet->rows[sheet->n_rows - 1];
}

static void add_text(char *list[], size_t *n, size_t max, const char *text)
{
	if (*n >= max)
		die("too many lines: %s", text);
	list[(*n)++] = check(strdup(text));
}

static void add_image(struct row *row, char *text)
{
	struct picture *picture = &row->images[row->n_images];
	char *caption = strchr(text, ' ');

	if (row->n_images >= MAX_IMAGES)
		die("too many images in row %s", row->name);
	if (caption != NULL) {
		*caption++ = '\0';
		picture->caption = check(strdup(caption));
	}
	read_picture(picture, text);
	row->n_images++;
}

static void parse_line(struct sheet *sheet, const char *keyword, char *text)
{
	if (strcmp(keyword, "title") == 0) {
		free(sheet->title);
		sheet->title = check(strdup(text));
	} else if (strcmp(keyword, "note") == 0) {
		add_text(sheet->notes, &sheet->n_notes, MAX_NOTES, text);
	} else if (strcmp(keyword, "row") == 0) {
		if (sheet->n_rows >= MAX_ROWS)
			die("too many rows: %s", text);
		sheet->rows[sheet->n_rows++].name = check(strdup(text));
	} else if (strcmp(keyword, "line") == 0) {
		struct row *row = last_row(sheet);
		add_text(row->lines, &row->n_lines, MAX_LINES, text);
	} else if (strcmp(keyword, "image") == 0) {
		add_image(last_row(sheet), text);
	} else {
		die("unknown keyword: %s", keyword);
	}
}

static void parse(struct sheet *sheet, FILE *file)
{
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, file) >= 0) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '\0')
			continue;
		char *text = line + strcspn(line, " ");
		if (*text == ' ')
			*text++ = '\0';
		parse_line(sheet, line, text);
	}
	free(line);
}

static void finish(struct sheet *sheet)
{
	free(sheet->title);
	for (size_t i = 0; i < sheet->n_notes; i++)
		free(sheet->notes[i]);
	for (size_t i = 0; i < sheet->n_rows; i++) {
		struct row *row = &sheet->rows[i];
		free(row->name);
		for (size_t k = 0; k < row->n_lines; k++)
			free(row->lines[k]);
		for (size_t k = 0; k < row->n_images; k++) {
			free(row->images[k].caption);
			free(row->images[k].pixels);
		}
	}
}

static void write_png(const struct canvas *canvas, const char *path)
{
	png_image image = {
		.version = PNG_IMAGE_VERSION,
		.width = canvas->width,
		.height = canvas->height,
		.format = PNG_FORMAT_RGB,
	};

	if (!png_image_write_to_file(&image, path, 0, canvas->pixels, 0, NULL))
		die("%s: %s", path, image.message);
}

int main(int argc, char *argv[])
{
	static struct sheet sheet;
	struct canvas canvas = {0};

	if (argc != 2) {
		fprintf(stderr, "Usage: contact-sheet OUT.png <DESCRIPTION\n");
		return 2;
	}
	parse(&sheet, stdin);
	draw_sheet(&canvas, &sheet);
	write_png(&canvas, argv[1]);
	free(canvas.pixels);
	finish(&sheet);
	return EXIT_SUCCESS;
}
