/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "core/gpu.h"
#include "util/fd.h"

/* A fence with an fd is one of the kernel's only after the flush. */
int gpu_fence_init(struct gpu_fence *fence, const struct wltex_context *context)
{
	const struct gpu_procs *procs = &context->gpu->procs;
	bool native = procs->dup_fence != NULL;

	*fence = (struct gpu_fence){.sync = EGL_NO_SYNC_KHR, .fd = -1};
	if (native)
		fence->sync =
			procs->create_sync(context->display, EGL_SYNC_NATIVE_FENCE_ANDROID, NULL);
	if (fence->sync == EGL_NO_SYNC_KHR) {
		native = false;
		fence->sync = procs->create_sync(context->display, EGL_SYNC_FENCE_KHR, NULL);
	}
	glFlush();
	if (fence->sync == EGL_NO_SYNC_KHR)
		return -EIO;
	if (native)
		fence->fd = procs->dup_fence(context->display, fence->sync);
	return 0;
}

int gpu_fence_poll(const struct gpu_fence *fence, const struct wltex_context *context)
{
	if (fence->sync == EGL_NO_SYNC_KHR)
		return 0;
	switch (context->gpu->procs.client_wait_sync(context->display, fence->sync, 0, 0)) {
	case EGL_CONDITION_SATISFIED_KHR:
		return 0;
	case EGL_TIMEOUT_EXPIRED_KHR:
		return -EAGAIN;
	default:
		return -EIO;
	}
}

void gpu_fence_finish(struct gpu_fence *fence, const struct wltex_context *context)
{
	if (fence->sync != EGL_NO_SYNC_KHR)
		context->gpu->procs.destroy_sync(context->display, fence->sync);
	fence->sync = EGL_NO_SYNC_KHR;
	wltex_fd_close(&fence->fd);
}

/* EGL takes the fd, if it makes a fence of it. */
int gpu_fence_wait_for(const struct wltex_context *context, int sync_file)
{
	const struct gpu_procs *procs = &context->gpu->procs;
	int fd = wltex_fd_dup(sync_file);
	const EGLint attribs[] = {EGL_SYNC_NATIVE_FENCE_FD_ANDROID, fd, EGL_NONE};
	EGLSyncKHR sync;
	EGLint ok;

	if (fd < 0)
		return -EIO;
	sync = procs->create_sync(context->display, EGL_SYNC_NATIVE_FENCE_ANDROID, attribs);
	if (sync == EGL_NO_SYNC_KHR) {
		wltex_fd_close(&fd);
		return -EIO;
	}
	ok = procs->wait_sync(context->display, sync, 0);
	procs->destroy_sync(context->display, sync);
	return ok == EGL_TRUE ? 0 : -EIO;
}
