/* SPDX-License-Identifier: MIT */
/* Several commits that wait, and what is taken of them. */
#include <stdlib.h>

#include "track-fixture.h"

/* Each has damage of its own: a pixel at x = serial, y = 0. */
enum {
	SURFACE = ID_FREE,
	PARENT,
	SUBCOMPOSITOR,
	FIRST_PARAMS,
	N_BUFFERS = 24,
	FIRST_BUFFER = FIRST_PARAMS + N_BUFFERS,
};

#define A FIRST_BUFFER
#define B (A + 1)
#define C (A + 2)
#define STATE UINT32_MAX /* a commit without attach */

static struct wltex_track_surface *start(struct fixture *f)
{
	struct wltex_track_surface *surface;

	setup(f);
	f->world.record = false;
	world_add_global(&f->world, &wl_subcompositor_interface, 1);
	peer_request(&f->peer, ID_COMPOSITOR, COMPOSITOR_CREATE_SURFACE, SURFACE);
	dispatch(f);
	surface = wltex_track_get_surface(f->world.track, f->world.last_surface);
	peer_request(&f->peer, ID_COMPOSITOR, COMPOSITOR_CREATE_SURFACE, PARENT);
	peer_bind(&f->peer, "wl_subcompositor", 1, SUBCOMPOSITOR);
	for (uint32_t i = 0; i < N_BUFFERS; i++)
		peer_request(&f->peer, ID_DMABUF, DMABUF_CREATE_PARAMS, FIRST_PARAMS + i);
	for (uint32_t i = 0; i < N_BUFFERS; i++) {
		peer_add(&f->peer, FIRST_PARAMS + i, f->memory, 0, 0, 256);
		peer_request(&f->peer, FIRST_PARAMS + i, PARAMS_CREATE_IMMED, A + i, 64, 64,
			0x34325258, 0);
	}
	dispatch(f);
	check_int(f->peer.error, -1);
	check_int(f->world.n_buffers, N_BUFFERS);
	return surface;
}

static void make_subsurface(struct fixture *f)
{
	/* Nobody makes an object of this id: it is the last one. */
	peer_request(&f->peer, SUBCOMPOSITOR, 1, A + N_BUFFERS, SURFACE, PARENT);
	dispatch(f);
	check_int(f->peer.error, -1);
}

static const struct wl_resource *get_buffer(const struct fixture *f, uint32_t id)
{
	return id != 0 ? wl_client_get_object(f->peer.client, id) : NULL;
}

static void commit(struct fixture *f, struct wltex_track_surface *surface, uint32_t buffer)
{
	if (buffer != STATE)
		peer_request(&f->peer, SURFACE, SURFACE_ATTACH, buffer, 0, 0);
	peer_request(&f->peer, SURFACE, SURFACE_DAMAGE_BUFFER, surface->commits + 1, 0, 1, 1);
	peer_request(&f->peer, SURFACE, SURFACE_DAMAGE, surface->commits + 1, 0, 1, 1);
	peer_request(&f->peer, SURFACE, SURFACE_COMMIT);
	dispatch(f);
}

#define commit_all(f, surface, ...) \
	do { \
		const uint32_t buffers_[] = {__VA_ARGS__}; \
		for (size_t i_ = 0; i_ < sizeof(buffers_) / sizeof(buffers_[0]); i_++) \
			commit(f, surface, buffers_[i_]); \
	} while (0)

static bool covers(const pixman_region32_t *region, uint32_t from, uint32_t to)
{
	pixman_box32_t box = {(int32_t)from, 0, (int32_t)to + 1, 1};

	return from > to || pixman_region32_contains_rectangle((pixman_region32_t *)region, &box) ==
				    PIXMAN_REGION_IN;
}

