/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "track/private.h"

static void handle_destroy(struct wl_listener *listener, void *data)
{
	struct buffer *buffer = wl_container_of(listener, buffer, destroy);

	buffer_destroy(buffer);
}

struct buffer *buffer_create(struct client *client, struct wl_resource *resource,
	struct wltex_dmabuf *dmabuf, enum wltex_dmabuf_error error)
{
	struct buffer *buffer = calloc(1, sizeof(*buffer));

	if (buffer == NULL) {
		wltex_error(client->track->logger, "out of memory: a wl_buffer is not tracked");
		client_drop_dmabuf(client, &dmabuf);
		return NULL;
	}
	buffer->base.resource = resource;
	buffer->base.client = &client->base;
	buffer->base.dmabuf = dmabuf;
	buffer->base.error = error;
	wl_list_insert(client->buffers.prev, &buffer->link);
	client->base.n_buffers++;
	buffer->destroy.notify = handle_destroy;
	wl_resource_add_destroy_listener(resource, &buffer->destroy);
	track_emit(client->track, buffer_created, &buffer->base);
	return buffer;
}

void buffer_destroy(struct buffer *buffer)
{
	struct client *client = client_from_base(buffer->base.client);

	wl_list_remove(&buffer->destroy.link);
	wl_list_remove(&buffer->link);
	if (buffer->params != NULL)
		buffer->params->buffer = NULL;
	client->base.n_buffers--;
	track_emit(client->track, buffer_destroyed, &buffer->base);
	client_drop_dmabuf(client, &buffer->base.dmabuf);
	free(buffer);
}

struct buffer *buffer_from_resource(struct wl_resource *resource)
{
	struct wl_listener *listener = wl_resource_get_destroy_listener(resource, handle_destroy);
	struct buffer *buffer;

	return listener != NULL ? wl_container_of(listener, buffer, destroy) : NULL;
}

struct wltex_track_buffer *wltex_track_get_buffer(
	struct wltex_track *track, struct wl_resource *wl_buffer)
{
	struct buffer *buffer = wl_buffer != NULL ? buffer_from_resource(wl_buffer) : NULL;

	if (buffer == NULL || client_from_base(buffer->base.client)->track != track)
		return NULL;
	return &buffer->base;
}
