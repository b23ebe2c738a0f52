/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "track/private.h"

static void state_init(struct surface_state *state)
{
	state->attached = false;
	state->buffer = NULL;
	pixman_region32_init(&state->damage_surface);
	pixman_region32_init(&state->damage_buffer);
}

static void state_finish(struct surface_state *state)
{
	pixman_region32_fini(&state->damage_surface);
	pixman_region32_fini(&state->damage_buffer);
}

static void region_set_box(pixman_region32_t *region, pixman_box32_t box)
{
	pixman_region32_fini(region);
	pixman_region32_init_with_extents(region, &box);
}

/* Keep the region small, and whole: a client must neither slow us down nor lose damage. */
static void region_settle(pixman_region32_t *region, bool complete)
{
	if (!complete)
		region_set_box(region, (pixman_box32_t){0, 0, INT32_MAX, INT32_MAX});
	else if (pixman_region32_n_rects(region) > WLTEX_TRACK_MAX_RECTS)
		region_set_box(region, *pixman_region32_extents(region));
}

/* The part of start..start+length that lies in 0..INT32_MAX. */
static bool clip(int32_t start, int32_t length, int32_t *from, int32_t *to)
{
	int64_t end = (int64_t)start + length;

	*from = start > 0 ? start : 0;
	*to = end < INT32_MAX ? (int32_t)(end > 0 ? end : 0) : INT32_MAX;
	return *from < *to;
}

static void region_add(pixman_region32_t *region, const union wl_argument *args)
{
	pixman_box32_t box;

	if (!clip(args[0].i, args[2].i, &box.x1, &box.x2) ||
		!clip(args[1].i, args[3].i, &box.y1, &box.y2))
		return;
	region_settle(
		region, pixman_region32_union_rect(region, region, box.x1, box.y1,
				(unsigned int)(box.x2 - box.x1), (unsigned int)(box.y2 - box.y1)));
}

static void region_merge(pixman_region32_t *region, pixman_region32_t *from)
{
	region_settle(region, pixman_region32_union(region, region, from));
	pixman_region32_clear(from);
}

static void attach(struct surface *surface, const union wl_argument *args)
{
	surface->pending.attached = true;
	/* To libwayland a resource is an object first of all. */
	surface->pending.buffer = (const struct wl_resource *)args[0].o;
}

static void commit(struct surface *surface)
{
	struct wltex_track *track = client_from_base(surface->base.client)->track;
	struct surface_state *committed = &surface->committed, *pending = &surface->pending;

	surface->base.attaching = pending->attached;
	if (pending->attached) {
		committed->attached = true;
		committed->buffer = pending->buffer;
	}
	pending->attached = false;
	region_merge(&committed->damage_surface, &pending->damage_surface);
	region_merge(&committed->damage_buffer, &pending->damage_buffer);
	surface->committed_serial = ++surface->base.commits;
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

void surface_create(struct client *client, struct wl_resource *resource)
{
	struct surface *surface = calloc(1, sizeof(*surface));

	if (surface == NULL) {
		wltex_error(client->track->logger, "out of memory: a wl_surface is not tracked");
		return;
	}
	surface->base.resource = resource;
	surface->base.client = &client->base;
	state_init(&surface->pending);
	state_init(&surface->committed);
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
	state_finish(&surface->committed);
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

bool wltex_track_surface_take_commit(
	struct wltex_track_surface *base, struct wltex_track_commit *commit)
{
	struct surface *surface = wl_container_of(base, surface, base);
	struct surface_state *committed = &surface->committed;
	bool anything = surface->committed_serial != surface->taken_serial;

	*commit = (struct wltex_track_commit){
		.attached = committed->attached,
		.buffer = committed->buffer,
		.serial = surface->committed_serial,
		.damage_surface = committed->damage_surface,
		.damage_buffer = committed->damage_buffer,
	};
	state_init(committed);
	surface->taken_serial = surface->committed_serial;
	return anything;
}

void wltex_track_commit_finish(struct wltex_track_commit *commit)
{
	pixman_region32_fini(&commit->damage_surface);
	pixman_region32_fini(&commit->damage_buffer);
}
