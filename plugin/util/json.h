/* SPDX-License-Identifier: MIT */
#ifndef UTIL_JSON_H
#define UTIL_JSON_H

/*
 * Writing JSON, one value after the other; commas come by themselves. A key is the name of an
 * object's member, or NULL for what stands alone or in an array.
 *
 *	struct wltex_json json = {.file = stdout};
 *	wltex_json_begin(&json, NULL, '{');
 *	wltex_json_print(&json, "pid", "%d", pid);
 *	wltex_json_string(&json, "name", name, 256);
 *	wltex_json_end(&json, '}');
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct wltex_json {
	FILE *file;
	/* A value has come in this object or array, so that a comma comes before the next. */
	bool goes_on;
	/* NULL: ", " */
	const char *separator;
};

/* Begin an object or an array: '{' or '['. */
void wltex_json_begin(struct wltex_json *json, const char *key, char bracket);
/* End it: '}' or ']'. */
void wltex_json_end(struct wltex_json *json, char bracket);

/* A number, true or false, as format prints it. */
void wltex_json_print(struct wltex_json *json, const char *key, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A string, clean, and cut to max bytes: see wltex_text_print_json(). */
void wltex_json_string(struct wltex_json *json, const char *key, const char *string, size_t max);

#endif
