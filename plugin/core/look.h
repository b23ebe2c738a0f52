/* SPDX-License-Identifier: MIT */
#ifndef CORE_LOOK_H
#define CORE_LOOK_H

#include "core/texture.h"

/* One look at a source: what was claimed, and what changed. */
struct core_look {
	/* By this commit; and by it together with those that nobody looked at before. */
	pixman_region32_t claimed, both;
	const pixman_region32_t *suspect; // one of these
	pixman_region32_t changed;
	enum core_change change;
	uint64_t ns; // what it took; 0: nothing was read
};

void core_look_init(struct core_look *look);
void core_look_finish(struct core_look *look);

/*
 * Find out what changed, as far as attach lets, and remember what is there. What earlier
 * commits claimed and nobody looked at is looked at too, and is seen then.
 */
void core_look_at_dmabuf(
	struct core_look *look, struct wltex_texture *texture, const struct wltex_attach *attach);
void core_look_at_pixels(struct core_look *look, struct wltex_texture *texture,
	const struct wltex_attach *attach, uint32_t bytes_per_pixel);

/* Count the damage of a commit. */
void core_look_count(const struct core_look *look, struct wltex_texture *texture);

/* Where pixels changed, kept in the texture object; NULL if that is not known. */
const pixman_region32_t *core_look_get_changed(
	const struct core_look *look, struct wltex_texture *texture);

/* Not now: what a commit claims is looked at with the next one, or when somebody asks. */
void core_look_postpone(
	struct core_look *look, struct wltex_texture *texture, const struct wltex_attach *attach);

#endif
