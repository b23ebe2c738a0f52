/* SPDX-License-Identifier: MIT */
#include <drm_fourcc.h>
#include <errno.h>
#include <GLES3/gl3.h>

#include "core/upload.h"

/*
 * GL names components in memory order for bytes and from the low bit for packed types;
 * DRM names them from the high bit of a little-endian word. With GL ES 3 any order is a
 * matter of swizzles; GL ES 2 has none.
 */
#define BYTES(fourcc, min, swizzle) \
	{ \
		fourcc, 4, min, false, GL_RGBA, GL_RGBA8, GL_RGBA, GL_UNSIGNED_BYTE, swizzle \
	}
#define TEN_BITS(fourcc, swizzle) \
	{ \
		fourcc, 4, 30, false, 0, GL_RGB10_A2, GL_RGBA, GL_UNSIGNED_INT_2_10_10_10_REV, \
			swizzle \
	}
#define HALF_FLOATS(fourcc, swizzle) \
	{ \
		fourcc, 8, 30, false, 0, GL_RGBA16F, GL_RGBA, GL_HALF_FLOAT, swizzle \
	}

static const struct core_upload_format formats[] = {
	BYTES(DRM_FORMAT_ABGR8888, 20, "rgba"),
	BYTES(DRM_FORMAT_XBGR8888, 30, "rgb1"),
	BYTES(DRM_FORMAT_ARGB8888, 30, "bgra"),
	BYTES(DRM_FORMAT_XRGB8888, 30, "bgr1"),
	BYTES(DRM_FORMAT_RGBA8888, 30, "abgr"),
	BYTES(DRM_FORMAT_RGBX8888, 30, "abg1"),
	BYTES(DRM_FORMAT_BGRA8888, 30, "gbar"),
	BYTES(DRM_FORMAT_BGRX8888, 30, "gba1"),
	TEN_BITS(DRM_FORMAT_ABGR2101010, "rgba"),
	TEN_BITS(DRM_FORMAT_XBGR2101010, "rgb1"),
	TEN_BITS(DRM_FORMAT_ARGB2101010, "bgra"),
	TEN_BITS(DRM_FORMAT_XRGB2101010, "bgr1"),
	HALF_FLOATS(DRM_FORMAT_ABGR16161616F, "rgba"),
	HALF_FLOATS(DRM_FORMAT_XBGR16161616F, "rgb1"),
	HALF_FLOATS(DRM_FORMAT_ARGB16161616F, "bgra"),
	HALF_FLOATS(DRM_FORMAT_XRGB16161616F, "bgr1"),
	{DRM_FORMAT_RGB565, 2, 20, false, GL_RGB, GL_RGB565, GL_RGB, GL_UNSIGNED_SHORT_5_6_5,
		"rgb1"},
	{DRM_FORMAT_ARGB8888, 4, 20, true, GL_BGRA_EXT, GL_BGRA_EXT, GL_BGRA_EXT, GL_UNSIGNED_BYTE,
		"rgba"},
};

const struct core_upload_format *core_upload_find(
	const struct wltex_context *context, uint32_t fourcc)
{
	int version = context->capabilities.gles_version;

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		const struct core_upload_format *format = &formats[i];
		if (format->fourcc != fourcc || format->min_gles > version)
			continue;
		if (!format->needs_bgra || context->bgra)
			return format;
	}
	return NULL;
}

/* The caller's unpack state, which the caller may rely on in a context that it shares. */
struct unpack_state {
	GLint alignment, row_length, skip_rows, skip_pixels, buffer;
};

static void unpack_begin(struct unpack_state *state, const struct wltex_context *context)
{
	glGetIntegerv(GL_UNPACK_ALIGNMENT, &state->alignment);
	glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
	if (context->capabilities.unpack_row_length) {
		glGetIntegerv(GL_UNPACK_ROW_LENGTH, &state->row_length);
		glGetIntegerv(GL_UNPACK_SKIP_ROWS, &state->skip_rows);
		glGetIntegerv(GL_UNPACK_SKIP_PIXELS, &state->skip_pixels);
		glPixelStorei(GL_UNPACK_SKIP_ROWS, 0);
		glPixelStorei(GL_UNPACK_SKIP_PIXELS, 0);
	}
	if (context->capabilities.gles_version >= 30) {
		glGetIntegerv(GL_PIXEL_UNPACK_BUFFER_BINDING, &state->buffer);
		glBindBuffer(GL_PIXEL_UNPACK_BUFFER, 0);
	}
}

