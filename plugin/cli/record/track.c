/* SPDX-License-Identifier: MIT */
#include <search.h>
#include <stdlib.h>

#include "cli/record/track.h"

#define KIND_SHIFT 56

uint64_t track_get_uuid(enum track_kind kind, uint64_t number)
{
	return (uint64_t)(kind + 1) << KIND_SHIFT | number;
}

static int compare(const void *a, const void *b)
{
	const struct track *x = a, *y = b;

	return (x->uuid > y->uuid) - (x->uuid < y->uuid);
}

struct track *track_find(void *const *tree, uint64_t uuid)
{
	const struct track key = {.uuid = uuid};
	struct track *const *found = tfind(&key, tree, compare);

	return found ? *found : NULL;
}

struct track *track_get(void **tree, uint64_t uuid)
{
	struct track *track = track_find(tree, uuid);

	if (track)
		return track;
	track = calloc(1, sizeof(*track));
	if (!track)
		return NULL;
	track->uuid = uuid;
	if (tsearch(track, tree, compare))
		return track;
	free(track);
	return NULL;
}

void track_forget(void **tree, struct track *track)
{
	tdelete(track, tree, compare);
	free(track);
}

void track_forget_all(void **tree)
{
	tdestroy(*tree, free);
	*tree = NULL;
}
