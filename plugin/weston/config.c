/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <libweston/config-parser.h>
#include <libweston/libweston.h>

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
	if (weston != NULL)
		config->section = weston_config_get_section(weston, "wltex", NULL, NULL);
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
