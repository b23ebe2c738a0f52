/* SPDX-License-Identifier: MIT */
/* Stale pixels by what is above and below: covered, synchronized, restacked, unmapped. */
#include "stale.h"

/* Covered while it changes, in all and in part. */
static void occluded(enum twin_memory memory)
{
	set_up();
	struct twin_buffer *buffer = make(150, 150, memory);
	struct twin_surface *surface = show(buffer, 10, 10);
	struct twin_buffer *cover = make(200, 200, TWIN_DMABUF);
	struct twin_surface *other = show(cover, 0, 0);

	for (int32_t k = 0; k < 4; k++) {
		draw(surface, buffer, 30 * k, 30 * k, 40, 40, 0xff00ff00);
		twin_show(&twin);
		twin_present(surface, buffer);
		twin_show(&twin);
		both(wl_subsurface_set_position(other->sub[i], 200 + k, 0));
		twin_commit(window);
		check_equal(&twin);
		draw(surface, buffer, 10, 20 * k, 9, 9, 0xffff00ff);
		both(wl_subsurface_set_position(other->sub[i], k, 0));
		twin_commit(window);
		check_equal(&twin);
	}
}

TEST(occluded_dmabuf)
{
	occluded(TWIN_DMABUF);
}

TEST(occluded_shm)
{
	occluded(TWIN_SHM);
}

/* Another window in front, then the first one again. */
TEST(behind_a_window)
{
	set_up();
	struct twin_buffer *buffer = make(150, 150, TWIN_SHM);
	struct twin_surface *surface = show(buffer, 10, 10);
	struct twin_surface *front = twin_surface_create(&twin);
	struct twin_buffer *curtain = make(twin.width, twin.height, TWIN_DMABUF);

	twin_surface_map(&twin, front);
	twin_present(front, curtain);
	check_equal(&twin);
	draw(surface, buffer, 70, 70, 30, 30, 0xff00ff00);
	twin_show(&twin);
	draw(surface, buffer, 0, 0, 30, 30, 0xff00ffff);
	twin_present(surface, buffer);
	twin_surface_destroy(front);
	check_equal(&twin);
}

/* What waits for the parent, in every way in which it can come to count. */
static void synchronized(enum twin_memory memory)
{
	set_up();
	struct twin_buffer *a = make(150, 150, memory), *b = make(150, 150, memory);
	struct twin_surface *surface = show(a, 10, 10);

	twin_buffer_fill(a, 0, 0, 150, 150, 0xff204060);
	twin_buffer_fill(b, 0, 0, 150, 150, 0xff204060);
	twin_present(surface, a);
	check_equal(&twin);
	both(wl_subsurface_set_sync(surface->sub[i]));
	twin_buffer_fill(a, 0, 0, 10, 10, 0xff00ff00);
	draw(surface, b, 0, 0, 10, 10, 0xff00ff00);
	draw(surface, b, 100, 100, 10, 10, 0xffff0000);
	check_equal(&twin);
	twin_commit(window);
	check_equal(&twin);
	twin_buffer_fill(a, 100, 100, 10, 10, 0xffff0000);
	draw(surface, a, 70, 70, 5, 5, 0xff0000ff);
	twin_show(&twin);
	both(wl_subsurface_set_desync(surface->sub[i]));
	check_equal(&twin);
	twin_buffer_fill(b, 70, 70, 5, 5, 0xff0000ff);
	both(wl_subsurface_set_sync(surface->sub[i]));
	draw(surface, b, 20, 20, 5, 5, 0xff00ffff);
	both(wl_subsurface_set_desync(surface->sub[i]));
	twin_buffer_fill(a, 20, 20, 5, 5, 0xff00ffff);
	draw(surface, a, 40, 20, 5, 5, 0xff00ffff);
	check_equal(&twin);
	/* Dropped with the role, which the next one does not bring back. */
	both(wl_subsurface_set_sync(surface->sub[i]));
	draw(surface, b, 80, 20, 5, 5, 0xff123456);
	both(wl_subsurface_destroy(surface->sub[i]));
	check_equal(&twin);
	both(surface->sub[i] = wl_subcompositor_get_subsurface(
		     twin.screens[i].subcompositor, surface->wl[i], window->wl[i]));
	both(wl_subsurface_set_desync(surface->sub[i]));
	twin_commit(window);
	check_equal(&twin);
	/* With filtering, more is uploaded than is claimed: then nothing else is left to see. */
	if (twin.screens[TWIN_TESTED].outputs[0].scale == 1)
		draw(surface, b, 82, 22, 2, 2, 0xffabcdef);
	else
		draw(surface, b, 76, 16, 14, 14, 0xffabcdef);
	check_equal(&twin);
	twin_present(surface, b);
	check_equal(&twin);
}

