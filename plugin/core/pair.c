/* SPDX-License-Identifier: MIT */
#include <drm_fourcc.h>
#include <errno.h>
#include <stdio.h>

#include "core/pair.h"
#include "dmabuf/format.h"

/* EGL's attribute names of the planes. */
static const struct {
	EGLint fd, offset, pitch, modifier_lo, modifier_hi;
} plane_names[WLTEX_MAX_PLANES] = {
	{EGL_DMA_BUF_PLANE0_FD_EXT, EGL_DMA_BUF_PLANE0_OFFSET_EXT, EGL_DMA_BUF_PLANE0_PITCH_EXT,
		EGL_DMA_BUF_PLANE0_MODIFIER_LO_EXT, EGL_DMA_BUF_PLANE0_MODIFIER_HI_EXT},
	{EGL_DMA_BUF_PLANE1_FD_EXT, EGL_DMA_BUF_PLANE1_OFFSET_EXT, EGL_DMA_BUF_PLANE1_PITCH_EXT,
		EGL_DMA_BUF_PLANE1_MODIFIER_LO_EXT, EGL_DMA_BUF_PLANE1_MODIFIER_HI_EXT},
	{EGL_DMA_BUF_PLANE2_FD_EXT, EGL_DMA_BUF_PLANE2_OFFSET_EXT, EGL_DMA_BUF_PLANE2_PITCH_EXT,
		EGL_DMA_BUF_PLANE2_MODIFIER_LO_EXT, EGL_DMA_BUF_PLANE2_MODIFIER_HI_EXT},
	{EGL_DMA_BUF_PLANE3_FD_EXT, EGL_DMA_BUF_PLANE3_OFFSET_EXT, EGL_DMA_BUF_PLANE3_PITCH_EXT,
		EGL_DMA_BUF_PLANE3_MODIFIER_LO_EXT, EGL_DMA_BUF_PLANE3_MODIFIER_HI_EXT},
};

/* 3 pairs for the whole, 5 for each plane, 1 for the end. */
#define MAX_ATTRIBS (2 * 3 + 2 * 5 * WLTEX_MAX_PLANES + 1)

struct core_description core_describe(const struct wltex_dmabuf_attributes *attributes)
{
	struct core_description description;

	snprintf(description.text, sizeof(description.text),
		"%s, modifier %s, %dx%d, planes: %d, flags: %#x",
		fourcc_to_text(attributes->format).text,
		modifier_to_text(attributes->modifier).text, attributes->width, attributes->height,
		attributes->n_planes, attributes->flags);
	return description;
}

EGLImageKHR core_image_create(
	struct wltex_context *context, const struct wltex_dmabuf_attributes *attributes)
{
	bool explicit_modifier =
		context->capabilities.modifiers && attributes->modifier != DRM_FORMAT_MOD_INVALID;
	EGLint attribs[MAX_ATTRIBS];
	int n = 0;

	attribs[n++] = EGL_WIDTH;
	attribs[n++] = attributes->width;
	attribs[n++] = EGL_HEIGHT;
	attribs[n++] = attributes->height;
	attribs[n++] = EGL_LINUX_DRM_FOURCC_EXT;
	attribs[n++] = (EGLint)attributes->format;
	for (int i = 0; i < attributes->n_planes; i++) {
		const struct wltex_dmabuf_plane *plane = &attributes->planes[i];
		attribs[n++] = plane_names[i].fd;
		attribs[n++] = plane->fd;
		attribs[n++] = plane_names[i].offset;
		attribs[n++] = (EGLint)plane->offset;
		attribs[n++] = plane_names[i].pitch;
		attribs[n++] = (EGLint)plane->stride;
		if (!explicit_modifier)
			continue;
		attribs[n++] = plane_names[i].modifier_lo;
		attribs[n++] = (EGLint)(attributes->modifier & 0xffffffff);
		attribs[n++] = plane_names[i].modifier_hi;
		attribs[n++] = (EGLint)(attributes->modifier >> 32);
	}
	attribs[n] = EGL_NONE;
	return context->procs.create_image(
		context->display, EGL_NO_CONTEXT, EGL_LINUX_DMA_BUF_EXT, NULL, attribs);
}

GLuint core_bind(GLenum target, GLuint name)
{
	GLint before = 0;

	glGetIntegerv(
		target == GL_TEXTURE_2D ? GL_TEXTURE_BINDING_2D : GL_TEXTURE_BINDING_EXTERNAL_OES,
		&before);
	glBindTexture(target, name);
	return (GLuint)before;
}

bool core_pair_create_texture(
	struct core_pair *pair, struct wltex_context *context, GLenum target, GLuint *before)
{
	glGenTextures(1, &pair->name);
	if (pair->name == 0) {
		GLenum error = glGetError();

		wltex_warning(&context->logger, "glGenTextures failed: %#x", error);
		core_check_lost(context, error);
		return false;
	}
	pair->target = target;
	*before = core_bind(target, pair->name);
	glTexParameteri(target, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
	glTexParameteri(target, GL_TEXTURE_MAG_FILTER, GL_LINEAR);
	glTexParameteri(target, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
	glTexParameteri(target, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
	return true;
}

int core_pair_import(struct core_pair *pair, struct wltex_context *context,
	const struct wltex_dmabuf_attributes *attributes, const struct wltex_format *format,
	struct core_failure *failure)
{
	GLenum target = format->external_only ? GL_TEXTURE_EXTERNAL_OES : GL_TEXTURE_2D;
	GLenum error;
	GLuint before;

	*pair = (struct core_pair){.image = core_image_create(context, attributes)};
	if (pair->image == EGL_NO_IMAGE_KHR) {
		EGLint egl_error = eglGetError();

		wltex_warning(&context->logger, "eglCreateImage failed: %#x, for %s",
			(unsigned)egl_error, core_describe(attributes).text);
		*failure =
			(struct core_failure){"EGL cannot import it", egl_error == EGL_BAD_ALLOC};
		return -EIO;
	}

	core_clear_gl_errors();
	if (!core_pair_create_texture(pair, context, target, &before)) {
		*failure = (struct core_failure){"GL has no texture for it", true};
		core_pair_finish(pair, context);
		return context->lost ? -ENODEV : -EIO;
	}
	context->procs.image_target_texture(target, pair->image);
	error = glGetError();
	glBindTexture(target, before);
	if (error == GL_NO_ERROR)
		return 0;

	wltex_warning(&context->logger, "glEGLImageTargetTexture2DOES failed: %#x, for %s", error,
		core_describe(attributes).text);
	*failure =
		(struct core_failure){"GL cannot make a texture of it", error == GL_OUT_OF_MEMORY};
	error = core_check_lost(context, error) ? ENODEV : EIO;
	core_pair_finish(pair, context);
	return -(int)error;
}

void core_pair_finish(struct core_pair *pair, struct wltex_context *context)
{
	if (pair->name != 0 && !context->lost)
		glDeleteTextures(1, &pair->name);
	if (pair->image != EGL_NO_IMAGE_KHR &&
		!context->procs.destroy_image(context->display, pair->image))
		wltex_error(
			&context->logger, "eglDestroyImage failed: %#x", (unsigned)eglGetError());
	*pair = (struct core_pair){0};
}
