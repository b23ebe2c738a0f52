/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/run/keys.h"
#include "cli/run/program.h"

/* What ends before the compositor begins, as with env(1); others are the compositor's. */
#define FAILED 125

enum {
	OPT_CONFIG = 256,
	OPT_HELP,
	OPT_KEY, // and those after it
};

static void print_help(void)
{
	puts("Usage: wltex run [OPTION]... [--] COMPOSITOR [ARGUMENT]...\n"
	     "Run a compositor that uses libwayland-server, whichever it is, and observe its "
	     "clients.\n"
	     "\n"
	     "      --config=FILE               file of options (~/.config/wltex/wltex.conf)\n"
	     "      --help                      print this\n"
	     "\n"
	     "Options that are explained in wltex-weston(7), and their defaults:\n");
	run_keys_print(stdout);
}

/* getopt's table, to be freed. */
static struct option *make_options(void)
{
	size_t n = run_keys_count();
	struct option *options = calloc(n + 3, sizeof(*options));

	if (options == NULL)
		return NULL;
	for (size_t i = 0; i < n; i++)
		options[i] = (struct option){
			run_key_get_name(i), required_argument, NULL, OPT_KEY + (int)i};
	options[n] = (struct option){"config", required_argument, NULL, OPT_CONFIG};
	options[n + 1] = (struct option){"help", no_argument, NULL, OPT_HELP};
	return options;
}

/* Set a variable of the environment to the path of a file, in full: a compositor may go elsewhere. */
static int set_config(const char *file)
{
	char path[PATH_MAX];

	if (realpath(file, path) == NULL || access(path, R_OK) < 0) {
		cli_say("cannot read %s: %s", file, strerror(errno));
		return FAILED;
	}
	return setenv("WLTEX_CONFIG", path, 1) == 0 ? CLI_OK : FAILED;
}

static int set_key(size_t i, const char *value)
{
	int ret = run_key_set(i, value);

	if (ret == -EINVAL)
		return cli_usage_error("--%s cannot be '%s'", run_key_get_name(i), value);
	return ret == 0 ? CLI_OK : FAILED;
}

/* Returns whether there is something left to be run; else *status is what to exit with. */
static bool parse(int argc, char *argv[], const struct option *options, int *status)
{
	int value;

	opterr = 0;
	*status = CLI_OK;
	while (*status == CLI_OK && (value = getopt_long(argc, argv, "+:h", options, NULL)) != -1) {
		if (value == 'h' || value == OPT_HELP) {
			print_help();
			*status = cli_finish();
			return false;
		}
		if (value == '?')
			*status = cli_usage_error(
				"unknown or ambiguous option '%s'", argv[optind - 1]);
		else if (value == ':')
			*status = cli_usage_error("'%s' needs a value", argv[optind - 1]);
		else if (value == OPT_CONFIG)
			*status = set_config(optarg);
		else
			*status = set_key((size_t)(value - OPT_KEY), optarg);
	}
	if (*status == CLI_OK && optind >= argc)
		*status = cli_usage_error("no compositor given");
	return *status == CLI_OK;
}

/* The object beside this program, where that was not installed; path has PATH_MAX bytes. */
static bool find_beside(char *path)
{
	char self[PATH_MAX], there[PATH_MAX + 32];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n <= 0)
		return false;
	self[n] = '\0';
	*strrchr(self, '/') = '\0';
	snprintf(there, sizeof(there), "%s/../observer/observer.so", self);
	return realpath(there, path) != NULL && access(path, R_OK) == 0;
}

static int find_observer(char *path)
{
	const char *named = getenv("WLTEX_OBSERVER");

	if (named == NULL && find_beside(path))
		return 0;
	if (named == NULL)
		named = WLTEX_OBSERVER_PATH;
	if (realpath(named, path) == NULL || access(path, R_OK) < 0) {
		cli_say("cannot read %s: %s", named, strerror(errno));
		return -1;
	}
	if (strpbrk(path, ": ") == NULL)
		return 0;
	cli_say("%s cannot be preloaded: there is a space or a colon in its path", path);
	return -1;
}

/* After what is preloaded already: a sanitizer insists on being the first. */
static int set_preload(void)
{
	char path[PATH_MAX], *list;
	const char *others = getenv("LD_PRELOAD");
	int ret;

	if (find_observer(path) < 0)
		return -1;
	if (others == NULL || others[0] == '\0')
		return setenv("LD_PRELOAD", path, 1);
	if (asprintf(&list, "%s:%s", others, path) < 0)
		return -1;
	ret = setenv("LD_PRELOAD", list, 1);
	free(list);
	return ret;
}

static int run(char *argv[])
{
	struct cli_reason reason;
	struct program program;
	int ret = program_find(&program, argv[0], &reason);

	if (ret != 0) {
		cli_say("%s", reason.text);
		return ret;
	}
	if (program.script)
		cli_say("%s is a script: what it starts is not observed", program.path);
	else if (!program.uses_wayland)
		cli_say("%s does not use libwayland-server, as far as its libraries tell: perhaps "
			"nothing is observed",
			program.path);
	if (set_preload() < 0) {
		ret = FAILED;
	} else {
		fflush(stdout);
		execv(program.path, argv);
		cli_say("%s cannot be run: %s", argv[0], strerror(errno));
		ret = 126;
	}
	free(program.path);
	return ret;
}

int cli_run(int argc, char *argv[])
{
	struct option *options = make_options();
	int status;

	if (options == NULL) {
		cli_say("out of memory");
		return FAILED;
	}
	if (parse(argc, argv, options, &status))
		status = run(argv + optind);
	free(options);
	return status;
}
