/* SPDX-License-Identifier: MIT */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdint.h>

/* What a subcommand returns to the shell. */
enum cli_status {
	CLI_OK = 0,
	CLI_FAILED = 1,
	CLI_USAGE = 2,
};

struct cli_command {
	const char *name;
	const char *summary;
	/* argv[0] is the command's own name. Returns an enum cli_status. */
	int (*run)(int argc, char *argv[]);
};

/* Why something failed, as one line without a newline. */
struct cli_reason {
	char text[256];
};

int cli_flip(int argc, char *argv[]);
int cli_export(int argc, char *argv[]);
int cli_info(int argc, char *argv[]);
int cli_record(int argc, char *argv[]);
int cli_report(int argc, char *argv[]);
int cli_run(int argc, char *argv[]);
int cli_snapshot(int argc, char *argv[]);
int cli_top(int argc, char *argv[]);
int cli_watch(int argc, char *argv[]);
int cli_sum(int argc, char *argv[]);

/* The name that messages start with: "wltex flip". Static storage. */
void cli_set_command(const char *name);

/* Print one line to stderr: "wltex flip: ...". */
void cli_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* As above, followed by where to find the usage. Returns CLI_USAGE. */
int cli_usage_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

void cli_set_reason(struct cli_reason *reason, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * A whole decimal number from min to max, with nothing before or after it. Returns 0, or
 * -EINVAL or -ERANGE with *number untouched.
 */
int cli_parse_number(const char *text, uint32_t min, uint32_t max, uint32_t *number);

/* WIDTHxHEIGHT, each from 1 to max. Returns as above. */
int cli_parse_size(const char *text, uint32_t max, uint32_t *width, uint32_t *height);

/*
 * Flush stdout, and say so if not everything that was printed arrived. Returns CLI_OK or
 * CLI_FAILED.
 */
int cli_finish(void);

/* Milliseconds of a clock that never jumps. */
double cli_now_ms(void);

#endif