TEST(synchronized_dmabuf)
{
	synchronized(TWIN_DMABUF);
}

TEST(synchronized_shm)
{
	synchronized(TWIN_SHM);
}

/* A tree of them, whose middle is the one that is synchronized; then the middle goes. */
TEST(parent_goes)
{
	set_up();
	struct twin_buffer *a = make(150, 150, TWIN_SHM), *b = make(100, 100, TWIN_DMABUF);
	struct twin_surface *middle = show(a, 10, 10);
	struct twin_surface *child = twin_subsurface_create(&twin, middle, 20, 20);

	both(wl_subsurface_set_desync(child->sub[i]));
	twin_commit(middle);
	twin_present(child, b);
	check_equal(&twin);
	both(wl_subsurface_set_sync(middle->sub[i]));
	draw(child, b, 30, 30, 20, 20, 0xff00ff00);
	draw(middle, a, 3, 3, 20, 20, 0xff00ff00);
	check_equal(&twin);
	twin_commit(window);
	check_equal(&twin);
	draw(child, b, 60, 30, 20, 20, 0xff00ff00);
	twin_surface_destroy(middle);
	check_equal(&twin);
	draw(child, b, 5, 5, 20, 20, 0xff00ff00);
	check_equal(&twin);
}

/* What comes to be seen where one was lowered, and is claimed by who is seen now. */
static void restacked(bool nested)
{
	set_up();
	struct twin_buffer *a = make(150, 150, TWIN_SHM), *b = make(100, 100, TWIN_DMABUF);
	struct twin_buffer *root = make(150, 150, TWIN_DMABUF);
	struct twin_surface *parent = nested ? show(root, 5, 5) : window;
	struct twin_buffer *background = make(twin.width, twin.height, TWIN_SHM);
	struct twin_surface *lower = twin_subsurface_create(&twin, parent, 10, 10);
	struct twin_surface *upper = twin_subsurface_create(&twin, parent, 30, 30);

	twin_buffer_fill(b, 0, 0, 100, 100, 0xff00ff00);
	twin_present(lower, a);
	twin_present(upper, b);
	twin_present(parent, nested ? root : background);
	twin_commit(window);
	check_equal(&twin);
	for (int k = 0; k < 6; k++) {
		struct twin_surface *under = k % 3 == 0 ? lower : parent;
		both(wl_subsurface_place_below(upper->sub[i], under->wl[i]));
		if (k % 2 == 0) {
			/* With the same commit. */
			twin_present(lower, a);
			twin_present(parent, nested ? root : background);
		} else {
			twin_commit(parent);
			twin_commit(window);
			twin_show(&twin);
			twin_present(lower, a);
			twin_present(parent, nested ? root : background);
		}
		twin_commit(window);
		check_equal(&twin);
		both(wl_subsurface_place_above(upper->sub[i], lower->wl[i]));
		twin_present(parent, nested ? root : background);
		twin_commit(window);
		check_equal(&twin);
	}
}

TEST(restacked)
{
	restacked(false);
}

TEST(restacked_nested)
{
	restacked(true);
}

/* An unmapped parent: what is committed meanwhile is there when it comes back. */
TEST(unmapped_parent)
{
	set_up();
	struct twin_buffer *a = make(150, 150, TWIN_SHM), *b = make(100, 100, TWIN_SHM);
	struct twin_surface *middle = show(a, 10, 10);
	struct twin_surface *child = twin_subsurface_create(&twin, middle, 20, 20);

	both(wl_subsurface_set_desync(child->sub[i]));
	twin_commit(middle);
	twin_present(child, b);
	check_equal(&twin);
	twin_attach(middle, NULL);
	twin_commit(middle);
	check_equal(&twin);
	for (int32_t k = 0; k < 3; k++) {
		draw(child, b, 70 - 30 * k, 30 * k, 20, 20, 0xff00ff00);
		twin_show(&twin);
	}
	twin_present(child, b);
	twin_present(middle, a);
	check_equal(&twin);
}