/* Damage of these commits and of no others. */
static bool is_of(const pixman_region32_t *region, uint32_t from, uint32_t to)
{
	const pixman_box32_t *box = pixman_region32_extents((pixman_region32_t *)region);

	return covers(region, from, to) && box->x1 == (int32_t)from && box->x2 == (int32_t)to + 1 &&
	       box->y2 == 1;
}

/* That buffer is shown: commits from..to are taken, the last attach of which names the other. */
static void take(struct fixture *f, struct wltex_track_surface *surface, uint32_t shown,
	uint32_t from, uint32_t to, uint32_t attached)
{
	struct wltex_track_commit commit;

	check(wltex_track_surface_take_applied(surface, get_buffer(f, shown), &commit));
	check_int(commit.serial, to);
	check_int(commit.attached, attached != STATE);
	if (attached != STATE)
		check(commit.buffer == get_buffer(f, attached));
	check(is_of(&commit.damage_buffer, from, to));
	check(is_of(&commit.damage_surface, from, to));
	wltex_track_commit_finish(&commit);
}

static void take_nothing(
	struct fixture *f, struct wltex_track_surface *surface, uint32_t shown, uint32_t serial)
{
	struct wltex_track_commit commit;

	check(!wltex_track_surface_take_applied(surface, get_buffer(f, shown), &commit));
	check_int(commit.serial, serial);
	check(!commit.attached);
	check(!pixman_region32_not_empty(&commit.damage_buffer));
	check(!pixman_region32_not_empty(&commit.damage_surface));
	wltex_track_commit_finish(&commit);
}

/* A buffer that nothing led to: anything may have changed. */
static void take_anything(struct fixture *f, struct wltex_track_surface *surface, uint32_t shown)
{
	struct wltex_track_commit commit;

	check(wltex_track_surface_take_applied(surface, get_buffer(f, shown), &commit));
	check(commit.attached && commit.buffer == get_buffer(f, shown));
	check(pixman_region32_contains_rectangle(&commit.damage_buffer,
		      &(pixman_box32_t){0, 0, INT32_MAX, INT32_MAX}) == PIXMAN_REGION_IN);
	wltex_track_commit_finish(&commit);
}

TEST(in_order)
{
	struct fixture f;
	struct wltex_track_surface *surface = start(&f);

	take_nothing(&f, surface, 0, 0);
	commit_all(&f, surface, A, B, C);
	take(&f, surface, A, 1, 1, A);
	take(&f, surface, B, 2, 2, B);
	commit_all(&f, surface, A);
	take(&f, surface, C, 3, 3, C);
	take(&f, surface, A, 4, 4, A);
	take_nothing(&f, surface, A, 4);
	teardown(&f);
}

/* What is not committed yet is never taken. */
TEST(pending_stays)
{
	struct fixture f;
	struct wltex_track_surface *surface = start(&f);

	commit_all(&f, surface, A, B);
	peer_request(&f.peer, SURFACE, SURFACE_ATTACH, C, 0, 0);
	peer_request(&f.peer, SURFACE, SURFACE_DAMAGE_BUFFER, 3, 0, 1, 1);
	dispatch(&f);
	take(&f, surface, A, 1, 1, A);
	take(&f, surface, B, 2, 2, B);
	take_nothing(&f, surface, B, 2);
	peer_request(&f.peer, SURFACE, SURFACE_DAMAGE, 3, 0, 1, 1);
	peer_request(&f.peer, SURFACE, SURFACE_COMMIT);
	dispatch(&f);
	take(&f, surface, C, 3, 3, C);
	teardown(&f);
}

TEST(commits_without_attach)
{
	struct fixture f;
	struct wltex_track_surface *surface = start(&f);

	/* What was shown before anybody looked is not known. */
	commit_all(&f, surface, STATE, A, STATE, STATE, B, STATE);
	take(&f, surface, C, 1, 1, STATE);
	take(&f, surface, A, 2, 2, A);
	take(&f, surface, A, 3, 3, STATE);
	take(&f, surface, A, 4, 4, STATE);
	take(&f, surface, B, 5, 5, B);
	take(&f, surface, B, 6, 6, STATE);
	teardown(&f);
}

