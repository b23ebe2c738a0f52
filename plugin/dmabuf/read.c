/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dmabuf/check.h"
#include "dmabuf/dmabuf.h"
#include "dmabuf/format.h"
#include "dmabuf/modifier.h"
#include "dmabuf/read.h"
#include "util/fd.h"
#include "util/memory.h"

/* Tries of an ioctl that a signal, or the driver, interrupts. */
#define MAX_TRIES 16

/* What alignment and tiles that stick out may add to an object: half of it, or this. */
#define SLACK (4u << 20)

/* The part of a kernel object that is read, or mapped. */
struct range {
	uint64_t start, end;
};

static bool is_linear(const struct wltex_dmabuf *dmabuf)
{
	for (int i = 0; i < dmabuf->attributes.n_planes; i++) {
		if (!wltex_dmabuf_is_linear(dmabuf->attributes.modifier, &dmabuf->objects[i]))
			return false;
	}
	return true;
}

static bool has_pixels(const struct wltex_format_info *info)
{
	int bytes = info->bytes_per_pixel[0];

	return info->n_planes == 1 && info->hsub[0] == 1 && info->vsub[0] == 1 &&
	       (bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8);
}

static uint64_t plane_bytes(const struct wltex_dmabuf *dmabuf, int plane)
{
	return (uint64_t)dmabuf->attributes.planes[plane].stride *
	       wltex_dmabuf_plane_rows(&dmabuf->attributes, plane);
}

/*
 * Linear planes are read as far as they were checked. Tiles stick out below the last row
 * and compression state may follow, so everything else is read to the object's end.
 */
static int find_range(const struct wltex_dmabuf *dmabuf, int first, struct range *range)
{
	int64_t size = dmabuf->objects[first].size;
	uint64_t sum = 0;

	*range = (struct range){.start = UINT64_MAX};
	for (int i = first; i < dmabuf->attributes.n_planes; i++) {
		uint64_t offset = dmabuf->attributes.planes[i].offset;
		uint64_t bytes = plane_bytes(dmabuf, i);
		if (wltex_dmabuf_first_plane(dmabuf, i) != first)
			continue;
		range->start = offset < range->start ? offset : range->start;
		range->end = offset + bytes > range->end ? offset + bytes : range->end;
		sum += bytes;
	}
	if (!is_linear(dmabuf)) {
		if (size < 0)
			return -ENOTSUP;
		range->end = (uint64_t)size;
		if (range->end - range->start > 2 * sum + SLACK)
			return -EFBIG;
	}
	return range->end > PTRDIFF_MAX ? -ENOMEM : 0;
}

static bool may_have_holes(const struct wltex_dmabuf *dmabuf, int plane)
{
	return dmabuf->objects[plane].kind == WLTEX_OBJECT_MEMORY;
}

bool wltex_dmabuf_stays_whole(const struct wltex_dmabuf *dmabuf)
{
	for (int i = 0; i < dmabuf->attributes.n_planes; i++) {
		if (wltex_dmabuf_first_plane(dmabuf, i) == i &&
			dmabuf->objects[i].kind == WLTEX_OBJECT_MEMORY &&
			!wltex_fd_stays_whole(dmabuf->attributes.planes[i].fd,
				wltex_dmabuf_get_object_bytes(dmabuf, i)))
			return false;
	}
	return true;
}

/*
 * What to map, in whole pages. Of a memory file only the range itself. Of a dmabuf all that
 * is in front of it too: drivers exist that do not heed where a mapping is to begin.
 */
static struct range find_pages(const struct range *range, bool memory)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	return (struct range){
		.start = memory ? range->start / page * page : 0,
		.end = (range->end + page - 1) / page * page,
	};
}

/* No page is touched: holes stay holes. */
static int map(struct wltex_dmabuf *dmabuf, int plane, const struct range *range)
{
	struct wltex_mapping *mapping = &dmabuf->mappings[plane];
	struct range pages = find_pages(range, may_have_holes(dmabuf, plane));
	int fd = dmabuf->attributes.planes[plane].fd;
	size_t size = (size_t)(pages.end - pages.start);
	void *data;

	if (mapping->data != NULL)
		return 0;
	if (may_have_holes(dmabuf, plane) && !wltex_fd_stays_whole(fd, range->end))
		return -EPERM;
	data = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, (off_t)pages.start);
	if (data == MAP_FAILED)
		return -errno;
	*mapping = (struct wltex_mapping){.data = data, .offset = pages.start, .size = size};
	return 0;
}

