/* SPDX-License-Identifier: MIT */
#ifndef TESTS_TRACK_FIXTURE_H
#define TESTS_TRACK_FIXTURE_H

#include <unistd.h>

#include "test.h"
#include "track-world.h"

/* The world and one peer of it, with a memory of 64x64 XRGB8888. */
struct fixture {
	struct world world;
	struct peer peer;
	int fds;      /* open before any params were made */
	int peer_fds; /* of them, those of the peer's connection at both ends */
	int memory;
};

static inline void setup_version(struct fixture *f, uint32_t version)
{
	world_init(&f->world);
	world_track(&f->world);
	f->peer_fds = -test_count_fds();
	peer_init(&f->peer, &f->world, version);
	f->peer_fds += test_count_fds();
	f->memory = make_memory(64 * 64 * 4);
	f->fds = test_count_fds();
	check_str(world_take_log(&f->world), "client+");
}

static inline void setup(struct fixture *f)
{
	setup_version(f, 3);
}

static inline void teardown(struct fixture *f)
{
	peer_finish(&f->peer);
	check(f->peer.client == NULL);
	check_int(f->world.n_clients, 0);
	close(f->memory);
	world_finish(&f->world);
}

static inline void dispatch(struct fixture *f)
{
	world_dispatch(&f->world);
	if (f->peer.fd >= 0)
		peer_receive(&f->peer);
}

#endif
