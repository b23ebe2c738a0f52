/* SPDX-License-Identifier: MIT */
/*
 * Commits that wait for each other in the compositor, so that several have been requested before
 * the first of them is applied: what becomes of their textures, seen by a client of wltex-v1.
 */
#include <string.h>

#include "fifo-v1-client.h"
#include "peer.h"

#define REPLACED "destroyed/@(replaced|released)"

static struct peer peer;
static struct wp_fifo_manager_v1 *manager;

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version)
{
	if (strcmp(interface, wp_fifo_manager_v1_interface.name) == 0)
		manager = wl_registry_bind(registry, name, &wp_fifo_manager_v1_interface, 1);
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name)
{
}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

static void connect_with_fifo(const char *name)
{
	struct wl_registry *registry;

	peer_connect(&peer, name);
	registry = wl_display_get_registry(peer.display);
	wl_registry_add_listener(registry, &registry_listener, NULL);
	check(wl_display_roundtrip(peer.display) >= 0);
	wl_registry_destroy(registry);
	if (manager == NULL)
		test_skip("the compositor has no wp_fifo_v1");
}

static struct peer_buffer *make_buffer(uint32_t seed)
{
	struct peer_buffer *buffer = peer_buffer(&peer, 100, 70);

	peer_buffer_fill(buffer, seed);
	return buffer;
}

static struct peer_surface *make_window(struct peer_buffer *buffer)
{
	struct peer_surface *surface = peer_surface(&peer, "");

	peer_surface_map(surface);
	peer_surface_show(surface, buffer);
	peer_surface_draw(surface);
	check_events(&peer, "imported/attached");
	return surface;
}

static void queue(
	struct wp_fifo_v1 *fifo, struct peer_surface *surface, const struct peer_buffer *buffer)
{
	wp_fifo_v1_set_barrier(fifo);
	wp_fifo_v1_wait_barrier(fifo);
	peer_surface_show(surface, buffer);
}

/* Each is shown, one at each repaint, and each has its texture as long as that. */
TEST(queued)
{
	connect_with_fifo("queued");
	struct peer_buffer *a = make_buffer(1), *b = make_buffer(2), *c = make_buffer(3);
	struct peer_surface *window = make_window(a);
	struct wp_fifo_v1 *fifo = wp_fifo_manager_v1_get_fifo(manager, window->wl_surface);

	queue(fifo, window, b);
	queue(fifo, window, c);
	queue(fifo, window, b);
	queue(fifo, window, a);
	peer_surface_draw(window);
	check_events(&peer, REPLACED " imported/attached " REPLACED " imported/attached " REPLACED
				     " imported/attached " REPLACED " imported/attached");
	check_int(window->sum, peer_buffer_sum(a));
}

/* What was destroyed while it waited is shown by nobody, and what comes after it is. */
TEST(destroyed_in_the_queue)
{
	connect_with_fifo("destroyed");
	struct peer_buffer *a = make_buffer(1), *b = make_buffer(2), *c = make_buffer(3);
	struct peer_surface *window = make_window(a);
	struct wp_fifo_v1 *fifo = wp_fifo_manager_v1_get_fifo(manager, window->wl_surface);

	queue(fifo, window, b);
	queue(fifo, window, c);
	queue(fifo, window, a);
	peer_buffer_destroy(c);
	peer_surface_draw(window);
	check_events(&peer, REPLACED " imported/attached @(" REPLACED "|destroyed/detached) "
				     "imported/attached");
	check_int(window->sum, peer_buffer_sum(a));
}

/* The same buffer again and again: drawn into before the commits before it are applied. */
TEST(same_buffer)
{
	connect_with_fifo("same");
	struct peer_buffer *a = make_buffer(1);
	struct peer_surface *window = make_window(a);
	struct wp_fifo_v1 *fifo = wp_fifo_manager_v1_get_fifo(manager, window->wl_surface);

	queue(fifo, window, a);
	queue(fifo, window, a);
	queue(fifo, window, a);
	peer_surface_draw(window);
	check_events(&peer, "reused/attached reused/attached reused/attached");
}
