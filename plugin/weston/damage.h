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
 */

/* All that decides how buffer pixels become surface pixels, and surface pixels seen. */
struct damage_geometry {
	int32_t buffer_width, buffer_height, width, height;
	const struct pixel_format_info *format;
	uint64_t modifier;
	int buffer_type, origin;
	struct weston_buffer_viewport viewport;
	enum weston_hdcp_protection protection;
};

struct damage {
	/* Not flushed as of a commit request, this surface's or a parent's, and which. */
	pixman_region32_t unflushed;
	uint64_t request;
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
 * showed before, in buffer pixels; NULL if that is not known.
 * Returns why the claim was kept, or NULL if it was replaced.
 */
const char *damage_commit_applied(struct damage *damage, struct weston_surface *surface,
	uint64_t request, const pixman_region32_t *changed);

/* The surface shows nothing any more. */
void damage_forget(struct damage *damage);

/*
 * Add what was claimed in surface coordinates to damage in buffer pixels; whatever a
 * fraction of is touched is added whole.
 */
void damage_add_surface_region(pixman_region32_t *buffer_damage,
	const struct weston_surface *surface, const pixman_region32_t *claimed);

#endif
