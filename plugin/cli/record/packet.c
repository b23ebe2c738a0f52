/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/record/packet.h"
#include "trace.pb-c.h"

#define SEQUENCE 1
#define FIRST_OF_SEQUENCE 1
#define UNIT_COUNT 2
#define UNIT_BYTES 3
/* Tag of the field packet of a trace: number 1, with a length. */
#define PACKET_TAG 0x0a

enum clock_id {
	CLOCK_ID_REALTIME = 1,
	CLOCK_ID_MONOTONIC = 3,
	CLOCK_ID_BOOTTIME = 6,
};

void event_add_number(struct event *event, const char *name, uint64_t number)
{
	if (event->annotation_count == PACKET_MAX_ANNOTATIONS)
		return;
	event->annotations[event->annotation_count].name = name;
	event->annotations[event->annotation_count++].number = number;
}

void event_add_string(struct event *event, const char *name, const char *string)
{
	if (string[0] == '\0' || event->annotation_count == PACKET_MAX_ANNOTATIONS)
		return;
	event->annotations[event->annotation_count].name = name;
	event->annotations[event->annotation_count++].string = string;
}

static size_t encode_varint(uint8_t *out, uint64_t value)
{
	size_t n = 0;

	for (; value >= 0x80; value >>= 7)
		out[n++] = (uint8_t)(value | 0x80);
	out[n++] = (uint8_t)value;
	return n;
}

void packets_flush(struct packets *packets)
{
	if (packets->error == 0 && fflush(packets->file) != 0)
		packets->error = errno;
	packets->waiting = 0;
}

static void write_bytes(struct packets *packets, const uint8_t *bytes, size_t size)
{
	if (packets->error == 0 && fwrite(bytes, 1, size, packets->file) != size)
		packets->error = errno;
	packets->bytes += size;
	packets->waiting += size;
}

static void write_packet(struct packets *packets, Wltex__TracePacket *packet)
{
	uint8_t head[1 + 10] = {PACKET_TAG}, small[1024], *bytes = small;
	size_t size;

	packet->has_trusted_packet_sequence_id = 1;
	packet->trusted_packet_sequence_id = SEQUENCE;
	size = wltex__trace_packet__get_packed_size(packet);
	if (size > sizeof(small))
		bytes = malloc(size);
	if (!bytes) {
		packets->error = ENOMEM;
		return;
	}
	wltex__trace_packet__pack(packet, bytes);
	if (packets->waiting + sizeof(head) + size > PACKETS_BUFFER)
		packets_flush(packets);
	write_bytes(packets, head, 1 + encode_varint(head + 1, size));
	write_bytes(packets, bytes, size);
	packets->count++;
	if (bytes != small)
		free(bytes);
}

