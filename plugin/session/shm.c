/* SPDX-License-Identifier: MIT */
#include <drm_fourcc.h>
#include <wayland-server-protocol.h>

#include "dmabuf/format.h"
#include "session/shm.h"

uint32_t shm_get_fourcc(uint32_t format)
{
	/* These two have codes of their own; all others are fourccs. */
	if (format == WL_SHM_FORMAT_ARGB8888)
		return DRM_FORMAT_ARGB8888;
	return format == WL_SHM_FORMAT_XRGB8888 ? DRM_FORMAT_XRGB8888 : format;
}

/* Whoever made the buffer checked stride * height against the pool, but width is the client's. */
static uint32_t get_bytes_per_pixel(const struct wltex_pixels *pixels)
{
	const struct wltex_format_info *format = wltex_format_info_get(pixels->format);
	uint32_t bytes_per_pixel;

	if (format == NULL || format->n_planes != 1 || format->yuv)
		return 0;
	bytes_per_pixel = format->bytes_per_pixel[0];
	return pixels->stride / bytes_per_pixel >= pixels->width ? bytes_per_pixel : 0;
}

uint32_t shm_get_pixels(struct wl_shm_buffer *buffer, struct wltex_pixels *pixels)
{
	int32_t stride = wl_shm_buffer_get_stride(buffer);

	*pixels = (struct wltex_pixels){
		.data = wl_shm_buffer_get_data(buffer),
		.width = (uint32_t)wl_shm_buffer_get_width(buffer),
		.height = (uint32_t)wl_shm_buffer_get_height(buffer),
		.stride = stride > 0 ? (size_t)stride : 0,
		.format = shm_get_fourcc(wl_shm_buffer_get_format(buffer)),
	};
	return get_bytes_per_pixel(pixels);
}

static bool is_inside(const struct wltex_track_shm_buffer *buffer)
{
	return buffer->offset >= 0 && buffer->width > 0 && buffer->height > 0 &&
	       buffer->stride > 0 &&
	       buffer->offset + (int64_t)buffer->stride * buffer->height <= buffer->pool->size;
}

uint32_t shm_get_mapped_pixels(
	const struct wltex_track_shm_buffer *buffer, struct wltex_pixels *pixels)
{
	if (buffer == NULL || buffer->pool->data == NULL || !is_inside(buffer))
		return 0;
	*pixels = (struct wltex_pixels){
		.data = buffer->pool->data + buffer->offset,
		.width = (uint32_t)buffer->width,
		.height = (uint32_t)buffer->height,
		.stride = (size_t)buffer->stride,
		.format = shm_get_fourcc(buffer->format),
	};
	return get_bytes_per_pixel(pixels);
}
