/* SPDX-License-Identifier: MIT */
#ifndef SESSION_CLIENT_H
#define SESSION_CLIENT_H

#include "session/session.h"

/* What the tracker tells; data is the session. */
extern const struct wltex_track_interface session_track_interface;

/* Bytes behind all that the client shares: dmabufs and pools of wl_shm. */
uint64_t session_client_get_bytes(const struct session_client *client);

#endif
