/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <drm_fourcc.h>
#include <string.h>
#include <unistd.h>

#include "track-chaos.h"

enum kind {
	KIND_NONE,
	KIND_PARAMS,
	KIND_BUFFER,
	KIND_SURFACE,
	KIND_POOL,
	N_KINDS
};

static uint32_t choose(struct chaos *chaos, uint32_t bound)
{
	return chaos->choose(chaos->data, bound);
}

/* Mostly what makes sense, sometimes anything at all. */
static uint32_t choose_number(struct chaos *chaos, uint32_t likely)
{
	static const uint32_t odd[] = {0, 1, 2, 3, 4, 63, 65, 255, 1 << 16, INT32_MAX, UINT32_MAX,
		UINT32_MAX - 1, UINT32_MAX - 255, 1u << 31};

	if (choose(chaos, 16) != 0)
		return likely;
	return odd[choose(chaos, sizeof(odd) / sizeof(odd[0]))];
}

/* An id of that kind, if there is one; or any, which the compositor will punish. */
static uint32_t choose_object(struct chaos *chaos, struct chaos_peer *p, enum kind kind)
{
	uint32_t start = choose(chaos, CHAOS_IDS);

	if (choose(chaos, 128) == 0)
		return start;
	if (kind == KIND_BUFFER && p->peer.created_id != 0 && choose(chaos, 4) == 0)
		return p->peer.created_id;
	for (uint32_t i = 0; i < CHAOS_IDS; i++) {
		uint32_t id = (start + i) % CHAOS_IDS;

		if (p->kinds[id] == kind)
			return id;
	}
	return 0;
}

static uint32_t choose_new_id(struct chaos *chaos, struct chaos_peer *p, enum kind kind)
{
	uint32_t id = choose_object(chaos, p, KIND_NONE);

	if (id < ID_FREE || id > p->n_ids)
		id = p->n_ids;
	if (id >= CHAOS_IDS)
		return 0;
	if (id == p->n_ids)
		p->n_ids++;
	p->kinds[id] = (uint8_t)kind;
	return id;
}

static void connect_peer(struct chaos *chaos, struct chaos_peer *p)
{
	*p = (struct chaos_peer){.n_ids = ID_FREE};
	memset(p->kinds, KIND_POOL + 1, ID_FREE);
	peer_init(&p->peer, &chaos->world, 1 + choose(chaos, 3));
}

static void add_plane(struct chaos *chaos, struct chaos_peer *p, uint32_t params)
{
	uint32_t args[] = {
		choose_number(chaos, choose(chaos, 2)),
		choose_number(chaos, 0),
		choose_number(chaos, 256),
		choose_number(chaos, 0),
		choose_number(chaos, 0),
	};

	/* An fd for something else would stay in the compositor's socket buffer. */
	if (params < CHAOS_IDS && p->kinds[params] == KIND_PARAMS)
		peer_send(&p->peer, params, PARAMS_ADD, args, 5, chaos->memory[choose(chaos, 3)]);
}

static void create_buffer(struct chaos *chaos, struct chaos_peer *p, uint32_t params)
{
	static const uint32_t formats[] = {DRM_FORMAT_XRGB8888, DRM_FORMAT_NV12, 0x12345678};
	uint32_t args[] = {
		0,
		choose_number(chaos, 64),
		choose_number(chaos, 16),
		formats[choose(chaos, 3)],
		choose_number(chaos, 0),
	};

	if (params == 0)
		return;
	if (choose(chaos, 2) == 0) {
		peer_send(&p->peer, params, PARAMS_CREATE, args + 1, 4, -1);
		return;
	}
	args[0] = choose_new_id(chaos, p, KIND_BUFFER);
	peer_send(&p->peer, params, PARAMS_CREATE_IMMED, args, 5, -1);
}

static void use_surface(struct chaos *chaos, struct chaos_peer *p, uint32_t surface)
{
	static const uint32_t opcodes[] = {
		SURFACE_ATTACH, SURFACE_DAMAGE, SURFACE_DAMAGE_BUFFER, SURFACE_COMMIT};
	static const size_t n_args[] = {3, 4, 4, 0};
	uint32_t which = choose(chaos, 4);
	uint32_t args[4];

	if (surface == 0)
		return;
	for (int i = 0; i < 4; i++)
		args[i] = choose_number(chaos, choose(chaos, 256));
	if (which == 0)
		args[0] = choose(chaos, 2) ? choose_object(chaos, p, KIND_BUFFER) : 0;
	peer_send(&p->peer, surface, opcodes[which], args, n_args[which], -1);
}

