/* SPDX-License-Identifier: MIT */
#include <locale.h>
#include <stdbool.h>
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
#ifdef HAVE_RECORD
	{"record", "write down what happens, to look at it later", cli_record},
#endif
#ifdef HAVE_REPORT
	{"report", "turn what was recorded into a page to look at", cli_report},
#endif
#ifdef HAVE_RUN
	{"run", "run a compositor, whichever it is, and observe its clients", cli_run},
#endif
#ifdef HAVE_SUM
	{"sum", "print content sums of pictures, or where they differ", cli_sum},
#endif
};

static const size_t command_count = sizeof(commands) / sizeof(commands[0]);

static void print_help(void)
{
	puts("Usage: wltex COMMAND [OPTION]...\n"
	     "       wltex help [COMMAND] | --help | --version\n"
	     "\n"
	     "Commands:");
	for (size_t i = 0; i < command_count; i++)
		printf("  %-10s %s\n", commands[i].name, commands[i].summary);
	puts("\n'wltex COMMAND --help' explains a command.");
}

static const struct cli_command *find_command(const char *name)
{
	for (size_t i = 0; i < command_count; i++) {
		if (strcmp(name, commands[i].name) == 0)
			return &commands[i];
	}
	return NULL;
}

static bool is_either(const char *word, const char *a, const char *b)
{
	return strcmp(word, a) == 0 || strcmp(word, b) == 0;
}

static int run(const struct cli_command *command, int argc, char *argv[])
{
	cli_set_command(command->name);
	return command->run(argc, argv);
}

/* "wltex help COMMAND" is "wltex COMMAND --help". */
static int help(int argc, char *argv[])
{
	const struct cli_command *command = argc > 1 ? find_command(argv[1]) : NULL;
	char option[] = "--help";
	char *words[] = {argv[argc > 1], option, NULL};

	if (command)
		return run(command, 2, words);
	if (argc > 1)
		return cli_usage_error("there is no command '%s'", argv[1]);
	print_help();
	return cli_finish();
}

int main(int argc, char *argv[])
{
	const struct cli_command *command;

	/* What characters a terminal knows; numbers stay as they are. */
	setlocale(LC_CTYPE, "");
	if (argc < 2)
		return cli_usage_error("no command given");
	if (is_either(argv[1], "--help", "-h") || strcmp(argv[1], "help") == 0)
		return help(argc - 1, argv + 1);
	if (is_either(argv[1], "--version", "-V")) {
		printf("wltex %s\n", WLTEX_VERSION);
		return cli_finish();
	}
	command = find_command(argv[1]);
	if (!command)
		return cli_usage_error("there is no command '%s'", argv[1]);
	return run(command, argc - 1, argv + 1);
}
