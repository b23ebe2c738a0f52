/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "core/core.h"
#include "core/texture.h"

bool core_on_thread(const struct wltex_context *context, const char *what)
{
	if (pthread_equal(context->thread, pthread_self()))
		return true;
	wltex_error(&context->logger, "%s: called on another thread than its context's", what);
	return false;
}

static bool lose(struct wltex_context *context)
{
	if (!context->lost)
		wltex_error(&context->logger, "the GL context is lost, and every texture with it");
	context->lost = true;
	return true;
}

bool core_check_lost(struct wltex_context *context, GLenum error)
{
	if (context->lost || error == GL_CONTEXT_LOST_KHR)
		return lose(context);
	/* Asking may answer once only: in a context of the caller's, the answer is the caller's. */
	if (context->mode == WLTEX_CONTEXT_CURRENT || context->procs.get_reset_status == NULL)
		return false;
	return context->procs.get_reset_status() != GL_NO_ERROR && lose(context);
}

/* eglMakeCurrent failed. */
static int tell_failure(struct wltex_context *context)
{
	EGLint error = eglGetError();

	if (error == EGL_CONTEXT_LOST) {
		lose(context);
		return -ENODEV;
	}
	wltex_error(&context->logger, "eglMakeCurrent failed: %#x%s", (unsigned)error,
		error == EGL_BAD_ACCESS ? ", the context is current on another thread" : "");
	return error == EGL_BAD_ACCESS ? -EPERM : -EIO;
}

/* To have none is a matter of the API that is bound; all else goes by the context. */
static EGLBoolean make_none_current(const struct wltex_context *context)
{
	EGLenum api = eglQueryAPI();
	EGLBoolean ok;

	if (api != EGL_OPENGL_ES_API)
		eglBindAPI(EGL_OPENGL_ES_API);
	ok = eglMakeCurrent(context->display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
	if (api != EGL_OPENGL_ES_API)
		eglBindAPI(api);
	return ok;
}

static void restore(struct core_guard *guard)
{
	struct wltex_context *context = guard->context;
	EGLBoolean ok;

	if (!guard->switched)
		return;
	if (guard->gl != EGL_NO_CONTEXT)
		ok = eglMakeCurrent(guard->display, guard->draw, guard->read, guard->gl);
	else
		ok = make_none_current(context);
	if (!ok)
		wltex_error(&context->logger, "cannot restore the caller's GL context: %#x",
			(unsigned)eglGetError());
}

/*
 * libEGL makes a system call at each of these, and together they cost a tenth of an import. So
 * they are asked only where it is needed: of a context that is known, the display is, too; and
 * whoever draws to no surface reads from none.
 */
static void note_current(struct core_guard *guard)
{
	const struct wltex_context *context = guard->context;
	bool known = guard->gl == context->gl || guard->gl == context->share;

	if (guard->noted || guard->gl == EGL_NO_CONTEXT)
		return;
	guard->noted = true;
	guard->display = known ? context->display : eglGetCurrentDisplay();
	guard->draw = eglGetCurrentSurface(EGL_DRAW);
	guard->read =
		guard->draw != EGL_NO_SURFACE ? eglGetCurrentSurface(EGL_READ) : EGL_NO_SURFACE;
}

static int make_current(struct core_guard *guard)
{
	struct wltex_context *context = guard->context;

	if (eglMakeCurrent(context->display, guard->switched ? EGL_NO_SURFACE : guard->draw,
		    guard->switched ? EGL_NO_SURFACE : guard->read, guard->inside))
		return 0;
	return tell_failure(context);
}

/* Returns 0, or a negative errno after which the caller has its own context back. */
static int enter(struct core_guard *guard, EGLContext also)
{
	struct wltex_context *context = guard->context;
	int ret = 0;

	guard->gl = eglGetCurrentContext();
	guard->inside = also != EGL_NO_CONTEXT && guard->gl == also ? also : context->gl;
	if (guard->gl != guard->inside) {
		note_current(guard);
		guard->switched = true;
		ret = make_current(guard);
	}
	/* The reset status of a context of the caller's is the caller's to ask for. */
	if (ret == 0 && guard->inside == context->gl && core_check_lost(context, GL_NO_ERROR))
		ret = -ENODEV;
	if (ret < 0)
		restore(guard);
	return ret;
}

/* also: another context that will do. */
static int enter_either(struct core_guard *guard, struct wltex_context *context, EGLContext also)
{
	int ret;

	*guard = (struct core_guard){.context = context};
	if (!core_on_thread(context, "GL"))
		return -EPERM;
	if (context->lost)
		return -ENODEV;
	ret = enter(guard, also);
	if (ret < 0)
		return ret;
	context->depth++;
	if (context->n_orphans > 0)
		glDeleteTextures((GLsizei)context->n_orphans, context->orphans);
	context->n_orphans = 0;
	return 0;
}

int core_enter(struct core_guard *guard, struct wltex_context *context)
{
	return enter_either(guard, context, EGL_NO_CONTEXT);
}

int core_enter_to_delete(struct core_guard *guard, struct wltex_context *context)
{
	return enter_either(guard, context, context->share);
}

void core_note(struct core_guard *guard)
{
	note_current(guard);
	guard->told = true;
}

int core_resume(struct core_guard *guard)
{
	if (guard->context->lost)
		return -ENODEV;
	/* Where nobody was told, nothing can have changed. */
	if (!guard->told || eglGetCurrentContext() == guard->inside)
		return 0;
	return make_current(guard);
}

void core_leave(struct core_guard *guard)
{
	guard->context->depth--;
	restore(guard);
}
