/* SPDX-License-Identifier: MIT */
/*
 * Windows that are committed again and again: without a buffer that could have changed; with one
 * that has not, as of a player that is paused; more often than anybody can see.
 */
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

static void handle_sync_output(
	void *data, struct wp_presentation_feedback *feedback, struct wl_output *output)
{
}

static void handle_presented(void *data, struct wp_presentation_feedback *feedback, uint32_t sec_hi,
	uint32_t sec_lo, uint32_t nsec, uint32_t refresh, uint32_t seq_hi, uint32_t seq_lo,
	uint32_t flags)
{
	unsigned int *presented = data;

	(*presented)++;
	wp_presentation_feedback_destroy(feedback);
}

static void handle_discarded(void *data, struct wp_presentation_feedback *feedback)
{
	test_fail(__FILE__, __LINE__, "a commit was not presented");
}

static const struct wp_presentation_feedback_listener feedback_listener = {
	.sync_output = handle_sync_output,
	.presented = handle_presented,
	.discarded = handle_discarded,
};

/* Each frame callback comes, and each commit is presented, though nothing is drawn. */
static void pause_with(
	const char *name, struct peer_buffer *(*make)(struct peer *, uint32_t, uint32_t))
{
	static unsigned int presented;
	struct peer_surface *window;
	struct peer_buffer *buffer;

	peer_connect(&peer, name);
	check(peer.presentation != NULL);
	window = peer_surface(&peer, "");
	peer_surface_map(window);
	buffer = make(&peer, 300, 200);
	for (unsigned int i = 0; i < 30; i++) {
		wl_surface_attach(window->wl_surface, buffer->wl_buffer, 0, 0);
		wl_surface_damage(window->wl_surface, 0, 0, INT32_MAX, INT32_MAX);
		wp_presentation_feedback_add_listener(
			wp_presentation_feedback(peer.presentation, window->wl_surface),
			&feedback_listener, &presented);
		peer_surface_draw(window);
		while (presented <= i)
			check(wl_display_dispatch(peer.display) >= 0);
	}
	check_int(presented, 30);
}

TEST(paused)
{
	pause_with("paused", peer_buffer);
}

TEST(paused_shm)
{
	pause_with("paused_shm", peer_shm_buffer);
}

TEST(mailbox)
{
	peer_connect(&peer, "mailbox");
	struct peer_surface *window = peer_surface(&peer, "");
	struct peer_buffer *buffers[2];

	peer_surface_map(window);
	for (int i = 0; i < 2; i++) {
		buffers[i] = peer_buffer(&peer, 300, 200);
		peer_buffer_fill(buffers[i], (uint32_t)i);
	}
	for (int i = 0; i < 5000; i++) {
		peer_surface_show(window, buffers[i % 2]);
		if (i % 20 == 0) {
			peer_sync(&peer);
			peer.log[0] = '\0'; /* what became of them is counted elsewhere */
		}
	}
	peer_surface_draw(window);
}
