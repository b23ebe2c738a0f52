/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include "cli/record/trace-tracks.h"
#include "util/text.h"

const char *const trace_leak_signs[TRACE_N_LEAK_SIGNS] = {
	"params-unused", "buffers-grow", "buffer-per-frame", "buffers-unmapped", "not-released"};

/* The track, made if need be; out of memory an error is noted, and nothing said of it. */
struct track *trace_get(struct trace *trace, enum track_kind kind, uint64_t number)
{
	struct track *track = track_get(&trace->tracks, track_get_uuid(kind, number));

	trace->failed = trace->failed || !track;
	return track;
}

static void describe_counters(struct trace *trace, uint64_t client)
{
	static const struct {
		const char *name;
		enum packet_track kind;
	} counters[] = {
		[COUNTER_BYTES] = {"bytes", PACKET_BYTES},
		[COUNTER_SHM_BYTES] = {"shm bytes", PACKET_BYTES},
		[COUNTER_BUFFERS] = {"buffers", PACKET_COUNT},
		[COUNTER_FDS] = {"fds", PACKET_COUNT},
		[COUNTER_TEXTURES] = {"textures", PACKET_COUNT},
		[COUNTER_CLAIMED_PX] = {"claimed px", PACKET_COUNT},
		[COUNTER_TRUE_PX] = {"true px", PACKET_COUNT},
	};

	for (unsigned int i = 0; i < TRACK_N_COUNTERS; i++)
		packets_write_track(&trace->packets, counters[i].kind,
			track_get_uuid(TRACK_COUNTERS + i, client),
			track_get_uuid(TRACK_CLIENT, client), 0, counters[i].name);
}

void trace_set_name(struct track *client, const char *name)
{
	wltex_text_clean(client->name, sizeof(client->name), name);
}

/* The client's track, or NULL if nothing is to be written of it. */
struct track *trace_get_client(struct trace *trace, uint64_t client, int32_t pid)
{
	struct track *track = trace_get(trace, TRACK_CLIENT, client);

	if (!track)
		return NULL;
	if (trace->app_id == NULL && (trace->pid == 0 || (uint32_t)pid == trace->pid))
		track->wanted = true;
	if (!track->wanted)
		return NULL;
	if (!track->described) {
		packets_write_track(&trace->packets, PACKET_PROCESS, track->uuid, 0, pid,
			track->name[0] ? track->name : "?");
		describe_counters(trace, client);
		track->described = true;
	}
	return track;
}

/* The track of what belongs to a client. */
struct track *trace_get_part(struct trace *trace, enum track_kind kind, uint64_t number,
	uint64_t parent, const char *name)
{
	struct track *track = trace_get(trace, kind, number);

	if (track && !track->described) {
		packets_write_track(&trace->packets, PACKET_TRACK, track->uuid, parent, 0, name);
		track->described = true;
	}
	return track;
}

struct track *trace_get_surface(struct trace *trace, uint64_t client, uint64_t number, uint64_t id)
{
	char name[40];

	snprintf(name, sizeof(name), "wl_surface@%" PRIu64, id);
	return trace_get_part(
		trace, TRACK_SURFACE, number, track_get_uuid(TRACK_CLIENT, client), name);
}

struct track *trace_get_buffer(struct trace *trace, uint64_t client, uint64_t number, uint64_t id)
{
	char name[40];

	snprintf(name, sizeof(name), "wl_buffer@%" PRIu64, id);
	return trace_get_part(
		trace, TRACK_BUFFER, number, track_get_uuid(TRACK_CLIENT, client), name);
}

struct event trace_make_event(
	enum packet_event type, const struct track *track, uint64_t time_ns, const char *name)
{
	return (struct event){.type = type, .track = track->uuid, .time_ns = time_ns, .name = name};
}

void trace_begin_slice(struct trace *trace, struct track *track, const struct event *event)
{
	packets_write_event(&trace->packets, event);
	track->is_open = true;
}

void trace_end_slice(struct trace *trace, struct track *track, uint64_t time_ns)
{
	const struct event event = trace_make_event(PACKET_SLICE_END, track, time_ns, NULL);

	if (track->is_open)
		packets_write_event(&trace->packets, &event);
	track->is_open = false;
}

void trace_write_counters(struct trace *trace, struct track *client, uint64_t number,
	uint64_t time_ns, const int64_t values[TRACK_N_COUNTERS])
{
	for (unsigned int i = 0; i < TRACK_N_COUNTERS; i++) {
		const struct event event = {
			.type = PACKET_COUNTER,
			.track = track_get_uuid(TRACK_COUNTERS + i, number),
			.time_ns = time_ns,
			.value = values[i],
		};

		if (!client->has_counters || client->counters[i] != values[i])
			packets_write_event(&trace->packets, &event);
		client->counters[i] = values[i];
	}
	client->has_counters = true;
}

/* Of signs that are new. */
void trace_write_leak_signs(
	struct trace *trace, struct track *client, uint64_t time_ns, uint32_t signs)
{
	for (unsigned int i = 0; i < TRACE_N_LEAK_SIGNS; i++) {
		struct event event = trace_make_event(PACKET_INSTANT, client, time_ns, "leak sign");

		if (!(signs & ~client->leak_signs & 1u << i))
			continue;
		event_add_string(&event, "sign", trace_leak_signs[i]);
		packets_write_event(&trace->packets, &event);
	}
	client->leak_signs = signs;
}

void trace_write_buffer(struct trace *trace, struct track *buffer, uint64_t time_ns,
	const struct buffer_facts *facts)
{
	struct event event = trace_make_event(PACKET_SLICE_BEGIN, buffer, time_ns, "buffer");

	if (buffer->is_open)
		return;
	event_add_number(&event, "buffer", facts->number);
	event_add_number(&event, "id", facts->id);
	event_add_string(&event, "kind", facts->kind);
	event_add_number(&event, "width", facts->width);
	event_add_number(&event, "height", facts->height);
	event_add_string(&event, "format", facts->format);
	event_add_string(&event, "modifier", facts->modifier);
	event_add_number(&event, "bytes", facts->bytes);
	trace_begin_slice(trace, buffer, &event);
}

void trace_write_surface_name(
	struct trace *trace, const struct track *surface, uint64_t time_ns, const char *texts[2])
{
	char title[TRACK_NAME_SIZE], app_id[TRACK_NAME_SIZE];
	struct event event = trace_make_event(PACKET_INSTANT, surface, time_ns, "named");

	event_add_string(&event, "title", wltex_text_clean(title, sizeof(title), texts[0]));
	event_add_string(&event, "app_id", wltex_text_clean(app_id, sizeof(app_id), texts[1]));
	packets_write_event(&trace->packets, &event);
}
