/* SPDX-License-Identifier: MIT */
#include <drm_fourcc.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "dmabuf/format.h"

bool core_has_extension(const char *extensions, const char *name)
{
	size_t length = strlen(name);

	for (const char *p = extensions; p != NULL && (p = strstr(p, name)) != NULL; p += length) {
		if ((p == extensions || p[-1] == ' ') && (p[length] == ' ' || p[length] == '\0'))
			return true;
	}
	return false;
}

void core_clear_gl_errors(void)
{
	/* A lost context reports its loss for ever. */
	for (int i = 0; i < 8 && glGetError() != GL_NO_ERROR; i++)
		continue;
}

static void load_procs(struct core_procs *procs, const char *gl)
{
#define LOAD(field, name) procs->field = (__typeof__(procs->field))eglGetProcAddress(name)
	LOAD(create_image, "eglCreateImageKHR");
	LOAD(destroy_image, "eglDestroyImageKHR");
	LOAD(query_formats, "eglQueryDmaBufFormatsEXT");
	LOAD(query_modifiers, "eglQueryDmaBufModifiersEXT");
	LOAD(image_target_texture, "glEGLImageTargetTexture2DOES");
	if (core_has_extension(gl, "GL_KHR_robustness"))
		LOAD(get_reset_status, "glGetGraphicsResetStatusKHR");
	else if (core_has_extension(gl, "GL_EXT_robustness"))
		LOAD(get_reset_status, "glGetGraphicsResetStatusEXT");
#undef LOAD
}

struct format_list {
	struct wltex_format *rows;
	size_t n, size;
};

static int add_format(struct format_list *list, uint32_t format, uint64_t modifier, bool external)
{
	if (list->n == list->size) {
		size_t size = list->size > 0 ? 2 * list->size : 64;
		void *rows = reallocarray(list->rows, size, sizeof(list->rows[0]));
		if (rows == NULL)
			return -ENOMEM;
		list->rows = rows;
		list->size = size;
	}
	list->rows[list->n++] = (struct wltex_format){format, modifier, external};
	return 0;
}

/*
 * All modifiers of one format, and one row for the implicit modifier, which is sampled
 * as the explicit ones are.
 */
static int query_format(struct wltex_context *context, struct format_list *list, uint32_t format)
{
	const struct wltex_format_info *info = wltex_format_info_get(format);
	bool all_external = info != NULL && info->yuv;
	EGLuint64KHR *modifiers = NULL;
	EGLBoolean *external = NULL;
	EGLint n = 0;
	int ret = -ENOMEM;

	if (!context->procs.query_modifiers(context->display, (EGLint)format, 0, NULL, NULL, &n) ||
		n < 0)
		n = 0;
	modifiers = calloc((size_t)n + 1, sizeof(*modifiers));
	external = calloc((size_t)n + 1, sizeof(*external));
	if (modifiers == NULL || external == NULL)
		goto out;
	if (n > 0 && !context->procs.query_modifiers(
			     context->display, (EGLint)format, n, modifiers, external, &n))
		n = 0;

	ret = 0;
	if (n > 0)
		all_external = true;
	for (EGLint i = 0; i < n && ret == 0; i++) {
		ret = add_format(list, format, modifiers[i], external[i]);
		all_external = all_external && external[i];
	}
	if (ret == 0)
		ret = add_format(list, format, DRM_FORMAT_MOD_INVALID, all_external);
out:
	free(modifiers);
	free(external);
	return ret;
}

static int query_formats(struct wltex_context *context, struct format_list *list)
{
	EGLint *formats = NULL, n = 0;
	int ret = 0;

	if (!context->procs.query_formats(context->display, 0, NULL, &n) || n <= 0)
		return 0;
	formats = calloc((size_t)n, sizeof(*formats));
	if (formats == NULL)
		return -ENOMEM;
	if (!context->procs.query_formats(context->display, n, formats, &n))
		n = 0;
	for (EGLint i = 0; i < n && ret == 0; i++)
		ret = query_format(context, list, (uint32_t)formats[i]);
	free(formats);
	return ret;
}

static int compare_formats(const void *a, const void *b)
{
	const struct wltex_format *x = a, *y = b;

	if (x->format != y->format)
		return x->format < y->format ? -1 : 1;
	return (x->modifier > y->modifier) - (x->modifier < y->modifier);
}

