/* SPDX-License-Identifier: MIT */
/*
 * The GPU was reset, and the GL context is lost; or the display has ended first. llvmpipe
 * never loses a context, so what EGL and GL say of it is made up here. Nothing may be left
 * then but what the caller still has to destroy, and no GL may be called.
 */
#include <errno.h>

#include "core/core.h"
#include "gl.h"

/* What is made up: the context is lost, eglMakeCurrent says so, glGetError says so. */
static bool lost, lost_to_egl, lost_to_gl;
/* eglMakeCurrent fails for any other reason. */
static bool refused;
static EGLint egl_error = EGL_SUCCESS;
static int names, status_queries, n_made_current;

EGLBoolean __real_eglMakeCurrent(
	EGLDisplay display, EGLSurface draw, EGLSurface read, EGLContext context);
EGLBoolean __wrap_eglMakeCurrent(
	EGLDisplay display, EGLSurface draw, EGLSurface read, EGLContext context);
EGLint __real_eglGetError(void);
EGLint __wrap_eglGetError(void);
GLenum __real_glGetError(void);
GLenum __wrap_glGetError(void);
void __real_glGenTextures(GLsizei n, GLuint *name);
void __wrap_glGenTextures(GLsizei n, GLuint *name);
void __real_glDeleteTextures(GLsizei n, const GLuint *name);
void __wrap_glDeleteTextures(GLsizei n, const GLuint *name);

static EGLContext own;

EGLBoolean __wrap_eglMakeCurrent(
	EGLDisplay display, EGLSurface draw, EGLSurface read, EGLContext context)
{
	n_made_current++;
	if (refused && context != EGL_NO_CONTEXT && context == own) {
		egl_error = EGL_BAD_ALLOC;
		return EGL_FALSE;
	}
	if (lost_to_egl && context != EGL_NO_CONTEXT && context == own) {
		egl_error = EGL_CONTEXT_LOST;
		return EGL_FALSE;
	}
	return __real_eglMakeCurrent(display, draw, read, context);
}

EGLint __wrap_eglGetError(void)
{
	EGLint error = egl_error != EGL_SUCCESS ? egl_error : __real_eglGetError();

	egl_error = EGL_SUCCESS;
	return error;
}

GLenum __wrap_glGetError(void)
{
	return lost_to_gl ? GL_CONTEXT_LOST_KHR : __real_glGetError();
}

void __wrap_glGenTextures(GLsizei n, GLuint *name)
{
	if (lost_to_gl)
		return;
	check(!lost);
	__real_glGenTextures(n, name);
	names++;
}

void __wrap_glDeleteTextures(GLsizei n, const GLuint *name)
{
	/* Of a context of the caller's, wltex does not know that. */
	check(!lost || eglGetCurrentContext() != own);
	__real_glDeleteTextures(n, name);
	names -= n;
}

static GLenum get_reset_status(void)
{
	status_queries++;
	return lost ? GL_INNOCENT_CONTEXT_RESET_KHR : GL_NO_ERROR;
}

/* A second texture beside the fixture's, and a dmabuf for each. */
struct scene {
	struct gl_fixture f;
	struct gl_spy *spy;
	struct gl_record record;
	struct wltex_texture *other;
	struct gl_buffer a, b;
};

static void scene_init(struct scene *s, enum wltex_context_mode mode)
{
	gl_fixture_init(&s->f, mode);
	s->spy = gl_spy(s->f.context);
	s->f.context->procs.get_reset_status = get_reset_status;
	own = s->f.context->gl;
	s->record = (struct gl_record){0};
	s->other = wltex_texture_create(s->f.context, s->f.owner, &gl_listener, &s->record);
	gl_buffer_create(&s->a, 64, 64, DRM_FORMAT_ARGB8888);
	gl_buffer_create(&s->b, 32, 32, DRM_FORMAT_ARGB8888);
	check_int(
		wltex_texture_attach_dmabuf(s->f.texture, s->a.dmabuf, NULL), WLTEX_STATE_IMPORTED);
	check_int(wltex_texture_attach_dmabuf(s->other, s->b.dmabuf, NULL), WLTEX_STATE_IMPORTED);
	check_record(&s->f.record, "imported:attached");
	check_record(&s->record, "imported:attached");
	check_int(s->spy->images, 2);
}

