/* SPDX-License-Identifier: MIT */
/* Ways to make a context, and what they leave of the display afterwards. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/core.h"
#include "gl.h"
#include "sample.h"

static void check_works(const struct gl_fixture *f)
{
	struct wltex_texture_info info;
	struct gl_buffer a;

	gl_buffer_create(&a, 64, 64, DRM_FORMAT_ARGB8888);
	check_int(wltex_texture_attach_dmabuf(f->texture, a.dmabuf, NULL), WLTEX_STATE_IMPORTED);
	check(wltex_texture_get(f->texture, &info));
	check(info.name != 0);
	check_int(wltex_texture_attach_dmabuf(f->texture, a.dmabuf, NULL), WLTEX_STATE_REUSED);
	check_int(wltex_texture_release(f->texture, WLTEX_REASON_RELEASED), 0);
	check(f->record.was_alive);
	gl_buffer_destroy(&a);
}

static void check_mode(enum wltex_context_mode mode)
{
	struct gl_fixture f;

	gl_fixture_init(&f, mode);
	check_works(&f);
	gl_fixture_finish(&f);
}

TEST(mode_current)
{
	check_mode(WLTEX_CONTEXT_CURRENT);
}

TEST(mode_shared)
{
	check_mode(WLTEX_CONTEXT_SHARED);
}

TEST(mode_own)
{
	check_mode(WLTEX_CONTEXT_OWN);
}

TEST(default_options)
{
	EGLContext gl = gl_context_create(EGL_NO_CONTEXT);

	gl_make_current(gl);
	struct wltex_context *context = wltex_context_create(NULL);
	check(context != NULL);
	check(wltex_context_get_ledger(context) != NULL);
	check_int(wltex_ledger_get_counts(wltex_context_get_ledger(context))->commits, 0);
	wltex_context_destroy(context);
	check(eglGetCurrentContext() == gl);
}

/* Textures of a shared context are those of the context that it shares with. */
TEST(names_are_shared)
{
	struct wltex_texture_info info;
	struct gl_fixture f;
	struct gl_buffer a;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, 64, 64, DRM_FORMAT_ARGB8888);
	wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL);
	check(wltex_texture_get(f.texture, &info));
	check(gl_is_texture(info.name));
	EGLContext third = gl_context_create(f.gl), foreign = gl_context_create(EGL_NO_CONTEXT);
	gl_make_current(third);
	check(gl_is_texture(info.name));
	gl_make_current(foreign);
	check(!gl_is_texture(info.name));
	gl_make_current(third);
	wltex_texture_release(f.texture, WLTEX_REASON_RELEASED);
	check(!gl_is_texture(info.name));
	gl_make_current(f.gl);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

/* EGL gives all of a process the same surfaceless display: it stays what it was. */
static void check_display_survives(enum wltex_context_mode mode)
{
	struct gl_fixture f;
	GLuint name = 0;

	gl_fixture_init(&f, mode);
	EGLContext bystander = gl_context_create(EGL_NO_CONTEXT);
	check_works(&f);
	gl_fixture_finish(&f);
	check(eglQueryString(gl_display(), EGL_VERSION) != NULL);
	gl_make_current(bystander);
	glGenTextures(1, &name);
	glBindTexture(GL_TEXTURE_2D, name);
	check(gl_is_texture(name));
	check_int(glGetError(), GL_NO_ERROR);
	gl_fixture_init(&f, mode);
	check_works(&f);
	gl_fixture_finish(&f);
}

TEST(display_survives_current)
{
	check_display_survives(WLTEX_CONTEXT_CURRENT);
}

TEST(display_survives_shared)
{
	check_display_survives(WLTEX_CONTEXT_SHARED);
}

TEST(display_survives_own)
{
	check_display_survives(WLTEX_CONTEXT_OWN);
}

