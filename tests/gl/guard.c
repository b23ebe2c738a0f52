/* SPDX-License-Identifier: MIT */
/* What the caller has current, and what state its own GL is in, stays as it was. */
#include <errno.h>

#include "gl.h"

struct current {
	EGLenum api;
	EGLDisplay display;
	EGLContext context;
	EGLSurface draw, read;
};

static struct current get_current(void)
{
	return (struct current){
		.api = eglQueryAPI(),
		.display = eglGetCurrentDisplay(),
		.context = eglGetCurrentContext(),
		.draw = eglGetCurrentSurface(EGL_DRAW),
		.read = eglGetCurrentSurface(EGL_READ),
	};
}

static void check_current(struct current expected)
{
	struct current now = get_current();

	check_int(now.api, expected.api);
	check(now.display == expected.display);
	check(now.context == expected.context);
	check(now.draw == expected.draw);
	check(now.read == expected.read);
}

/* All that touches GL, in turn, with what is current checked after each. */
static void check_entry_points(struct gl_fixture *f, struct current expected)
{
	static uint8_t data[100 * 100 * 4];
	struct wltex_pixels pixels = {data, 100, 100, 400, DRM_FORMAT_ABGR8888};
	struct gl_spy *spy = gl_spy(f->context);
	struct gl_buffer a, b, refused;

	gl_buffer_create(&a, 64, 64, DRM_FORMAT_ARGB8888);
	gl_buffer_create(&b, 64, 64, DRM_FORMAT_ARGB8888);
	gl_buffer_create(&refused, 64, 64, DRM_FORMAT_BGRX1010102);
#define CALL(call, result) \
	do { \
		check_int(call, result); \
		check_current(expected); \
	} while (0)
#define ATTACH(buffer) wltex_texture_attach_dmabuf(f->texture, (buffer).dmabuf, NULL)
	CALL(wltex_texture_sync(f->texture, NULL), -ENOENT);
	CALL(ATTACH(a), WLTEX_STATE_IMPORTED);
	CALL(ATTACH(a), WLTEX_STATE_REUSED);
	a.data[0]++;
	CALL(ATTACH(a), WLTEX_STATE_REIMPORTED);
	a.data[0]++;
	CALL(wltex_texture_sync(f->texture, NULL), WLTEX_STATE_REIMPORTED);
	CALL(ATTACH(b), WLTEX_STATE_IMPORTED);
	CALL(ATTACH(refused), -EINVAL);
	spy->fail_image = true;
	CALL(ATTACH(a), -EIO);
	gl_buffer_forget_failure(&a);
	spy->fail_image = false;
	spy->fail_texture = true;
	CALL(ATTACH(a), -EIO);
	gl_buffer_forget_failure(&a);
	spy->fail_texture = false;
	CALL(ATTACH(a), WLTEX_STATE_IMPORTED);
	CALL(wltex_dmabuf_release(a.dmabuf, WLTEX_REASON_RELEASED), 0);
	CALL(wltex_texture_attach_pixels(f->texture, &pixels, NULL), WLTEX_STATE_IMPORTED);
	data[0]++;
	CALL(wltex_texture_attach_pixels(f->texture, &pixels, NULL), WLTEX_STATE_REIMPORTED);
	pixels.width = 0;
	CALL(wltex_texture_attach_pixels(f->texture, &pixels, NULL), -EINVAL);
	CALL(ATTACH(a), WLTEX_STATE_IMPORTED);
	CALL(wltex_texture_release(f->texture, WLTEX_REASON_RELEASED), 0);
	CALL(ATTACH(b), WLTEX_STATE_IMPORTED);
	gl_buffer_destroy(&b);
	check_current(expected);
	CALL(ATTACH(a), WLTEX_STATE_IMPORTED);
	wltex_texture_destroy(f->texture);
	check_current(expected);
	f->texture = wltex_texture_create(f->context, f->owner, &gl_listener, &f->record);
	CALL(ATTACH(a), WLTEX_STATE_IMPORTED);
#undef ATTACH
#undef CALL
	check_int(spy->images, 1);
	gl_buffer_destroy(&a);
	gl_buffer_destroy(&refused);
	check_int(spy->images, 0);
	check_current(expected);
}

