/* SPDX-License-Identifier: MIT */
/* Params and the buffers that come of them. */
#include <drm_fourcc.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "linux-dmabuf-v1-server.h"
#include "track-fixture.h"

TEST(create_immed)
{
	struct fixture f;
	struct wl_resource *resource;

	setup(&f);
	peer_make_buffer(&f.peer, 6, 7, f.memory, 64, 64);
	dispatch(&f);
	check_str(world_take_log(&f.world), "fds+1 buffer+7");
	check_int(test_count_fds(), f.fds + 1);
	check_int(f.world.last_client->fds, 1);
	check_int(f.world.last_client->n_params, 1);
	check_int(f.world.last_client->n_buffers, 1);
	resource = f.world.last_wl_buffer;
	check(wltex_track_get_buffer(f.world.track, resource) == f.world.last_buffer);
	check(f.world.last_buffer->resource == resource);
	check_int(wltex_dmabuf_get_attributes(f.world.last_buffer->dmabuf)->width, 64);
	check_int(wltex_dmabuf_get_attributes(f.world.last_buffer->dmabuf)->modifier, 0);

	peer_request(&f.peer, 6, PARAMS_DESTROY);
	dispatch(&f);
	check_str(world_take_log(&f.world), "");
	wl_buffer_send_release(resource);
	check_str(world_take_log(&f.world), "released7");
	peer_request(&f.peer, 7, BUFFER_DESTROY);
	dispatch(&f);
	check_str(world_take_log(&f.world), "buffer-7 fds-1");
	check_int(test_count_fds(), f.fds);
	teardown(&f);
}

TEST(create)
{
	struct fixture f;

	setup(&f);
	peer_request(&f.peer, ID_DMABUF, DMABUF_CREATE_PARAMS, 6);
	peer_add(&f.peer, 6, f.memory, 0, 0, 256);
	dispatch(&f);
	check_str(world_take_log(&f.world), "fds+1");
	peer_request(&f.peer, 6, PARAMS_CREATE, 64, 64, DRM_FORMAT_ARGB8888, 1);
	dispatch(&f);
	check_str(world_take_log(&f.world), "buffer+ff000000");
	check_int(f.peer.created_id, 0xff000000);
	check_int(f.world.last_error, WLTEX_DMABUF_OK);
	check_int(wltex_dmabuf_get_attributes(f.world.last_buffer->dmabuf)->flags,
		WLTEX_DMABUF_Y_INVERT);
	/* The buffer lives on without its params. */
	peer_request(&f.peer, 6, PARAMS_DESTROY);
	dispatch(&f);
	check_int(test_count_fds(), f.fds + 1);
	peer_request(&f.peer, f.peer.created_id, BUFFER_DESTROY);
	dispatch(&f);
	check_str(world_take_log(&f.world), "buffer-ff000000 fds-1");
	check_int(test_count_fds(), f.fds);
	teardown(&f);
}

TEST(planes_of_one_memory_share_an_fd)
{
	struct fixture f;

	setup(&f);
	peer_request(&f.peer, ID_DMABUF, DMABUF_CREATE_PARAMS, 6);
	peer_add(&f.peer, 6, f.memory, 1, 32 * 64, 64);
	peer_add(&f.peer, 6, f.memory, 0, 0, 64);
	peer_request(&f.peer, 6, PARAMS_CREATE_IMMED, 7, 64, 32, DRM_FORMAT_NV12, 0);
	dispatch(&f);
	check_int(f.world.last_error, WLTEX_DMABUF_OK);
	check_int(test_count_fds(), f.fds + 1);
	check_int(f.world.fds, 1);
	teardown(&f);
}

/* Before version 3 the modifier says nothing, whatever it is. */
TEST(modifier_by_version)
{
	for (uint32_t version = 1; version <= 3; version++) {
		struct fixture f;
		uint32_t args[] = {0, 0, 256, 0, 0};

		setup_version(&f, version);
		peer_request(&f.peer, ID_DMABUF, DMABUF_CREATE_PARAMS, 6);
		peer_send(&f.peer, 6, PARAMS_ADD, args, 5, f.memory);
		peer_request(&f.peer, 6, PARAMS_CREATE, 64, 64, DRM_FORMAT_XRGB8888, 0);
		dispatch(&f);
		check_int(f.world.n_buffers, 1);
		check_int(wltex_dmabuf_get_attributes(f.world.last_buffer->dmabuf)->modifier,
			version < 3 ? DRM_FORMAT_MOD_INVALID : DRM_FORMAT_MOD_LINEAR);
		teardown(&f);
	}
}

