/* SPDX-License-Identifier: MIT */
/*
 * Linked into the module, this lets calls fail that the module makes, as faults.h says; what
 * Weston calls by itself never does.
 */
#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GLES2/gl2.h>
#include <GLES2/gl2ext.h>
#include <fcntl.h>
#include <json.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wayland-server-core.h>
#include <libweston/libweston.h>
#include <libweston/plugin-registry.h>
#include <libweston/weston-log.h>
#include <xf86drm.h>

#include "fault.h"
#include "faults.h"

static struct fault_control *control;

__attribute__((constructor)) static void map_control(void)
{
	const char *path = getenv("WLTEX_FAULTS");
	int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *map = MAP_FAILED;

	if (fd >= 0)
		map = mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED) {
		fprintf(stderr, "faults: no file WLTEX_FAULTS\n");
		abort();
	}
	close(fd);
	control = map;
}

bool fault_now(const char *name)
{
	uint32_t call;

	if (control == NULL || !control->armed)
		return false;
	call = ++control->calls;
	if (control->turn == 0 || call < control->turn ||
		(call > control->turn && !control->others_too))
		return false;
	if (control->failed++ == 0) {
		snprintf(control->first, sizeof(control->first), "%s", name);
		fprintf(stderr, "fault in call %u%s: %s\n", call,
			control->others_too ? " and all after it" : "", name);
	}
	return true;
}

void fault_blocks_changed(int blocks)
{
	if (control != NULL)
		control->blocks = blocks;
}

FAULT_WRAP(struct wl_global *, wl_global_create,
	(struct wl_display * display, const struct wl_interface *interface, int version, void *data,
		wl_global_bind_func_t bind),
	(display, interface, version, data, bind), FAULT_ERRNO(ENOMEM, NULL))
FAULT_WRAP(struct wl_resource *, wl_resource_create,
	(struct wl_client * client, const struct wl_interface *interface, int version, uint32_t id),
	(client, interface, version, id), FAULT_ERRNO(ENOMEM, NULL))
FAULT_WRAP(struct wl_protocol_logger *, wl_display_add_protocol_logger,
	(struct wl_display * display, wl_protocol_logger_func_t func, void *data),
	(display, func, data), NULL)
FAULT_WRAP(struct wl_event_source *, wl_event_loop_add_fd,
	(struct wl_event_loop * loop, int fd, uint32_t mask, wl_event_loop_fd_func_t func,
		void *data),
	(loop, fd, mask, func, data), FAULT_ERRNO(ENOMEM, NULL))
FAULT_WRAP(struct wl_event_source *, wl_event_loop_add_timer,
	(struct wl_event_loop * loop, wl_event_loop_timer_func_t func, void *data),
	(loop, func, data), FAULT_ERRNO(ENOMEM, NULL))
FAULT_WRAP(struct weston_log_scope *, weston_compositor_add_log_scope,
	(struct weston_compositor * compositor, const char *name, const char *description,
		weston_log_scope_cb begin, weston_log_scope_cb end, void *data),
	(compositor, name, description, begin, end, data), NULL)
FAULT_WRAP(int, weston_plugin_api_register,
	(struct weston_compositor * compositor, const char *name, const void *table, size_t size),
	(compositor, name, table, size), -1)
FAULT_WRAP(int, socket, (int domain, int type, int protocol), (domain, type, protocol),
	FAULT_ERRNO(EMFILE, -1))
FAULT_WRAP(int, bind, (int fd, const struct sockaddr *address, socklen_t size), (fd, address, size),
	FAULT_ERRNO(ENOMEM, -1))
FAULT_WRAP(int, listen, (int fd, int backlog), (fd, backlog), FAULT_ERRNO(ENOMEM, -1))
FAULT_WRAP(int, accept4, (int fd, struct sockaddr *address, socklen_t *size, int flags),
	(fd, address, size, flags), FAULT_ERRNO(EMFILE, -1))
FAULT_WRAP(int, socketpair, (int domain, int type, int protocol, int pair[2]),
	(domain, type, protocol, pair), FAULT_ERRNO(EMFILE, -1))
