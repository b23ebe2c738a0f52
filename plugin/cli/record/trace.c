/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <xf86drm.h>

#include <wltex/session.h>
#include <wltex/texture.h>

#include "cli/record/trace-tracks.h"
#include "cli/record/trace.h"

/* Of a list of tiles: each of four numbers of at most five digits, with their signs. */
#define TILES_SIZE (RING_MAX_RECTS * 24 + 1)

/* What the client has after the entry. */
static void add_counts(struct trace *trace, struct track *client, const struct ring_entry *entry)
{
	const int64_t values[TRACK_N_COUNTERS] = {
		[COUNTER_BYTES] = (int64_t)entry->bytes,
		[COUNTER_SHM_BYTES] = (int64_t)entry->shm_bytes,
		[COUNTER_BUFFERS] = entry->buffers,
		[COUNTER_FDS] = entry->fds,
		[COUNTER_TEXTURES] = entry->textures,
		[COUNTER_CLAIMED_PX] = (int64_t)entry->claimed_px,
		[COUNTER_TRUE_PX] = (int64_t)entry->true_px,
	};

	trace_write_counters(trace, client, entry->client, entry->time_ns, values);
	trace_write_leak_signs(trace, client, entry->time_ns, entry->leak_signs);
}

static uint64_t get_flow(const struct ring_entry *entry)
{
	return entry->surface << 32 | entry->commit;
}

static void add_size(struct event *event, const struct ring_entry *entry)
{
	event_add_number(event, "width", entry->values[0] >> 32);
	event_add_number(event, "height", entry->values[0] & UINT32_MAX);
}

static void add_attached(struct trace *trace, const struct ring_entry *entry)
{
	struct track *surface =
		trace_get_surface(trace, entry->client, entry->surface, entry->surface_id);
	struct track *buffer =
		trace_get_buffer(trace, entry->client, entry->buffer, entry->buffer_id);
	struct event event;

	if (!surface || !buffer)
		return;
	trace_end_slice(trace, surface, entry->time_ns);
	event = trace_make_event(PACKET_SLICE_BEGIN, surface, entry->time_ns, "attached");
	event.flow = buffer->flow = get_flow(entry);
	event_add_number(&event, "commit", entry->commit);
	event_add_number(&event, "buffer", entry->buffer);
	add_size(&event, entry);
	trace_begin_slice(trace, surface, &event);
}

static void add_detached(struct trace *trace, const struct ring_entry *entry)
{
	struct track *surface =
		trace_get_surface(trace, entry->client, entry->surface, entry->surface_id);

	if (surface)
		trace_end_slice(trace, surface, entry->time_ns);
}

static bool is_import(const struct ring_entry *entry)
{
	return entry->state == WLTEX_STATE_IMPORTED || entry->state == WLTEX_STATE_REIMPORTED;
}

static void follow_texture(
	struct trace *trace, const struct track *surface, const struct ring_entry *entry)
{
	struct track *texture =
		trace_get_part(trace, TRACK_TEXTURE, entry->surface, surface->uuid, "texture");
	struct event event;

	if (!texture)
		return;
	if (is_import(entry) || entry->state == WLTEX_STATE_DESTROYED)
		trace_end_slice(trace, texture, entry->time_ns);
	if (!is_import(entry))
		return;
	event = trace_make_event(PACKET_SLICE_BEGIN, texture, entry->time_ns, "texture");
	event_add_number(&event, "commit", entry->commit);
	trace_begin_slice(trace, texture, &event);
}

static void add_texture(struct trace *trace, const struct ring_copy *copy)
{
	const struct ring_entry *entry = &copy->entry;
	struct track *surface =
		trace_get_surface(trace, entry->client, entry->surface, entry->surface_id);
	struct event event;
	char sum[16] = "";

	if (!surface)
		return;
	event = trace_make_event(
		PACKET_INSTANT, surface, entry->time_ns, wltex_state_name(entry->state));
	if (is_import(entry))
		event.flow = get_flow(entry);
	if (entry->has_sum)
		snprintf(sum, sizeof(sum), "%08x", entry->sum);
	event_add_number(&event, "commit", entry->commit);
	event_add_string(&event, "reason", wltex_reason_name(entry->reason));
	event_add_string(&event, "sum", sum);
	event_add_string(&event, "message", copy->texts[0]);
	packets_write_event(&trace->packets, &event);
	follow_texture(trace, surface, entry);
}