TEST(params_never_used)
{
	struct fixture f;

	setup(&f);
	peer_request(&f.peer, ID_DMABUF, DMABUF_CREATE_PARAMS, 6);
	peer_add(&f.peer, 6, f.memory, 0, 0, 256);
	dispatch(&f);
	check_int(test_count_fds(), f.fds + 1);
	peer_request(&f.peer, 6, PARAMS_DESTROY);
	dispatch(&f);
	check_str(world_take_log(&f.world), "fds+1 fds-1");
	check_int(test_count_fds(), f.fds);
	/* And without the destroy. */
	peer_request(&f.peer, ID_DMABUF, DMABUF_CREATE_PARAMS, 6);
	peer_add(&f.peer, 6, f.memory, 3, 0, 256);
	dispatch(&f);
	check_int(test_count_fds(), f.fds + 1);
	teardown(&f);
}

TEST(failed)
{
	struct fixture f;

	setup(&f);
	f.world.answer = FAIL;
	peer_request(&f.peer, ID_DMABUF, DMABUF_CREATE_PARAMS, 6);
	peer_add(&f.peer, 6, f.memory, 0, 0, 256);
	peer_request(&f.peer, 6, PARAMS_CREATE, 64, 64, DRM_FORMAT_XRGB8888, 0);
	peer_make_buffer(&f.peer, 7, 8, f.memory, 64, 64);
	dispatch(&f);
	check_str(world_take_log(&f.world), "fds+1 fds-1 fds+1 fds-1");
	check_int(test_count_fds(), f.fds);
	check_int(f.world.last_client->n_params, 2);
	teardown(&f);
}

/* create_immed's buffer is none once failed was sent, though its wl_buffer stays. */
TEST(failed_after_accepted)
{
	struct fixture f;

	setup(&f);
	f.world.answer = ACCEPT_THEN_FAIL;
	peer_make_buffer(&f.peer, 6, 7, f.memory, 64, 64);
	dispatch(&f);
	check_str(world_take_log(&f.world), "fds+1 buffer+7 buffer-7 fds-1");
	check_int(test_count_fds(), f.fds);
	check(wltex_track_get_buffer(f.world.track, f.world.last_wl_buffer) == NULL);
	wl_buffer_send_release(f.world.last_wl_buffer);
	peer_request(&f.peer, 7, BUFFER_DESTROY);
	dispatch(&f);
	check_str(world_take_log(&f.world), "");
	teardown(&f);
}

TEST(rejected_with_error)
{
	for (int immed = 0; immed < 2; immed++) {
		struct fixture f;

		setup(&f);
		f.world.answer = REJECT;
		if (immed) {
			peer_make_buffer(&f.peer, 6, 7, f.memory, 64, 64);
		} else {
			peer_request(&f.peer, ID_DMABUF, DMABUF_CREATE_PARAMS, 6);
			peer_add(&f.peer, 6, f.memory, 0, 0, 256);
			peer_request(&f.peer, 6, PARAMS_CREATE, 64, 64, DRM_FORMAT_XRGB8888, 0);
		}
		dispatch(&f);
		check(f.peer.client == NULL);
		check_int(f.peer.error, immed ? 7 : 4);
		check_str(world_take_log(&f.world), "fds+1 fds-1 client-");
		/* The compositor's end of the socket is closed, too. */
		check_int(test_count_fds(), f.fds - f.peer_fds + 1);
		teardown(&f);
	}
}

