/* SPDX-License-Identifier: MIT */
/* A compositor in which wltex can make no textures, see tests/weston/no-import.sh. */
#include "peer.h"

static struct peer peer;

TEST(refused)
{
	peer_connect(&peer, "refused");
	struct peer_surface *window = peer_surface(&peer, "");
	struct peer_buffer *a = peer_buffer(&peer, 64, 48), *b = peer_buffer(&peer, 64, 48);

	peer_surface_map(window);
	for (int i = 0; i < 3; i++) {
		wltex_surface_v1_set_content_sum(window->watch, 7);
		peer_surface_show(window, a);
		check_events(&peer, "refused/invalid");
		check_int(window->sum, 0);
		peer_surface_show(window, b);
		check_events(&peer, "refused/invalid");
		peer_surface_draw(window);
	}
	peer_surface_show(window, NULL);
	check_events(&peer, "");
	peer_surface_show(window, a);
	check_events(&peer, "refused/invalid");
	peer_buffer_destroy(a);
	wl_surface_destroy(peer_surface(&peer, "")->wl_surface);
	check_events(&peer, "");
}

/* Without GL there is no zwp_linux_dmabuf_v1 either. */
TEST(shared_memory)
{
	peer_connect(&peer, "shared_memory");
	struct peer_surface *window = peer_surface(&peer, "");
	struct peer_buffer *buffer = peer_shm_buffer(&peer, 64, 48);

	peer_surface_map(window);
	for (int i = 0; i < 3; i++) {
		peer_buffer_fill(buffer, 1);
		wltex_surface_v1_set_content_sum(window->watch, 7);
		peer_surface_show(window, buffer);
		peer_surface_draw(window);
	}
	peer_surface_show(window, NULL);
	check_events(&peer, "");
}
