/* SPDX-License-Identifier: MIT */
#ifndef WESTON_OPTIONS_H
#define WESTON_OPTIONS_H

#include <stdbool.h>

#include <wltex/log.h>

struct weston_compositor;

/* Section [wltex] of weston.ini; WLTEX_<KEY> in the environment overrides a key. */
struct options {
	char *stats; // file for the final ledger, or NULL
	bool content_sums;
	bool protocol;
	bool raise_fd_limit;
	enum wltex_log_level log_level;
};

void options_init(struct options *options, struct weston_compositor *compositor);
void options_finish(struct options *options);

#endif
