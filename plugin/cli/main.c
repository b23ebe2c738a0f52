/* SPDX-License-Identifier: MIT */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static const struct cli_command commands[] = {
	{"flip", "flip dmabuf buffers at a compositor", cli_flip},
	{"top", "show which client holds which buffers", cli_top},
	{"export", "print or serve figures for Prometheus", cli_export},
	{"info", "find out what this machine can do", cli_info},
	{"snapshot", "take pictures of textures", cli_snapshot},
	{"watch", "print what happens to textures", cli_watch},
#ifdef HAVE_SUM
	{"sum", "print content sums of pictures, or where they differ", cli_sum},
#endif
};

static const size_t command_count = sizeof(commands) / sizeof(commands[0]);

static void print_help(void)
{
	puts("Usage: wltex COMMAND [OPTION]...\n"
	     "       wltex --help | --version\n"
	     "\n"
	     "Commands:");
	for (size_t i = 0; i < command_count; i++)
		printf("  %-10s %s\n", commands[i].name, commands[i].summary);
	puts("\n'wltex COMMAND --help' explains a command.");
}

int main(int argc, char *argv[])
{
	/* What characters a terminal knows; numbers stay as they are. */
	setlocale(LC_CTYPE, "");
	if (argc < 2)
		return cli_usage_error("no command given");
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_help();
		return cli_finish();
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		printf("wltex %s\n", WLTEX_VERSION);
		return cli_finish();
	}
	for (size_t i = 0; i < command_count; i++) {
		if (strcmp(argv[1], commands[i].name) != 0)
			continue;
		cli_set_command(commands[i].name);
		return commands[i].run(argc - 1, argv + 1);
	}
	return cli_usage_error("there is no command '%s'", argv[1]);
}
