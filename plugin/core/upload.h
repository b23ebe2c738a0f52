/* SPDX-License-Identifier: MIT */
#ifndef CORE_UPLOAD_H
#define CORE_UPLOAD_H

#include <pixman.h>

#include "core/pair.h"

/* How GL takes pixels of a DRM format. */
struct core_upload_format {
	uint32_t fourcc;
	uint32_t bytes_per_pixel;
	int min_gles;    // 20, 30
	bool needs_bgra; // GL_EXT_texture_format_BGRA8888
	GLint internal_es2, internal_es3;
	GLenum format, type;
	/* Which component each of R, G, B, A is found in: "rgba", "bgr1", ... */
	const char *swizzle;
};

/* NULL if this GL cannot take the format. No GL is called. */
const struct core_upload_format *core_upload_find(
	const struct wltex_context *context, uint32_t fourcc);

/*
 * Make a texture of pixels / bring the pixels of region up to date in it. The context
 * is current. Return 0, or -EIO (make leaves nothing behind).
 */
int core_upload_make(struct core_pair *pair, struct wltex_context *context,
	const struct core_upload_format *format, const struct wltex_pixels *pixels);
int core_upload_region(struct core_pair *pair, struct wltex_context *context,
	const struct core_upload_format *format, const struct wltex_pixels *pixels,
	const pixman_region32_t *region);

#endif
