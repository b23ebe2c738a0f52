/* SPDX-License-Identifier: MIT */
/*
 * What is known of what a renderer has read, beside a renderer that does read. Whatever a client
 * writes, claims, or fails to claim: where it claims and the look finds no change, the renderer
 * has what is in the buffer.
 */
#include <errno.h>

#include "core/content.h"
#include "core/shown.h"
#include "sum-reference.h"
#include "test.h"

#define SEQUENCES 300
#define STEPS 60

struct world {
	uint64_t state;
	uint32_t width, height;
	bool direct; // the renderer reads the buffer each time that it draws
	uint32_t *buffers[2], *screen;
	uint32_t *buffer;
	struct core_shown shown;
	pixman_region32_t claimed, changed, read;
	unsigned int trimmed;
};

static uint32_t below(struct world *w, uint32_t limit)
{
	return next_random(&w->state) % limit;
}

static pixman_box32_t random_box(struct world *w)
{
	int32_t x = (int32_t)below(w, w->width), y = (int32_t)below(w, w->height);

	return (pixman_box32_t){x, y, x + 1 + (int32_t)below(w, w->width - (uint32_t)x),
		y + 1 + (int32_t)below(w, w->height - (uint32_t)y)};
}

/* A few colours only, so that what was changed is often changed back. */
static void write_box(struct world *w, uint32_t *pixels)
{
	pixman_box32_t box = random_box(w);
	uint32_t colour = below(w, 3);

	for (int32_t y = box.y1; y < box.y2; y++)
		for (int32_t x = box.x1; x < box.x2; x++)
			pixels[(uint32_t)y * w->width + (uint32_t)x] = colour;
}

/* As with the other buffer: the next claim may be of anything, or of all. */
static void claim(struct world *w)
{
	uint32_t n = below(w, 4);

	pixman_region32_clear(&w->claimed);
	if (below(w, 3) == 0)
		pixman_region32_union_rect(&w->claimed, &w->claimed, 0, 0, w->width, w->height);
	for (uint32_t i = 0; i < n; i++) {
		pixman_box32_t box = random_box(w);
		pixman_region32_union_rect(&w->claimed, &w->claimed, box.x1, box.y1,
			(unsigned)(box.x2 - box.x1), (unsigned)(box.y2 - box.y1));
	}
}

/* The renderer reads a region. */
static void read_region(struct world *w, pixman_region32_t *region)
{
	int n = 0;
	const pixman_box32_t *boxes = pixman_region32_rectangles(region, &n);

	for (int i = 0; i < n; i++)
		for (int32_t y = boxes[i].y1; y < boxes[i].y2; y++)
			for (int32_t x = boxes[i].x1; x < boxes[i].x2; x++) {
				size_t at = (size_t)y * w->width + (size_t)x;
				w->screen[at] = w->buffer[at];
			}
}

static void check_claimed(struct world *w)
{
	int n = 0;
	const pixman_box32_t *boxes = pixman_region32_rectangles(&w->claimed, &n);

	for (int i = 0; i < n; i++)
		for (int32_t y = boxes[i].y1; y < boxes[i].y2; y++)
			for (int32_t x = boxes[i].x1; x < boxes[i].x2; x++) {
				size_t at = (size_t)y * w->width + (size_t)x;
				check(w->screen[at] == w->buffer[at]);
			}
}

static bool switch_buffer(struct world *w)
{
	uint32_t *before = w->buffer;

	w->buffer = w->buffers[below(w, 2)];
	return w->buffer != before;
}