static void unpack_end(const struct unpack_state *state, const struct wltex_context *context)
{
	glPixelStorei(GL_UNPACK_ALIGNMENT, state->alignment);
	if (context->capabilities.unpack_row_length) {
		glPixelStorei(GL_UNPACK_ROW_LENGTH, state->row_length);
		glPixelStorei(GL_UNPACK_SKIP_ROWS, state->skip_rows);
		glPixelStorei(GL_UNPACK_SKIP_PIXELS, state->skip_pixels);
	}
	if (context->capabilities.gles_version >= 30)
		glBindBuffer(GL_PIXEL_UNPACK_BUFFER, (GLuint)state->buffer);
}

/*
 * One call for the box, or one a row where GL cannot be told the stride, or drivers that
 * count bytes in 32 bits could not.
 */
static void upload_box(const struct wltex_context *context, const struct core_upload_format *format,
	const struct wltex_pixels *pixels, const pixman_box32_t *box)
{
	const uint8_t *first = (const uint8_t *)pixels->data + (size_t)box->y1 * pixels->stride +
			       (size_t)box->x1 * format->bytes_per_pixel;
	GLsizei width = box->x2 - box->x1, height = box->y2 - box->y1;
	bool one_call = context->capabilities.unpack_row_length &&
			pixels->stride % format->bytes_per_pixel == 0 &&
			pixels->stride <= INT32_MAX / (size_t)height;

	if (one_call)
		glPixelStorei(
			GL_UNPACK_ROW_LENGTH, (GLint)(pixels->stride / format->bytes_per_pixel));
	else if (context->capabilities.unpack_row_length)
		glPixelStorei(GL_UNPACK_ROW_LENGTH, 0);
	if (one_call) {
		glTexSubImage2D(GL_TEXTURE_2D, 0, box->x1, box->y1, width, height, format->format,
			format->type, first);
		return;
	}
	for (GLsizei y = 0; y < height; y++)
		glTexSubImage2D(GL_TEXTURE_2D, 0, box->x1, box->y1 + y, width, 1, format->format,
			format->type, first + (size_t)y * pixels->stride);
}

static GLint swizzle_value(char component)
{
	switch (component) {
	case 'r':
		return GL_RED;
	case 'g':
		return GL_GREEN;
	case 'b':
		return GL_BLUE;
	case 'a':
		return GL_ALPHA;
	default:
		return GL_ONE;
	}
}

int core_upload_make(struct core_pair *pair, struct wltex_context *context,
	const struct core_upload_format *format, const struct wltex_pixels *pixels)
{
	static const GLenum names[] = {GL_TEXTURE_SWIZZLE_R, GL_TEXTURE_SWIZZLE_G,
		GL_TEXTURE_SWIZZLE_B, GL_TEXTURE_SWIZZLE_A};
	bool es3 = context->capabilities.gles_version >= 30;
	const pixman_box32_t all = {0, 0, (int32_t)pixels->width, (int32_t)pixels->height};
	struct unpack_state state = {0};
	GLenum error;
	GLuint before;

	*pair = (struct core_pair){.image = EGL_NO_IMAGE_KHR};
	core_clear_gl_errors();
	if (!core_pair_create_texture(pair, context, GL_TEXTURE_2D, &before))
		return context->lost ? -ENODEV : -EIO;
	for (int i = 0; i < 4 && es3; i++)
		glTexParameteri(GL_TEXTURE_2D, names[i], swizzle_value(format->swizzle[i]));
	unpack_begin(&state, context);
	glTexImage2D(GL_TEXTURE_2D, 0, es3 ? format->internal_es3 : format->internal_es2,
		(GLsizei)pixels->width, (GLsizei)pixels->height, 0, format->format, format->type,
		NULL);
	upload_box(context, format, pixels, &all);
	unpack_end(&state, context);
	error = glGetError();
	glBindTexture(GL_TEXTURE_2D, before);
	if (error == GL_NO_ERROR)
		return 0;

	wltex_warning(&context->logger, "upload of %ux%u pixels failed: %#x", pixels->width,
		pixels->height, error);
	core_check_lost(context, error);
	core_pair_finish(pair, context);
	return context->lost ? -ENODEV : -EIO;
}

int core_upload_region(struct core_pair *pair, struct wltex_context *context,
	const struct core_upload_format *format, const struct wltex_pixels *pixels,
	const pixman_region32_t *region)
{
	int n = 0;
	const pixman_box32_t *boxes = pixman_region32_rectangles(region, &n);
	struct unpack_state state = {0};
	GLenum error;
	GLuint before;

	core_clear_gl_errors();
	before = core_bind(GL_TEXTURE_2D, pair->name);
	unpack_begin(&state, context);
	for (int i = 0; i < n; i++)
		upload_box(context, format, pixels, &boxes[i]);
	unpack_end(&state, context);
	error = glGetError();
	glBindTexture(GL_TEXTURE_2D, before);
	if (error == GL_NO_ERROR)
		return 0;
	wltex_warning(&context->logger, "upload of %d rectangles failed: %#x", n, error);
	return core_check_lost(context, error) ? -ENODEV : -EIO;
}
