/* SPDX-License-Identifier: MIT */
#ifndef DMABUF_READ_H
#define DMABUF_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wltex/dmabuf.h>

enum wltex_layout {
	/* Rows of pixels of 1, 2, 4 or 8 bytes: one plane, linear. Tiles make sense. */
	WLTEX_LAYOUT_PIXELS,
	/* Bytes that change when pixels change, in an order that only the GPU knows. */
	WLTEX_LAYOUT_BYTES,
};

/* What can be read of a dmabuf, until wltex_dmabuf_end_read(). */
struct wltex_dmabuf_view {
	enum wltex_layout layout;
	/*
	 * With a layout that is not linear there is one "plane" of one long row for each
	 * kernel object: everything from its first plane's first byte to its end.
	 */
	int n_planes;
	struct {
		const uint8_t *data;
		/* Bytes from one row to the next. */
		size_t stride;
		/* Bytes of a row that mean something; the visible ones of PIXELS. */
		size_t row_bytes;
		uint32_t rows;
		/* In a memory file: parts of it may have no memory at all. */
		bool may_have_holes;
	} planes[WLTEX_MAX_PLANES];
	/* Of PIXELS; 0 for BYTES. */
	uint32_t bytes_per_pixel;
};

/*
 * Make the content readable, without waiting for anybody. What is returned stays mapped
 * until the dmabuf is destroyed, but is only to be read before wltex_dmabuf_end_read().
 * Reads may nest. Others may write meanwhile: read each byte once.
 *
 * Only the pages of the image are mapped and read. Of a memory file they are all in memory,
 * so that a read fills no hole of it: but whoever made it can still take them out.
 *
 * Returns 0, or after which nothing is to be ended:
 * -EAGAIN   a fence is pending: somebody still draws;
 * -EPERM    a file that its owner could truncate under us, or that is too small;
 * -ENOTSUP  an unknown format, or a layout whose bytes do not tell all of its content;
 * -ENODATA  a memory file with a hole in the image, or a part of it was never written or is
 *           swapped out; or it cannot be told whether it is so;
 * -EFBIG    a layout that is not linear in an object far larger than the attributes are;
 * another negative errno of poll, mmap or ioctl.
 */
int wltex_dmabuf_begin_read(struct wltex_dmabuf *dmabuf, struct wltex_dmabuf_view *view);
void wltex_dmabuf_end_read(struct wltex_dmabuf *dmabuf);

/* Rows of the memory: from the first, up to but without the end. */
struct wltex_rows {
	uint32_t first, end;
};

/*
 * The same where of PIXELS only these rows are going to be read: only they need to be in memory.
 * To find that out takes longer than to read a few tiles of a large image.
 */
int wltex_dmabuf_begin_read_rows(
	struct wltex_dmabuf *dmabuf, struct wltex_rows rows, struct wltex_dmabuf_view *view);

/*
 * Whether nobody can take away the memory while it is read: it is a dmabuf of the kernel, or
 * sealed and as large as it was.
 */
bool wltex_dmabuf_stays_whole(const struct wltex_dmabuf *dmabuf);

/*
 * What a look at all of the content costs, in bytes as of wltex_rows_get_cost(), so that it
 * need not be begun; 0 if nothing would be read. Looks at nothing but the attributes.
 */
uint64_t wltex_dmabuf_get_read_cost(const struct wltex_dmabuf *dmabuf);

/* Unmap everything: for wltex_dmabuf_destroy(). */
void wltex_dmabuf_unmap(struct wltex_dmabuf *dmabuf);

#endif