static void print_tiles(char text[TILES_SIZE], const struct ring_rect *rects, unsigned int count)
{
	size_t used = 0;

	text[0] = '\0';
	for (unsigned int i = 0; i < count && used < TILES_SIZE; i++)
		used += (size_t)snprintf(text + used, TILES_SIZE - used, "%s%u,%u,%u,%u",
			i > 0 ? ";" : "", rects[i].x, rects[i].y, rects[i].width, rects[i].height);
}

static void add_damage(struct trace *trace, const struct ring_copy *copy)
{
	const struct ring_entry *entry = &copy->entry;
	struct track *surface =
		trace_get_surface(trace, entry->client, entry->surface, entry->surface_id);
	char claimed[TILES_SIZE], changed[TILES_SIZE];
	struct event event;

	if (!surface)
		return;
	print_tiles(claimed, copy->claimed, entry->claimed_count);
	print_tiles(changed, copy->changed, entry->true_count);
	event = trace_make_event(PACKET_INSTANT, surface, entry->time_ns, "damage");
	event_add_number(&event, "claimed_px", entry->values[0]);
	event_add_number(&event, "true_px", entry->values[1]);
	event_add_string(&event, "claimed_tiles", claimed);
	event_add_string(&event, "true_tiles", changed);
	packets_write_event(&trace->packets, &event);
}

static void add_damage_kept(struct trace *trace, const struct ring_copy *copy)
{
	const struct ring_entry *entry = &copy->entry;
	struct track *surface =
		trace_get_surface(trace, entry->client, entry->surface, entry->surface_id);
	struct event event;

	if (!surface)
		return;
	event = trace_make_event(PACKET_INSTANT, surface, entry->time_ns, "damage kept");
	event_add_string(&event, "message", copy->texts[0]);
	packets_write_event(&trace->packets, &event);
}

static void print_format(char text[5], uint32_t format)
{
	for (int i = 0; i < 4; i++) {
		const char c = (char)(format >> (8 * i) & 0xff);
		text[i] = (char)(c >= ' ' && c <= '~' ? c : '?');
	}
	text[format != 0 ? 4 : 0] = '\0';
}

static void add_buffer_created(struct trace *trace, const struct ring_entry *entry)
{
	static const char *const kinds[] = {"dmabuf", "shm", "memory"};
	struct track *buffer =
		trace_get_buffer(trace, entry->client, entry->buffer, entry->buffer_id);
	char *modifier = drmGetFormatModifierName(entry->values[2]);
	char number[24], format[5];
	const struct buffer_facts facts = {
		.number = entry->buffer,
		.id = entry->buffer_id,
		.width = entry->values[0] >> 32,
		.height = entry->values[0] & UINT32_MAX,
		.bytes = entry->values[3],
		.kind = kinds[entry->buffer_kind % 3],
		.format = format,
		.modifier = modifier ? modifier : number,
	};

	print_format(format, (uint32_t)entry->values[1]);
	snprintf(number, sizeof(number), "%#" PRIx64, entry->values[2]);
	if (buffer)
		trace_write_buffer(trace, buffer, entry->time_ns, &facts);
	free(modifier);
}

static void add_buffer_destroyed(struct trace *trace, const struct ring_entry *entry)
{
	struct track *buffer =
		trace_get_buffer(trace, entry->client, entry->buffer, entry->buffer_id);

	if (!buffer)
		return;
	trace_end_slice(trace, buffer, entry->time_ns);
	track_forget(&trace->tracks, buffer);
}

static void add_released(struct trace *trace, const struct ring_entry *entry)
{
	struct track *buffer =
		trace_get_buffer(trace, entry->client, entry->buffer, entry->buffer_id);
	struct event event;

	if (!buffer)
		return;
	event = trace_make_event(PACKET_INSTANT, buffer, entry->time_ns, "released");
	event.ending_flow = buffer->flow;
	buffer->flow = 0;
	event_add_number(&event, "buffer", entry->buffer);
	event_add_number(&event, "unreleased_us", entry->values[0] / 1000);
	packets_write_event(&trace->packets, &event);
}

static void add_client_named(
	struct trace *trace, struct track *client, const char *name, int32_t pid)
{
	trace_set_name(client, name);
	packets_write_track(&trace->packets, PACKET_PROCESS, client->uuid, 0, pid, client->name);
}

