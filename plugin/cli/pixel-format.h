/* SPDX-License-Identifier: MIT */
#ifndef CLI_PIXEL_FORMAT_H
#define CLI_PIXEL_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pixel_component {
	PIXEL_RED,
	PIXEL_GREEN,
	PIXEL_BLUE,
	PIXEL_ALPHA,
	PIXEL_COMPONENTS,
};

/* How the pixels of a DRM format with one plane are put together. */
struct pixel_format {
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
	} component[PIXEL_COMPONENTS];
};

/* The pixel is red[r] | green[g] | blue[b] | alpha[a] of 8-bit components. */
struct pixel_packer {
	uint64_t component[PIXEL_COMPONENTS][256];
};

/* By fourcc ("XR24") or name ("XRGB8888"), in any case. NULL if there is no such format. */
const struct pixel_format *pixel_format_by_name(const char *name);
const struct pixel_format *pixel_format_by_fourcc(uint32_t fourcc);

/* The formats by number, NULL behind the last one. */
const struct pixel_format *pixel_format_by_index(size_t index);

/* The four characters of a fourcc, with '.' for what cannot be printed. */
struct fourcc_text {
	char text[5];
};
struct fourcc_text fourcc_to_text(uint32_t fourcc);

void pixel_packer_init(struct pixel_packer *packer, const struct pixel_format *format);

static inline uint64_t pixel_pack(
	const struct pixel_packer *packer, uint8_t r, uint8_t g, uint8_t b, uint8_t a)
{
	return packer->component[PIXEL_RED][r] | packer->component[PIXEL_GREEN][g] |
	       packer->component[PIXEL_BLUE][b] | packer->component[PIXEL_ALPHA][a];
}

#endif