static void check_error(struct wltex_context_options options, int error)
{
	struct gl_log log = {0};
	struct wltex_logger logger = gl_logger(&log);
	EGLContext current = eglGetCurrentContext();
	EGLenum api = eglQueryAPI();
	int n_fds = test_count_fds();

	options.logger = &logger;
	errno = 0;
	check(wltex_context_create(&options) == NULL);
	check_int(errno, error);
	check(log.errors > 0);
	check(strstr(log.last, "0x3000") == NULL);
	check(eglGetCurrentContext() == current);
	check_int(eglQueryAPI(), api);
	check_int(test_count_fds(), n_fds);
}

TEST(create_errors)
{
	EGLDisplay display = gl_display();
	EGLContext gl = gl_context_create(EGL_NO_CONTEXT);
	struct wltex_context_options current = {.mode = WLTEX_CONTEXT_CURRENT};
	struct wltex_context_options shared = {.mode = WLTEX_CONTEXT_SHARED};

	check_error(current, ENOENT);
	check_error(shared, ENOENT);
	shared.display = display;
	check_error(shared, ENOENT);
	shared.display = (EGLDisplay)&shared;
	shared.share = gl;
	check_error(shared, ENOENT);
	shared.display = display;
	shared.share = (EGLContext)&shared;
	check_error(shared, EIO);
	check_error((struct wltex_context_options){.mode = WLTEX_CONTEXT_OWN, .render_fd = 9999},
		EBADF);
	check_error((struct wltex_context_options){.mode = 99}, EINVAL);
	gl_make_current(gl);
	check_error(shared, EIO);
}

/* Desktop GL is not GL ES. */
TEST(desktop_gl)
{
	EGLDisplay display = gl_display();

	if (!eglBindAPI(EGL_OPENGL_API))
		test_skip("no desktop OpenGL");
	EGLContext gl = eglCreateContext(display, EGL_NO_CONFIG_KHR, EGL_NO_CONTEXT, NULL);
	if (gl == EGL_NO_CONTEXT)
		test_skip("no desktop OpenGL context");
	gl_make_current(gl);
	check_error((struct wltex_context_options){.mode = WLTEX_CONTEXT_CURRENT}, ENOTSUP);
	check_int(eglQueryAPI(), EGL_OPENGL_API);
}

TEST(capabilities)
{
	struct gl_fixture f;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	const struct wltex_capabilities *caps = wltex_context_get_capabilities(f.context);
	check(caps->gles_version >= 20 && caps->gles_version < 40);
	check(caps->renderer != NULL && caps->vendor != NULL);
	check(caps->n_formats > 0);
	check(caps->max_texture_size >= 2048);
	for (size_t i = 1; i < caps->n_formats; i++) {
		const struct wltex_format *a = &caps->formats[i - 1], *b = &caps->formats[i];
		check(a->format < b->format ||
			(a->format == b->format && a->modifier <= b->modifier));
	}
	gl_need_format(f.context, DRM_FORMAT_ARGB8888);
	gl_need_format(f.context, DRM_FORMAT_XRGB8888);
	gl_fixture_finish(&f);
}

/* A context without dmabufs still takes pixels in memory. */
TEST(no_dmabuf_import)
{
	static const uint8_t pixel[4];
	const struct wltex_pixels pixels = {pixel, 1, 1, 4, DRM_FORMAT_ABGR8888};
	struct gl_fixture f;
	struct gl_buffer a;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, 64, 64, DRM_FORMAT_ARGB8888);
	f.context->capabilities.dmabuf_import = false;
	f.context->capabilities.n_formats = 0;
	check_int(wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL), -ENOTSUP);
	check_record(&f.record, "refused:invalid");
	check_int(wltex_texture_attach_pixels(f.texture, &pixels, NULL), WLTEX_STATE_IMPORTED);
	gl_check_ledger(&f);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

/* EGL that knows no modifiers is told of none: linear is as good as implicit. */
TEST(no_modifiers)
{
	struct gl_fixture f;
	struct gl_buffer a;
	uint32_t seed = 40;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, 64, 64, DRM_FORMAT_ARGB8888);
	gl_random(&seed, a.data, a.size);
	f.context->capabilities.modifiers = false;
	check_int(wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL), WLTEX_STATE_IMPORTED);
	sample_check(f.texture, DRM_FORMAT_ARGB8888, a.data, 256);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

