/* SPDX-License-Identifier: MIT */
/*
 * Each call of plugin/track that can fail is made to, with a real wl_display: the client does
 * not notice, no fd and no memory is left, and no damage that was claimed is lost.
 */
#include <errno.h>

#include "fault.h"
#include "track-fixture.h"

FAULT_WRAP(struct wl_protocol_logger *, wl_display_add_protocol_logger,
	(struct wl_display * display, wl_protocol_logger_func_t func, void *data),
	(display, func, data), NULL)

enum {
	ID_SURFACE = ID_FREE,
	ID_PARAMS,
	ID_BUFFER,
	ID_ASYNC,
	ID_POOL,
	ID_SHM_BUFFER,
};

static bool covers(const pixman_region32_t *region, int x, int y)
{
	return pixman_region32_contains_point((pixman_region32_t *)region, x, y, NULL);
}

/* Claims in two commits, which are applied as one. */
static void claim(struct peer *peer)
{
	peer_request(peer, ID_SURFACE, SURFACE_ATTACH, ID_BUFFER, 0, 0);
	peer_request(peer, ID_SURFACE, SURFACE_DAMAGE, 5, 5, 2, 2);
	peer_request(peer, ID_SURFACE, SURFACE_DAMAGE_BUFFER, 1, 1, 2, 2);
	peer_request(peer, ID_SURFACE, SURFACE_DAMAGE_BUFFER, 50, 40, 2, 2);
	peer_request(peer, ID_SURFACE, SURFACE_COMMIT);
	peer_request(peer, ID_SURFACE, SURFACE_DAMAGE, 30, 20, 2, 2);
	peer_request(peer, ID_SURFACE, SURFACE_DAMAGE_BUFFER, 20, 30, 2, 2);
	peer_request(peer, ID_SURFACE, SURFACE_COMMIT);
}

/* Returns whether the surface is tracked at all. */
static bool check_claim(struct fixture *f)
{
	struct wltex_track_surface *surface =
		wltex_track_get_surface(f->world.track, f->world.last_surface);
	struct wltex_track_commit commit;

	if (surface == NULL)
		return false;
	check(wltex_track_surface_take_commit(surface, &commit));
	check(commit.attached);
	check(covers(&commit.damage_surface, 5, 5) && covers(&commit.damage_surface, 31, 21));
	check(covers(&commit.damage_buffer, 1, 1) && covers(&commit.damage_buffer, 51, 41));
	check(covers(&commit.damage_buffer, 21, 31));
	wltex_track_commit_finish(&commit);
	return true;
}

/* Returns whether the pool and its buffer are tracked. */
static bool share_memory(struct fixture *f, struct peer *peer)
{
	struct wltex_track_client *client;
	bool complete;

	peer_make_pool(peer, ID_POOL, f->memory, 4096);
	peer_make_shm_buffer(peer, ID_POOL, ID_SHM_BUFFER);
	peer_request(peer, ID_POOL, POOL_RESIZE, 8192);
	peer_request(peer, ID_POOL, POOL_DESTROY);
	world_dispatch(&f->world);
	client = wltex_track_get_client(f->world.track, peer->client);
	if (client == NULL)
		return false;
	/* Without the buffer, the pool is not kept. */
	complete = client->n_shm_buffers == 1;
	check_int(client->n_pools, complete);
	check_int(client->shm_bytes, complete ? 8192 : 0);
	return complete;
}

static bool session(struct fixture *f)
{
	struct wltex_track_buffer *buffer;
	struct peer peer;
	bool complete;

	peer_init(&peer, &f->world, 3);
	peer_request(&peer, ID_COMPOSITOR, COMPOSITOR_CREATE_SURFACE, ID_SURFACE);
	peer_make_buffer(&peer, ID_PARAMS, ID_BUFFER, f->memory, 64, 64);
	world_dispatch(&f->world);
	buffer = wltex_track_get_buffer(f->world.track, f->world.last_wl_buffer);
	complete = buffer != NULL && buffer->dmabuf != NULL;
	/* Refused because of us, and not of the client. */
	if (buffer != NULL && buffer->dmabuf == NULL)
		check(wltex_dmabuf_error_protocol_code(buffer->error) < 0 ||
			buffer->error == WLTEX_DMABUF_NO_PLANE ||
			buffer->error == WLTEX_DMABUF_BAD_FD ||
			buffer->error == WLTEX_DMABUF_CLOSED_FD);
	claim(&peer);
	peer_request(&peer, ID_DMABUF, DMABUF_CREATE_PARAMS, ID_ASYNC);
	peer_add(&peer, ID_ASYNC, f->memory, 0, 0, 256);
	peer_request(&peer, ID_ASYNC, PARAMS_CREATE, 64, 64, 0x34325258, 0);
	world_dispatch(&f->world);
	complete = check_claim(f) && complete;
	complete = share_memory(f, &peer) && complete;
	wl_buffer_send_release(f->world.last_wl_buffer);
	peer_receive(&peer);
	check_int(peer.error, -1);
	fault_disarm();
	peer_request(&peer, ID_BUFFER, BUFFER_DESTROY);
	peer_finish(&peer);
	return complete;
}

