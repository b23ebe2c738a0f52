/* SPDX-License-Identifier: MIT */
/*
 * Options from weston.ini and the environment: the input is a row of settings, each a byte
 * that says what and where, and a value; or it is a weston.ini as it stands. What an option
 * must then be is worked out here a second time, from the table of the manual page: the
 * value where there is a good one, else the default and a message that names the key.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <libweston/config-parser.h>
#include <libweston/libweston.h>

#include "fuzz.h"
#include "session/options.h"
#include "weston/config.h"

#define MAX_SETTINGS 32
#define MAX_VALUE 64

enum kind {
	STRING,
	BOOL,
	NUMBER,
	LARGE_NUMBER,
	SUM_METHOD,
	LIMIT_ACTION,
	LOG_LEVEL,
};

#define OPTION(key, kind, member, fallback, max) \
	{ \
		key, kind, offsetof(struct options, member), fallback, max \
	}

static const struct {
	const char *key;
	enum kind kind;
	size_t offset;
	uint64_t fallback, max;
} options_known[] = {
	OPTION("stats", STRING, stats, 0, 0),
	OPTION("content-sums", BOOL, content_sums, true, 1),
	OPTION("sum-method", SUM_METHOD, sum_method, SUM_METHOD_CPU, 0),
	OPTION("true-damage", BOOL, true_damage, true, 1),
	OPTION("true-damage-except", STRING, true_damage_except, 0, 0),
	OPTION("sum-budget-us", NUMBER, sum_budget_us, 4000, 1000000),
	OPTION("sum-budget-percent", NUMBER, sum_budget_percent, 25, 100),
	OPTION("shm-textures", BOOL, shm_textures, false, 1),
	OPTION("protocol", BOOL, protocol, true, 1),
	OPTION("raise-fd-limit", BOOL, raise_fd_limit, true, 1),
	OPTION("control", BOOL, control, true, 1),
	OPTION("snapshot", BOOL, snapshot, false, 1),
	OPTION("limit-params", LARGE_NUMBER, limits[LIMIT_PARAMS], 0, UINT64_MAX),
	OPTION("limit-buffers", LARGE_NUMBER, limits[LIMIT_BUFFERS], 0, UINT64_MAX),
	OPTION("limit-fds", LARGE_NUMBER, limits[LIMIT_FDS], 0, UINT64_MAX),
	OPTION("limit-bytes", LARGE_NUMBER, limits[LIMIT_BYTES], 0, UINT64_MAX),
	OPTION("limit-textures", LARGE_NUMBER, limits[LIMIT_TEXTURES], 0, UINT64_MAX),
	OPTION("limit-action", LIMIT_ACTION, limit_action, LIMIT_WARN, 0),
	OPTION("leak-params", NUMBER, leak_params, 64, 1000000),
	OPTION("leak-buffers", NUMBER, leak_buffers, 64, 1000000),
	OPTION("leak-fresh-commits", NUMBER, leak_fresh_commits, 120, 1000000),
	OPTION("leak-seconds", NUMBER, leak_seconds, 5, 86400),
	OPTION("log-level", LOG_LEVEL, log_level, WLTEX_LOG_INFO, 0),
};

#define N_OPTIONS ARRAY_LENGTH(options_known)

/* How often the key was in a message; and messages of wltex without any known key. */
static unsigned int told[N_OPTIONS], told_otherwise;

static int handle_log(const char *format, va_list args)
{
	char *text, key[32];
	int n = vasprintf(&text, format, args);
	bool known = false;

	expect(n >= 0);
	for (size_t i = 0; i < N_OPTIONS; i++) {
		snprintf(key, sizeof(key), "wltex: %s=", options_known[i].key);
		if (strncmp(text, key, strlen(key)) != 0)
			continue;
		expect(n > 0 && text[n - 1] == '\n');
		told[i]++;
		known = true;
	}
	if (!known && strncmp(text, "wltex", 5) == 0)
		told_otherwise++;
	free(text);
	return n;
}

static void make_variable(char *name, size_t size, const char *key)
{
	snprintf(name, size, "WLTEX_%s", key);
	for (char *c = name; *c != '\0'; c++)
		*c = (char)(*c == '-' ? '_' : toupper((unsigned char)*c));
}