static void check_empty(struct scene *s)
{
	const struct wltex_counts *counts = wltex_ledger_get_counts(s->f.ledger);
	struct wltex_texture_info info;

	check(!wltex_texture_get(s->f.texture, &info));
	check(!wltex_texture_get(s->other, &info));
	check_int(s->spy->images, 0);
	check_int(counts->live_textures, 0);
	check_int(counts->imports + counts->reimports, counts->destroys);
}

static struct wltex_pixels pixels_of(const struct gl_buffer *buffer)
{
	return (struct wltex_pixels){buffer->data, 32, 32, 128, DRM_FORMAT_ABGR8888};
}

/* The loss was found. Whatever is called now, nothing happens any more. */
static void check_lost(struct scene *s)
{
	const struct wltex_pixels pixels = pixels_of(&s->b);
	static uint8_t rows[64 * 64 * 4];

	check_empty(s);
	check_int(wltex_context_check(s->f.context), -ENODEV);
	check_int(wltex_texture_attach_dmabuf(s->other, s->a.dmabuf, NULL), -ENODEV);
	check_int(wltex_texture_attach_dmabuf(s->other, s->a.dmabuf, NULL), -ENODEV);
	check_int(wltex_texture_attach_pixels(s->other, &pixels, NULL), -ENODEV);
	check_record(&s->record, "failed:attached failed:attached failed:attached");
	check_int(wltex_texture_sync(s->other, NULL), -ENOENT);
	check_int(wltex_texture_read(s->other, rows, 64 * 4), -ENOENT);
	check_int(wltex_texture_release(s->other, WLTEX_REASON_DETACHED), 0);
	check_int(wltex_dmabuf_release(s->a.dmabuf, WLTEX_REASON_RELEASED), 0);
	check_record(&s->record, "");
	check_empty(s);
	check_int(s->f.log.errors, 1);
}

/* Start again, with the same dmabufs; then end all. */
static void scene_finish(struct scene *s)
{
	struct gl_fixture next = {0};
	int before;

	wltex_texture_destroy(s->other);
	lost = lost_to_egl = lost_to_gl = false;
	gl_fixture_init(&next, WLTEX_CONTEXT_SHARED);
	before = names;
	check_int(wltex_context_check(next.context), 0);
	check_int(
		wltex_texture_attach_dmabuf(next.texture, s->a.dmabuf, NULL), WLTEX_STATE_IMPORTED);
	check_int(names, before + 1);
	gl_buffer_destroy(&s->a);
	check_record(&next.record, "imported:attached destroying destroyed:buffer_destroyed");
	gl_fixture_finish(&next);
	gl_make_current(s->f.gl);
	gl_buffer_destroy(&s->b);
	s->f.log.errors = 0;
	gl_fixture_finish(&s->f);
}

#define LOST "destroying destroyed:context_lost"

TEST(found_by_the_reset_status)
{
	struct scene s;

	scene_init(&s, WLTEX_CONTEXT_SHARED);
	check_int(wltex_context_check(s.f.context), 0);
	check(status_queries > 0);
	lost = true;
	check_int(wltex_context_check(s.f.context), -ENODEV);
	check(eglGetCurrentContext() == s.f.gl);
	check_record(&s.f.record, LOST);
	check_record(&s.record, LOST);
	check_lost(&s);
	scene_finish(&s);
}