TEST(sessions)
{
	int incomplete = 0, n = 0;
	struct fixture f;

	setup(&f);
	int blocks = fault_blocks();
	FAULT_LOOP(way)
	{
		bool complete;

		fault_arm();
		complete = session(&f);
		check(complete || fault_hit() != NULL);
		incomplete += !complete;
		n++;
		check_int(f.world.n_clients, 1);
		check_int(f.world.n_buffers + f.world.n_surfaces, 0);
		check_int(f.world.n_pools + f.world.n_shm_buffers, 0);
		check_int(f.world.fds, 0);
		check_int(test_count_fds(), f.fds);
		check_int(fault_blocks(), blocks);
		f.world.log[0] = '\0';
	}
	check(n > 20 && incomplete > 5);
	check(fault_count("dup") > 0 && fault_count("pixman_region32_union") > 0);
	check(fault_count("pixman_region32_union_rect") > 0);
	teardown(&f);
}

#define N_SURFACES 60

/* Each commit of its own damage; most surfaces have many that wait. */
static void commit_many(struct peer *peer)
{
	for (uint32_t i = 0; i < N_SURFACES; i++)
		peer_request(peer, ID_COMPOSITOR, COMPOSITOR_CREATE_SURFACE, ID_SURFACE + i);
	world_dispatch(peer->world);
	for (uint32_t n = 0; n < WLTEX_TRACK_MAX_COMMITS; n++) {
		for (uint32_t i = 0; i < N_SURFACES; i++) {
			peer_request(peer, ID_SURFACE + i, SURFACE_DAMAGE_BUFFER, n, n, 1, 1);
			peer_request(peer, ID_SURFACE + i, SURFACE_COMMIT);
		}
		world_dispatch(peer->world);
	}
}

/* In order; the damage of a commit may come earlier than itself, and never later. */
static void check_applied(
	struct fixture *f, const struct peer *peer, uint32_t id, uint32_t n_commits)
{
	struct wl_resource *resource = wl_client_get_object(peer->client, id);
	struct wltex_track_surface *surface = wltex_track_get_surface(f->world.track, resource);
	struct wltex_track_commit commit;
	uint32_t n = 0;

	check(surface != NULL);
	while (wltex_track_surface_take_applied(surface, NULL, &commit)) {
		check(commit.serial > n);
		for (; n < commit.serial; n++)
			check(covers(&commit.damage_buffer, (int)n, (int)n));
		wltex_track_commit_finish(&commit);
	}
	wltex_track_commit_finish(&commit);
	check_int(n, n_commits);
}

/* Commits that wait: what a client can have is bounded, and none is lost without memory. */
TEST(queues)
{
	struct fixture f;
	struct peer peer;
	int blocks;

	setup(&f);
	f.world.record = false;
	blocks = fault_blocks();
	peer_init(&peer, &f.world, 3);
	commit_many(&peer);
	/* The client, its surfaces, and what is not built into these. */
	check_int(fault_blocks() - blocks, 1 + N_SURFACES + 512);
	for (uint32_t i = 0; i < N_SURFACES; i++)
		check_applied(&f, &peer, ID_SURFACE + i, WLTEX_TRACK_MAX_COMMITS);
	check_int(fault_blocks() - blocks, 1 + N_SURFACES);
	peer_finish(&peer);
	check_int(fault_blocks(), blocks);
	teardown(&f);
}

TEST(queues_without_memory)
{
	int n = 0;

	FAULT_LOOP(way)
	{
		struct fixture f;
		struct peer peer;

		setup(&f);
		f.world.record = false;
		peer_init(&peer, &f.world, 3);
		peer_request(&peer, ID_COMPOSITOR, COMPOSITOR_CREATE_SURFACE, ID_SURFACE);
		world_dispatch(&f.world);
		fault_arm();
		for (uint32_t i = 0; i < WLTEX_TRACK_MAX_COMMITS + 4; i++) {
			peer_request(&peer, ID_SURFACE, SURFACE_DAMAGE_BUFFER, i, i, 1, 1);
			peer_request(&peer, ID_SURFACE, SURFACE_COMMIT);
		}
		world_dispatch(&f.world);
		check_applied(&f, &peer, ID_SURFACE, WLTEX_TRACK_MAX_COMMITS + 4);
		fault_disarm();
		peer_finish(&peer);
		teardown(&f);
		n++;
	}
	check(n > 2 * WLTEX_TRACK_MAX_COMMITS && fault_count("malloc") > 0);
}

TEST(start)
{
	static const struct wltex_track_interface nothing;
	struct fixture f;
	int refused = 0;

	setup(&f);
	wltex_track_destroy(f.world.track);
	int blocks = fault_blocks();
	FAULT_LOOP(way)
	{
		struct wltex_track *track;

		fault_arm();
		errno = 0;
		track = wltex_track_create(f.world.display, &nothing, NULL, NULL);
		fault_disarm();
		check(track != NULL || (errno == ENOMEM && fault_hit() != NULL));
		refused += track == NULL;
		wltex_track_destroy(track);
		check_int(fault_blocks(), blocks);
	}
	check(refused >= 4);
	world_track(&f.world);
	world_take_log(&f.world);
	teardown(&f);
}