/* Also making and destroying a context, also one that fails. */
static void check_contexts(const struct gl_fixture *f, struct current expected)
{
	struct wltex_context_options options = {
		.mode = WLTEX_CONTEXT_SHARED,
		.display = gl_display(),
		.share = f->gl,
		.render_fd = -1,
	};
	struct wltex_context *context = wltex_context_create(&options);

	check(context != NULL);
	check_current(expected);
	wltex_context_destroy(context);
	check_current(expected);
	options.mode = WLTEX_CONTEXT_OWN;
	context = wltex_context_create(&options);
	check(context != NULL);
	check_current(expected);
	wltex_context_destroy(context);
	check_current(expected);
	options.mode = WLTEX_CONTEXT_SHARED;
	options.share = (EGLContext)&options;
	check(wltex_context_create(&options) == NULL);
	check_current(expected);
}

static EGLConfig choose_config(EGLint renderable)
{
	const EGLint attribs[] = {EGL_SURFACE_TYPE, EGL_PBUFFER_BIT, EGL_RENDERABLE_TYPE,
		renderable, EGL_RED_SIZE, 8, EGL_NONE};
	EGLConfig config;
	EGLint n = 0;

	if (!eglChooseConfig(gl_display(), attribs, &config, 1, &n) || n < 1)
		test_skip("EGL has no pbuffers");
	return config;
}

static EGLSurface create_surface(EGLConfig config)
{
	const EGLint attribs[] = {EGL_WIDTH, 16, EGL_HEIGHT, 16, EGL_NONE};
	EGLSurface surface = eglCreatePbufferSurface(gl_display(), config, attribs);

	check(surface != EGL_NO_SURFACE);
	return surface;
}

static void set_nothing(const struct gl_fixture *f)
{
	gl_make_current(EGL_NO_CONTEXT);
}

static void set_nothing_desktop(const struct gl_fixture *f)
{
	gl_make_current(EGL_NO_CONTEXT);
	if (!eglBindAPI(EGL_OPENGL_API))
		test_skip("no desktop OpenGL");
}

static void set_the_caller(const struct gl_fixture *f)
{
	gl_make_current(f->gl);
}

static void set_the_caller_desktop(const struct gl_fixture *f)
{
	gl_make_current(f->gl);
	if (!eglBindAPI(EGL_OPENGL_API))
		test_skip("no desktop OpenGL");
}

static void set_the_caller_pbuffers(const struct gl_fixture *f)
{
	EGLConfig config = choose_config(EGL_OPENGL_ES2_BIT);

	check(eglMakeCurrent(gl_display(), create_surface(config), create_surface(config), f->gl));
}

static void set_another(const struct gl_fixture *f)
{
	const EGLint attribs[] = {EGL_CONTEXT_CLIENT_VERSION, 2, EGL_NONE};
	EGLConfig config = choose_config(EGL_OPENGL_ES2_BIT);
	EGLContext gl = eglCreateContext(gl_display(), config, EGL_NO_CONTEXT, attribs);

	check(gl != EGL_NO_CONTEXT);
	check(eglMakeCurrent(gl_display(), create_surface(config), create_surface(config), gl));
}

static void set_desktop(const struct gl_fixture *f)
{
	if (!eglBindAPI(EGL_OPENGL_API))
		test_skip("no desktop OpenGL");
	EGLConfig config = choose_config(EGL_OPENGL_BIT);
	EGLContext gl = eglCreateContext(gl_display(), config, EGL_NO_CONTEXT, NULL);
	if (gl == EGL_NO_CONTEXT)
		test_skip("no desktop OpenGL context");
	check(eglMakeCurrent(gl_display(), create_surface(config), create_surface(config), gl));
}

static void run(void (*set)(const struct gl_fixture *f))
{
	static const enum wltex_context_mode modes[] = {
		WLTEX_CONTEXT_CURRENT, WLTEX_CONTEXT_SHARED, WLTEX_CONTEXT_OWN};

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		struct gl_fixture f;
		struct current current;

		gl_fixture_init(&f, modes[i]);
		set(&f);
		current = get_current();
		check_entry_points(&f, current);
		check_contexts(&f, current);
		check(eglBindAPI(EGL_OPENGL_ES_API));
		gl_make_current(f.gl);
		gl_fixture_finish(&f);
	}
}

