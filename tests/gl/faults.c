/* SPDX-License-Identifier: MIT */
/*
 * Each call of plugin/core that can fail is made to, one after the other: memory, EGL, GL.
 * What comes of it is an error, and an empty texture object; nothing is left, nothing that
 * changed is missed, and the next commit works.
 */
#include <stdlib.h>

#include "core/core.h"
#include "fault.h"
#include "gl.h"

#define SIDE 256

FAULT_WRAP(EGLContext, eglCreateContext,
	(EGLDisplay display, EGLConfig config, EGLContext share, const EGLint *attribs),
	(display, config, share, attribs), EGL_NO_CONTEXT)
FAULT_WRAP(EGLBoolean, eglMakeCurrent,
	(EGLDisplay display, EGLSurface draw, EGLSurface read, EGLContext context),
	(display, draw, read, context), EGL_FALSE)
FAULT_WRAP(const char *, eglQueryString, (EGLDisplay display, EGLint name), (display, name), NULL)
FAULT_WRAP(const GLubyte *, glGetString, (GLenum name), (name), NULL)
FAULT_WRAP(GLuint, glCreateProgram, (void), (), 0)
FAULT_WRAP(GLuint, glCreateShader, (GLenum type), (type), 0)
FAULT_WRAP(GLenum, glCheckFramebufferStatus, (GLenum target), (target), GL_FRAMEBUFFER_UNSUPPORTED)

/* Texture names and images that wltex made and did not delete. */
static int names, images;

void __real_glGenTextures(GLsizei n, GLuint *name);
void __wrap_glGenTextures(GLsizei n, GLuint *name);
void __real_glDeleteTextures(GLsizei n, const GLuint *name);
void __wrap_glDeleteTextures(GLsizei n, const GLuint *name);
void __real_glTexImage2D(GLenum target, GLint level, GLint internal, GLsizei width, GLsizei height,
	GLint border, GLenum format, GLenum type, const void *pixels);
void __wrap_glTexImage2D(GLenum target, GLint level, GLint internal, GLsizei width, GLsizei height,
	GLint border, GLenum format, GLenum type, const void *pixels);

void __wrap_glGenTextures(GLsizei n, GLuint *name)
{
	if (fault_now("glGenTextures"))
		return;
	__real_glGenTextures(n, name);
	names += *name != 0;
}

void __wrap_glDeleteTextures(GLsizei n, const GLuint *name)
{
	for (GLsizei i = 0; i < n; i++)
		names -= name[i] != 0;
	__real_glDeleteTextures(n, name);
}

/* Texture 0 is the caller's. */
static void check_bound(void)
{
	GLint name = 0;

	glGetIntegerv(GL_TEXTURE_BINDING_2D, &name);
	check(name != 0);
}

void __wrap_glTexImage2D(GLenum target, GLint level, GLint internal, GLsizei width, GLsizei height,
	GLint border, GLenum format, GLenum type, const void *pixels)
{
	check_bound();
	/* Out of memory cannot be told from an error of this kind. */
	if (fault_now("glTexImage2D"))
		target = 0;
	__real_glTexImage2D(target, level, internal, width, height, border, format, type, pixels);
}

static struct core_procs real;

static EGLImageKHR create_image(EGLDisplay display, EGLContext context, EGLenum target,
	EGLClientBuffer buffer, const EGLint *attribs)
{
	EGLImageKHR image;

	if (fault_now("eglCreateImage"))
		return EGL_NO_IMAGE_KHR;
	image = real.create_image(display, context, target, buffer, attribs);
	images += image != EGL_NO_IMAGE_KHR;
	return image;
}

static EGLBoolean destroy_image(EGLDisplay display, EGLImageKHR image)
{
	images--;
	return real.destroy_image(display, image);
}

static void image_target_texture(GLenum target, GLeglImageOES image)
{
	check_bound();
	real.image_target_texture(target, fault_now("glEGLImageTargetTexture2D") ? NULL : image);
}

static EGLBoolean query_formats(EGLDisplay display, EGLint max, EGLint *formats, EGLint *n)
{
	return !fault_now("eglQueryDmaBufFormats") && real.query_formats(display, max, formats, n);
}

static void spy_on(struct wltex_context *context)
{
	real = context->procs;
	context->procs.create_image = create_image;
	context->procs.destroy_image = destroy_image;
	context->procs.image_target_texture = image_target_texture;
	context->procs.query_formats = query_formats;
}

/* The caller's context cannot be had back if EGL fails in the very moment. */
static void restore(EGLContext gl)
{
	if (eglGetCurrentContext() != gl) {
		check(fault_count("eglMakeCurrent") > 0);
		gl_make_current(gl);
	}
	while (glGetError() != GL_NO_ERROR)
		continue;
}

