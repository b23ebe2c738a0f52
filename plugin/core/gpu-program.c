/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "core/gpu.h"

static bool has_extensions(const struct wltex_context *context)
{
	const char *egl = eglQueryString(context->display, EGL_EXTENSIONS);

	return context->capabilities.gles_version >= 31 &&
	       core_has_extension(egl, "EGL_KHR_fence_sync");
}

static void load_fences(struct gpu_procs *procs, const char *egl)
{
	if (!core_has_extension(egl, "EGL_ANDROID_native_fence_sync"))
		return;
	procs->dup_fence =
		(PFNEGLDUPNATIVEFENCEFDANDROIDPROC)eglGetProcAddress("eglDupNativeFenceFDANDROID");
	if (core_has_extension(egl, "EGL_KHR_wait_sync"))
		procs->wait_sync = (PFNEGLWAITSYNCKHRPROC)eglGetProcAddress("eglWaitSyncKHR");
}

static bool load_procs(struct gpu_procs *procs, const struct wltex_context *context)
{
#define LOAD(field, name) \
	((procs->field = (__typeof__(procs->field))eglGetProcAddress(name)) != NULL)
	if (!LOAD(dispatch, "glDispatchCompute") || !LOAD(memory_barrier, "glMemoryBarrier") ||
		!LOAD(bind_buffer_base, "glBindBufferBase") ||
		!LOAD(map_buffer_range, "glMapBufferRange") ||
		!LOAD(unmap_buffer, "glUnmapBuffer") || !LOAD(create_sync, "eglCreateSyncKHR") ||
		!LOAD(destroy_sync, "eglDestroySyncKHR") ||
		!LOAD(client_wait_sync, "eglClientWaitSyncKHR"))
		return false;
#undef LOAD
	load_fences(procs, eglQueryString(context->display, EGL_EXTENSIONS));
	return true;
}

static void log_failure(const struct wltex_context *context, GLuint program)
{
	char text[256] = "";

	glGetProgramInfoLog(program, sizeof(text), NULL, text);
	wltex_error(&context->logger, "a program for sums on the GPU does not compile: %s", text);
}

static bool link_program(GLuint program, const char *text)
{
	GLuint shader = glCreateShader(GL_COMPUTE_SHADER);
	GLint linked = GL_FALSE;

	if (shader == 0)
		return false;
	glShaderSource(shader, 1, &text, NULL);
	glCompileShader(shader);
	glAttachShader(program, shader);
	glDeleteShader(shader); /* it lives on with the program */
	glLinkProgram(program);
	glGetProgramiv(program, GL_LINK_STATUS, &linked);
	return linked;
}

/* Takes text. Returns 0 or a negative errno. */
static int make_program(const struct wltex_context *context, char *text, GLuint *program)
{
	int ret = 0;

	if (text == NULL)
		return -ENOMEM;
	*program = glCreateProgram();
	if (*program == 0 || !link_program(*program, text)) {
		if (*program != 0)
			log_failure(context, *program);
		glDeleteProgram(*program);
		*program = 0;
		ret = -EIO;
	}
	free(text);
	return ret;
}

static int make_programs(const struct wltex_context *context, struct core_gpu *gpu)
{
	const char *gl = (const char *)glGetString(GL_EXTENSIONS);
	int ret = make_program(context, gpu_shader_make_compare(), &gpu->compare);

	for (int source = 0; source < N_GPU_SOURCES && ret == 0; source++) {
		if (source == GPU_EXTERNAL &&
			!core_has_extension(gl, "GL_OES_EGL_image_external_essl3"))
			continue;
		ret = make_program(
			context, gpu_shader_make_sum((enum gpu_source)source), &gpu->sum[source]);
	}
	return ret;
}

static void delete_programs(const struct core_gpu *gpu)
{
	glDeleteProgram(gpu->compare);
	for (int source = 0; source < N_GPU_SOURCES; source++)
		glDeleteProgram(gpu->sum[source]);
}

int core_gpu_init(struct wltex_context *context)
{
	struct core_gpu *gpu;
	int ret = -ENOTSUP;

	if (context->gpu != NULL)
		return 0;
	gpu = calloc(1, sizeof(*gpu));
	if (gpu == NULL)
		return -ENOMEM;
	wltex_list_init(&gpu->sums);
	if (has_extensions(context) && load_procs(&gpu->procs, context))
		ret = make_programs(context, gpu);
	if (ret == 0) {
		context->gpu = gpu;
		return 0;
	}
	delete_programs(gpu);
	free(gpu);
	return ret;
}

void core_gpu_finish(struct wltex_context *context, bool entered)
{
	struct core_gpu *gpu = context->gpu;

	if (gpu == NULL)
		return;
	while (!wltex_list_empty(&gpu->sums)) {
		struct wltex_gpu_sum *sum =
			wltex_container_of(gpu->sums.next, struct wltex_gpu_sum, link);

		gpu_sum_clear(sum, entered);
		wltex_list_remove(&sum->link);
		sum->context = NULL;
		if (sum->is_dead)
			wltex_gpu_sum_destroy(sum);
	}
	if (entered)
		delete_programs(gpu);
	free(gpu);
	context->gpu = NULL;
}
