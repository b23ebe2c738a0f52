/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "cli/run/keys.h"
#include "session/options.h"

size_t run_keys_count(void)
{
	size_t n = 0;

	while (options_table[n].key != NULL)
		n++;
	return n;
}

const char *run_key_get_name(size_t i)
{
	return options_table[i].key;
}

int run_key_set(size_t i, const char *value)
{
	char name[OPTION_VARIABLE_SIZE];

	if (!option_accepts(&options_table[i], value))
		return -EINVAL;
	option_get_variable(options_table[i].key, name);
	return setenv(name, value, 1) == 0 ? 0 : -ENOMEM;
}

static const char *get_fallback(const struct option *option, char *text, size_t size)
{
	if (option->kind == OPTION_BOOL)
		return option->fallback ? "true" : "false";
	if (option->kind == OPTION_CHOICE)
		return option->choices[option->fallback];
	snprintf(text, size, "%ju", (uintmax_t)option->fallback);
	return option->kind == OPTION_STRING ? "none" : text;
}

static void print_key(FILE *file, const struct option *option)
{
	static const char *const values[] = {
		[OPTION_STRING] = "TEXT",
		[OPTION_BOOL] = "BOOL",
		[OPTION_NUMBER] = "N",
		[OPTION_LARGE_NUMBER] = "N",
		[OPTION_CHOICE] = "NAME",
	};
	char fallback[32];
	int n = fprintf(file, "      --%s=%s", option->key, values[option->kind]);

	fprintf(file, "%*s%s", n < 34 ? 34 - n : 1, "", option->help);
	for (int i = 0; option->choices[i] != NULL; i++)
		fprintf(file, "%s%s", i == 0 ? ": " : ", ", option->choices[i]);
	fprintf(file, " (%s)\n", get_fallback(option, fallback, sizeof(fallback)));
}

void run_keys_print(FILE *file)
{
	for (const struct option *option = options_table; option->key != NULL; option++)
		print_key(file, option);
}
