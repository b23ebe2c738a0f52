/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "cli/report/trace-event.h"
#include "cli/report/tracks.h"

/* As in trace.proto. */
#define CLOCK_REAL 1
#define CLOCK_MONO 3

enum {
	EVENT_BEGIN = 1,
	EVENT_END = 2,
	EVENT_INSTANT = 3,
	EVENT_COUNTER = 4,
};

static const Wltex__DebugAnnotation *find(const Wltex__TrackEvent *event, const char *name)
{
	for (size_t i = 0; i < event->n_debug_annotations; i++) {
		const Wltex__DebugAnnotation *annotation = event->debug_annotations[i];

		if (annotation->name != NULL && strcmp(annotation->name, name) == 0)
			return annotation;
	}
	return NULL;
}

/* 0 if there is none, or it is no number. */
static uint64_t get_number(const Wltex__TrackEvent *event, const char *name)
{
	const Wltex__DebugAnnotation *annotation = find(event, name);

	if (annotation == NULL)
		return 0;
	if (annotation->has_int_value && annotation->int_value > 0)
		return (uint64_t)annotation->int_value;
	return annotation->uint_value;
}

static uint32_t get_small(const Wltex__TrackEvent *event, const char *name)
{
	uint64_t number = get_number(event, name);

	return number < INT32_MAX ? (uint32_t)number : INT32_MAX;
}

/* Never NULL. */
static const char *get_text(const Wltex__TrackEvent *event, const char *name)
{
	const Wltex__DebugAnnotation *annotation = find(event, name);

	return annotation != NULL && annotation->string_value != NULL ? annotation->string_value
								      : "";
}

static bool is_named(const Wltex__TrackEvent *event, const char *name)
{
	return event->name != NULL && strcmp(event->name, name) == 0;
}

static void handle_client(
	struct tracks *tracks, struct track *track, const Wltex__TrackEvent *event)
{
	struct report_client *client;

	if (event->type != EVENT_INSTANT || !is_named(event, "leak sign"))
		return;
	client = tracks_get_client(tracks, track);
	if (client != NULL)
		model_add_sign(tracks->model, client, get_text(event, "sign"));
}

static void handle_named(struct report_surface *surface, const Wltex__TrackEvent *event)
{
	model_copy(surface->title, sizeof(surface->title), get_text(event, "title"));
	model_copy(surface->app_id, sizeof(surface->app_id), get_text(event, "app_id"));
}

static void handle_damage(
	struct report_model *model, struct report_surface *surface, const Wltex__TrackEvent *event)
{
	const struct damage_facts facts = {
		.claimed_px = get_number(event, "claimed_px"),
		.true_px = get_number(event, "true_px"),
		.claimed_tiles = get_text(event, "claimed_tiles"),
		.true_tiles = get_text(event, "true_tiles"),
	};

	model_add_damage(model, surface, &facts);
}

/* What became of a texture, by its name in the protocol. */
static bool find_outcome(const Wltex__TrackEvent *event, enum outcome *outcome)
{
	static const struct {
		const char *name;
		enum outcome outcome;
	} names[] = {
		{"imported", OUTCOME_IMPORTED},
		{"reimported", OUTCOME_REIMPORTED},
		{"reused", OUTCOME_REUSED},
		{"not_asked", OUTCOME_SHOWN},
		{"failed", OUTCOME_FAILED},
		{"refused", OUTCOME_FAILED},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		*outcome = names[i].outcome;
		if (is_named(event, names[i].name))
			return true;
	}
	return false;
}

static void handle_surface_instant(
	struct report_model *model, struct report_surface *surface, const Wltex__TrackEvent *event)
{
	enum outcome outcome;

	if (is_named(event, "named"))
		handle_named(surface, event);
	else if (is_named(event, "damage"))
		handle_damage(model, surface, event);
	if (!find_outcome(event, &outcome))
		return;
	model_add_outcome(model, surface, outcome);
	if (outcome == OUTCOME_FAILED)
		model_add_failure(model, surface, is_named(event, "refused"),
			get_text(event, "reason"), get_text(event, "message"));
}

