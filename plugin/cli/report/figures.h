/* SPDX-License-Identifier: MIT */
#ifndef CLI_REPORT_FIGURES_H
#define CLI_REPORT_FIGURES_H

#include <stdint.h>

/* Figures as people read them, in UTF-8, with no-break spaces: "1.2 MiB", "58 s", "12 345". */
struct figure {
	char text[40];
};

struct figure figure_bytes(uint64_t bytes);
struct figure figure_duration(uint64_t ns);
struct figure figure_count(uint64_t count);
/* Of a whole that is not 0: "12 %"; what is neither none nor all is not rounded to that: "<1 %". */
struct figure figure_share(uint64_t part, uint64_t whole);
/* An area in pixels: "3.1 Mpx". */
struct figure figure_pixels(uint64_t pixels);

#endif
