/* SPDX-License-Identifier: MIT */
#ifndef CLI_RECORD_TRACE_H
#define CLI_RECORD_TRACE_H

#include "cli/monitor/state.h"
#include "cli/record/packet.h"
#include "cli/record/ring-reader.h"

/*
 * From what a compositor noted to a trace, as wltex-record(1) describes it. It begins with what
 * there is (trace_add_state()), or what there was before is told at the end.
 */
struct trace {
	struct packets packets;
	/* Of struct track, by tsearch(3). Owned. */
	void *tracks;
	/* Only of these; 0 and NULL: of all. */
	uint32_t pid;
	const char *app_id;
	/* Entries before this time are in the state already. */
	uint64_t begin_ns;
	uint64_t last_ns, records, lost;
	/* Memory ran out: what is written no longer fits together. */
	bool failed;
};

void trace_begin(struct trace *trace, FILE *file);
/* What clients are called, of those that are there. */
void trace_add_names(struct trace *trace, const struct compositor_state *state);
/* Clients, buffers and what surfaces show, as far as they are not known. */
void trace_add_state(struct trace *trace, const struct compositor_state *state);
void trace_add_entry(struct trace *trace, const struct ring_copy *copy);
/* It ends as it was asked to. */
void trace_end(struct trace *trace);
void trace_finish(struct trace *trace);

#endif