/* Where nothing was made of create_immed, its id may stand for anything next. */
TEST(silent_create_immed)
{
	struct fixture f;

	setup(&f);
	f.world.answer = SILENT;
	peer_make_buffer(&f.peer, 6, 7, f.memory, 64, 64);
	dispatch(&f);
	check_int(f.world.n_buffers, 0);
	peer_send(&f.peer, ID_SHM, SHM_CREATE_POOL, (uint32_t[]){8, 64 * 64 * 4}, 2, f.memory);
	dispatch(&f);
	check_int(f.peer.error, -1);
	check(f.world.fds == 0);
	peer_request(&f.peer, 8, POOL_CREATE_BUFFER, 7, 0, 64, 64, 256, 0);
	dispatch(&f);
	check_int(f.peer.error, -1);
	check(f.peer.client != NULL);
	check(wl_client_get_object(f.peer.client, 7) != NULL);
	check(wltex_track_get_buffer(f.world.track, wl_client_get_object(f.peer.client, 7)) ==
		NULL);
	check_int(f.world.n_buffers, 0);
	teardown(&f);
}

TEST(shm_is_no_dmabuf)
{
	struct fixture f;
	struct wl_resource *resource;

	setup(&f);
	peer_send(&f.peer, ID_SHM, SHM_CREATE_POOL, (uint32_t[]){6, 64 * 64 * 4}, 2, f.memory);
	peer_request(&f.peer, 6, POOL_CREATE_BUFFER, 7, 0, 64, 64, 256, 0);
	dispatch(&f);
	resource = wl_client_get_object(f.peer.client, 7);
	check(resource != NULL);
	check(wltex_track_get_buffer(f.world.track, resource) == NULL);
	check(wltex_track_get_buffer(f.world.track, NULL) == NULL);
	check(wltex_track_get_surface(f.world.track, resource) == NULL);
	wl_buffer_send_release(resource);
	peer_request(&f.peer, 7, BUFFER_DESTROY);
	dispatch(&f);
	check_str(world_take_log(&f.world), "pool+6 shm+7 released7 shm-7");
	teardown(&f);
}

/* A client is known by the worst of its pools, from then on. */
TEST(pools_that_are_no_memory)
{
	struct fixture f;
	struct peer other;
	int zero = open("/dev/zero", O_RDWR | O_CLOEXEC);

	check(zero >= 0);
	setup(&f);
	peer_send(&f.peer, ID_SHM, SHM_CREATE_POOL, (uint32_t[]){6, 64 * 64 * 4}, 2, f.memory);
	dispatch(&f);
	check(!f.world.last_client->has_foreign_pool);
	peer_init(&other, &f.world, 3);
	peer_send(&f.peer, ID_SHM, SHM_CREATE_POOL, (uint32_t[]){7, 64 * 64 * 4}, 2, zero);
	peer_request(&f.peer, 7, POOL_DESTROY);
	peer_send(&f.peer, ID_SHM, SHM_CREATE_POOL, (uint32_t[]){8, 64 * 64 * 4}, 2, f.memory);
	dispatch(&f);
	check_int(f.peer.error, -1);
	check(wltex_track_get_client(f.world.track, f.peer.client)->has_foreign_pool);
	check(!wltex_track_get_client(f.world.track, other.client)->has_foreign_pool);
	peer_finish(&other);
	close(zero);
	teardown(&f);
}

/* The kernel does not say what is in memory of somebody else's file. */
TEST(pools_of_unwritable_memory)
{
	struct fixture f;

	if (geteuid() != 0)
		test_skip("cannot become another user");
	setup(&f);
	check_int(fchmod(f.memory, 0700), 0);
	check_int(seteuid(65534), 0);
	peer_send(&f.peer, ID_SHM, SHM_CREATE_POOL, (uint32_t[]){6, 64 * 64 * 4}, 2, f.memory);
	dispatch(&f);
	check_int(seteuid(0), 0);
	check_int(f.peer.error, -1);
	check(f.world.last_client->has_foreign_pool);
	teardown(&f);
}

TEST(ids_reused_at_once)
{
	struct fixture f;

	setup(&f);
	for (int i = 0; i < 50; i++) {
		int32_t size = 1 + i;

		peer_make_buffer(&f.peer, 6, 7, f.memory, size, size);
		peer_request(&f.peer, 6, PARAMS_DESTROY);
		/* The next id is a surface's in between. */
		peer_request(&f.peer, ID_COMPOSITOR, COMPOSITOR_CREATE_SURFACE, 6);
		peer_request(&f.peer, 6, SURFACE_DESTROY);
		if (i < 49)
			peer_request(&f.peer, 7, BUFFER_DESTROY);
		if (i % 5 == 4)
			dispatch(&f);
	}
	check_int(f.peer.error, -1);
	check_int(f.world.n_buffers, 1);
	check_int(f.world.n_surfaces, 0);
	check_int(wltex_dmabuf_get_attributes(f.world.last_buffer->dmabuf)->width, 50);
	check_int(test_count_fds(), f.fds + 1);
	teardown(&f);
}

