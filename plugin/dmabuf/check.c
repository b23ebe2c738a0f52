/* SPDX-License-Identifier: MIT */
#include <drm_fourcc.h>

#include "dmabuf/check.h"
#include "dmabuf/dmabuf.h"
#include "dmabuf/format.h"

#define ALL_FLAGS (WLTEX_DMABUF_Y_INVERT | WLTEX_DMABUF_INTERLACED | WLTEX_DMABUF_BOTTOM_FIRST)

/*
 * Without a driver nobody tiles: what is implicit in a memory file is linear. In a dmabuf
 * it can be anything.
 */
bool wltex_dmabuf_is_linear(uint64_t modifier, const struct wltex_object *object)
{
	return modifier == DRM_FORMAT_MOD_LINEAR ||
	       (modifier == DRM_FORMAT_MOD_INVALID && object->kind == WLTEX_OBJECT_MEMORY);
}

uint32_t wltex_dmabuf_plane_rows(const struct wltex_dmabuf_attributes *attributes, int plane)
{
	const struct wltex_format_info *info = wltex_format_info_get(attributes->format);
	uint32_t height = (uint32_t)attributes->height;

	return info != NULL && plane < info->n_planes
		       ? wltex_format_plane_height(info, plane, height)
		       : height;
}

static bool plane_count_fits(
	const struct wltex_dmabuf_attributes *attributes, const struct wltex_format_info *info)
{
	/* Explicit modifiers can add planes of compression state. */
	if (attributes->modifier != DRM_FORMAT_MOD_LINEAR &&
		attributes->modifier != DRM_FORMAT_MOD_INVALID)
		return attributes->n_planes >= info->n_planes;
	return attributes->n_planes == info->n_planes;
}

/*
 * How far a plane reaches is only known where its rows are: for the first plane, which no
 * layout makes smaller than stride * height, and for linear planes of known formats.
 */
static bool extent_is_known(const struct wltex_format_info *info, int plane, bool linear)
{
	return plane == 0 || (linear && info != NULL);
}

static enum wltex_dmabuf_error check_plane(const struct wltex_dmabuf_attributes *attributes,
	int plane, const struct wltex_object *object)
{
	const struct wltex_format_info *info = wltex_format_info_get(attributes->format);
	bool linear = wltex_dmabuf_is_linear(attributes->modifier, object);
	uint64_t offset = attributes->planes[plane].offset;
	uint64_t stride = attributes->planes[plane].stride;
	uint64_t end = offset + stride * wltex_dmabuf_plane_rows(attributes, plane);
	uint64_t size = object->size < 0 ? UINT64_MAX : (uint64_t)object->size;

	if (stride == 0)
		return WLTEX_DMABUF_STRIDE_ZERO;
	if (linear && info != NULL &&
		stride < wltex_format_row_bytes(info, plane, (uint32_t)attributes->width))
		return WLTEX_DMABUF_STRIDE_SHORT;
	if (offset + stride > UINT32_MAX)
		return WLTEX_DMABUF_ROW_OVERFLOW;
	if (end > UINT32_MAX)
		return WLTEX_DMABUF_PLANE_OVERFLOW;
	if (offset >= size)
		return WLTEX_DMABUF_OFFSET_BEYOND_END;
	if (offset + stride > size)
		return WLTEX_DMABUF_ROW_BEYOND_END;
	if (end > size && extent_is_known(info, plane, linear))
		return WLTEX_DMABUF_PLANE_BEYOND_END;
	return WLTEX_DMABUF_OK;
}

enum wltex_dmabuf_error wltex_dmabuf_check(
	const struct wltex_dmabuf_attributes *attributes, const struct wltex_object objects[])
{
	const struct wltex_format_info *info = wltex_format_info_get(attributes->format);

	if (attributes->width < 1 || attributes->height < 1)
		return WLTEX_DMABUF_DIMENSIONS;
	if (attributes->flags & ~ALL_FLAGS)
		return WLTEX_DMABUF_FLAGS;
	if (info != NULL && !plane_count_fits(attributes, info))
		return WLTEX_DMABUF_PLANE_COUNT;
	for (int i = 0; i < attributes->n_planes; i++) {
		enum wltex_dmabuf_error error = check_plane(attributes, i, &objects[i]);
		if (error != WLTEX_DMABUF_OK)
			return error;
	}
	return WLTEX_DMABUF_OK;
}