/* A display of its own on a GBM device, which is terminated with the context. */
TEST(mode_own_gbm)
{
	/* Mesa makes a device of software even of what is no render node. */
	int fd = open("/dev/dri/renderD128", O_RDWR | O_CLOEXEC), n_fds = 0;
	struct wltex_context_options options = {.mode = WLTEX_CONTEXT_OWN};

	options.render_fd = fd >= 0 ? fd : open("/dev/null", O_RDWR | O_CLOEXEC);
	gl_make_current(gl_context_create(EGL_NO_CONTEXT));
	for (int i = 0; i < 3; i++) {
		static const uint8_t pixel[4];
		const struct wltex_pixels pixels = {pixel, 1, 1, 4, DRM_FORMAT_ABGR8888};
		struct wltex_context *context = wltex_context_create(&options);
		struct wltex_texture *texture;
		if (context == NULL)
			test_skip("no GL on a GBM device: %s", strerror(errno));
		texture = wltex_texture_create(context, NULL, NULL, NULL);
		check_int(
			wltex_texture_attach_pixels(texture, &pixels, NULL), WLTEX_STATE_IMPORTED);
		wltex_texture_destroy(texture);
		wltex_context_destroy(context);
		if (i == 0)
			n_fds = test_count_fds();
	}
	check_int(test_count_fds(), n_fds);
	check(eglQueryString(gl_display(), EGL_VERSION) != NULL);
	GLuint name = 0;
	glGenTextures(1, &name);
	check(name != 0);
	check_int(glGetError(), GL_NO_ERROR);
	close(options.render_fd);
}

/* What GL cannot hold is refused, before a client makes us read gigabytes of holes. */
TEST(larger_than_gl_allows)
{
	struct gl_fixture f;
	struct gl_buffer wide, high;
	GLint max = 0;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	glGetIntegerv(GL_MAX_TEXTURE_SIZE, &max);
	gl_buffer_create(&wide, max + 1, 1, DRM_FORMAT_ARGB8888);
	gl_buffer_create(&high, 1, max + 1, DRM_FORMAT_ARGB8888);
	check_int(wltex_texture_attach_dmabuf(f.texture, wide.dmabuf, NULL), -EINVAL);
	check_record(&f.record, "refused:invalid");
	check(!f.record.last.has_sum);
	check_int(wltex_texture_attach_dmabuf(f.texture, high.dmabuf, NULL), -EINVAL);
	const struct wltex_pixels pixels = {
		wide.data, (uint32_t)max + 1, 1, 4 * ((size_t)max + 1), DRM_FORMAT_ABGR8888};
	check_int(wltex_texture_attach_pixels(f.texture, &pixels, NULL), -EINVAL);
	gl_check_ledger(&f);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&wide);
	gl_buffer_destroy(&high);
}

/* The floor. Mesa hands out ES 3.2 for 2 unless told otherwise. */
TEST(es2)
{
	static uint8_t data[70 * 70 * 4];
	struct wltex_pixels pixels = {data, 70, 70, 280, DRM_FORMAT_ABGR8888};
	struct gl_fixture f;

	setenv("MESA_GLES_VERSION_OVERRIDE", "2.0", 1);
	gl_fixture_init(&f, WLTEX_CONTEXT_CURRENT);
	if (wltex_context_get_capabilities(f.context)->gles_version != 20)
		test_skip("this EGL makes no GL ES 2 contexts");
	check_works(&f);
	check_int(wltex_texture_attach_pixels(f.texture, &pixels, NULL), WLTEX_STATE_IMPORTED);
	data[sizeof(data) - 1] = 1;
	check_int(wltex_texture_attach_pixels(f.texture, &pixels, NULL), WLTEX_STATE_REIMPORTED);
	/* Without swizzles there is no way for these. */
	pixels.format = DRM_FORMAT_RGBA8888;
	check_int(wltex_texture_attach_pixels(f.texture, &pixels, NULL), -EINVAL);
	gl_fixture_finish(&f);
}
