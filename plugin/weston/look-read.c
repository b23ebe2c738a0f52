/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>

#include <wltex/sum.h>

#include "core/content.h"
#include "dmabuf/dmabuf.h"
#include "dmabuf/format.h"
#include "dmabuf/read.h"
#include "util/memory.h"
#include "weston/look-read.h"
#include "weston/shm.h"

/* Of all surfaces of a client together: some hundred of the largest. */
#define MAX_SUM_BYTES ((size_t)64 << 20)

static bool is_inside(const pixman_region32_t *region, const struct weston_surface *surface)
{
	const pixman_box32_t *box = pixman_region32_extents((pixman_region32_t *)region);

	return box->x1 >= 0 && box->y1 >= 0 && box->x2 <= surface->width &&
	       box->y2 <= surface->height;
}

const char *look_read_why_not(const struct module_surface *surface)
{
	const struct weston_surface *weston = surface->surface;
	const struct weston_buffer *buffer = weston->buffer_ref.buffer;
	struct pollfd fence = {.fd = weston->acquire_fence_fd, .events = POLLIN};

	if (buffer == NULL || buffer->resource == NULL)
		return "the buffer is gone";
	/*
	 * gl-renderer draws these wrongly where it draws to a framebuffer object: one row of
	 * them everywhere.
	 */
	if (buffer->buffer_origin != ORIGIN_TOP_LEFT)
		return "upside down";
	if (!damage_is_mapped(weston))
		return "size out of all proportion";
	/* Claimed before the size became another one. */
	if (!is_inside(&surface->look.flushed, weston))
		return "damage beyond the surface";
	/* A fence of the buffer itself is found when it is read. */
	if (fence.fd >= 0 && (poll(&fence, 1, 0) != 1 || fence.revents != POLLIN))
		return "not drawn yet";
	if (surface->client->sum_bytes > MAX_SUM_BYTES)
		return "too many sums";
	return NULL;
}

static int look_at_dmabuf(struct module_surface *surface, struct wltex_dmabuf *dmabuf,
	const struct core_shown_look *what, pixman_region32_t *changed)
{
	/* What a client wants shown on the display only is not for us to read. */
	if (dmabuf == NULL || surface->surface->buffer_ref.buffer->direct_display)
		return -ENOTSUP;
	return core_shown_look_dmabuf(&surface->look.shown, dmabuf, what, changed);
}

/* Whether all of a box is in memory, in whole tiles: as much as a look reads of it. */
static bool is_box_resident(
	const struct wltex_pixels *pixels, uint32_t bytes_per_pixel, const pixman_box32_t *box)
{
	uint32_t x1 = (uint32_t)box->x1 / WLTEX_TILE_SIZE * WLTEX_TILE_SIZE;
	uint32_t y1 = (uint32_t)box->y1 / WLTEX_TILE_SIZE * WLTEX_TILE_SIZE;
	uint32_t x2 = ((uint32_t)box->x2 + WLTEX_TILE_SIZE - 1) / WLTEX_TILE_SIZE * WLTEX_TILE_SIZE;
	uint32_t y2 = ((uint32_t)box->y2 + WLTEX_TILE_SIZE - 1) / WLTEX_TILE_SIZE * WLTEX_TILE_SIZE;

	x2 = x2 < pixels->width ? x2 : pixels->width;
	y2 = y2 < pixels->height ? y2 : pixels->height;
	return wltex_rows_are_resident(
		(const uint8_t *)pixels->data + y1 * pixels->stride + (size_t)x1 * bytes_per_pixel,
		pixels->stride, (size_t)(x2 - x1) * bytes_per_pixel, y2 - y1);
}

/*
 * Whether what will be read is in memory: a look fills no holes, waits for no disk, and does not
 * meet the end of a file that was cut off. Otherwise it is left to Weston, which may never read
 * it.
 */
static bool is_resident(const struct wltex_pixels *pixels, uint32_t bytes_per_pixel,
	const struct core_shown_look *what)
{
	const pixman_box32_t all = {0, 0, (int32_t)pixels->width, (int32_t)pixels->height};
	const pixman_box32_t *boxes = &all;
	int n = 1;

	if (what->promised)
		return true;
	if (!what->others)
		boxes = pixman_region32_rectangles((pixman_region32_t *)what->claimed, &n);
	for (int i = 0; i < n; i++) {
		if (!is_box_resident(pixels, bytes_per_pixel, &boxes[i]))
			return false;
	}
	return true;
}

