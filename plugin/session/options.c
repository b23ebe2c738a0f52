/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "session/options.h"
#include "util/log.h"

#define AT(member) .offset = offsetof(struct options, member)
#define BOOL(value) .kind = OPTION_BOOL, .fallback = (value)
#define NUMBER(value, most) .kind = OPTION_NUMBER, .fallback = (value), .max = (most)
#define LIMIT(limit) .kind = OPTION_LARGE_NUMBER, .max = UINT64_MAX, AT(limits[limit])

const struct option options_table[] = {
	{"stats", .kind = OPTION_STRING, AT(stats),
		.help = "file for the ledger when the compositor ends"},
	{"content-sums", BOOL(true), AT(content_sums),
		.help = "read pixels to find out whether they changed"},
	{"sum-method", .kind = OPTION_CHOICE, AT(sum_method),
		.choices = {"cpu", "gpu", "auto", "off"}, .fallback = 0,
		.help = "what reads dmabufs to find out whether they changed"},
	{"true-damage", BOOL(true), AT(true_damage),
		.help = "draw only what really changed of what is claimed"},
	{"true-damage-except", .kind = OPTION_STRING, AT(true_damage_except),
		.help = "names of programs, app-ids and titles of which all is drawn"},
	{"sum-budget-us", NUMBER(4000, 1000000), AT(sum_budget_us),
		.help = "time for reading in a repaint, in microseconds"},
	{"sum-budget-percent", NUMBER(25, 100), AT(sum_budget_percent),
		.help = "time for reading in a second, for each client, in percent of a core"},
	{"textures", .kind = OPTION_CHOICE, AT(textures),
		.choices = {"auto", "at-commit", "on-access"}, .fallback = 0,
		.help = "when textures are made"},
	{"shm-textures", BOOL(false), AT(shm_textures),
		.help = "make textures of wl_shm buffers, too"},
	{"protocol", BOOL(true), AT(protocol), .help = "offer wltex-v1 to clients"},
	{"raise-fd-limit", BOOL(true), AT(raise_fd_limit),
		.help = "allow as many open files as the system lets"},
	{"control", BOOL(true), AT(control), .help = "offer the control socket"},
	{"snapshot", BOOL(false), AT(snapshot),
		.help = "give pictures of surfaces to who asks at the control socket"},
	{"record-bytes", .kind = OPTION_LARGE_NUMBER, .fallback = 1 << 20, .max = 1 << 30,
		AT(record_bytes),
		.help = "memory for what happened lately, for wltex record; 0: none"},
	{"limit-params", LIMIT(LIMIT_PARAMS),
		.help = "zwp_linux_buffer_params_v1 of a client; 0: no limit"},
	{"limit-buffers", LIMIT(LIMIT_BUFFERS), .help = "buffers of a client; 0: no limit"},
	{"limit-fds", LIMIT(LIMIT_FDS), .help = "open files of a client; 0: no limit"},
	{"limit-bytes", LIMIT(LIMIT_BYTES),
		.help = "bytes behind the buffers of a client; 0: no limit"},
	{"limit-textures", LIMIT(LIMIT_TEXTURES), .help = "textures of a client; 0: no limit"},
	{"limit-action", .kind = OPTION_CHOICE, AT(limit_action),
		.choices = {"warn", "refuse", "disconnect"}, .fallback = 0, .first = LIMIT_WARN,
		.help = "what becomes of a client that is over a limit"},
	{"leak-params", NUMBER(64, 1000000), AT(leak_params),
		.help = "zwp_linux_buffer_params_v1 from which on they look leaked"},
	{"leak-buffers", NUMBER(64, 1000000), AT(leak_buffers),
		.help = "buffers from which on they look leaked"},
	{"leak-fresh-commits", NUMBER(120, 1000000), AT(leak_fresh_commits),
		.help = "commits in a row, each of a new buffer, that look like a leak"},
	{"leak-seconds", NUMBER(5, 86400), AT(leak_seconds),
		.help = "seconds from which on what is not used or not released looks leaked"},
	{"log-level", .kind = OPTION_CHOICE, AT(log_level),
		.choices = {"error", "warning", "info", "debug"}, .fallback = 2,
		.first = WLTEX_LOG_ERROR, .help = "how much is logged"},
	{0},
};

