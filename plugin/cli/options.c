/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
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
	return false;
}

int cli_next_option(
	int argc, char *argv[], const struct option *options, const char *help, int *status)
{
	int value;

	opterr = 0;
	value = getopt_long(argc, argv, ":", options, NULL);
	if (value == '?')
		*status = cli_usage_error("unknown or ambiguous option '%s'", argv[optind - 1]);
	else if (value == ':')
		*status = cli_usage_error("'%s' needs a value", argv[optind - 1]);
	else if (value == -1 && optind < argc)
		*status = cli_usage_error("'%s' is not an option", argv[optind]);
	else if (value == -1 || !is_help(options, value))
		return value;
	else {
		fputs(help, stdout);
		*status = cli_finish();
	}
	return 0;
}
