/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <libweston/config-parser.h>
#include <libweston/libweston.h>

#include "weston/options.h"

/* In libexec_weston, which only the weston program has: its header may not be there. */
struct weston_config *wet_get_config(struct weston_compositor *compositor) __attribute__((weak));

struct source {
	struct weston_config_section *section;
};

/* The value of key: from the environment, else from the file, else NULL. To be freed. */
static char *get_value(const struct source *source, const char *key)
{
	char name[64];
	char *value = NULL;
	const char *environment;

	snprintf(name, sizeof(name), "WLTEX_%s", key);
	for (char *c = name; *c != '\0'; c++)
		*c = (char)(*c == '-' ? '_' : toupper((unsigned char)*c));
	environment = getenv(name);
	if (environment != NULL) {
		value = strdup(environment);
		if (value == NULL)
			weston_log("wltex: out of memory: %s has its default\n", key);
		return value;
	}
	if (source->section != NULL)
		weston_config_section_get_string(source->section, key, &value, NULL);
	return value;
}

static bool get_bool(const struct source *source, const char *key, bool fallback)
{
	char *value = get_value(source, key);
	bool result = fallback;

	if (value != NULL && (strcmp(value, "true") == 0 || strcmp(value, "1") == 0))
		result = true;
	else if (value != NULL && (strcmp(value, "false") == 0 || strcmp(value, "0") == 0))
		result = false;
	else if (value != NULL)
		weston_log("wltex: %s=%s is neither true nor false: ignored\n", key, value);
	free(value);
	return result;
}

static uint64_t get_number(
	const struct source *source, const char *key, uint64_t fallback, uint64_t max)
{
	char *value = get_value(source, key);
	uint64_t result = fallback;
	unsigned long long number;
	char *end;

	if (value == NULL)
		return fallback;
	errno = 0;
	number = strtoull(value, &end, 10);
	if (errno == 0 && isdigit((unsigned char)value[0]) && *end == '\0' && number <= max)
		result = number;
	else
		weston_log("wltex: %s=%s is not a number from 0 to %ju: ignored\n", key, value,
			(uintmax_t)max);
	free(value);
	return result;
}

/* The index of the value of key in names, or fallback. */
static size_t get_choice(const struct source *source, const char *key, const char *const names[],
	size_t n, size_t fallback)
{
	char *value = get_value(source, key);
	size_t result = fallback;
	bool found = value == NULL;

	for (size_t i = 0; i < n && !found; i++) {
		found = strcmp(value, names[i]) == 0;
		if (found)
			result = i;
	}
	if (!found)
		weston_log(
			"wltex: %s=%s is not one of the values it can have: ignored\n", key, value);
	free(value);
	return result;
}

static void get_limits(struct options *options, const struct source *source)
{
	static const char *const actions[] = {
		[LIMIT_WARN] = "warn",
		[LIMIT_REFUSE] = "refuse",
		[LIMIT_DISCONNECT] = "disconnect",
	};

	for (int i = 0; i < N_LIMITS; i++)
		options->limits[i] = get_number(source, limit_name((enum limit)i), 0, UINT64_MAX);
	options->limit_action =
		(enum limit_action)get_choice(source, "limit-action", actions, 3, LIMIT_WARN);
}

static enum textures get_textures(const struct source *source)
{
	static const char *const names[] = {
		[TEXTURES_AUTO] = "auto",
		[TEXTURES_AT_COMMIT] = "at-commit",
		[TEXTURES_ON_ACCESS] = "on-access",
	};

	return (enum textures)get_choice(source, "textures", names, 3, TEXTURES_AUTO);
}

static void get_leak_thresholds(struct options *options, const struct source *source)
{
	options->leak_params = (uint32_t)get_number(source, "leak-params", 64, 1000000);
	options->leak_buffers = (uint32_t)get_number(source, "leak-buffers", 64, 1000000);
	options->leak_fresh_commits =
		(uint32_t)get_number(source, "leak-fresh-commits", 120, 1000000);
	options->leak_seconds = (uint32_t)get_number(source, "leak-seconds", 5, 86400);
}

void options_init(struct options *options, struct weston_compositor *compositor)
{
	static const char *const levels[] = {"error", "warning", "info", "debug"};
	struct weston_config *config = NULL, *own = NULL;
	struct source source = {0};

	if (wet_get_config != NULL)
		config = wet_get_config(compositor);
	else
		config = own = weston_config_parse(weston_config_get_name_from_env());
	if (config != NULL)
		source.section = weston_config_get_section(config, "wltex", NULL, NULL);

	options->stats = get_value(&source, "stats");
	options->content_sums = get_bool(&source, "content-sums", true);
	options->protocol = get_bool(&source, "protocol", true);
	options->raise_fd_limit = get_bool(&source, "raise-fd-limit", true);
	options->true_damage = get_bool(&source, "true-damage", true);
	options->true_damage_except = get_value(&source, "true-damage-except");
	options->textures = get_textures(&source);
	options->shm_textures = get_bool(&source, "shm-textures", false);
	options->sum_budget_us = (uint32_t)get_number(&source, "sum-budget-us", 4000, 1000000);
	options->sum_budget_percent = (uint32_t)get_number(&source, "sum-budget-percent", 25, 100);
	options->control = get_bool(&source, "control", true);
	options->snapshot = get_bool(&source, "snapshot", false);
	get_leak_thresholds(options, &source);
	get_limits(options, &source);
	options->log_level = (enum wltex_log_level)(
		1 + get_choice(&source, "log-level", levels, 4, WLTEX_LOG_INFO - WLTEX_LOG_ERROR));
	if (own != NULL)
		weston_config_destroy(own);
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
