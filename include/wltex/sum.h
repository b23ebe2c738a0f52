/* SPDX-License-Identifier: MIT */
#ifndef WLTEX_SUM_H
#define WLTEX_SUM_H

#include <stddef.h>
#include <stdint.h>
#include <pixman.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Content sums.
 *
 * The content sum of a frame is zlib's CRC-32 of the visible bytes (width * bytes per
 * pixel) of each row, first row first; padding between rows is left out. A tile is a
 * square of WLTEX_TILE_SIZE pixels a side (tiles at the right and bottom edge are
 * smaller); each tile has a sum of the same definition over its own rows, which
 * carries further bits inside, so that a missed change is as good as impossible.
 *
 * No function here touches GL, and none reads a byte outside the visible ones.
 */
#define WLTEX_TILE_SIZE 64

/** Pixels in memory, as far as sums see them. */
struct wltex_sum_pixels {
	/** First byte of the first row. No alignment is needed. */
	const void *data;
	/** Bytes from one row to the next; at least width * bytes_per_pixel. */
	size_t stride;
};

/** The sums of one frame: its content sum and one sum per tile. */
struct wltex_sum;

/**
 * Make an empty grid (no sums yet) for frames of \p width by \p height pixels of
 * \p bytes_per_pixel bytes (1, 2, 4 or 8).
 * \return NULL with errno set to EINVAL or ENOMEM.
 */
struct wltex_sum *wltex_sum_create(uint32_t width, uint32_t height, uint32_t bytes_per_pixel);

/** NULL does nothing. */
void wltex_sum_destroy(struct wltex_sum *sum);

/**
 * Bring the sums up to date with \p pixels.
 *
 * Only the tiles that \p damage (pixels, buffer coordinates; clipped to the frame)
 * touches are read, or all of them if \p damage is NULL. The first update reads
 * everything. The frame's sum is right if nothing outside \p damage changed.
 *
 * \param changed if not NULL, an initialised region; it is set to the union of the
 * tiles whose sums changed (all of the frame on the first update), in few rectangles,
 * tile-aligned and clipped to the frame. Not intersected with \p damage.
 * \return the number of tiles that changed; or (size_t)-1 with errno set to EINVAL, and nothing is
 * touched, if there is no data, or a stride that is shorter than a row.
 */
size_t wltex_sum_update(struct wltex_sum *sum, const struct wltex_sum_pixels *pixels,
	const pixman_region32_t *damage, pixman_region32_t *changed);

/**
 * Let updates of large areas use \p threads threads, the caller's included; 1, as at
 * first, to use none but the caller's. Never more than there are cores. The threads
 * belong to \p sum and sleep between updates. 0 is as good as 1.
 * \return how many will be used; or a negative errno with nothing changed: -EAGAIN, -ENOMEM (no
 * threads to be had), -EINVAL (sum is NULL).
 */
int wltex_sum_set_threads(struct wltex_sum *sum, uint32_t threads);

/** Forget all sums: the next update reads everything and finds everything changed. */
void wltex_sum_reset(struct wltex_sum *sum);

/**
 * The content sum of the frame as of the last update. 0 is a valid sum: callers
 * remember for themselves whether there was an update.
 */
uint32_t wltex_sum_get_frame(const struct wltex_sum *sum);

/** Number of tiles along x and y; either may be NULL. */
void wltex_sum_get_grid(const struct wltex_sum *sum, uint32_t *columns, uint32_t *rows);

/**
 * The CRC-32 of the tile in \p column and \p row as of the last update; 0 with errno set to EINVAL
 * for a tile that there is not.
 */
uint32_t wltex_sum_get_tile(const struct wltex_sum *sum, uint32_t column, uint32_t row);

/**
 * zlib's CRC-32 of \p size bytes, continuing from \p crc (0 to begin). No bytes, or no data, change
 * nothing.
 */
uint32_t wltex_sum_bytes(uint32_t crc, const void *data, size_t size);

/** The name of the kernel that was chosen for this machine, e.g. "avx512". Static. */
const char *wltex_sum_get_kernel(void);

#ifdef __cplusplus
}
#endif

#endif
