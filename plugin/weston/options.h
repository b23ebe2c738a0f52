/* SPDX-License-Identifier: MIT */
#ifndef WESTON_OPTIONS_H
#define WESTON_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include <wltex/log.h>

#include "weston/limit.h"

struct weston_compositor;

/* When textures are made. */
enum textures {
	TEXTURES_AUTO, // at the commit of surfaces whose textures somebody wants, else on access
	TEXTURES_AT_COMMIT,
	TEXTURES_ON_ACCESS,
};

/* Section [wltex] of weston.ini; WLTEX_<KEY> in the environment overrides a key. */
struct options {
	char *stats; // file for the final ledger, or NULL
	bool content_sums;
	bool protocol;
	bool raise_fd_limit;
	bool true_damage;
	char *true_damage_except; // names, separated by commas, or NULL
	enum textures textures;
	bool shm_textures;
	uint32_t sum_budget_us;      // of one repaint
	uint32_t sum_budget_percent; // of a core, within a second, for each client
	bool control;
	bool snapshot;
	/* Beyond these a client shows a sign of a leak. */
	uint32_t leak_params, leak_buffers, leak_fresh_commits, leak_seconds;
	uint64_t limits[N_LIMITS]; // 0: none
	enum limit_action limit_action;
	enum wltex_log_level log_level;
};

void options_init(struct options *options, struct weston_compositor *compositor);
/* Whether one of names, separated by commas, is name. Either may be NULL: false. */
bool options_list_has(const char *names, const char *name);

void options_finish(struct options *options);

#endif