/* What was flushed, looked at or not, and what that makes of it. */
static void flush(struct world *w, bool looked, bool other)
{
	pixman_region32_t beyond, all;

	pixman_region32_init(&beyond);
	pixman_region32_init_rect(&all, 0, 0, w->width, w->height);
	if (looked) {
		pixman_region32_intersect(&w->read, &w->claimed, &w->changed);
		w->trimmed += core_region_area(&w->read) < core_region_area(&w->claimed);
		read_region(w, &w->read);
		core_shown_settle(&w->shown);
		pixman_region32_subtract(&beyond, &w->changed, &w->claimed);
		core_shown_forget(&w->shown, &beyond);
		if (other && w->direct)
			core_shown_forget_unlooked(&w->shown, &all);
		check_claimed(w);
	} else {
		read_region(w, &w->claimed);
		core_shown_forget(&w->shown, w->direct && other ? NULL : &w->claimed);
	}
	core_shown_drop_look(&w->shown);
	pixman_region32_fini(&beyond);
	pixman_region32_fini(&all);
}

/* Something passes: a renderer that reads the buffer itself reads it there. */
static void expose(struct world *w)
{
	pixman_box32_t box = random_box(w);
	pixman_region32_t region;

	if (!w->direct)
		return;
	pixman_region32_init_with_extents(&region, &box);
	read_region(w, &region);
	core_shown_forget_unlooked(&w->shown, &region);
	pixman_region32_fini(&region);
}

static void step(struct world *w)
{
	const struct wltex_pixels pixels = {.width = w->width,
		.height = w->height,
		.stride = (size_t)w->width * 4,
		.format = 1};
	struct core_shown_look look = {.claimed = &w->claimed, .others = below(w, 2) == 0};
	struct wltex_pixels now = pixels;
	bool other = switch_buffer(w);

	for (uint32_t n = below(w, 4); n > 0; n--)
		write_box(w, w->buffers[below(w, 2)]);
	claim(w);
	if (below(w, 5) == 0) {
		flush(w, false, other);
	} else {
		now.data = w->buffer;
		check(core_shown_look_pixels(&w->shown, &now, 4, &look, &w->changed) >= 0);
		/* Not flushed after all. */
		if (below(w, 8) == 0) {
			core_shown_forget(&w->shown, NULL);
			core_shown_drop_look(&w->shown);
		} else {
			flush(w, true, other);
		}
	}
	if (below(w, 3) == 0)
		expose(w);
}

static void run(struct world *w)
{
	size_t size;

	w->width = 1 + below(w, 200);
	w->height = 1 + below(w, 200);
	size = (size_t)w->width * w->height * 4;
	w->shown = (struct core_shown){0};
	w->buffers[0] = calloc(1, size);
	w->buffers[1] = calloc(1, size);
	w->screen = calloc(1, size);
	w->buffer = w->buffers[0];
	for (int i = 0; i < STEPS; i++)
		step(w);
	core_shown_finish(&w->shown);
	free(w->buffers[0]);
	free(w->buffers[1]);
	free(w->screen);
}

static void run_all(bool direct)
{
	struct world w = {.state = 1, .direct = direct};

	pixman_region32_init(&w.claimed);
	pixman_region32_init(&w.changed);
	pixman_region32_init(&w.read);
	for (int i = 0; i < SEQUENCES; i++)
		run(&w);
	/* That something is spared shows that there is something to be wrong about. */
	check(w.trimmed > SEQUENCES * 2);
	pixman_region32_fini(&w.claimed);
	pixman_region32_fini(&w.changed);
	pixman_region32_fini(&w.read);
}

TEST(renderer_with_textures)
{
	run_all(false);
}

TEST(renderer_that_reads_buffers)
{
	run_all(true);
}

static void init_region(pixman_region32_t *region, int x, int y, unsigned width, unsigned height)
{
	pixman_region32_init_rect(region, x, y, width, height);
}

/* 2 x 1 tiles of 4 bytes a pixel. */
static uint32_t picture[128 * 64];

static int look_at(struct core_shown *shown, const pixman_region32_t *claimed,
	const uint32_t *promise, pixman_region32_t *changed)
{
	const struct wltex_pixels pixels = {
		.data = picture, .width = 128, .height = 64, .stride = 128 * 4, .format = 1};
	const struct core_shown_look look = {.claimed = claimed,
		.promised = promise != NULL,
		.promise = promise != NULL ? *promise : 0};

	return core_shown_look_pixels(shown, &pixels, 4, &look, changed);
}

