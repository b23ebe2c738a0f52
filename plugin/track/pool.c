/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "dmabuf/object.h"
#include "track/private.h"
#include "util/fd.h"

/* The kernel can say at any time which pages of it are in memory. */
static bool is_memory(int fd)
{
	struct wltex_object object;

	return wltex_object_inspect(fd, &object) == 0 && object.kind == WLTEX_OBJECT_MEMORY &&
	       wltex_fd_tells_residency(fd);
}

void client_add_foreign_pool(struct client *client)
{
	if (!client->base.has_foreign_pool)
		wltex_debug(client->track->logger, "client %d: a wl_shm pool that is not memory",
			(int)client->base.pid);
	client->base.has_foreign_pool = true;
}

/*
 * What the kernel knows by itself: a file system in user space could keep us waiting. Only
 * what is mapped of one file is the same memory: of a device, each mapping may be another.
 */
static void identify(struct expected *expected, int fd)
{
	struct statx stat;

	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE | STATX_INO, &stat) == 0) {
		expected->pool.dev = makedev(stat.stx_dev_major, stat.stx_dev_minor);
		expected->pool.ino = (ino_t)stat.stx_ino;
		expected->pool_is_file = S_ISREG(stat.stx_mode);
	}
}

void pool_handle_create(struct wltex_track *track, const struct wl_protocol_logger_message *message)
{
	const union wl_argument *args = message->arguments;
	struct wltex_track_client *client =
		wltex_track_get_client(track, wl_resource_get_client(message->resource));

	if (client == NULL)
		return;
	if (!client->has_foreign_pool && !is_memory(args[1].h))
		client_add_foreign_pool(client_from_base(client));
	/* The compositor will not take it. */
	if (args[2].i <= 0)
		return;
	track->expected = (struct expected){
		.kind = EXPECT_POOL,
		.client = client_from_base(client),
		.id = args[0].n,
		.pool = {.client = client, .size = (uint32_t)args[2].i},
	};
	identify(&track->expected, args[1].h);
	pool_map_create(&track->expected.pool, args[1].h);
}

/* The client's bytes were others before. */
static void tell_bytes(struct client *client, uint64_t before)
{
	int64_t delta = (int64_t)(client->base.shm_bytes - before);

	if (delta != 0)
		track_emit(client->track, shm_bytes_changed, &client->base, delta);
}

/* Nobody can refer to its memory any more. */
static void pool_destroy(struct pool *pool)
{
	struct client *client = client_from_base(pool->base.client);
	uint64_t bytes = client->base.shm_bytes;

	if (client->track->expected.pool_of_buffer == pool)
		expected_drop(&client->track->expected);
	shm_bytes_remove(client, pool);
	wl_list_remove(&pool->link);
	client->base.n_pools--;
	track_emit(client->track, pool_destroyed, &pool->base);
	tell_bytes(client, bytes);
	pool_map_destroy(&pool->base);
	free(pool);
}

static void lose_resource(struct pool *pool)
{
	wl_list_remove(&pool->destroy.link);
	wl_list_init(&pool->destroy.link);
	pool->base.resource = NULL;
}

void pool_settle(struct pool *pool)
{
	if (pool->base.resource == NULL && pool->base.n_buffers == 0)
		pool_destroy(pool);
}

void pool_end(struct pool *pool)
{
	struct shm_buffer *buffer, *next;

	lose_resource(pool);
	wl_list_for_each_safe (buffer, next, &pool->buffers, link)
		shm_buffer_destroy(buffer);
	pool_destroy(pool);
}

static void handle_destroy(struct wl_listener *listener, void *data)
{
	struct pool *pool = wl_container_of(listener, pool, destroy);

	lose_resource(pool);
	pool_settle(pool);
}

void pool_create(struct expected *expected, struct wl_resource *resource)
{
	struct client *client = expected->client;
	uint64_t bytes = client->base.shm_bytes;
	struct pool *pool = calloc(1, sizeof(*pool));

	if (pool == NULL) {
		wltex_error(client->track->logger, "out of memory: a wl_shm_pool is not tracked");
		pool_map_destroy(&expected->pool);
		return;
	}
	pool->base = expected->pool;
	pool->base.resource = resource;
	pool->alone = expected->pool_is_file ? 0 : ++client->track->n_alone;
	wl_list_init(&pool->buffers);
	wl_list_insert(client->pools.prev, &pool->link);
	client->base.n_pools++;
	shm_bytes_add(client, pool);
	tell_bytes(client, bytes);
	pool->destroy.notify = handle_destroy;
	wl_resource_add_destroy_listener(resource, &pool->destroy);
	track_emit(client->track, pool_created, &pool->base);
}

/* One that would shrink is refused, and its client with it. */
static void resize(struct pool *pool, int32_t size)
{
	struct client *client = client_from_base(pool->base.client);
	uint64_t bytes = client->base.shm_bytes;

	if (size <= 0 || (uint32_t)size <= pool->base.size)
		return;
	shm_bytes_remove(client, pool);
	pool_map_resize(&pool->base, (uint32_t)size);
	pool->base.size = (uint32_t)size;
	shm_bytes_add(client, pool);
	tell_bytes(client, bytes);
	track_emit(client->track, pool_resized, &pool->base);
}

static void expect_buffer(struct pool *pool, const union wl_argument *args)
{
	struct client *client = client_from_base(pool->base.client);

	client->track->expected = (struct expected){
		.kind = EXPECT_SHM_BUFFER,
		.client = client,
		.id = args[0].n,
		.pool_of_buffer = pool,
		.shm_buffer =
			{
				.offset = args[1].i,
				.width = args[2].i,
				.height = args[3].i,
				.stride = args[4].i,
				.format = args[5].u,
			},
	};
}

void pool_handle_message(enum message_kind kind, const struct wl_protocol_logger_message *message)
{
	struct wl_listener *listener =
		wl_resource_get_destroy_listener(message->resource, handle_destroy);
	struct pool *pool;

	if (listener == NULL)
		return;
	pool = wl_container_of(listener, pool, destroy);
	if (kind == MESSAGE_POOL_RESIZE)
		resize(pool, message->arguments[0].i);
	else
		expect_buffer(pool, message->arguments);
}