TEST(answered_later)
{
	struct fixture f;

	setup(&f);
	f.world.answer = LATER;
	for (uint32_t id = 6; id < 10; id++) {
		peer_request(&f.peer, ID_DMABUF, DMABUF_CREATE_PARAMS, id);
		peer_add(&f.peer, id, f.memory, 0, 0, 256);
		peer_request(&f.peer, id, PARAMS_CREATE, id, id, DRM_FORMAT_XRGB8888, 0);
	}
	/* One of them does not wait. */
	peer_request(&f.peer, 8, PARAMS_DESTROY);
	dispatch(&f);
	check_int(f.world.n_buffers, 0);
	check_int(test_count_fds(), f.fds + 3);
	world_answer(&f.world, true);
	check_int(f.world.n_buffers, 3);
	check_int(test_count_fds(), f.fds + 3);
	check_int(wltex_dmabuf_get_attributes(f.world.last_buffer->dmabuf)->width, 9);

	peer_request(&f.peer, ID_DMABUF, DMABUF_CREATE_PARAMS, 10);
	peer_add(&f.peer, 10, f.memory, 0, 0, 256);
	peer_request(&f.peer, 10, PARAMS_CREATE, 64, 64, DRM_FORMAT_XRGB8888, 0);
	dispatch(&f);
	check_int(test_count_fds(), f.fds + 4);
	world_answer(&f.world, false);
	check_int(f.world.n_buffers, 3);
	check_int(test_count_fds(), f.fds + 3);
	teardown(&f);
}

/* Both are answered in the end: the first create's facts are the first buffer's. */
TEST(used_twice_before_an_answer)
{
	struct fixture f;

	setup(&f);
	f.world.answer = LATER;
	peer_request(&f.peer, ID_DMABUF, DMABUF_CREATE_PARAMS, 6);
	peer_add(&f.peer, 6, f.memory, 0, 0, 256);
	peer_request(&f.peer, 6, PARAMS_CREATE, 64, 64, DRM_FORMAT_XRGB8888, 0);
	peer_request(&f.peer, 6, PARAMS_CREATE, 32, 32, DRM_FORMAT_XRGB8888, 0);
	peer_request(&f.peer, 6, PARAMS_CREATE_IMMED, 7, 16, 16, DRM_FORMAT_XRGB8888, 0);
	dispatch(&f);
	check_str(world_take_log(&f.world), "fds+1 buffer+7");
	check_int(f.world.last_error, WLTEX_DMABUF_ALREADY_USED);
	world_answer(&f.world, true);
	check_str(world_take_log(&f.world), "buffer+ff000000 buffer+ff000001");
	check(f.world.last_buffer->dmabuf == NULL);
	check_int(f.world.last_error, WLTEX_DMABUF_ALREADY_USED);
	check_int(f.world.fds, 1);
	teardown(&f);
}