/* Where values come from, and where messages go. */
struct source {
	options_get_t get;
	void *data;
	const struct wltex_logger *logger;
};

void option_get_variable(const char *key, char name[OPTION_VARIABLE_SIZE])
{
	snprintf(name, OPTION_VARIABLE_SIZE, "WLTEX_%s", key);
	for (char *c = name; *c != '\0'; c++)
		*c = (char)(*c == '-' ? '_' : toupper((unsigned char)*c));
}

/* The value of key; NULL if it is not set. To be freed. */
static char *get_value(const struct source *source, const char *key)
{
	char name[OPTION_VARIABLE_SIZE];
	char *value;
	const char *environment;

	option_get_variable(key, name);
	environment = getenv(name);
	if (environment == NULL)
		return source->get != NULL ? source->get(source->data, key) : NULL;
	value = strdup(environment);
	if (value == NULL)
		wltex_error(source->logger, "out of memory: %s has its default", key);
	return value;
}

/* What a value is as a number, if it is a good one. */
static bool read_bool(const char *value, uint64_t *number)
{
	*number = strcmp(value, "true") == 0 || strcmp(value, "1") == 0;
	return *number || strcmp(value, "false") == 0 || strcmp(value, "0") == 0;
}

/* units: letters of which each stands for 1024 times the one before. */
static bool read_number(const char *value, const char *units, uint64_t max, uint64_t *number)
{
	const char *unit;
	char *end;

	errno = 0;
	*number = strtoull(value, &end, 10);
	if (errno != 0 || !isdigit((unsigned char)value[0]))
		return false;
	unit = *end != '\0' ? strchr(units, *end) : NULL;
	for (const char *u = units; unit != NULL && u <= unit; u++) {
		if (__builtin_mul_overflow(*number, UINT64_C(1024), number))
			return false;
	}
	return end[unit != NULL] == '\0' && *number <= max;
}

/* The index. */
static bool read_choice(const char *value, const char *const choices[], uint64_t *number)
{
	for (*number = 0; choices[*number] != NULL; ++*number) {
		if (strcmp(value, choices[*number]) == 0)
			return true;
	}
	return false;
}

/* "auto, at-commit, on-access" */
static void list_choices(char *list, size_t size, const char *const choices[])
{
	size_t used = 0;

	list[0] = '\0';
	for (int i = 0; choices[i] != NULL && used < size; i++)
		used += (size_t)snprintf(
			list + used, size - used, "%s%s", i > 0 ? ", " : "", choices[i]);
}

static void complain(const struct source *source, const struct option *option, const char *value)
{
	char list[128];

	if (option->kind == OPTION_BOOL)
		snprintf(list, sizeof(list), "neither true nor false");
	else if (option->kind == OPTION_NUMBER || option->kind == OPTION_LARGE_NUMBER)
		snprintf(list, sizeof(list), "not a number from 0 to %ju", (uintmax_t)option->max);
	else
		list_choices(list, sizeof(list), option->choices);
	wltex_warning(source->logger, "%s=%s is %s%s: ignored", option->key, value,
		option->kind == OPTION_CHOICE ? "none of " : "", list);
}

static bool read_value(const struct option *option, const char *value, uint64_t *number)
{
	if (option->kind == OPTION_BOOL)
		return read_bool(value, number);
	if (option->kind == OPTION_CHOICE)
		return read_choice(value, option->choices, number);
	return read_number(
		value, option->kind == OPTION_LARGE_NUMBER ? "KMG" : "", option->max, number);
}

bool option_accepts(const struct option *option, const char *value)
{
	uint64_t number;

	return option->kind == OPTION_STRING || read_value(option, value, &number);
}

static void set_number(struct options *options, const struct option *option, uint64_t number)
{
	void *member = (char *)options + option->offset;

	switch (option->kind) {
	case OPTION_STRING:
		break;
	case OPTION_BOOL:
		*(bool *)member = number != 0;
		break;
	case OPTION_NUMBER:
		*(uint32_t *)member = (uint32_t)number;
		break;
	case OPTION_LARGE_NUMBER:
		*(uint64_t *)member = number;
		break;
	case OPTION_CHOICE:
		*(uint32_t *)member = option->first + (uint32_t)number;
		break;
	}
}

