/* SPDX-License-Identifier: MIT */
#include <stddef.h>

#include <drm_fourcc.h>

#include "dmabuf/format.h"

/* Formats that libdrm names only in versions later than the oldest that is supported. */
#ifndef DRM_FORMAT_AVUY8888
#define DRM_FORMAT_AVUY8888 fourcc_code('A', 'V', 'U', 'Y')
#endif
#ifndef DRM_FORMAT_XVUY8888
#define DRM_FORMAT_XVUY8888 fourcc_code('X', 'V', 'U', 'Y')
#endif

/* The arguments stand between braces and commas. NOLINTBEGIN(bugprone-macro-parentheses) */
#define ONE_PLANE(code, text, bytes, hsub_, alpha, yuv_) \
	{ \
		.fourcc = DRM_FORMAT_##code, .name = text, .n_planes = 1, \
		.bytes_per_pixel = {bytes}, .hsub = {hsub_}, .vsub = {1}, .has_alpha = alpha, \
		.yuv = yuv_ \
	}

/* One pixel after the other, with and without alpha. */
#define RGB(code, text, bytes) ONE_PLANE(code, text, bytes, 1, false, false)
#define RGBA(code, text, bytes) ONE_PLANE(code, text, bytes, 1, true, false)
#define YUV(code, text, bytes) ONE_PLANE(code, text, bytes, 1, false, true)
#define YUVA(code, text, bytes) ONE_PLANE(code, text, bytes, 1, true, true)

/* Two pixels share their chroma in one sample. */
#define YUV_PAIRS(code, text, bytes) ONE_PLANE(code, text, bytes, 2, false, true)

/*
 * Luma, then interleaved chroma. For the packed ones a sample is the smallest group of
 * luma pixels that ends on a byte.
 */
#define TWO_PLANES(code, text, bytes0, hsub0, bytes1, hsub1, vsub1) \
	{ \
		.fourcc = DRM_FORMAT_##code, .name = text, .n_planes = 2, \
		.bytes_per_pixel = {bytes0, bytes1}, .hsub = {hsub0, hsub1}, .vsub = {1, vsub1}, \
		.yuv = true \
	}

#define THREE_PLANES(code, text, bytes, hsub_, vsub_) \
	{ \
		.fourcc = DRM_FORMAT_##code, .name = text, .n_planes = 3, \
		.bytes_per_pixel = {bytes, bytes, bytes}, .hsub = {1, hsub_, hsub_}, \
		.vsub = {1, vsub_, vsub_}, .yuv = true \
	}

/* NOLINTEND(bugprone-macro-parentheses) */