TEST(found_by_egl)
{
	struct scene s;

	scene_init(&s, WLTEX_CONTEXT_SHARED);
	lost = lost_to_egl = true;
	check_int(wltex_texture_attach_dmabuf(s.f.texture, s.b.dmabuf, NULL), -ENODEV);
	check(eglGetCurrentContext() == s.f.gl);
	check_record(&s.f.record, LOST " failed:attached");
	check_record(&s.record, LOST);
	check_lost(&s);
	scene_finish(&s);
}

/* In the middle of an import: it was not lost yet when the context became current. */
TEST(found_by_an_error)
{
	for (int pixels = 0; pixels < 2; pixels++) {
		const struct wltex_pixels memory = {0};
		struct wltex_pixels source = memory;
		struct scene s;
		int ret;

		scene_init(&s, WLTEX_CONTEXT_SHARED);
		source = pixels_of(&s.b);
		lost_to_gl = true;
		s.a.data[0]++;
		ret = pixels ? wltex_texture_attach_pixels(s.f.texture, &source, NULL)
			     : wltex_texture_attach_dmabuf(s.f.texture, s.b.dmabuf, NULL);
		check_int(ret, -ENODEV);
		check(strstr(s.f.record.text, "failed:attached") != NULL);
		check_record(&s.record, LOST);
		check_lost(&s);
		scene_finish(&s);
	}
}

/* In the caller's own context the reset status is the caller's to ask for. */
TEST(context_of_the_caller)
{
	struct scene s;

	scene_init(&s, WLTEX_CONTEXT_CURRENT);
	check_int(wltex_context_check(s.f.context), 0);
	check_int(status_queries, 0);
	lost_to_gl = true;
	check_int(wltex_context_check(s.f.context), -ENODEV);
	check_record(&s.f.record, LOST);
	check_record(&s.record, LOST);
	check_lost(&s);
	scene_finish(&s);
}

/* Whatever finds it first. */
TEST(found_by_each_call)
{
	for (int i = 0; i < 7; i++) {
		static uint8_t rows[64 * 64 * 4];
		struct wltex_pixels pixels;
		struct scene s;

		scene_init(&s, WLTEX_CONTEXT_SHARED);
		pixels = pixels_of(&s.b);
		lost = true;
		s.a.data[0]++;
		/* A texture can end in the caller's context, where nobody asks. */
		if (i >= 4)
			gl_make_current(EGL_NO_CONTEXT);
		if (i == 0)
			check_int(wltex_texture_attach_dmabuf(s.f.texture, s.a.dmabuf, NULL),
				-ENODEV);
		else if (i == 1)
			check_int(wltex_texture_attach_pixels(s.f.texture, &pixels, NULL), -ENODEV);
		else if (i == 2)
			check_int(wltex_texture_sync(s.f.texture, NULL), -ENODEV);
		else if (i == 3)
			check_int(wltex_texture_read(s.f.texture, rows, 64 * 4), -ENODEV);
		else if (i == 4)
			check_int(wltex_texture_release(s.f.texture, WLTEX_REASON_DETACHED), 0);
		else if (i == 5)
			check_int(wltex_dmabuf_release(s.a.dmabuf, WLTEX_REASON_RELEASED), 0);
		else
			wltex_dmabuf_destroy(s.a.dmabuf);
		if (i == 6)
			s.a.dmabuf = wltex_dmabuf_create(&s.a.attributes, NULL);
		check(strncmp(s.f.record.text, LOST, strlen(LOST)) == 0);
		check_record(&s.record, LOST);
		check(eglGetCurrentContext() == (i >= 4 ? EGL_NO_CONTEXT : s.f.gl));
		check_lost(&s);
		scene_finish(&s);
	}
}

/*
 * Where the caller's context is current, nothing is switched for the end of a texture, and the
 * status is not asked for: so what is found then is found by the next call.
 */
