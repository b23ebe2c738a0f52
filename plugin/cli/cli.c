/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "util/clock.h"

static const char *command;

void cli_set_command(const char *name)
{
	command = name;
}

static void say(const char *format, va_list args)
{
	char line[1024];

	vsnprintf(line, sizeof(line), format, args);
	/* What was printed before comes before it, even when both go to one file. */
	fflush(stdout);
	if (command)
		fprintf(stderr, "wltex %s: %s\n", command, line);
	else
		fprintf(stderr, "wltex: %s\n", line);
}

void cli_say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
}

int cli_usage_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
	fprintf(stderr, "Try 'wltex %s%s--help'.\n", command ? command : "", command ? " " : "");
	return CLI_USAGE;
}

void cli_set_reason(struct cli_reason *reason, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(reason->text, sizeof(reason->text), format, args);
	va_end(args);
}

/* Reads the digits at *text and moves it past them. */
static int parse_digits(const char **text, uint32_t min, uint32_t max, uint32_t *number)
{
	const char *p = *text;
	uint64_t value = 0;

	if (!isdigit((unsigned char)*p))
		return -EINVAL;
	for (; isdigit((unsigned char)*p); p++) {
		value = value * 10 + (uint64_t)(*p - '0');
		if (value > UINT32_MAX)
			return -ERANGE;
	}
	if (value < min || value > max)
		return -ERANGE;
	*number = (uint32_t)value;
	*text = p;
	return 0;
}

int cli_parse_number(const char *text, uint32_t min, uint32_t max, uint32_t *number)
{
	uint32_t value;
	int ret = parse_digits(&text, min, max, &value);

	if (ret < 0)
		return ret;
	if (*text != '\0')
		return -EINVAL;
	*number = value;
	return 0;
}

int cli_parse_size(const char *text, uint32_t max, uint32_t *width, uint32_t *height)
{
	uint32_t w, h;
	int ret = parse_digits(&text, 1, max, &w);

	if (ret < 0)
		return ret;
	if (*text != 'x')
		return -EINVAL;
	ret = cli_parse_number(text + 1, 1, max, &h);
	if (ret < 0)
		return ret;
	*width = w;
	*height = h;
	return 0;
}

int cli_finish(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return CLI_OK;
	cli_say("cannot write to standard output: %s", strerror(errno ? errno : EIO));
	return CLI_FAILED;
}

double cli_now_ms(void)
{
	return (double)wltex_now_ns() / 1e6;
}
