/* SPDX-License-Identifier: MIT */
#ifndef WESTON_DAMAGE_H
#define WESTON_DAMAGE_H

#include <libweston/libweston.h>
#include <pixman.h>
#include <stdbool.h>

/*
 * True damage: what a commit really changed replaces what its client claimed in
 * weston_surface.damage, so that Weston repaints and uploads that only.
 *
 * weston_surface.damage may still hold damage of earlier commits, which no repaint has
 * flushed yet and which must not be lost. What that is can be seen when a commit is
 * requested, before Weston adds the commit's own claim to it.
 *
 * Nor must a change be lost that was seen, but not claimed. A look at a tile finds all that
 * changed in it: what a client that is ahead has drawn already and claims next, or what
 * filtering lets be seen beside the claim. What Weston shows there counts as doubtful,
 * until a later commit claims it. If an earlier one did so, and no repaint came since, then
 * what was taken out of that is put back.
 */

/* All that decides how buffer pixels become surface pixels, and surface pixels seen. */
struct damage_geometry {
	/* Compared byte for byte: no padding. */
	int32_t buffer_width, buffer_height, width, height;
	const struct pixel_format_info *format;
	uint64_t modifier;
	int buffer_type, origin;
	struct weston_buffer_viewport viewport;
	uint64_t protection;
	const struct weston_color_profile *color_profile;
	const struct weston_render_intent_info *render_intent;
};

struct damage {
	/* Not flushed as of a commit request, this surface's or a parent's, and which. */
	pixman_region32_t unflushed;
	uint64_t request;
	/* Where the surface may differ from what is shown of it, though nothing is claimed. */
	pixman_region32_t doubtful;
	/* What was taken out since Weston flushed the surface's damage. */
	pixman_region32_t dropped;
	/* Of the last commit with a buffer. */
	struct damage_geometry geometry;
	bool geometry_known;
};

void damage_init(struct damage *damage);
void damage_finish(struct damage *damage);

/* A commit that may apply surface's state is requested; requests count from 1. */
void damage_commit_requested(
	struct damage *damage, const struct weston_surface *surface, uint64_t request);

/*
 * The commit is applied, because of the given request; 0 if because of anything else
 * (set_desync, a timer). changed: where its buffer really differs from what the surface
 * showed before, in buffer pixels, beyond the claim too; NULL if that is not known.
 * Returns why the claim was kept, or NULL if it was replaced.
 */
const char *damage_commit_applied(struct damage *damage, struct weston_surface *surface,
	uint64_t request, const pixman_region32_t *changed);

/* A commit without a buffer is applied: its other state is, and its damage is not. */
void damage_state_applied(struct damage *damage, const struct weston_surface *surface);

/* The surface shows nothing any more, or something that is not known. */
void damage_forget(struct damage *damage);

/* It may have to be drawn anew, though its content is the same. */
void damage_doubt(struct damage *damage, struct weston_surface *surface);

/*
 * Add what was claimed in surface coordinates to damage in buffer pixels; whatever a
 * fraction of is touched is added whole. false: out of memory, the damage is incomplete.
 */
bool damage_add_surface_region(pixman_region32_t *buffer_damage,
	const struct weston_surface *surface, const pixman_region32_t *claimed);

#endif
