/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "core/content.h"
#include "dmabuf/dmabuf.h"
#include "sum/cost.h"

/*
 * More than this is not read: the first look at it would take longer than a frame. It is
 * more than 4K needs, and less than 8K.
 */
#define MAX_LOOK_BYTES (64u << 20)

void core_content_forget(struct core_content *content)
{
	content->kind = WLTEX_CONTENT_UNREAD;
	content->tiles_known = false;
}

void core_content_finish(struct core_content *content)
{
	wltex_sum_destroy(content->tiles);
	content->tiles = NULL;
	core_content_forget(content);
}

static void set_all(const struct core_content *content, pixman_region32_t *region)
{
	pixman_region32_fini(region);
	pixman_region32_init_rect(region, 0, 0, content->width, content->height);
}

static enum core_change give_up(
	struct core_content *content, enum wltex_content why, pixman_region32_t *changed)
{
	core_content_forget(content);
	content->kind = why;
	set_all(content, changed);
	return CORE_UNKNOWN;
}

/* The same bytes in another shape, or upside down, are another content. */
static void set_identity(struct core_content *content, const struct core_content *identity)
{
	if (content->format == identity->format && content->modifier == identity->modifier &&
		content->width == identity->width && content->height == identity->height &&
		content->y_inverted == identity->y_inverted)
		return;
	core_content_finish(content);
	*content = *identity;
}

void core_content_expect_dmabuf(struct core_content *content, const struct wltex_dmabuf *dmabuf)
{
	const struct wltex_dmabuf_attributes *a = wltex_dmabuf_get_attributes(dmabuf);

	set_identity(content, &(struct core_content){
				      .format = a->format,
				      .modifier = a->modifier,
				      .width = (uint32_t)a->width,
				      .height = (uint32_t)a->height,
				      .y_inverted = a->flags & WLTEX_DMABUF_Y_INVERT,
			      });
}

void core_content_expect_pixels(struct core_content *content, const struct wltex_pixels *pixels)
{
	set_identity(content, &(struct core_content){
				      .format = pixels->format,
				      .width = pixels->width,
				      .height = pixels->height,
			      });
}

void core_flip_rows(
	uint32_t width, uint32_t height, pixman_region32_t *region, const pixman_region32_t *source)
{
	int n = 0;
	const pixman_box32_t *boxes = pixman_region32_rectangles(source, &n);
	pixman_region32_t flipped;
	bool complete = true;

	pixman_region32_init(&flipped);
	for (int i = 0; i < n && complete; i++)
		complete = pixman_region32_union_rect(&flipped, &flipped, boxes[i].x1,
			(int)height - boxes[i].y2, (unsigned)(boxes[i].x2 - boxes[i].x1),
			(unsigned)(boxes[i].y2 - boxes[i].y1));
	if (!complete || !pixman_region32_copy(region, &flipped)) {
		pixman_region32_fini(region);
		pixman_region32_init_rect(region, 0, 0, width, height);
	}
	pixman_region32_fini(&flipped);
}

static enum core_change promise(
	struct core_content *content, uint32_t sum, pixman_region32_t *changed)
{
	bool known = content->kind == WLTEX_CONTENT_SUM;

	if (known && content->frame == sum) {
		pixman_region32_clear(changed);
		return CORE_SAME;
	}
	content->kind = WLTEX_CONTENT_SUM;
	content->frame = sum;
	content->tiles_known = false;
	set_all(content, changed);
	return known ? CORE_CHANGED : CORE_NEW;
}

enum core_change core_content_promise_dmabuf(struct core_content *content,
	const struct wltex_dmabuf *dmabuf, uint32_t sum, pixman_region32_t *changed)
{
	core_content_expect_dmabuf(content, dmabuf);
	return promise(content, sum, changed);
}

enum core_change core_content_promise_pixels(struct core_content *content,
	const struct wltex_pixels *pixels, uint32_t sum, pixman_region32_t *changed)
{
	core_content_expect_pixels(content, pixels);
	return promise(content, sum, changed);
}