static void make_pool(struct chaos *chaos, struct chaos_peer *p)
{
	uint32_t id = choose_new_id(chaos, p, KIND_POOL);
	int32_t size = (int32_t)choose_number(chaos, 1024 * (1 + choose(chaos, 4)));

	if (id != 0)
		peer_make_pool(&p->peer, id, chaos->memory[choose(chaos, 2)], size);
}

static void use_pool(struct chaos *chaos, struct chaos_peer *p, uint32_t pool)
{
	if (pool == 0)
		return;
	if (choose(chaos, 4) == 0)
		peer_request(&p->peer, pool, POOL_RESIZE, choose_number(chaos, 8192));
	else
		peer_request(&p->peer, pool, POOL_CREATE_BUFFER,
			choose_new_id(chaos, p, KIND_BUFFER), choose_number(chaos, 0),
			choose_number(chaos, 4), choose_number(chaos, 4), choose_number(chaos, 16),
			choose_number(chaos, 0));
}

static void make_shm(struct chaos *chaos, struct chaos_peer *p)
{
	uint32_t pool = choose_object(chaos, p, KIND_POOL);

	if (pool == 0 || choose(chaos, 4) == 0)
		make_pool(chaos, p);
	else
		use_pool(chaos, p, pool);
}

static void destroy_object(struct chaos *chaos, struct chaos_peer *p)
{
	enum kind kind = (enum kind)(1 + choose(chaos, N_KINDS - 1));
	uint32_t id = choose_object(chaos, p, kind);

	if (id == 0)
		return;
	peer_request(&p->peer, id, kind == KIND_POOL ? POOL_DESTROY : 0);
	if (id < CHAOS_IDS)
		p->kinds[id] = KIND_NONE;
	else
		p->peer.created_id = 0;
}

/* What the clients have is what the world was told. */
static void check_shm(struct chaos *chaos)
{
	uint32_t pools = 0, buffers = 0;
	uint64_t bytes = 0;

	for (int i = 0; i < CHAOS_PEERS; i++) {
		const struct wltex_track_client *client =
			wltex_track_get_client(chaos->world.track, chaos->peers[i].peer.client);

		if (client == NULL)
			continue;
		pools += client->n_pools;
		buffers += client->n_shm_buffers;
		bytes += client->shm_bytes;
		assert((client->shm_bytes == 0) == (client->n_pools == 0));
	}
	assert(chaos->world.n_pools == pools && chaos->world.n_shm_buffers == buffers);
	assert(chaos->world.shm_bytes == bytes);
}

static void check_counts(struct chaos *chaos)
{
	int n = chaos->n_fds + chaos->world.fds, clients = 0;

	for (int i = 0; i < CHAOS_PEERS; i++) {
		bool there = chaos->peers[i].peer.client != NULL;

		clients += there;
		/* The peer's own end stays when the compositor hangs up. */
		n += there ? chaos->client_fds : 1;
	}
	assert(chaos->world.n_clients == clients);
	check_shm(chaos);
	if (chaos->count_fds != NULL)
		assert(chaos->count_fds() == n);
}

static void dispatch(struct chaos *chaos)
{
	world_dispatch(&chaos->world);
	for (int i = 0; i < CHAOS_PEERS; i++)
		peer_receive(&chaos->peers[i].peer);
	check_counts(chaos);
}

static void disconnect(struct chaos *chaos, struct chaos_peer *p)
{
	uint32_t half[] = {ID_DISPLAY, 12u << 16};

	switch (choose(chaos, 4)) {
	case 0:
		peer_send_bytes(&p->peer, half, choose(chaos, 2) ? 8 : 3, chaos->memory[0]);
		break;
	case 1:
		if (p->peer.client != NULL)
			wl_client_destroy(p->peer.client);
		break;
	default:
		break;
	}
	peer_finish(&p->peer);
	assert(p->peer.client == NULL);
	connect_peer(chaos, p);
	check_counts(chaos);
}

/* All that was committed, or what some wl_buffer, which may be gone, comes of. */
static void take(
	struct chaos *chaos, struct wltex_track_surface *surface, struct wl_resource *resource)
{
	struct wl_resource *shown = choose(chaos, 4) ? chaos->world.last_wl_buffer : NULL;
	struct wltex_track_commit commit;
	bool any, damaged;

	assert(surface->resource == resource);
	if (choose(chaos, 2))
		any = wltex_track_surface_take_commit(surface, &commit);
	else
		any = wltex_track_surface_take_applied(surface, shown, &commit);
	damaged = pixman_region32_not_empty(&commit.damage_surface) ||
		  pixman_region32_not_empty(&commit.damage_buffer);
	assert(any || (!commit.attached && !damaged));
	assert(commit.serial <= surface->commits);
	assert(pixman_region32_n_rects(&commit.damage_surface) <= WLTEX_TRACK_MAX_RECTS);
	assert(pixman_region32_n_rects(&commit.damage_buffer) <= WLTEX_TRACK_MAX_RECTS);
	wltex_track_commit_finish(&commit);
}

