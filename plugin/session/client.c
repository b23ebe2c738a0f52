/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "ledger/ledger.h"
#include "session/buffer.h"
#include "session/client.h"
#include "session/record.h"
#include "session/state.h"
#include "session/surface.h"
#include "util/log.h"

static void emit(enum wltex_record_kind kind, const struct session_client *client)
{
	struct wltex_record record = {.kind = kind};

	record_emit(client, &record);
}

static void client_created(void *data, struct wltex_track_client *track)
{
	struct wltex_session *session = data;
	struct session_client *client = calloc(1, sizeof(*client));

	if (client == NULL) {
		wltex_error(
			&session->logger, "out of memory: pid %d is not followed", (int)track->pid);
		return;
	}
	client->session = session;
	client->track = track;
	client->owner = wltex_owner_create(session->ledger, track->pid, track->name);
	client->id = ++session->last_client_id;
	client->created_ns = wltex_now_ns();
	wl_list_init(&client->buffers);
	wl_list_init(&client->surfaces);
	wl_list_init(&client->replaced);
	wl_list_insert(session->clients.prev, &client->link);
	track->user_data = client;
	emit(WLTEX_RECORD_CLIENT_CREATED, client);
}

static void client_named(void *data, struct wltex_track_client *track)
{
	struct session_client *client = track->user_data;

	if (client == NULL)
		return;
	wltex_owner_rename(client->owner, track->pid, track->name);
	emit(WLTEX_RECORD_CLIENT_NAMED, client);
}

static void client_destroyed(void *data, struct wltex_track_client *track)
{
	struct session_client *client = track->user_data;

	if (client == NULL)
		return;
	emit(WLTEX_RECORD_CLIENT_DESTROYED, client);
	wltex_owner_destroy(client->owner);
	state_client_goes(client);
	wl_list_remove(&client->link);
	free(client);
}

static void surface_commit(void *data, struct wltex_track_surface *track)
{
	const struct wltex_session *session = data;
	const struct wltex_surface *surface = track->user_data;

	wltex_server_commit(track->resource, track->commits, track->attaching);
	if ((surface == NULL || surface->data == NULL) && session->host.first_commit != NULL)
		session->host.first_commit(session->host_data, track->resource);
}

static void surface_destroyed(void *data, struct wltex_track_surface *track)
{
	if (track->user_data != NULL)
		session_surface_destroy(track->user_data);
}

static void subsurface_placed(void *data, struct wl_resource *subsurface)
{
	struct wltex_session *session = data;

	if (session->host.subsurface_placed != NULL)
		session->host.subsurface_placed(session->host_data, subsurface);
}

static void fds_changed(void *data, struct wltex_track_client *track, int delta)
{
	struct wltex_session *session = data;
	struct session_client *client = track->user_data;

	wltex_ledger_fds(session->ledger, client != NULL ? client->owner : NULL, delta);
	if (client != NULL && delta > 0)
		limit_check(client, LIMIT_FDS, (uint64_t)track->fds);
}

/* Where fds are refused, there are never too many: this is the one that would be. */
static void fd_limit_reached(void *data, struct wltex_track_client *track)
{
	struct session_client *client = track->user_data;

	if (client != NULL)
		limit_check(client, LIMIT_FDS, (uint64_t)track->fds + 1);
}

static void params_created(void *data, struct wltex_track_client *track)
{
	struct session_client *client = track->user_data;

	if (client != NULL)
		limit_check(client, LIMIT_PARAMS, track->n_params);
}

uint64_t session_client_get_bytes(const struct session_client *client)
{
	return client->memory.bytes + client->track->shm_bytes;
}

static void count_pools(
	struct wltex_session *session, const struct wltex_track_client *track, int delta)
{
	const struct session_client *client = track->user_data;

	wltex_ledger_shm_pools(session->ledger, client != NULL ? client->owner : NULL, delta);
}

static void pool_created(void *data, struct wltex_track_pool *pool)
{
	count_pools(data, pool->client, 1);
}

static void pool_destroyed(void *data, struct wltex_track_pool *pool)
{
	count_pools(data, pool->client, -1);
}

static void shm_bytes_changed(void *data, struct wltex_track_client *track, int64_t delta)
{
	struct wltex_session *session = data;
	struct session_client *client = track->user_data;

	wltex_ledger_shm_bytes(session->ledger, client != NULL ? client->owner : NULL, delta);
	if (client != NULL && delta > 0)
		limit_check(client, LIMIT_BYTES, session_client_get_bytes(client));
}

const struct wltex_track_interface session_track_interface = {
	.client_created = client_created,
	.client_named = client_named,
	.client_destroyed = client_destroyed,
	.params_created = params_created,
	.buffer_created = session_buffer_created,
	.buffer_released = session_buffer_released,
	.buffer_destroyed = session_buffer_destroyed,
	.pool_created = pool_created,
	.pool_destroyed = pool_destroyed,
	.shm_buffer_created = session_shm_buffer_created,
	.shm_buffer_released = session_shm_buffer_released,
	.shm_buffer_destroyed = session_shm_buffer_destroyed,
	.shm_bytes_changed = shm_bytes_changed,
	.surface_commit = surface_commit,
	.surface_destroyed = surface_destroyed,
	.subsurface_placed = subsurface_placed,
	.fds_changed = fds_changed,
	.fd_limit_reached = fd_limit_reached,
};