static void set_option(
	struct options *options, const struct option *option, const struct source *source)
{
	char *value = get_value(source, option->key);
	uint64_t number = option->fallback, read;

	if (option->kind == OPTION_STRING) {
		*(char **)((char *)options + option->offset) = value;
		return;
	}
	if (value != NULL && read_value(option, value, &read))
		number = read;
	else if (value != NULL)
		complain(source, option, value);
	set_number(options, option, number);
	free(value);
}

void options_init(
	struct options *options, options_get_t get, void *data, const struct wltex_logger *logger)
{
	const struct source source = {get, data, logger};

	memset(options, 0, sizeof(*options));
	for (const struct option *option = options_table; option->key != NULL; option++)
		set_option(options, option, &source);
}

static size_t min(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many characters are to be changed, put in or left out, by Levenshtein's method. */
static size_t get_distance(const char *a, const char *b)
{
	size_t row[64];
	size_t n = strlen(b), left, above;

	if (n >= sizeof(row) / sizeof(row[0]))
		return n;
	for (size_t k = 0; k <= n; k++)
		row[k] = k;
	for (size_t i = 0; a[i] != '\0'; i++) {
		above = row[0];
		row[0] = i + 1;
		for (size_t k = 0; k < n; k++) {
			left = min(row[k], row[k + 1]) + 1;
			left = min(left, above + (a[i] != b[k]));
			above = row[k + 1];
			row[k + 1] = left;
		}
	}
	return row[n];
}

/* Further from every key than this it is taken for something else. */
#define MAX_DISTANCE 3

/* The key that this was meant to be; NULL: none is near. *distance is 0 if it is one. */
static const char *find_nearest(const char *key, size_t *distance)
{
	const char *nearest = NULL;

	*distance = MAX_DISTANCE + 1;
	for (const struct option *option = options_table; option->key != NULL; option++) {
		size_t d = get_distance(option->key, key);
		if (d >= *distance)
			continue;
		*distance = d;
		nearest = option->key;
	}
	return nearest;
}

void options_check_key(const char *key, const char *what, const struct wltex_logger *logger)
{
	size_t distance;
	const char *nearest = find_nearest(key, &distance);

	if (nearest == NULL)
		wltex_warning(logger, "%s: there is no option %s", what, key);
	else if (distance > 0)
		wltex_warning(
			logger, "%s: there is no option %s; is %s meant?", what, key, nearest);
}

/* The key of a variable, as "sum-budget-us" of WLTEX_SUM_BUDGET_US=1. */
static void make_key(char *key, size_t size, const char *variable)
{
	size_t n = strcspn(variable, "=");

	snprintf(key, size, "%.*s", (int)n, variable);
	for (char *c = key; *c != '\0'; c++)
		*c = (char)(*c == '_' ? '-' : tolower((unsigned char)*c));
}

/* Others begin with WLTEX_, too: only what is nearly an option is one that is spelt wrongly. */
void options_check_environment(const struct wltex_logger *logger)
{
	for (char **variable = environ; *variable != NULL; variable++) {
		char key[64];
		size_t distance;
		const char *nearest;
		if (strncmp(*variable, "WLTEX_", 6) != 0)
			continue;
		make_key(key, sizeof(key), *variable + 6);
		nearest = find_nearest(key, &distance);
		if (nearest != NULL && distance > 0)
			wltex_warning(logger, "environment: there is no option %s; is %s meant?",
				key, nearest);
	}
}

void options_finish(struct options *options)
{
	free(options->stats);
	free(options->true_damage_except);
	options->stats = NULL;
	options->true_damage_except = NULL;
}

bool options_list_has(const char *names, const char *name)
{
	size_t length = name != NULL ? strlen(name) : 0;

	for (const char *p = names; p != NULL && length > 0; p = strchr(p, ',')) {
		size_t n;
		p += strspn(p, ", ");
		for (n = strcspn(p, ","); n > 0 && p[n - 1] == ' ';)
			n--;
		if (n == length && strncmp(p, name, length) == 0)
			return true;
	}
	return false;
}
