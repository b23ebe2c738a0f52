/* SPDX-License-Identifier: MIT */
/* Pools and buffers of wl_shm. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "track-fixture.h"

#define POOL ID_FREE
#define PAGE 4096

static const struct wltex_track_client *get_client(const struct fixture *f)
{
	return wltex_track_get_client(f->world.track, f->peer.client);
}

static void check_counts(const struct fixture *f, uint32_t pools, uint32_t buffers, uint64_t bytes)
{
	const struct wltex_track_client *client = get_client(f);

	check_int(client->n_pools, pools);
	check_int(client->n_shm_buffers, buffers);
	check_int(client->shm_bytes, bytes);
	check_int(f->world.n_pools, pools);
	check_int(f->world.shm_bytes, bytes);
	check_int(f->world.n_shm_buffers, buffers);
	check_int(client->n_buffers, 0);
	check_int(client->fds, 0);
}

TEST(what_they_are)
{
	struct fixture f;
	struct wltex_track_shm_buffer *buffer;
	struct stat stat;

	setup(&f);
	check_int(fstat(f.memory, &stat), 0);
	peer_make_pool(&f.peer, POOL, f.memory, 4 * PAGE);
	dispatch(&f);
	check_str(world_take_log(&f.world), "pool+6");
	check(f.world.last_pool->dev == stat.st_dev && f.world.last_pool->ino == stat.st_ino);
	check_int(f.world.last_pool->size, 4 * PAGE);
	check_int(wl_resource_get_id(f.world.last_pool->resource), POOL);
	check_counts(&f, 1, 0, 4 * PAGE);
	/* Nothing of it is held. */
	check_int(test_count_fds(), f.fds);
	peer_request(&f.peer, POOL, POOL_CREATE_BUFFER, 7, 1024, 20, 30, 96, 1);
	dispatch(&f);
	check_str(world_take_log(&f.world), "shm+7");
	buffer = f.world.last_shm_buffer;
	check(buffer->pool == f.world.last_pool && buffer->client == get_client(&f));
	check_int(buffer->offset, 1024);
	check_int(buffer->width, 20);
	check_int(buffer->height, 30);
	check_int(buffer->stride, 96);
	check_int(buffer->format, 1);
	check(wltex_track_get_shm_buffer(f.world.track, buffer->resource) == buffer);
	check(wltex_track_get_buffer(f.world.track, buffer->resource) == NULL);
	check(wltex_track_get_shm_buffer(f.world.track, NULL) == NULL);
	check(wltex_track_get_shm_buffer(f.world.track, f.world.last_pool->resource) == NULL);
	wl_buffer_send_release(buffer->resource);
	check_str(world_take_log(&f.world), "released7");
	teardown(&f);
}

/* The memory lives as long as any of both. */
TEST(who_lives_longer)
{
	struct fixture f;

	setup(&f);
	peer_make_pool(&f.peer, POOL, f.memory, PAGE);
	peer_make_shm_buffer(&f.peer, POOL, 7);
	peer_make_shm_buffer(&f.peer, POOL, 8);
	dispatch(&f);
	check_str(world_take_log(&f.world), "pool+6 shm+7 shm+8");
	check_int(f.world.last_pool->n_buffers, 2);
	peer_request(&f.peer, 7, BUFFER_DESTROY);
	peer_request(&f.peer, 8, BUFFER_DESTROY);
	dispatch(&f);
	check_str(world_take_log(&f.world), "shm-7 shm-8");
	check_counts(&f, 1, 0, PAGE);
	peer_make_shm_buffer(&f.peer, POOL, 9);
	peer_make_shm_buffer(&f.peer, POOL, 10);
	peer_request(&f.peer, POOL, POOL_DESTROY);
	dispatch(&f);
	check_str(world_take_log(&f.world), "shm+9 shm+a");
	check(f.world.last_pool->resource == NULL);
	check_counts(&f, 1, 2, PAGE);
	peer_request(&f.peer, 9, BUFFER_DESTROY);
	dispatch(&f);
	check_counts(&f, 1, 1, PAGE);
	peer_request(&f.peer, 10, BUFFER_DESTROY);
	dispatch(&f);
	check_str(world_take_log(&f.world), "shm-9 shm-a pool-");
	check_counts(&f, 0, 0, 0);
	teardown(&f);
}

