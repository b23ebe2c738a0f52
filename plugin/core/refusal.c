/* SPDX-License-Identifier: MIT */
#include <drm_fourcc.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/refusal.h"
#include "dmabuf/format.h"
#include "util/fd.h"

/* A lack of memory may pass; so often an import is tried in spite of it. */
#define MAX_TRIES 3

/* The side of a frame of our own: every subsampling divides it, no driver finds it too small. */
#define SIDE 64

static struct core_format_note *get_note(
	const struct wltex_context *context, const struct wltex_format *format)
{
	return &context->format_notes[format - context->capabilities.formats];
}

/* Returns an fd to close, or a negative errno. */
static int make_frame(const struct wltex_format *format, struct wltex_dmabuf_attributes *a)
{
	const struct wltex_format_info *info = wltex_format_info_get(format->format);
	uint32_t size = 0;
	int fd;

	if (info == NULL || (format->modifier != DRM_FORMAT_MOD_LINEAR &&
				    format->modifier != DRM_FORMAT_MOD_INVALID))
		return -ENOTSUP;
	fd = memfd_create("wltex", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -errno;
	*a = (struct wltex_dmabuf_attributes){.width = SIDE,
		.height = SIDE,
		.format = format->format,
		.modifier = format->modifier,
		.n_planes = info->n_planes};
	for (int i = 0; i < info->n_planes; i++) {
		uint32_t stride = (uint32_t)wltex_format_row_bytes(info, i, SIDE);
		a->planes[i] = (struct wltex_dmabuf_plane){fd, size, stride};
		size += stride * wltex_format_plane_height(info, i, SIDE);
	}
	if (ftruncate(fd, size) == 0 && fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) == 0)
		return fd;
	wltex_fd_close(&fd);
	return -ENOMEM;
}

/* Whether EGL takes a frame of our own memory, as software GL does. */
static bool takes_own(struct wltex_context *context, const struct wltex_format *format)
{
	struct wltex_dmabuf_attributes attributes;
	EGLImageKHR image;
	int fd = make_frame(format, &attributes);

	if (fd < 0)
		return false;
	image = core_image_create(context, &attributes);
	wltex_fd_close(&fd);
	if (image == EGL_NO_IMAGE_KHR) {
		eglGetError(); /* not to be taken for another's */
		return false;
	}
	context->procs.destroy_image(context->display, image);
	return true;
}

/*
 * Whether it is the format's own fault. What a client made cannot tell: it might be made so
 * that EGL refuses it, and the format would be refused to everybody. So a frame of our own
 * is tried beside one of a format that works everywhere, once for each format.
 */
static bool is_refused(struct wltex_context *context, const struct wltex_format *format)
{
	static const struct wltex_format common = {
		DRM_FORMAT_XRGB8888, DRM_FORMAT_MOD_LINEAR, false};

	return takes_own(context, &common) && !takes_own(context, format);
}

void core_refusal_note(struct wltex_context *context, struct wltex_dmabuf *dmabuf,
	const struct wltex_format *format, const struct core_failure *failure)
{
	struct core_format_note *note = get_note(context, format);
	struct wltex_import_failure *known = &dmabuf->failure;

	if (known->context != context->id)
		*known = (struct wltex_import_failure){.context = context->id};
	if (++known->tries >= MAX_TRIES || !failure->may_pass)
		known->reason = failure->reason;
	if (note->works || note->tried)
		return;
	note->tried = true;
	note->refused = is_refused(context, format);
	if (note->refused)
		wltex_warning(&context->logger,
			"EGL offers the format %s but refuses it: so do we from now on",
			fourcc_to_text(format->format).text);
}

void core_refusal_clear(struct wltex_context *context, const struct wltex_format *format)
{
	get_note(context, format)->works = true;
}

void core_refusal_log(
	const struct wltex_context *context, const struct wltex_attach *attach, const char *why)
{
	const struct wltex_pixels *pixels = attach->pixels;

	if (attach->dmabuf != NULL)
		wltex_debug(&context->logger, "refused %s: %s",
			core_describe(wltex_dmabuf_get_attributes(attach->dmabuf)).text, why);
	else
		wltex_debug(&context->logger, "refused pixels of %s, %ux%u, of stride %zu: %s",
			fourcc_to_text(pixels->format).text, pixels->width, pixels->height,
			pixels->stride, why);
}

const char *core_refusal_find(const struct wltex_context *context,
	const struct wltex_dmabuf *dmabuf, const struct wltex_format *format, int *error)
{
	if (dmabuf->failure.context == context->id && dmabuf->failure.reason != NULL) {
		*error = -EIO;
		return dmabuf->failure.reason;
	}
	if (get_note(context, format)->refused) {
		*error = -EINVAL;
		return "EGL offers the format but refuses it";
	}
	return NULL;
}