static enum core_change update_tiles(struct core_content *content,
	const struct wltex_sum_pixels *pixels, uint32_t bytes_per_pixel, struct sum_cost *cost,
	const pixman_region32_t *damage, pixman_region32_t *changed)
{
	bool known = content->kind == WLTEX_CONTENT_SUM;
	uint32_t before = content->frame;

	if (content->tiles == NULL)
		content->tiles = wltex_sum_create(content->width, content->height, bytes_per_pixel);
	if (content->tiles == NULL)
		return give_up(content, WLTEX_CONTENT_NO_MEMORY, changed);
	if (!content->tiles_known)
		wltex_sum_reset(content->tiles);
	bool tiles_changed = sum_cost_update(cost, content->tiles, pixels, damage, changed) > 0;
	bool compared = content->tiles_known;

	content->kind = WLTEX_CONTENT_SUM;
	content->tiles_known = true;
	content->frame = wltex_sum_get_frame(content->tiles);
	if (compared)
		return tiles_changed ? CORE_CHANGED : CORE_SAME;
	/* The last sum was promised: tiles have nothing to be compared with. */
	if (known && content->frame == before) {
		pixman_region32_clear(changed);
		return CORE_SAME;
	}
	return known ? CORE_CHANGED : CORE_NEW;
}

static enum core_change update_bytes(struct core_content *content,
	const struct wltex_dmabuf_view *view, struct sum_cost *cost,
	const pixman_region32_t *damage, pixman_region32_t *changed)
{
	bool known = content->kind == WLTEX_CONTENT_COMPARED;
	uint32_t crc = 0;

	if (known && damage != NULL && !pixman_region32_not_empty(damage)) {
		pixman_region32_clear(changed);
		return CORE_SAME;
	}
	uint64_t begin = sum_cost_begin(cost);
	size_t size = 0;

	for (int i = 0; i < view->n_planes; i++) {
		size += view->planes[i].rows * view->planes[i].row_bytes;
		for (uint32_t y = 0; y < view->planes[i].rows; y++)
			crc = wltex_sum_bytes(crc,
				view->planes[i].data + y * view->planes[i].stride,
				view->planes[i].row_bytes);
	}
	const struct sum_cost_rows rows = {
		.data = view->planes[0].data,
		.stride = view->planes[0].stride,
		.row_bytes = view->planes[0].row_bytes,
		.rows = view->planes[0].rows,
	};
	sum_cost_end(cost, begin, size, &rows);
	bool same = known && crc == content->frame;

	content->kind = WLTEX_CONTENT_COMPARED;
	content->tiles_known = false;
	content->frame = crc;
	if (same)
		pixman_region32_clear(changed);
	else
		set_all(content, changed);
	if (!known)
		return CORE_NEW;
	return same ? CORE_SAME : CORE_CHANGED;
}

static enum core_change update_view(struct core_content *content,
	const struct wltex_dmabuf_view *view, struct sum_cost *cost,
	const pixman_region32_t *damage, pixman_region32_t *changed)
{
	const struct wltex_sum_pixels pixels = {view->planes[0].data, view->planes[0].stride};
	pixman_region32_t flipped;
	enum core_change change;

	if (view->layout != WLTEX_LAYOUT_PIXELS)
		return update_bytes(content, view, cost, damage, changed);
	if (!content->y_inverted)
		return update_tiles(content, &pixels, view->bytes_per_pixel, cost, damage, changed);

	pixman_region32_init(&flipped);
	if (damage != NULL)
		core_flip_rows(content->width, content->height, &flipped, damage);
	change = update_tiles(content, &pixels, view->bytes_per_pixel, cost,
		damage != NULL ? &flipped : NULL, changed);
	core_flip_rows(content->width, content->height, changed, changed);
	pixman_region32_fini(&flipped);
	return change;
}

