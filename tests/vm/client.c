/* SPDX-License-Identifier: MIT */
/* Clients for the virtual machine, see dmabufs.sh. */
#include "peer.h"

static struct peer peer;

TEST(shared_memory)
{
	peer_connect(&peer, "shared_memory");
	struct peer_surface *window = peer_surface(&peer, "");
	struct peer_buffer *buffer = peer_shm_buffer(&peer, 64, 48);

	peer_surface_map(window);
	for (int i = 0; i < 2; i++) {
		peer_surface_show(window, buffer);
		peer_surface_draw(window);
	}
}
