/* SPDX-License-Identifier: MIT */
/*
 * Stale pixels on several outputs: surfaces that are on one, on both, or on none, when their
 * pixels change. The outputs stand side by side.
 */
#include <stdlib.h>

#include "stale.h"

#define SIZE 150

/* Where a surface may be: as far right as the second output is. */
struct places {
	int32_t first, across, second, past, before;
};

static struct places get_places(void)
{
	if (twin.n_outputs < 2)
		test_skip("there is one output only");
	return (struct places){.first = 10,
		.across = twin.width - SIZE / 2 + 3,
		.second = twin.width + 20,
		.past = 3 * twin.width,
		.before = -SIZE - 50};
}

static void move(struct twin_surface *surface, int32_t x)
{
	both(wl_subsurface_set_position(surface->sub[i], x, 10));
	twin_commit(window);
}

/* Something else each time, in another tile, at times in two. */
static void change(
	struct twin_surface *surface, struct twin_buffer *buffers[2], int32_t k, bool all)
{
	int32_t x = k * 37 % (SIZE - 20), y = k * 59 % (SIZE - 20);
	uint32_t colour = 0xff000000u | (uint32_t)k * 2654435761u >> 8;

	twin_buffer_fill(buffers[k % 2], x, y, 20, 20, colour);
	twin_buffer_fill(buffers[1 - k % 2], x, y, 20, 20, colour);
	if (all)
		twin_present(surface, buffers[k % 2]);
	else
		draw(surface, buffers[k % 2], x, y, 20, 20, colour);
}

static void moved(enum twin_memory memory)
{
	set_up();
	struct places p = get_places();
	const int32_t places[] = {p.across, p.second, p.past, p.across, p.first, p.before, p.second,
		p.first, p.past, p.first, p.across, p.before, p.across};
	struct twin_buffer *buffers[] = {make(SIZE, SIZE, memory), make(SIZE, SIZE, memory)};
	struct twin_surface *surface = show(buffers[0], p.first, 10);

	for (int32_t k = 0; k < (int32_t)(sizeof(places) / sizeof(places[0])); k++) {
		/* Before, with and after the move, with and without a repaint between them. */
		change(surface, buffers, 4 * k, k % 2 == 0);
		if (k % 3 == 0)
			check_equal(&twin);
		change(surface, buffers, 4 * k + 1, k % 4 == 0);
		move(surface, places[k]);
		if (k % 2 == 0)
			check_equal(&twin);
		change(surface, buffers, 4 * k + 2, k % 2 == 1);
		change(surface, buffers, 4 * k + 3, true);
		check_equal(&twin);
	}
}

TEST(moved_dmabuf)
{
	moved(TWIN_DMABUF);
}

TEST(moved_shm)
{
	moved(TWIN_SHM);
}

/* On both, of which now one is repainted, now the other. */
static void in_turns(enum twin_memory memory)
{
	set_up();
	struct places p = get_places();
	struct twin_buffer *buffers[] = {make(SIZE, SIZE, memory), make(SIZE, SIZE, memory)};
	struct twin_surface *surface = show(buffers[0], p.across, 10);

	for (int32_t k = 0; k < 24; k++) {
		change(surface, buffers, k, k % 3 != 0);
		if (k % 4 != 3)
			twin_show_output(&twin, k / 2 % 2);
		if (k % 5 == 4)
			check_equal(&twin);
	}
	check_equal(&twin);
}

TEST(in_turns_dmabuf)
{
	in_turns(TWIN_DMABUF);
}

TEST(in_turns_shm)
{
	in_turns(TWIN_SHM);
}

/*
 * A claim that waits for a repaint covers what changes meanwhile, even if nothing had when
 * it was made. A repaint of another output does not end that.
 */
static void claim_waits(enum twin_memory memory)
{
	/* Where repaints come by themselves, nobody knows which claim waits. */
	if (getenv("WLTEX_TWIN_LAZY") == NULL)
		test_skip("WLTEX_TWIN_LAZY is not set: repaints come by themselves");
	set_up();
	struct places p = get_places();
	struct twin_buffer *a = make(SIZE, SIZE, memory), *b = make(SIZE, SIZE, memory);
	struct twin_surface *surface = show(a, p.first, 10);
	struct twin_surface *other;

	twin_present(surface, b);
	check_equal(&twin);
	other = show(make(20, 20, TWIN_DMABUF), p.second, 10);
	for (int32_t k = 0; k < 4; k++) {
		twin_present(surface, k % 2 == 0 ? a : b);
		twin_commit(other);
		twin_show_output(&twin, 1);
		/* Too little is claimed here: the rest was before. */
		twin_buffer_fill(a, 100, 100, 20, 20, 0xff00ff00u + (uint32_t)k);
		twin_buffer_fill(b, 100, 100, 20, 20, 0xff00ff00u + (uint32_t)k);
		draw(surface, k % 2 == 0 ? b : a, 100, 100, 3, 3, 0xff00ff00u + (uint32_t)k);
		check_equal(&twin);
		twin_present(surface, k % 2 == 0 ? b : a);
		check_equal(&twin);
	}
}

TEST(claim_waits_dmabuf)
{
	claim_waits(TWIN_DMABUF);
}

TEST(claim_waits_shm)
{
	claim_waits(TWIN_SHM);
}

/*
 * Weston 15 and 16 do not draw what comes back to an output before something is claimed. That
 * claim is all that makes it seen, even if nothing has changed.
 */
static void claimed_again(enum twin_memory memory)
{
	if (getenv("WLTEX_TWIN_FORGETS") == NULL)
		test_skip("WLTEX_TWIN_FORGETS is not set: what comes to an output is drawn");
	set_up();
	struct places p = get_places();
	struct twin_buffer *a = make(SIZE, SIZE, memory), *b = make(SIZE, SIZE, memory);
	struct twin_surface *surface;

	twin_buffer_paint(a, 5);
	twin_buffer_paint(b, 5);
	surface = show(a, p.across, 10);
	move(surface, p.first);
	check_equal(&twin);
	move(surface, p.across);
	check_equal(&twin);
	twin_present(surface, b);
	check_equal(&twin);
}

TEST(claimed_again_dmabuf)
{
	claimed_again(TWIN_DMABUF);
}

TEST(claimed_again_shm)
{
	claimed_again(TWIN_SHM);
}
