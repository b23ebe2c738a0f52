/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "core/core.h"

bool core_on_thread(const struct wltex_context *context, const char *what)
{
	if (pthread_equal(context->thread, pthread_self()))
		return true;
	wltex_error(&context->logger, "%s: called on another thread than its context's", what);
	return false;
}

int core_enter(struct core_guard *guard, struct wltex_context *context)
{
	*guard = (struct core_guard){.context = context};
	if (!core_on_thread(context, "GL"))
		return -EPERM;

	/* What is asked of EGL here is a good part of what a whole import costs. */
	guard->gl = eglGetCurrentContext();
	if (guard->gl == context->gl)
		return 0;

	guard->api = eglQueryAPI();
	guard->display = eglGetCurrentDisplay();
	guard->draw = eglGetCurrentSurface(EGL_DRAW);
	guard->read = eglGetCurrentSurface(EGL_READ);
	if (guard->api != EGL_OPENGL_ES_API)
		eglBindAPI(EGL_OPENGL_ES_API);
	guard->switched = true;
	if (eglMakeCurrent(context->display, EGL_NO_SURFACE, EGL_NO_SURFACE, context->gl))
		return 0;

	EGLint error = eglGetError();
	wltex_error(&context->logger, "eglMakeCurrent failed: %#x%s", (unsigned)error,
		error == EGL_BAD_ACCESS ? ", the context is current on another thread" : "");
	core_leave(guard);
	return error == EGL_BAD_ACCESS ? -EPERM : -EIO;
}

void core_leave(struct core_guard *guard)
{
	struct wltex_context *context = guard->context;
	EGLBoolean ok;

	if (!guard->switched)
		return;
	if (guard->gl != EGL_NO_CONTEXT)
		ok = eglMakeCurrent(guard->display, guard->draw, guard->read, guard->gl);
	else
		ok = eglMakeCurrent(
			context->display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
	if (guard->api != EGL_OPENGL_ES_API)
		eglBindAPI(guard->api);
	if (!ok)
		wltex_error(&context->logger, "cannot restore the caller's GL context: %#x",
			(unsigned)eglGetError());
}