/* Answers of a compositor that has lost count. */
TEST(answers_that_make_no_sense)
{
	struct fixture f;
	struct wl_resource *buffer;

	setup(&f);
	f.world.answer = SILENT;
	peer_request(&f.peer, ID_DMABUF, DMABUF_CREATE_PARAMS, 6);
	peer_add(&f.peer, 6, f.memory, 0, 0, 256);
	dispatch(&f);
	buffer = wl_resource_create(f.peer.client, &wl_buffer_interface, 1, 0);
	check(buffer != NULL);
	/* Nothing was created yet. */
	zwp_linux_buffer_params_v1_send_created(f.world.last_params, buffer);
	check_int(f.world.n_buffers, 0);
	check_int(f.world.fds, 1);
	peer_request(&f.peer, 6, PARAMS_CREATE, 64, 64, DRM_FORMAT_XRGB8888, 0);
	peer_request(&f.peer, ID_DMABUF, DMABUF_CREATE_PARAMS, 7);
	peer_add(&f.peer, 7, f.memory, 0, 0, 256);
	peer_request(&f.peer, 7, PARAMS_CREATE, 32, 32, DRM_FORMAT_XRGB8888, 0);
	dispatch(&f);
	check_int(f.world.fds, 2);
	zwp_linux_buffer_params_v1_send_created(wl_client_get_object(f.peer.client, 6), buffer);
	/* The same buffer for both. */
	zwp_linux_buffer_params_v1_send_created(wl_client_get_object(f.peer.client, 7), buffer);
	check_int(f.world.n_buffers, 1);
	check_int(f.world.fds, 1);
	check_int(wltex_dmabuf_get_attributes(f.world.last_buffer->dmabuf)->width, 64);
	/* It failed after all: that is too late. */
	zwp_linux_buffer_params_v1_send_failed(wl_client_get_object(f.peer.client, 6));
	check_int(f.world.n_buffers, 1);
	teardown(&f);
}

/* Two buffers of one params, in every order of going. */
TEST(immed_used_twice)
{
	for (int order = 0; order < 6; order++) {
		static const uint32_t ids[][3] = {
			{6, 7, 8}, {6, 8, 7}, {7, 6, 8}, {7, 8, 6}, {8, 6, 7}, {8, 7, 6}};
		struct fixture f;

		setup(&f);
		peer_make_buffer(&f.peer, 6, 7, f.memory, 64, 64);
		peer_request(&f.peer, 6, PARAMS_CREATE_IMMED, 8, 64, 64, DRM_FORMAT_XRGB8888, 0);
		dispatch(&f);
		check_int(f.world.n_buffers, 2);
		check_int(f.world.last_error, WLTEX_DMABUF_ALREADY_USED);
		for (int i = 0; i < 3; i++)
			peer_request(&f.peer, ids[order][i], 0);
		dispatch(&f);
		check_int(f.peer.error, -1);
		check_int(f.world.n_buffers, 0);
		check_int(test_count_fds(), f.fds);
		teardown(&f);
	}
}

/* What the compositor accepts although it must not. */
static const struct refusal {
	enum wltex_dmabuf_error error;
	struct refusal_plane {
		uint32_t plane, offset, stride, modifier_lo;
		bool used;
	} planes[3];
	int32_t width, height;
	uint32_t flags;
} refusals[] = {
	{WLTEX_DMABUF_NO_PLANE, {{0}}, 64, 64, 0},
	{WLTEX_DMABUF_PLANE_INDEX, {{4, 0, 256, 0, true}}, 64, 64, 0},
	{WLTEX_DMABUF_PLANE_INDEX, {{UINT32_MAX, 0, 256, 0, true}}, 64, 64, 0},
	{WLTEX_DMABUF_PLANE_SET_TWICE, {{0, 0, 256, 0, true}, {0, 0, 256, 0, true}}, 64, 64, 0},
	{WLTEX_DMABUF_PLANE_GAP, {{1, 0, 256, 0, true}}, 64, 64, 0},
	{WLTEX_DMABUF_MODIFIER_MISMATCH, {{0, 0, 256, 0, true}, {1, 0, 256, 1, true}}, 64, 64, 0},
	{WLTEX_DMABUF_PLANE_COUNT, {{0, 0, 256, 0, true}, {1, 0, 256, 0, true}}, 64, 64, 0},
	{WLTEX_DMABUF_DIMENSIONS, {{0, 0, 256, 0, true}}, 0, 64, 0},
	{WLTEX_DMABUF_DIMENSIONS, {{0, 0, 256, 0, true}}, 64, INT32_MIN, 0},
	{WLTEX_DMABUF_FLAGS, {{0, 0, 256, 0, true}}, 64, 64, 1u << 31},
	{WLTEX_DMABUF_STRIDE_ZERO, {{0, 0, 0, 0, true}}, 64, 64, 0},
	{WLTEX_DMABUF_ROW_OVERFLOW, {{0, UINT32_MAX, 256, 0, true}}, 64, 64, 0},
	{WLTEX_DMABUF_PLANE_BEYOND_END, {{0, 0, 256, 0, true}}, 64, 65, 0},
};

