/* SPDX-License-Identifier: MIT */
#ifndef WESTON_SNAPSHOT_H
#define WESTON_SNAPSHOT_H

#include <stdio.h>

struct json_object;
struct module;

/*
 * Answer a request for the picture of one surface ("pid" and "surface"): *fd becomes a
 * sealed memfd with its pixels as wltex_texture_read() gives them; what they are is
 * written to file. Encoding them is left to who asked: it would hold up the compositor.
 * Returns NULL, or what is wrong.
 */
const char *snapshot_answer(
	struct module *module, struct json_object *request, FILE *file, int *fd);

#endif
