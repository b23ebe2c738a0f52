/* SPDX-License-Identifier: MIT */
/*
 * Sums on the GPU where each call fails, one after the other: memory, EGL, GL, GL's memory; and
 * where the context is lost. What comes of it is an error, after which the next look compares
 * with nothing that is wrong, and nothing is left.
 */
#include <stdlib.h>
#include <unistd.h>

#include "core/gpu.h"
#include "fault.h"
#include "gl.h"

#define SIDE 130

static int programs, buffers, textures, images, syncs;
static bool is_lost;

FAULT_WRAP(EGLBoolean, eglMakeCurrent,
	(EGLDisplay display, EGLSurface draw, EGLSurface read, EGLContext context),
	(display, draw, read, context), EGL_FALSE)
FAULT_WRAP(GLuint, glCreateShader, (GLenum type), (type), 0)

GLuint __real_glCreateProgram(void);
GLuint __wrap_glCreateProgram(void);
void __real_glDeleteProgram(GLuint name);
void __wrap_glDeleteProgram(GLuint name);
void __real_glGenBuffers(GLsizei n, GLuint *name);
void __wrap_glGenBuffers(GLsizei n, GLuint *name);
void __real_glDeleteBuffers(GLsizei n, const GLuint *name);
void __wrap_glDeleteBuffers(GLsizei n, const GLuint *name);
void __real_glBufferData(GLenum target, GLsizeiptr size, const void *data, GLenum usage);
void __wrap_glBufferData(GLenum target, GLsizeiptr size, const void *data, GLenum usage);
void __real_glGenTextures(GLsizei n, GLuint *name);
void __wrap_glGenTextures(GLsizei n, GLuint *name);
void __real_glDeleteTextures(GLsizei n, const GLuint *name);
void __wrap_glDeleteTextures(GLsizei n, const GLuint *name);

GLuint __wrap_glCreateProgram(void)
{
	GLuint name = fault_now("glCreateProgram") ? 0 : __real_glCreateProgram();

	programs += name != 0;
	return name;
}

void __wrap_glDeleteProgram(GLuint name)
{
	check(!is_lost);
	programs -= name != 0;
	__real_glDeleteProgram(name);
}

static int count_names(GLsizei n, const GLuint *name)
{
	int count = 0;

	for (GLsizei i = 0; i < n; i++)
		count += name[i] != 0;
	return count;
}

void __wrap_glGenBuffers(GLsizei n, GLuint *name)
{
	if (fault_now("glGenBuffers"))
		return;
	__real_glGenBuffers(n, name);
	buffers += count_names(n, name);
}

void __wrap_glDeleteBuffers(GLsizei n, const GLuint *name)
{
	check(!is_lost);
	buffers -= count_names(n, name);
	__real_glDeleteBuffers(n, name);
}

/* Out of memory cannot be told from an error of this kind. */
void __wrap_glBufferData(GLenum target, GLsizeiptr size, const void *data, GLenum usage)
{
	__real_glBufferData(fault_now("glBufferData") ? 0 : target, size, data, usage);
}

void __wrap_glGenTextures(GLsizei n, GLuint *name)
{
	if (fault_now("glGenTextures"))
		return;
	__real_glGenTextures(n, name);
	textures += count_names(n, name);
}

void __wrap_glDeleteTextures(GLsizei n, const GLuint *name)
{
	textures -= count_names(n, name);
	__real_glDeleteTextures(n, name);
}

static struct core_procs real;
static struct gpu_procs real_gpu;

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
	real.image_target_texture(target, fault_now("glEGLImageTargetTexture2D") ? NULL : image);
}

static GLenum get_reset_status(void)
{
	return is_lost ? GL_INNOCENT_CONTEXT_RESET_KHR : GL_NO_ERROR;
}

static void dispatch(GLuint x, GLuint y, GLuint z)
{
	real_gpu.dispatch(fault_now("glDispatchCompute") ? UINT32_MAX : x, y, z);
}

static void *map_buffer_range(GLenum target, GLintptr offset, GLsizeiptr size, GLbitfield access)
{
	if (fault_now("glMapBufferRange"))
		return NULL;
	return real_gpu.map_buffer_range(target, offset, size, access);
}

/* The memory was lost while it was mapped. */
static GLboolean unmap_buffer(GLenum target)
{
	return real_gpu.unmap_buffer(target) && !fault_now("glUnmapBuffer");
}