TEST(same_buffer_again)
{
	struct fixture f;
	struct wltex_track_surface *surface = start(&f);

	commit_all(&f, surface, A, B, A, A, A);
	take(&f, surface, A, 1, 1, A);
	take(&f, surface, B, 2, 2, B);
	for (uint32_t i = 3; i <= 5; i++)
		take(&f, surface, A, i, i, A);
	take_nothing(&f, surface, A, 5);
	teardown(&f);
}

/* The compositor has left some out, or they were seen as one. */
TEST(further_than_the_next)
{
	struct fixture f;
	struct wltex_track_surface *surface = start(&f);

	commit_all(&f, surface, A, B, STATE, C, B);
	take(&f, surface, B, 1, 2, B);
	take(&f, surface, C, 3, 4, C);
	take(&f, surface, B, 5, 5, B);
	teardown(&f);
}

TEST(nothing_in_between)
{
	struct fixture f;
	struct wltex_track_surface *surface = start(&f);

	commit_all(&f, surface, A, 0, B, 0, STATE);
	take(&f, surface, A, 1, 1, A);
	take(&f, surface, 0, 2, 2, 0);
	take(&f, surface, B, 3, 3, B);
	take(&f, surface, 0, 4, 4, 0);
	take(&f, surface, 0, 5, 5, STATE);
	commit_all(&f, surface, 0, 0, A);
	take(&f, surface, 0, 6, 6, 0);
	take(&f, surface, 0, 7, 7, 0);
	take(&f, surface, A, 8, 8, A);
	teardown(&f);
}

/* What a sub-surface's commits have cached is applied as one. */
TEST(subsurface)
{
	struct fixture f;
	struct wltex_track_surface *surface = start(&f);

	make_subsurface(&f);
	commit_all(&f, surface, A, B, A, STATE);
	take(&f, surface, A, 1, 4, A);
	commit_all(&f, surface, STATE, STATE);
	take(&f, surface, A, 5, 6, STATE);
	/* Or one by one. */
	commit_all(&f, surface, B, STATE, C, 0, A);
	take(&f, surface, B, 7, 8, B);
	take(&f, surface, C, 9, 9, C);
	take(&f, surface, 0, 10, 10, 0);
	/* The parent's state is applied, and there is nothing new. */
	take(&f, surface, A, 11, 11, A);
	take_nothing(&f, surface, A, 11);
	commit_all(&f, surface, B, 0, C);
	take(&f, surface, C, 12, 14, C);
	teardown(&f);
}

/* What a surface was before the tracker came is not known. */
TEST(starts_late)
{
	struct fixture f;
	struct wltex_track_surface *surface = start(&f);

	make_subsurface(&f);
	wltex_track_destroy(f.world.track);
	world_track(&f.world);
	surface = wltex_track_get_surface(
		f.world.track, wl_client_get_object(f.peer.client, SURFACE));
	check(surface != NULL);
	commit_all(&f, surface, A, A, STATE, B);
	take(&f, surface, A, 1, 3, A);
	take(&f, surface, B, 4, 4, B);
	teardown(&f);
}

/* With the role of a sub-surface goes what it had cached; a surface stays what it was. */
TEST(dropped)
{
	for (int is_sub = 0; is_sub < 2; is_sub++) {
		struct fixture f;
		struct wltex_track_surface *surface = start(&f);

		if (is_sub)
			make_subsurface(&f);
		commit_all(&f, surface, A);
		take(&f, surface, A, 1, 1, A);
		commit_all(&f, surface, B, STATE);
		/* As before: the caller sees that it was not applied. */
		take(&f, surface, A, 2, 3, B);
		commit_all(&f, surface, B, C);
		take(&f, surface, C, 4, 5, C);
		teardown(&f);
	}
}

