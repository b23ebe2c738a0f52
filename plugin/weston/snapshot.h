/* SPDX-License-Identifier: MIT */
#ifndef WESTON_SNAPSHOT_H
#define WESTON_SNAPSHOT_H

#include <stdio.h>

struct json_object;
struct module;

/*
 * Answer a request for the picture of one surface ("client" or "pid", and "surface"): *fd
 * becomes a stream with its PNG, see picture.h. Returns NULL, or what is wrong.
 */
const char *snapshot_answer(
	struct module *module, struct json_object *request, FILE *file, int *fd);

#endif
