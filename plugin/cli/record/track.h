/* SPDX-License-Identifier: MIT */
#ifndef CLI_RECORD_TRACK_H
#define CLI_RECORD_TRACK_H

#include <stdbool.h>
#include <stdint.h>

enum track_kind {
	TRACK_ROOT,
	TRACK_CLIENT,
	TRACK_SURFACE,
	TRACK_TEXTURE,
	TRACK_BUFFER,
	TRACK_COUNTERS, // and those after it: one for each enum track_counter
};

enum track_counter {
	COUNTER_BYTES,
	COUNTER_SHM_BYTES,
	COUNTER_BUFFERS,
	COUNTER_FDS,
	COUNTER_TEXTURES,
	COUNTER_CLAIMED_PX,
	COUNTER_TRUE_PX,
	TRACK_N_COUNTERS,
};

#define TRACK_NAME_SIZE 256

/* What was written of a client, a surface or a buffer. */
struct track {
	uint64_t uuid;
	bool described; /* its descriptor is written */
	bool is_open;   /* a slice has begun, and not ended */
	/* Of clients. */
	bool wanted, has_counters, gone;
	uint32_t leak_signs;
	int64_t counters[TRACK_N_COUNTERS];
	char name[TRACK_NAME_SIZE];
	/* Of buffers: of the commit that showed it last. */
	uint64_t flow;
};

uint64_t track_get_uuid(enum track_kind kind, uint64_t number);

/* The track in the tree, made if it is not there; NULL without memory. */
struct track *track_get(void **tree, uint64_t uuid);
/* The same, but NULL if it is not there. */
struct track *track_find(void *const *tree, uint64_t uuid);
void track_forget(void **tree, struct track *track);
void track_forget_all(void **tree);

#endif
