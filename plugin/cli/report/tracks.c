/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "cli/report/tracks.h"

#define TRACKS_MAX 131072
#define SURFACE_NAME "wl_surface@"

static const char *const gauge_names[GAUGE_COUNT] = {
	[GAUGE_BYTES] = "bytes",
	[GAUGE_SHM_BYTES] = "shm bytes",
	[GAUGE_BUFFERS] = "buffers",
	[GAUGE_FDS] = "fds",
	[GAUGE_TEXTURES] = "textures",
};

struct track *tracks_find(const struct tracks *tracks, uint64_t uuid)
{
	return index_find(&tracks->index, uuid);
}

struct report_client *tracks_get_client(struct tracks *tracks, struct track *process)
{
	if (process->client == NULL)
		process->client = model_add_client(tracks->model, process->pid, process->name);
	return process->client;
}

/* The one of this number, made if need be; NULL: there is no room. */
static struct track *get_track(struct tracks *tracks, uint64_t uuid)
{
	struct track *track = tracks_find(tracks, uuid);

	if (track != NULL)
		return track;
	if (tracks->count < TRACKS_MAX)
		track = calloc(1, sizeof(*track));
	if (track == NULL)
		return NULL;
	track->uuid.number = uuid;
	if (index_insert(&tracks->index, &track->uuid) < 0) {
		free(track);
		return NULL;
	}
	tracks->count++;
	return track;
}

void tracks_remove(struct tracks *tracks, struct track *track)
{
	index_remove(&tracks->index, &track->uuid);
	tracks->count--;
	free(track);
}

static void become_gauge(struct track *track, const char *name)
{
	for (unsigned int i = 0; i < GAUGE_COUNT; i++) {
		if (strcmp(name, gauge_names[i]) == 0) {
			track->kind = TRACK_GAUGE;
			track->gauge = i;
		}
	}
}

static bool begins_with(const char *name, const char *begin)
{
	return strncmp(name, begin, strlen(begin)) == 0;
}

/* What a client has. */
static void become_child(struct tracks *tracks, struct track *track, struct track *process,
	const Wltex__TrackDescriptor *descriptor)
{
	const char *name = descriptor->name;

	if (begins_with(name, SURFACE_NAME))
		track->kind = TRACK_SURFACE;
	else if (begins_with(name, "wl_buffer@"))
		track->kind = TRACK_BUFFER;
	else if (descriptor->counter != NULL)
		become_gauge(track, name);
	if (track->kind == TRACK_OTHER)
		return;
	tracks->has_wltex = true;
	track->client = tracks_get_client(tracks, process);
	if (track->client != NULL && track->kind == TRACK_SURFACE)
		track->surface = model_add_surface(tracks->model, track->client,
			(uint32_t)strtoul(name + strlen(SURFACE_NAME), NULL, 10));
}

static void become_process(struct track *track, const Wltex__TrackDescriptor *descriptor)
{
	const char *name = descriptor->process->process_name;

	/* It may be told again with another name. */
	track->kind = TRACK_CLIENT;
	track->pid = descriptor->process->pid;
	model_copy(track->name, sizeof(track->name),
		name != NULL               ? name
		: descriptor->name != NULL ? descriptor->name
					   : "");
	if (track->client != NULL)
		model_copy(track->client->name, sizeof(track->client->name), track->name);
}

static bool is_worth_it(const Wltex__TrackDescriptor *descriptor, const struct track *parent)
{
	if (descriptor->process != NULL)
		return true;
	if (descriptor->name == NULL)
		return false;
	return parent != NULL ? parent->kind == TRACK_CLIENT
			      : strcmp(descriptor->name, "wltex") == 0;
}

void tracks_add(struct tracks *tracks, const Wltex__TrackDescriptor *descriptor)
{
	struct track *parent = tracks_find(tracks, descriptor->parent_uuid), *track;

	if (!is_worth_it(descriptor, parent))
		return;
	track = get_track(tracks, descriptor->uuid);
	if (track == NULL || (track->kind != TRACK_OTHER && track->kind != TRACK_CLIENT))
		return;
	if (descriptor->process != NULL)
		become_process(track, descriptor);
	else if (parent != NULL)
		become_child(tracks, track, parent, descriptor);
	else
		track->kind = TRACK_WLTEX;
	tracks->has_wltex |= track->kind == TRACK_WLTEX;
}

void tracks_finish(struct tracks *tracks)
{
	index_finish(&tracks->index, free);
}
