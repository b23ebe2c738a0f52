/* SPDX-License-Identifier: MIT */
#ifndef CLI_FORMAT_H
#define CLI_FORMAT_H

#include <stdint.h>
#include <stdio.h>

#include "dmabuf/format.h"

/*
 * The formats that can be painted, of those in dmabuf/format.h: RGB with one pixel of 2, 4 or 8
 * bytes after the other, and at least 5 bits for each color.
 */

/* By number, NULL after the last one. */
const struct wltex_format_info *format_by_index(size_t index);
/* By fourcc ("XR24") or name ("XRGB8888"), in any case. NULL if there is no such format. */
const struct wltex_format_info *format_by_name(const char *name);

/* Write the fourccs of all of them in one line. */
void format_list(FILE *file);

/* Bytes of a pixel. */
static inline uint32_t format_bytes(const struct wltex_format_info *format)
{
	return format->bytes_per_pixel[0];
}

enum format_component {
	FORMAT_RED,
	FORMAT_GREEN,
	FORMAT_BLUE,
	FORMAT_ALPHA,
	FORMAT_COMPONENTS,
};

/* Where a component lies; X counts as alpha. */
struct wltex_format_component format_find(
	const struct wltex_format_info *format, enum format_component component);

/* The pixel is red[r] | green[g] | blue[b] | alpha[a] of 8-bit components. */
struct format_packer {
	uint64_t component[FORMAT_COMPONENTS][256];
};
void format_packer_init(struct format_packer *packer, const struct wltex_format_info *format);

static inline uint64_t format_pack(
	const struct format_packer *packer, uint8_t r, uint8_t g, uint8_t b, uint8_t a)
{
	return packer->component[FORMAT_RED][r] | packer->component[FORMAT_GREEN][g] |
	       packer->component[FORMAT_BLUE][b] | packer->component[FORMAT_ALPHA][a];
}

#endif