static void send_refusal(struct peer *peer, const struct refusal *r, int memory, bool immed)
{
	uint32_t args[] = {
		7, (uint32_t)r->width, (uint32_t)r->height, DRM_FORMAT_XRGB8888, r->flags};

	peer_request(peer, ID_DMABUF, DMABUF_CREATE_PARAMS, 6);
	for (int i = 0; i < 3 && r->planes[i].used; i++) {
		const struct refusal_plane *p = &r->planes[i];

		peer_send(peer, 6, PARAMS_ADD,
			(uint32_t[]){p->plane, p->offset, p->stride, 0, p->modifier_lo}, 5, memory);
	}
	if (immed)
		peer_send(peer, 6, PARAMS_CREATE_IMMED, args, 5, -1);
	else
		peer_send(peer, 6, PARAMS_CREATE, args + 1, 4, -1);
}

TEST(refused_though_accepted)
{
	for (size_t i = 0; i < 2 * sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct refusal *r = &refusals[i / 2];
		struct fixture f;

		setup(&f);
		send_refusal(&f.peer, r, f.memory, i % 2 == 1);
		dispatch(&f);
		check_int(f.world.n_buffers, 1);
		check(f.world.last_buffer->dmabuf == NULL);
		check_int(f.world.last_error, r->error);
		check_int(test_count_fds(), f.fds);
		wl_buffer_send_release(f.world.last_wl_buffer);
		check(strstr(world_take_log(&f.world), "released") != NULL);
		teardown(&f);
	}
}

TEST(fds_that_are_no_memory)
{
	struct fixture f;
	int pipe_fds[2];

	setup(&f);
	check_int(pipe(pipe_fds), 0);
	peer_make_buffer(&f.peer, 6, 7, pipe_fds[0], 64, 64);
	dispatch(&f);
	check_int(f.world.last_error, WLTEX_DMABUF_BAD_FD);
	check_int(f.world.fds, 0);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	check_int(test_count_fds(), f.fds);
	teardown(&f);
}

TEST(fd_limit)
{
	struct fixture f;
	int other = make_memory(4096);

	setup(&f);
	wltex_track_set_client_fd_limit(f.world.track, 2);
	peer_make_buffer(&f.peer, 6, 7, f.memory, 64, 64);
	peer_make_buffer(&f.peer, 8, 9, f.memory, 64, 64);
	dispatch(&f);
	check_int(f.world.last_error, WLTEX_DMABUF_OK);
	peer_make_buffer(&f.peer, 10, 11, other, 8, 8);
	dispatch(&f);
	check_int(f.world.n_buffers, 3);
	check_int(f.world.last_error, WLTEX_DMABUF_NO_FDS);
	check_int(f.world.fds, 2);
	peer_request(&f.peer, 7, BUFFER_DESTROY);
	peer_make_buffer(&f.peer, 12, 13, other, 8, 8);
	dispatch(&f);
	check_int(f.world.last_error, WLTEX_DMABUF_OK);
	check_int(f.world.fds, 2);
	close(other);
	teardown(&f);
}

/* The process is out of fds: the buffer is known, but nothing can be held for it. */
TEST(out_of_fds)
{
	struct fixture f;
	struct rlimit limit;
	int waste[4096], n = 0;

	setup(&f);
	check_int(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = 256;
	check_int(setrlimit(RLIMIT_NOFILE, &limit), 0);
	peer_request(&f.peer, ID_DMABUF, DMABUF_CREATE_PARAMS, 6);
	dispatch(&f);
	while ((waste[n] = dup(f.memory)) >= 0)
		n++;
	/* One for what arrives, none for its duplicate. */
	close(waste[--n]);
	peer_add(&f.peer, 6, f.memory, 0, 0, 256);
	peer_request(&f.peer, 6, PARAMS_CREATE_IMMED, 7, 64, 64, DRM_FORMAT_XRGB8888, 0);
	dispatch(&f);
	while (n > 0)
		close(waste[--n]);
	check_int(f.world.n_buffers, 1);
	check_int(f.world.last_error, WLTEX_DMABUF_NO_FDS);
	check_int(f.world.fds, 0);
	check_int(test_count_fds(), f.fds);
	teardown(&f);
}
