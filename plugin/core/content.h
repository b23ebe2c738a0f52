/* SPDX-License-Identifier: MIT */
#ifndef CORE_CONTENT_H
#define CORE_CONTENT_H

#include <pixman.h>

#include <wltex/sum.h>
#include <wltex/texture.h>

#include "dmabuf/read.h"

/*
 * What is known of the content that a texture showed last: its identity (format,
 * modifier, size, direction) and its sums. It outlives a change of buffers, so that a client that
 * flips among several is seen to repeat itself.
 */
struct core_content {
	uint32_t format;
	uint64_t modifier;
	uint32_t width, height;
	bool y_inverted;

	enum wltex_content kind;
	/* SUM: the content sum as sum.h defines it; COMPARED: one of bytes in no pixel order. */
	uint32_t frame;
	/* The tiles; up to date if kind is SUM and tiles_known. */
	struct wltex_sum *tiles;
	bool tiles_known;
};

enum core_change {
	CORE_SAME, // nothing changed
	CORE_CHANGED,
	CORE_NEW,     // known now, but there was nothing to compare with
	CORE_UNKNOWN, // not knowable without waiting, or not readable: counts as changed
};

/*
 * Look at a dmabuf or at pixels, compare with what was shown last, and remember.
 * damage: what may have changed, in pixels; NULL: anything. changed, initialised by the
 * caller, becomes what did change, tile-wise and clipped to the frame.
 */
enum core_change core_content_update_dmabuf(struct core_content *content,
	struct wltex_dmabuf *dmabuf, const pixman_region32_t *damage, pixman_region32_t *changed);
enum core_change core_content_update_pixels(struct core_content *content,
	const struct wltex_pixels *pixels, uint32_t bytes_per_pixel,
	const pixman_region32_t *damage, pixman_region32_t *changed);

/*
 * The same without a look: the owner promised what the content sum is. Tiles are not known
 * after that.
 */
enum core_change core_content_promise_dmabuf(struct core_content *content,
	const struct wltex_dmabuf *dmabuf, uint32_t sum, pixman_region32_t *changed);
enum core_change core_content_promise_pixels(struct core_content *content,
	const struct wltex_pixels *pixels, uint32_t sum, pixman_region32_t *changed);

/*
 * That is what comes next, though nobody looks yet: of another shape than before, nothing is
 * known.
 */
void core_content_expect_dmabuf(struct core_content *content, const struct wltex_dmabuf *dmabuf);
void core_content_expect_pixels(struct core_content *content, const struct wltex_pixels *pixels);

/* Why a look at a dmabuf, or of core_shown_look_dmabuf(), returned that negative errno. */
enum wltex_content core_content_get_reason(int error);

/* Nothing is known any more: the content was not looked at. */
void core_content_forget(struct core_content *content);

void core_content_finish(struct core_content *content);

/*
 * region becomes source in a picture whose rows are counted from the other side: damage counts
 * them from the top, tiles from the start of the memory. Without memory it becomes everything.
 */
void core_flip_rows(uint32_t width, uint32_t height, pixman_region32_t *region,
	const pixman_region32_t *source);

/* The rows of the tiles that the region (of a picture whose first row is the top one) touches. */
struct wltex_rows core_tile_rows(const pixman_region32_t *region);

/* Pixels in the region. */
uint64_t core_region_area(const pixman_region32_t *region);

#endif
