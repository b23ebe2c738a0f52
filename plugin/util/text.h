/* SPDX-License-Identifier: MIT */
#ifndef UTIL_TEXT_H
#define UTIL_TEXT_H

/*
 * What clients are called (names of processes, titles, app-ids) is any bytes that they like.
 * Whoever prints it, to a log, a terminal or a file, prints it clean: valid UTF-8 stays as it
 * is, but for characters that would act upon the reader instead of being seen. These, and
 * bytes that are no UTF-8, are written out:
 *
 *	\xNN		a control of ASCII, DEL, or a byte that is no UTF-8
 *	\uNNNN		any other character that is a control (C1), ends a line, changes the
 *			direction of what follows, or cannot be seen at all
 *	\UNNNNNNNN	the same, beyond U+FFFF
 *
 * A backslash stays a backslash, so that cleaning what is clean changes nothing.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * The character that text begins with. Returns its length in bytes, or 0 if that is no UTF-8,
 * which is strict: nothing overlong, no surrogates, nothing above U+10FFFF.
 */
size_t wltex_text_decode(const char *text, uint32_t *character);

/*
 * Whether all size bytes are UTF-8, strictly, with no NUL among them. A NUL must follow. (json-c
 * has a flag for that; its version 0.18 refuses what is valid.)
 */
bool wltex_text_is_utf8(const char *text, size_t size);

/* Copy to out, of size bytes, as many whole characters of it as fit. Returns out. */
char *wltex_text_clean(char *out, size_t size, const char *string);
/* The same for who knows ASCII alone: all other characters are written out as well. */
char *wltex_text_clean_ascii(char *out, size_t size, const char *string);

/*
 * Print it clean as a string of JSON, with its quotation marks; NULL is the empty one. Where
 * that would be more than max bytes, as many whole characters as fit and an ellipsis, U+2026.
 */
void wltex_text_print_json(FILE *file, const char *string, size_t max);

#endif
