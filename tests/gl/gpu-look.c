/* SPDX-License-Identifier: MIT */
/* Looks of the GPU that are under way: fences that come late, or never, and ends of all kinds. */
#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "gpu-fixture.h"

static bool is_late;
static int n_fences;

static EGLint client_wait(EGLDisplay display, EGLSyncKHR sync, EGLint flags, EGLTimeKHR timeout)
{
	/* It never waits. */
	check_int(timeout, 0);
	check_int(flags, 0);
	return is_late ? EGL_TIMEOUT_EXPIRED_KHR : EGL_CONDITION_SATISFIED_KHR;
}

static PFNEGLCREATESYNCKHRPROC real_create_sync;
static PFNEGLDESTROYSYNCKHRPROC real_destroy_sync;

static EGLSyncKHR create_sync(EGLDisplay display, EGLenum type, const EGLint *attribs)
{
	n_fences++;
	return real_create_sync(display, EGL_SYNC_FENCE_KHR, NULL);
}

static EGLBoolean destroy_sync(EGLDisplay display, EGLSyncKHR sync)
{
	n_fences--;
	return real_destroy_sync(display, sync);
}

/* Fences come when the test says so. */
static void begin_late(void)
{
	struct gpu_procs *procs;

	gpu_begin();
	procs = &gpu_gl.context->gpu->procs;
	real_create_sync = procs->create_sync;
	real_destroy_sync = procs->destroy_sync;
	procs->create_sync = create_sync;
	procs->destroy_sync = destroy_sync;
	procs->client_wait_sync = client_wait;
	is_late = true;
}

static void end_late(void)
{
	gpu_end();
	check_int(n_fences, 0);
}

TEST(fence_that_does_not_come)
{
	struct wltex_gpu_sum_result result;
	struct gl_buffer buffer;

	begin_late();
	gl_buffer_create(&buffer, 100, 100, DRM_FORMAT_ARGB8888);
	const struct wltex_gpu_look look = {.dmabuf = buffer.dmabuf};
	check_int(wltex_gpu_sum_start(gpu_sum, &look), 0);
	for (int i = 0; i < 100; i++) {
		check_int(wltex_gpu_sum_finish(gpu_sum, &result), -EAGAIN);
		check_int(wltex_gpu_sum_start(gpu_sum, &look), -EBUSY);
		check_int(n_fences, 1);
	}
	check(wltex_gpu_sum_read(gpu_sum) == NULL);
	gl_buffer_destroy(&buffer);
	end_late();
}

/* One that is given up bounds what the GPU has to do, until it is done. */
TEST(given_up)
{
	struct wltex_gpu_sum_result result;
	struct gl_buffer buffer;

	begin_late();
	gl_buffer_create(&buffer, 100, 100, DRM_FORMAT_ARGB8888);
	const struct wltex_gpu_look look = {.dmabuf = buffer.dmabuf};
	is_late = false;
	gpu_look_at(&buffer, NULL);
	is_late = true;
	check_int(wltex_gpu_sum_start(gpu_sum, &look), 0);
	wltex_gpu_sum_cancel(gpu_sum);
	check_int(wltex_gpu_sum_finish(gpu_sum, &result), -ENOENT);
	check_int(wltex_gpu_sum_start(gpu_sum, &look), -EBUSY);
	is_late = false;
	check(!gpu_look_at(&buffer, NULL).compared);
	check(gpu_look_at(&buffer, NULL).compared);
	gl_buffer_destroy(&buffer);
	end_late();
}

/* What was there when it was looked at counts, though the buffer is gone before the answer. */
TEST(buffer_ends_first)
{
	struct gl_buffer buffer;
	uint32_t seed = 6, frame;

	begin_late();
	gl_buffer_create(&buffer, 100, 100, DRM_FORMAT_ARGB8888);
	gl_random(&seed, buffer.data, buffer.size);
	frame = gl_buffer_sum(&buffer);
	const struct wltex_gpu_look look = {.dmabuf = buffer.dmabuf};
	check_int(wltex_gpu_sum_start(gpu_sum, &look), 0);
	gl_buffer_destroy(&buffer);
	is_late = false;
	check_int(gpu_wait().frame, frame);
	end_late();
}

TEST(context_ends_first)
{
	struct wltex_gpu_sum_result result;
	struct gl_buffer buffer;
	struct wltex_gpu_sum *other;

	begin_late();
	other = wltex_gpu_sum_create(gpu_gl.context);
	gl_buffer_create(&buffer, 100, 100, DRM_FORMAT_ARGB8888);
	const struct wltex_gpu_look look = {.dmabuf = buffer.dmabuf};
	check_int(wltex_gpu_sum_start(gpu_sum, &look), 0);
	gl_fixture_finish(&gpu_gl);
	check_int(n_fences, 0);
	check_int(wltex_gpu_sum_finish(gpu_sum, &result), -EPERM);
	check_int(wltex_gpu_sum_start(gpu_sum, &look), -EPERM);
	check_int(wltex_gpu_sum_get_fd(gpu_sum), -1);
	wltex_gpu_sum_destroy(other);
	wltex_gpu_sum_destroy(gpu_sum);
	gl_buffer_destroy(&buffer);
}

/* Nobody knows whether it was done. */
static EGLint fail_to_wait(EGLDisplay display, EGLSyncKHR sync, EGLint flags, EGLTimeKHR timeout)
{
	return EGL_FALSE;
}

