/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "track/private.h"

static void attach(struct surface *surface, const union wl_argument *args)
{
	surface->pending.attached = true;
	/* To libwayland a resource is an object first of all. */
	surface->pending.buffer = (const struct wl_resource *)args[0].o;
}

static void commit(struct surface *surface)
{
	struct wltex_track *track = client_from_base(surface->base.client)->track;

	surface->base.attaching = surface->pending.attached;
	surface->base.commits++;
	queue_add(surface);
	track_emit(track, surface_commit, &surface->base);
}

static void handle_destroy(struct wl_listener *listener, void *data)
{
	struct surface *surface = wl_container_of(listener, surface, destroy);

	surface_destroy(surface);
}

static struct surface *surface_from_resource(struct wl_resource *resource)
{
	struct wl_listener *listener = wl_resource_get_destroy_listener(resource, handle_destroy);
	struct surface *surface;

	return listener != NULL ? wl_container_of(listener, surface, destroy) : NULL;
}

void surface_handle_message(struct wltex_track *track, enum message_kind kind,
	const struct wl_protocol_logger_message *message)
{
	struct surface *surface = surface_from_resource(message->resource);

	if (surface == NULL)
		return;
	if (kind == MESSAGE_SURFACE_ATTACH)
		attach(surface, message->arguments);
	else if (kind == MESSAGE_SURFACE_DAMAGE)
		region_add(&surface->pending.damage_surface, message->arguments);
	else if (kind == MESSAGE_SURFACE_DAMAGE_BUFFER)
		region_add(&surface->pending.damage_buffer, message->arguments);
	else if (kind == MESSAGE_SURFACE_COMMIT)
		commit(surface);
}

void surface_handle_role(struct wltex_track *track, const union wl_argument *args)
{
	/* To libwayland a resource is an object first of all. */
	struct wltex_track_surface *base =
		wltex_track_get_surface(track, (struct wl_resource *)args[1].o);
	struct surface *surface;

	if (base == NULL)
		return;
	surface = wl_container_of(base, surface, base);
	surface->may_merge = true;
}

void surface_create(struct client *client, struct wl_resource *resource, bool found)
{
	struct surface *surface = calloc(1, sizeof(*surface));

	if (surface == NULL) {
		wltex_error(client->track->logger, "out of memory: a wl_surface is not tracked");
		return;
	}
	surface->base.resource = resource;
	surface->base.client = &client->base;
	surface->may_merge = found;
	state_init(&surface->pending);
	wl_list_init(&surface->commits);
	wl_list_insert(client->surfaces.prev, &surface->link);
	client->base.n_surfaces++;
	surface->destroy.notify = handle_destroy;
	wl_resource_add_destroy_listener(resource, &surface->destroy);
	track_emit(client->track, surface_created, &surface->base);
}

void surface_destroy(struct surface *surface)
{
	struct client *client = client_from_base(surface->base.client);

	wl_list_remove(&surface->destroy.link);
	wl_list_remove(&surface->link);
	client->base.n_surfaces--;
	track_emit(client->track, surface_destroyed, &surface->base);
	state_finish(&surface->pending);
	queue_finish(surface);
	free(surface);
}

struct wltex_track_surface *wltex_track_get_surface(
	struct wltex_track *track, struct wl_resource *wl_surface)
{
	struct surface *surface = wl_surface != NULL ? surface_from_resource(wl_surface) : NULL;

	if (surface == NULL || client_from_base(surface->base.client)->track != track)
		return NULL;
	return &surface->base;
}
