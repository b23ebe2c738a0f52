/* SPDX-License-Identifier: MIT */
/*
 * A Weston module that uses what wltex.so offers to modules, as they would: it draws each
 * texture in gl-renderer's own context when it is made, writes what it read to a file (see
 * texels.h), and watches that the signals keep their promises. Failures go to Weston's log.
 */
#include <GLES3/gl3.h>
#include <GLES2/gl2ext.h>
#include <EGL/egl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wltex/weston.h>

#include "texels.h"

struct module {
	struct weston_compositor *compositor;
	const struct wltex_weston_api *api;
	EGLDisplay display;
	EGLContext gl;      /* gl-renderer's */
	GLuint programs[2]; /* GL_TEXTURE_2D, GL_TEXTURE_EXTERNAL_OES */
	GLuint vertices;
	unsigned int made, destroyed, failures;
	struct wl_list surfaces; /* struct surface.link */

	struct wl_listener create_surface;
	struct wl_listener created;
	struct wl_listener destroying;
	struct wl_listener compositor_destroy;
};

struct surface {
	struct module *module;
	struct weston_surface *surface;
	struct wl_list link;   /* module.surfaces */
	GLuint name;           /* 0: it has no texture */
	GLuint destroyed_name; /* since the last commit; 0: none */
	struct wl_listener commit;
	struct wl_listener destroy;
};

/* weston/weston.h declares it, in a package of its own. */
WL_EXPORT int wet_module_init(struct weston_compositor *compositor, int *argc, char *argv[]);

