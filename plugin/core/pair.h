/* SPDX-License-Identifier: MIT */
#ifndef CORE_PAIR_H
#define CORE_PAIR_H

#include "core/core.h"

/* One EGLImage and the texture that is its sibling; or a texture alone (pixels). */
struct core_pair {
	EGLImageKHR image;
	GLuint name; // 0: there is none
	GLenum target;
};

/* Why an import failed: in words, and whether it may work another time. */
struct core_failure {
	const char *reason;
	bool may_pass;
};

/* A dmabuf in words, for messages: its format, modifier, size and planes. */
struct core_description {
	char text[224];
};
struct core_description core_describe(const struct wltex_dmabuf_attributes *attributes);

/* Make the image alone; EGL_NO_IMAGE_KHR: see eglGetError(). */
EGLImageKHR core_image_create(
	struct wltex_context *context, const struct wltex_dmabuf_attributes *attributes);

/*
 * Import a dmabuf. The context is current. The fds stay the caller's: EGL takes
 * references of its own. Returns 0, or a negative errno with *pair zero and nothing
 * left behind, and the reason.
 */
int core_pair_import(struct core_pair *pair, struct wltex_context *context,
	const struct wltex_dmabuf_attributes *attributes, const struct wltex_format *format,
	struct core_failure *failure);

/*
 * Make a texture and bind it, set up for sampling without mipmaps; *before was bound. false:
 * there is none, and nothing was bound, so that the caller's texture 0 stays untouched;
 * the context may be lost.
 */
bool core_pair_create_texture(
	struct core_pair *pair, struct wltex_context *context, GLenum target, GLuint *before);

/* Destroy texture and image. The context is current. */
void core_pair_finish(struct core_pair *pair, struct wltex_context *context);

/* Bind a texture; returns what was bound to the target before, to be bound again. */
GLuint core_bind(GLenum target, GLuint name);

#endif