static int init_formats(struct wltex_context *context)
{
	struct wltex_capabilities *caps = &context->capabilities;
	struct format_list list = {0};
	int ret = 0;

	if (!caps->dmabuf_import)
		return 0;
	if (caps->modifiers) {
		ret = query_formats(context, &list);
	} else {
		/* EGL does not tell: these two are what every driver with dmabufs imports. */
		ret = add_format(&list, DRM_FORMAT_ARGB8888, DRM_FORMAT_MOD_INVALID, false);
		if (ret == 0)
			ret = add_format(&list, DRM_FORMAT_XRGB8888, DRM_FORMAT_MOD_INVALID, false);
	}
	if (list.n > 0)
		qsort(list.rows, list.n, sizeof(list.rows[0]), compare_formats);
	caps->formats = list.rows;
	caps->n_formats = list.n;
	context->format_notes = calloc(list.n + 1, sizeof(context->format_notes[0]));
	return context->format_notes != NULL ? ret : -ENOMEM;
}

static bool is_software(const char *renderer)
{
	static const char *const names[] = {
		"llvmpipe", "softpipe", "swrast", "SwiftShader", "Software Rasterizer"};

	for (size_t i = 0; renderer != NULL && i < sizeof(names) / sizeof(names[0]); i++) {
		if (strstr(renderer, names[i]) != NULL)
			return true;
	}
	return false;
}

int core_capabilities_init(struct wltex_context *context)
{
	struct wltex_capabilities *caps = &context->capabilities;
	const char *egl = eglQueryString(context->display, EGL_EXTENSIONS);
	const char *gl = (const char *)glGetString(GL_EXTENSIONS);
	const char *version = (const char *)glGetString(GL_VERSION);
	int major = 0, minor = 0;

	/* The driver's own words. NOLINTNEXTLINE(cert-err34-c) */
	if (version == NULL || sscanf(version, "OpenGL ES %d.%d", &major, &minor) != 2 ||
		major < 2) {
		wltex_error(&context->logger, "not an OpenGL ES 2 context: %s",
			version != NULL ? version : "no version");
		return -ENOTSUP;
	}
	load_procs(&context->procs, gl);
	glGetIntegerv(GL_MAX_TEXTURE_SIZE, &caps->max_texture_size);
	caps->gles_version = 10 * major + minor;
	caps->renderer = (const char *)glGetString(GL_RENDERER);
	caps->software = is_software(caps->renderer);
	caps->vendor = eglQueryString(context->display, EGL_VENDOR);
	caps->unpack_row_length = major >= 3 || core_has_extension(gl, "GL_EXT_unpack_subimage");
	context->bgra = core_has_extension(gl, "GL_EXT_texture_format_BGRA8888");
	caps->external = core_has_extension(gl, "GL_OES_EGL_image_external");
	caps->dmabuf_import =
		core_has_extension(egl, "EGL_EXT_image_dma_buf_import") &&
		core_has_extension(gl, "GL_OES_EGL_image") && context->procs.create_image != NULL &&
		context->procs.destroy_image != NULL && context->procs.image_target_texture != NULL;
	caps->modifiers = caps->dmabuf_import &&
			  core_has_extension(egl, "EGL_EXT_image_dma_buf_import_modifiers") &&
			  context->procs.query_formats != NULL &&
			  context->procs.query_modifiers != NULL;
	return init_formats(context);
}

void core_capabilities_finish(struct wltex_context *context)
{
	free((void *)context->capabilities.formats);
	free(context->format_notes);
}

const struct wltex_format *core_find_format(
	const struct wltex_context *context, uint32_t format, uint64_t modifier)
{
	const struct wltex_capabilities *caps = &context->capabilities;
	struct wltex_format key = {.format = format, .modifier = modifier};

	/* Without modifiers, linear and implicit are the same to EGL: it is told neither. */
	if (!caps->modifiers && modifier == DRM_FORMAT_MOD_LINEAR)
		key.modifier = DRM_FORMAT_MOD_INVALID;
	if (caps->n_formats == 0)
		return NULL;
	return bsearch(&key, caps->formats, caps->n_formats, sizeof(key), compare_formats);
}
