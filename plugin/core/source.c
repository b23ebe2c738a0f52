/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "core/refusal.h"
#include "core/source.h"

int core_source_reject(struct core_source *source, int error, const char *message)
{
	source->message = message;
	return error;
}

static bool is_too_large(const struct wltex_context *context, uint32_t width, uint32_t height)
{
	uint32_t max = (uint32_t)context->capabilities.max_texture_size;

	return width > max || height > max;
}

static int check_dmabuf(const struct wltex_context *context, const struct wltex_attach *attach,
	struct core_source *source)
{
	const struct wltex_dmabuf *dmabuf = attach->dmabuf;
	const struct wltex_dmabuf_attributes *a = wltex_dmabuf_get_attributes(dmabuf);
	int error = 0;

	if (!context->capabilities.dmabuf_import)
		return core_source_reject(source, -ENOTSUP, "EGL imports no dmabufs");
	/* Rows and fields that only video has cannot be sampled as a picture. */
	if (a->flags & ~WLTEX_DMABUF_Y_INVERT)
		return core_source_reject(source, -EINVAL, "interlaced pictures are not imported");
	/* Before anything is read: a file can have holes of any size. */
	if (is_too_large(context, (uint32_t)a->width, (uint32_t)a->height))
		return core_source_reject(source, -EINVAL, "it is larger than GL allows");
	source->format = core_find_format(context, a->format, a->modifier);
	if (source->format == NULL)
		return core_source_reject(
			source, -EINVAL, "EGL does not offer the format with this modifier");
	if (source->format->external_only && !context->capabilities.external)
		return core_source_reject(
			source, -EINVAL, "the format needs GL_OES_EGL_image_external");
	source->message = core_refusal_find(context, dmabuf, source->format, &error);
	return error;
}

static int check_pixels(const struct wltex_context *context, const struct wltex_attach *attach,
	struct core_source *source)
{
	const struct wltex_pixels *pixels = attach->pixels;

	source->upload = core_upload_find(context, pixels->format);
	if (source->upload == NULL)
		return core_source_reject(source, -EINVAL, "GL cannot take pixels of the format");
	if (is_too_large(context, pixels->width, pixels->height))
		return core_source_reject(source, -EINVAL, "it is larger than GL allows");
	if (pixels->data == NULL || pixels->width < 1 || pixels->height < 1 ||
		pixels->stride < (size_t)pixels->width * source->upload->bytes_per_pixel)
		return core_source_reject(source, -EINVAL, "its size or stride is wrong");
	return 0;
}

int core_source_check(const struct wltex_context *context, const struct wltex_attach *attach,
	struct core_source *source)
{
	int ret = attach->dmabuf != NULL ? check_dmabuf(context, attach, source)
					 : check_pixels(context, attach, source);

	return ret == 0 && context->lost ? -ENODEV : ret;
}

int core_source_check_use(const struct wltex_texture *texture, struct core_source *source)
{
	if (texture == NULL)
		return core_source_reject(source, -EINVAL, "there is no texture object");
	if (texture->context == NULL)
		return core_source_reject(source, -EPERM, "the context is destroyed");
	if (!core_on_thread(texture->context, "attach"))
		return core_source_reject(source, -EPERM, "the context belongs to another thread");
	return 0;
}

int core_source_check_call(const struct wltex_texture *texture, const struct wltex_attach *attach,
	struct core_source *source)
{
	int ret = core_source_check_use(texture, source);

	if (ret < 0)
		return ret;
	if (attach == NULL || (attach->dmabuf == NULL) == (attach->pixels == NULL))
		ret = core_source_reject(source, -EINVAL, "neither or both of dmabuf and pixels");
	else if ((unsigned)attach->when > WLTEX_ON_ACCESS)
		ret = core_source_reject(source, -EINVAL, "no such time to make it");
	if (ret < 0)
		wltex_debug(&texture->context->logger, "not attached: %s", source->message);
	return ret;
}
