/* SPDX-License-Identifier: MIT */
#include <drm_fourcc.h>

#include "dmabuf-files.h"
#include "dmabuf/format.h"
#include "dmabuf/modifier.h"

static const struct wltex_format_info *get(uint32_t fourcc)
{
	const struct wltex_format_info *info = wltex_format_info_get(fourcc);

	if (info == NULL)
		test_fail(__FILE__, __LINE__, "format %08x is unknown", fourcc);
	check_int(info->fourcc, fourcc);
	return info;
}

/* fourcc_code() of the name is the format; this holds for each format by itself. */
static void check_name(const struct wltex_format_info *info)
{
	const char *n = info->name;

	check_int(strlen(n), 4);
	check_int(fourcc_code(n[0], n[1], n[2], n[3]), info->fourcc);
}

static void check_rgb(uint32_t fourcc, int bytes, bool alpha)
{
	const struct wltex_format_info *info = get(fourcc);

	check_name(info);
	check_int(info->n_planes, 1);
	check_int(info->bytes_per_pixel[0], bytes);
	check_int(info->hsub[0], 1);
	check_int(info->vsub[0], 1);
	check_int(info->has_alpha, alpha);
	check(!info->yuv);
	check_int(wltex_format_row_bytes(info, 0, 1001), 1001 * bytes);
	check_int(wltex_format_plane_height(info, 0, 1001), 1001);
}

TEST(rgb)
{
	static const struct {
		uint32_t opaque, alpha;
		int bytes;
	} pairs[] = {
		{DRM_FORMAT_XRGB8888, DRM_FORMAT_ARGB8888, 4},
		{DRM_FORMAT_XBGR8888, DRM_FORMAT_ABGR8888, 4},
		{DRM_FORMAT_RGBX8888, DRM_FORMAT_RGBA8888, 4},
		{DRM_FORMAT_BGRX8888, DRM_FORMAT_BGRA8888, 4},
		{DRM_FORMAT_XRGB2101010, DRM_FORMAT_ARGB2101010, 4},
		{DRM_FORMAT_XBGR2101010, DRM_FORMAT_ABGR2101010, 4},
		{DRM_FORMAT_RGBX1010102, DRM_FORMAT_RGBA1010102, 4},
		{DRM_FORMAT_BGRX1010102, DRM_FORMAT_BGRA1010102, 4},
		{DRM_FORMAT_XRGB16161616F, DRM_FORMAT_ARGB16161616F, 8},
		{DRM_FORMAT_XBGR16161616F, DRM_FORMAT_ABGR16161616F, 8},
		{DRM_FORMAT_XRGB16161616, DRM_FORMAT_ARGB16161616, 8},
		{DRM_FORMAT_XBGR16161616, DRM_FORMAT_ABGR16161616, 8},
		{DRM_FORMAT_XRGB1555, DRM_FORMAT_ARGB1555, 2},
		{DRM_FORMAT_XRGB4444, DRM_FORMAT_ARGB4444, 2},
	};

	for (size_t i = 0; i < ARRAY_LENGTH(pairs); i++) {
		check_rgb(pairs[i].opaque, pairs[i].bytes, false);
		check_rgb(pairs[i].alpha, pairs[i].bytes, true);
	}
	check_rgb(DRM_FORMAT_RGB565, 2, false);
	check_rgb(DRM_FORMAT_BGR565, 2, false);
	check_rgb(DRM_FORMAT_RGB888, 3, false);
	check_rgb(DRM_FORMAT_BGR888, 3, false);
	check_rgb(DRM_FORMAT_R8, 1, false);
	check_rgb(DRM_FORMAT_GR88, 2, false);
}

/*
 * The long name spells the components: their letters, then their bits. Together these fill the
 * pixel; a letter is found where those after it end.
 */