static enum wl_iterator_result touch(struct wl_resource *resource, void *data)
{
	struct chaos *chaos = data;
	struct wltex_track_buffer *buffer = wltex_track_get_buffer(chaos->world.track, resource);
	struct wltex_track_shm_buffer *shm =
		wltex_track_get_shm_buffer(chaos->world.track, resource);
	struct wltex_track_surface *surface = wltex_track_get_surface(chaos->world.track, resource);

	assert(buffer == NULL || surface == NULL);
	assert(shm == NULL || (buffer == NULL && shm->resource == resource));
	if (buffer != NULL)
		assert(buffer->resource == resource);
	if (strcmp(wl_resource_get_class(resource), "wl_buffer") == 0 && choose(chaos, 2))
		wl_buffer_send_release(resource);
	if (surface != NULL && choose(chaos, 2))
		take(chaos, surface, resource);
	return WL_ITERATOR_CONTINUE;
}

/* What the compositor does by itself. */
static void compositor_step(struct chaos *chaos, struct chaos_peer *p)
{
	switch (choose(chaos, 6)) {
	case 0:
		chaos->world.answer = choose(chaos, N_ANSWERS);
		break;
	case 1:
		/* Mostly a compositor that works. */
		chaos->world.answer = ACCEPT;
		break;
	case 2:
		world_answer(&chaos->world, choose(chaos, 4) != 0);
		break;
	case 3:
		wltex_track_set_client_fd_limit(chaos->world.track, (int)choose(chaos, 8));
		break;
	case 4:
		if (choose(chaos, 16) != 0)
			break;
		wltex_track_destroy(chaos->world.track);
		world_track(&chaos->world);
		break;
	default:
		if (p->peer.client != NULL)
			wl_client_for_each_resource(p->peer.client, touch, chaos);
		break;
	}
}

void chaos_step(struct chaos *chaos)
{
	struct chaos_peer *p = &chaos->peers[choose(chaos, CHAOS_PEERS)];

	if (p->peer.client == NULL || p->n_ids >= CHAOS_IDS) {
		disconnect(chaos, p);
		return;
	}
	switch (choose(chaos, 20)) {
	case 0:
	case 1:
	case 2:
		peer_request(&p->peer, ID_DMABUF, DMABUF_CREATE_PARAMS,
			choose_new_id(chaos, p, KIND_PARAMS));
		break;
	case 3:
	case 4:
	case 5:
	case 6:
		add_plane(chaos, p, choose_object(chaos, p, KIND_PARAMS));
		break;
	case 7:
	case 8:
	case 9:
		create_buffer(chaos, p, choose_object(chaos, p, KIND_PARAMS));
		break;
	case 10:
		peer_request(&p->peer, ID_COMPOSITOR, COMPOSITOR_CREATE_SURFACE,
			choose_new_id(chaos, p, KIND_SURFACE));
		break;
	case 11:
	case 12:
		use_surface(chaos, p, choose_object(chaos, p, KIND_SURFACE));
		break;
	case 13:
		make_shm(chaos, p);
		break;
	case 14:
	case 15:
		destroy_object(chaos, p);
		break;
	case 16:
	case 17:
		compositor_step(chaos, p);
		break;
	case 18:
		dispatch(chaos);
		break;
	default:
		if (choose(chaos, 10) == 0)
			disconnect(chaos, p);
		break;
	}
}

void chaos_init(struct chaos *chaos)
{
	int pipe_fds[2];

	world_init(&chaos->world);
	chaos->world.record = false;
	world_track(&chaos->world);
	if (pipe(pipe_fds) != 0)
		assert(false);
	close(pipe_fds[1]);
	chaos->memory[0] = make_memory(4096);
	chaos->memory[1] = make_memory(64);
	chaos->memory[2] = pipe_fds[0];
	if (chaos->count_fds != NULL)
		chaos->n_fds = chaos->count_fds();
	for (int i = 0; i < CHAOS_PEERS; i++)
		connect_peer(chaos, &chaos->peers[i]);
	if (chaos->count_fds != NULL)
		chaos->client_fds = (chaos->count_fds() - chaos->n_fds) / CHAOS_PEERS;
}

void chaos_finish(struct chaos *chaos)
{
	dispatch(chaos);
	for (int i = 0; i < CHAOS_PEERS; i++) {
		if (choose(chaos, 2) == 0)
			peer_finish(&chaos->peers[i].peer);
	}
	world_finish(&chaos->world);
	for (int i = 0; i < CHAOS_PEERS; i++) {
		if (chaos->peers[i].peer.fd >= 0)
			close(chaos->peers[i].peer.fd);
		close(chaos->memory[i]);
	}
}
