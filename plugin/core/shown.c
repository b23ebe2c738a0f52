/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "core/content.h"
#include "core/shown.h"
#include "dmabuf/dmabuf.h"
#include "dmabuf/read.h"
#include "sum/cost.h"
#include "sum/shown.h"

/* More than of a picture of 8192x8192. Narrow pictures have many tiles for few bytes. */
#define MAX_TILES (UINT64_C(128) * 128)
#define MIN_ROW_BYTES 64u

static uint64_t count_tiles(uint32_t width, uint32_t height)
{
	return ((uint64_t)width + WLTEX_TILE_SIZE - 1) / WLTEX_TILE_SIZE *
	       (((uint64_t)height + WLTEX_TILE_SIZE - 1) / WLTEX_TILE_SIZE);
}

static uint64_t get_bytes(uint64_t width, uint64_t height, uint32_t bytes_per_pixel)
{
	uint64_t row_bytes = width * bytes_per_pixel;

	return height * (row_bytes > MIN_ROW_BYTES ? row_bytes : MIN_ROW_BYTES);
}

/* From begin to end, in whole tiles, as far as there are any. */
static uint64_t round_out(int32_t begin, int32_t end, uint32_t size)
{
	int64_t from = (int64_t)begin / WLTEX_TILE_SIZE * WLTEX_TILE_SIZE;
	int64_t to = ((int64_t)end + WLTEX_TILE_SIZE - 1) / WLTEX_TILE_SIZE * WLTEX_TILE_SIZE;

	return (uint64_t)((to < size ? to : size) - from);
}

uint64_t core_shown_get_look_bytes(const struct core_shown_look *look, uint32_t width,
	uint32_t height, uint32_t bytes_per_pixel)
{
	uint64_t all = get_bytes(width, height, bytes_per_pixel), bytes = 0;
	const pixman_box32_t *boxes;
	int n = 0;

	if (look->promised)
		return 0;
	if (look->others)
		return all;
	boxes = pixman_region32_rectangles((pixman_region32_t *)look->claimed, &n);
	for (int i = 0; i < n; i++)
		bytes += get_bytes(round_out(boxes[i].x1, boxes[i].x2, width),
			round_out(boxes[i].y1, boxes[i].y2, height), bytes_per_pixel);
	/* Rectangles may touch the same tile. */
	return bytes < all ? bytes : all;
}

static void set_all(const struct core_shown *shown, pixman_region32_t *region)
{
	pixman_region32_fini(region);
	pixman_region32_init_rect(region, 0, 0, shown->identity.width, shown->identity.height);
}

void core_shown_finish(struct core_shown *shown)
{
	sum_shown_destroy(shown->tiles);
	*shown = (struct core_shown){0};
}

static bool is_same(const struct core_shown_identity *a, const struct core_shown_identity *b)
{
	return a->format == b->format && a->modifier == b->modifier && a->width == b->width &&
	       a->height == b->height && a->bytes_per_pixel == b->bytes_per_pixel &&
	       a->y_inverted == b->y_inverted;
}

/* The same bytes in another shape, or upside down, are another picture. */
static void set_identity(struct core_shown *shown, const struct core_shown_identity *identity)
{
	if (is_same(&shown->identity, identity))
		return;
	core_shown_finish(shown);
	shown->identity = *identity;
}

static bool is_whole(const struct core_shown *shown, const pixman_region32_t *region)
{
	pixman_box32_t all = {
		0, 0, (int32_t)shown->identity.width, (int32_t)shown->identity.height};

	return pixman_region32_contains_rectangle((pixman_region32_t *)region, &all) ==
	       PIXMAN_REGION_IN;
}

static bool get_frame(const struct core_shown *shown, uint32_t *crc32)
{
	if (shown->has_frame) {
		*crc32 = shown->frame;
		return true;
	}
	return shown->tiles != NULL && sum_shown_get_frame(shown->tiles, crc32);
}

/* Compare one sum of all: everything changed, or nothing. */
static int look_at_frame(struct core_shown *shown, uint32_t crc32, pixman_region32_t *changed)
{
	uint32_t before;
	bool known = get_frame(shown, &before);

	shown->look = CORE_LOOK_FRAME;
	shown->next_frame = crc32;
	if (known && before == crc32)
		pixman_region32_clear(changed);
	else
		set_all(shown, changed);
	return known;
}