struct wltex_rows core_tile_rows(const pixman_region32_t *region)
{
	/* Older pixman forgot the const. */
	const pixman_box32_t *box = pixman_region32_extents((pixman_region32_t *)region);
	uint32_t first = box->y1 > 0 ? (uint32_t)box->y1 : 0;
	uint32_t end = box->y2 > 0 ? (uint32_t)box->y2 : 0;

	return (struct wltex_rows){
		.first = first / WLTEX_TILE_SIZE * WLTEX_TILE_SIZE,
		.end = (end + WLTEX_TILE_SIZE - 1) / WLTEX_TILE_SIZE * WLTEX_TILE_SIZE,
	};
}

/* What an update is going to read: where nothing is known, all. */
static struct wltex_rows find_rows(
	const struct core_content *content, const pixman_region32_t *damage)
{
	if (damage == NULL || content->tiles == NULL || !content->tiles_known ||
		content->y_inverted)
		return (struct wltex_rows){0, UINT32_MAX};
	return core_tile_rows(damage);
}

enum wltex_content core_content_get_reason(int error)
{
	switch (error) {
	case -EAGAIN:
		return WLTEX_CONTENT_PENDING;
	case -EPERM:
		return WLTEX_CONTENT_CAN_SHRINK;
	case -ENODATA:
		return WLTEX_CONTENT_NOT_RESIDENT;
	case -ENOTSUP:
		return WLTEX_CONTENT_LAYOUT;
	case -EFBIG:
		return WLTEX_CONTENT_TOO_LARGE;
	case -ETIME:
		return WLTEX_CONTENT_TOO_SLOW;
	case -ENOMEM:
		return WLTEX_CONTENT_NO_MEMORY;
	default:
		return WLTEX_CONTENT_FAILED;
	}
}

enum core_change core_content_update_dmabuf(struct core_content *content,
	struct wltex_dmabuf *dmabuf, const pixman_region32_t *damage, pixman_region32_t *changed)
{
	const struct wltex_dmabuf_attributes *a = wltex_dmabuf_get_attributes(dmabuf);
	struct sum_cost is_ram = {.measured = UINT8_MAX};
	struct wltex_dmabuf_view view;
	enum core_change change;
	int ret;

	core_content_expect_dmabuf(content, dmabuf);
	if (dmabuf->cost.too_slow)
		return give_up(content, WLTEX_CONTENT_TOO_SLOW, changed);
	if ((uint64_t)a->planes[0].stride * (uint64_t)a->height > MAX_LOOK_BYTES)
		return give_up(content, WLTEX_CONTENT_TOO_LARGE, changed);
	ret = wltex_dmabuf_begin_read_rows(dmabuf, find_rows(content, damage), &view);
	if (ret < 0)
		return give_up(content, core_content_get_reason(ret), changed);
	/* Files in memory are RAM, however long a busy machine takes to read them. */
	change = update_view(content, &view,
		dmabuf->objects[0].kind == WLTEX_OBJECT_MEMORY ? &is_ram : &dmabuf->cost, damage,
		changed);
	wltex_dmabuf_end_read(dmabuf);
	return change;
}

enum core_change core_content_update_pixels(struct core_content *content,
	const struct wltex_pixels *pixels, uint32_t bytes_per_pixel,
	const pixman_region32_t *damage, pixman_region32_t *changed)
{
	struct sum_cost is_ram = {.measured = UINT8_MAX};

	core_content_expect_pixels(content, pixels);
	return update_tiles(content, &(struct wltex_sum_pixels){pixels->data, pixels->stride},
		bytes_per_pixel, &is_ram, damage, changed);
}

uint64_t core_region_area(const pixman_region32_t *region)
{
	uint64_t area = 0;
	int n = 0;
	const pixman_box32_t *boxes = pixman_region32_rectangles(region, &n);

	for (int i = 0; i < n; i++)
		area += (uint64_t)(boxes[i].x2 - boxes[i].x1) *
			(uint64_t)(boxes[i].y2 - boxes[i].y1);
	return area;
}
