/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "dmabuf/dmabuf.h"
#include "session/record.h"
#include "session/ring.h"
#include "session/shm.h"
#include "session/surface.h"
#include "util/export.h"
#include "util/json.h"
#include "util/text.h"

/* The name of a kind for who reads the control socket; NULL: it is not told there. */
static const char *get_event_name(enum wltex_record_kind kind)
{
	static const char *const names[] = {
		[WLTEX_RECORD_CLIENT_CREATED] = "client_created",
		[WLTEX_RECORD_CLIENT_NAMED] = "client_named",
		[WLTEX_RECORD_CLIENT_DESTROYED] = "client_destroyed",
		[WLTEX_RECORD_TEXTURE] = "texture",
		[WLTEX_RECORD_SURFACE_NAMED] = NULL, // the last one; all others are NULL
	};

	return names[kind];
}

static void print_texture_json(struct wltex_json *json, const struct wltex_record *record)
{
	const struct wltex_event *event = record->event;

	wltex_json_print(json, "surface", "%u", record->surface);
	wltex_json_print(json, "commit", "%u", record->commit);
	if (record->app_id != NULL)
		wltex_json_string(json, "app_id", record->app_id, SESSION_TEXT_BYTES);
	wltex_json_string(json, "state", wltex_state_name(event->state), SESSION_TEXT_BYTES);
	wltex_json_string(json, "reason", wltex_reason_name(event->reason), SESSION_TEXT_BYTES);
	if (event->has_sum)
		wltex_json_print(json, "sum", "\"%08x\"", event->sum);
	else if (event->message == NULL)
		wltex_json_string(
			json, "no_sum", wltex_content_message(event->content), SESSION_TEXT_BYTES);
	if (event->message != NULL)
		wltex_json_string(json, "message", event->message, SESSION_TEXT_BYTES);
}

static void print_json(FILE *file, const struct wltex_record *record)
{
	struct wltex_json json = {.file = file};

	wltex_json_begin(&json, NULL, '{');
	wltex_json_string(&json, "event", get_event_name(record->kind), SESSION_TEXT_BYTES);
	wltex_json_print(&json, "time_ms", "%.3f", (double)record->time_ns / 1e6);
	wltex_json_print(&json, "pid", "%d", (int)record->pid);
	if (record->event != NULL)
		print_texture_json(&json, record);
	else
		wltex_json_string(&json, "name", record->name, SESSION_TEXT_BYTES);
	wltex_json_end(&json, '}');
}

/* To whoever watches through the control socket. */
static void send_event(struct wltex_session *session, const struct wltex_record *record)
{
	char *line = NULL;
	size_t size = 0;
	FILE *file;

	if (get_event_name(record->kind) == NULL ||
		!wltex_control_has_subscribers(session->control))
		return;
	file = open_memstream(&line, &size);
	if (file == NULL)
		return;
	print_json(file, record);
	if (fclose(file) == 0)
		wltex_control_send_event(session->control, line);
	free(line);
}

void record_emit(const struct session_client *client, struct wltex_record *record)
{
	struct wltex_session *session = client->session;

	record->time_ns = wltex_now_ns();
	record->client = client->id;
	record->pid = client->track->pid;
	record->name = client->track->name;
	if (session->ring != NULL)
		ring_add(session->ring, client, record);
	send_event(session, record);
	if (session->host.record != NULL)
		session->host.record(session->host_data, record);
}

void record_emit_of_surface(const struct wltex_surface *surface, struct wltex_record *record)
{
	struct wltex_description description = {0};

	record->surface = wl_resource_get_id(surface->track->resource);
	record->surface_number = surface->number;
	record->commit = surface->track->commits;
	/* What nobody asked for is nothing that wltex-v1 knows. */
	if (record->event != NULL && record->event->state != WLTEX_STATE_NOT_ASKED)
		wltex_server_send_event(surface->track->resource, record->commit, record->event);
	if (record->app_id == NULL && wltex_control_has_subscribers(surface->session->control)) {
		session_surface_describe(surface, &description);
		record->app_id = description.app_id;
	}
	record_emit(surface->client, record);
}

static void describe_dmabuf(
	const struct wltex_dmabuf *dmabuf, struct wltex_record_buffer *description)
{
	const struct wltex_dmabuf_attributes *a = wltex_dmabuf_get_attributes(dmabuf);

	description->kind = dmabuf->objects[0].kind == WLTEX_OBJECT_DMABUF ? 0 : 2;
	description->width = a->width;
	description->height = a->height;
	description->format = a->format;
	description->modifier = a->modifier;
	description->bytes = wltex_dmabuf_get_bytes(dmabuf);
}

