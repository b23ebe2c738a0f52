/* SPDX-License-Identifier: MIT */
#ifndef SESSION_LOOK_H
#define SESSION_LOOK_H

#include "session/session.h"

/* Whether the client has finished drawing what it committed, as far as its fence tells. */
bool session_look_is_drawn(const struct wltex_source *source);

/* Pixels of claimed that changed; all of them if changed is NULL. */
uint64_t session_look_get_true_px(
	const pixman_region32_t *changed, const pixman_region32_t *claimed);

/* The surface goes: count what was not counted yet, and drop the sums. */
void session_look_finish(struct wltex_surface *surface);

#endif
