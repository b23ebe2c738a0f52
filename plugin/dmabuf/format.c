/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include <drm_fourcc.h>
#include <xf86drm.h>

#include "dmabuf/format.h"

/* Formats that libdrm names only in versions later than the oldest that is supported. */
#ifndef DRM_FORMAT_AVUY8888
#define DRM_FORMAT_AVUY8888 fourcc_code('A', 'V', 'U', 'Y')
#endif
#ifndef DRM_FORMAT_XVUY8888
#define DRM_FORMAT_XVUY8888 fourcc_code('X', 'V', 'U', 'Y')
#endif

/* The arguments stand between braces and commas. NOLINTBEGIN(bugprone-macro-parentheses) */
#define NAMES(code, text) .fourcc = DRM_FORMAT_##code, .name = text, .long_name = #code

/* One pixel after the other, with the bits of each component, with and without alpha. */
#define RGB_PLANE(code, text, b0, b1, b2, b3, ...) \
	{ \
		.n_planes = 1, NAMES(code, text), .bytes_per_pixel = {(b0 + b1 + b2 + b3) / 8}, \
		.hsub = {1}, .vsub = {1}, .bits = {b0, b1, b2, b3}, __VA_ARGS__ \
	}
#define RGB(...) RGB_PLANE(__VA_ARGS__, .has_alpha = false)
#define RGBA(...) RGB_PLANE(__VA_ARGS__, .has_alpha = true)
#define RGB_HALF(...) RGB_PLANE(__VA_ARGS__, .half_float = true)
#define RGBA_HALF(...) RGB_PLANE(__VA_ARGS__, .half_float = true, .has_alpha = true)

#define YUV_PLANE(code, text, bytes, hsub_, alpha) \
	{ \
		.n_planes = 1, NAMES(code, text), .bytes_per_pixel = {bytes}, .hsub = {hsub_}, \
		.vsub = {1}, .has_alpha = alpha, .yuv = true \
	}
#define YUV(code, text, bytes) YUV_PLANE(code, text, bytes, 1, false)
#define YUVA(code, text, bytes) YUV_PLANE(code, text, bytes, 1, true)

/* Two pixels share their chroma in one sample. */
#define YUV_PAIRS(code, text, bytes) YUV_PLANE(code, text, bytes, 2, false)

/*
 * Luma, then interleaved chroma. For the packed ones a sample is the smallest group of
 * luma pixels that ends on a byte.
 */
#define TWO_PLANES(code, text, bytes0, hsub0, bytes1, hsub1, vsub1) \
	{ \
		.n_planes = 2, NAMES(code, text), .bytes_per_pixel = {bytes0, bytes1}, \
		.hsub = {hsub0, hsub1}, .vsub = {1, vsub1}, .yuv = true \
	}

#define THREE_PLANES(code, text, bytes, hsub_, vsub_) \
	{ \
		.n_planes = 3, NAMES(code, text), .bytes_per_pixel = {bytes, bytes, bytes}, \
		.hsub = {1, hsub_, hsub_}, .vsub = {1, vsub_, vsub_}, .yuv = true \
	}

/* NOLINTEND(bugprone-macro-parentheses) */

