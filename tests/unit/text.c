/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "test.h"
#include "util/json.h"
#include "util/text.h"

static void check_clean(const char *string, const char *expected)
{
	char text[128], again[128];

	check_str(wltex_text_clean(text, sizeof(text), string), expected);
	check_str(wltex_text_clean(again, sizeof(again), text), expected);
}

TEST(utf8)
{
	check(wltex_text_is_utf8("", 0) && wltex_text_is_utf8("caf\xc3\xa9", 5));
	check(wltex_text_is_utf8("\xf0\x9f\x98\x80\x01", 5));
	/* Cut off, overlong, a surrogate, a NUL. */
	check(!wltex_text_is_utf8("caf\xc3", 4) && !wltex_text_is_utf8("\xc0\xaf", 2));
	check(!wltex_text_is_utf8("\xed\xa0\x80", 3) && !wltex_text_is_utf8("a\0b", 3));
}

TEST(text_stays)
{
	static const char *const texts[] = {
		"",
		"weston-flip",
		"a\"b\\c{}=,%s",
		"\xc3\xa9t\xc3\xa9",
		"\xe6\x97\xa5\xe6\x9c\xac",
		"\xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7",
		"\xf0\x9f\xa6\x8a",
		/* A family: three emoji and the joiners between them. */
		"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa6",
		/* The first and the last of each length. */
		" ",
		"~",
		"\xc2\xa0",
		"\xdf\xbf",
		"\xe0\xa0\x80",
		"\xef\xbf\xbd",
		"\xf0\x90\x80\x80",
		"\xf4\x8f\xbf\xbd",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		check_clean(texts[i], texts[i]);
}

TEST(controls_are_seen)
{
	static const char *const texts[][2] = {
		{"\033[31m\033]0;x\007", "\\x1b[31m\\x1b]0;x\\x07"},
		{"a\nb\rc\td\x7f", "a\\x0ab\\x0dc\\x09d\\x7f"},
		{"\xc2\x9b"
		 "2J\xc2\x80",
			"\\u009b2J\\u0080"},
		{"\xe2\x80\xa8\xe2\x80\xa9", "\\u2028\\u2029"},
		{"\xe2\x80\xae"
		 "abc\xe2\x80\xac",
			"\\u202eabc\\u202c"},
		{"\xe2\x81\xa6\xe2\x81\xa9\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c",
			"\\u2066\\u2069\\u200e\\u200f\\u061c"},
		{"\xef\xbb\xbfx\xe2\x80\x8by", "\\ufeffx\\u200by"},
		{"\xef\xbf\xbe\xef\xb7\x90\xf4\x8f\xbf\xbf", "\\ufffe\\ufdd0\\U0010ffff"},
		{"\xf3\xa0\x80\x81", "\\U000e0001"},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		check_clean(texts[i][0], texts[i][1]);
}

TEST(bytes_that_are_no_text)
{
	static const char *const texts[][2] = {
		{"\xff\xfe\xc3(", "\\xff\\xfe\\xc3("},
		{"\x9b"
		 "2J",
			"\\x9b2J"},
		/* Cut off, in each place. */
		{"\xe6\x97", "\\xe6\\x97"},
		{"\xf0\x9f\xa6", "\\xf0\\x9f\\xa6"},
		{"\xe6\xe6\x97\xa5", "\\xe6\xe6\x97\xa5"},
		/* Overlong: '/', NUL, DEL, U+07FF, U+FFFF. */
		{"\xc0\xaf", "\\xc0\\xaf"},
		{"\xc0\x80", "\\xc0\\x80"},
		{"\xc1\xbf", "\\xc1\\xbf"},
		{"\xe0\x9f\xbf", "\\xe0\\x9f\\xbf"},
		{"\xf0\x8f\xbf\xbf", "\\xf0\\x8f\\xbf\\xbf"},
		/* A surrogate, and beyond the end. */
		{"\xed\xa0\x80", "\\xed\\xa0\\x80"},
		{"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
		{"\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80"},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		check_clean(texts[i][0], texts[i][1]);
}

TEST(ascii_alone)
{
	char text[64];

	check_str(wltex_text_clean_ascii(text, sizeof(text), "a\xc3\xa9\033\xf0\x9f\xa6\x8a\xff"),
		"a\\u00e9\\x1b\\U0001f98a\\xff");
}

/* Neither a character nor what is written for one is ever cut apart. */
TEST(little_room)
{
	static const char *const starts[] = {
		"",
		"a",
		"a",
		"a",
		"a\xe6\x97\xa5",
		"a\xe6\x97\xa5",
		"a\xe6\x97\xa5",
		"a\xe6\x97\xa5",
		"a\xe6\x97\xa5\\x1b",
		"a\xe6\x97\xa5\\x1b"
		"b",
		"a\xe6\x97\xa5\\x1b"
		"b",
	};
	char text[16];

	check(wltex_text_clean(text, 0, "abc") == text);
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		memset(text, 'X', sizeof(text));
		wltex_text_clean(text, i + 1, "a\xe6\x97\xa5\033b");
		check_str(text, starts[i]);
		check_int(text[i + 1], 'X');
	}
}

static void check_json(const char *string, size_t max, const char *expected)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	check(file != NULL);
	wltex_text_print_json(file, string, max);
	check_int(fclose(file), 0);
	check_str(text, expected);
	free(text);
}

TEST(json)
{
	check_json(NULL, 10, "\"\"");
	check_json("", 0, "\"\"");
	check_json("a\"b\\c\n", 100, "\"a\\\"b\\\\c\\\\x0a\"");
	check_json("\xe6\x97\xa5\xff", 100, "\"\xe6\x97\xa5\\\\xff\"");
	/* As long as allowed, and longer. */
	check_json("abcd", 4, "\"abcd\"");
	check_json("abcde", 4, "\"abcd\xe2\x80\xa6\"");
	check_json("abc\xe6\x97\xa5", 5, "\"abc\xe2\x80\xa6\"");
	check_json("abc\033", 6, "\"abc\xe2\x80\xa6\"");
}

TEST(json_writer)
{
	char *text = NULL;
	size_t size = 0;
	struct wltex_json json = {.file = open_memstream(&text, &size)};

	wltex_json_begin(&json, NULL, '{');
	wltex_json_begin(&json, "none", '[');
	wltex_json_end(&json, ']');
	wltex_json_begin(&json, "some", '[');
	wltex_json_print(&json, NULL, "%d", 1);
	wltex_json_string(&json, NULL, "a\"b", 10);
	wltex_json_begin(&json, NULL, '{');
	wltex_json_print(&json, "x", "%.1f", 2.0);
	wltex_json_end(&json, '}');
	wltex_json_end(&json, ']');
	wltex_json_string(&json, "last", NULL, 10);
	wltex_json_end(&json, '}');
	fclose(json.file);
	check_str(text, "{\"none\": [], \"some\": [1, \"a\\\"b\", {\"x\": 2.0}], \"last\": \"\"}");
	free(text);
}