static uint64_t now(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void write_clocks(struct packets *packets)
{
	static const struct {
		enum clock_id id;
		clockid_t clock;
	} ids[] = {{CLOCK_ID_MONOTONIC, CLOCK_MONOTONIC}, {CLOCK_ID_REALTIME, CLOCK_REALTIME},
		{CLOCK_ID_BOOTTIME, CLOCK_BOOTTIME}};
	Wltex__ClockSnapshot__Clock clocks[3], *list[3];
	Wltex__ClockSnapshot snapshot = WLTEX__CLOCK_SNAPSHOT__INIT;
	Wltex__TracePacket packet = WLTEX__TRACE_PACKET__INIT;

	for (int i = 0; i < 3; i++) {
		wltex__clock_snapshot__clock__init(&clocks[i]);
		clocks[i].has_clock_id = clocks[i].has_timestamp = 1;
		clocks[i].clock_id = ids[i].id;
		clocks[i].timestamp = now(ids[i].clock);
		list[i] = &clocks[i];
	}
	snapshot.n_clocks = 3;
	snapshot.clocks = list;
	snapshot.has_primary_trace_clock = 1;
	snapshot.primary_trace_clock = CLOCK_ID_MONOTONIC;
	packet.clock_snapshot = &snapshot;
	packet.has_sequence_flags = 1;
	packet.sequence_flags = FIRST_OF_SEQUENCE;
	write_packet(packets, &packet);
}

void packets_begin(struct packets *packets, FILE *file)
{
	*packets = (struct packets){.file = file};
	setvbuf(file, NULL, _IOFBF, PACKETS_BUFFER);
	write_clocks(packets);
}

void packets_write_track(struct packets *packets, enum packet_track kind, uint64_t uuid,
	uint64_t parent, int32_t pid, const char *name)
{
	Wltex__ProcessDescriptor process = WLTEX__PROCESS_DESCRIPTOR__INIT;
	Wltex__CounterDescriptor counter = WLTEX__COUNTER_DESCRIPTOR__INIT;
	Wltex__TrackDescriptor track = WLTEX__TRACK_DESCRIPTOR__INIT;
	Wltex__TracePacket packet = WLTEX__TRACE_PACKET__INIT;

	track.has_uuid = 1;
	track.uuid = uuid;
	track.has_parent_uuid = parent != 0;
	track.parent_uuid = parent;
	track.name = (char *)name;
	if (kind == PACKET_PROCESS) {
		process.has_pid = 1;
		process.pid = pid;
		process.process_name = (char *)name;
		track.process = &process;
	} else if (kind != PACKET_TRACK) {
		counter.has_unit = 1;
		counter.unit = kind == PACKET_BYTES ? UNIT_BYTES : UNIT_COUNT;
		track.counter = &counter;
	}
	packet.track_descriptor = &track;
	write_packet(packets, &packet);
}

static void set_annotations(const struct event *event, Wltex__DebugAnnotation *annotations,
	Wltex__DebugAnnotation **list, Wltex__TrackEvent *message)
{
	for (unsigned int i = 0; i < event->annotation_count; i++) {
		wltex__debug_annotation__init(&annotations[i]);
		annotations[i].name = (char *)event->annotations[i].name;
		annotations[i].string_value = (char *)event->annotations[i].string;
		annotations[i].has_uint_value = event->annotations[i].string == NULL;
		annotations[i].uint_value = event->annotations[i].number;
		list[i] = &annotations[i];
	}
	message->n_debug_annotations = event->annotation_count;
	message->debug_annotations = list;
}

static void set_flows(const struct event *event, Wltex__TrackEvent *message)
{
	message->n_flow_ids = event->flow != 0;
	message->flow_ids = (uint64_t *)&event->flow;
	message->n_terminating_flow_ids = event->ending_flow != 0;
	message->terminating_flow_ids = (uint64_t *)&event->ending_flow;
}

void packets_write_event(struct packets *packets, const struct event *event)
{
	char category[] = "wltex", *categories[] = {category};
	Wltex__DebugAnnotation annotations[PACKET_MAX_ANNOTATIONS];
	Wltex__DebugAnnotation *list[PACKET_MAX_ANNOTATIONS];
	Wltex__TrackEvent message = WLTEX__TRACK_EVENT__INIT;
	Wltex__TracePacket packet = WLTEX__TRACE_PACKET__INIT;

	message.has_type = message.has_track_uuid = 1;
	message.type = event->type;
	message.track_uuid = event->track;
	message.name = (char *)event->name;
	message.n_categories = event->name != NULL;
	message.categories = categories;
	message.has_counter_value = event->type == PACKET_COUNTER;
	message.counter_value = event->value;
	set_annotations(event, annotations, list, &message);
	set_flows(event, &message);
	packet.has_timestamp = packet.has_timestamp_clock_id = 1;
	packet.timestamp = event->time_ns;
	packet.timestamp_clock_id = CLOCK_ID_MONOTONIC;
	packet.track_event = &message;
	write_packet(packets, &packet);
}