TEST(fence_that_fails)
{
	struct wltex_gpu_sum_result result;
	struct gl_buffer buffer;

	begin_late();
	gl_buffer_create(&buffer, 100, 100, DRM_FORMAT_ARGB8888);
	const struct wltex_gpu_look look = {.dmabuf = buffer.dmabuf};
	is_late = false;
	gpu_look_at(&buffer, NULL);
	check_int(wltex_gpu_sum_start(gpu_sum, &look), 0);
	gpu_gl.context->gpu->procs.client_wait_sync = fail_to_wait;
	check_int(wltex_gpu_sum_finish(gpu_sum, &result), -EIO);
	gpu_gl.context->gpu->procs.client_wait_sync = client_wait;
	check(!gpu_look_at(&buffer, NULL).compared);
	gl_buffer_destroy(&buffer);
	end_late();
}

static int event_fd;

static EGLint dup_fence(EGLDisplay display, EGLSyncKHR sync)
{
	return dup(event_fd);
}

static bool is_readable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, 0) == 1;
}

TEST(fence_in_an_event_loop)
{
	struct gl_buffer buffer;
	int fds;

	begin_late();
	gl_buffer_create(&buffer, 100, 100, DRM_FORMAT_ARGB8888);
	const struct wltex_gpu_look look = {.dmabuf = buffer.dmabuf};
	is_late = false;
	gpu_look_at(&buffer, NULL);
	is_late = true;
	/* Drivers open files when they first compile. */
	fds = test_count_fds();
	event_fd = eventfd(0, EFD_CLOEXEC);
	gpu_gl.context->gpu->procs.dup_fence = dup_fence;
	check_int(wltex_gpu_sum_get_fd(gpu_sum), -1);
	check_int(wltex_gpu_sum_start(gpu_sum, &look), 0);
	check(!is_readable(wltex_gpu_sum_get_fd(gpu_sum)));
	check_int(eventfd_write(event_fd, 1), 0);
	check(is_readable(wltex_gpu_sum_get_fd(gpu_sum)));
	is_late = false;
	gpu_wait();
	check_int(wltex_gpu_sum_get_fd(gpu_sum), -1);
	/* And with one under way at the end. */
	check_int(wltex_gpu_sum_start(gpu_sum, &look), 0);
	close(event_fd);
	check_int(test_count_fds(), fds + 1);
	wltex_gpu_sum_destroy(gpu_sum);
	gpu_sum = NULL;
	check_int(test_count_fds(), fds);
	gl_buffer_destroy(&buffer);
	end_late();
}

/* --- Fences of the commit. */

static int n_waited;
static EGLint waited_fd;

static EGLSyncKHR import_sync(EGLDisplay display, EGLenum type, const EGLint *attribs)
{
	if (attribs != NULL) {
		check_int(type, EGL_SYNC_NATIVE_FENCE_ANDROID);
		check_int(attribs[0], EGL_SYNC_NATIVE_FENCE_FD_ANDROID);
		waited_fd = attribs[1];
		close(attribs[1]); /* as EGL would, some time */
	}
	return create_sync(display, type, NULL);
}

static EGLSyncKHR refuse_to_import(EGLDisplay display, EGLenum type, const EGLint *attribs)
{
	return attribs != NULL ? EGL_NO_SYNC_KHR : create_sync(display, type, NULL);
}

static EGLint wait_sync(EGLDisplay display, EGLSyncKHR sync, EGLint flags)
{
	check_int(flags, 0);
	n_waited++;
	return EGL_TRUE;
}

TEST(acquire_fences)
{
	int fence = eventfd(0, EFD_CLOEXEC), fds;
	struct gl_buffer buffer;

	begin_late();
	is_late = false;
	gl_buffer_create(&buffer, 100, 100, DRM_FORMAT_ARGB8888);
	struct wltex_gpu_look look = {
		.dmabuf = buffer.dmabuf, .has_acquire_fence = true, .acquire_fence = fence};
	gpu_look_at(&buffer, NULL);
	fds = test_count_fds();
	/* What EGL cannot wait for is not read. */
	gpu_gl.context->gpu->procs.wait_sync = NULL;
	check_int(wltex_gpu_sum_start(gpu_sum, &look), -ENOTSUP);
	gpu_gl.context->gpu->procs.wait_sync = wait_sync;
	gpu_gl.context->gpu->procs.create_sync = import_sync;
	check_int(wltex_gpu_sum_start(gpu_sum, &look), 0);
	check_int(n_waited, 1);
	check(waited_fd != fence);
	check_int(gpu_wait().frame, gl_buffer_sum(&buffer));
	gpu_gl.context->gpu->procs.create_sync = refuse_to_import;
	check_int(wltex_gpu_sum_start(gpu_sum, &look), -EIO);
	look.acquire_fence = -1;
	check_int(wltex_gpu_sum_start(gpu_sum, &look), -EIO);
	check_int(test_count_fds(), fds);
	check(!gpu_look_at(&buffer, NULL).compared);
	gl_buffer_destroy(&buffer);
	end_late();
	close(fence);
}

/* --- Where it is not to be had. */

TEST(context_of_the_caller)
{
	gl_fixture_init(&gpu_gl, WLTEX_CONTEXT_CURRENT);
	check(wltex_gpu_sum_create(gpu_gl.context) == NULL);
	check_int(errno, ENOTSUP);
	gl_fixture_finish(&gpu_gl);
}

TEST(no_compute)
{
	gl_fixture_init(&gpu_gl, WLTEX_CONTEXT_SHARED);
	gpu_gl.context->capabilities.gles_version = 30;
	check(wltex_gpu_sum_create(gpu_gl.context) == NULL);
	check_int(errno, ENOTSUP);
	gl_fixture_finish(&gpu_gl);
}