/* What was taken already comes after all. */
TEST(out_of_order)
{
	struct fixture f;
	struct wltex_track_surface *surface = start(&f);

	make_subsurface(&f);
	commit_all(&f, surface, A);
	take(&f, surface, A, 1, 1, A);
	commit_all(&f, surface, B, C);
	take(&f, surface, C, 2, 3, C);
	take_anything(&f, surface, B);
	take_nothing(&f, surface, B, 3);
	/* And something that is neither shown nor in the queue. */
	commit_all(&f, surface, A);
	take_anything(&f, surface, C);
	take_anything(&f, surface, A);
	take_nothing(&f, surface, A, 4);
	/* Where nothing is shown any more, nothing was attached. */
	take_nothing(&f, surface, 0, 4);
	teardown(&f);
}

TEST(buffer_destroyed)
{
	for (int is_sub = 0; is_sub < 2; is_sub++) {
		struct fixture f;
		struct wltex_track_surface *surface = start(&f);
		struct wltex_track_commit taken;

		if (is_sub)
			make_subsurface(&f);
		commit_all(&f, surface, A, B);
		peer_request(&f.peer, A, BUFFER_DESTROY);
		dispatch(&f);
		/* The content goes with its buffer. */
		check(wltex_track_surface_take_applied(surface, NULL, &taken));
		check(taken.attached);
		check_int(taken.serial, is_sub ? 2 : 1);
		check(covers(&taken.damage_buffer, 1, taken.serial));
		wltex_track_commit_finish(&taken);
		if (is_sub)
			take_nothing(&f, surface, 0, 2);
		else
			take(&f, surface, B, 2, 2, B);
		commit_all(&f, surface, C);
		take(&f, surface, C, 3, 3, C);
		teardown(&f);
	}
}

/* Both ways of taking in turn. */
TEST(all_at_once)
{
	struct fixture f;
	struct wltex_track_surface *surface = start(&f);
	struct wltex_track_commit taken;

	commit_all(&f, surface, A, B, C);
	take(&f, surface, A, 1, 1, A);
	check(wltex_track_surface_take_commit(surface, &taken));
	check(taken.attached && taken.buffer == get_buffer(&f, C));
	check_int(taken.serial, 3);
	check(is_of(&taken.damage_buffer, 2, 3));
	wltex_track_commit_finish(&taken);
	check(!wltex_track_surface_take_commit(surface, &taken));
	check_int(taken.serial, 3);
	wltex_track_commit_finish(&taken);
	/* What is shown by now was not said. */
	take_nothing(&f, surface, C, 3);
	commit_all(&f, surface, STATE);
	take(&f, surface, C, 4, 4, STATE);
	teardown(&f);
}

/* More than are kept apart: the oldest are merged, and nothing is lost. */
TEST(overflow)
{
	for (uint32_t n = WLTEX_TRACK_MAX_COMMITS; n <= N_BUFFERS; n++) {
		struct fixture f;
		struct wltex_track_surface *surface = start(&f);
		uint32_t merged = n - WLTEX_TRACK_MAX_COMMITS + 1;

		for (uint32_t i = 0; i < n; i++)
			commit(&f, surface, A + i);
		if (merged > 1) {
			take(&f, surface, A + merged - 1, 1, merged, A + merged - 1);
			merged++;
		}
		for (uint32_t i = merged; i <= n; i++)
			take(&f, surface, A + i - 1, i, i, A + i - 1);
		take_nothing(&f, surface, A + n - 1, n);
		teardown(&f);
	}
}

