/* SPDX-License-Identifier: MIT */
#ifndef TESTS_GL_SAMPLE_H
#define TESTS_GL_SAMPLE_H

#include <wltex/texture.h>

/*
 * What a shader sees in every pixel of a texture: width * height times RGBA, row 0 of the
 * memory first, to be freed. In the GL context that is current, whose state it changes.
 */
float *sample_texture(const struct wltex_texture_info *info);

/*
 * Whether the texture shows the pixels of a format that decode.h knows, row 0 first.
 * Fails the test with the first pixel that is different.
 */
void sample_check(struct wltex_texture *texture, uint32_t format, const void *data, size_t stride);

#endif
