/* SPDX-License-Identifier: MIT */
/*
 * A client that does what comes to its mind until it is killed or the compositor goes:
 *
 *	WANDER_SEED=1 client-wander wander
 *
 * Windows and sub-surfaces come and go, buffers change their size and their kind, are
 * shown, changed in place, detached, and destroyed while they are shown.
 */
#include <stdlib.h>
#include <time.h>

#include "peer.h"

#define WINDOWS 3

struct window {
	struct peer_surface *surface;
	struct wl_subsurface *sub;
	struct peer_buffer *buffer;
};

static struct peer peer;
static struct window windows[WINDOWS];
static uint32_t seed;

static uint32_t random_below(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static void drop_buffer(struct window *window)
{
	if (!window->buffer)
		return;
	peer_buffer_destroy(window->buffer);
	peer_memory_free(window->buffer);
	window->buffer = NULL;
}

static void show_another_size(struct window *window)
{
	uint32_t width = 16 + random_below(300), height = 16 + random_below(300);
	struct window old = *window;

	window->buffer = random_below(4) == 0 ? peer_shm_buffer(&peer, width, height)
					      : peer_buffer(&peer, width, height);
	peer_buffer_fill(window->buffer, random_below(1000));
	peer_surface_show(window->surface, window->buffer);
	drop_buffer(&old);
}

static void change_in_place(struct window *window)
{
	if (!window->buffer) {
		show_another_size(window);
		return;
	}
	if (random_below(2) == 0)
		peer_buffer_fill(window->buffer, random_below(1000));
	peer_surface_show(window->surface, window->buffer);
}

static void detach(struct window *window)
{
	/* Not the first: what else is a window if that has no picture? */
	if (window == &windows[0])
		return;
	peer_surface_show(window->surface, NULL);
}

/* All but the first are sub-surfaces of the first, synchronized or not. */
static void make(struct window *window)
{
	if (window->surface)
		return;
	window->surface = peer_surface(&peer, "");
	if (window == &windows[0]) {
		peer_surface_map(window->surface);
		return;
	}
	window->sub = wl_subcompositor_get_subsurface(
		peer.subcompositor, window->surface->wl_surface, windows[0].surface->wl_surface);
	wl_subsurface_set_position(window->sub, (int)random_below(200), (int)random_below(200));
	if (random_below(2) == 0)
		wl_subsurface_set_desync(window->sub);
}

static void step(struct window *window)
{
	make(window);
	switch (random_below(8)) {
	case 0:
	case 1:
		show_another_size(window);
		break;
	case 2:
		detach(window);
		break;
	case 3:
		drop_buffer(window);
		break;
	default:
		change_in_place(window);
	}
	if (window->sub && random_below(2) == 0)
		wl_surface_commit(windows[0].surface->wl_surface);
	/* The log is for tests that look at it. */
	peer.log[0] = '\0';
}

TEST(wander)
{
	const struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};
	const char *value = getenv("WANDER_SEED");

	seed = (uint32_t)strtoul(value ? value : "1", NULL, 10);
	peer_connect(&peer, "wander");
	make(&windows[0]);
	show_another_size(&windows[0]);
	while (peer_try_sync(&peer)) {
		step(&windows[random_below(WINDOWS)]);
		nanosleep(&pause, NULL);
	}
}
