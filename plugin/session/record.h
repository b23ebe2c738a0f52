/* SPDX-License-Identifier: MIT */
#ifndef SESSION_RECORD_H
#define SESSION_RECORD_H

#include "session/session.h"

/*
 * Everything that happens comes by here: to the host, to the control socket's subscribers, and
 * what becomes of a texture to the client that watches it. The sender of a record fills in its
 * kind and what belongs to that kind alone.
 */
void record_emit(const struct session_client *client, struct wltex_record *record);
void record_emit_of_surface(const struct wltex_surface *surface, struct wltex_record *record);
/* surface may be NULL. */
void record_emit_of_buffer(const struct session_buffer *buffer, const struct wltex_surface *surface,
	struct wltex_record *record);

#endif
