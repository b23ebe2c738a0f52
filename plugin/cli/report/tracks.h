/* SPDX-License-Identifier: MIT */
#ifndef CLI_REPORT_TRACKS_H
#define CLI_REPORT_TRACKS_H

#include "cli/report/index.h"
#include "cli/report/model.h"
#include "trace.pb-c.h"

enum track_kind {
	/* Not of wltex, or not known to it. */
	TRACK_OTHER,
	/* "wltex" itself. */
	TRACK_WLTEX,
	TRACK_CLIENT,
	TRACK_SURFACE,
	TRACK_BUFFER,
	TRACK_GAUGE,
};

struct track {
	struct index_key uuid; // tracks.index
	enum track_kind kind;
	/* Of a client, from when something of wltex is seen of it. */
	struct report_client *client;
	struct report_surface *surface;
	struct report_buffer *buffer;
	enum gauge gauge;
	int32_t pid;
	char name[MODEL_NAME_SIZE];
};

/* What was said of tracks so far, for what happens on them. All zero but the model is none. */
struct tracks {
	struct report_model *model;
	struct index index; // struct track.uuid
	size_t count;
	/* There is something that wltex wrote. */
	bool has_wltex;
};

void tracks_finish(struct tracks *tracks);

struct track *tracks_find(const struct tracks *tracks, uint64_t uuid);
void tracks_add(struct tracks *tracks, const Wltex__TrackDescriptor *descriptor);
/* What comes on it later is left out. */
void tracks_remove(struct tracks *tracks, struct track *track);
/* The client of this process, from now on. NULL: there is no room for it. */
struct report_client *tracks_get_client(struct tracks *tracks, struct track *process);

#endif
