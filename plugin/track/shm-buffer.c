/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "track/private.h"

static void handle_destroy(struct wl_listener *listener, void *data)
{
	struct shm_buffer *buffer = wl_container_of(listener, buffer, destroy);
	struct pool *pool = wl_container_of(buffer->base.pool, pool, base);

	shm_buffer_destroy(buffer);
	pool_settle(pool);
}

void shm_buffer_create(const struct expected *expected, struct wl_resource *resource)
{
	struct client *client = expected->client;
	struct pool *pool = expected->pool_of_buffer;
	struct shm_buffer *buffer = calloc(1, sizeof(*buffer));

	if (buffer == NULL) {
		wltex_error(client->track->logger,
			"out of memory: a wl_buffer of wl_shm is not tracked");
		return;
	}
	buffer->base = expected->shm_buffer;
	buffer->base.resource = resource;
	buffer->base.client = &client->base;
	buffer->base.pool = &pool->base;
	wl_list_insert(pool->buffers.prev, &buffer->link);
	pool->base.n_buffers++;
	client->base.n_shm_buffers++;
	buffer->destroy.notify = handle_destroy;
	wl_resource_add_destroy_listener(resource, &buffer->destroy);
	track_emit(client->track, shm_buffer_created, &buffer->base);
}

void shm_buffer_destroy(struct shm_buffer *buffer)
{
	struct client *client = client_from_base(buffer->base.client);

	wl_list_remove(&buffer->destroy.link);
	wl_list_remove(&buffer->link);
	buffer->base.pool->n_buffers--;
	client->base.n_shm_buffers--;
	track_emit(client->track, shm_buffer_destroyed, &buffer->base);
	free(buffer);
}

struct wltex_track_shm_buffer *wltex_track_get_shm_buffer(
	struct wltex_track *track, struct wl_resource *wl_buffer)
{
	struct wl_listener *listener = NULL;
	struct shm_buffer *buffer;

	if (wl_buffer != NULL)
		listener = wl_resource_get_destroy_listener(wl_buffer, handle_destroy);
	if (listener == NULL)
		return NULL;
	buffer = wl_container_of(listener, buffer, destroy);
	return client_from_base(buffer->base.client)->track == track ? &buffer->base : NULL;
}