TEST(resizes)
{
	struct fixture f;

	setup(&f);
	peer_make_pool(&f.peer, POOL, f.memory, PAGE);
	peer_request(&f.peer, POOL, POOL_RESIZE, PAGE);
	dispatch(&f);
	check_str(world_take_log(&f.world), "pool+6");
	peer_request(&f.peer, POOL, POOL_RESIZE, 3 * PAGE);
	dispatch(&f);
	check_str(world_take_log(&f.world), "resized6");
	check_int(f.world.last_pool->size, 3 * PAGE);
	check_counts(&f, 1, 0, 3 * PAGE);
	/* Other pools of the same memory count with the largest. */
	peer_make_pool(&f.peer, 7, f.memory, PAGE);
	dispatch(&f);
	check_counts(&f, 2, 0, 3 * PAGE);
	peer_request(&f.peer, 7, POOL_RESIZE, 4 * PAGE);
	dispatch(&f);
	check_counts(&f, 2, 0, 4 * PAGE);
	peer_request(&f.peer, 7, POOL_DESTROY);
	dispatch(&f);
	check_counts(&f, 1, 0, 3 * PAGE);
	teardown(&f);
}

/* How many mappings of pools this process has: of files that have no other mapping here. */
static int count_maps(void)
{
	FILE *file = fopen("/proc/self/maps", "re");
	char line[512];
	int n = 0;

	check(file);
	while (fgets(line, sizeof(line), file))
		n += strstr(line, "wltex-test") && strstr(line, "r--s");
	fclose(file);
	return n;
}

#define LARGE (8 * PAGE)

/* A pool of a file that was just made, with another byte in each page. */
static int make_pool(struct fixture *f, uint32_t pool, size_t size, uint32_t pool_size)
{
	int fd = make_memory(size);

	for (size_t at = 0; at < size; at += PAGE)
		check_int(pwrite(fd, &(uint8_t){(uint8_t)(at / PAGE + 1)}, 1, (off_t)at), 1);
	peer_make_pool(&f->peer, pool, fd, (int32_t)pool_size);
	dispatch(f);
	return fd;
}

TEST(mapped)
{
	struct fixture f;
	int fd, maps = count_maps();

	setup(&f);
	wltex_track_map_pools(f.world.track, true);
	fd = make_pool(&f, POOL, 2 * LARGE, LARGE);
	check(f.world.last_pool->data);
	check_int(f.world.last_pool->data[3 * PAGE], 4);
	check_int(count_maps(), maps + 1);
	/* Follows a resize, and lives as long as a buffer does. */
	peer_request(&f.peer, POOL, POOL_RESIZE, 2 * LARGE);
	peer_make_shm_buffer(&f.peer, POOL, 7);
	peer_request(&f.peer, POOL, POOL_DESTROY);
	dispatch(&f);
	check(f.world.last_shm_buffer->pool->data);
	check_int(f.world.last_shm_buffer->pool->data[15 * PAGE], 16);
	check_int(count_maps(), maps + 1);
	peer_request(&f.peer, 7, BUFFER_DESTROY);
	dispatch(&f);
	check_int(count_maps(), maps);
	close(fd);
	check_int(test_count_fds(), f.fds);
	/* No longer: those that are there, and those to come. */
	close(make_pool(&f, POOL, LARGE, LARGE));
	check_int(count_maps(), maps + 1);
	wltex_track_map_pools(f.world.track, false);
	check(!f.world.last_pool->data);
	close(make_pool(&f, 7, LARGE, LARGE));
	check(!f.world.last_pool->data);
	check_int(count_maps(), maps);
	teardown(&f);
}