FAULT_WRAP(int, eventfd, (unsigned int value, int flags), (value, flags), FAULT_ERRNO(EMFILE, -1))
FAULT_WRAP(void *, tsearch,
	(const void *key, void **root, int (*compare)(const void *, const void *)),
	(key, root, compare), NULL)
FAULT_WRAP(struct json_tokener *, json_tokener_new_ex, (int depth), (depth), NULL)
FAULT_WRAP(struct json_object *, json_object_new_string, (const char *text), (text), NULL)
FAULT_WRAP(EGLContext, eglCreateContext,
	(EGLDisplay display, EGLConfig config, EGLContext share, const EGLint *attribs),
	(display, config, share, attribs), EGL_NO_CONTEXT)
FAULT_WRAP(const char *, eglQueryString, (EGLDisplay display, EGLint name), (display, name), NULL)
FAULT_WRAP(const GLubyte *, glGetString, (GLenum name), (name), NULL)
FAULT_WRAP(GLuint, glCreateProgram, (void), (), 0)
FAULT_WRAP(GLuint, glCreateShader, (GLenum type), (type), 0)
FAULT_WRAP(GLenum, glCheckFramebufferStatus, (GLenum target), (target), GL_FRAMEBUFFER_UNSUPPORTED)

/* Not what is made current for Weston again, which nobody could go on without. */
EGLBoolean __real_eglMakeCurrent(
	EGLDisplay display, EGLSurface draw, EGLSurface read, EGLContext context);
EGLBoolean __wrap_eglMakeCurrent(
	EGLDisplay display, EGLSurface draw, EGLSurface read, EGLContext context);

EGLBoolean __wrap_eglMakeCurrent(
	EGLDisplay display, EGLSurface draw, EGLSurface read, EGLContext context)
{
	static EGLContext theirs;

	if (theirs == EGL_NO_CONTEXT)
		theirs = eglGetCurrentContext();
	if (context != theirs && context != EGL_NO_CONTEXT && fault_now("eglMakeCurrent"))
		return EGL_FALSE;
	return __real_eglMakeCurrent(display, draw, read, context);
}

void __real_glGenTextures(GLsizei n, GLuint *name);
void __wrap_glGenTextures(GLsizei n, GLuint *name);

void __wrap_glGenTextures(GLsizei n, GLuint *name)
{
	if (!fault_now("glGenTextures"))
		__real_glGenTextures(n, name);
}

/* The module frees what it gets. */
char *__real_drmGetFormatModifierName(uint64_t modifier);
char *__wrap_drmGetFormatModifierName(uint64_t modifier);

char *__wrap_drmGetFormatModifierName(uint64_t modifier)
{
	char *name;

	if (fault_now("drmGetFormatModifierName"))
		return NULL;
	name = __real_drmGetFormatModifierName(modifier);
	fault_count_block(name);
	return name;
}

static PFNEGLCREATEIMAGEKHRPROC real_create_image;
static PFNGLEGLIMAGETARGETTEXTURE2DOESPROC real_image_target_texture;

static EGLImageKHR create_image(EGLDisplay display, EGLContext context, EGLenum target,
	EGLClientBuffer buffer, const EGLint *attribs)
{
	if (fault_now("eglCreateImage"))
		return EGL_NO_IMAGE_KHR;
	return real_create_image(display, context, target, buffer, attribs);
}

static void image_target_texture(GLenum target, GLeglImageOES image)
{
	real_image_target_texture(target, fault_now("glEGLImageTargetTexture2D") ? NULL : image);
}

typedef void (*proc)(void);
proc __real_eglGetProcAddress(const char *name);
proc __wrap_eglGetProcAddress(const char *name);

proc __wrap_eglGetProcAddress(const char *name)
{
	proc real = __real_eglGetProcAddress(name);

	if (fault_now("eglGetProcAddress"))
		return NULL;
	if (strcmp(name, "eglCreateImageKHR") == 0) {
		real_create_image = (PFNEGLCREATEIMAGEKHRPROC)real;
		return (proc)create_image;
	}
	if (strcmp(name, "glEGLImageTargetTexture2DOES") == 0) {
		real_image_target_texture = (PFNGLEGLIMAGETARGETTEXTURE2DOESPROC)real;
		return (proc)image_target_texture;
	}
	return real;
}
