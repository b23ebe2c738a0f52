/* SPDX-License-Identifier: MIT */
#ifndef TESTS_TRACK_CHAOS_H
#define TESTS_TRACK_CHAOS_H

#include "track-world.h"

/*
 * Clients, and a compositor, that do one thing after the other by choices that come from
 * outside: a seed, or what a fuzzer makes up. Nothing that they can do may crash the
 * tracker, make it leak, or make its counts wrong.
 */
#define CHAOS_PEERS 3
#define CHAOS_IDS 48

struct chaos {
	struct world world;
	struct chaos_peer {
		struct peer peer;
		/* Up to which id objects were made. */
		uint32_t n_ids;
		/* Which kind of object an id was last made for. */
		uint8_t kinds[CHAOS_IDS];
	} peers[CHAOS_PEERS];
	int memory[3];
	int n_fds;      /* before anything else */
	int client_fds; /* of one connection, both ends */
	/* A number below bound. */
	uint32_t (*choose)(void *data, uint32_t bound);
	/* Number of open fds, or NULL. */
	int (*count_fds)(void);
	void *data;
};

void chaos_init(struct chaos *chaos);
void chaos_step(struct chaos *chaos);
void chaos_finish(struct chaos *chaos);

#endif