static const struct wltex_format_info formats[] = {
	RGB(XRGB8888, "XR24", 4),
	RGBA(ARGB8888, "AR24", 4),
	RGB(XBGR8888, "XB24", 4),
	RGBA(ABGR8888, "AB24", 4),
	RGB(RGBX8888, "RX24", 4),
	RGBA(RGBA8888, "RA24", 4),
	RGB(BGRX8888, "BX24", 4),
	RGBA(BGRA8888, "BA24", 4),
	RGB(RGB888, "RG24", 3),
	RGB(BGR888, "BG24", 3),

	RGB(XRGB2101010, "XR30", 4),
	RGBA(ARGB2101010, "AR30", 4),
	RGB(XBGR2101010, "XB30", 4),
	RGBA(ABGR2101010, "AB30", 4),
	RGB(RGBX1010102, "RX30", 4),
	RGBA(RGBA1010102, "RA30", 4),
	RGB(BGRX1010102, "BX30", 4),
	RGBA(BGRA1010102, "BA30", 4),

	RGB(RGB565, "RG16", 2),
	RGB(BGR565, "BG16", 2),
	RGB(XRGB1555, "XR15", 2),
	RGBA(ARGB1555, "AR15", 2),
	RGB(XBGR1555, "XB15", 2),
	RGBA(ABGR1555, "AB15", 2),
	RGB(RGBX5551, "RX15", 2),
	RGBA(RGBA5551, "RA15", 2),
	RGB(BGRX5551, "BX15", 2),
	RGBA(BGRA5551, "BA15", 2),
	RGB(XRGB4444, "XR12", 2),
	RGBA(ARGB4444, "AR12", 2),
	RGB(XBGR4444, "XB12", 2),
	RGBA(ABGR4444, "AB12", 2),
	RGB(RGBX4444, "RX12", 2),
	RGBA(RGBA4444, "RA12", 2),
	RGB(BGRX4444, "BX12", 2),
	RGBA(BGRA4444, "BA12", 2),

	RGB(XRGB16161616F, "XR4H", 8),
	RGBA(ARGB16161616F, "AR4H", 8),
	RGB(XBGR16161616F, "XB4H", 8),
	RGBA(ABGR16161616F, "AB4H", 8),
	RGB(XRGB16161616, "XR48", 8),
	RGBA(ARGB16161616, "AR48", 8),
	RGB(XBGR16161616, "XB48", 8),
	RGBA(ABGR16161616, "AB48", 8),

	RGB(R8, "R8  ", 1),
	RGB(R16, "R16 ", 2),
	RGB(RG88, "RG88", 2),
	RGB(GR88, "GR88", 2),
	RGB(RG1616, "RG32", 4),
	RGB(GR1616, "GR32", 4),

	YUVA(AYUV, "AYUV", 4),
	YUV(XYUV8888, "XYUV", 4),
	YUVA(AVUY8888, "AVUY", 4),
	YUV(XVUY8888, "XVUY", 4),
	YUVA(Y410, "Y410", 4),
	YUV(XVYU2101010, "XV30", 4),
	YUVA(Y412, "Y412", 8),
	YUVA(Y416, "Y416", 8),
	YUV(XVYU12_16161616, "XV36", 8),
	YUV(XVYU16161616, "XV48", 8),

	YUV_PAIRS(YUYV, "YUYV", 4),
	YUV_PAIRS(YVYU, "YVYU", 4),
	YUV_PAIRS(UYVY, "UYVY", 4),
	YUV_PAIRS(VYUY, "VYUY", 4),
	YUV_PAIRS(Y210, "Y210", 8),
	YUV_PAIRS(Y212, "Y212", 8),
	YUV_PAIRS(Y216, "Y216", 8),

	TWO_PLANES(NV12, "NV12", 1, 1, 2, 2, 2),
	TWO_PLANES(NV21, "NV21", 1, 1, 2, 2, 2),
	TWO_PLANES(NV16, "NV16", 1, 1, 2, 2, 1),
	TWO_PLANES(NV61, "NV61", 1, 1, 2, 2, 1),
	TWO_PLANES(NV24, "NV24", 1, 1, 2, 1, 1),
	TWO_PLANES(NV42, "NV42", 1, 1, 2, 1, 1),
	TWO_PLANES(NV15, "NV15", 5, 4, 5, 4, 2),
	TWO_PLANES(NV20, "NV20", 5, 4, 5, 4, 1),
	TWO_PLANES(P010, "P010", 2, 1, 4, 2, 2),
	TWO_PLANES(P012, "P012", 2, 1, 4, 2, 2),
	TWO_PLANES(P016, "P016", 2, 1, 4, 2, 2),
	TWO_PLANES(P030, "P030", 4, 3, 8, 6, 2),
	TWO_PLANES(P210, "P210", 2, 1, 4, 2, 1),

	THREE_PLANES(YUV410, "YUV9", 1, 4, 4),
	THREE_PLANES(YVU410, "YVU9", 1, 4, 4),
	THREE_PLANES(YUV411, "YU11", 1, 4, 1),
	THREE_PLANES(YVU411, "YV11", 1, 4, 1),
	THREE_PLANES(YUV420, "YU12", 1, 2, 2),
	THREE_PLANES(YVU420, "YV12", 1, 2, 2),
	THREE_PLANES(YUV422, "YU16", 1, 2, 1),
	THREE_PLANES(YVU422, "YV16", 1, 2, 1),
	THREE_PLANES(YUV444, "YU24", 1, 1, 1),
	THREE_PLANES(YVU444, "YV24", 1, 1, 1),
};

const struct wltex_format_info *wltex_format_info_get(uint32_t fourcc)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (formats[i].fourcc == fourcc)
			return &formats[i];
	}
	return NULL;
}

static uint64_t divide_up(uint64_t n, uint64_t by)
{
	return (n + by - 1) / by;
}

uint64_t wltex_format_row_bytes(const struct wltex_format_info *info, int plane, uint32_t width)
{
	return divide_up(width, info->hsub[plane]) * info->bytes_per_pixel[plane];
}

uint32_t wltex_format_plane_height(const struct wltex_format_info *info, int plane, uint32_t height)
{
	return (uint32_t)divide_up(height, info->vsub[plane]);
}
