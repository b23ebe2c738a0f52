/* SPDX-License-Identifier: MIT */
#ifndef SESSION_LOG_H
#define SESSION_LOG_H

#include "session/session.h"

/*
 * The session's own logger: what goes to the host's is clean text, as names of clients are in
 * it, and not more than some lines in a while, as clients' mistakes are in it: no client can
 * fill a disk.
 */
void log_init(struct wltex_session *session, const struct wltex_logger *host_logger);
/* Say how many messages were left out. */
void log_finish(struct wltex_session *session);

#endif