/* What could be cut off, is smaller than it is said to be, or is small. */
TEST(not_mapped)
{
	int fd = memfd_create("wltex-test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct fixture f;

	setup(&f);
	close(make_pool(&f, POOL, LARGE, LARGE));
	check(!f.world.last_pool->data);
	wltex_track_map_pools(f.world.track, true);
	check(fd >= 0 && ftruncate(fd, LARGE) == 0);
	peer_make_pool(&f.peer, 7, fd, LARGE);
	dispatch(&f);
	check(!f.world.last_pool->data);
	close(fd);
	close(make_pool(&f, 8, LARGE, LARGE + PAGE));
	check(!f.world.last_pool->data);
	close(make_pool(&f, 9, LARGE, 4 * PAGE));
	check(!f.world.last_pool->data);
	close(make_pool(&f, 10, LARGE, LARGE));
	check(f.world.last_pool->data);
	teardown(&f);
}

/* One client cannot use up the mappings of the process; what it lets go counts no more. */
TEST(many_mapped)
{
	int fd = make_memory(LARGE), maps = count_maps();
	struct fixture f;

	setup(&f);
	wltex_track_map_pools(f.world.track, true);
	for (uint32_t i = 0; i < 300; i++) {
		peer_make_pool(&f.peer, POOL + i, fd, LARGE);
		dispatch(&f);
	}
	check_int(count_maps(), maps + 256);
	check(!f.world.last_pool->data);
	peer_request(&f.peer, POOL, POOL_DESTROY);
	peer_make_pool(&f.peer, POOL + 300, fd, LARGE);
	dispatch(&f);
	check(f.world.last_pool->data);
	close(fd);
	peer_finish(&f.peer);
	dispatch(&f);
	check_int(count_maps(), maps);
	world_finish(&f.world);
}

/* Whoever asks for it is thrown out; until then, and after, nothing is counted. */
TEST(nonsense)
{
	static const struct {
		uint32_t words[7];
		size_t n;
	} requests[] = {
		{{POOL_RESIZE, PAGE - 1}, 2},
		{{POOL_RESIZE, 0}, 2},
		{{POOL_RESIZE, UINT32_MAX}, 2},
		{{POOL_RESIZE, 1u << 31}, 2},
		{{POOL_CREATE_BUFFER, 7, UINT32_MAX, 16, 16, 64, 0}, 7},
		{{POOL_CREATE_BUFFER, 7, 0, 0, 16, 64, 0}, 7},
		{{POOL_CREATE_BUFFER, 7, 0, 16, UINT32_MAX, 64, 0}, 7},
		{{POOL_CREATE_BUFFER, 7, 0, 16, 16, 8, 0}, 7},
		{{POOL_CREATE_BUFFER, 7, PAGE - 64, 16, 16, 64, 0}, 7},
		{{POOL_CREATE_BUFFER, 7, 0, INT32_MAX, INT32_MAX, INT32_MAX, 0}, 7},
		{{POOL_CREATE_BUFFER, 7, 0, 16, 16, 64, 0x7fffffff}, 7},
	};

	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		struct fixture f;

		setup(&f);
		peer_make_pool(&f.peer, POOL, f.memory, PAGE);
		dispatch(&f);
		peer_send_words(&f.peer, POOL, requests[i].words, requests[i].n);
		dispatch(&f);
		check(f.peer.error >= 0);
		check_str(world_take_log(&f.world), "pool+6 pool- client-");
		teardown(&f);
	}
}

TEST(sizes_of_nothing)
{
	static const int32_t sizes[] = {0, -1, -PAGE, INT32_MIN};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct fixture f;

		setup(&f);
		peer_make_pool(&f.peer, POOL, f.memory, sizes[i]);
		dispatch(&f);
		check(f.peer.error >= 0);
		check_str(world_take_log(&f.world), "client-");
		teardown(&f);
	}
}

TEST(ids_reused)
{
	struct fixture f;

	setup(&f);
	for (int i = 0; i < 3; i++) {
		peer_make_pool(&f.peer, POOL, f.memory, PAGE);
		peer_make_shm_buffer(&f.peer, POOL, 7);
		peer_request(&f.peer, POOL, POOL_DESTROY);
		/* The new pool has nothing to do with the buffers of the old. */
		peer_make_pool(&f.peer, POOL, f.memory, 2 * PAGE);
		peer_make_shm_buffer(&f.peer, POOL, 8);
		peer_request(&f.peer, 7, BUFFER_DESTROY);
		peer_request(&f.peer, 8, BUFFER_DESTROY);
		peer_make_shm_buffer(&f.peer, POOL, 7);
		peer_request(&f.peer, POOL, POOL_DESTROY);
		peer_request(&f.peer, 7, BUFFER_DESTROY);
		dispatch(&f);
		check_int(f.peer.error, -1);
		check_str(world_take_log(&f.world),
			"pool+6 shm+7 pool+6 shm+8 shm-7 pool- shm-8 shm+7 shm-7 pool-");
		check_counts(&f, 0, 0, 0);
	}
	teardown(&f);
}

/* What /dev/zero gives to one pool no other has; so it is with all that is no file. */
TEST(devices_are_not_shared)
{
	struct fixture f;
	int zero;

	setup(&f);
	zero = open("/dev/zero", O_RDWR | O_CLOEXEC);
	check(zero >= 0);
	for (uint32_t i = 0; i < 4; i++)
		peer_make_pool(&f.peer, POOL + i, zero, PAGE);
	dispatch(&f);
	check_counts(&f, 4, 0, 4 * PAGE);
	peer_request(&f.peer, POOL + 2, POOL_RESIZE, 2 * PAGE);
	dispatch(&f);
	check_counts(&f, 4, 0, 5 * PAGE);
	peer_request(&f.peer, POOL + 2, POOL_DESTROY);
	dispatch(&f);
	check_counts(&f, 3, 0, 3 * PAGE);
	teardown(&f);
	close(zero);
}

