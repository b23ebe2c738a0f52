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

#include "cli/monitor/drawing.h"

#define MARGIN 32
#define GAP 16
#define LABEL_WIDTH 476
#define THUMBNAIL 160 /* the longer side */
#define TEXT_HEIGHT 14
#define NAME_HEIGHT 20
#define TITLE_HEIGHT 32
#define LINE_HEIGHT (TEXT_HEIGHT + 8)
#define CAPTION_HEIGHT (LINE_HEIGHT + 4)
#define ROW_PADDING 18

#define MAX_ROWS 64
#define MAX_LINES 8
#define MAX_IMAGES 16
#define MAX_NOTES 4

struct image {
	char *caption;
	struct drawing_picture picture;
};

struct row {
	char *name;
	char *lines[MAX_LINES];
	size_t n_lines;
	struct image images[MAX_IMAGES];
	size_t n_images;
};

struct sheet {
	char *title;
	char *notes[MAX_NOTES];
	size_t n_notes;
	struct row rows[MAX_ROWS];
	size_t n_rows;
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

static void draw_image(struct drawing *drawing, const struct image *image, uint32_t x, uint32_t y)
{
	drawing_picture(drawing, &image->picture, x, y, THUMBNAIL);
	if (image->caption != NULL)
		drawing_text(drawing, x, y + THUMBNAIL + 6, TEXT_HEIGHT, THUMBNAIL + GAP - 4,
			image->caption, COLOR_TEXT);
}

static void draw_row(struct drawing *drawing, const struct row *row, uint32_t y, uint32_t height)
{
	const uint32_t x = MARGIN + ROW_PADDING;

	drawing_fill(drawing, MARGIN, y,
		(uint32_t)cairo_image_surface_get_width(drawing->surface) - 2 * MARGIN, height,
		COLOR_PANEL);
	y += ROW_PADDING;
	drawing_text(drawing, x, y, NAME_HEIGHT, LABEL_WIDTH, row->name, COLOR_NAME);
	for (size_t i = 0; i < row->n_lines; i++)
		drawing_text(drawing, x, y + 40 + (uint32_t)i * LINE_HEIGHT, TEXT_HEIGHT,
			LABEL_WIDTH, row->lines[i], COLOR_TEXT);
	for (size_t i = 0; i < row->n_images; i++)
		draw_image(drawing, &row->images[i],
			x + LABEL_WIDTH + GAP + (uint32_t)i * (THUMBNAIL + GAP), y);
}

static uint32_t header_height(const struct sheet *sheet)
{
	return 56 + (uint32_t)sheet->n_notes * LINE_HEIGHT + GAP;
}

static void layout(const struct sheet *sheet, struct drawing *drawing, uint32_t *row_height)
{
	uint32_t width, height;
	size_t images = 1;

	for (size_t i = 0; i < sheet->n_rows; i++)
		images = sheet->rows[i].n_images > images ? sheet->rows[i].n_images : images;
	*row_height = 2 * ROW_PADDING + THUMBNAIL + CAPTION_HEIGHT;
	width = 2 * MARGIN + 2 * ROW_PADDING + LABEL_WIDTH + (uint32_t)images * (THUMBNAIL + GAP);
	height = 2 * MARGIN + header_height(sheet) + (uint32_t)sheet->n_rows * (*row_height + GAP) -
		 (sheet->n_rows > 0 ? GAP : 0);
	if (drawing_init(drawing, width, height, COLOR_BACKGROUND) < 0)
		die("out of memory");
}

static void draw_sheet(struct drawing *drawing, const struct sheet *sheet)
{
	const uint32_t text_width = 4096;
	uint32_t row_height, y = MARGIN;

	layout(sheet, drawing, &row_height);
	drawing_text(drawing, MARGIN, y, TITLE_HEIGHT, text_width,
		sheet->title != NULL ? sheet->title : "", COLOR_TITLE);
	y += 56;
	for (size_t i = 0; i < sheet->n_notes; i++, y += LINE_HEIGHT)
		drawing_text(
			drawing, MARGIN, y, TEXT_HEIGHT, text_width, sheet->notes[i], COLOR_TEXT);
	y += GAP;
	for (size_t i = 0; i < sheet->n_rows; i++, y += row_height + GAP)
		draw_row(drawing, &sheet->rows[i], y, row_height);
}

static void read_picture(struct drawing_picture *picture, const char *path)
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
	struct image *image = &row->images[row->n_images];
	char *caption = strchr(text, ' ');

	if (row->n_images >= MAX_IMAGES)
		die("too many images in row %s", row->name);
	if (caption != NULL) {
		*caption++ = '\0';
		image->caption = check(strdup(caption));
	}
	read_picture(&image->picture, text);
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
			free(row->images[k].picture.pixels);
		}
	}
}

int main(int argc, char *argv[])
{
	static struct sheet sheet;
	struct drawing drawing = {0};
	struct cli_reason reason;

	if (argc != 2) {
		fprintf(stderr, "Usage: contact-sheet OUT.png <DESCRIPTION\n");
		return 2;
	}
	parse(&sheet, stdin);
	draw_sheet(&drawing, &sheet);
	if (drawing_write(&drawing, argv[1], &reason) < 0)
		die("%s", reason.text);
	drawing_finish(&drawing);
	finish(&sheet);
	return EXIT_SUCCESS;
}