/* A row of digits as the number that it is, if it is not above max. */
static bool read_number(const char *text, uint64_t max, uint64_t *number)
{
	*number = 0;
	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++) {
		uint64_t digit = (uint64_t)(*text - '0');
		if (*text < '0' || *text > '9' || *number > (max - digit) / 10 || digit > max)
			return false;
		*number = *number * 10 + digit;
	}
	return *number <= max;
}

/* The same with K, M or G after it. */
static bool read_large_number(const char *text, uint64_t max, uint64_t *number)
{
	static const char units[] = "KMG";
	size_t n = strlen(text);
	const char *unit = n > 0 ? strchr(units, text[n - 1]) : NULL;
	unsigned int shift = unit != NULL ? 10 * (unsigned int)(unit - units + 1) : 0;
	char digits[MAX_VALUE + 1] = "";

	if (shift == 0 || n > MAX_VALUE)
		return read_number(text, max, number);
	memcpy(digits, text, n - 1);
	if (!read_number(digits, UINT64_MAX >> shift, number))
		return false;
	*number <<= shift;
	return *number <= max;
}

/* Whether text is one of the row of words, which ends with NULL; first is the first's number. */
static bool read_word(const char *text, const char *const words[], uint64_t first, uint64_t *number)
{
	for (uint64_t i = 0; words[i] != NULL; i++) {
		*number = first + i;
		if (strcmp(text, words[i]) == 0)
			return true;
	}
	return false;
}

/* Whether the value is a good one, which *number then is. */
static bool read_value(size_t i, const char *value, uint64_t *number)
{
	static const char *const methods[] = {"cpu", "gpu", "auto", "off", NULL};
	static const char *const actions[] = {"warn", "refuse", "disconnect", NULL};
	static const char *const levels[] = {"error", "warning", "info", "debug", NULL};
	static const char *const words[] = {"false", "true", NULL}, *const digits[] = {
									    "0", "1", NULL};

	switch (options_known[i].kind) {
	case BOOL:
		return read_word(value, words, 0, number) || read_word(value, digits, 0, number);
	case SUM_METHOD:
		return read_word(value, methods, SUM_METHOD_CPU, number);
	case LIMIT_ACTION:
		return read_word(value, actions, LIMIT_WARN, number);
	case LOG_LEVEL:
		return read_word(value, levels, WLTEX_LOG_ERROR, number);
	case LARGE_NUMBER:
		return read_large_number(value, options_known[i].max, number);
	default:
		return read_number(value, options_known[i].max, number);
	}
}

static uint64_t get_option(const struct options *options, size_t i)
{
	const char *at = (const char *)options + options_known[i].offset;
	uint64_t number = 0;

	switch (options_known[i].kind) {
	case BOOL:
		return *(const bool *)at;
	case LARGE_NUMBER:
		memcpy(&number, at, sizeof(uint64_t));
		return number;
	default:
		memcpy(&number, at, sizeof(uint32_t));
		return number;
	}
}

static void check_option(const struct options *options, size_t i, const char *value)
{
	const char *string;
	uint64_t number;

	if (options_known[i].kind == STRING) {
		memcpy(&string, (const char *)options + options_known[i].offset, sizeof(string));
		expect((string == NULL) == (value == NULL));
		expect(value == NULL || strcmp(string, value) == 0);
		expect(told[i] == 0);
	} else if (value != NULL && read_value(i, value, &number)) {
		expect(get_option(options, i) == number);
		expect(told[i] == 0);
	} else {
		expect(get_option(options, i) == options_known[i].fallback);
		expect(told[i] == (value != NULL));
	}
}

static char *get_value(struct weston_config_section *section, size_t i)
{
	char name[64], *value = NULL;

	make_variable(name, sizeof(name), options_known[i].key);
	if (getenv(name) != NULL)
		return strdup(getenv(name));
	if (section != NULL)
		weston_config_section_get_string(section, options_known[i].key, &value, NULL);
	return value;
}

/* The same as options_list_has(), by cutting the list into pieces. */
static bool is_among(const char *names, const char *name)
{
	char *copy = strdup(names), *rest = copy, *part;
	bool found = false;

	expect(copy != NULL);
	while ((part = strsep(&rest, ",")) != NULL) {
		part += strspn(part, " ");
		for (size_t n = strlen(part); n > 0 && part[n - 1] == ' '; n--)
			part[n - 1] = '\0';
		found |= part[0] != '\0' && strcmp(part, name) == 0;
	}
	free(copy);
	return found;
}

