/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <string.h>

#include "util/text.h"

/* The longest piece, \UNNNNNNNN, and its NUL. */
#define PIECE_SIZE 11

/* Bytes of the sequence that begins like this, or 0. */
static size_t get_length(uint8_t lead)
{
	if (lead < 0x80)
		return 1;
	if (lead < 0xc2 || lead > 0xf4)
		return 0;
	return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

size_t wltex_text_decode(const char *text, uint32_t *character)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	static const uint8_t mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	const uint8_t *bytes = (const uint8_t *)text;
	size_t length = get_length(bytes[0]);
	uint32_t value = bytes[0] & mask[length];

	for (size_t i = 1; i < length; i++) {
		/* The NUL at the end of text is no such byte. */
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (bytes[i] & 0x3f);
	}
	if (value < least[length] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
		return 0;
	*character = value;
	return length;
}

bool wltex_text_is_utf8(const char *text, size_t size)
{
	uint32_t character;
	size_t length;

	for (size_t i = 0; i < size; i += length) {
		length = text[i] != '\0' ? wltex_text_decode(text + i, &character) : 0;
		if (length == 0)
			return false;
	}
	return true;
}

/*
 * Beside the controls: Unicode's format characters (Cf), line and paragraph separators, and
 * noncharacters. Not the joiners U+200C and U+200D, without which some scripts and emoji are
 * wrong, nor signs of Cf that are seen.
 */
static bool is_hidden(uint32_t character)
{
	static const uint32_t ranges[][2] = {
		{0x00, 0x1f},
		{0x7f, 0x9f},
		{0xad, 0xad},
		{0x61c, 0x61c},
		{0x180e, 0x180e},
		{0x200b, 0x200b},
		{0x200e, 0x200f},
		{0x2028, 0x202e},
		{0x2060, 0x206f},
		{0xfdd0, 0xfdef},
		{0xfeff, 0xfeff},
		{0xfff0, 0xfffb},
		{0x1d173, 0x1d17a},
		{0xe0000, 0xe0fff},
	};

	if ((character & 0xfffe) == 0xfffe)
		return true;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if (character >= ranges[i][0] && character <= ranges[i][1])
			return true;
	}
	return false;
}

/* Take the next character, or byte that is none, and write how it is shown. */
static size_t take_piece(const char **string, bool ascii, char piece[PIECE_SIZE])
{
	uint32_t character;
	size_t length = wltex_text_decode(*string, &character);

	if (length == 0 || (length == 1 && is_hidden(character))) {
		snprintf(piece, PIECE_SIZE, "\\x%02x", (unsigned)(uint8_t) * *string);
		length = 1;
	} else if ((ascii && length > 1) || is_hidden(character)) {
		snprintf(piece, PIECE_SIZE, character > 0xffff ? "\\U%08x" : "\\u%04x",
			(unsigned)character);
	} else {
		memcpy(piece, *string, length);
		piece[length] = '\0';
	}
	*string += length;
	return strlen(piece);
}

static char *clean(char *out, size_t size, const char *string, bool ascii)
{
	char piece[PIECE_SIZE];
	size_t used = 0;

	while (*string != '\0') {
		size_t length = take_piece(&string, ascii, piece);

		if (used + length >= size)
			break;
		memcpy(out + used, piece, length);
		used += length;
	}
	if (size > 0)
		out[used] = '\0';
	return out;
}

char *wltex_text_clean(char *out, size_t size, const char *string)
{
	return clean(out, size, string, false);
}

char *wltex_text_clean_ascii(char *out, size_t size, const char *string)
{
	return clean(out, size, string, true);
}

void wltex_text_print_json(FILE *file, const char *string, size_t max)
{
	char piece[PIECE_SIZE];
	size_t used = 0;

	fputc('"', file);
	while (string != NULL && *string != '\0') {
		used += take_piece(&string, false, piece);
		if (used > max) {
			fputs("\xe2\x80\xa6", file);
			break;
		}
		/* The first byte alone can be one that JSON minds. */
		if (piece[0] == '"' || piece[0] == '\\')
			fputc('\\', file);
		fputs(piece, file);
	}
	fputc('"', file);
}
