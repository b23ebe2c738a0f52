/* SPDX-License-Identifier: MIT */
#ifndef CLI_MONITOR_SHOWN_H
#define CLI_MONITOR_SHOWN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Text that is shown: clean, and as wide as there is room. What the locale (LC_CTYPE) knows
 * counts: without UTF-8, everything beyond ASCII is written out as util/text.h says.
 */

/* Whether the locale has UTF-8. */
bool shown_is_utf8(void);

/* Copy to text, of size bytes, what fits of the string, clean. Returns text. */
char *shown_clean(char *text, size_t size, const char *string);

/* Cut clean text to so many columns of a terminal, and to whole characters. Returns its width. */
unsigned int shown_cut(char *text, unsigned int columns);

#endif
