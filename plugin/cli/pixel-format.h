/* SPDX-License-Identifier: MIT */
#ifndef CLI_PIXEL_FORMAT_H
#define CLI_PIXEL_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wltex_pixel_component {
	WLTEX_PIXEL_RED,
	WLTEX_PIXEL_GREEN,
	WLTEX_PIXEL_BLUE,
	WLTEX_PIXEL_ALPHA,
	WLTEX_PIXEL_COMPONENTS,
};

/* How the pixels of a DRM format with one plane are put together. */
struct wltex_pixel_format {
	/* DRM fourcc. */
	uint32_t fourcc;
	/* What comes after DRM_FORMAT_ in its name. */
	const char *name;
	/* Bytes of a pixel: 2, 4 or 8. */
	uint32_t bytes;
	/* Components are half floats instead of unsigned integers. */
	bool half_float;
	/* Lowest bit and number of bits in the little-endian pixel; X counts as alpha. */
	struct {
		uint8_t shift, bits;
	} component[WLTEX_PIXEL_COMPONENTS];
};

/* The pixel is red[r] | green[g] | blue[b] | alpha[a] of 8-bit components. */
struct wltex_pixel_packer {
	uint64_t component[WLTEX_PIXEL_COMPONENTS][256];
};

/* By fourcc ("XR24") or name ("XRGB8888"), in any case. NULL if there is no such format. */
const struct wltex_pixel_format *wltex_pixel_format_by_name(const char *name);
const struct wltex_pixel_format *wltex_pixel_format_by_fourcc(uint32_t fourcc);

/* The formats by number, NULL behind the last one. */
const struct wltex_pixel_format *wltex_pixel_format_by_index(size_t index);

/* The four characters of a fourcc, with '.' for what cannot be printed. */
struct wltex_fourcc_text {
	char text[5];
};
struct wltex_fourcc_text wltex_fourcc_to_text(uint32_t fourcc);

void wltex_pixel_packer_init(
	struct wltex_pixel_packer *packer, const struct wltex_pixel_format *format);

static inline uint64_t wltex_pixel_pack(
	const struct wltex_pixel_packer *packer, uint8_t r, uint8_t g, uint8_t b, uint8_t a)
{
	return packer->component[WLTEX_PIXEL_RED][r] | packer->component[WLTEX_PIXEL_GREEN][g] |
	       packer->component[WLTEX_PIXEL_BLUE][b] | packer->component[WLTEX_PIXEL_ALPHA][a];
}

#endif