/* Leaves a context current that shares nothing, whatever it found. */
static void switch_away(void *data, struct wltex_texture *texture)
{
	gl_make_current(*(EGLContext *)data);
}

static void switch_away_too(
	void *data, struct wltex_texture *texture, const struct wltex_event *event)
{
	if (event->state == WLTEX_STATE_DESTROYED)
		switch_away(data, texture);
}

/* What is made after that is made in the right context, and the old one is deleted there. */
static void check_listener_switches(enum wltex_context_mode mode)
{
	static const struct wltex_texture_listener listener = {switch_away, switch_away_too};
	EGLContext stranger = gl_context_create(EGL_NO_CONTEXT);
	struct wltex_texture_info before, after;
	struct wltex_texture *texture;
	struct gl_buffer a, b;
	struct gl_fixture f;

	gl_fixture_init(&f, mode);
	gl_buffer_create(&a, 64, 64, DRM_FORMAT_ARGB8888);
	gl_buffer_create(&b, 64, 64, DRM_FORMAT_ARGB8888);
	texture = wltex_texture_create(f.context, f.owner, &listener, &stranger);
	check_int(wltex_texture_attach_dmabuf(texture, a.dmabuf, NULL), WLTEX_STATE_IMPORTED);
	for (int i = 0; i < 4; i++) {
		check(wltex_texture_get(texture, &before));
		a.data[0]++;
		b.data[0]++;
		check(wltex_texture_attach_dmabuf(
			      texture, i % 2 == 0 ? b.dmabuf : a.dmabuf, NULL) >= 0);
		check(eglGetCurrentContext() == f.gl);
		check(wltex_texture_get(texture, &after));
		check(gl_is_texture(after.name));
		check(after.name == before.name || !gl_is_texture(before.name));
	}
	wltex_texture_destroy(texture);
	gl_make_current(f.gl);
	check(!gl_is_texture(after.name));
	gl_check_ledger(&f);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
	gl_buffer_destroy(&b);
}

TEST(listener_switches)
{
	check_listener_switches(WLTEX_CONTEXT_SHARED);
	check_listener_switches(WLTEX_CONTEXT_CURRENT);
}

TEST(no_context)
{
	run(set_nothing);
}

TEST(no_context_and_desktop_api)
{
	run(set_nothing_desktop);
}

TEST(context_of_the_caller)
{
	run(set_the_caller);
}

TEST(context_of_the_caller_and_desktop_api)
{
	run(set_the_caller_desktop);
}

TEST(context_of_the_caller_with_surfaces)
{
	run(set_the_caller_pbuffers);
}

TEST(another_context_with_surfaces)
{
	run(set_another);
}

TEST(desktop_context_with_surfaces)
{
	run(set_desktop);
}

/* GL state that wltex touches, and some that it must not. */
static const GLenum state_names[] = {GL_ACTIVE_TEXTURE, GL_TEXTURE_BINDING_2D,
	GL_TEXTURE_BINDING_EXTERNAL_OES, GL_UNPACK_ALIGNMENT, GL_UNPACK_ROW_LENGTH,
	GL_UNPACK_SKIP_ROWS, GL_UNPACK_SKIP_PIXELS, GL_UNPACK_SKIP_IMAGES, GL_UNPACK_IMAGE_HEIGHT,
	GL_PACK_ALIGNMENT, GL_PIXEL_UNPACK_BUFFER_BINDING, GL_PIXEL_PACK_BUFFER_BINDING,
	GL_FRAMEBUFFER_BINDING, GL_CURRENT_PROGRAM, GL_ARRAY_BUFFER_BINDING, GL_SAMPLER_BINDING};
#define N_STATES (sizeof(state_names) / sizeof(state_names[0]))

