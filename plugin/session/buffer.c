/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "dmabuf/dmabuf.h"
#include "ledger/ledger.h"
#include "session/buffer.h"
#include "session/gpu.h"
#include "session/client.h"
#include "session/record.h"
#include "util/log.h"

static void emit(enum wltex_record_kind kind, const struct session_buffer *buffer)
{
	struct wltex_record record = {.kind = kind};

	record_emit_of_buffer(buffer, NULL, &record);
}

static void refer_to_memory(struct session_buffer *buffer)
{
	const struct wltex_dmabuf *dmabuf = buffer->track->dmabuf;

	for (int i = 0; dmabuf != NULL && i < dmabuf->attributes.n_planes; i++) {
		if (wltex_dmabuf_first_plane(dmabuf, i) != i)
			continue;
		buffer->memory[i] = memory_ref(&buffer->client->memory, dmabuf, i);
		if (buffer->memory[i] == NULL)
			wltex_error(&buffer->client->session->logger,
				"out of memory: bytes of a buffer are not counted");
	}
}

/* NULL out of memory, and where the client is not followed. */
static struct session_buffer *create(
	struct wltex_session *session, const struct wltex_track_client *track)
{
	struct session_client *client = track->user_data;
	struct session_buffer *buffer;

	if (client == NULL)
		return NULL;
	buffer = calloc(1, sizeof(*buffer));
	if (buffer == NULL) {
		wltex_error(&session->logger, "out of memory: a buffer is not listed");
		return NULL;
	}
	buffer->client = client;
	buffer->created_ns = wltex_now_ns();
	buffer->number = ++session->last_number;
	wl_list_init(&buffer->surfaces);
	wl_list_insert(client->buffers.prev, &buffer->link);
	return buffer;
}

/* What a client has too much of now, of all kinds of buffers together. */
static bool is_over_limit(struct session_client *client)
{
	const struct wltex_track_client *track = client->track;
	bool buffers = limit_check(
		client, LIMIT_BUFFERS, (uint64_t)track->n_buffers + track->n_shm_buffers);

	return limit_check(client, LIMIT_BYTES, session_client_get_bytes(client)) || buffers;
}

void session_buffer_created(void *data, struct wltex_track_buffer *track)
{
	struct wltex_session *session = data;
	struct session_buffer *buffer;

	if (track->dmabuf == NULL)
		wltex_warning(&session->logger, "pid %d: a dmabuf that is not imported: %s",
			(int)track->client->pid, wltex_dmabuf_error_message(track->error));
	buffer = create(session, track->client);
	if (buffer == NULL)
		return;
	buffer->track = track;
	buffer->client->buffers_made++;
	refer_to_memory(buffer);
	track->user_data = buffer;
	emit(WLTEX_RECORD_BUFFER_CREATED, buffer);
	buffer->over_limit = is_over_limit(buffer->client);
}

/* It is listed once it is committed: there can be very many that only have a name. */
void session_shm_buffer_created(void *data, struct wltex_track_shm_buffer *track)
{
	struct wltex_session *session = data;
	struct session_client *client = track->client->user_data;

	wltex_ledger_shm_buffers(session->ledger, client != NULL ? client->owner : NULL, 1);
	if (client == NULL)
		return;
	client->buffers_made++;
	is_over_limit(client);
}

static struct session_buffer *get_shm_buffer(
	struct wltex_session *session, struct wltex_track_shm_buffer *track)
{
	struct session_buffer *buffer = track->user_data;

	if (buffer != NULL)
		return buffer;
	buffer = create(session, track->client);
	if (buffer == NULL)
		return NULL;
	buffer->shm = track;
	track->user_data = buffer;
	emit(WLTEX_RECORD_BUFFER_CREATED, buffer);
	return buffer;
}

struct session_buffer *session_buffer_find(
	struct wltex_session *session, struct wl_resource *resource)
{
	struct wltex_track_buffer *dmabuf = wltex_track_get_buffer(session->track, resource);
	struct wltex_track_shm_buffer *shm = wltex_track_get_shm_buffer(session->track, resource);

	if (dmabuf != NULL)
		return dmabuf->user_data;
	return shm != NULL ? get_shm_buffer(session, shm) : NULL;
}

/* Since when another is shown in its place; 0: none is. */
static void set_replaced(struct session_buffer *buffer, uint64_t now_ns)
{
	if (buffer->replaced_ns != 0)
		wl_list_remove(&buffer->replaced_link);
	buffer->replaced_ns = now_ns;
	if (now_ns != 0)
		wl_list_insert(buffer->client->replaced.prev, &buffer->replaced_link);
}

