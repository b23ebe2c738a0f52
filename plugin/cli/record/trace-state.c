/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cli/record/trace-tracks.h"
#include "cli/record/trace.h"

#define MS_NS 1e6

static bool has_app_id(const struct client_state *client, const char *app_id)
{
	struct surface_state surface;

	for (size_t i = 0; i < client->surface_count; i++) {
		state_get_surface(client, i, &surface);
		if (strcmp(surface.app_id, app_id) == 0)
			return true;
	}
	return false;
}

void trace_add_names(struct trace *trace, const struct compositor_state *state)
{
	for (size_t i = 0; i < state->client_count; i++) {
		const struct client_state *client = &state->clients[i];
		struct track *track = trace_get(trace, TRACK_CLIENT, client->id);

		if (!track)
			return;
		trace_set_name(track, client->name);
		if (trace->app_id && (trace->pid == 0 || client->pid == trace->pid) &&
			has_app_id(client, trace->app_id))
			track->wanted = true;
	}
}

static void add_state_buffer(struct trace *trace, const struct client_state *client,
	const struct buffer_state *state, double time_ms)
{
	struct track *buffer = trace_get_buffer(trace, client->id, state->number, state->id);
	double made_ms = time_ms - state->age_ms;
	const struct buffer_facts facts = {
		.number = state->number,
		.id = state->id,
		.width = state->width,
		.height = state->height,
		.bytes = state->bytes,
		.kind = state->kind,
		.format = state->format,
		.modifier = state->modifier,
	};

	if (buffer)
		trace_write_buffer(
			trace, buffer, made_ms > 0 ? (uint64_t)(made_ms * MS_NS) : 0, &facts);
}

/* The buffer that a surface shows, by its id. */
static uint64_t find_buffer(const struct client_state *client, uint64_t id)
{
	struct buffer_state buffer;

	for (size_t i = 0; i < client->buffer_count; i++) {
		state_get_buffer(client, i, &buffer);
		if (buffer.id == id)
			return buffer.number;
	}
	return 0;
}

static void add_state_surface(struct trace *trace, const struct client_state *client,
	const struct surface_state *state, uint64_t time_ns)
{
	struct track *surface = trace_get_surface(trace, client->id, state->number, state->id);
	struct event event;

	if (!surface)
		return;
	if (state->title[0] || state->app_id[0])
		trace_write_surface_name(
			trace, surface, time_ns, (const char *[2]){state->title, state->app_id});
	if (!state->has_buffer || surface->is_open)
		return;
	event = trace_make_event(PACKET_SLICE_BEGIN, surface, time_ns, "attached");
	event_add_number(&event, "commit", state->commits);
	event_add_number(&event, "buffer", find_buffer(client, state->buffer));
	event_add_number(&event, "width", state->width);
	event_add_number(&event, "height", state->height);
	trace_begin_slice(trace, surface, &event);
}

static uint32_t get_leak_signs(const struct client_state *client)
{
	uint32_t signs = 0;

	for (size_t i = 0; i < client->leak_sign_count; i++) {
		for (unsigned int k = 0; k < TRACE_N_LEAK_SIGNS; k++)
			signs |= (uint32_t)(strcmp(state_get_leak_sign(client, i),
						    trace_leak_signs[k]) == 0)
				 << k;
	}
	return signs;
}

static void add_state_counts(struct trace *trace, struct track *track,
	const struct client_state *client, uint64_t time_ns)
{
	const int64_t values[TRACK_N_COUNTERS] = {
		[COUNTER_BYTES] = (int64_t)client->bytes,
		[COUNTER_SHM_BYTES] = (int64_t)client->counts.shm_bytes,
		[COUNTER_BUFFERS] = (int64_t)(client->buffer_count + client->buffers_left_out),
		[COUNTER_FDS] = (int64_t)client->counts.fds,
		[COUNTER_TEXTURES] = (int64_t)client->counts.live_textures,
		[COUNTER_CLAIMED_PX] = (int64_t)client->counts.damage_claimed_px,
		[COUNTER_TRUE_PX] = (int64_t)client->counts.damage_true_px,
	};

	trace_write_counters(trace, track, client->id, time_ns, values);
	trace_write_leak_signs(trace, track, time_ns, get_leak_signs(client));
}

static void add_state_client(struct trace *trace, const struct client_state *client, double time_ms)
{
	const uint64_t time_ns = (uint64_t)(time_ms * MS_NS);
	struct track *track = trace_get_client(trace, client->id, (int32_t)client->pid);
	struct buffer_state buffer;
	struct surface_state surface;

	if (!track)
		return;
	for (size_t i = 0; i < client->buffer_count; i++) {
		state_get_buffer(client, i, &buffer);
		add_state_buffer(trace, client, &buffer, time_ms);
	}
	for (size_t i = 0; i < client->surface_count; i++) {
		state_get_surface(client, i, &surface);
		add_state_surface(trace, client, &surface, time_ns);
	}
	add_state_counts(trace, track, client, time_ns);
}

void trace_add_state(struct trace *trace, const struct compositor_state *state)
{
	const uint64_t time_ns = (uint64_t)(state->time_ms * MS_NS);

	for (size_t i = 0; i < state->client_count; i++)
		add_state_client(trace, &state->clients[i], state->time_ms);
	trace->begin_ns = trace->last_ns = time_ns;
}
