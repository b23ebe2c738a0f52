/* SPDX-License-Identifier: MIT */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/flip/canvas.h"

/* The picture of one moment: what every pixel of it depends on. */
struct scene {
	const struct canvas_options *options;
	uint32_t time;
	/* Differs in one moment and the next, for every component and in 5 bits too. */
	uint8_t tint;
	/* The disc that moves. */
	int32_t disc_x, disc_y, disc_radius;
};

struct color {
	uint8_t r, g, b, a;
};

static uint32_t hash(uint32_t a, uint32_t b)
{
	uint64_t h = (((uint64_t)a << 32) | b) + UINT64_C(0x9e3779b97f4a7c15);

	h = (h ^ (h >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ (h >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)(h ^ (h >> 31));
}

/* Up from 0 to max and down again, in steps of 1. */
static int32_t bounce(uint32_t step, uint32_t max)
{
	uint32_t phase;

	if (max == 0)
		return 0;
	phase = step % (2 * max);
	return (int32_t)(phase <= max ? phase : 2 * max - phase);
}

static void scene_init(struct scene *scene, const struct canvas_options *options, uint32_t time)
{
	uint32_t shorter = options->width < options->height ? options->width : options->height;
	uint32_t radius = shorter / 6;
	/* The disc crosses the picture in about two seconds at 60 Hz. */
	uint32_t step = options->width / 120 + 1;

	scene->options = options;
	scene->time = time;
	scene->tint = (uint8_t)(time % 4 * 8);
	scene->disc_radius = (int32_t)radius;
	scene->disc_x = (int32_t)radius + bounce(time * step, options->width - 2 * radius);
	scene->disc_y = (int32_t)radius + bounce(time * step * 3 / 4, options->height - 2 * radius);
}

static uint8_t ramp(uint32_t position, uint32_t length)
{
	return (uint8_t)(length < 2 ? 0 : (uint64_t)position * 255 / (length - 1));
}

static struct color gradient(const struct scene *scene, uint32_t x, uint32_t y)
{
	const struct canvas_options *options = scene->options;

	return (struct color){ramp(x, options->width), ramp(y, options->height),
		(uint8_t)(96 ^ scene->tint), 255};
}

static struct color checker(const struct scene *scene, uint32_t x, uint32_t y)
{
	uint8_t level = ((x / 32) ^ (y / 32)) & 1 ? 208 : 48;

	level ^= scene->tint;
	return (struct color){level, level, level, 255};
}

/* White, yellow, cyan, green, magenta, red, blue, black. */
static struct color bars(const struct scene *scene, uint32_t x)
{
	uint32_t bar = (uint32_t)((uint64_t)x * 8 / scene->options->width);
	uint8_t on = 192 ^ scene->tint, off = scene->tint;

	return (struct color){bar & 2 ? off : on, bar & 4 ? off : on, bar & 1 ? off : on, 255};
}

/* Any alpha, and colors that are valid when they count as premultiplied. */
static struct color noise(const struct scene *scene, uint32_t x, uint32_t y)
{
	uint32_t h = hash(scene->options->seed + scene->time * 0x9e3779b9u, y << 16 | x);
	uint32_t a = h >> 24;

	return (struct color){(uint8_t)((h & 0xff) * a / 255), (uint8_t)((h >> 8 & 0xff) * a / 255),
		(uint8_t)((h >> 16 & 0xff) * a / 255), (uint8_t)a};
}

static bool in_disc(const struct scene *scene, uint32_t x, uint32_t y)
{
	int64_t dx = (int32_t)x - scene->disc_x, dy = (int32_t)y - scene->disc_y;

	return dx * dx + dy * dy < (int64_t)scene->disc_radius * scene->disc_radius;
}

static struct color shade(const struct scene *scene, uint32_t x, uint32_t y)
{
	enum canvas_pattern pattern = scene->options->pattern;

	if (pattern == CANVAS_NOISE)
		return noise(scene, x, y);
	if (in_disc(scene, x, y)) {
		uint8_t level = 255 ^ scene->tint;
		return (struct color){level, (uint8_t)(level - 64), scene->tint, 255};
	}
	if (pattern == CANVAS_CHECKER)
		return checker(scene, x, y);
	if (pattern == CANVAS_BARS)
		return bars(scene, x);
	return gradient(scene, x, y);
}

static void store(uint8_t *pixel, uint32_t bytes, uint64_t value)
{
	value = htole64(value);
	memcpy(pixel, &value, bytes);
}

static uint8_t *pixel_at(const struct canvas *canvas, uint32_t x, uint32_t y)
{
	return canvas->pixels + y * canvas->stride +
	       (size_t)x * format_bytes(canvas->options.format);
}

static void draw_rect(
	struct canvas *canvas, uint32_t time, uint32_t x0, uint32_t y0, uint32_t x1, uint32_t y1)
{
	uint32_t bytes = format_bytes(canvas->options.format);
	struct scene scene;

	scene_init(&scene, &canvas->options, time);
	for (uint32_t y = y0; y < y1; y++) {
		uint8_t *pixel = pixel_at(canvas, x0, y);

		for (uint32_t x = x0; x < x1; x++, pixel += bytes) {
			struct color c = shade(&scene, x, y);
			store(pixel, bytes, format_pack(&canvas->packer, c.r, c.g, c.b, c.a));
		}
	}
	pixman_region32_union_rect(
		&canvas->changed, &canvas->changed, (int)x0, (int)y0, x1 - x0, y1 - y0);
}

static void change_pixel(struct canvas *canvas)
{
	const struct canvas_options *options = &canvas->options;
	const uint64_t *red = canvas->packer.component[FORMAT_RED];
	uint32_t x = options->width - 1, y = options->height - 1;
	uint32_t bytes = format_bytes(options->format);
	uint64_t value = 0;

	if (canvas->frames % 4 == 0) {
		pixel_at(canvas, x, y)[bytes - 1] ^= 1;
	} else {
		uint32_t where = hash(options->seed, (uint32_t)canvas->frames);

		x = where % options->width;
		y = hash(where, options->seed) % options->height;
		memcpy(&value, pixel_at(canvas, x, y), bytes);
		store(pixel_at(canvas, x, y), bytes, le64toh(value) ^ red[0] ^ red[255]);
	}
	pixman_region32_union_rect(&canvas->changed, &canvas->changed, (int)x, (int)y, 1, 1);
}

static void change_tile(struct canvas *canvas)
{
	uint32_t width = canvas->options.width, height = canvas->options.height;
	uint32_t columns = (width + CANVAS_TILE - 1) / CANVAS_TILE;
	uint32_t rows = (height + CANVAS_TILE - 1) / CANVAS_TILE;
	uint32_t tile = (uint32_t)((canvas->frames - 1) % ((uint64_t)columns * rows));
	/* Each time round is one moment later, so that a tile never stays what it was. */
	uint32_t time = (uint32_t)((canvas->frames - 1) / ((uint64_t)columns * rows)) + 1;
	uint32_t x = tile % columns * CANVAS_TILE, y = tile / columns * CANVAS_TILE;

	draw_rect(canvas, time, x, y, x + CANVAS_TILE < width ? x + CANVAS_TILE : width,
		y + CANVAS_TILE < height ? y + CANVAS_TILE : height);
}

void canvas_draw(struct canvas *canvas)
{
	const struct canvas_options *options = &canvas->options;

	pixman_region32_clear(&canvas->changed);
	if (canvas->frames == 0)
		draw_rect(canvas, 0, 0, 0, options->width, options->height);
	else if (options->change == CANVAS_CHANGE_PIXEL)
		change_pixel(canvas);
	else if (options->change == CANVAS_CHANGE_TILE)
		change_tile(canvas);
	else if (options->change == CANVAS_CHANGE_FULL)
		draw_rect(canvas, (uint32_t)canvas->frames, 0, 0, options->width, options->height);
	canvas->frames++;
}

void canvas_copy(const struct canvas *canvas, const pixman_region32_t *region, uint8_t *pixels,
	size_t stride)
{
	uint32_t bytes = format_bytes(canvas->options.format);
	int count;
	const pixman_box32_t *boxes =
		pixman_region32_rectangles((pixman_region32_t *)region, &count);

	for (int i = 0; i < count; i++) {
		size_t offset = (size_t)boxes[i].x1 * bytes;
		size_t size = (size_t)(boxes[i].x2 - boxes[i].x1) * bytes;

		for (size_t y = (size_t)boxes[i].y1; y < (size_t)boxes[i].y2; y++)
			memcpy(pixels + y * stride + offset,
				canvas->pixels + y * canvas->stride + offset, size);
	}
}

int canvas_init(struct canvas *canvas, const struct canvas_options *options)
{
	size_t stride = (size_t)options->width * format_bytes(options->format);

	*canvas = (struct canvas){.options = *options, .stride = stride};
	canvas->pixels = calloc(options->height, stride);
	if (!canvas->pixels)
		return -ENOMEM;
	format_packer_init(&canvas->packer, options->format);
	pixman_region32_init(&canvas->changed);
	return 0;
}

void canvas_finish(struct canvas *canvas)
{
	if (!canvas->pixels)
		return;
	pixman_region32_fini(&canvas->changed);
	free(canvas->pixels);
	canvas->pixels = NULL;
}
