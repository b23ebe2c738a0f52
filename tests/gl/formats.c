/* SPDX-License-Identifier: MIT */
/* Every pixel of a dmabuf, as a shader sees it, for every format that EGL imports. */
#include <errno.h>
#include <stdlib.h>

#include "decode.h"
#include "gl.h"
#include "sample.h"

#define WIDTH 97
#define HEIGHT 61

/* How the picture lies in its memory. */
struct layout {
	uint32_t offset, padding, flags;
	uint64_t modifier;
};

static void create(struct gl_buffer *buffer, const struct decode_format *format,
	const struct layout *layout, uint32_t *seed)
{
	uint32_t stride = WIDTH * format->bytes_per_pixel + layout->padding;
	enum wltex_dmabuf_error error;

	gl_memory_create(buffer, layout->offset + HEIGHT * (size_t)stride, true);
	gl_random(seed, buffer->data, buffer->size);
	for (uint32_t y = 0; y < HEIGHT; y++)
		decode_random(format, seed, buffer->data + layout->offset + y * stride,
			WIDTH * format->bytes_per_pixel);
	buffer->attributes = (struct wltex_dmabuf_attributes){
		.width = WIDTH,
		.height = HEIGHT,
		.format = format->fourcc,
		.modifier = layout->modifier,
		.flags = layout->flags,
		.n_planes = 1,
		.planes = {{buffer->fd, layout->offset, stride}},
	};
	buffer->dmabuf = wltex_dmabuf_create(&buffer->attributes, &error);
	check_int(error, WLTEX_DMABUF_OK);
}

static void check_format(
	struct gl_fixture *f, const struct decode_format *format, const struct layout *layout)
{
	struct gl_buffer a;
	uint32_t seed = format->fourcc;

	create(&a, format, layout, &seed);
	check_int(wltex_texture_attach_dmabuf(f->texture, a.dmabuf, NULL), WLTEX_STATE_IMPORTED);
	sample_check(
		f->texture, format->fourcc, gl_buffer_row(&a, 0), a.attributes.planes[0].stride);
	/* And what the client writes next. */
	decode_random(format, &seed, gl_buffer_row(&a, 7), WIDTH * format->bytes_per_pixel);
	check_int(wltex_texture_attach_dmabuf(f->texture, a.dmabuf, NULL), WLTEX_STATE_REIMPORTED);
	sample_check(
		f->texture, format->fourcc, gl_buffer_row(&a, 0), a.attributes.planes[0].stride);
	gl_buffer_destroy(&a);
}

static bool is_offered(const struct gl_fixture *f, uint32_t format)
{
	const struct wltex_capabilities *caps = wltex_context_get_capabilities(f->context);

	for (size_t i = 0; i < caps->n_formats; i++) {
		if (caps->formats[i].format == format && !caps->formats[i].external_only &&
			caps->formats[i].modifier == DRM_FORMAT_MOD_LINEAR)
			return true;
	}
	return false;
}

/* All of the formats of so many bytes that EGL offers; at least so many. */
static void check_formats(
	const uint32_t *formats, size_t n, size_t n_least, const struct layout *layout)
{
	struct gl_fixture f;
	size_t n_checked = 0;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	for (size_t i = 0; i < n; i++) {
		const struct decode_format *format = decode_find(formats[i]);
		check(format != NULL);
		if (!is_offered(&f, formats[i]))
			continue;
		check_format(&f, format, layout);
		n_checked++;
	}
	gl_fixture_finish(&f);
	if (n_checked == 0)
		test_skip("EGL imports none of these formats");
	check(n_checked >= n_least);
}

static const struct layout plain = {0, 0, 0, DRM_FORMAT_MOD_LINEAR};

static const uint32_t eight_bits[] = {DRM_FORMAT_XRGB8888, DRM_FORMAT_ARGB8888, DRM_FORMAT_XBGR8888,
	DRM_FORMAT_ABGR8888, DRM_FORMAT_RGBX8888, DRM_FORMAT_RGBA8888, DRM_FORMAT_BGRX8888,
	DRM_FORMAT_BGRA8888};

TEST(eight_bits)
{
	check_formats(eight_bits, 8, 2, &plain);
}

TEST(ten_bits)
{
	static const uint32_t formats[] = {DRM_FORMAT_XRGB2101010, DRM_FORMAT_ARGB2101010,
		DRM_FORMAT_XBGR2101010, DRM_FORMAT_ABGR2101010};

	check_formats(formats, 4, 1, &plain);
}

