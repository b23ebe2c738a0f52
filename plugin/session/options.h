/* SPDX-License-Identifier: MIT */
#ifndef SESSION_OPTIONS_H
#define SESSION_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wltex/log.h>

#include "session/limit.h"

/* When textures are made. */
enum textures {
	TEXTURES_AUTO, // at the commit of surfaces whose textures somebody wants, else on access
	TEXTURES_AT_COMMIT,
	TEXTURES_ON_ACCESS,
};

/* What sums dmabufs. */
enum sum_method {
	SUM_METHOD_CPU,
	SUM_METHOD_GPU,
	SUM_METHOD_AUTO, // the processor what it can read, the GPU the rest
	SUM_METHOD_OFF,
};

struct options {
	char *stats; // file for the final ledger, or NULL
	bool content_sums;
	bool protocol;
	bool raise_fd_limit;
	bool true_damage;
	char *true_damage_except; // names, separated by commas, or NULL
	enum sum_method sum_method;
	enum textures textures;
	bool shm_textures;
	uint32_t sum_budget_us;      // of one repaint
	uint32_t sum_budget_percent; // of a core, within a second, for each client
	bool control;
	bool snapshot;
	uint64_t record_bytes; // of what happened lately; 0: none are kept
	/* Beyond these a client shows a sign of a leak. */
	uint32_t leak_params, leak_buffers, leak_fresh_commits, leak_seconds;
	uint64_t limits[N_LIMITS]; // 0: none
	enum limit_action limit_action;
	enum wltex_log_level log_level;
};

/* How an option is written, and what it becomes. */
enum option_kind {
	OPTION_STRING, // char *, or NULL where it is not set
	OPTION_BOOL,
	OPTION_NUMBER,       // uint32_t
	OPTION_LARGE_NUMBER, // uint64_t; may end with K, M or G, of 1024 each
	OPTION_CHOICE,       // an enum, from first on in the order of choices
};

/* One option: all that anybody needs to know of it. */
struct option {
	const char *key;
	size_t offset;          // in struct options
	uint64_t fallback, max; // of numbers; of choices, an index
	const char *choices[5]; // ended by NULL
	const char *help;       // one line
	enum option_kind kind;
	uint32_t first; // the number of the first choice
};

/* All options, ended by one without a key. */
extern const struct option options_table[];

/* Whether it can have that value. */
bool option_accepts(const struct option *option, const char *value);

/* The variable of the environment that has the value of a key: WLTEX_<KEY>. */
#define OPTION_VARIABLE_SIZE 64
void option_get_variable(const char *key, char name[OPTION_VARIABLE_SIZE]);

/* The value of a key, to be freed; NULL: it is not set. */
typedef char *(*options_get_t)(void *data, const char *key);

/*
 * Set all options: WLTEX_<KEY> in the environment, else what get (may be NULL) says, else the
 * default. A value that is none is told to logger, and the default holds.
 */
void options_init(
	struct options *options, options_get_t get, void *data, const struct wltex_logger *logger);

/* Warn of a key that is none, with the nearest that is one. what: e.g. "weston.ini". */
void options_check_key(const char *key, const char *what, const struct wltex_logger *logger);
/* Warn of WLTEX_ variables that look like a key, but for a mistake. */
void options_check_environment(const struct wltex_logger *logger);

/* Whether one of names, separated by commas, is name. Either may be NULL: false. */
bool options_list_has(const char *names, const char *name);

void options_finish(struct options *options);

#endif
