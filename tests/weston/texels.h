/* SPDX-License-Identifier: MIT */
#ifndef TESTS_WESTON_TEXELS_H
#define TESTS_WESTON_TEXELS_H

/*
 * What readback-module.c leaves behind for tests/clients/readback.c: the last texture that
 * was made, in a file in XDG_RUNTIME_DIR. After the header come the texels as RGBA floats,
 * rows in the order of the memory, without padding.
 */
#include <stdint.h>

#define TEXELS_FILE "wltex-texels"

struct texels_header {
	uint32_t width, height;
	uint32_t format;
	uint32_t has_alpha, y_inverted;
	uint32_t has_sum, sum;
	/* How many textures were made so far. */
	uint32_t count;
};

#endif