TEST(the_end_in_the_callers_context)
{
	int n_switches, n_queries, n_names;
	struct scene s;

	scene_init(&s, WLTEX_CONTEXT_SHARED);
	n_switches = n_made_current;
	n_names = names;
	check_int(wltex_texture_release(s.f.texture, WLTEX_REASON_DETACHED), 0);
	check_record(&s.f.record, "destroying destroyed:detached");
	check(s.f.record.was_alive);
	check_int(names, n_names - 1);
	check_int(wltex_texture_attach_dmabuf(s.f.texture, s.a.dmabuf, NULL), WLTEX_STATE_IMPORTED);
	check_int(n_made_current, n_switches + 2);
	n_queries = status_queries;
	lost = true;
	check_int(wltex_texture_release(s.f.texture, WLTEX_REASON_DETACHED), 0);
	check_record(&s.f.record, "imported:attached destroying destroyed:detached");
	check_int(n_made_current, n_switches + 2);
	check_int(status_queries, n_queries);
	check_record(&s.record, "");
	check_int(wltex_texture_attach_dmabuf(s.f.texture, s.a.dmabuf, NULL), -ENODEV);
	check_record(&s.f.record, "failed:attached");
	check_record(&s.record, LOST);
	check_lost(&s);
	scene_finish(&s);
}

static int attach_later(struct wltex_texture *texture, const struct gl_buffer *buffer)
{
	return wltex_texture_attach(texture,
		&(struct wltex_attach){.dmabuf = buffer->dmabuf, .when = WLTEX_ON_ACCESS}, NULL);
}

/* Somebody asks only once the context is lost: for what was never made, or is out of date. */
TEST(found_at_access)
{
	for (int again = 0; again < 2; again++) {
		struct wltex_texture_info info;
		struct scene s;

		scene_init(&s, WLTEX_CONTEXT_SHARED);
		const struct wltex_counts *counts = wltex_ledger_get_counts(s.f.ledger);
		s.a.data[0]++;
		s.b.data[0]++;
		check_int(attach_later(s.f.texture, again ? &s.a : &s.b), WLTEX_STATE_NOT_ASKED);
		check_int(attach_later(s.other, &s.b), WLTEX_STATE_NOT_ASKED);
		s.f.record.text[0] = '\0';
		lost = true;
		check(!wltex_texture_get(s.f.texture, &info));
		check(eglGetCurrentContext() == s.f.gl);
		check_record(&s.f.record, again ? LOST " failed:attached" : "failed:attached");
		check_record(&s.record, LOST);
		check_int(counts->failures, 1);
		check_int(counts->not_asked, 1);
		/* Of the other nothing is left to ask for. */
		check(!wltex_texture_get(s.other, &info));
		check_int(attach_later(s.f.texture, &s.b), -ENODEV);
		check_record(&s.f.record, "failed:attached");
		check_int(counts->not_asked, 1);
		gl_check_ledger(&s.f);
		check_lost(&s);
		scene_finish(&s);
	}
}

/* EGL is not called before somebody asks, nor where there is nothing to end. */
TEST(no_gl_before_access)
{
	struct wltex_texture_info info;
	struct scene s;
	int before, n_names;

	scene_init(&s, WLTEX_CONTEXT_SHARED);
	wltex_texture_release(s.f.texture, WLTEX_REASON_RELEASED);
	before = n_made_current;
	n_names = names;
	for (int i = 0; i < 10; i++) {
		attach_later(s.f.texture, i % 2 == 0 ? &s.a : &s.b);
		attach_later(s.other, &s.b);
		check(!wltex_texture_peek(s.f.texture, &info));
		check(wltex_texture_peek(s.other, &info) && info.out_of_date);
		wltex_texture_release(s.f.texture, WLTEX_REASON_DETACHED);
	}
	check_int(n_made_current, before);
	check_int(names, n_names);
	/* Unchanged: that it is so needs no GL either. */
	check(wltex_texture_get(s.other, &info) && !info.out_of_date);
	check_int(n_made_current, before);
	attach_later(s.f.texture, &s.a);
	check(wltex_texture_get(s.f.texture, &info));
	check_int(n_made_current, before + 2);
	wltex_texture_destroy(s.other);
	gl_check_ledger(&s.f);
	gl_fixture_finish(&s.f);
	gl_buffer_destroy(&s.a);
	gl_buffer_destroy(&s.b);
}

