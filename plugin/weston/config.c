/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <libweston/config-parser.h>
#include <libweston/libweston.h>

#include "session/options.h"
#include "weston/config.h"

/* In libexec_weston, which only the weston program has: its header may not be there. */
struct weston_config *wet_get_config(struct weston_compositor *compositor) __attribute__((weak));

void config_open(struct config *config, struct weston_compositor *compositor)
{
	struct weston_config *weston;

	*config = (struct config){0};
	if (wet_get_config != NULL)
		weston = wet_get_config(compositor);
	else
		weston = config->own = weston_config_parse(weston_config_get_name_from_env());
	if (weston == NULL)
		return;
	config->path = weston_config_get_full_path(weston);
	config->section = weston_config_get_section(weston, "wltex", NULL, NULL);
}

/* Weston's parser lists no keys: the lines are read once more. */
void config_check(const struct config *config, const struct wltex_logger *logger)
{
	const char *path = config->section != NULL ? config->path : NULL;
	FILE *file = path != NULL ? fopen(path, "re") : NULL;
	char line[512], word[64];
	bool ours = false;

	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		if (line[0] == '[')
			ours = sscanf(line, "[%63[^]]", word) == 1 && strcmp(word, "wltex") == 0;
		else if (ours && strchr(line, '=') != NULL &&
			 sscanf(line, " %63[^#= \t]", word) == 1)
			options_check_key(word, "weston.ini", logger);
	}
	if (file != NULL)
		fclose(file);
}

void config_close(struct config *config)
{
	if (config->own != NULL)
		weston_config_destroy(config->own);
	*config = (struct config){0};
}

char *config_get(void *data, const char *key)
{
	const struct config *config = data;
	char *value = NULL;

	if (config->section != NULL)
		weston_config_section_get_string(config->section, key, &value, NULL);
	return value;
}