static void handle_surface(
	struct tracks *tracks, struct track *track, const Wltex__TrackEvent *event)
{
	if (track->surface == NULL)
		return;
	if (event->type == EVENT_INSTANT)
		handle_surface_instant(tracks->model, track->surface, event);
	else if (event->type == EVENT_BEGIN && is_named(event, "attached"))
		model_attach(tracks->model, track->surface, get_number(event, "buffer"));
	else if (event->type == EVENT_END)
		model_detach(tracks->model, track->surface);
}

static void begin_buffer(struct tracks *tracks, struct track *track, const Wltex__TrackEvent *event)
{
	const struct buffer_facts facts = {
		.number = get_number(event, "buffer"),
		.bytes = get_number(event, "bytes"),
		.id = get_small(event, "id"),
		.width = get_small(event, "width"),
		.height = get_small(event, "height"),
		.kind = get_text(event, "kind"),
		.format = get_text(event, "format"),
	};

	if (track->buffer == NULL)
		track->buffer = model_add_buffer(tracks->model, track->client, &facts);
}

static void handle_buffer(
	struct tracks *tracks, struct track *track, const Wltex__TrackEvent *event)
{
	if (track->client == NULL)
		return;
	if (event->type == EVENT_BEGIN)
		begin_buffer(tracks, track, event);
	if (track->buffer == NULL)
		return;
	if (event->type == EVENT_INSTANT && is_named(event, "released"))
		model_release(tracks->model, track->buffer,
			get_small(event, "unreleased_us") * UINT64_C(1000));
	if (event->type == EVENT_END) {
		model_remove_buffer(tracks->model, track->buffer);
		tracks_remove(tracks, track);
	}
}

static void handle_gauge(struct tracks *tracks, struct track *track, const Wltex__TrackEvent *event)
{
	if (track->client != NULL && event->type == EVENT_COUNTER && event->counter_value >= 0)
		model_set_gauge(
			tracks->model, track->client, track->gauge, (uint64_t)event->counter_value);
}

static void handle_wltex(struct tracks *tracks, struct track *track, const Wltex__TrackEvent *event)
{
	if (is_named(event, "lost"))
		tracks->model->lost += get_small(event, "records");
	else if (is_named(event, "end"))
		tracks->model->has_end = true;
}

static void handle_event(struct tracks *tracks, const Wltex__TrackEvent *event, uint64_t time_ns)
{
	static void (*const handlers[])(
		struct tracks *, struct track *, const Wltex__TrackEvent *) = {
		[TRACK_WLTEX] = handle_wltex,
		[TRACK_CLIENT] = handle_client,
		[TRACK_SURFACE] = handle_surface,
		[TRACK_BUFFER] = handle_buffer,
		[TRACK_GAUGE] = handle_gauge,
	};
	struct track *track = tracks_find(tracks, event->track_uuid);

	if (track == NULL || handlers[track->kind] == NULL)
		return;
	model_set_time(tracks->model, time_ns);
	handlers[track->kind](tracks, track, event);
}

static void handle_clocks(struct report_model *model, const Wltex__ClockSnapshot *snapshot)
{
	uint64_t real_ns = 0, monotonic_ns = 0;

	for (size_t i = 0; i < snapshot->n_clocks; i++) {
		const Wltex__ClockSnapshot__Clock *clock = snapshot->clocks[i];

		if (clock->clock_id == CLOCK_REAL)
			real_ns = clock->timestamp;
		else if (clock->clock_id == CLOCK_MONO)
			monotonic_ns = clock->timestamp;
	}
	if (real_ns > monotonic_ns && model->real_offset_ns == 0)
		model->real_offset_ns = real_ns - monotonic_ns;
}

void trace_handle_packet(struct tracks *tracks, const Wltex__TracePacket *packet)
{
	if (packet->clock_snapshot != NULL)
		handle_clocks(tracks->model, packet->clock_snapshot);
	if (packet->track_descriptor != NULL)
		tracks_add(tracks, packet->track_descriptor);
	if (packet->track_event != NULL)
		handle_event(tracks, packet->track_event, packet->timestamp);
}
