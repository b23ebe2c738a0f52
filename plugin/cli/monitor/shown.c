/* SPDX-License-Identifier: MIT */
#include <langinfo.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

#include "cli/monitor/shown.h"
#include "util/text.h"

bool shown_is_utf8(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

char *shown_clean(char *text, size_t size, const char *string)
{
	return shown_is_utf8() ? wltex_text_clean(text, size, string)
			       : wltex_text_clean_ascii(text, size, string);
}

/* Of a character that is newer than the C library, as much as it can be. */
static unsigned int get_width(uint32_t character)
{
	int width = character < 0x80 ? 1 : wcwidth((wchar_t)character);

	return width < 0 ? 2 : (unsigned int)width;
}

unsigned int shown_cut(char *text, unsigned int columns)
{
	unsigned int used = 0;
	uint32_t character;
	size_t length;

	while (*text != '\0') {
		length = wltex_text_decode(text, &character);
		if (length == 0 || used + get_width(character) > columns)
			break;
		used += get_width(character);
		text += length;
	}
	*text = '\0';
	return used;
}
