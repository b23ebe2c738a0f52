/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include <xf86drm.h>

#if HAVE_GBM
#include <fcntl.h>
#include <gbm.h>
#endif

#include "core/core.h"
#include "util/fd.h"

/*
 * A robust context tells when the GPU was reset. All that share must agree on it: where the
 * other context is not robust, this one cannot be.
 */
static void create_newest(
	struct wltex_context *context, EGLConfig config, EGLContext share, bool robust)
{
	for (EGLint version = 3; version >= 2 && context->gl == EGL_NO_CONTEXT; version--) {
		const EGLint attribs[] = {
			EGL_CONTEXT_CLIENT_VERSION,
			version,
			robust ? EGL_CONTEXT_OPENGL_RESET_NOTIFICATION_STRATEGY_EXT : EGL_NONE,
			EGL_LOSE_CONTEXT_ON_RESET_EXT,
			EGL_NONE,
		};
		context->gl = eglCreateContext(context->display, config, share, attribs);
	}
}

static int create_gl_context(struct wltex_context *context, EGLContext share)
{
	const char *extensions = eglQueryString(context->display, EGL_EXTENSIONS);
	EGLenum api = eglQueryAPI();
	EGLConfig config = EGL_NO_CONFIG_KHR;
	EGLint error;

	if (extensions == NULL) {
		wltex_error(&context->logger, "not an initialised EGL display");
		return -ENOENT;
	}
	if (!core_has_extension(extensions, "EGL_KHR_surfaceless_context")) {
		wltex_error(&context->logger, "EGL_KHR_surfaceless_context is missing");
		return -ENOTSUP;
	}
	if (!core_has_extension(extensions, "EGL_KHR_no_config_context")) {
		static const EGLint attribs[] = {
			EGL_RENDERABLE_TYPE, EGL_OPENGL_ES2_BIT, EGL_SURFACE_TYPE, 0, EGL_NONE};
		EGLint n = 0;
		if (!eglChooseConfig(context->display, attribs, &config, 1, &n) || n < 1)
			return -ENOTSUP;
	}

	eglBindAPI(EGL_OPENGL_ES_API);
	if (core_has_extension(extensions, "EGL_EXT_create_context_robustness"))
		create_newest(context, config, share, true);
	if (context->gl == EGL_NO_CONTEXT)
		create_newest(context, config, share, false);
	error = eglGetError();
	eglBindAPI(api);
	if (context->gl == EGL_NO_CONTEXT) {
		wltex_error(&context->logger, "eglCreateContext failed: %#x", (unsigned)error);
		return -EIO;
	}
	return 0;
}

#if HAVE_GBM
/* Mesa would make a device of software of anything. */
static int keep_render_node(struct wltex_context *context, int fd)
{
	if (fcntl(fd, F_GETFD) < 0) {
		wltex_error(&context->logger, "render_fd %d is closed", fd);
		return -EBADF;
	}
	if (drmGetNodeTypeFromFd(fd) < 0) {
		wltex_error(&context->logger, "render_fd %d is no DRM device", fd);
		return -EINVAL;
	}
	context->render_fd = wltex_fd_dup(fd);
	if (context->render_fd < 0)
		wltex_error(&context->logger, "cannot keep the render node's fd");
	return context->render_fd < 0 ? context->render_fd : 0;
}

static int open_gbm(struct wltex_context *context, int fd)
{
	int ret = keep_render_node(context, fd);

	if (ret < 0)
		return ret;
	context->gbm = gbm_create_device(context->render_fd);
	if (context->gbm != NULL)
		return 0;
	wltex_error(&context->logger, "no GBM device on the render node");
	return -ENOENT;
}
#else
static int open_gbm(struct wltex_context *context, int fd)
{
	wltex_error(&context->logger, "built without GBM");
	return -ENOTSUP;
}
#endif

static int get_own_display(struct wltex_context *context, int render_fd)
{
	const char *extensions = eglQueryString(EGL_NO_DISPLAY, EGL_EXTENSIONS);
	PFNEGLGETPLATFORMDISPLAYEXTPROC get_platform_display =
		(PFNEGLGETPLATFORMDISPLAYEXTPROC)eglGetProcAddress("eglGetPlatformDisplayEXT");
	EGLenum platform = EGL_PLATFORM_SURFACELESS_MESA;
	const char *name = "EGL_MESA_platform_surfaceless";
	void *native = EGL_DEFAULT_DISPLAY;

	int ret;

	/* Who leaves it out of the options does not mean standard input. */
	if (render_fd > 0) {
		platform = EGL_PLATFORM_GBM_KHR;
		name = "EGL_KHR_platform_gbm";
	}
	if (!core_has_extension(extensions, name) || get_platform_display == NULL) {
		wltex_error(&context->logger, "%s is missing", name);
		return -ENOTSUP;
	}
	if (render_fd > 0) {
		ret = open_gbm(context, render_fd);
		if (ret < 0)
			return ret;
		native = context->gbm;
	}
	context->display = get_platform_display(platform, native, NULL);
	if (context->display == EGL_NO_DISPLAY)
		return -ENOENT;
	if (!eglInitialize(context->display, NULL, NULL)) {
		wltex_error(&context->logger, "eglInitialize failed: %#x", (unsigned)eglGetError());
		return -ENOENT;
	}
	return 0;
}

int core_display_open(struct wltex_context *context, const struct wltex_context_options *options)
{
	int ret;

	context->render_fd = -1;
	switch (options->mode) {
	case WLTEX_CONTEXT_CURRENT:
		context->display = eglGetCurrentDisplay();
		context->gl = eglGetCurrentContext();
		if (context->gl == EGL_NO_CONTEXT) {
			wltex_error(&context->logger, "no GL context is current");
			return -ENOENT;
		}
		return 0;
	case WLTEX_CONTEXT_SHARED:
		context->display = options->display;
		if (options->display == EGL_NO_DISPLAY || options->share == EGL_NO_CONTEXT) {
			wltex_error(&context->logger, "no display or no context to share with");
			return -ENOENT;
		}
		context->share = options->share;
		return create_gl_context(context, options->share);
	case WLTEX_CONTEXT_OWN:
		ret = get_own_display(context, options->render_fd);
		return ret < 0 ? ret : create_gl_context(context, EGL_NO_CONTEXT);
	}
	wltex_error(&context->logger, "no such mode: %d", (int)options->mode);
	return -EINVAL;
}

/*
 * Only a display on a GBM device of our own is ours alone. EGL hands out the same
 * surfaceless display to all of a process, so terminating that would take it from the
 * others too: inside a headless Weston it is Weston's.
 */
void core_display_close(struct wltex_context *context)
{
	if (context->mode != WLTEX_CONTEXT_CURRENT && context->gl != EGL_NO_CONTEXT)
		eglDestroyContext(context->display, context->gl);
#if HAVE_GBM
	if (context->gbm != NULL) {
		if (context->display != EGL_NO_DISPLAY)
			eglTerminate(context->display);
		gbm_device_destroy(context->gbm);
	}
#endif
	wltex_fd_close(&context->render_fd);
}
