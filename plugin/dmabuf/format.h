/* SPDX-License-Identifier: MIT */
#ifndef DMABUF_FORMAT_H
#define DMABUF_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wltex/dmabuf.h>

/*
 * What a linear layout of a format looks like. A sample of a plane stands for a block of
 * hsub[plane] by vsub[plane] pixels and takes bytes_per_pixel[plane] bytes: for RGB a
 * sample is a pixel; NV12's plane 1 has samples of 2 bytes (Cb, Cr) for 2x2 pixels; YUYV
 * has samples of 4 bytes for 2x1 pixels.
 */
struct wltex_format_info {
	/* The four characters, e.g. "XR24", and what follows DRM_FORMAT_, e.g. "XRGB8888". */
	const char *name, *long_name;
	uint32_t fourcc;
	int n_planes;
	uint8_t bytes_per_pixel[WLTEX_MAX_PLANES];
	uint8_t hsub[WLTEX_MAX_PLANES];
	uint8_t vsub[WLTEX_MAX_PLANES];
	bool has_alpha;
	bool yuv;
	/*
	 * Of RGB: the bits of the components of a little-endian pixel, from the highest to the
	 * lowest, as the letters at the start of long_name stand. They are half floats or
	 * unsigned integers. Of YUV: 0.
	 */
	uint8_t bits[4];
	bool half_float;
};

/* The lowest bit of a component in the little-endian pixel, and how many it has. */
struct wltex_format_component {
	uint8_t shift, bits;
};

/* The facts about a DRM fourcc code; NULL when unknown. */
const struct wltex_format_info *wltex_format_info_get(uint32_t fourcc);

/* The formats by number, NULL after the last one. */
const struct wltex_format_info *wltex_format_info_by_index(size_t index);

/* The component 'R', 'G', 'B', 'A' or 'X' of a pixel; no bits if the format has none. */
struct wltex_format_component wltex_format_get_component(
	const struct wltex_format_info *info, char letter);

/* Bytes of one row of plane (0 to n_planes - 1) of an image that is width pixels wide. */
uint64_t wltex_format_row_bytes(const struct wltex_format_info *info, int plane, uint32_t width);

/* Rows of plane (0 to n_planes - 1) of an image that is height pixels high. */
uint32_t wltex_format_plane_height(
	const struct wltex_format_info *info, int plane, uint32_t height);

/* The characters of any fourcc, with '.' for what cannot be printed, and no spaces at the end. */
struct fourcc_text {
	char text[5];
};
struct fourcc_text fourcc_to_text(uint32_t fourcc);

/* What modifiers are called: "LINEAR", "implicit" without one, a number if it has no name. */
struct modifier_text {
	char text[128];
};
struct modifier_text modifier_to_text(uint64_t modifier);

#endif
