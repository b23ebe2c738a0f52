/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "track/private.h"

/*
 * Commits that were requested and not applied yet, oldest first. Mostly there is one, which
 * lives in its surface.
 */

static void unlink_commit(struct surface *surface, struct queued *queued)
{
	wl_list_remove(&queued->link);
	surface->n_commits--;
	if (queued == &surface->built_in) {
		surface->built_in_used = false;
	} else {
		client_from_base(surface->base.client)->n_queued--;
		free(queued);
	}
}

/* NULL: out of memory, or as many as there may be. */
static struct queued *create(struct surface *surface)
{
	struct client *client = client_from_base(surface->base.client);
	struct queued *queued;

	if (surface->n_commits >= WLTEX_TRACK_MAX_COMMITS)
		return NULL;
	if (!surface->built_in_used) {
		surface->built_in_used = true;
		return &surface->built_in;
	}
	if (client->n_queued >= MAX_QUEUED)
		return NULL;
	queued = malloc(sizeof(*queued));
	if (queued != NULL)
		client->n_queued++;
	return queued;
}

/* The oldest one becomes part of what comes after it, and is free for another. */
static struct queued *reuse_oldest(struct surface *surface)
{
	struct queued *oldest = wl_container_of(surface->commits.next, oldest, link);
	struct queued *next = wl_container_of(oldest->link.next, next, link);
	bool only = surface->n_commits == 1;

	state_add_older(only ? &surface->pending : &next->state, &oldest->state);
	wl_list_remove(&oldest->link);
	surface->n_commits--;
	return oldest;
}

void queue_add(struct surface *surface)
{
	struct queued *queued = create(surface);

	if (queued == NULL)
		queued = reuse_oldest(surface);
	queued->state = surface->pending;
	queued->serial = surface->base.commits;
	wl_list_insert(surface->commits.prev, &queued->link);
	surface->n_commits++;
	state_init(&surface->pending);
}

void queue_finish(struct surface *surface)
{
	struct queued *queued, *next;

	wl_list_for_each_safe (queued, next, &surface->commits, link) {
		state_finish(&queued->state);
		unlink_commit(surface, queued);
	}
}

/* Take the n oldest commits, as one. */
static void take(struct surface *surface, uint32_t n, struct surface_state *taken)
{
	struct queued *queued, *next;

	state_init(taken);
	wl_list_for_each_safe (queued, next, &surface->commits, link) {
		if (n-- == 0)
			break;
		state_add_older(&queued->state, taken);
		*taken = queued->state;
		surface->base.taken = queued->serial;
		unlink_commit(surface, queued);
	}
}

static void hand_out(const struct surface *surface, const struct surface_state *taken,
	struct wltex_track_commit *commit)
{
	*commit = (struct wltex_track_commit){
		.attached = taken->attached,
		.buffer = taken->buffer,
		.serial = surface->base.taken,
		.damage_surface = taken->damage_surface,
		.damage_buffer = taken->damage_buffer,
	};
}

/* With how many of the oldest commits the surface comes to show this; 0: with none. */
static uint32_t find_applied(const struct surface *surface, const struct wl_resource *shown)
{
	const struct wl_resource *last = surface->shown;
	bool known = surface->shown_known;
	uint32_t n = 0, found = 0;
	const struct queued *queued;

	wl_list_for_each (queued, &surface->commits, link) {
		n++;
		if (queued->state.attached) {
			last = queued->state.buffer;
			known = true;
		}
		if (known && last != shown)
			continue;
		found = n;
		if (!surface->may_merge)
			break;
	}
	return found;
}

/* What is not in the queue. Where nothing is shown, the buffer may have been destroyed. */
static bool is_another(const struct surface *surface, const struct wl_resource *shown)
{
	return shown != NULL && surface->shown_known && shown != surface->shown;
}

bool wltex_track_surface_take_applied(struct wltex_track_surface *base,
	const struct wl_resource *shown, struct wltex_track_commit *commit)
{
	struct surface *surface = wl_container_of(base, surface, base);
	uint32_t n = find_applied(surface, shown);
	bool other = n == 0 && is_another(surface, shown);
	struct surface_state taken;

	if (n == 0)
		n = shown == NULL && !surface->may_merge && surface->n_commits > 0
			    ? 1
			    : surface->n_commits;
	take(surface, n, &taken);
	if (other) {
		taken.attached = true;
		taken.buffer = shown;
		state_claim_all(&taken);
	}
	surface->shown = shown;
	surface->shown_known = true;
	hand_out(surface, &taken, commit);
	return n > 0 || other;
}

bool wltex_track_surface_take_commit(
	struct wltex_track_surface *base, struct wltex_track_commit *commit)
{
	struct surface *surface = wl_container_of(base, surface, base);
	bool anything = surface->n_commits > 0;
	struct surface_state taken;

	take(surface, surface->n_commits, &taken);
	surface->shown_known = false;
	hand_out(surface, &taken, commit);
	return anything;
}

void wltex_track_commit_finish(struct wltex_track_commit *commit)
{
	pixman_region32_fini(&commit->damage_surface);
	pixman_region32_fini(&commit->damage_buffer);
}