/* Nobody looks again before the end. */
TEST(found_at_the_end)
{
	struct scene s;

	scene_init(&s, WLTEX_CONTEXT_SHARED);
	gl_make_current(EGL_NO_CONTEXT);
	lost = true;
	wltex_context_destroy(s.f.context);
	s.f.context = NULL;
	check(strstr(s.f.record.text, LOST) != NULL && strstr(s.record.text, LOST) != NULL);
	check_empty(&s);
	wltex_texture_destroy(s.other);
	wltex_texture_destroy(s.f.texture);
	wltex_owner_destroy(s.f.owner);
	wltex_ledger_destroy(s.f.ledger);
	gl_make_current(EGL_NO_CONTEXT);
	check(eglDestroyContext(gl_display(), s.f.gl));
	gl_buffer_destroy(&s.a);
	gl_buffer_destroy(&s.b);
}

/* How a name that waits goes in the end. */
enum way {
	AT_A_CHECK,
	AT_THE_END,
	IN_THE_CALLERS_CONTEXT,
	N_WAYS
};

/* A texture ends while EGL does not let its context become current: its name waits for that. */
TEST(not_to_be_had)
{
	for (enum way way = 0; way < N_WAYS; way++) {
		struct scene s;
		int before = names;

		scene_init(&s, WLTEX_CONTEXT_SHARED);
		gl_make_current(EGL_NO_CONTEXT);
		refused = true;
		check_int(wltex_texture_release(s.f.texture, WLTEX_REASON_DETACHED), 0);
		check_record(&s.f.record, "destroying destroyed:detached");
		check_int(wltex_context_check(s.f.context), -EIO);
		check_int(s.spy->images, 1);
		check_int(names, before + 2);
		if (way == IN_THE_CALLERS_CONTEXT)
			gl_make_current(s.f.gl);
		wltex_texture_destroy(s.other);
		check_int(names, way == IN_THE_CALLERS_CONTEXT ? before : before + 2);
		refused = false;
		if (way == AT_A_CHECK) {
			check_int(wltex_context_check(s.f.context), 0);
			check_int(names, before);
		}
		gl_buffer_destroy(&s.a);
		gl_buffer_destroy(&s.b);
		s.f.log.errors = 0;
		gl_make_current(s.f.gl);
		gl_fixture_finish(&s.f);
		check_int(names, before);
	}
}

/* The renderer ended the display, and with it every context, while textures live. */
TEST(display_ends_first)
{
	struct scene s;

	scene_init(&s, WLTEX_CONTEXT_SHARED);
	/* EGL destroys the images, too: they cannot be destroyed again. */
	s.f.context->procs.destroy_image =
		(PFNEGLDESTROYIMAGEKHRPROC)eglGetProcAddress("eglDestroyImageKHR");
	s.spy->images = 0;
	gl_make_current(EGL_NO_CONTEXT);
	check(eglTerminate(gl_display()));
	check_int(wltex_texture_attach_dmabuf(s.f.texture, s.b.dmabuf, NULL), -EIO);
	check_record(&s.f.record, "destroying destroyed:replaced failed:attached");
	check_int(wltex_texture_release(s.other, WLTEX_REASON_DETACHED), 0);
	check_record(&s.record, "destroying destroyed:detached");
	check_empty(&s);
	wltex_texture_destroy(s.other);
	wltex_texture_destroy(s.f.texture);
	wltex_context_destroy(s.f.context);
	wltex_owner_destroy(s.f.owner);
	wltex_ledger_destroy(s.f.ledger);
	gl_buffer_destroy(&s.a);
	gl_buffer_destroy(&s.b);
}
