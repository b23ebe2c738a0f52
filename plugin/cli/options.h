/* SPDX-License-Identifier: MIT */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <getopt.h>
#include <stdbool.h>

/*
 * The value of the next option in argv, all of which are long ones but -h; -1 when there are no
 * more. The user is told what is wrong: then 0 is returned and *status is what the program
 * exits with, as it is after the option "help", whose text is printed.
 */
int cli_next_option(
	int argc, char *argv[], const struct option *options, const char *help, int *status);

/* The same for a command that takes files as well: these come last, from argv[optind] on. */
int cli_next_option_before_files(
	int argc, char *argv[], const struct option *options, const char *help, int *status);

#endif
