/* SPDX-License-Identifier: MIT */
#ifndef DMABUF_FORMAT_H
#define DMABUF_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

#include <wltex/dmabuf.h>

/*
 * What a linear layout of a format looks like. A sample of a plane stands for a block of
 * hsub[plane] by vsub[plane] pixels and takes bytes_per_pixel[plane] bytes: for RGB a
 * sample is a pixel; NV12's plane 1 has samples of 2 bytes (Cb, Cr) for 2x2 pixels; YUYV
 * has samples of 4 bytes for 2x1 pixels.
 */
struct wltex_format_info {
	/* The four characters, e.g. "XR24". */
	const char *name;
	uint32_t fourcc;
	int n_planes;
	uint8_t bytes_per_pixel[WLTEX_MAX_PLANES];
	uint8_t hsub[WLTEX_MAX_PLANES];
	uint8_t vsub[WLTEX_MAX_PLANES];
	bool has_alpha;
	bool yuv;
};

/* The facts about a DRM fourcc code; NULL when unknown. */
const struct wltex_format_info *wltex_format_info_get(uint32_t fourcc);

/* Bytes of one row of plane (0 to n_planes - 1) of an image that is width pixels wide. */
uint64_t wltex_format_row_bytes(const struct wltex_format_info *info, int plane, uint32_t width);

/* Rows of plane (0 to n_planes - 1) of an image that is height pixels high. */
uint32_t wltex_format_plane_height(
	const struct wltex_format_info *info, int plane, uint32_t height);

#endif