/* One of those that were merged is applied by itself: then all that follow are anything. */
TEST(overflow_in_order)
{
	struct fixture f;
	struct wltex_track_surface *surface = start(&f);

	commit_all(&f, surface, C);
	take(&f, surface, C, 1, 1, C);
	for (uint32_t i = 0; i < WLTEX_TRACK_MAX_COMMITS + 1; i++)
		commit(&f, surface, A + i);
	for (uint32_t i = 0; i < WLTEX_TRACK_MAX_COMMITS + 1; i++)
		take_anything(&f, surface, A + i);
	commit_all(&f, surface, A);
	take(&f, surface, A, WLTEX_TRACK_MAX_COMMITS + 3, WLTEX_TRACK_MAX_COMMITS + 3, A);
	teardown(&f);
}

/* A compositor that applies commits in order, late, as Weston does for wp_fifo_v1. */
TEST(random_order)
{
	struct fixture f;
	struct wltex_track_surface *surface = start(&f);
	uint32_t buffers[WLTEX_TRACK_MAX_COMMITS], applied = 0, shown = 0;

	srandom(5);
	take_nothing(&f, surface, 0, 0);
	for (int i = 0; i < 5000; i++) {
		uint32_t waiting = surface->commits - applied, next;

		if (waiting < WLTEX_TRACK_MAX_COMMITS && random() % 2) {
			uint32_t which = (uint32_t)random() % 5;
			next = which == 0 ? STATE : which == 1 ? 0 : A + which;
			buffers[surface->commits % WLTEX_TRACK_MAX_COMMITS] = next;
			commit(&f, surface, next);
		} else if (waiting > 0) {
			next = buffers[applied++ % WLTEX_TRACK_MAX_COMMITS];
			shown = next != STATE ? next : shown;
			take(&f, surface, shown, applied, applied, next);
		} else {
			take_nothing(&f, surface, shown, applied);
		}
	}
	teardown(&f);
}

/* What is known of a surface whose commits are cached, and of what was handed out. */
struct cache {
	uint32_t buffer; /* STATE: no attach */
	uint32_t first;  /* commit */
	uint32_t taken;  /* commit */
	bool dropped;
};

/*
 * All that was cached counts as one: exactly this is taken, or more than it. Only where it has
 * no attach, and something was dropped before, it may come later.
 */
static void apply_cache(
	struct fixture *f, struct wltex_track_surface *surface, struct cache *cache, uint32_t shown)
{
	struct wltex_track_commit taken;
	bool any = wltex_track_surface_take_applied(surface, get_buffer(f, shown), &taken);

	check_int(any, cache->taken != surface->commits);
	check(cache->dropped || taken.serial == surface->commits);
	if (cache->buffer != STATE) {
		check_int(taken.serial, surface->commits);
		check(taken.attached && taken.buffer == get_buffer(f, shown));
		cache->dropped = false;
	}
	check(covers(&taken.damage_buffer, cache->first, taken.serial));
	check(covers(&taken.damage_surface, cache->first, taken.serial));
	wltex_track_commit_finish(&taken);
	cache->taken = taken.serial;
	if (cache->first <= taken.serial)
		cache->first = taken.serial + 1;
	cache->buffer = STATE;
}

/* A compositor that merges commits, any number of them, and drops what it has now and then. */
TEST(random_caches)
{
	struct fixture f;
	struct wltex_track_surface *surface = start(&f);
	struct cache cache = {.buffer = STATE, .first = 1};
	uint32_t shown = 0;

	srandom(7);
	make_subsurface(&f);
	take_nothing(&f, surface, 0, 0);
	for (int i = 0; i < 5000; i++) {
		uint32_t which = (uint32_t)random() % 5, next = A + which;

		if (random() % 4) {
			next = which == 0 ? STATE : which == 1 ? 0 : next;
			cache.buffer = next != STATE ? next : cache.buffer;
			commit(&f, surface, next);
		} else if (random() % 8) {
			shown = cache.buffer != STATE ? cache.buffer : shown;
			apply_cache(&f, surface, &cache, shown);
		} else {
			cache.buffer = STATE;
			cache.first = surface->commits + 1;
			cache.dropped = true;
		}
	}
	teardown(&f);
}
