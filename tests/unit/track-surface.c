/* SPDX-License-Identifier: MIT */
/* Surfaces and what their commits carry. */
#include <stdlib.h>

#include "track-fixture.h"

#define SURFACE ID_FREE

static struct wltex_track_surface *make_surface(struct fixture *f)
{
	struct wltex_track_surface *surface;

	setup(f);
	peer_request(&f->peer, ID_COMPOSITOR, COMPOSITOR_CREATE_SURFACE, SURFACE);
	dispatch(f);
	surface = wltex_track_get_surface(f->world.track, f->world.last_surface);
	check(surface != NULL);
	check(surface->resource == f->world.last_surface);
	check_str(world_take_log(&f->world), "surface+6");
	return surface;
}

static void damage(
	struct fixture *f, uint32_t opcode, int32_t x, int32_t y, int32_t width, int32_t height)
{
	peer_request(&f->peer, SURFACE, opcode, (uint32_t)x, (uint32_t)y, (uint32_t)width,
		(uint32_t)height);
}

static void check_boxes(pixman_region32_t *region, int n, const pixman_box32_t *boxes)
{
	int actual;
	pixman_box32_t *rects = pixman_region32_rectangles(region, &actual);

	check(pixman_region32_selfcheck(region));
	check_int(actual, n);
	for (int i = 0; i < n; i++) {
		check_int(rects[i].x1, boxes[i].x1);
		check_int(rects[i].y1, boxes[i].y1);
		check_int(rects[i].x2, boxes[i].x2);
		check_int(rects[i].y2, boxes[i].y2);
	}
}

#define check_region(region, ...) \
	check_boxes(region, \
		(int)(sizeof((pixman_box32_t[]){__VA_ARGS__}) / sizeof(pixman_box32_t)), \
		(pixman_box32_t[]){__VA_ARGS__})

TEST(take_commit)
{
	struct fixture f;
	struct wltex_track_surface *surface = make_surface(&f);
	struct wltex_track_commit commit;

	check(!wltex_track_surface_take_commit(surface, &commit));
	check(!commit.attached);
	check_int(commit.serial, 0);
	wltex_track_commit_finish(&commit);

	peer_request(&f.peer, SURFACE, SURFACE_ATTACH, 0, 0, 0);
	damage(&f, SURFACE_DAMAGE, 1, 2, 3, 4);
	damage(&f, SURFACE_DAMAGE_BUFFER, 10, 20, 30, 40);
	dispatch(&f);
	/* Nothing counts before it is committed. */
	check(!wltex_track_surface_take_commit(surface, &commit));
	check(!commit.attached && !pixman_region32_not_empty(&commit.damage_surface));
	wltex_track_commit_finish(&commit);

	peer_request(&f.peer, SURFACE, SURFACE_COMMIT);
	dispatch(&f);
	check_str(world_take_log(&f.world), "commit6");
	check_int(surface->commits, 1);
	check(surface->attaching);
	check(wltex_track_surface_take_commit(surface, &commit));
	check(commit.attached);
	check_int(commit.serial, 1);
	check_region(&commit.damage_surface, {1, 2, 4, 6});
	check_region(&commit.damage_buffer, {10, 20, 40, 60});
	wltex_track_commit_finish(&commit);

	check(!wltex_track_surface_take_commit(surface, &commit));
	check_int(commit.serial, 1);
	check(!commit.attached && !pixman_region32_not_empty(&commit.damage_buffer));
	wltex_track_commit_finish(&commit);
	peer_request(&f.peer, SURFACE, SURFACE_COMMIT);
	dispatch(&f);
	check(!surface->attaching);
	check(wltex_track_surface_take_commit(surface, &commit));
	check_int(commit.serial, 2);
	check(!commit.attached && !pixman_region32_not_empty(&commit.damage_surface));
	wltex_track_commit_finish(&commit);
	teardown(&f);
}

/* As for a synchronized subsurface, whose commits wait for the parent's. */
TEST(commits_accumulate)
{
	struct fixture f;
	struct wltex_track_surface *surface = make_surface(&f);
	struct wltex_track_commit commit;

	peer_request(&f.peer, SURFACE, SURFACE_ATTACH, 0, 0, 0);
	damage(&f, SURFACE_DAMAGE, 0, 0, 10, 10);
	peer_request(&f.peer, SURFACE, SURFACE_COMMIT);
	damage(&f, SURFACE_DAMAGE, 10, 0, 10, 10);
	peer_request(&f.peer, SURFACE, SURFACE_COMMIT);
	peer_request(&f.peer, SURFACE, SURFACE_COMMIT);
	/* Pending from here on. */
	damage(&f, SURFACE_DAMAGE, 50, 50, 1, 1);
	peer_request(&f.peer, SURFACE, SURFACE_ATTACH, 0, 0, 0);
	dispatch(&f);
	check(wltex_track_surface_take_commit(surface, &commit));
	check_int(commit.serial, 3);
	check(commit.attached);
	check_region(&commit.damage_surface, {0, 0, 20, 10});
	wltex_track_commit_finish(&commit);

	peer_request(&f.peer, SURFACE, SURFACE_COMMIT);
	dispatch(&f);
	check(wltex_track_surface_take_commit(surface, &commit));
	check_int(commit.serial, 4);
	check(commit.attached);
	check_region(&commit.damage_surface, {50, 50, 51, 51});
	wltex_track_commit_finish(&commit);
	teardown(&f);
}

