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

uint32_t shm_get_pixels(struct wl_shm_buffer *buffer, struct wltex_pixels *pixels)
{
	const struct wltex_format_info *format;
	int32_t stride = wl_shm_buffer_get_stride(buffer);
	uint32_t bytes_per_pixel;

	*pixels = (struct wltex_pixels){
		.data = wl_shm_buffer_get_data(buffer),
		.width = (uint32_t)wl_shm_buffer_get_width(buffer),
		.height = (uint32_t)wl_shm_buffer_get_height(buffer),
		.stride = (size_t)stride,
		.format = shm_get_fourcc(wl_shm_buffer_get_format(buffer)),
	};

	format = wltex_format_info_get(pixels->format);
	if (format == NULL || format->n_planes != 1 || format->yuv || stride <= 0)
		return 0;
	bytes_per_pixel = format->bytes_per_pixel[0];
	/* libwayland checked stride * height against the pool, but width is the client's. */
	return pixels->stride / bytes_per_pixel >= pixels->width ? bytes_per_pixel : 0;
}
