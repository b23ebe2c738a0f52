/* SPDX-License-Identifier: MIT */
/*
 * How a compositor uses libwltex. The lines between the two README marks stand in
 * README.md too; here they run against libwltex.so.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GLES2/gl2.h>
#include <drm_fourcc.h>

#include <wltex/wltex.h>

#define EXIT_SKIP 77

/* The compositor's own GL context. */
static int start_gl(void)
{
	static const EGLint attribs[] = {EGL_CONTEXT_CLIENT_VERSION, 2, EGL_NONE};
	PFNEGLGETPLATFORMDISPLAYEXTPROC get_display =
		(PFNEGLGETPLATFORMDISPLAYEXTPROC)eglGetProcAddress("eglGetPlatformDisplayEXT");
	EGLDisplay display = EGL_NO_DISPLAY;
	EGLContext context;

	if (get_display != NULL)
		display = get_display(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, NULL);
	if (display == EGL_NO_DISPLAY || !eglInitialize(display, NULL, NULL))
		return -1;
	eglBindAPI(EGL_OPENGL_ES_API);
	context = eglCreateContext(display, EGL_NO_CONFIG_KHR, EGL_NO_CONTEXT, attribs);
	return eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, context) ? 0 : -1;
}

/* What a client shared: a memory file stands in for its dmabuf. */
static int get_client_buffer(struct wltex_dmabuf_attributes *attributes)
{
	int fd = memfd_create("client", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || ftruncate(fd, 640 * 480 * 4) != 0 ||
		fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) != 0)
		return -1;
	*attributes = (struct wltex_dmabuf_attributes){
		.width = 640,
		.height = 480,
		.format = DRM_FORMAT_XRGB8888,
		.modifier = DRM_FORMAT_MOD_LINEAR,
		.n_planes = 1,
		.planes = {{.fd = fd, .stride = 640 * 4}},
	};
	return 0;
}

static int run(const struct wltex_dmabuf_attributes *attributes, const pixman_region32_t *damage)
{
	GLint bound = 0;

	/* README: begin */
	/* Once, with the compositor's GL context current: */
	struct wltex_context *context = wltex_context_create(NULL);
	/* A client made a wl_buffer of a dmabuf; attributes as it sent them: */
	struct wltex_dmabuf *dmabuf = wltex_dmabuf_create(attributes, NULL);
	/* It made a surface: */
	struct wltex_texture *texture = wltex_texture_create(context, NULL, NULL, NULL);

	/* wl_surface.commit with the buffer; imports it, if its pixels are new: */
	int state = wltex_texture_attach_dmabuf(texture, dmabuf, damage);

	/* Each repaint: */
	struct wltex_texture_info info;
	if (wltex_texture_get(texture, &info))
		glBindTexture(info.target, info.name);

	/* wl_buffer destroyed; the texture that showed it is gone when this returns: */
	wltex_dmabuf_destroy(dmabuf);
	/* Surface destroyed; at the end, the context: */
	wltex_texture_destroy(texture);
	wltex_context_destroy(context);
	/* README: end */

	glGetIntegerv(GL_TEXTURE_BINDING_2D, &bound);
	if (state == WLTEX_STATE_IMPORTED && info.name != 0 && info.width == 640 && bound == 0 &&
		!glIsTexture(info.name))
		return 0;
	fprintf(stderr, "attach: %d (%s)\n", state, state < 0 ? strerror(-state) : "");
	return state == -ENOTSUP ? EXIT_SKIP : 1;
}

int main(void)
{
	struct wltex_dmabuf_attributes attributes;
	pixman_region32_t damage;
	int status;

	if (start_gl() < 0 || get_client_buffer(&attributes) < 0) {
		printf("SKIP: no surfaceless GL ES context, or no memory files\n");
		return EXIT_SKIP;
	}
	pixman_region32_init_rect(&damage, 0, 0, 640, 480);
	status = run(&attributes, &damage);
	pixman_region32_fini(&damage);
	close(attributes.planes[0].fd);
	return status;
}
