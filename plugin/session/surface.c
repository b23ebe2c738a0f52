/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "ledger/ledger.h"
#include "session/buffer.h"
#include "session/gpu.h"
#include "session/limit.h"
#include "session/look.h"
#include "session/record.h"
#include "session/surface.h"
#include "util/export.h"
#include "util/log.h"

typedef void (*tell_host_t)(void *data, void *surface_data, const struct wltex_texture_info *info);

static void tell_host(struct wltex_surface *surface, tell_host_t tell)
{
	struct wltex_texture_info info;

	if (tell != NULL && surface->data != NULL && wltex_texture_peek(surface->texture, &info))
		tell(surface->session->host_data, surface->data, &info);
}

static void handle_destroying(void *data, struct wltex_texture *texture)
{
	struct wltex_surface *surface = data;

	tell_host(surface, surface->session->host.texture_destroying);
}

void session_surface_tell(struct wltex_surface *surface, const struct wltex_event *event)
{
	struct wltex_record record = {
		.kind = WLTEX_RECORD_TEXTURE,
		.event = event,
		.message = event->message,
	};

	if (event->state != WLTEX_STATE_DESTROYED)
		surface->why_not = event->message;
	record_emit_of_surface(surface, &record);
}

static void handle_event(void *data, struct wltex_texture *texture, const struct wltex_event *event)
{
	struct wltex_surface *surface = data;

	session_surface_tell(surface, event);
	if (event->state == WLTEX_STATE_IMPORTED || event->state == WLTEX_STATE_REIMPORTED)
		tell_host(surface, surface->session->host.texture_created);
}

static const struct wltex_texture_listener texture_listener = {
	.destroying = handle_destroying,
	.event = handle_event,
};

void session_surface_create(struct wltex_session *session, struct wltex_track_surface *track)
{
	struct wltex_surface *surface = calloc(1, sizeof(*surface));

	if (surface == NULL) {
		wltex_error(&session->logger, "out of memory: a surface is not followed");
		return;
	}
	surface->session = session;
	surface->number = ++session->last_number;
	surface->client = track->client->user_data;
	surface->track = track;
	policy_init(&surface->policy);
	track->user_data = surface;
	wl_list_insert(surface->client->surfaces.prev, &surface->link);
	surface->client->n_surfaces++;
}

void session_surface_destroy(struct wltex_surface *surface)
{
	struct wltex_session *session = surface->session;

	session_surface_set_buffer(surface, NULL, false);
	wltex_texture_destroy(surface->texture);
	surface->texture = NULL;
	if (surface->data != NULL && session->host.surface_destroyed != NULL)
		session->host.surface_destroyed(session->host_data, surface->data);
	session_gpu_finish(surface);
	session_look_finish(surface);
	surface->track->user_data = NULL;
	surface->client->n_surfaces--;
	wl_list_remove(&surface->link);
	free(surface);
}

void session_surface_describe(
	const struct wltex_surface *surface, struct wltex_description *description)
{
	const struct wltex_session *session = surface->session;

	if (session->host.describe != NULL && surface->data != NULL)
		session->host.describe(session->host_data, surface->data, description);
}

/* Names may change; they are told at the 1st commit, the 2nd, the 4th, the 8th and so on. */
void session_surface_tell_name(const struct wltex_surface *surface)
{
	const uint32_t commits = surface->track->commits;
	struct wltex_record record = {.kind = WLTEX_RECORD_SURFACE_NAMED};
	struct wltex_description description = {0};

	if ((commits & (commits - 1)) != 0)
		return;
	session_surface_describe(surface, &description);
	record.title = description.title;
	record.app_id = description.app_id;
	if (record.title != NULL || record.app_id != NULL)
		record_emit_of_surface(surface, &record);
}

WLTEX_EXPORT void wltex_surface_set_data(struct wltex_surface *surface, void *data)
{
	surface->data = data;
}

bool session_surface_has_texture(struct wltex_surface *surface)
{
	struct wltex_session *session = surface->session;

	if (surface->texture == NULL && session->context != NULL)
		surface->texture = wltex_texture_create(
			session->context, surface->client->owner, &texture_listener, surface);
	return surface->texture != NULL;
}

bool session_surface_is_over_limit(
	struct wltex_surface *surface, const struct session_buffer *buffer)
{
	struct session_client *client = surface->client;
	struct wltex_texture_info info;
	uint64_t others;

	if (buffer != NULL && buffer->over_limit)
		return true;
	if (client->owner == NULL)
		return false;
	others = client->owner->counts.live_textures - wltex_texture_peek(surface->texture, &info);
	return limit_check(client, LIMIT_TEXTURES, others + 1);
}

WLTEX_EXPORT bool wltex_surface_get_texture(
	struct wltex_surface *surface, struct wltex_texture_info *info)
{
	if (surface->texture == NULL || session_surface_is_over_limit(surface, surface->buffer))
		return false;
	surface->asked = true;
	return wltex_texture_get(surface->texture, info);
}