static int look_at_shm(struct module_surface *surface, struct wl_shm_buffer *shm,
	const struct core_shown_look *what, pixman_region32_t *changed)
{
	struct wltex_pixels pixels;
	uint32_t bytes_per_pixel = shm_get_pixels(shm, &pixels);
	int ret;

	if (bytes_per_pixel == 0)
		return -ENOTSUP;
	if (surface->client->track->has_foreign_pool)
		return -EPERM;
	if (!is_resident(&pixels, bytes_per_pixel, what))
		return -ENODATA;
	wl_shm_buffer_begin_access(shm);
	ret = core_shown_look_pixels(&surface->look.shown, &pixels, bytes_per_pixel, what, changed);
	wl_shm_buffer_end_access(shm);
	return ret;
}

/* Look at the buffer, whatever it is. Returns as core_shown_look_dmabuf(). */
static int look_at_buffer(struct module_surface *surface, const struct core_shown_look *what,
	pixman_region32_t *changed)
{
	const struct weston_buffer *buffer = surface->surface->buffer_ref.buffer;
	const struct wltex_track_buffer *tracked =
		wltex_track_get_buffer(surface->module->track, buffer->resource);

	if (tracked != NULL)
		return look_at_dmabuf(surface, tracked->dmabuf, what, changed);
	if (buffer->type == WESTON_BUFFER_SHM && buffer->shm_buffer != NULL)
		return look_at_shm(surface, buffer->shm_buffer, what, changed);
	return -ENOTSUP;
}

/* To find out whether all pages of a memory file are there costs about this, as read bytes. */
static uint64_t get_residency_bytes(const struct wltex_track_buffer *tracked)
{
	return tracked != NULL && tracked->dmabuf != NULL &&
			       tracked->dmabuf->objects[0].kind == WLTEX_OBJECT_MEMORY
		       ? wltex_dmabuf_get_read_cost(tracked->dmabuf) / 8
		       : 0;
}

/* What the look will read. */
static uint64_t get_bytes(const struct module_surface *surface, const struct core_shown_look *what)
{
	const struct weston_buffer *buffer = surface->surface->buffer_ref.buffer;
	const struct wltex_track_buffer *tracked =
		wltex_track_get_buffer(surface->module->track, buffer->resource);
	const struct wltex_format_info *format = NULL;
	struct wltex_pixels pixels;
	uint32_t bytes_per_pixel = 0;

	if (what->promised)
		return 0;
	if (tracked != NULL && tracked->dmabuf != NULL) {
		format = wltex_format_info_get(tracked->dmabuf->attributes.format);
		if (format == NULL || format->yuv || format->n_planes > 1)
			return wltex_dmabuf_get_read_cost(tracked->dmabuf);
		bytes_per_pixel = format->bytes_per_pixel[0];
	} else if (buffer->type == WESTON_BUFFER_SHM && buffer->shm_buffer != NULL) {
		bytes_per_pixel = shm_get_pixels(buffer->shm_buffer, &pixels);
	}
	return core_shown_get_look_bytes(
		       what, (uint32_t)buffer->width, (uint32_t)buffer->height, bytes_per_pixel) +
	       get_residency_bytes(tracked);
}

/* The sums' memory is the client's, be there more or less of it. */
static void count_sums(struct module_surface *surface, size_t before)
{
	surface->client->sum_bytes += core_shown_get_size(&surface->look.shown) - before;
}

int look_read(struct module_surface *surface, const struct core_shown_look *what,
	pixman_region32_t *changed)
{
	struct module *module = surface->module;
	struct budget_share *share = &surface->client->looks;
	uint64_t bytes = get_bytes(surface, what);
	size_t sums = core_shown_get_size(&surface->look.shown);
	uint64_t begin_ns = wltex_now_ns();
	int ret;

	if (!budget_fits(&module->budget, share, bytes, begin_ns)) {
		policy_refuse(&surface->policy, core_region_area(what->claimed), begin_ns);
		return -EBUSY;
	}
	ret = look_at_buffer(surface, what, changed);
	budget_spend(&module->budget, share, ret >= 0 ? bytes : 0, wltex_now_ns() - begin_ns);
	/* To find out that it cannot be read takes time as well. */
	if (ret < 0 && ret != -EAGAIN)
		policy_refuse(&surface->policy, core_region_area(what->claimed), begin_ns);
	count_sums(surface, sums);
	return ret;
}