/* Each client has its own count, also of what they share. */
TEST(clients_share_memory)
{
	struct fixture f;
	struct peer other;

	setup(&f);
	peer_init(&other, &f.world, 3);
	peer_make_pool(&f.peer, POOL, f.memory, PAGE);
	peer_make_pool(&other, POOL, f.memory, 2 * PAGE);
	dispatch(&f);
	check_int(get_client(&f)->shm_bytes, PAGE);
	check_int(wltex_track_get_client(f.world.track, other.client)->shm_bytes, 2 * PAGE);
	peer_finish(&other);
	check_counts(&f, 1, 0, PAGE);
	teardown(&f);
}

#define N_FILES 3
#define N_POOLS 200

/* A simple count of the same. */
static uint64_t count_bytes(const int *files, const int32_t *sizes)
{
	uint64_t total = 0;

	for (int file = 0; file < N_FILES; file++) {
		int32_t largest = 0;

		for (int i = 0; i < N_POOLS; i++) {
			if (files[i] == file && sizes[i] > largest)
				largest = sizes[i];
		}
		total += (uint64_t)largest;
	}
	return total;
}

TEST(random_pools)
{
	struct fixture f;
	int memory[N_FILES], files[N_POOLS];
	int32_t sizes[N_POOLS] = {0};

	srandom(3);
	setup(&f);
	for (int i = 0; i < N_FILES; i++)
		memory[i] = make_memory(PAGE);
	for (uint32_t i = 0; i < N_POOLS; i++)
		files[i] = N_FILES;
	for (uint32_t n = 0, round = 0; round < 20000; round++) {
		uint32_t i = (uint32_t)random() % (n < N_POOLS ? n + 1 : n);
		int32_t size = 1 + (int32_t)(random() % 50);

		n += i == n;
		if (sizes[i] == 0) {
			files[i] = (int)(random() % N_FILES);
			sizes[i] = size;
			peer_make_pool(&f.peer, POOL + i, memory[files[i]], size);
		} else if (random() % 2) {
			sizes[i] += size;
			peer_request(&f.peer, POOL + i, POOL_RESIZE, (uint32_t)sizes[i]);
		} else {
			sizes[i] = 0;
			peer_request(&f.peer, POOL + i, POOL_DESTROY);
		}
		dispatch(&f);
		check_int(get_client(&f)->shm_bytes, count_bytes(files, sizes));
		f.world.log[0] = '\0';
	}
	teardown(&f);
	for (int i = 0; i < N_FILES; i++)
		close(memory[i]);
}

/* Also that many take a moment only, and go again. */
TEST(many)
{
	struct fixture f;
	uint32_t next = POOL + 1;

	setup(&f);
	f.world.record = false;
	peer_make_pool(&f.peer, POOL, f.memory, PAGE);
	while (next <= 100000 + POOL) {
		peer_make_shm_buffer(&f.peer, POOL, next++);
		if (next % 100 == 0)
			dispatch(&f);
	}
	dispatch(&f);
	check_counts(&f, 1, 100000, PAGE);
	peer_request(&f.peer, POOL, POOL_DESTROY);
	dispatch(&f);
	check_counts(&f, 1, 100000, PAGE);
	for (uint32_t n = 0; n < 20000; n++) {
		peer_make_pool(&f.peer, n == 0 ? POOL : next++, f.memory, (int32_t)(1 + n));
		if (n % 10 == 0)
			dispatch(&f);
	}
	dispatch(&f);
	check_counts(&f, 20001, 100000, 20000);
	teardown(&f);
}

TEST(starts_late)
{
	struct fixture f;

	setup(&f);
	peer_make_pool(&f.peer, POOL, f.memory, PAGE);
	peer_make_shm_buffer(&f.peer, POOL, 7);
	dispatch(&f);
	world_take_log(&f.world);
	wltex_track_destroy(f.world.track);
	check_str(world_take_log(&f.world), "shm-7 pool- client-");
	world_track(&f.world);
	/* How large this pool is nobody knows. */
	peer_make_shm_buffer(&f.peer, POOL, 8);
	peer_request(&f.peer, POOL, POOL_RESIZE, 2 * PAGE);
	peer_request(&f.peer, 7, BUFFER_DESTROY);
	peer_request(&f.peer, POOL, POOL_DESTROY);
	dispatch(&f);
	check_str(world_take_log(&f.world), "client+");
	peer_make_pool(&f.peer, POOL, f.memory, PAGE);
	dispatch(&f);
	check_counts(&f, 1, 0, PAGE);
	teardown(&f);
}

