/* SPDX-License-Identifier: MIT */
/* plugin/session/options.c: the one table of options, and that its manual page tells the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wltex/ledger.h>

#include "session/options.h"
#include "test.h"

static char *read_page(void)
{
	FILE *file = fopen(MANUAL_PAGE, "re");
	char *text = calloc(1, 1 << 16);

	check(file && text);
	check(fread(text, 1, (1 << 16) - 1, file) > 0);
	fclose(file);
	return text;
}

/* What is said of an option: from its name to the next line that begins with no tab. */
static char *find_entry(const char *page, const char *key)
{
	char name[64], *entry;
	const char *begin, *end;

	snprintf(name, sizeof(name), "*%s*=", key);
	begin = strstr(page, name);
	check(begin);
	for (end = strchr(begin, '\n'); end[1] == '\t' || end[1] == '\n';
		end = strchr(end + 1, '\n'))
		;
	entry = strndup(begin, (size_t)(end - begin));
	check(entry);
	return entry;
}

static void check_choices(const struct option *option, const char *entry)
{
	char word[64];

	for (int i = 0; option->choices[i] != NULL; i++) {
		snprintf(word, sizeof(word), "_%s_", option->choices[i]);
		check(strstr(entry, word));
	}
}

/* The default, as the page has it; of several options with one entry it has several. */
static void check_fallback(const struct option *option, const char *entry)
{
	char number[32];
	const char *fallback = strstr(entry, "Default");

	if (option->kind == OPTION_STRING)
		return;
	check(fallback);
	snprintf(number, sizeof(number), "%ju", (uintmax_t)option->fallback);
	if (option->kind == OPTION_BOOL)
		check(strstr(fallback, option->fallback ? "_true_" : "_false_"));
	else if (option->kind == OPTION_CHOICE)
		check(strstr(fallback, option->choices[option->fallback]));
	else
		check(strstr(fallback, number));
}

TEST(documented)
{
	char *page = read_page();

	for (const struct option *option = options_table; option->key != NULL; option++) {
		char *entry = find_entry(page, option->key);
		check_choices(option, entry);
		check_fallback(option, entry);
		check(option->help && option->help[0]);
		free(entry);
	}
	free(page);
}

/* Nor does the page tell of options that are none. */
TEST(nothing_else_is_documented)
{
	char *page = read_page(), key[64];
	int n = 0;

	for (char *p = strstr(page, "# OPTIONS"); p && p < strstr(page, "# THE LEDGER"); p++) {
		const struct option *option = options_table;
		if (*p != '*' || (p[-1] != '\n' && p[-1] != ' ') ||
			sscanf(p, "*%63[a-z-]*=", key) != 1 || p[strlen(key) + 1] != '*' ||
			p[strlen(key) + 2] != '=')
			continue;
		while (option->key != NULL && strcmp(option->key, key) != 0)
			option++;
		check(option->key);
		n++;
	}
	for (const struct option *option = options_table; option->key != NULL; option++)
		n--;
	check_int(n, 0);
	free(page);
}

TEST(counts_are_documented)
{
	static const char *const counts[] = {
#define COUNT(name, kind, help) #name,
#include "ledger/counts.def"
#undef COUNT
	};
	char *page = read_page();

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		char name[128] = "*", *end = name + 1;
		for (const char *c = counts[i]; *c != '\0'; c++) {
			if (*c == '_')
				*end++ = '\\';
			*end++ = *c;
		}
		strcpy(end, "*");
		check(strstr(strstr(page, "# THE LEDGER"), name));
	}
	free(page);
}
