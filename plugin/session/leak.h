/* SPDX-License-Identifier: MIT */
#ifndef SESSION_LEAK_H
#define SESSION_LEAK_H

#include "session/session.h"

/* What a client is seen to do; each a sign of a leak, with a threshold in the options. */
enum leak_sign {
	LEAK_PARAMS_UNUSED = 1 << 0,
	LEAK_BUFFERS_GROW = 1 << 1,
	LEAK_BUFFER_PER_FRAME = 1 << 2,
	LEAK_BUFFERS_UNMAPPED = 1 << 3,
	LEAK_NOT_RELEASED = 1 << 4,
};

/* The signs that the client leaks, as enum leak_sign; now in nanoseconds. */
unsigned leak_get_signs(const struct session_client *client, uint64_t now_ns);

#endif