static void get_state(GLint values[2][N_STATES])
{
	GLint unit;

	glGetIntegerv(GL_ACTIVE_TEXTURE, &unit);
	for (GLenum i = 0; i < 2; i++) {
		glActiveTexture(GL_TEXTURE0 + i);
		for (size_t k = 0; k < N_STATES; k++)
			glGetIntegerv(state_names[k], &values[i][k]);
	}
	glActiveTexture((GLenum)unit);
	check_int(glGetError(), GL_NO_ERROR);
}

static void set_state(void)
{
	GLuint textures[4], buffers[2], framebuffer, sampler;

	glGenTextures(4, textures);
	for (GLenum i = 0; i < 2; i++) {
		glActiveTexture(GL_TEXTURE0 + i);
		glBindTexture(GL_TEXTURE_2D, textures[i]);
		glBindTexture(GL_TEXTURE_EXTERNAL_OES, textures[2 + i]);
	}
	glGenSamplers(1, &sampler);
	glBindSampler(1, sampler);
	glPixelStorei(GL_UNPACK_ALIGNMENT, 8);
	glPixelStorei(GL_UNPACK_ROW_LENGTH, 777);
	glPixelStorei(GL_UNPACK_SKIP_ROWS, 3);
	glPixelStorei(GL_UNPACK_SKIP_PIXELS, 5);
	glPixelStorei(GL_UNPACK_SKIP_IMAGES, 2);
	glPixelStorei(GL_UNPACK_IMAGE_HEIGHT, 9);
	glGenBuffers(2, buffers);
	glBindBuffer(GL_PIXEL_UNPACK_BUFFER, buffers[0]);
	glBindBuffer(GL_ARRAY_BUFFER, buffers[1]);
	glGenFramebuffers(1, &framebuffer);
	glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
	check_int(glGetError(), GL_NO_ERROR);
}

TEST(gl_state_of_the_caller)
{
	GLint before[2][N_STATES], after[2][N_STATES];
	struct gl_fixture f;

	gl_fixture_init(&f, WLTEX_CONTEXT_CURRENT);
	if (wltex_context_get_capabilities(f.context)->gles_version < 30)
		test_skip("GL ES 3 has the state that this is about");
	set_state();
	get_state(before);
	check_entry_points(&f, get_current());
	get_state(after);
	for (size_t i = 0; i < 2; i++) {
		for (size_t k = 0; k < N_STATES; k++)
			check_int(after[i][k], before[i][k]);
	}
	gl_fixture_finish(&f);
}

/* An error of the caller's own, which is to be there still. */
static void cause_error(void)
{
	glEnable(GL_INVALID_ENUM);
}

static void check_error(void)
{
	check_int(glGetError(), GL_INVALID_ENUM);
	check_int(glGetError(), GL_NO_ERROR);
}

/* A texture that ends where the caller had it bound: none is then, and all else is as it was. */
TEST(deleted_in_the_callers_context)
{
	GLint before[2][N_STATES], after[2][N_STATES];
	struct wltex_texture_info info;
	struct gl_fixture f;
	struct gl_buffer a;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	if (wltex_context_get_capabilities(f.context)->gles_version < 30)
		test_skip("GL ES 3 has the state that this is about");
	gl_buffer_create(&a, 64, 64, DRM_FORMAT_ARGB8888);
	set_state();
	for (int with_error = 0; with_error < 2; with_error++) {
		if (with_error)
			cause_error();
		check_int(wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL),
			WLTEX_STATE_IMPORTED);
		if (with_error)
			check_error();
		check(wltex_texture_get(f.texture, &info));
		glActiveTexture(GL_TEXTURE1);
		glBindTexture(info.target, info.name);
		get_state(before);
		if (with_error)
			cause_error();
		check_int(wltex_texture_release(f.texture, WLTEX_REASON_RELEASED), 0);
		if (with_error)
			check_error();
		get_state(after);
		check(!gl_is_texture(info.name));
		for (size_t k = 0; k < N_STATES; k++) {
			check_int(after[0][k], before[0][k]);
			check_int(after[1][k],
				state_names[k] == GL_TEXTURE_BINDING_2D ? 0 : before[1][k]);
		}
	}
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}