static int check_fence(const struct wltex_dmabuf *dmabuf, int plane)
{
	struct pollfd p = {.fd = dmabuf->attributes.planes[plane].fd, .events = POLLIN};

	if (dmabuf->objects[plane].kind != WLTEX_OBJECT_DMABUF)
		return 0;
	for (int i = 0; i < MAX_TRIES; i++) {
		int n = poll(&p, 1, 0);
		if (n == 0)
			return -EAGAIN;
		if (n == 1)
			return p.revents & POLLIN ? 0 : -EIO;
		if (errno != EINTR)
			return -errno;
	}
	return -EAGAIN;
}

static int sync_object(const struct wltex_dmabuf *dmabuf, int plane, uint64_t flags)
{
	struct dma_buf_sync sync = {.flags = flags | DMA_BUF_SYNC_READ};

	if (dmabuf->objects[plane].kind != WLTEX_OBJECT_DMABUF)
		return 0;
	for (int i = 0; i < MAX_TRIES; i++) {
		if (ioctl(dmabuf->attributes.planes[plane].fd, DMA_BUF_IOCTL_SYNC, &sync) == 0)
			return 0;
		if (errno != EINTR && errno != EAGAIN)
			return -errno;
	}
	return -EAGAIN;
}

/* End the reads of the objects below plane. */
static void stop(const struct wltex_dmabuf *dmabuf, int plane)
{
	for (int i = plane - 1; i >= 0; i--) {
		if (wltex_dmabuf_first_plane(dmabuf, i) == i)
			sync_object(dmabuf, i, DMA_BUF_SYNC_END);
	}
}

static int start(const struct wltex_dmabuf *dmabuf)
{
	for (int i = 0; i < dmabuf->attributes.n_planes; i++) {
		int result = wltex_dmabuf_first_plane(dmabuf, i) == i
				     ? sync_object(dmabuf, i, DMA_BUF_SYNC_START)
				     : 0;
		if (result != 0) {
			stop(dmabuf, i);
			return result;
		}
	}
	return 0;
}

/* A mapping stays when another object cannot be read: the next read may go better. */
static int prepare(struct wltex_dmabuf *dmabuf)
{
	struct range range;
	int result = 0;

	for (int i = 0; i < dmabuf->attributes.n_planes && result == 0; i++) {
		if (wltex_dmabuf_first_plane(dmabuf, i) == i)
			result = check_fence(dmabuf, i);
	}
	for (int i = 0; i < dmabuf->attributes.n_planes && result == 0; i++) {
		if (wltex_dmabuf_first_plane(dmabuf, i) != i)
			continue;
		result = find_range(dmabuf, i, &range);
		if (result == 0)
			result = map(dmabuf, i, &range);
		/* Its owner can change that too. */
		if (result == 0 && may_have_holes(dmabuf, i) &&
			!wltex_fd_tells_residency(dmabuf->attributes.planes[i].fd))
			result = -ENODATA;
	}
	return result;
}

/* A byte of the kernel object that plane is the first of. */
static const uint8_t *mapped(const struct wltex_dmabuf *dmabuf, int plane, uint64_t offset)
{
	const struct wltex_mapping *mapping = &dmabuf->mappings[plane];

	return mapping->data != NULL ? mapping->data + (offset - mapping->offset) : NULL;
}

static void view_rows(const struct wltex_dmabuf *dmabuf, const struct wltex_format_info *info,
	struct wltex_dmabuf_view *view)
{
	const struct wltex_dmabuf_attributes *attributes = &dmabuf->attributes;

	view->layout = has_pixels(info) ? WLTEX_LAYOUT_PIXELS : WLTEX_LAYOUT_BYTES;
	view->bytes_per_pixel = view->layout == WLTEX_LAYOUT_PIXELS ? info->bytes_per_pixel[0] : 0;
	view->n_planes = attributes->n_planes;
	for (int i = 0; i < attributes->n_planes; i++) {
		const struct wltex_dmabuf_plane *plane = &attributes->planes[i];
		int first = wltex_dmabuf_first_plane(dmabuf, i);
		view->planes[i].data = mapped(dmabuf, first, plane->offset);
		view->planes[i].stride = plane->stride;
		/* The checks made sure that no row is longer than the stride. */
		view->planes[i].row_bytes =
			(size_t)wltex_format_row_bytes(info, i, (uint32_t)attributes->width);
		view->planes[i].rows = wltex_dmabuf_plane_rows(attributes, i);
		view->planes[i].may_have_holes = may_have_holes(dmabuf, i);
	}
}

