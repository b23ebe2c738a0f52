/* SPDX-License-Identifier: MIT */
#include <drm_fourcc.h>
#include <stdlib.h>

#include "cli/flip/canvas.h"
#include "test.h"

static uint64_t pack(uint32_t fourcc, uint8_t r, uint8_t g, uint8_t b, uint8_t a)
{
	struct format_packer packer;

	format_packer_init(&packer, wltex_format_info_get(fourcc));
	return format_pack(&packer, r, g, b, a);
}

TEST(formats_by_name)
{
	check_int(format_by_name("xr24")->fourcc, DRM_FORMAT_XRGB8888);
	check_int(format_by_name("XRGB8888")->fourcc, DRM_FORMAT_XRGB8888);
	check_int(format_by_name("rgb565")->fourcc, DRM_FORMAT_RGB565);
	check(!format_by_name("NV12"));
	check(!format_by_name(""));
	check_str(fourcc_to_text(DRM_FORMAT_XRGB8888).text, "XR24");
	check_str(fourcc_to_text(DRM_FORMAT_R8).text, "R8");
	check_str(fourcc_to_text(0x01020304).text, "....");
}

TEST(modifiers)
{
	check_str(modifier_to_text(DRM_FORMAT_MOD_LINEAR).text, "LINEAR");
	check_str(modifier_to_text(DRM_FORMAT_MOD_INVALID).text, "implicit");
	check(strstr(modifier_to_text(I915_FORMAT_MOD_X_TILED).text, "X_TILED"));
	check_str(modifier_to_text(0x77000000000000ff).text, "0x77000000000000ff");
}

TEST(packing)
{
	check_int(pack(DRM_FORMAT_XRGB8888, 0x12, 0x34, 0x56, 0x78), 0x78123456);
	check_int(pack(DRM_FORMAT_ARGB8888, 0x12, 0x34, 0x56, 0x78), 0x78123456);
	check_int(pack(DRM_FORMAT_XBGR8888, 0x12, 0x34, 0x56, 0x78), 0x78563412);
	check_int(pack(DRM_FORMAT_ABGR8888, 0x12, 0x34, 0x56, 0x78), 0x78563412);
	check_int(pack(DRM_FORMAT_RGBX8888, 0x12, 0x34, 0x56, 0x78), 0x12345678);
	check_int(pack(DRM_FORMAT_RGBA8888, 0x12, 0x34, 0x56, 0x78), 0x12345678);
	check_int(pack(DRM_FORMAT_BGRX8888, 0x12, 0x34, 0x56, 0x78), 0x56341278);
	check_int(pack(DRM_FORMAT_BGRA8888, 0x12, 0x34, 0x56, 0x78), 0x56341278);
	check_int(pack(DRM_FORMAT_ARGB2101010, 255, 0, 0, 0), 0x3ff00000);
	check_int(pack(DRM_FORMAT_XRGB2101010, 0, 255, 0, 255), 0xc00ffc00);
	check_int(pack(DRM_FORMAT_ABGR2101010, 255, 0, 0, 85), 0x400003ff);
	check_int(pack(DRM_FORMAT_XBGR2101010, 0, 0, 128, 0), 0x20200000);
	check_int(pack(DRM_FORMAT_RGB565, 255, 0, 0, 255), 0xf800);
	check_int(pack(DRM_FORMAT_RGB565, 0, 255, 0, 255), 0x07e0);
	check_int(pack(DRM_FORMAT_BGR565, 255, 0, 0, 255), 0x001f);
	/* 1.0, 0.2 rounded, the least that is not 0, and 0 */
	check_int(pack(DRM_FORMAT_ABGR16161616F, 255, 51, 1, 0), 0x00001c0432663c00);
}

static void init(struct canvas *canvas, const char *format, uint32_t width, uint32_t height,
	enum canvas_pattern pattern, enum canvas_change change)
{
	struct canvas_options options = {
		.format = format_by_name(format),
		.width = width,
		.height = height,
		.pattern = pattern,
		.change = change,
		.seed = 1,
	};

	check_int(canvas_init(canvas, &options), 0);
}

