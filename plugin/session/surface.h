/* SPDX-License-Identifier: MIT */
#ifndef SESSION_SURFACE_H
#define SESSION_SURFACE_H

#include "session/session.h"

/* Follow a wl_surface of a client from now on. Out of memory: it is not followed, which is logged. */
void session_surface_create(struct wltex_session *session, struct wltex_track_surface *track);
/* The wl_surface goes: so does the texture, at once. */
void session_surface_destroy(struct wltex_surface *surface);

/* Tell everybody what happened to the surface's texture. */
void session_surface_tell(struct wltex_surface *surface, const struct wltex_event *event);

/* Whether one texture more of the surface, of this buffer or NULL, is over the client's limit. */
bool session_surface_is_over_limit(
	struct wltex_surface *surface, const struct session_buffer *buffer);

/* Make the texture object, unless it is there. false: there cannot be any. */
bool session_surface_has_texture(struct wltex_surface *surface);

/* What the host calls it, as far as it does. */
void session_surface_describe(
	const struct wltex_surface *surface, struct wltex_description *description);
/* Now and then, for who records. */
void session_surface_tell_name(const struct wltex_surface *surface);

#endif
