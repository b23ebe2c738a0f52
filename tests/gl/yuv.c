/* SPDX-License-Identifier: MIT */
/* Video formats: plain colours in, about the same colours out. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/content.h"
#include "dmabuf/format.h"
#include "gl.h"
#include "sample.h"

#define WIDTH 64
#define HEIGHT 32

/* What the bytes of a sample of each plane are; '0' is zero, 'A' opaque. */
static const struct yuv_format {
	uint32_t format;
	const char *planes[3];
} formats[] = {
	{DRM_FORMAT_NV12, {"Y", "UV"}},
	{DRM_FORMAT_NV21, {"Y", "VU"}},
	{DRM_FORMAT_NV16, {"Y", "UV"}},
	{DRM_FORMAT_P010, {"0Y", "0U0V"}},
	{DRM_FORMAT_P012, {"0Y", "0U0V"}},
	{DRM_FORMAT_P016, {"0Y", "0U0V"}},
	{DRM_FORMAT_YUV410, {"Y", "U", "V"}},
	{DRM_FORMAT_YVU410, {"Y", "V", "U"}},
	{DRM_FORMAT_YUV411, {"Y", "U", "V"}},
	{DRM_FORMAT_YVU411, {"Y", "V", "U"}},
	{DRM_FORMAT_YUV420, {"Y", "U", "V"}},
	{DRM_FORMAT_YVU420, {"Y", "V", "U"}},
	{DRM_FORMAT_YUV422, {"Y", "U", "V"}},
	{DRM_FORMAT_YVU422, {"Y", "V", "U"}},
	{DRM_FORMAT_YUV444, {"Y", "U", "V"}},
	{DRM_FORMAT_YVU444, {"Y", "V", "U"}},
	{DRM_FORMAT_YUYV, {"YUYV"}},
	{DRM_FORMAT_YVYU, {"YVYU"}},
	{DRM_FORMAT_UYVY, {"UYVY"}},
	{DRM_FORMAT_VYUY, {"VYUY"}},
	{DRM_FORMAT_AYUV, {"VUYA"}},
	{DRM_FORMAT_XYUV8888, {"VUYA"}},
};

/* BT.601, narrow range: what EGL assumes when nobody says. */
static const struct {
	uint8_t y, u, v;
	float rgb[3];
} colours[] = {
	{16, 128, 128, {0, 0, 0}},
	{235, 128, 128, {1, 1, 1}},
	{81, 90, 240, {1, 0, 0}},
	{145, 54, 34, {0, 1, 0}},
	{41, 240, 110, {0, 0, 1}},
};
#define N_COLOURS (sizeof(colours) / sizeof(colours[0]))

static uint8_t byte_of(char c, size_t colour)
{
	switch (c) {
	case 'Y':
		return colours[colour].y;
	case 'U':
		return colours[colour].u;
	case 'V':
		return colours[colour].v;
	case 'A':
		return 0xff;
	default:
		return 0;
	}
}

static void create(struct gl_buffer *buffer, const struct yuv_format *format)
{
	const struct wltex_format_info *info = wltex_format_info_get(format->format);
	struct wltex_dmabuf_attributes *a = &buffer->attributes;
	uint32_t offset = 0;

	gl_memory_create(buffer, 64 * 1024, true);
	*a = (struct wltex_dmabuf_attributes){.width = WIDTH,
		.height = HEIGHT,
		.format = format->format,
		.n_planes = info->n_planes};
	for (int i = 0; i < info->n_planes; i++) {
		uint32_t stride = (uint32_t)wltex_format_row_bytes(info, i, WIDTH);
		a->planes[i] = (struct wltex_dmabuf_plane){buffer->fd, offset, stride};
		offset += stride * wltex_format_plane_height(info, i, HEIGHT);
	}
	check(offset <= buffer->size);
	buffer->dmabuf = wltex_dmabuf_create(a, NULL);
	check(buffer->dmabuf != NULL);
}