/* Make room for the tiles' sums. */
static int make_tiles(struct core_shown *shown)
{
	const struct core_shown_identity *identity = &shown->identity;

	if (shown->tiles == NULL && count_tiles(identity->width, identity->height) > MAX_TILES)
		return -EFBIG;
	if (shown->tiles == NULL)
		shown->tiles = sum_shown_create(
			identity->width, identity->height, identity->bytes_per_pixel);
	if (shown->tiles == NULL)
		return -ENOMEM;
	shown->look = CORE_LOOK_TILES;
	return 0;
}

static int look_at_tiles(struct core_shown *shown, const struct wltex_sum_pixels *pixels,
	const struct core_shown_look *look, pixman_region32_t *changed)
{
	int ret = make_tiles(shown);

	if (ret < 0)
		return ret;
	return sum_shown_look(shown->tiles, pixels, look->claimed, look->others, changed) > 0;
}

/* A sum of bytes in no pixel order. */
static uint32_t sum_view(const struct wltex_dmabuf_view *view)
{
	uint32_t crc = 0;

	for (int i = 0; i < view->n_planes; i++) {
		for (uint32_t y = 0; y < view->planes[i].rows; y++)
			crc = wltex_sum_bytes(crc,
				view->planes[i].data + y * view->planes[i].stride,
				view->planes[i].row_bytes);
	}
	return crc;
}

static int look_at_view(struct core_shown *shown, const struct wltex_dmabuf_view *view,
	const struct core_shown_look *look, pixman_region32_t *changed)
{
	const struct wltex_sum_pixels pixels = {view->planes[0].data, view->planes[0].stride};

	if (view->layout != WLTEX_LAYOUT_PIXELS)
		return look_at_frame(shown, sum_view(view), changed);
	/* Tiles count rows from the start of the memory, claims from the top of the picture. */
	if (shown->identity.y_inverted && !is_whole(shown, look->claimed))
		return -ENOTSUP;
	return look_at_tiles(shown, &pixels, look, changed);
}

static size_t get_view_bytes(const struct wltex_dmabuf_view *view)
{
	size_t bytes = 0;

	for (int i = 0; i < view->n_planes; i++)
		bytes += view->planes[i].rows * view->planes[i].row_bytes;
	return bytes;
}

/* Memory of a device is timed: reading it may be far slower than repainting. */
static int look_timed(struct core_shown *shown, struct wltex_dmabuf *dmabuf,
	const struct wltex_dmabuf_view *view, const struct core_shown_look *look,
	pixman_region32_t *changed)
{
	const struct sum_cost_rows rows = {
		.data = view->planes[0].data,
		.stride = view->planes[0].stride,
		.row_bytes = view->planes[0].row_bytes,
		.rows = view->planes[0].rows,
	};
	size_t bytes = view->layout == WLTEX_LAYOUT_PIXELS
			       ? core_shown_get_look_bytes(look, shown->identity.width,
					 shown->identity.height, view->bytes_per_pixel)
			       : get_view_bytes(view);
	uint64_t begin;
	int ret;

	/* Files in memory are RAM, however long a busy machine takes to read them. */
	if (dmabuf->objects[0].kind == WLTEX_OBJECT_MEMORY)
		return look_at_view(shown, view, look, changed);
	begin = sum_cost_begin(&dmabuf->cost);
	ret = look_at_view(shown, view, look, changed);
	if (ret >= 0)
		sum_cost_end(&dmabuf->cost, begin, bytes, &rows);
	return ret;
}

static int read_dmabuf(struct core_shown *shown, struct wltex_dmabuf *dmabuf,
	const struct core_shown_look *look, pixman_region32_t *changed)
{
	struct wltex_rows rows = {0, UINT32_MAX};
	struct wltex_dmabuf_view view;
	int ret;

	if (dmabuf->cost.too_slow)
		return -ETIME;
	/* The tiles that are claimed are read, and perhaps all others that are known. */
	if (!look->others && !shown->identity.y_inverted)
		rows = core_tile_rows(look->claimed);
	ret = wltex_dmabuf_begin_read_rows(dmabuf, rows, &view);
	if (ret < 0)
		return ret;
	shown->identity.bytes_per_pixel = view.bytes_per_pixel;
	ret = look_timed(shown, dmabuf, &view, look, changed);
	wltex_dmabuf_end_read(dmabuf);
	return ret;
}

