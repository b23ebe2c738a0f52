/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "observer/config.h"
#include "session/options.h"
#include "util/log.h"

#define MAX_BYTES ((size_t)64 << 10)

/* One option of the text. */
struct entry {
	const char *key, *value;
	int key_length, value_length;
};

/* Where spaces at both ends are left out. */
static int trim(const char **text, size_t length)
{
	const char *begin = *text, *end = begin + length;

	while (begin < end && strchr(" \t\r", *begin) != NULL)
		begin++;
	while (end > begin && strchr(" \t\r", end[-1]) != NULL)
		end--;
	*text = begin;
	return (int)(end - begin);
}

static bool is_comment(const char *line, int length)
{
	return length == 0 || line[0] == '#' || line[0] == ';';
}

/* The next option from *text on; false: there is none. *ours: whether the section is. */
static bool next_entry(const char **text, bool *ours, struct entry *entry)
{
	while (**text != '\0') {
		const char *line = *text, *equals;
		size_t n = strcspn(line, "\n");
		int length = trim(&line, n);

		*text += n + ((*text)[n] != '\0');
		if (is_comment(line, length))
			continue;
		if (line[0] == '[') {
			*ours = length == 7 && strncmp(line, "[wltex]", 7) == 0;
			continue;
		}
		equals = memchr(line, '=', (size_t)length);
		if (!*ours || equals == NULL)
			continue;
		entry->key = line;
		entry->key_length = trim(&entry->key, (size_t)(equals - line));
		entry->value = equals + 1;
		entry->value_length = trim(&entry->value, (size_t)(line + length - equals - 1));
		return true;
	}
	return false;
}

static bool has_key(const struct entry *entry, const char *key)
{
	return strlen(key) == (size_t)entry->key_length &&
	       strncmp(key, entry->key, (size_t)entry->key_length) == 0;
}

char *config_get(const struct config *config, const char *key)
{
	const char *text = config->text != NULL ? config->text : "";
	struct entry entry, found = {0};
	bool ours = true;

	while (next_entry(&text, &ours, &entry)) {
		if (has_key(&entry, key))
			found = entry;
	}
	return found.value != NULL ? strndup(found.value, (size_t)found.value_length) : NULL;
}

static void check_keys(const struct config *config, const struct wltex_logger *logger)
{
	const char *text = config->text;
	struct entry entry;
	bool ours = true;

	while (next_entry(&text, &ours, &entry)) {
		char key[64];
		snprintf(key, sizeof(key), "%.*s", entry.key_length, entry.key);
		options_check_key(key, "wltex.conf", logger);
	}
}

/* The path of the file, to be freed; NULL: none. */
static char *find(void)
{
	const char *path = getenv("WLTEX_CONFIG"), *dir = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME"), *below = "";
	char *result;

	if (path != NULL)
		return strdup(path);
	if (dir == NULL || dir[0] != '/') {
		dir = home;
		below = "/.config";
	}
	if (dir == NULL || asprintf(&result, "%s%s/wltex/wltex.conf", dir, below) < 0)
		return NULL;
	return result;
}

static void read_file(struct config *config, FILE *file)
{
	size_t n;

	config->text = calloc(1, MAX_BYTES + 1);
	if (config->text == NULL)
		return;
	n = fread(config->text, 1, MAX_BYTES, file);
	config->text[n] = '\0';
}

void config_read(struct config *config, const struct wltex_logger *logger)
{
	char *path = find();
	FILE *file = path != NULL ? fopen(path, "re") : NULL;

	*config = (struct config){0};
	if (file != NULL) {
		read_file(config, file);
		fclose(file);
	} else if (getenv("WLTEX_CONFIG") != NULL) {
		wltex_warning(
			logger, "cannot read %s: %s", getenv("WLTEX_CONFIG"), strerror(errno));
	}
	if (config->text != NULL)
		check_keys(config, logger);
	free(path);
}

void config_finish(struct config *config)
{
	free(config->text);
	config->text = NULL;
}