static void fill(struct gl_buffer *buffer, const struct yuv_format *format, size_t colour)
{
	const struct wltex_dmabuf_attributes *a = &buffer->attributes;

	for (int i = 0; i < a->n_planes; i++) {
		size_t end = i + 1 < a->n_planes ? a->planes[i + 1].offset : buffer->size;
		size_t n = strlen(format->planes[i]);
		for (size_t k = 0; k + a->planes[i].offset < end; k++)
			buffer->data[a->planes[i].offset + k] =
				byte_of(format->planes[i][k % n], colour);
	}
}

static void check_colour(const struct gl_fixture *f, const struct yuv_format *format, size_t colour)
{
	struct wltex_texture_info info;

	check(wltex_texture_get(f->texture, &info));
	float *seen = sample_texture(&info);
	for (size_t i = 0; i < WIDTH * HEIGHT; i++) {
		for (size_t k = 0; k < 3; k++) {
			if (fabsf(seen[4 * i + k] - colours[colour].rgb[k]) > 0.05f)
				test_fail(__FILE__, __LINE__,
					"%.4s colour %zu pixel %zu is %g %g %g, not %g %g %g",
					(const char *)&format->format, colour, i, seen[4 * i],
					seen[4 * i + 1], seen[4 * i + 2], colours[colour].rgb[0],
					colours[colour].rgb[1], colours[colour].rgb[2]);
		}
	}
	free(seen);
}

/* Some drivers offer more than they can: what EGL alone does with the buffer. */
static bool egl_imports(const struct gl_buffer *buffer)
{
	static const EGLint names[][3] = {
		{EGL_DMA_BUF_PLANE0_FD_EXT, EGL_DMA_BUF_PLANE0_OFFSET_EXT,
			EGL_DMA_BUF_PLANE0_PITCH_EXT},
		{EGL_DMA_BUF_PLANE1_FD_EXT, EGL_DMA_BUF_PLANE1_OFFSET_EXT,
			EGL_DMA_BUF_PLANE1_PITCH_EXT},
		{EGL_DMA_BUF_PLANE2_FD_EXT, EGL_DMA_BUF_PLANE2_OFFSET_EXT,
			EGL_DMA_BUF_PLANE2_PITCH_EXT},
	};
	PFNEGLCREATEIMAGEKHRPROC create_image =
		(PFNEGLCREATEIMAGEKHRPROC)eglGetProcAddress("eglCreateImageKHR");
	PFNEGLDESTROYIMAGEKHRPROC destroy_image =
		(PFNEGLDESTROYIMAGEKHRPROC)eglGetProcAddress("eglDestroyImageKHR");
	const struct wltex_dmabuf_attributes *a = &buffer->attributes;
	EGLint attribs[32] = {EGL_WIDTH, a->width, EGL_HEIGHT, a->height, EGL_LINUX_DRM_FOURCC_EXT,
		(EGLint)a->format};
	int n = 6;

	for (int i = 0; i < a->n_planes; i++) {
		const EGLint values[] = {
			a->planes[i].fd, (EGLint)a->planes[i].offset, (EGLint)a->planes[i].stride};
		for (int k = 0; k < 3; k++) {
			attribs[n++] = names[i][k];
			attribs[n++] = values[k];
		}
	}
	attribs[n] = EGL_NONE;
	EGLImageKHR image =
		create_image(gl_display(), EGL_NO_CONTEXT, EGL_LINUX_DMA_BUF_EXT, NULL, attribs);
	return image != EGL_NO_IMAGE_KHR && destroy_image(gl_display(), image);
}

static bool is_offered(const struct gl_fixture *f, uint32_t format, bool *external)
{
	const struct wltex_capabilities *caps = wltex_context_get_capabilities(f->context);

	for (size_t i = 0; i < caps->n_formats; i++) {
		*external = caps->formats[i].external_only;
		if (caps->formats[i].format == format &&
			caps->formats[i].modifier == DRM_FORMAT_MOD_LINEAR)
			return true;
	}
	return false;
}

