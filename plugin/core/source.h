/* SPDX-License-Identifier: MIT */
#ifndef CORE_SOURCE_H
#define CORE_SOURCE_H

#include "core/texture.h"
#include "core/upload.h"

/* How a source becomes a texture, or why it does not. */
struct core_source {
	const struct wltex_format *format;       // of a dmabuf
	const struct core_upload_format *upload; // of pixels
	const char *message;
};

/* Returns error, for that reason. */
int core_source_reject(struct core_source *source, int error, const char *message);

/*
 * Whether the caller may do that, and whether what is attached can be shown at all: no GL is
 * needed to tell. Return 0, or a negative errno with the message set.
 */
int core_source_check_use(const struct wltex_texture *texture, struct core_source *source);
int core_source_check_call(const struct wltex_texture *texture, const struct wltex_attach *attach,
	struct core_source *source);
int core_source_check(const struct wltex_context *context, const struct wltex_attach *attach,
	struct core_source *source);

#endif