TEST(context)
{
	EGLContext gl = gl_context_create(EGL_NO_CONTEXT);
	int made = 0, refused = 0;

	gl_make_current(gl);
	FAULT_LOOP(way)
	{
		struct gl_log log = {0};
		struct wltex_logger logger = gl_logger(&log);
		const struct wltex_context_options options = {
			.mode = WLTEX_CONTEXT_SHARED,
			.display = gl_display(),
			.share = gl,
			.logger = &logger,
		};
		struct wltex_context *context;
		int blocks = fault_blocks();

		fault_arm();
		errno = 0;
		context = wltex_context_create(&options);
		fault_disarm();
		restore(gl);
		made += context != NULL;
		refused += context == NULL;
		if (context == NULL)
			check(errno == ENOMEM || errno == EIO || errno == ENOTSUP ||
				errno == ENOENT);
		check(context != NULL || fault_hit() != NULL);
		wltex_context_destroy(context);
		check(eglGetCurrentContext() == gl);
		check_int(fault_blocks(), blocks);
	}
	check(made > 0 && refused > 0);
	check(fault_count("eglCreateContext") > 0 && fault_count("eglMakeCurrent") > 0);
	check(fault_count("calloc") > 0 && fault_count("glGetString") > 0);
}

static struct gl_fixture f;

/* After an error: an empty object, and nothing that it made. */
static void check_empty(void)
{
	struct wltex_texture_info info;

	check(!wltex_texture_get(f.texture, &info));
	check_int(images, 0);
}

static void check_result(int result, enum wltex_state state)
{
	bool failed = fault_hit() != NULL;

	if (result < 0) {
		check(failed);
		check(result == -EIO || result == -ENOMEM);
		check_empty();
		check(f.attached.changed == NULL);
	} else if (!failed) {
		check_int(result, state);
	}
	gl_check_ledger(&f);
	restore(f.gl);
}

/* What is known of the change does not leave it out, whatever failed. */
static void check_changed(int result, int32_t x, int32_t y)
{
	const pixman_region32_t *changed = f.attached.changed;

	check(result != WLTEX_STATE_REUSED);
	if (changed != NULL)
		check(pixman_region32_contains_point((pixman_region32_t *)changed, x, y, NULL));
}

/* The first byte of the picture, as the GPU shows it. */
static void check_shown(uint8_t red)
{
	static uint8_t rows[SIDE * SIDE * 4];
	int result;

	check_int(wltex_texture_read(f.texture, rows, SIDE * 4), 0);
	check_int(rows[0], red);
	fault_arm();
	result = wltex_texture_read(f.texture, rows, SIDE * 4);
	fault_disarm();
	check(result == 0 || (result < 0 && fault_hit() != NULL));
	restore(f.gl);
}

/* Change the first pixel, with damage around it. Returns what attach does. */
static int change(struct gl_buffer *buffer, pixman_region32_t *damage, bool pixels)
{
	const struct wltex_pixels memory = {
		.data = buffer->data,
		.width = SIDE,
		.height = SIDE,
		.stride = SIDE * 4,
		.format = DRM_FORMAT_ABGR8888,
	};
	struct wltex_attach attach = {.damage = damage};
	int result;

	if (pixels)
		attach.pixels = &memory;
	else
		attach.dmabuf = buffer->dmabuf;
	buffer->data[0]++;
	fault_arm();
	result = gl_attach(&f, attach);
	fault_disarm();
	return result;
}

/* Two rectangles: pixman needs memory for that. */
static void init_damage(pixman_region32_t *damage)
{
	pixman_region32_init_rect(damage, 0, 0, 3, 3);
	pixman_region32_union_rect(damage, damage, 100, 100, 3, 3);
}

/* Nothing is known of what was there before. */
static void start_over(struct gl_buffer *buffer)
{
	wltex_dmabuf_destroy(buffer->dmabuf);
	buffer->dmabuf = wltex_dmabuf_create(&buffer->attributes, NULL);
	check(buffer->dmabuf != NULL);
	wltex_texture_destroy(f.texture);
	fault_arm();
	f.texture = wltex_texture_create(f.context, f.owner, &gl_listener, &f.record);
	fault_disarm();
	if (f.texture == NULL)
		f.texture = wltex_texture_create(f.context, f.owner, &gl_listener, &f.record);
	check(f.texture != NULL);
	f.record.text[0] = '\0';
}