/* The first format from *index on that EGL offers and imports, or NULL. */
static const struct yuv_format *next_format(
	const struct gl_fixture *f, size_t *index, struct gl_buffer *buffer, bool *external)
{
	while (*index < sizeof(formats) / sizeof(formats[0])) {
		const struct yuv_format *format = &formats[(*index)++];
		if (!is_offered(f, format->format, external))
			continue;
		create(buffer, format);
		if (egl_imports(buffer))
			return format;
		printf("# EGL offers %.4s, but fails to import it\n",
			(const char *)&format->format);
		/* Then wltex must fail as well, and say so. */
		check_int(wltex_texture_attach_dmabuf(f->texture, buffer->dmabuf, NULL), -EIO);
		gl_buffer_destroy(buffer);
	}
	return NULL;
}

static void check_format(struct gl_fixture *f, const struct yuv_format *format,
	struct gl_buffer *buffer, bool external)
{
	struct wltex_texture_info info;

	for (size_t i = 0; i < N_COLOURS; i++) {
		fill(buffer, format, i);
		check_int(wltex_texture_attach_dmabuf(f->texture, buffer->dmabuf, NULL),
			i == 0 ? WLTEX_STATE_IMPORTED : WLTEX_STATE_REIMPORTED);
		check_int(wltex_texture_attach_dmabuf(f->texture, buffer->dmabuf, NULL),
			WLTEX_STATE_REUSED);
		check(wltex_texture_get(f->texture, &info));
		check_int(info.target, external ? GL_TEXTURE_EXTERNAL_OES : GL_TEXTURE_2D);
		check_colour(f, format, i);
	}
}

TEST(colours)
{
	const struct yuv_format *format;
	size_t index = 0, n = 0, n_external = 0;
	struct gl_buffer a;
	struct gl_fixture f;
	bool external;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	const char *extensions = (const char *)glGetString(GL_EXTENSIONS);
	if (strstr(extensions, "GL_OES_EGL_image_external_essl3") == NULL)
		test_skip("no external textures in GL ES 3 shaders");
	while ((format = next_format(&f, &index, &a, &external)) != NULL) {
		check_format(&f, format, &a, external);
		gl_buffer_destroy(&a);
		n++;
		n_external += external;
	}
	printf("# %zu formats, %zu of them external only\n", n, n_external);
	gl_fixture_finish(&f);
	if (n == 0)
		test_skip("EGL imports no video formats");
}

/* A change in any plane is one. */
TEST(change_in_each_plane)
{
	struct gl_buffer a;
	struct gl_fixture f;
	size_t index = 0;
	bool external;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	while (next_format(&f, &index, &a, &external) != NULL) {
		wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL);
		for (int k = 0; k < a.attributes.n_planes; k++) {
			a.data[a.attributes.planes[k].offset]++;
			check_int(wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL),
				WLTEX_STATE_REIMPORTED);
			check_int(wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL),
				WLTEX_STATE_REUSED);
		}
		gl_buffer_destroy(&a);
	}
	gl_fixture_finish(&f);
}

/*
 * Content of several planes, or of pixels that share samples, has no tiles and no content
 * sum; it is compared all the same. No driver is needed for that: nothing is imported.
 */
TEST(comparing_needs_no_driver)
{
	struct core_content content = {0};
	pixman_region32_t changed;

	pixman_region32_init(&changed);
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		const struct wltex_format_info *info = wltex_format_info_get(formats[i].format);
		struct gl_buffer a;
		create(&a, &formats[i]);
		check_int(core_content_update_dmabuf(&content, a.dmabuf, NULL, &changed), CORE_NEW);
		for (int k = 0; k < info->n_planes; k++) {
			check_int(core_content_update_dmabuf(&content, a.dmabuf, NULL, &changed),
				CORE_SAME);
			check(!pixman_region32_not_empty(&changed));
			a.data[a.attributes.planes[k].offset]++;
			check_int(core_content_update_dmabuf(&content, a.dmabuf, NULL, &changed),
				CORE_CHANGED);
			check(pixman_region32_not_empty(&changed));
		}
		gl_buffer_destroy(&a);
	}
	core_content_finish(&content);
	pixman_region32_fini(&changed);
}
