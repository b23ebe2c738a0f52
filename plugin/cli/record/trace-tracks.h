/* SPDX-License-Identifier: MIT */
#ifndef CLI_RECORD_TRACE_TRACKS_H
#define CLI_RECORD_TRACE_TRACKS_H

#include "cli/record/trace.h"
#include "cli/record/track.h"

/* The tracks of a trace: they are described when they are first asked for. */

#define TRACE_N_LEAK_SIGNS 5

/* As the compositor counts them, by their bits. */
extern const char *const trace_leak_signs[TRACE_N_LEAK_SIGNS];

/* What a buffer is; strings are borrowed until the event is written. */
struct buffer_facts {
	uint64_t number, id, width, height, bytes;
	const char *kind, *format, *modifier;
};

/* Of any kind, not described; NULL out of memory, which is noted. So do all that follow. */
struct track *trace_get(struct trace *trace, enum track_kind kind, uint64_t number);
/* NULL as well if nothing is to be written of the client. */
struct track *trace_get_client(struct trace *trace, uint64_t client, int32_t pid);
struct track *trace_get_part(struct trace *trace, enum track_kind kind, uint64_t number,
	uint64_t parent, const char *name);
struct track *trace_get_surface(struct trace *trace, uint64_t client, uint64_t number, uint64_t id);
struct track *trace_get_buffer(struct trace *trace, uint64_t client, uint64_t number, uint64_t id);

/* What a client is called from now on; it is not written again. */
void trace_set_name(struct track *client, const char *name);

struct event trace_make_event(
	enum packet_event type, const struct track *track, uint64_t time_ns, const char *name);
void trace_begin_slice(struct trace *trace, struct track *track, const struct event *event);
/* If one has begun. */
void trace_end_slice(struct trace *trace, struct track *track, uint64_t time_ns);

/* Those that changed. */
void trace_write_counters(struct trace *trace, struct track *client, uint64_t number,
	uint64_t time_ns, const int64_t values[TRACK_N_COUNTERS]);
/* Those that are new. */
void trace_write_leak_signs(
	struct trace *trace, struct track *client, uint64_t time_ns, uint32_t signs);
/* That it lives, if that was not written yet. */
void trace_write_buffer(struct trace *trace, struct track *buffer, uint64_t time_ns,
	const struct buffer_facts *facts);
/* Title and app-id. */
void trace_write_surface_name(
	struct trace *trace, const struct track *surface, uint64_t time_ns, const char *texts[2]);

#endif