static void note_release(struct session_buffer *buffer)
{
	struct session_client *client = buffer->client;
	/* What was never drawn is released while the next one is attached. */
	uint64_t latency = buffer->replaced_ns != 0 ? wltex_now_ns() - buffer->replaced_ns : 0;
	struct wltex_record record = {
		.kind = WLTEX_RECORD_BUFFER_RELEASED,
		.unreleased_ns = latency,
	};

	client->releases++;
	client->latency_sum_ns += latency;
	if (latency > client->latency_max_ns)
		client->latency_max_ns = latency;
	set_replaced(buffer, 0);
	buffer->held = false;
	record_emit_of_buffer(buffer, NULL, &record);
}

void session_buffer_released(void *data, struct wltex_track_buffer *track)
{
	struct session_buffer *buffer = track->user_data;

	if (buffer != NULL && buffer->held)
		note_release(buffer);
	if (track->dmabuf != NULL)
		wltex_dmabuf_release(track->dmabuf, WLTEX_REASON_RELEASED);
}

void session_shm_buffer_released(void *data, struct wltex_track_shm_buffer *track)
{
	struct session_buffer *buffer = track->user_data;

	if (buffer != NULL && buffer->held)
		note_release(buffer);
}

static void tell_host(const struct wltex_surface *surface)
{
	const struct wltex_session *session = surface->session;

	if (surface->data != NULL && session->host.buffer_destroyed != NULL)
		session->host.buffer_destroyed(session->host_data, surface->data);
}

static void tell_detached(const struct wltex_surface *surface)
{
	struct wltex_record record = {.kind = WLTEX_RECORD_DETACHED};

	record_emit_of_surface(surface, &record);
}

static void destroy(struct session_buffer *buffer)
{
	struct wltex_surface *surface;

	wl_list_for_each (surface, &buffer->surfaces, buffer_link) {
		surface->buffer = NULL;
		session_gpu_drop(surface);
		tell_detached(surface);
		tell_host(surface);
	}
	set_replaced(buffer, 0);
	emit(WLTEX_RECORD_BUFFER_DESTROYED, buffer);
	for (int i = 0; i < WLTEX_MAX_PLANES; i++)
		memory_unref(&buffer->client->memory, buffer->memory[i]);
	wl_list_remove(&buffer->link);
	free(buffer);
}

void session_buffer_destroyed(void *data, struct wltex_track_buffer *track)
{
	if (track->user_data != NULL)
		destroy(track->user_data);
}

void session_shm_buffer_destroyed(void *data, struct wltex_track_shm_buffer *track)
{
	struct wltex_session *session = data;
	struct session_client *client = track->client->user_data;

	wltex_ledger_shm_buffers(session->ledger, client != NULL ? client->owner : NULL, -1);
	if (track->user_data != NULL)
		destroy(track->user_data);
}

/* Of any kind, wl_shm's too. */
static void set_has_content(struct wltex_surface *surface, bool has_content)
{
	surface->client->surfaces_with_content += has_content;
	surface->client->surfaces_with_content -= surface->has_content;
	surface->has_content = has_content;
}

static void replace_buffer(struct wltex_surface *surface, struct session_buffer *buffer)
{
	if (surface->buffer != NULL) {
		wl_list_remove(&surface->buffer_link);
		if (surface->buffer != buffer && surface->buffer->held)
			set_replaced(surface->buffer, wltex_now_ns());
	}
	surface->buffer = buffer;
	if (buffer != NULL)
		wl_list_insert(&buffer->surfaces, &surface->buffer_link);
}

static void show(struct session_buffer *buffer)
{
	struct session_client *client = buffer->client;

	if (buffer->track != NULL)
		client->fresh_commits = buffer->commits == 0 ? client->fresh_commits + 1 : 0;
	buffer->commits++;
	set_replaced(buffer, 0);
	buffer->held = true;
}

static void note_unmapped(struct session_client *client)
{
	if (client->unmapped_since_ns == 0 && client->surfaces_with_content == 0)
		client->unmapped_since_ns = wltex_now_ns();
}

void session_surface_set_buffer(
	struct wltex_surface *surface, struct session_buffer *buffer, bool has_content)
{
	struct wltex_record attached = {.kind = WLTEX_RECORD_ATTACHED};
	bool shown = surface->buffer != NULL;

	set_has_content(surface, has_content);
	session_gpu_drop(surface);
	replace_buffer(surface, buffer);
	if (buffer != NULL) {
		show(buffer);
		buffer->surface_id = wl_resource_get_id(surface->track->resource);
		record_emit_of_buffer(buffer, surface, &attached);
		surface->client->unmapped_since_ns = 0;
	} else {
		note_unmapped(surface->client);
		if (shown)
			tell_detached(surface);
	}
}
