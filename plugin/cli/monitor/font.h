/* SPDX-License-Identifier: MIT */
#ifndef CLI_MONITOR_FONT_H
#define CLI_MONITOR_FONT_H

#include <stdint.h>

/* A bitmap font of printable ASCII for pictures: 5x8 pixels, the last row for descenders. */
#define FONT_WIDTH 5
#define FONT_HEIGHT 8
#define FONT_FIRST ' '
#define FONT_LAST '~'

extern const uint8_t font_glyphs[FONT_LAST - FONT_FIRST + 1][FONT_HEIGHT];

#endif
