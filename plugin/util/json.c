/* SPDX-License-Identifier: MIT */
#include <stdarg.h>

#include "util/json.h"
#include "util/text.h"

static void begin_value(struct wltex_json *json, const char *key)
{
	if (json->goes_on)
		fputs(json->separator != NULL ? json->separator : ", ", json->file);
	json->goes_on = true;
	if (key != NULL)
		fprintf(json->file, "\"%s\": ", key);
}

void wltex_json_begin(struct wltex_json *json, const char *key, char bracket)
{
	begin_value(json, key);
	fputc(bracket, json->file);
	json->goes_on = false;
}

void wltex_json_end(struct wltex_json *json, char bracket)
{
	fputc(bracket, json->file);
	json->goes_on = true;
}

void wltex_json_print(struct wltex_json *json, const char *key, const char *format, ...)
{
	va_list args;

	begin_value(json, key);
	va_start(args, format);
	vfprintf(json->file, format, args);
	va_end(args);
}

void wltex_json_string(struct wltex_json *json, const char *key, const char *string, size_t max)
{
	begin_value(json, key);
	wltex_text_print_json(json->file, string, max);
}