static EGLSyncKHR create_sync(EGLDisplay display, EGLenum type, const EGLint *attribs)
{
	EGLSyncKHR sync;

	if (fault_now("eglCreateSync"))
		return EGL_NO_SYNC_KHR;
	sync = real_gpu.create_sync(display, type, attribs);
	syncs += sync != EGL_NO_SYNC_KHR;
	return sync;
}

static EGLBoolean destroy_sync(EGLDisplay display, EGLSyncKHR sync)
{
	syncs--;
	return real_gpu.destroy_sync(display, sync);
}

static EGLint client_wait(EGLDisplay display, EGLSyncKHR sync, EGLint flags, EGLTimeKHR timeout)
{
	if (fault_now("eglClientWaitSync"))
		return EGL_FALSE;
	return real_gpu.client_wait_sync(display, sync, flags, timeout);
}

static struct gl_fixture f;
static struct wltex_gpu_sum *sum;
static struct gl_buffer buffer;

static void spy_on_gpu(struct gpu_procs *procs)
{
	real_gpu = *procs;
	procs->dispatch = dispatch;
	procs->map_buffer_range = map_buffer_range;
	procs->unmap_buffer = unmap_buffer;
	procs->create_sync = create_sync;
	procs->destroy_sync = destroy_sync;
	procs->client_wait_sync = client_wait;
}

static void begin(void)
{
	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	real = f.context->procs;
	f.context->procs.create_image = create_image;
	f.context->procs.destroy_image = destroy_image;
	f.context->procs.image_target_texture = image_target_texture;
	f.context->procs.get_reset_status = get_reset_status;
	gl_buffer_create(&buffer, SIDE, SIDE, DRM_FORMAT_ARGB8888);
}

static void begin_looks(void)
{
	begin();
	sum = wltex_gpu_sum_create(f.context);
	if (sum == NULL && errno == ENOTSUP)
		test_skip("no compute programs, or no fences");
	check(sum != NULL);
	spy_on_gpu(&f.context->gpu->procs);
}

static void restore(void)
{
	if (eglGetCurrentContext() != f.gl) {
		check(fault_count("eglMakeCurrent") > 0);
		gl_make_current(f.gl);
	}
	while (glGetError() != GL_NO_ERROR)
		continue;
}

static void end(void)
{
	gl_buffer_destroy(&buffer);
	f.log.errors = 0; // of all that failed
	gl_fixture_finish(&f);
	check_int(programs, 0);
	check_int(buffers, 0);
	check_int(textures, 0);
	check_int(images, 0);
	check_int(syncs, 0);
}

TEST(create)
{
	int made = 0;

	FAULT_LOOP(way)
	{
		int blocks = fault_blocks();

		begin();
		fault_arm();
		sum = wltex_gpu_sum_create(f.context);
		fault_disarm();
		restore();
		check(sum != NULL || fault_hit() != NULL);
		if (sum == NULL)
			check(errno == ENOMEM || errno == EIO || errno == ENOTSUP);
		made += sum != NULL;
		wltex_gpu_sum_destroy(sum);
		end();
		check_int(fault_blocks(), blocks);
	}
	check(made > 0);
	check(fault_count("glCreateProgram") > 0 && fault_count("glCreateShader") > 0);
	check(fault_count("calloc") > 0 && fault_count("open_memstream") > 0);
}

/* At one more pixel that changed. */
static int look(const pixman_region32_t *damage, struct wltex_gpu_sum_result *result)
{
	const struct wltex_gpu_look look = {.dmabuf = buffer.dmabuf, .damage = damage};
	int ret;

	gl_buffer_row(&buffer, 70)[4 * 70]++;
	ret = wltex_gpu_sum_start(sum, &look);
	while (ret == 0 && (ret = wltex_gpu_sum_finish(sum, result)) == -EAGAIN) {
		ret = 0;
		usleep(50);
	}
	return ret;
}

static void check_look(int ret, const struct wltex_gpu_sum_result *result)
{
	if (ret < 0) {
		check(fault_hit() != NULL);
		check(ret == -EIO || ret == -ENOMEM || ret == -EACCES);
		return;
	}
	check_int(result->frame, gl_buffer_sum(&buffer));
	check(pixman_region32_contains_point((pixman_region32_t *)result->changed, 70, 70, NULL));
}