static void add_by_kind(struct trace *trace, struct track *client, const struct ring_copy *copy)
{
	const struct ring_entry *entry = &copy->entry;
	struct track *surface;

	switch ((enum wltex_record_kind)entry->kind) {
	case WLTEX_RECORD_CLIENT_CREATED:
		break;
	case WLTEX_RECORD_CLIENT_NAMED:
		add_client_named(trace, client, copy->texts[0], (int32_t)entry->pid);
		break;
	case WLTEX_RECORD_CLIENT_DESTROYED:
		client->gone = true;
		break;
	case WLTEX_RECORD_TEXTURE:
		add_texture(trace, copy);
		break;
	case WLTEX_RECORD_DAMAGE:
		add_damage(trace, copy);
		break;
	case WLTEX_RECORD_DAMAGE_KEPT:
		add_damage_kept(trace, copy);
		break;
	case WLTEX_RECORD_BUFFER_CREATED:
		add_buffer_created(trace, entry);
		break;
	case WLTEX_RECORD_BUFFER_DESTROYED:
		add_buffer_destroyed(trace, entry);
		break;
	case WLTEX_RECORD_BUFFER_RELEASED:
		add_released(trace, entry);
		break;
	case WLTEX_RECORD_ATTACHED:
		add_attached(trace, entry);
		break;
	case WLTEX_RECORD_DETACHED:
		add_detached(trace, entry);
		break;
	case WLTEX_RECORD_SURFACE_NAMED:
		surface =
			trace_get_surface(trace, entry->client, entry->surface, entry->surface_id);
		if (surface)
			trace_write_surface_name(trace, surface, entry->time_ns,
				(const char *[2]){copy->texts[0], copy->texts[1]});
		break;
	}
}

/* Whether the entry makes the client one of those that are wanted. */
static void choose(struct trace *trace, const struct ring_copy *copy)
{
	const struct ring_entry *entry = &copy->entry;
	struct track *client;

	if (entry->kind == WLTEX_RECORD_CLIENT_CREATED) {
		client = trace_get(trace, TRACK_CLIENT, entry->client);
		if (client)
			trace_set_name(client, copy->texts[0]);
	}
	if (entry->kind == WLTEX_RECORD_SURFACE_NAMED && trace->app_id &&
		strcmp(copy->texts[1], trace->app_id) == 0 &&
		(trace->pid == 0 || entry->pid == trace->pid)) {
		client = trace_get(trace, TRACK_CLIENT, entry->client);
		if (client)
			client->wanted = true;
	}
}

static void add_lost(struct trace *trace, uint64_t time_ns, uint64_t lost)
{
	const struct track root = {.uuid = track_get_uuid(TRACK_ROOT, 0)};
	struct event event = trace_make_event(PACKET_INSTANT, &root, time_ns, "lost");

	trace->lost += lost;
	event_add_number(&event, "records", lost);
	packets_write_event(&trace->packets, &event);
}

void trace_add_entry(struct trace *trace, const struct ring_copy *copy)
{
	const struct ring_entry *entry = &copy->entry;
	struct track *client;

	if (copy->lost > 0)
		add_lost(trace, entry->time_ns, copy->lost);
	if (entry->time_ns < trace->begin_ns)
		return;
	trace->last_ns = entry->time_ns;
	choose(trace, copy);
	client = trace_get_client(trace, entry->client, (int32_t)entry->pid);
	if (!client)
		return;
	trace->records++;
	add_by_kind(trace, client, copy);
	add_counts(trace, client, entry);
	if (client->gone)
		track_forget(&trace->tracks, client);
}

static void write_instant(
	struct trace *trace, const struct track *track, uint64_t time_ns, const char *name)
{
	const struct event event = trace_make_event(PACKET_INSTANT, track, time_ns, name);

	packets_write_event(&trace->packets, &event);
}

void trace_begin(struct trace *trace, FILE *file)
{
	packets_begin(&trace->packets, file);
	packets_write_track(
		&trace->packets, PACKET_TRACK, track_get_uuid(TRACK_ROOT, 0), 0, 0, "wltex");
}

void trace_end(struct trace *trace)
{
	const struct track root = {.uuid = track_get_uuid(TRACK_ROOT, 0)};

	write_instant(trace, &root, trace->last_ns, "end");
}

void trace_finish(struct trace *trace)
{
	track_forget_all(&trace->tracks);
}
