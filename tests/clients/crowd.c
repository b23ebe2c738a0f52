/* SPDX-License-Identifier: MIT */
/* Many clients of one process, the n-th with a buffer of n rows, until it is killed. */
#include <stdlib.h>

#include "peer.h"

#define MAX_PEERS 1000

static struct peer peers[MAX_PEERS];

TEST(crowd)
{
	long count = strtol(getenv("CROWD_SIZE") ? getenv("CROWD_SIZE") : "200", NULL, 10);

	check(count > 0 && count <= MAX_PEERS);
	for (long i = 0; i < count; i++) {
		peer_connect(&peers[i], "crowd");
		/* A page is 4096 bytes: one row of pixels. */
		peer_buffer(&peers[i], 1024, (uint32_t)i + 1);
		peer_sync(&peers[i]);
	}
	while (wl_display_dispatch(peers[0].display) >= 0)
		;
}
