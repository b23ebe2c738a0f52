/* SPDX-License-Identifier: MIT */
#ifndef SESSION_LIMIT_H
#define SESSION_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

struct session_client;

/* What a client can have too much of; each with a limit in the options, 0 for none. */
enum limit {
	LIMIT_PARAMS,
	LIMIT_BUFFERS,
	LIMIT_FDS,
	LIMIT_BYTES, // of memory behind its buffers; what backs several counts once
	LIMIT_TEXTURES,
	N_LIMITS,
};

enum limit_action {
	LIMIT_WARN,       // one line in the log
	LIMIT_REFUSE,     // and what is over the limit gets no texture
	LIMIT_DISCONNECT, // and the client is told which limit it broke, and disconnected
};

/*
 * The client has, or is about to have, this much of something. Returns true if what is
 * over the limit is to be refused.
 */
bool limit_check(struct session_client *client, enum limit limit, uint64_t value);

/* The key of the limit in section [wltex], e.g. "limit-params". */
const char *limit_name(enum limit limit);

#endif
