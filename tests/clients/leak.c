/* SPDX-License-Identifier: MIT */
/*
 * A client that makes a new buffer for each frame and destroys none:
 *
 *	LEAK_FRAMES=100 client-leak leak
 *
 * Then it stays until it is killed.
 */
#include <stdlib.h>

#include "peer.h"

static struct peer peer;

TEST(leak)
{
	long frames = strtol(getenv("LEAK_FRAMES") ? getenv("LEAK_FRAMES") : "100", NULL, 10);
	struct peer_surface *surface;

	peer_connect(&peer, "leak");
	surface = peer_surface(&peer, "");
	peer_surface_map(surface);
	for (long i = 0; i < frames; i++) {
		struct peer_buffer *buffer = peer_buffer(&peer, 64, 64);

		peer_buffer_fill(buffer, (uint32_t)i);
		peer_surface_show(surface, buffer);
		peer_sync(&peer);
		/* The compositor has the memory as well. */
		peer_memory_free(buffer);
		peer.log[0] = '\0';
	}
	while (wl_display_dispatch(peer.display) >= 0)
		;
}