static void attach(bool pixels, bool inverted)
{
	pixman_region32_t damage;
	struct gl_buffer buffer;
	int faults = 0;

	init_damage(&damage);
	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	spy_on(f.context);
	(inverted ? gl_buffer_create_inverted : gl_buffer_create)(
		&buffer, SIDE, SIDE, DRM_FORMAT_ABGR8888);
	int32_t y = inverted ? SIDE - 1 : 0;
	if (inverted) {
		/* The first row of the memory is the last of the picture. */
		pixman_region32_union_rect(&damage, &damage, 0, SIDE - 3, 3, 3);
	}
	FAULT_LOOP(way)
	{
		int result;

		start_over(&buffer);
		result = change(&buffer, NULL, pixels);

		check_result(result, WLTEX_STATE_IMPORTED);
		if (result >= 0) {
			result = change(&buffer, &damage, pixels);
			check_result(result, WLTEX_STATE_REIMPORTED);
			check_changed(result, 0, y);
		}
		/* The next commit works. */
		faults += fault_hit() != NULL;
		if (result < 0) {
			fault_disarm();
			gl_buffer_forget_failure(&buffer);
			buffer.data[0]++;
			result = pixels ? wltex_texture_attach_pixels(f.texture,
						  &(struct wltex_pixels){buffer.data, SIDE, SIDE,
							  SIDE * 4, DRM_FORMAT_ABGR8888},
						  NULL)
					: wltex_texture_attach_dmabuf(
						  f.texture, buffer.dmabuf, NULL);
			check_int(result, WLTEX_STATE_IMPORTED);
		}
		if (!inverted)
			check_shown(buffer.data[0]);
		fault_arm();
		result = wltex_texture_release(f.texture, WLTEX_REASON_DETACHED);
		fault_disarm();
		check_int(result, 0);
		restore(f.gl);
		check_empty();
		/* Without the context that it is in, a name waits until that can be had. */
		check_int(wltex_context_check(f.context), 0);
		check_int(names, 0);
	}
	check(faults > 10);
	check(fault_count("glGenTextures") > 0 && fault_count("eglMakeCurrent") > 0);
	check(pixels || (fault_count("eglCreateImage") > 0 && fault_count("mmap64") > 0));
	check(!pixels || fault_count("glTexImage2D") > 0);
	check(fault_count("calloc") > 0 && fault_count("pixman_region32_intersect") > 0);
	gl_buffer_destroy(&buffer);
	f.log.errors = 0;
	gl_fixture_finish(&f);
	pixman_region32_fini(&damage);
}

TEST(dmabuf)
{
	attach(false, false);
}

TEST(dmabuf_upside_down)
{
	attach(false, true);
}

TEST(pixels)
{
	attach(true, false);
}

/* Somebody asks for what was attached before; a change of it was attached since. */
static void ask(struct gl_buffer *buffer, pixman_region32_t *damage)
{
	const struct wltex_attach attach = {
		.dmabuf = buffer->dmabuf, .damage = damage, .when = WLTEX_ON_ACCESS};
	const struct wltex_counts *counts = wltex_owner_get_counts(f.owner);
	uint64_t not_asked = counts->not_asked;
	struct wltex_texture_info info;
	bool shown;
	int result;

	buffer->data[0]++;
	fault_arm();
	result = gl_attach(&f, attach);
	check(result == WLTEX_STATE_NOT_ASKED || (result < 0 && fault_hit() != NULL));
	shown = wltex_texture_get(f.texture, &info);
	fault_disarm();
	check(shown || fault_hit() != NULL);
	if (shown) {
		/* A change is not missed, whatever failed. */
		check(!info.has_sum || info.sum == gl_buffer_sum(buffer));
		check(f.record.last.state != WLTEX_STATE_REUSED);
	} else {
		check_empty();
	}
	/* It was asked for: that is a success or a failure. */
	check_int(counts->not_asked, not_asked);
	gl_check_ledger(&f);
	restore(f.gl);
}

TEST(on_access)
{
	pixman_region32_t damage;
	struct gl_buffer buffer;
	int faults = 0;

	init_damage(&damage);
	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	spy_on(f.context);
	gl_buffer_create(&buffer, SIDE, SIDE, DRM_FORMAT_ABGR8888);
	FAULT_LOOP(way)
	{
		start_over(&buffer);
		ask(&buffer, NULL);
		ask(&buffer, &damage);
		faults += fault_hit() != NULL;
		check_int(wltex_texture_release(f.texture, WLTEX_REASON_DETACHED), 0);
		check_empty();
		check_int(wltex_context_check(f.context), 0);
		check_int(names, 0);
	}
	check(faults > 10);
	check(fault_count("eglCreateImage") > 0 && fault_count("eglMakeCurrent") > 0);
	check(fault_count("pixman_region32_union") > 0);
	gl_buffer_destroy(&buffer);
	f.log.errors = 0;
	gl_fixture_finish(&f);
	pixman_region32_fini(&damage);
}
