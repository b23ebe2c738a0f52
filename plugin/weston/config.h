/* SPDX-License-Identifier: MIT */
#ifndef WESTON_CONFIG_H
#define WESTON_CONFIG_H

struct weston_compositor;
struct wltex_logger;
struct weston_config_section;

/* weston.ini, as long as it is read. */
struct config {
	struct weston_config *own;             // NULL: it is Weston's
	struct weston_config_section *section; // [wltex], or NULL
	const char *path;                      // of the file, or NULL
};

/* Weston's, or where the program is not weston, what WESTON_CONFIG_FILE names. */
void config_open(struct config *config, struct weston_compositor *compositor);
void config_close(struct config *config);

/* Warn of keys in section [wltex] that are none. */
void config_check(const struct config *config, const struct wltex_logger *logger);

/* Value of a key in section [wltex], to be freed; NULL if it is not set. data: struct config. */
char *config_get(void *data, const char *key);

#endif