static void describe_shm(
	const struct wltex_track_shm_buffer *shm, struct wltex_record_buffer *description)
{
	description->id = wl_resource_get_id(shm->resource);
	description->kind = 1;
	description->width = shm->width;
	description->height = shm->height;
	description->format = shm_get_fourcc(shm->format);
	description->bytes = (uint64_t)shm->height * (uint64_t)shm->stride;
}

void record_emit_of_buffer(const struct session_buffer *buffer, const struct wltex_surface *surface,
	struct wltex_record *record)
{
	struct wltex_record_buffer description = {.number = buffer->number};

	if (buffer->track != NULL)
		description.id = wl_resource_get_id(buffer->track->resource);
	if (buffer->track != NULL && buffer->track->dmabuf != NULL)
		describe_dmabuf(buffer->track->dmabuf, &description);
	if (buffer->shm != NULL)
		describe_shm(buffer->shm, &description);
	record->buffer = &description;
	if (surface != NULL)
		record_emit_of_surface(surface, record);
	else
		record_emit(buffer->client, record);
	record->buffer = NULL;
}

static int print_texture(const struct wltex_record *record, char *text, size_t size)
{
	const struct wltex_event *event = record->event;
	const char *state = wltex_state_name(event->state);
	const char *reason = wltex_reason_name(event->reason);

	if (event->message != NULL)
		return snprintf(text, size, "%s %s: %s", state, reason, event->message);
	if (event->has_sum)
		return snprintf(text, size, "%s %s, sum %08x", state, reason, event->sum);
	return snprintf(text, size, "%s %s, no sum: %s", state, reason,
		wltex_content_message(event->content));
}

static int print_buffer(const struct wltex_record *record, char *text, size_t size)
{
	const struct wltex_record_buffer *buffer = record->buffer;

	switch (record->kind) {
	case WLTEX_RECORD_BUFFER_CREATED:
		return snprintf(text, size, "wl_buffer@%u: %dx%d, %" PRIu64 " bytes", buffer->id,
			buffer->width, buffer->height, buffer->bytes);
	case WLTEX_RECORD_BUFFER_DESTROYED:
		return snprintf(text, size, "wl_buffer@%u was destroyed", buffer->id);
	case WLTEX_RECORD_BUFFER_RELEASED:
		return snprintf(text, size, "wl_buffer@%u was released", buffer->id);
	default:
		return snprintf(text, size, "shows wl_buffer@%u", buffer->id);
	}
}

/* What happened, without whom it happened to. */
static int print_what(const struct wltex_record *record, char *text, size_t size)
{
	char name[128];

	switch (record->kind) {
	case WLTEX_RECORD_TEXTURE:
		return print_texture(record, text, size);
	case WLTEX_RECORD_DAMAGE:
		return snprintf(text, size, "damage of %" PRIu64 " px is %" PRIu64 " px",
			record->claimed_px, record->true_px);
	case WLTEX_RECORD_DAMAGE_KEPT:
		return snprintf(text, size, "damage kept: %s", record->message);
	case WLTEX_RECORD_BUFFER_CREATED:
	case WLTEX_RECORD_BUFFER_DESTROYED:
	case WLTEX_RECORD_BUFFER_RELEASED:
	case WLTEX_RECORD_ATTACHED:
		return print_buffer(record, text, size);
	case WLTEX_RECORD_DETACHED:
		return snprintf(text, size, "shows nothing");
	case WLTEX_RECORD_SURFACE_NAMED:
		return snprintf(text, size, "is \"%s\"",
			wltex_text_clean(
				name, sizeof(name), record->title != NULL ? record->title : ""));
	case WLTEX_RECORD_CLIENT_CREATED:
		return snprintf(text, size, "%s has connected",
			wltex_text_clean(name, sizeof(name), record->name));
	case WLTEX_RECORD_CLIENT_NAMED:
		return snprintf(
			text, size, "is %s", wltex_text_clean(name, sizeof(name), record->name));
	case WLTEX_RECORD_CLIENT_DESTROYED:
		return snprintf(text, size, "%s has disconnected",
			wltex_text_clean(name, sizeof(name), record->name));
	}
	return snprintf(text, size, "?");
}

WLTEX_EXPORT int wltex_record_print(const struct wltex_record *record, char *text, size_t size)
{
	int n = record->surface != 0
			? snprintf(text, size, "pid %d wl_surface@%u commit %u: ", (int)record->pid,
				  record->surface, record->commit)
			: snprintf(text, size, "pid %d: ", (int)record->pid);
	size_t used = (size_t)n < size ? (size_t)n : size;

	return n + print_what(record, text + used, size - used);
}
