/* SPDX-License-Identifier: MIT */
#ifndef TESTS_WESTON_READBACK_H
#define TESTS_WESTON_READBACK_H

#include <stdbool.h>
#include <stdint.h>

#include <wltex/texture.h>

/* Reads textures back through the GPU: drawn into a framebuffer, then read from it. */
struct readback {
	EGLDisplay display;
	EGLContext context;
	GLuint programs[2]; /* GL_TEXTURE_2D, GL_TEXTURE_EXTERNAL_OES; 0: not yet made */
};

/*
 * Make a context of its own that shares with the one that is current, which stays current.
 * Returns false if there is none, or EGL fails.
 */
bool readback_init(struct readback *readback);
void readback_finish(struct readback *readback);

/*
 * The texture's pixels: R, G, B, A bytes, premultiplied as in the texture, rows from top to
 * bottom without padding. To be freed; NULL if GL failed. What was current stays current.
 */
uint8_t *readback_texture(struct readback *readback, const struct wltex_texture_info *info);

#endif
