/* SPDX-License-Identifier: MIT */
#ifndef SESSION_SNAPSHOT_H
#define SESSION_SNAPSHOT_H

#include <stdio.h>

struct json_object;
struct wltex_session;

/*
 * Answer a request for the picture of one surface ("client" or "pid", and "surface"): *fd
 * becomes a stream with its PNG, see picture.h. Returns NULL, or what is wrong.
 */
const char *snapshot_answer(
	struct wltex_session *session, struct json_object *request, FILE *file, int *fd);

#endif