static void check_components(const struct wltex_format_info *info)
{
	size_t n = strspn(info->long_name, "XARGB"), used = n;
	unsigned int shift = info->bytes_per_pixel[0] * 8;
	char bits[8];

	check(n >= 1 && n <= 4);
	for (size_t i = 0; i < n; i++) {
		char letter = info->long_name[i];
		struct wltex_format_component c = wltex_format_get_component(info, letter);

		check_int(c.bits, info->bits[i]);
		check_int(c.shift, shift - c.bits);
		shift -= c.bits;
		snprintf(bits, sizeof(bits), "%u", c.bits);
		check_int(strncmp(info->long_name + used, bits, strlen(bits)), 0);
		used += strlen(bits);
	}
	check_int(shift, 0);
	check_str(info->long_name + used, info->half_float ? "F" : "");
	check_int(info->has_alpha, strchr(info->long_name, 'A') != NULL);
	check_int(wltex_format_get_component(info, 'Y').bits, 0);
}

TEST(components)
{
	const struct wltex_format_info *info;
	size_t count = 0;

	for (size_t i = 0; (info = wltex_format_info_by_index(i)); i++) {
		check(wltex_format_info_get(info->fourcc) == info);
		check_name(info);
		check_int(info->bits[0] == 0, info->yuv);
		if (info->yuv)
			continue;
		check_components(info);
		count++;
	}
	check(count > 40);
	check_int(wltex_format_get_component(get(DRM_FORMAT_RGB565), 'X').bits, 0);
	check_int(wltex_format_get_component(get(DRM_FORMAT_AYUV), 'A').bits, 0);
}

/* Bytes of an image of 1920x1080 and of one of 7x5, plane by plane: row bytes, rows. */
TEST(yuv)
{
	static const struct {
		uint32_t fourcc;
		int n_planes;
		int large[3][2], small[3][2];
	} expected[] = {
		{DRM_FORMAT_NV12, 2, {{1920, 1080}, {1920, 540}}, {{7, 5}, {8, 3}}},
		{DRM_FORMAT_NV21, 2, {{1920, 1080}, {1920, 540}}, {{7, 5}, {8, 3}}},
		{DRM_FORMAT_NV16, 2, {{1920, 1080}, {1920, 1080}}, {{7, 5}, {8, 5}}},
		{DRM_FORMAT_NV24, 2, {{1920, 1080}, {3840, 1080}}, {{7, 5}, {14, 5}}},
		{DRM_FORMAT_NV15, 2, {{2400, 1080}, {2400, 540}}, {{10, 5}, {10, 3}}},
		{DRM_FORMAT_P010, 2, {{3840, 1080}, {3840, 540}}, {{14, 5}, {16, 3}}},
		{DRM_FORMAT_P012, 2, {{3840, 1080}, {3840, 540}}, {{14, 5}, {16, 3}}},
		{DRM_FORMAT_P016, 2, {{3840, 1080}, {3840, 540}}, {{14, 5}, {16, 3}}},
		{DRM_FORMAT_P030, 2, {{2560, 1080}, {2560, 540}}, {{12, 5}, {16, 3}}},
		{DRM_FORMAT_YUV420, 3, {{1920, 1080}, {960, 540}, {960, 540}},
			{{7, 5}, {4, 3}, {4, 3}}},
		{DRM_FORMAT_YVU420, 3, {{1920, 1080}, {960, 540}, {960, 540}},
			{{7, 5}, {4, 3}, {4, 3}}},
		{DRM_FORMAT_YUV422, 3, {{1920, 1080}, {960, 1080}, {960, 1080}},
			{{7, 5}, {4, 5}, {4, 5}}},
		{DRM_FORMAT_YUV444, 3, {{1920, 1080}, {1920, 1080}, {1920, 1080}},
			{{7, 5}, {7, 5}, {7, 5}}},
		{DRM_FORMAT_YUV410, 3, {{1920, 1080}, {480, 270}, {480, 270}},
			{{7, 5}, {2, 2}, {2, 2}}},
		{DRM_FORMAT_YUV411, 3, {{1920, 1080}, {480, 1080}, {480, 1080}},
			{{7, 5}, {2, 5}, {2, 5}}},
		{DRM_FORMAT_YUYV, 1, {{3840, 1080}}, {{16, 5}}},
		{DRM_FORMAT_UYVY, 1, {{3840, 1080}}, {{16, 5}}},
		{DRM_FORMAT_Y210, 1, {{7680, 1080}}, {{32, 5}}},
		{DRM_FORMAT_AYUV, 1, {{7680, 1080}}, {{28, 5}}},
		{DRM_FORMAT_XYUV8888, 1, {{7680, 1080}}, {{28, 5}}},
	};

	for (size_t i = 0; i < ARRAY_LENGTH(expected); i++) {
		const struct wltex_format_info *info = get(expected[i].fourcc);
		check_name(info);
		check(info->yuv);
		check_int(info->has_alpha, info->fourcc == DRM_FORMAT_AYUV);
		check_int(info->n_planes, expected[i].n_planes);
		for (int p = 0; p < info->n_planes; p++) {
			const int *large = expected[i].large[p], *small = expected[i].small[p];
			check_int(wltex_format_row_bytes(info, p, 1920), large[0]);
			check_int(wltex_format_plane_height(info, p, 1080), large[1]);
			check_int(wltex_format_row_bytes(info, p, 7), small[0]);
			check_int(wltex_format_plane_height(info, p, 5), small[1]);
		}
	}
}

