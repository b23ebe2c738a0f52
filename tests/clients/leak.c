/* SPDX-License-Identifier: MIT */
/*
 * Clients that look as if they leaked, in one way a case. LEAK_FRAMES is how often they do
 * it:
 *
 *	LEAK_FRAMES=100 client-leak leak
 *
 * Each says "done" then. At the next line on its standard input it mends its ways, and stays
 * until it is killed or its input ends.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "peer.h"

static struct peer peer;

static long get_frames(void)
{
	const char *text = getenv("LEAK_FRAMES");

	return text != NULL ? strtol(text, NULL, 10) : 100;
}

/* Returns when there is a line, and not before all is handled. */
static void wait_for_line(void)
{
	char line[16];

	peer_sync(&peer);
	printf("done\n");
	fflush(stdout);
	if (fgets(line, sizeof(line), stdin) == NULL)
		exit(EXIT_SUCCESS);
}

/* A new buffer for each frame, and none is destroyed. */
TEST(leak)
{
	struct peer_surface *surface;

	peer_connect(&peer, "leak");
	surface = peer_surface(&peer, "");
	peer_surface_map(surface);
	for (long i = 0; i < get_frames(); i++) {
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

/* A new buffer for each frame; then the last one again. */
TEST(fresh)
{
	struct peer_buffer *buffer = NULL, *before;
	struct peer_surface *surface;

	peer_connect(&peer, "fresh");
	surface = peer_surface(&peer, "");
	peer_surface_map(surface);
	for (long i = 0; i < get_frames(); i++) {
		before = buffer;
		buffer = peer_buffer(&peer, 64, 64);
		peer_surface_show(surface, buffer);
		peer_surface_draw(surface);
		if (before != NULL) {
			peer_buffer_destroy(before);
			peer_memory_free(before);
		}
		peer.log[0] = '\0';
	}
	wait_for_line();
	peer_surface_show(surface, buffer);
	wait_for_line();
	wait_for_line();
}

/* Params of which nothing is made; then they go. */
TEST(params)
{
	struct zwp_linux_buffer_params_v1 *params[100];
	long n = get_frames();

	check(n <= 100);
	peer_connect(&peer, "params");
	for (long i = 0; i < n; i++)
		params[i] = zwp_linux_dmabuf_v1_create_params(peer.dmabuf);
	wait_for_line();
	for (long i = 0; i < n; i++)
		zwp_linux_buffer_params_v1_destroy(params[i]);
	wait_for_line();
	wait_for_line();
}

/* A buffer whose only surface is gone, content and all. */
TEST(surface_gone)
{
	struct peer_surface *surface;
	struct peer_buffer *buffer;

	peer_connect(&peer, "surface_gone");
	surface = peer_surface(&peer, "");
	peer_surface_map(surface);
	buffer = peer_buffer(&peer, 64, 64);
	peer_surface_show(surface, buffer);
	peer_surface_draw(surface);
	xdg_toplevel_destroy(surface->toplevel);
	xdg_surface_destroy(surface->xdg_surface);
	wl_surface_destroy(surface->wl_surface);
	wait_for_line();
	peer_buffer_destroy(buffer);
	wait_for_line();
	wait_for_line();
}

/* Two buffers, of which none is shown; then the last surface that could show them goes on. */
TEST(unmapped)
{
	struct peer_buffer *a, *b;
	struct peer_surface *surface;

	peer_connect(&peer, "unmapped");
	surface = peer_surface(&peer, "");
	peer_surface_map(surface);
	a = peer_buffer(&peer, 64, 64);
	b = peer_buffer(&peer, 64, 64);
	peer_surface_show(surface, a);
	peer_surface_draw(surface);
	peer_surface_show(surface, b);
	peer_surface_draw(surface);
	peer_surface_show(surface, NULL);
	wait_for_line();
	peer_buffer_destroy(a);
	peer_buffer_destroy(b);
	wait_for_line();
	wait_for_line();
}