static void check_looks(const pixman_region32_t *damage)
{
	struct wltex_gpu_sum_result result;
	int before, ret = -EIO;

	fault_arm();
	for (int i = 0; i < 3; i++) {
		before = ret;
		ret = look(i > 0 ? damage : NULL, &result);
		check_look(ret, &result);
		/* What the one before did not see is seen by this one. */
		if (ret == 0 && (before == -EIO || before == -ENOMEM))
			check(!result.compared);
	}
	if (ret == 0 && wltex_gpu_sum_read(sum) == NULL)
		check(fault_hit() != NULL);
	fault_disarm();
	restore();
	gl_buffer_forget_failure(&buffer);
	/* And the next one works. */
	ret = look(NULL, &result);
	check_int(ret, 0);
	check_look(ret, &result);
}

TEST(looks)
{
	pixman_region32_t damage;

	begin_looks();
	pixman_region32_init_rect(&damage, 60, 60, 20, 20);
	FAULT_LOOP(way)
	{
		check_looks(&damage);
		fault_arm();
		wltex_gpu_sum_destroy(sum);
		sum = NULL;
		fault_disarm();
		restore();
		sum = wltex_gpu_sum_create(f.context);
		check(sum != NULL);
		check_int(buffers, 0);
	}
	check(fault_count("glBufferData") > 0 && fault_count("glGenBuffers") > 0);
	check(fault_count("glDispatchCompute") > 0 && fault_count("glMapBufferRange") > 0);
	check(fault_count("eglCreateSync") > 0 && fault_count("eglClientWaitSync") > 0);
	check(fault_count("eglCreateImage") > 0 && fault_count("eglMakeCurrent") > 0);
	wltex_gpu_sum_destroy(sum);
	pixman_region32_fini(&damage);
	end();
}

/* What cannot be deleted now is with the next that is done, or with the context. */
TEST(destroyed_in_a_bad_moment)
{
	struct wltex_gpu_sum_result result;

	begin_looks();
	check_int(look(NULL, &result), 0);
	check(buffers > 0);
	gl_make_current(EGL_NO_CONTEXT);
	fault_begin(FAULT_FROM_THEN_ON);
	check(fault_next());
	fault_arm();
	wltex_gpu_sum_destroy(sum);
	fault_disarm();
	gl_make_current(f.gl);
	check(buffers > 0);
	sum = wltex_gpu_sum_create(f.context);
	check_int(buffers, 0);
	check_int(look(NULL, &result), 0);
	gl_make_current(EGL_NO_CONTEXT);
	fault_arm();
	wltex_gpu_sum_destroy(sum);
	fault_disarm();
	gl_make_current(f.gl);
	check(buffers > 0);
	end();
}

/* --- The context is lost: no GL is called any more, and the names are gone with it. */

static void end_lost(void)
{
	is_lost = false;
	programs = 0;
	buffers = 0;
	end();
}

TEST(lost_under_way)
{
	struct wltex_gpu_sum_result result;
	const struct wltex_gpu_look again = {.dmabuf = NULL};

	begin_looks();
	const struct wltex_gpu_look first = {.dmabuf = buffer.dmabuf};
	check_int(wltex_gpu_sum_start(sum, &first), 0);
	is_lost = true;
	check_int(wltex_context_check(f.context), -ENODEV);
	check_int(wltex_gpu_sum_finish(sum, &result), -ENODEV);
	check_int(wltex_gpu_sum_finish(sum, &result), -ENOENT);
	check_int(wltex_gpu_sum_start(sum, &again), -EINVAL);
	check_int(wltex_gpu_sum_start(sum, &first), -ENODEV);
	check(wltex_gpu_sum_read(sum) == NULL);
	wltex_gpu_sum_destroy(sum);
	check(wltex_gpu_sum_create(f.context) == NULL);
	check_int(errno, ENODEV);
	end_lost();
}

/* Found by the call that takes the result. */
TEST(lost_at_the_end)
{
	struct wltex_gpu_sum_result result;
	int ret;

	begin_looks();
	const struct wltex_gpu_look first = {.dmabuf = buffer.dmabuf};
	check_int(wltex_gpu_sum_start(sum, &first), 0);
	is_lost = true;
	while ((ret = wltex_gpu_sum_finish(sum, &result)) == -EAGAIN)
		usleep(50);
	check_int(ret, -ENODEV);
	/* With one that is still there at the end of the context. */
	gl_buffer_destroy(&buffer);
	gl_buffer_create(&buffer, 1, 1, DRM_FORMAT_ARGB8888);
	end_lost();
	wltex_gpu_sum_destroy(sum);
}
