/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/options.h"

static bool is_help(const struct option *options, int value)
{
	for (const struct option *o = options; o->name; o++) {
		if (o->val == value)
			return strcmp(o->name, "help") == 0;
	}
	return value == 'h';
}

/* For getopt(): those of one letter in the table, and -h. */
static void list_letters(const struct option *options, char *letters, size_t size)
{
	size_t used = (size_t)snprintf(letters, size, ":h");

	for (const struct option *o = options; o->name && used < size; o++) {
		if (o->val < 256)
			used += (size_t)snprintf(letters + used, size - used, "%c%s", o->val,
				o->has_arg == required_argument ? ":" : "");
	}
}

int cli_next_option_before_files(
	int argc, char *argv[], const struct option *options, const char *help, int *status)
{
	char letters[32];
	int value;

	opterr = 0;
	list_letters(options, letters, sizeof(letters));
	value = getopt_long(argc, argv, letters, options, NULL);
	if (value == '?')
		*status = cli_usage_error("unknown or ambiguous option '%s'", argv[optind - 1]);
	else if (value == ':')
		*status = cli_usage_error("'%s' needs a value", argv[optind - 1]);
	else if (value == -1 || !is_help(options, value))
		return value;
	else {
		fputs(help, stdout);
		*status = cli_finish();
	}
	return 0;
}

int cli_next_option(
	int argc, char *argv[], const struct option *options, const char *help, int *status)
{
	int value = cli_next_option_before_files(argc, argv, options, help, status);

	if (value != -1 || optind >= argc)
		return value;
	*status = cli_usage_error("'%s' is not an option", argv[optind]);
	return 0;
}