static void view_objects(const struct wltex_dmabuf *dmabuf, struct wltex_dmabuf_view *view)
{
	struct range range;

	view->layout = WLTEX_LAYOUT_BYTES;
	for (int i = 0; i < dmabuf->attributes.n_planes; i++) {
		int n = view->n_planes;
		if (wltex_dmabuf_first_plane(dmabuf, i) != i || find_range(dmabuf, i, &range) != 0)
			continue;
		view->planes[n].data = mapped(dmabuf, i, range.start);
		view->planes[n].stride = (size_t)(range.end - range.start);
		view->planes[n].row_bytes = view->planes[n].stride;
		view->planes[n].rows = 1;
		view->planes[n].may_have_holes = may_have_holes(dmabuf, i);
		view->n_planes++;
	}
}

static bool is_readable(const struct wltex_dmabuf *dmabuf)
{
	return wltex_format_info_get(dmabuf->attributes.format) != NULL &&
	       wltex_modifier_bytes_tell_all(dmabuf->attributes.modifier);
}

/* Of a readable dmabuf. The data is NULL of what is not mapped. */
static void view_content(const struct wltex_dmabuf *dmabuf, struct wltex_dmabuf_view *view)
{
	*view = (struct wltex_dmabuf_view){0};
	if (is_linear(dmabuf))
		view_rows(dmabuf, wltex_format_info_get(dmabuf->attributes.format), view);
	else
		view_objects(dmabuf, view);
}

/* Each time, as pages can be taken out at any time. Only what has pixels is read in part. */
static int check_holes(const struct wltex_dmabuf_view *view, struct wltex_rows rows)
{
	for (int i = 0; i < view->n_planes; i++) {
		bool in_part = view->layout == WLTEX_LAYOUT_PIXELS;
		uint32_t end = in_part && rows.end < view->planes[i].rows ? rows.end
									  : view->planes[i].rows;
		uint32_t first = in_part && rows.first < end ? rows.first : 0;
		size_t stride = view->planes[i].stride;

		if (view->planes[i].may_have_holes &&
			!wltex_rows_are_resident(view->planes[i].data + first * stride, stride,
				view->planes[i].row_bytes, end - first))
			return -ENODATA;
	}
	return 0;
}

int wltex_dmabuf_begin_read(struct wltex_dmabuf *dmabuf, struct wltex_dmabuf_view *view)
{
	return wltex_dmabuf_begin_read_rows(dmabuf, (struct wltex_rows){0, UINT32_MAX}, view);
}

int wltex_dmabuf_begin_read_rows(
	struct wltex_dmabuf *dmabuf, struct wltex_rows rows, struct wltex_dmabuf_view *view)
{
	int result = is_readable(dmabuf) ? prepare(dmabuf) : -ENOTSUP;

	*view = (struct wltex_dmabuf_view){0};
	if (result == 0) {
		view_content(dmabuf, view);
		result = check_holes(view, rows);
	}
	if (result == 0 && dmabuf->n_reads == 0)
		result = start(dmabuf);
	if (result == 0)
		dmabuf->n_reads++;
	/* Sparse files can be large: they are not to use up the addresses. */
	if (result == -ENODATA && dmabuf->n_reads == 0)
		wltex_dmabuf_unmap(dmabuf);
	return result;
}

void wltex_dmabuf_end_read(struct wltex_dmabuf *dmabuf)
{
	if (--dmabuf->n_reads == 0)
		stop(dmabuf, dmabuf->attributes.n_planes);
}

uint64_t wltex_dmabuf_get_read_cost(const struct wltex_dmabuf *dmabuf)
{
	struct wltex_dmabuf_view view;
	uint64_t cost = 0;

	if (!is_readable(dmabuf))
		return 0;
	view_content(dmabuf, &view);
	for (int i = 0; i < view.n_planes; i++)
		cost += wltex_rows_get_cost(
			view.planes[i].stride, view.planes[i].row_bytes, view.planes[i].rows);
	return cost;
}

void wltex_dmabuf_unmap(struct wltex_dmabuf *dmabuf)
{
	for (int i = 0; i < WLTEX_MAX_PLANES; i++) {
		struct wltex_mapping *mapping = &dmabuf->mappings[i];
		if (mapping->data != NULL)
			munmap((void *)(uintptr_t)mapping->data, mapping->size);
		*mapping = (struct wltex_mapping){0};
	}
}