static void set_dmabuf_identity(
	struct core_shown *shown, const struct wltex_dmabuf *dmabuf, uint32_t bytes_per_pixel)
{
	const struct wltex_dmabuf_attributes *a = wltex_dmabuf_get_attributes(dmabuf);

	set_identity(shown, &(struct core_shown_identity){
				    .format = a->format,
				    .modifier = a->modifier,
				    .width = (uint32_t)a->width,
				    .height = (uint32_t)a->height,
				    .bytes_per_pixel = bytes_per_pixel,
				    .y_inverted = a->flags & WLTEX_DMABUF_Y_INVERT,
			    });
}

int core_shown_look_dmabuf(struct core_shown *shown, struct wltex_dmabuf *dmabuf,
	const struct core_shown_look *look, pixman_region32_t *changed)
{
	int ret;

	set_dmabuf_identity(shown, dmabuf, shown->identity.bytes_per_pixel);
	core_shown_drop_look(shown);
	ret = look->promised ? look_at_frame(shown, look->promise, changed)
			     : read_dmabuf(shown, dmabuf, look, changed);
	if (ret < 0)
		core_shown_forget(shown, NULL);
	return ret;
}

int core_shown_look_sums(struct core_shown *shown, const struct wltex_dmabuf *dmabuf,
	const struct wltex_sum *sums, const struct core_shown_look *look,
	pixman_region32_t *changed)
{
	int ret = -ENOTSUP;

	set_dmabuf_identity(shown, dmabuf, 4);
	core_shown_drop_look(shown);
	/* Tiles count rows from the start of the memory, claims from the top of the picture. */
	if (!shown->identity.y_inverted || is_whole(shown, look->claimed))
		ret = make_tiles(shown);
	if (ret < 0) {
		core_shown_forget(shown, NULL);
		return ret;
	}
	return sum_shown_look_at_sums(shown->tiles, sums, look->claimed, look->others, changed) > 0;
}

int core_shown_look_pixels(struct core_shown *shown, const struct wltex_pixels *pixels,
	uint32_t bytes_per_pixel, const struct core_shown_look *look, pixman_region32_t *changed)
{
	int ret;

	set_identity(shown, &(struct core_shown_identity){
				    .format = pixels->format,
				    .width = pixels->width,
				    .height = pixels->height,
				    .bytes_per_pixel = bytes_per_pixel,
			    });
	core_shown_drop_look(shown);
	ret = look->promised ? look_at_frame(shown, look->promise, changed)
			     : look_at_tiles(shown,
				       &(struct wltex_sum_pixels){pixels->data, pixels->stride},
				       look, changed);
	if (ret < 0)
		core_shown_forget(shown, NULL);
	return ret;
}

void core_shown_settle(struct core_shown *shown)
{
	uint32_t before;
	bool known = get_frame(shown, &before);

	if (shown->look == CORE_LOOK_TILES) {
		shown->has_frame = false;
		sum_shown_settle(shown->tiles);
	} else if (shown->look == CORE_LOOK_FRAME && !(known && before == shown->next_frame)) {
		core_shown_forget(shown, NULL);
		shown->has_frame = true;
		shown->frame = shown->next_frame;
	}
}

void core_shown_drop_look(struct core_shown *shown)
{
	shown->look = CORE_LOOK_NONE;
	if (shown->tiles != NULL)
		sum_shown_drop_look(shown->tiles);
}

void core_shown_forget(struct core_shown *shown, const pixman_region32_t *region)
{
	if (region != NULL && !pixman_region32_not_empty((pixman_region32_t *)region))
		return;
	shown->has_frame = false;
	if (shown->tiles != NULL)
		sum_shown_forget(shown->tiles, region);
}

void core_shown_forget_unlooked(struct core_shown *shown, const pixman_region32_t *region)
{
	if (!pixman_region32_not_empty((pixman_region32_t *)region))
		return;
	/* A look at the frame, be it a promise, is of all of it. */
	if (shown->look == CORE_LOOK_FRAME)
		return;
	shown->has_frame = false;
	if (shown->tiles != NULL)
		sum_shown_forget_unlooked(shown->tiles, region);
}

bool core_shown_is_known(const struct core_shown *shown)
{
	return shown->has_frame || (shown->tiles != NULL && sum_shown_is_known(shown->tiles));
}

size_t core_shown_get_size(const struct core_shown *shown)
{
	return shown->tiles != NULL
		       ? sum_shown_get_size(shown->identity.width, shown->identity.height)
		       : 0;
}