#define check(module, condition) \
	do { \
		if (!(condition)) { \
			weston_log("readback: FAILED in %s, line %d: %s\n", __func__, __LINE__, \
				#condition); \
			(module)->failures++; \
		} \
	} while (0)

/* What was current before gl-renderer's context. */
struct current {
	EGLDisplay display;
	EGLContext context;
	EGLSurface draw, read;
};

static struct current enter(struct module *module)
{
	struct current current = {
		.display = eglGetCurrentDisplay(),
		.context = eglGetCurrentContext(),
		.draw = eglGetCurrentSurface(EGL_DRAW),
		.read = eglGetCurrentSurface(EGL_READ),
	};

	check(module, eglMakeCurrent(module->display, EGL_NO_SURFACE, EGL_NO_SURFACE, module->gl));
	return current;
}

static void leave(struct module *module, const struct current *current)
{
	EGLDisplay display =
		current->context != EGL_NO_CONTEXT ? current->display : module->display;

	check(module, eglMakeCurrent(display, current->draw, current->read, current->context));
}

static bool is_texture(struct module *module, GLuint name)
{
	struct current current = enter(module);
	bool result = glIsTexture(name);

	leave(module, &current);
	return result;
}

static GLuint make_shader(struct module *module, GLenum type, const char *head, const char *body)
{
	const char *sources[] = {head, body};
	GLuint shader = glCreateShader(type);
	GLint ok = 0;

	glShaderSource(shader, 2, sources, NULL);
	glCompileShader(shader);
	glGetShaderiv(shader, GL_COMPILE_STATUS, &ok);
	check(module, ok);
	return shader;
}

static GLuint get_program(struct module *module, GLenum target)
{
	static const char *const heads[2] = {
		"#version 300 es\n"
		"#define SAMPLER sampler2D\n",
		"#version 300 es\n"
		"#extension GL_OES_EGL_image_external_essl3 : require\n"
		"#define SAMPLER samplerExternalOES\n",
	};
	GLuint *program = &module->programs[target == GL_TEXTURE_EXTERNAL_OES];
	const char *head = heads[target == GL_TEXTURE_EXTERNAL_OES];
	GLuint vertex, fragment;
	GLint ok = 0;

	if (*program != 0)
		return *program;
	/* One triangle that covers everything. */
	vertex = make_shader(module, GL_VERTEX_SHADER, "#version 300 es\n",
		"void main() {\n"
		"	gl_Position = vec4(gl_VertexID == 1 ? 3 : -1, gl_VertexID == 2 ? 3 : -1, 0, 1);\n"
		"}\n");
	fragment = make_shader(module, GL_FRAGMENT_SHADER, head,
		"precision highp float;\n"
		"uniform highp SAMPLER source;\n"
		"out vec4 color;\n"
		"void main() {\n"
		"	color = texelFetch(source, ivec2(gl_FragCoord.xy), 0);\n"
		"}\n");
	*program = glCreateProgram();
	glAttachShader(*program, vertex);
	glAttachShader(*program, fragment);
	glLinkProgram(*program);
	glGetProgramiv(*program, GL_LINK_STATUS, &ok);
	check(module, ok);
	glDeleteShader(vertex);
	glDeleteShader(fragment);
	return *program;
}

/* gl-renderer remembers what it has set, so all of it is set back. */
struct state {
	GLint program, texture, unit, draw, read, vertices, pack, viewport[4];
	GLboolean blend, scissor;
};

static GLenum get_binding(GLenum target)
{
	return target == GL_TEXTURE_2D ? GL_TEXTURE_BINDING_2D : GL_TEXTURE_BINDING_EXTERNAL_OES;
}

static void save_state(struct state *state, GLenum target)
{
	glGetIntegerv(GL_ACTIVE_TEXTURE, &state->unit);
	glActiveTexture(GL_TEXTURE0);
	glGetIntegerv(get_binding(target), &state->texture);
	glGetIntegerv(GL_CURRENT_PROGRAM, &state->program);
	glGetIntegerv(GL_DRAW_FRAMEBUFFER_BINDING, &state->draw);
	glGetIntegerv(GL_READ_FRAMEBUFFER_BINDING, &state->read);
	glGetIntegerv(GL_VERTEX_ARRAY_BINDING, &state->vertices);
	glGetIntegerv(GL_PIXEL_PACK_BUFFER_BINDING, &state->pack);
	glGetIntegerv(GL_VIEWPORT, state->viewport);
	state->blend = glIsEnabled(GL_BLEND);
	state->scissor = glIsEnabled(GL_SCISSOR_TEST);
}

static void restore_state(const struct state *state, GLenum target)
{
	const GLint *viewport = state->viewport;

	glBindTexture(target, (GLuint)state->texture);
	glActiveTexture((GLenum)state->unit);
	glUseProgram((GLuint)state->program);
	glBindFramebuffer(GL_DRAW_FRAMEBUFFER, (GLuint)state->draw);
	glBindFramebuffer(GL_READ_FRAMEBUFFER, (GLuint)state->read);
	glBindVertexArray((GLuint)state->vertices);
	glBindBuffer(GL_PIXEL_PACK_BUFFER, (GLuint)state->pack);
	glViewport(viewport[0], viewport[1], viewport[2], viewport[3]);
	if (state->blend)
		glEnable(GL_BLEND);
	if (state->scissor)
		glEnable(GL_SCISSOR_TEST);
}

static void draw_and_read(
	struct module *module, const struct wltex_texture_info *info, float *texels)
{
	GLuint program = get_program(module, info->target);
	GLuint renderbuffer, framebuffer;

	glGenRenderbuffers(1, &renderbuffer);
	glBindRenderbuffer(GL_RENDERBUFFER, renderbuffer);
	glRenderbufferStorage(GL_RENDERBUFFER, GL_RGBA32F, info->width, info->height);
	glGenFramebuffers(1, &framebuffer);
	glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
	glFramebufferRenderbuffer(
		GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_RENDERBUFFER, renderbuffer);
	check(module, glCheckFramebufferStatus(GL_FRAMEBUFFER) == GL_FRAMEBUFFER_COMPLETE);

	glDisable(GL_BLEND);
	glDisable(GL_SCISSOR_TEST);
	glBindBuffer(GL_PIXEL_PACK_BUFFER, 0);
	glBindVertexArray(module->vertices);
	glViewport(0, 0, info->width, info->height);
	glUseProgram(program);
	glUniform1i(glGetUniformLocation(program, "source"), 0);
	glBindTexture(info->target, info->name);
	glDrawArrays(GL_TRIANGLES, 0, 3);
	glReadPixels(0, 0, info->width, info->height, GL_RGBA, GL_FLOAT, texels);
	check(module, glGetError() == GL_NO_ERROR);
	glDeleteFramebuffers(1, &framebuffer);
	glDeleteRenderbuffers(1, &renderbuffer);
}

static void write_texels(
	struct module *module, const struct wltex_texture_info *info, const float *texels)
{
	const struct texels_header header = {
		.width = (uint32_t)info->width,
		.height = (uint32_t)info->height,
		.format = info->format,
		.has_alpha = info->has_alpha,
		.y_inverted = info->y_inverted,
		.has_sum = info->has_sum,
		.sum = info->sum,
		.count = module->made,
	};
	size_t n = (size_t)info->width * (size_t)info->height;
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", getenv("XDG_RUNTIME_DIR"), TEXELS_FILE);
	file = fopen(path, "we");
	check(module, file != NULL);
	if (file == NULL)
		return;
	check(module, fwrite(&header, sizeof(header), 1, file) == 1);
	check(module, fwrite(texels, 4 * sizeof(*texels), n, file) == n);
	check(module, fclose(file) == 0);
}

static void read_texture(struct module *module, const struct wltex_texture_info *info)
{
	struct current current = enter(module);
	float *texels = calloc((size_t)info->width * (size_t)info->height, 4 * sizeof(*texels));
	struct state state;

	check(module, glGetError() == GL_NO_ERROR);
	if (texels != NULL) {
		save_state(&state, info->target);
		draw_and_read(module, info, texels);
		restore_state(&state, info->target);
		write_texels(module, info, texels);
	}
	free(texels);
	leave(module, &current);
}

static struct surface *find_surface(struct module *module, struct weston_surface *weston)
{
	struct surface *surface;

	wl_list_for_each (surface, &module->surfaces, link) {
		if (surface->surface == weston)
			return surface;
	}
	return NULL;
}

/* Names can be used again as soon as they are free. */
static bool is_used(struct module *module, GLuint name)
{
	struct surface *surface;

	wl_list_for_each (surface, &module->surfaces, link) {
		if (surface->name == name)
			return true;
	}
	return false;
}

static void handle_created(struct wl_listener *listener, void *data)
{
	struct module *module = wl_container_of(listener, module, created);
	const struct wltex_weston_texture *texture = data;
	struct surface *surface = find_surface(module, texture->surface);
	struct wltex_texture_info info = {0};

	module->made++;
	check(module, module->api->get_texture(texture->surface, &info));
	check(module, info.name == texture->info.name && info.target == texture->info.target);
	check(module, is_texture(module, info.name));
	check(module, surface != NULL && surface->name == 0);
	check(module, !is_used(module, info.name));
	if (surface != NULL)
		surface->name = info.name;
	read_texture(module, &info);
}

static void handle_destroying(struct wl_listener *listener, void *data)
{
	struct module *module = wl_container_of(listener, module, destroying);
	const struct wltex_weston_texture *texture = data;
	struct surface *surface = find_surface(module, texture->surface);
	struct wltex_texture_info info = {0};

	module->destroyed++;
	check(module, module->api->get_texture(texture->surface, &info));
	check(module, info.name == texture->info.name);
	check(module, is_texture(module, info.name));
	check(module, surface != NULL && surface->name == info.name);
	if (surface == NULL)
		return;
	surface->destroyed_name = surface->name;
	surface->name = 0;
}

/* Comes after wltex's own listener, which was added before. */
static void handle_commit(struct wl_listener *listener, void *data)
{
	struct surface *surface = wl_container_of(listener, surface, commit);
	struct module *module = surface->module;
	struct wltex_texture_info info = {0};
	bool has = module->api->get_texture(surface->surface, &info);

	check(module, has == (surface->name != 0) && info.name == surface->name);
	if (surface->destroyed_name != 0 && !is_used(module, surface->destroyed_name))
		check(module, !is_texture(module, surface->destroyed_name));
	surface->destroyed_name = 0;
}

static void handle_destroy(struct wl_listener *listener, void *data)
{
	struct surface *surface = wl_container_of(listener, surface, destroy);

	check(surface->module, surface->name == 0);
	wl_list_remove(&surface->commit.link);
	wl_list_remove(&surface->destroy.link);
	wl_list_remove(&surface->link);
	free(surface);
}

static void handle_create_surface(struct wl_listener *listener, void *data)
{
	struct module *module = wl_container_of(listener, module, create_surface);
	struct surface *surface = calloc(1, sizeof(*surface));
	struct wltex_texture_info info;

	if (surface == NULL)
		return;
	surface->module = module;
	surface->surface = data;
	surface->commit.notify = handle_commit;
	wl_signal_add(&surface->surface->commit_signal, &surface->commit);
	surface->destroy.notify = handle_destroy;
	wl_signal_add(&surface->surface->destroy_signal, &surface->destroy);
	wl_list_insert(&module->surfaces, &surface->link);
	check(module, !module->api->get_texture(surface->surface, &info));
}

/* After wltex's own listener: there are no textures any more. */
static void handle_compositor_destroy(struct wl_listener *listener, void *data)
{
	struct module *module = wl_container_of(listener, module, compositor_destroy);
	struct surface *surface, *next;

	wl_list_for_each_safe (surface, next, &module->surfaces, link)
		handle_destroy(&surface->destroy, NULL);
	check(module, module->made == module->destroyed);
	weston_log("readback: %u textures, %u failures\n", module->made, module->failures);
	wl_list_remove(&module->create_surface.link);
	wl_list_remove(&module->created.link);
	wl_list_remove(&module->destroying.link);
	wl_list_remove(&module->compositor_destroy.link);
	free(module);
}

int wet_module_init(struct weston_compositor *compositor, int *argc, char *argv[])
{
	struct module *module = calloc(1, sizeof(*module));

	if (module == NULL)
		return -1;
	module->compositor = compositor;
	module->api = wltex_weston_get_api(compositor);
	module->display = eglGetCurrentDisplay();
	module->gl = eglGetCurrentContext();
	if (module->api == NULL || module->gl == EGL_NO_CONTEXT) {
		weston_log("readback: needs gl-renderer, and wltex.so before it\n");
		free(module);
		return -1;
	}
	glGenVertexArrays(1, &module->vertices);
	wl_list_init(&module->surfaces);
	module->create_surface.notify = handle_create_surface;
	wl_signal_add(&compositor->create_surface_signal, &module->create_surface);
	module->created.notify = handle_created;
	module->api->add_created_listener(compositor, &module->created);
	module->destroying.notify = handle_destroying;
	module->api->add_destroying_listener(compositor, &module->destroying);
	module->compositor_destroy.notify = handle_compositor_destroy;
	wl_signal_add(&compositor->destroy_signal, &module->compositor_destroy);
	return 0;
}
