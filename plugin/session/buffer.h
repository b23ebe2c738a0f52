/* SPDX-License-Identifier: MIT */
#ifndef SESSION_BUFFER_H
#define SESSION_BUFFER_H

#include "session/session.h"

/* Of the tracker's interface; data is the session. */
void session_buffer_created(void *data, struct wltex_track_buffer *track);
void session_buffer_released(void *data, struct wltex_track_buffer *track);
void session_buffer_destroyed(void *data, struct wltex_track_buffer *track);

void session_shm_buffer_created(void *data, struct wltex_track_shm_buffer *track);
void session_shm_buffer_released(void *data, struct wltex_track_shm_buffer *track);
void session_shm_buffer_destroyed(void *data, struct wltex_track_shm_buffer *track);

/* The buffer behind a wl_buffer; NULL if it is none of a kind that is followed, or no memory. */
struct session_buffer *session_buffer_find(
	struct wltex_session *session, struct wl_resource *resource);

/*
 * The surface shows buffer from now on; NULL: none, or none that is followed. has_content: whether it shows
 * anything.
 */
void session_surface_set_buffer(
	struct wltex_surface *surface, struct session_buffer *buffer, bool has_content);

#endif