static const struct {
	int32_t x, y, width, height;
	pixman_box32_t expected; /* x2 0: nothing */
} edges[] = {
	{0, 0, INT32_MAX, INT32_MAX, {0, 0, INT32_MAX, INT32_MAX}},
	{100, 100, INT32_MAX, INT32_MAX, {100, 100, INT32_MAX, INT32_MAX}},
	{INT32_MIN, INT32_MIN, INT32_MAX, INT32_MAX, {0}},
	{INT32_MIN, INT32_MIN, INT32_MIN, INT32_MIN, {0}},
	{-5, -6, 10, 10, {0, 0, 5, 4}},
	{-5, 0, 5, 10, {0}},
	{3, 3, 0, 10, {0}},
	{3, 3, 10, -1, {0}},
	{INT32_MAX, 0, 1, 1, {0}},
	{INT32_MAX - 1, 0, INT32_MAX, 1, {INT32_MAX - 1, 0, INT32_MAX, 1}},
	{INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX, {0}},
};

TEST(damage_at_the_edges)
{
	for (size_t i = 0; i < 2 * sizeof(edges) / sizeof(edges[0]); i++) {
		struct fixture f;
		struct wltex_track_surface *surface = make_surface(&f);
		struct wltex_track_commit commit;
		pixman_region32_t *region = i % 2 ? &commit.damage_buffer : &commit.damage_surface;

		damage(&f, i % 2 ? SURFACE_DAMAGE_BUFFER : SURFACE_DAMAGE, edges[i / 2].x,
			edges[i / 2].y, edges[i / 2].width, edges[i / 2].height);
		peer_request(&f.peer, SURFACE, SURFACE_COMMIT);
		dispatch(&f);
		check_int(f.peer.error, -1);
		check(wltex_track_surface_take_commit(surface, &commit));
		check_boxes(region, edges[i / 2].expected.x2 > 0 ? 1 : 0, &edges[i / 2].expected);
		wltex_track_commit_finish(&commit);
		teardown(&f);
	}
}

/* As many rectangles as are kept, and one more, in one commit and over several. */
TEST(many_rectangles)
{
	for (int per_commit = 1; per_commit <= 65; per_commit += 16) {
		for (int n = 64; n <= 65; n++) {
			struct fixture f;
			struct wltex_track_surface *surface = make_surface(&f);
			struct wltex_track_commit commit;

			for (int i = 0; i < n; i++) {
				damage(&f, SURFACE_DAMAGE_BUFFER, 2 * i, 3 * i, 1, 1);
				if (i % per_commit == per_commit - 1)
					peer_request(&f.peer, SURFACE, SURFACE_COMMIT);
			}
			peer_request(&f.peer, SURFACE, SURFACE_COMMIT);
			dispatch(&f);
			check(wltex_track_surface_take_commit(surface, &commit));
			if (n == 64)
				check_int(pixman_region32_n_rects(&commit.damage_buffer), 64);
			else
				check_region(&commit.damage_buffer, {0, 0, 129, 193});
			check_boxes(&commit.damage_surface, 0, NULL);
			wltex_track_commit_finish(&commit);
			teardown(&f);
		}
	}
}

/* Whatever was claimed lies in what is handed out, also where it was simplified. */
TEST(random_damage_is_covered)
{
	struct fixture f;
	struct wltex_track_surface *surface = make_surface(&f);

	srandom(1);
	for (int round = 0; round < 200; round++) {
		struct wltex_track_commit commit;
		pixman_region32_t claimed;

		pixman_region32_init(&claimed);
		for (long n = random() % 200; n > 0; n--) {
			int x = (int)(random() % 1000), y = (int)(random() % 1000);
			unsigned int width = (unsigned int)(random() % 30);
			unsigned int height = (unsigned int)(random() % 30);

			damage(&f, SURFACE_DAMAGE, x, y, (int)width, (int)height);
			pixman_region32_union_rect(&claimed, &claimed, x, y, width, height);
			if (random() % 20 == 0)
				peer_request(&f.peer, SURFACE, SURFACE_COMMIT);
			if (random() % 20 == 0)
				dispatch(&f);
		}
		peer_request(&f.peer, SURFACE, SURFACE_COMMIT);
		dispatch(&f);
		check(wltex_track_surface_take_commit(surface, &commit));
		check(pixman_region32_n_rects(&commit.damage_surface) <= WLTEX_TRACK_MAX_RECTS);
		pixman_region32_subtract(&claimed, &claimed, &commit.damage_surface);
		check(!pixman_region32_not_empty(&claimed));
		pixman_region32_fini(&claimed);
		wltex_track_commit_finish(&commit);
		f.world.log[0] = '\0';
	}
	teardown(&f);
}

/* Surfaces go before buffers, and both before their client. */
TEST(client_goes_in_order)
{
	struct fixture f;
	struct wltex_track_surface *surface = make_surface(&f);

	peer_make_buffer(&f.peer, 7, 8, f.memory, 64, 64);
	peer_request(&f.peer, SURFACE, SURFACE_ATTACH, 8, 0, 0);
	peer_request(&f.peer, SURFACE, SURFACE_COMMIT);
	peer_request(&f.peer, ID_COMPOSITOR, COMPOSITOR_CREATE_SURFACE, 9);
	dispatch(&f);
	check_str(world_take_log(&f.world), "fds+1 buffer+8 commit6 surface+9");
	check_int(surface->client->n_surfaces, 2);
	peer_finish(&f.peer);
	check_str(world_take_log(&f.world), "surface-6 surface-9 buffer-8 fds-1 client-");
	close(f.memory);
	world_finish(&f.world);
}
