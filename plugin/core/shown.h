/* SPDX-License-Identifier: MIT */
#ifndef CORE_SHOWN_H
#define CORE_SHOWN_H

#include <pixman.h>

#include <wltex/dmabuf.h>
#include <wltex/sum.h>
#include <wltex/texture.h>

/*
 * What a compositor has read last of a surface's pixels, as far as that is known: its identity
 * (format, modifier, size) and its sums. It outlives a change of buffers, so that a client that
 * flips among several is seen to repeat itself.
 *
 * A look is taken at the moment of use, right before the compositor reads the pixels itself. It
 * is believed only once it is settled, after the compositor has read them. What it read
 * without a look is to be forgotten. No GL.
 */
struct core_shown {
	struct core_shown_identity {
		uint32_t format;
		uint64_t modifier;
		uint32_t width, height, bytes_per_pixel;
		bool y_inverted;
	} identity;
	/* Tiles of pixels; NULL where bytes are in no pixel order, and before the first look. */
	struct sum_shown *tiles;
	/* The sum of all of it, where that was promised, or the bytes are in no pixel order. */
	bool has_frame;
	uint32_t frame;
	/* The last look, until it is settled or forgotten. */
	enum {
		CORE_LOOK_NONE,
		CORE_LOOK_TILES,
		CORE_LOOK_FRAME
	} look;
	uint32_t next_frame;
};

struct core_shown_look {
	const pixman_region32_t *claimed; // in buffer pixels
	/* Look at what is not claimed, too, where it is known: another buffer may differ there. */
	bool others;
	/* The owner says what the sum of all of it is (sum.h), so that nothing is read. */
	bool promised;
	uint32_t promise;
};

/*
 * About how many bytes a look reads; a row of a tile counts as a cache line at least. Bytes in
 * no pixel order are read whole.
 */
uint64_t core_shown_get_look_bytes(const struct core_shown_look *look, uint32_t width,
	uint32_t height, uint32_t bytes_per_pixel);

/*
 * Look. changed, initialised by the caller, becomes where what is claimed differs from what is
 * known to have been read last, in buffer pixels, tile-wise; what is not known counts.
 * Returns 1 if there was something to compare with, 0 if not; or, after which nothing is known:
 * -ENOMEM, -EFBIG (more tiles than are kept of one surface), and for dmabufs those of
 * wltex_dmabuf_begin_read() and -ETIME (its memory is too slow to read).
 */
int core_shown_look_dmabuf(struct core_shown *shown, struct wltex_dmabuf *dmabuf,
	const struct core_shown_look *look, pixman_region32_t *changed);
/* Nothing is read: the sums are those that the GPU has made of all of the dmabuf. */
int core_shown_look_sums(struct core_shown *shown, const struct wltex_dmabuf *dmabuf,
	const struct wltex_sum *sums, const struct core_shown_look *look,
	pixman_region32_t *changed);
int core_shown_look_pixels(struct core_shown *shown, const struct wltex_pixels *pixels,
	uint32_t bytes_per_pixel, const struct core_shown_look *look, pixman_region32_t *changed);

/*
 * The compositor has read all that was claimed of what was looked at. What it did not read of
 * the tiles that changed is to be forgotten then: they are a mix of old and new.
 */
void core_shown_settle(struct core_shown *shown);
/* The look is over: see core_shown_forget_unlooked(). */
void core_shown_drop_look(struct core_shown *shown);

/* What region, in buffer pixels, touches is not known any more; NULL: nothing is. */
void core_shown_forget(struct core_shown *shown, const pixman_region32_t *region);
/* The same, but for what was looked at since the look before was dropped. */
void core_shown_forget_unlooked(struct core_shown *shown, const pixman_region32_t *region);

bool core_shown_is_known(const struct core_shown *shown);

/* Bytes that are kept for the sums. */
size_t core_shown_get_size(const struct core_shown *shown);

void core_shown_finish(struct core_shown *shown);

#endif