/* All parts of the list, whole and less their last characters. */
static void check_list(const struct options *options)
{
	const char *names = options->true_damage_except;
	char name[2 * MAX_VALUE];

	expect(!options_list_has(names, "") && !options_list_has(names, NULL));
	if (names == NULL)
		return;
	for (const char *p = names; *p != '\0'; p += strspn(p, ",")) {
		size_t n;
		p += strspn(p, " ");
		n = strcspn(p, ",");
		for (size_t cut = 0; cut < 4 && cut < n; cut++) {
			snprintf(name, sizeof(name), "%.*s", (int)(n - cut), p);
			expect(options_list_has(names, name) == is_among(names, name));
		}
		p += n;
	}
}

static void log_message(void *data, enum wltex_log_level level, const char *format, va_list args)
{
	char *text;

	expect(vasprintf(&text, format, args) >= 0);
	weston_log("wltex: %s\n", text);
	free(text);
}

static const struct wltex_logger logger = {.log = log_message, .level = WLTEX_LOG_DEBUG};

static void check_all(void)
{
	struct config own;
	struct weston_config *config = weston_config_parse(weston_config_get_name_from_env());
	struct weston_config_section *section = NULL;
	struct options options;

	if (config != NULL)
		section = weston_config_get_section(config, "wltex", NULL, NULL);
	memset(told, 0, sizeof(told));
	told_otherwise = 0;
	config_open(&own, NULL);
	options_init(&options, config_get, &own, &logger);
	config_close(&own);
	expect(told_otherwise == 0);
	for (size_t i = 0; i < N_OPTIONS; i++) {
		char *value = get_value(section, i);
		check_option(&options, i, value);
		free(value);
	}
	check_list(&options);
	options_finish(&options);
	if (config != NULL)
		weston_config_destroy(config);
}

static size_t take_value(struct input *input, char *value)
{
	static const char *const usual[] = {"", "true", "false", "0", "1", "2", "100", "101",
		"86401", "1000000", "1000001", "64K", "3G", "18446744073709551615",
		"18446744073709551616", "warn", "refuse", "disconnect", "error", "warning", "info",
		"debug", "a, b ,c"};
	size_t i = take(input, 1), size;
	const uint8_t *bytes;

	if (i < ARRAY_LENGTH(usual)) {
		strcpy(value, usual[i]);
		return strlen(value);
	}
	size = take_bytes(input, i % MAX_VALUE, &bytes);
	memcpy(value, bytes, size);
	value[size] = '\0';
	return size;
}

static void take_settings(struct input *input, FILE *ini)
{
	fputs("[wltex]\n", ini);
	for (int n = 0; n < MAX_SETTINGS && input->left > 0; n++) {
		size_t what = take(input, 1), size;
		const char *key = options_known[what / 2 % N_OPTIONS].key;
		char value[MAX_VALUE + 1], name[64];

		size = take_value(input, value);
		make_variable(name, sizeof(name), key);
		if (what % 2 == 0)
			setenv(name, value, 1);
		else
			fprintf(ini, "%s=", key), fwrite(value, 1, size, ini), fputc('\n', ini);
	}
}

static void clear_environment(void)
{
	char name[64];

	for (size_t i = 0; i < N_OPTIONS; i++) {
		make_variable(name, sizeof(name), options_known[i].key);
		unsetenv(name);
	}
}

static FILE *make_ini(void)
{
	int fd = memfd_create("weston.ini", MFD_CLOEXEC);
	FILE *ini = fdopen(fd, "w");
	char name[64];

	expect(fd >= 0 && ini != NULL);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	setenv("WESTON_CONFIG_FILE", name, 1);
	return ini;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	int fds = count_fds(64);
	FILE *ini = make_ini();

	weston_log_set_handler(handle_log, handle_log);
	clear_environment();
	if (take(&input, 1) % 4 == 0)
		fwrite(input.data, 1, input.left, ini);
	else
		take_settings(&input, ini);
	expect(fflush(ini) == 0);
	check_all();
	fclose(ini);
	expect(count_fds(64) == fds);
	return 0;
}
