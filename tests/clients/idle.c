/* SPDX-License-Identifier: MIT */
/* A window that is committed again and again, without a buffer that could have changed. */
#include "peer.h"

static struct peer peer;

/* Claims are no content, nor are frame callbacks, a size or an offset. */
static void stay(struct peer_surface *window)
{
	struct wp_viewport *viewport =
		wp_viewporter_get_viewport(peer.viewporter, window->wl_surface);

	for (int i = 0; i < 20; i++) {
		wl_surface_damage_buffer(window->wl_surface, 0, 0, 100, 100);
		peer_surface_draw(window);
		wl_surface_set_buffer_scale(window->wl_surface, 1 + i % 2);
		peer_surface_draw(window);
		wp_viewport_set_destination(viewport, 50 + i, 50);
		peer_surface_draw(window);
	}
}

TEST(idle)
{
	peer_connect(&peer, "idle");
	struct peer_surface *window = peer_surface(&peer, "");

	peer_surface_map(window);
	peer_surface_show(window, peer_buffer(&peer, 100, 100));
	peer_surface_draw(window);
	stay(window);
}

TEST(idle_shm)
{
	peer_connect(&peer, "idle_shm");
	struct peer_surface *window = peer_surface(&peer, "");

	peer_surface_map(window);
	peer_surface_show(window, peer_shm_buffer(&peer, 100, 100));
	peer_surface_draw(window);
	stay(window);
}