TEST(client_goes)
{
	struct fixture f;

	setup(&f);
	peer_make_pool(&f.peer, POOL, f.memory, PAGE);
	peer_make_shm_buffer(&f.peer, POOL, 7);
	peer_request(&f.peer, POOL, POOL_DESTROY);
	peer_make_pool(&f.peer, 8, f.memory, PAGE);
	peer_make_pool(&f.peer, 9, f.memory, PAGE);
	peer_make_shm_buffer(&f.peer, 8, 10);
	peer_request(&f.peer, ID_COMPOSITOR, COMPOSITOR_CREATE_SURFACE, 11);
	peer_make_buffer(&f.peer, 12, 13, f.memory, 64, 64);
	dispatch(&f);
	check_int(f.peer.error, -1);
	world_take_log(&f.world);
	peer_finish(&f.peer);
	check_str(world_take_log(&f.world),
		"surface-b buffer-d fds-1 shm-7 pool- shm-a pool- pool- client-");
	close(f.memory);
	world_finish(&f.world);
}

/*
 * A wl_shm of the compositor's own, of which libwayland knows nothing: it makes what it is
 * asked for, or nothing, or something else.
 */
static enum own_answer {
	OWN_ACCEPT,
	OWN_SILENT,
	/* A pool for a buffer, and the other way round. */
	OWN_OTHER,
	/* What was asked for, with the next request only. */
	OWN_LATE,
	/* What was asked for, for another client. */
	OWN_ELSEWHERE,
	N_OWN_ANSWERS
} own_answer;
static struct wl_client *own_other;
static uint32_t own_late_id;

static void own_destroy(struct wl_client *client, struct wl_resource *resource)
{
	wl_resource_destroy(resource);
}

static void own_resize(struct wl_client *client, struct wl_resource *resource, int32_t size)
{
}

static void own_make(struct wl_client *client, uint32_t id, bool pool);

static void own_create_buffer(struct wl_client *client, struct wl_resource *resource, uint32_t id,
	int32_t offset, int32_t width, int32_t height, int32_t stride, uint32_t format)
{
	own_make(client, id, false);
}

static const struct wl_buffer_interface own_buffer = {.destroy = own_destroy};
static const struct wl_shm_pool_interface own_pool = {
	.create_buffer = own_create_buffer,
	.destroy = own_destroy,
	.resize = own_resize,
};

static void own_make_now(struct wl_client *client, uint32_t id, bool pool)
{
	struct wl_resource *resource = wl_resource_create(
		client, pool ? &wl_shm_pool_interface : &wl_buffer_interface, 1, id);

	check(resource != NULL);
	if (pool)
		wl_resource_set_implementation(resource, &own_pool, NULL, NULL);
	else
		wl_resource_set_implementation(resource, &own_buffer, NULL, NULL);
}

static void own_make(struct wl_client *client, uint32_t id, bool pool)
{
	if (own_late_id != 0)
		own_make_now(client, own_late_id, pool);
	own_late_id = own_answer == OWN_LATE ? id : 0;
	if (own_answer == OWN_ACCEPT)
		own_make_now(client, id, pool);
	else if (own_answer == OWN_OTHER)
		own_make_now(client, id, !pool);
	else if (own_answer == OWN_ELSEWHERE)
		own_make_now(own_other, id, pool);
}

static void own_create_pool(struct wl_client *client, struct wl_resource *resource, uint32_t id,
	int32_t fd, int32_t size)
{
	close(fd);
	own_make(client, id, true);
}

static const struct wl_shm_interface own_shm = {.create_pool = own_create_pool};

static void own_bind(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
	wl_resource_set_implementation(
		wl_resource_create(client, &wl_shm_interface, 1, id), &own_shm, NULL, NULL);
}

#define OWN_SHM ID_FREE

static void setup_own(struct fixture *f)
{
	setup(f);
	own_answer = OWN_ACCEPT;
	own_late_id = 0;
	wl_global_create(f->world.display, &wl_shm_interface, 1, NULL, own_bind);
	dispatch(f);
	peer_bind(&f->peer, "wl_shm", 1, OWN_SHM);
	dispatch(f);
}

