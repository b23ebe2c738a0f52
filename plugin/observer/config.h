/* SPDX-License-Identifier: MIT */
#ifndef OBSERVER_CONFIG_H
#define OBSERVER_CONFIG_H

/*
 * A file of options: lines "key=value" as in section [wltex] of weston.ini. Such a section may be
 * named; other sections are somebody else's. Lines that begin with '#' are comments.
 */
#include <wltex/log.h>

struct config {
	char *text; // NULL: no file
};

/*
 * Read $WLTEX_CONFIG, else $XDG_CONFIG_HOME/wltex/wltex.conf (XDG_CONFIG_HOME is $HOME/.config if
 * it is not set), which may be missing. Keys that are no options are told to logger.
 */
void config_read(struct config *config, const struct wltex_logger *logger);
void config_finish(struct config *config);

/* The value of a key, the last one if there are several, to be freed; NULL: it is not set. */
char *config_get(const struct config *config, const char *key);

#endif