/* Draw; return how many pixels are not what they were, and check that they were told. */
static size_t draw(struct canvas *canvas)
{
	uint32_t bytes = format_bytes(canvas->options.format);
	size_t size = canvas->stride * canvas->options.height, changed = 0;
	uint8_t *before = malloc(size);

	memcpy(before, canvas->pixels, size);
	canvas_draw(canvas);
	for (size_t i = 0; i < size; i += bytes) {
		int x = (int)(i % canvas->stride / bytes), y = (int)(i / canvas->stride);

		if (memcmp(before + i, canvas->pixels + i, bytes) == 0)
			continue;
		changed++;
		check(pixman_region32_contains_point(&canvas->changed, x, y, NULL));
	}
	free(before);
	return changed;
}

/* Every tile differs in each frame, in all patterns and formats. */
TEST(full_change)
{
	static const enum canvas_pattern patterns[] = {
		CANVAS_GRADIENT, CANVAS_CHECKER, CANVAS_BARS, CANVAS_NOISE};
	const struct wltex_format_info *format;

	for (size_t f = 0; (format = format_by_index(f)); f++) {
		for (size_t p = 0; p < 4; p++) {
			struct canvas canvas;

			init(&canvas, format->long_name, 128, 128, patterns[p], CANVAS_CHANGE_FULL);
			canvas_draw(&canvas);
			for (int i = 0; i < 20; i++)
				check(draw(&canvas) > 128 * 128 * 95 / 100);
			canvas_finish(&canvas);
		}
	}
}

TEST(pixel_change)
{
	const struct wltex_format_info *format;

	for (size_t f = 0; (format = format_by_index(f)); f++) {
		struct canvas canvas;

		init(&canvas, format->long_name, 17, 5, CANVAS_NOISE, CANVAS_CHANGE_PIXEL);
		canvas_draw(&canvas);
		for (int i = 1; i < 200; i++) {
			uint8_t last = canvas.pixels[canvas.stride * 5 - 1];

			check_int(draw(&canvas), 1);
			if (i % 4 == 0)
				check_int(canvas.pixels[canvas.stride * 5 - 1] ^ last, 1);
		}
		canvas_finish(&canvas);
	}
}

TEST(tile_change)
{
	struct canvas canvas;

	/* 2x2 tiles; often enough that the tints come round. */
	init(&canvas, "XR24", 100, 70, CANVAS_CHECKER, CANVAS_CHANGE_TILE);
	canvas_draw(&canvas);
	for (int i = 0; i < 100; i++) {
		const pixman_box32_t *box;

		check(draw(&canvas) > 0);
		box = pixman_region32_extents(&canvas.changed);
		check_int(box->x1, i % 2 * 64);
		check_int(box->y1, i / 2 % 2 * 64);
		check_int(box->x2, i % 2 ? 100 : 64);
		check_int(box->y2, i / 2 % 2 ? 70 : 64);
	}
	canvas_finish(&canvas);
}

TEST(no_change)
{
	struct canvas canvas;

	init(&canvas, "XR24", 100, 70, CANVAS_BARS, CANVAS_CHANGE_NONE);
	check(draw(&canvas) > 0);
	for (int i = 0; i < 5; i++) {
		check_int(draw(&canvas), 0);
		check(!pixman_region32_not_empty(&canvas.changed));
	}
	canvas_finish(&canvas);
}

TEST(tiny)
{
	for (uint32_t width = 1; width < 14; width++) {
		struct canvas canvas;

		init(&canvas, "RG16", width, 14 - width, CANVAS_GRADIENT, CANVAS_CHANGE_FULL);
		for (int i = 0; i < 50; i++)
			check(draw(&canvas) > 0);
		canvas_finish(&canvas);
	}
}

TEST(copying)
{
	struct canvas canvas;
	pixman_region32_t region;
	uint8_t target[8 * 40];

	init(&canvas, "XR24", 9, 8, CANVAS_NOISE, CANVAS_CHANGE_FULL);
	canvas_draw(&canvas);
	memset(target, 0xee, sizeof(target));
	pixman_region32_init_rect(&region, 2, 1, 3, 4);
	pixman_region32_union_rect(&region, &region, 8, 7, 1, 1);
	canvas_copy(&canvas, &region, target, 40);
	for (int i = 0; i < 8 * 40; i++) {
		int x = i % 40 / 4, y = i / 40;
		bool inside = pixman_region32_contains_point(&region, x, y, NULL);

		check_int(target[i], inside ? canvas.pixels[y * 36 + i % 40] : 0xee);
	}
	pixman_region32_fini(&region);
	canvas_finish(&canvas);
}