static const struct wltex_format_info formats[] = {
	RGB(XRGB8888, "XR24", 8, 8, 8, 8),
	RGBA(ARGB8888, "AR24", 8, 8, 8, 8),
	RGB(XBGR8888, "XB24", 8, 8, 8, 8),
	RGBA(ABGR8888, "AB24", 8, 8, 8, 8),
	RGB(RGBX8888, "RX24", 8, 8, 8, 8),
	RGBA(RGBA8888, "RA24", 8, 8, 8, 8),
	RGB(BGRX8888, "BX24", 8, 8, 8, 8),
	RGBA(BGRA8888, "BA24", 8, 8, 8, 8),
	RGB(RGB888, "RG24", 8, 8, 8, 0),
	RGB(BGR888, "BG24", 8, 8, 8, 0),

	RGB(XRGB2101010, "XR30", 2, 10, 10, 10),
	RGBA(ARGB2101010, "AR30", 2, 10, 10, 10),
	RGB(XBGR2101010, "XB30", 2, 10, 10, 10),
	RGBA(ABGR2101010, "AB30", 2, 10, 10, 10),
	RGB(RGBX1010102, "RX30", 10, 10, 10, 2),
	RGBA(RGBA1010102, "RA30", 10, 10, 10, 2),
	RGB(BGRX1010102, "BX30", 10, 10, 10, 2),
	RGBA(BGRA1010102, "BA30", 10, 10, 10, 2),

	RGB(RGB565, "RG16", 5, 6, 5, 0),
	RGB(BGR565, "BG16", 5, 6, 5, 0),
	RGB(XRGB1555, "XR15", 1, 5, 5, 5),
	RGBA(ARGB1555, "AR15", 1, 5, 5, 5),
	RGB(XBGR1555, "XB15", 1, 5, 5, 5),
	RGBA(ABGR1555, "AB15", 1, 5, 5, 5),
	RGB(RGBX5551, "RX15", 5, 5, 5, 1),
	RGBA(RGBA5551, "RA15", 5, 5, 5, 1),
	RGB(BGRX5551, "BX15", 5, 5, 5, 1),
	RGBA(BGRA5551, "BA15", 5, 5, 5, 1),
	RGB(XRGB4444, "XR12", 4, 4, 4, 4),
	RGBA(ARGB4444, "AR12", 4, 4, 4, 4),
	RGB(XBGR4444, "XB12", 4, 4, 4, 4),
	RGBA(ABGR4444, "AB12", 4, 4, 4, 4),
	RGB(RGBX4444, "RX12", 4, 4, 4, 4),
	RGBA(RGBA4444, "RA12", 4, 4, 4, 4),
	RGB(BGRX4444, "BX12", 4, 4, 4, 4),
	RGBA(BGRA4444, "BA12", 4, 4, 4, 4),

	RGB_HALF(XRGB16161616F, "XR4H", 16, 16, 16, 16),
	RGBA_HALF(ARGB16161616F, "AR4H", 16, 16, 16, 16),
	RGB_HALF(XBGR16161616F, "XB4H", 16, 16, 16, 16),
	RGBA_HALF(ABGR16161616F, "AB4H", 16, 16, 16, 16),
	RGB(XRGB16161616, "XR48", 16, 16, 16, 16),
	RGBA(ARGB16161616, "AR48", 16, 16, 16, 16),
	RGB(XBGR16161616, "XB48", 16, 16, 16, 16),
	RGBA(ABGR16161616, "AB48", 16, 16, 16, 16),

	RGB(R8, "R8  ", 8, 0, 0, 0),
	RGB(R16, "R16 ", 16, 0, 0, 0),
	RGB(RG88, "RG88", 8, 8, 0, 0),
	RGB(GR88, "GR88", 8, 8, 0, 0),
	RGB(RG1616, "RG32", 16, 16, 0, 0),
	RGB(GR1616, "GR32", 16, 16, 0, 0),

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

const struct wltex_format_info *wltex_format_info_by_index(size_t index)
{
	return index < sizeof(formats) / sizeof(formats[0]) ? &formats[index] : NULL;
}

struct wltex_format_component wltex_format_get_component(
	const struct wltex_format_info *info, char letter)
{
	struct wltex_format_component component = {0, 0};

	/* From the highest component to the lowest: each moves those before it up. */
	for (int i = 0; i < 4 && info->bits[i] > 0; i++) {
		if (info->long_name[i] == letter)
			component.bits = info->bits[i];
		else if (component.bits > 0)
			component.shift = (uint8_t)(component.shift + info->bits[i]);
	}
	return component;
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

struct fourcc_text fourcc_to_text(uint32_t fourcc)
{
	struct fourcc_text text = {{0}};

	for (unsigned int i = 0; i < 4; i++) {
		char c = (char)(fourcc >> (8 * i) & 0x7f);
		text.text[i] = (char)(c < ' ' || c == 0x7f ? '.' : c);
	}
	/* "R8  " is R8 to people. */
	for (unsigned int n = 4; n > 0 && text.text[n - 1] == ' '; n--)
		text.text[n - 1] = '\0';
	return text;
}

struct modifier_text modifier_to_text(uint64_t modifier)
{
	struct modifier_text text;
	char *name = NULL;

	if (modifier != DRM_FORMAT_MOD_INVALID)
		name = drmGetFormatModifierName(modifier);
	if (modifier == DRM_FORMAT_MOD_INVALID)
		snprintf(text.text, sizeof(text.text), "implicit");
	else if (name)
		snprintf(text.text, sizeof(text.text), "%s", name);
	else
		snprintf(text.text, sizeof(text.text), "%#jx", (uintmax_t)modifier);
	free(name);
	return text;
}
