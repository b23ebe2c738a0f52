/* SPDX-License-Identifier: MIT */
#ifndef CLI_RECORD_PACKET_H
#define CLI_RECORD_PACKET_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "cli/cli.h"

/*
 * Packets of a Perfetto trace, see trace.proto, one after the other in a file: cut off anywhere
 * after a packet, it is whole.
 */
struct packets {
	FILE *file;
	uint64_t count, bytes;
	/* What waits in the file's buffer, which is PACKETS_BUFFER bytes: whole packets. */
	size_t waiting;
	/* The first error of writing, as errno; nothing is written after it. */
	int error;
};

enum packet_event {
	PACKET_SLICE_BEGIN = 1,
	PACKET_SLICE_END = 2,
	PACKET_INSTANT = 3,
	PACKET_COUNTER = 4,
};

enum packet_track {
	PACKET_TRACK,
	PACKET_PROCESS,
	PACKET_COUNT,
	PACKET_BYTES,
};

#define PACKET_MAX_ANNOTATIONS 12
#define PACKETS_BUFFER (256u << 10)

/* What one event says, in the order in which it was added. */
struct event {
	enum packet_event type;
	uint64_t time_ns, track;
	const char *name; /* NULL for the end of a slice, and for counters */
	int64_t value;    /* of a counter */
	/* 0: none. A flow that ends is not in both. */
	uint64_t flow, ending_flow;
	struct {
		const char *name;
		const char *string; /* NULL: it is the number */
		uint64_t number;
	} annotations[PACKET_MAX_ANNOTATIONS];
	unsigned int annotation_count;
};

void event_add_number(struct event *event, const char *name, uint64_t number);
/* A string that is not UTF-8 is made so; "" is not added. Borrowed. */
void event_add_string(struct event *event, const char *name, const char *string);

/* Begin a trace in the file, with the clocks. */
void packets_begin(struct packets *packets, FILE *file);
/* Write what waits. */
void packets_flush(struct packets *packets);
/* parent 0: none; pid is of processes. */
void packets_write_track(struct packets *packets, enum packet_track kind, uint64_t uuid,
	uint64_t parent, int32_t pid, const char *name);
void packets_write_event(struct packets *packets, const struct event *event);

#endif