static uint32_t picture_sum(void)
{
	return (uint32_t)crc32(0, (const void *)picture, sizeof(picture));
}

/* A promise is compared with what is known from reading, or from a promise before. */
TEST(promises)
{
	struct core_shown shown = {0};
	pixman_region32_t all, changed;
	uint32_t sum = picture_sum(), other = sum ^ 1;

	init_region(&all, 0, 0, 128, 64);
	pixman_region32_init(&changed);
	check_int(look_at(&shown, &all, NULL, &changed), 0);
	core_shown_settle(&shown);
	check_int(look_at(&shown, &all, &sum, &changed), 1);
	check(!pixman_region32_not_empty(&changed));
	core_shown_settle(&shown);
	check_int(look_at(&shown, &all, &other, &changed), 1);
	check_int(core_region_area(&changed), 128 * 64);
	core_shown_settle(&shown);
	check_int(look_at(&shown, &all, &other, &changed), 1);
	check(!pixman_region32_not_empty(&changed));
	/* Of a promise that was never settled nothing is believed. */
	check_int(look_at(&shown, &all, &sum, &changed), 1);
	check_int(look_at(&shown, &all, &sum, &changed), 1);
	check_int(core_region_area(&changed), 128 * 64);
	core_shown_forget(&shown, NULL);
	check(!core_shown_is_known(&shown));
	core_shown_finish(&shown);
	pixman_region32_fini(&all);
	pixman_region32_fini(&changed);
}

/* The same bytes in another shape are another picture. */
TEST(identity)
{
	struct core_shown shown = {0};
	pixman_region32_t all, changed;
	const struct wltex_pixels tall = {
		.data = picture, .width = 64, .height = 128, .stride = 64 * 4, .format = 1};
	const struct core_shown_look look = {.claimed = &all};

	init_region(&all, 0, 0, 128, 128);
	pixman_region32_init(&changed);
	check_int(look_at(&shown, &all, NULL, &changed), 0);
	core_shown_settle(&shown);
	check_int(core_shown_look_pixels(&shown, &tall, 4, &look, &changed), 0);
	check_int(core_region_area(&changed), 64 * 128);
	core_shown_finish(&shown);
	pixman_region32_fini(&all);
	pixman_region32_fini(&changed);
}

/* What a look costs is told before, and narrow pictures do not have more tiles than others. */
TEST(bounds)
{
	struct core_shown shown = {0};
	pixman_region32_t claimed, changed;
	const struct wltex_pixels narrow = {.data = picture,
		.width = 1,
		.height = 64 * 128 * 128 + 1,
		.stride = 4,
		.format = 1};
	struct core_shown_look look = {.claimed = &claimed};

	init_region(&claimed, 70, 3, 1, 1);
	pixman_region32_init(&changed);
	check_int(core_shown_get_look_bytes(&look, 1000, 1000, 4), 64 * 64 * 4);
	check_int(core_shown_get_look_bytes(&look, 72, 40, 4), 64 * 40);
	look.others = true;
	check_int(core_shown_get_look_bytes(&look, 1000, 1000, 4), 1000 * 1000 * 4);
	check_int(core_shown_get_look_bytes(&look, 1, 1000, 4), 1000 * 64);
	look.promised = true;
	check_int(core_shown_get_look_bytes(&look, 1000, 1000, 4), 0);

	look = (struct core_shown_look){.claimed = &claimed};
	check_int(core_shown_look_pixels(&shown, &narrow, 4, &look, &changed), -EFBIG);
	check_int(core_shown_get_size(&shown), 0);
	core_shown_finish(&shown);
	pixman_region32_fini(&claimed);
	pixman_region32_fini(&changed);
}