TEST(two_bytes)
{
	static const uint32_t formats[] = {DRM_FORMAT_RGB565, DRM_FORMAT_BGR565,
		DRM_FORMAT_ARGB1555, DRM_FORMAT_ABGR1555, DRM_FORMAT_ARGB4444, DRM_FORMAT_ABGR4444};

	check_formats(formats, 6, 1, &plain);
}

TEST(half_floats)
{
	static const uint32_t formats[] = {DRM_FORMAT_XRGB16161616F, DRM_FORMAT_ARGB16161616F,
		DRM_FORMAT_XBGR16161616F, DRM_FORMAT_ABGR16161616F};

	check_formats(formats, 4, 1, &plain);
}

TEST(sixteen_bits)
{
	static const uint32_t formats[] = {DRM_FORMAT_XRGB16161616, DRM_FORMAT_ARGB16161616,
		DRM_FORMAT_XBGR16161616, DRM_FORMAT_ABGR16161616};

	check_formats(formats, 4, 1, &plain);
}

TEST(red_and_green)
{
	static const uint32_t formats[] = {
		DRM_FORMAT_R8, DRM_FORMAT_R16, DRM_FORMAT_GR88, DRM_FORMAT_GR1616};

	check_formats(formats, 4, 1, &plain);
}

/* No format that decode.h knows and EGL offers is left out above. */
TEST(all_that_egl_offers)
{
	struct gl_fixture f;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	const struct wltex_capabilities *caps = wltex_context_get_capabilities(f.context);
	for (size_t i = 0; i < caps->n_formats; i++) {
		const struct decode_format *format = decode_find(caps->formats[i].format);
		if (format == NULL || caps->formats[i].external_only ||
			caps->formats[i].modifier != DRM_FORMAT_MOD_LINEAR)
			continue;
		check_format(&f, format, &plain);
	}
	gl_fixture_finish(&f);
}

TEST(implicit_modifier)
{
	check_formats(eight_bits, 8, 2, &(struct layout){.modifier = DRM_FORMAT_MOD_INVALID});
}

TEST(offset)
{
	check_formats(eight_bits, 8, 2, &(struct layout){.offset = 4096});
	check_formats(eight_bits, 8, 2, &(struct layout){.offset = 64});
	check_formats(eight_bits, 8, 2, &(struct layout){.offset = 4});
}

TEST(padding)
{
	check_formats(eight_bits, 8, 2, &(struct layout){.padding = 4});
	check_formats(eight_bits, 8, 2, &(struct layout){.padding = 124});
	check_formats(eight_bits, 8, 2, &(struct layout){.offset = 256, .padding = 640});
}

/* The texture has the memory's rows; that they go upwards is for the compositor to mind. */
TEST(upside_down)
{
	const struct layout layout = {.flags = WLTEX_DMABUF_Y_INVERT};
	struct wltex_texture_info info;
	struct gl_fixture f;
	struct gl_buffer a;
	uint32_t seed = 1;

	check_formats(eight_bits, 8, 2, &layout);
	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	create(&a, decode_find(DRM_FORMAT_XRGB8888), &layout, &seed);
	wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL);
	check(wltex_texture_get(f.texture, &info));
	check(info.y_inverted && !info.has_alpha);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

TEST(interlaced_is_refused)
{
	static const uint32_t flags[] = {WLTEX_DMABUF_INTERLACED,
		WLTEX_DMABUF_INTERLACED | WLTEX_DMABUF_BOTTOM_FIRST, WLTEX_DMABUF_BOTTOM_FIRST};
	struct gl_fixture f;
	uint32_t seed = 1;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	for (size_t i = 0; i < 3; i++) {
		struct gl_buffer a;
		create(&a, decode_find(DRM_FORMAT_XRGB8888), &(struct layout){.flags = flags[i]},
			&seed);
		check_int(wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL), -EINVAL);
		check_record(&f.record, "refused:invalid");
		gl_buffer_destroy(&a);
	}
	gl_fixture_finish(&f);
}

TEST(unknown_modifier_is_refused)
{
	struct gl_fixture f;
	struct gl_buffer a;
	uint32_t seed = 1;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	create(&a, decode_find(DRM_FORMAT_XRGB8888),
		&(struct layout){.modifier = I915_FORMAT_MOD_X_TILED}, &seed);
	if (is_offered(&f, DRM_FORMAT_XRGB8888))
		check_int(wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL), -EINVAL);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}
