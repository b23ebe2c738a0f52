/* SPDX-License-Identifier: MIT */
#include <drm_fourcc.h>
#include <errno.h>
#include <string.h>

#include "core/gpu.h"
#include "core/refusal.h"
#include "core/upload.h"
#include "dmabuf/dmabuf.h"
#include "dmabuf/format.h"
#include "dmabuf/read.h"

#define BYTES_PER_PIXEL 4

/* The format that has alpha where this one has an X; NULL: it has no X, or there is none. */
static const struct wltex_format_info *find_with_alpha(const struct wltex_format_info *info)
{
	const struct wltex_format_info *other;
	const char *x = strchr(info->long_name, 'X');

	for (size_t i = 0; x != NULL && (other = wltex_format_info_by_index(i)) != NULL; i++) {
		size_t at = (size_t)(x - info->long_name);

		if (strncmp(other->long_name, info->long_name, at) == 0 &&
			other->long_name[at] == 'A' &&
			strcmp(other->long_name + at + 1, x + 1) == 0)
			return other;
	}
	return NULL;
}

/* Sampled as texture of four components of 8 bits, all of which it has. */
static bool is_bytes(const struct wltex_format_info *info)
{
	if (info == NULL || info->yuv || info->n_planes != 1 || !info->has_alpha)
		return false;
	for (int i = 0; i < 4; i++) {
		if (info->bits[i] != 8)
			return false;
	}
	return true;
}

static void set_shifts(struct gpu_picture *picture, const struct wltex_format_info *info)
{
	for (int i = 0; i < 4; i++)
		picture->shifts[i] = wltex_format_get_component(info, "RGBA"[i]).shift;
}

static int check_size(const struct gpu_picture *picture, const struct wltex_context *context)
{
	uint32_t most = (uint32_t)context->capabilities.max_texture_size;
	uint64_t columns = ((uint64_t)picture->width + WLTEX_TILE_SIZE - 1) / WLTEX_TILE_SIZE;
	uint64_t rows = ((uint64_t)picture->height + WLTEX_TILE_SIZE - 1) / WLTEX_TILE_SIZE;

	if (picture->width == 0 || picture->height == 0)
		return -EINVAL;
	if (picture->width > most || picture->height > most || columns * rows > GPU_MAX_TILES)
		return -EFBIG;
	return 0;
}

/* Whatever they are, they are uploaded as bytes of red, green, blue, alpha. */
static int set_pixels(struct gpu_picture *picture, const struct wltex_pixels *pixels)
{
	const struct wltex_format_info *info = wltex_format_info_get(pixels->format);

	if (info == NULL || info->n_planes != 1 || info->hsub[0] != 1 ||
		info->bytes_per_pixel[0] != BYTES_PER_PIXEL)
		return -EINVAL;
	if (pixels->stride < (size_t)pixels->width * BYTES_PER_PIXEL)
		return -EINVAL;
	picture->width = pixels->width;
	picture->height = pixels->height;
	picture->format = pixels->format;
	picture->source = GPU_BYTES;
	set_shifts(picture, wltex_format_info_get(DRM_FORMAT_ABGR8888));
	return 0;
}

/* As which format it is imported, and what of. */
static void choose_import(struct gpu_picture *picture, const struct wltex_context *context)
{
	const struct wltex_format_info *info = wltex_format_info_get(picture->format);
	const struct wltex_format_info *alpha = info != NULL ? find_with_alpha(info) : NULL;
	const struct wltex_format *import = NULL;

	if (is_bytes(alpha))
		import = core_find_format(context, alpha->fourcc, picture->modifier);
	if (import != NULL && !import->external_only) {
		info = alpha;
		picture->attributes.format = alpha->fourcc;
	} else {
		import = core_find_format(context, picture->format, picture->modifier);
	}
	picture->import = import;
	if (import != NULL && import->external_only)
		picture->source = GPU_EXTERNAL;
	else
		picture->source = is_bytes(info) ? GPU_BYTES : GPU_SAMPLES;
	if (picture->source == GPU_BYTES)
		set_shifts(picture, info);
}

static int set_dmabuf(struct gpu_picture *picture, const struct wltex_context *context,
	const struct wltex_dmabuf *dmabuf)
{
	const struct wltex_dmabuf_attributes *a = wltex_dmabuf_get_attributes(dmabuf);

	if (!context->capabilities.dmabuf_import)
		return -ENOTSUP;
	picture->attributes = *a;
	picture->width = (uint32_t)a->width;
	picture->height = (uint32_t)a->height;
	picture->format = a->format;
	picture->modifier = a->modifier;
	picture->y_inverted = a->flags & WLTEX_DMABUF_Y_INVERT;
	choose_import(picture, context);
	if (picture->import == NULL || (a->flags & ~(uint32_t)WLTEX_DMABUF_Y_INVERT) != 0)
		return -EINVAL;
	return wltex_dmabuf_stays_whole(dmabuf) ? 0 : -EACCES;
}

int gpu_picture_init(struct gpu_picture *picture, const struct wltex_context *context,
	const struct wltex_gpu_look *look)
{
	int ret;

	*picture = (struct gpu_picture){0};
	if ((look->dmabuf != NULL) == (look->pixels != NULL))
		return -EINVAL;
	ret = look->dmabuf != NULL ? set_dmabuf(picture, context, look->dmabuf)
				   : set_pixels(picture, look->pixels);
	if (ret == 0)
		ret = check_size(picture, context);
	if (ret == 0 && context->gpu->sum[picture->source] == 0)
		ret = -ENOTSUP;
	if (ret == 0 && look->has_acquire_fence && context->gpu->procs.wait_sync == NULL)
		ret = -ENOTSUP;
	return ret;
}

static int upload(
	struct wltex_context *context, const struct wltex_pixels *pixels, struct core_pair *pair)
{
	struct wltex_pixels bytes = *pixels;

	bytes.format = DRM_FORMAT_ABGR8888;
	return core_upload_make(pair, context, core_upload_find(context, bytes.format), &bytes);
}

int gpu_picture_make_texture(const struct gpu_picture *picture, struct wltex_context *context,
	const struct wltex_gpu_look *look, struct core_pair *pair)
{
	struct core_failure failure;
	int ret;

	*pair = (struct core_pair){0};
	if (look->pixels != NULL)
		return upload(context, look->pixels, pair);
	if (core_refusal_find(context, look->dmabuf, picture->import, &ret) != NULL)
		return ret;
	ret = core_pair_import(pair, context, &picture->attributes, picture->import, &failure);
	/* That it cannot be imported with alpha says nothing of how it is shown. */
	if (ret == -EIO && picture->attributes.format == picture->format)
		core_refusal_note(context, look->dmabuf, picture->import, &failure);
	return ret;
}