static void own_request_pool(struct fixture *f, uint32_t id)
{
	peer_send(&f->peer, OWN_SHM, SHM_CREATE_POOL, (uint32_t[]){id, PAGE}, 2, f->memory);
}

TEST(own_shm)
{
	struct fixture f;
	struct wl_resource *resource;

	setup_own(&f);
	own_request_pool(&f, 7);
	peer_make_shm_buffer(&f.peer, 7, 8);
	peer_request(&f.peer, 7, POOL_RESIZE, 2 * PAGE);
	dispatch(&f);
	check_str(world_take_log(&f.world), "pool+7 shm+8 resized7");
	check_counts(&f, 1, 1, 2 * PAGE);
	resource = wl_client_get_object(f.peer.client, 8);
	check(wltex_track_get_shm_buffer(f.world.track, resource) == f.world.last_shm_buffer);
	peer_request(&f.peer, 7, POOL_DESTROY);
	peer_request(&f.peer, 8, BUFFER_DESTROY);
	dispatch(&f);
	check_str(world_take_log(&f.world), "shm-8 pool-");
	teardown(&f);
}

/* Whatever comes of a request, no mapping is left of it. */
TEST(own_shm_mapped)
{
	int maps = count_maps();

	for (int answer = OWN_ACCEPT; answer < OWN_ELSEWHERE; answer++) {
		int fd = make_memory(LARGE);
		struct fixture f;

		setup_own(&f);
		wltex_track_map_pools(f.world.track, true);
		own_answer = (enum own_answer)answer;
		for (uint32_t id = 7; id < 9; id++)
			peer_send(
				&f.peer, OWN_SHM, SHM_CREATE_POOL, (uint32_t[]){id, LARGE}, 2, fd);
		dispatch(&f);
		check_int(count_maps(), maps + (answer == OWN_ACCEPT ? 2 : 1));
		teardown(&f);
		close(fd);
		check_int(count_maps(), maps);
	}
}

/* Only what is made while a request is handled came of it. */
TEST(own_shm_that_makes_no_sense)
{
	for (int answer = OWN_SILENT; answer < N_OWN_ANSWERS; answer++) {
		for (int with_pool = 0; with_pool < 2; with_pool++) {
			struct fixture f;
			struct peer other;

			setup_own(&f);
			peer_init(&other, &f.world, 3);
			peer_request(&other, ID_COMPOSITOR, COMPOSITOR_CREATE_SURFACE, 6);
			own_other = other.client;
			if (with_pool) {
				own_request_pool(&f, 7);
				peer_request(&other, ID_COMPOSITOR, COMPOSITOR_CREATE_SURFACE, 7);
			}
			dispatch(&f);
			own_answer = (enum own_answer)answer;
			if (with_pool)
				peer_make_shm_buffer(&f.peer, 7, 8);
			else
				own_request_pool(&f, 7);
			dispatch(&f);
			own_answer = OWN_SILENT;
			if (with_pool)
				peer_make_shm_buffer(&f.peer, 7, 9);
			else
				own_request_pool(&f, 8);
			dispatch(&f);
			check_int(f.world.n_pools, with_pool);
			check_int(f.world.n_shm_buffers, 0);
			peer_finish(&other);
			teardown(&f);
		}
	}
}

/* Pools of no size have no bytes that could be counted, also where somebody makes them. */
TEST(own_shm_of_no_size)
{
	struct fixture f;

	setup_own(&f);
	peer_send(&f.peer, OWN_SHM, SHM_CREATE_POOL, (uint32_t[]){7, 0}, 2, f.memory);
	peer_send(&f.peer, OWN_SHM, SHM_CREATE_POOL, (uint32_t[]){8, UINT32_MAX}, 2, f.memory);
	peer_make_shm_buffer(&f.peer, 7, 9);
	peer_request(&f.peer, 8, POOL_RESIZE, PAGE);
	own_request_pool(&f, 10);
	dispatch(&f);
	check_int(f.peer.error, -1);
	check_counts(&f, 1, 0, PAGE);
	/* Nor become smaller. */
	peer_request(&f.peer, 10, POOL_RESIZE, PAGE / 2);
	peer_request(&f.peer, 10, POOL_RESIZE, UINT32_MAX);
	dispatch(&f);
	check_counts(&f, 1, 0, PAGE);
	teardown(&f);
}