TEST(extreme_sizes)
{
	const struct wltex_format_info *info = get(DRM_FORMAT_ABGR16161616F);

	check_int(wltex_format_row_bytes(info, 0, UINT32_MAX), 8ll * UINT32_MAX);
	check_int(wltex_format_plane_height(info, 0, UINT32_MAX), UINT32_MAX);
	info = get(DRM_FORMAT_NV12);
	check_int(wltex_format_row_bytes(info, 1, UINT32_MAX), 1ll << 32);
	check_int(wltex_format_plane_height(info, 1, UINT32_MAX), 1ll << 31);
}

TEST(unknown)
{
	check(wltex_format_info_get(0) == NULL);
	check(wltex_format_info_get(UINT32_MAX) == NULL);
	check(wltex_format_info_get(fourcc_code('X', 'R', '2', '5')) == NULL);
	/* wl_shm's own code of XRGB8888. */
	check(wltex_format_info_get(1) == NULL);
	check(wltex_format_info_get(DRM_FORMAT_XRGB8888 | DRM_FORMAT_BIG_ENDIAN) == NULL);
}

#define AMD(version, dcc) \
	(AMD_FMT_MOD | AMD_FMT_MOD_SET(TILE_VERSION, version) | \
		AMD_FMT_MOD_SET(TILE, AMD_FMT_MOD_TILE_GFX9_64K_S) | AMD_FMT_MOD_SET(DCC, dcc))

TEST(modifiers_whose_bytes_tell_all)
{
	static const struct {
		uint64_t modifier;
		bool tells;
	} expected[] = {
		{DRM_FORMAT_MOD_LINEAR, true},
		{DRM_FORMAT_MOD_INVALID, true},
		{I915_FORMAT_MOD_X_TILED, true},
		{I915_FORMAT_MOD_Y_TILED, true},
		{I915_FORMAT_MOD_Y_TILED_CCS, true},
		{I915_FORMAT_MOD_Y_TILED_GEN12_RC_CCS_CC, true},
		/* Compression state outside of any memory that can be mapped. */
		{fourcc_mod_code(INTEL, 10), false},
		{fourcc_mod_code(INTEL, 11), false},
		{fourcc_mod_code(INTEL, 12), false},
		{fourcc_mod_code(INTEL, 4711), false},
		{AMD(AMD_FMT_MOD_TILE_VER_GFX9, 0), true},
		{AMD(AMD_FMT_MOD_TILE_VER_GFX10_RBPLUS, 1), true},
		{AMD(5, 0), true},
		{AMD(5, 1), false},
		{DRM_FORMAT_MOD_NVIDIA_BLOCK_LINEAR_2D(0, 1, 2, 0x06, 4), true},
		{DRM_FORMAT_MOD_NVIDIA_BLOCK_LINEAR_2D(1, 1, 2, 0x06, 4), false},
		{DRM_FORMAT_MOD_BROADCOM_VC4_T_TILED, true},
		{fourcc_mod_code(AMLOGIC, 2), false},
		{fourcc_mod_code(NONE, 1), false},
		{0x42ull << 56, false},
		{UINT64_MAX, false},
	};

	for (size_t i = 0; i < ARRAY_LENGTH(expected); i++) {
		if (wltex_modifier_bytes_tell_all(expected[i].modifier) != expected[i].tells)
			test_fail(__FILE__, __LINE__, "modifier %#jx",
				(uintmax_t)expected[i].modifier);
	}
}
