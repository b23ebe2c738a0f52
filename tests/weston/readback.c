/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GLES2/gl2.h>
#include <GLES2/gl2ext.h>

#include "readback.h"

static const char vertex_shader[] =
	"attribute vec2 corner;\n"
	"uniform float inverted;\n"
	"varying vec2 where;\n"
	"void main() {\n"
	"	where = vec2(corner.x, mix(corner.y, 1.0 - corner.y, inverted));\n"
	"	gl_Position = vec4(corner * 2.0 - 1.0, 0.0, 1.0);\n"
	"}\n";
static const char fragment_shader[] = "precision highp float;\n"
				      "varying vec2 where;\n"
				      "uniform SAMPLER image;\n"
				      "void main() { gl_FragColor = texture2D(image, where); }\n";

struct current {
	EGLDisplay display;
	EGLContext context;
	EGLSurface draw, read;
};

static bool enter(const struct readback *readback, struct current *saved)
{
	saved->display = eglGetCurrentDisplay();
	saved->context = eglGetCurrentContext();
	saved->draw = eglGetCurrentSurface(EGL_DRAW);
	saved->read = eglGetCurrentSurface(EGL_READ);
	return eglMakeCurrent(readback->display, EGL_NO_SURFACE, EGL_NO_SURFACE, readback->context);
}

static void leave(const struct readback *readback, const struct current *saved)
{
	if (saved->display != EGL_NO_DISPLAY)
		eglMakeCurrent(saved->display, saved->draw, saved->read, saved->context);
	else
		eglMakeCurrent(readback->display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
}

bool readback_init(struct readback *readback)
{
	static const EGLint attributes[] = {EGL_CONTEXT_CLIENT_VERSION, 2, EGL_NONE};

	*readback = (struct readback){.display = eglGetCurrentDisplay()};
	if (readback->display == EGL_NO_DISPLAY || !eglBindAPI(EGL_OPENGL_ES_API))
		return false;
	readback->context = eglCreateContext(
		readback->display, EGL_NO_CONFIG_KHR, eglGetCurrentContext(), attributes);
	return readback->context != EGL_NO_CONTEXT;
}

void readback_finish(struct readback *readback)
{
	struct current saved;

	if (readback->context == EGL_NO_CONTEXT)
		return;
	if (enter(readback, &saved)) {
		glDeleteProgram(readback->programs[0]);
		glDeleteProgram(readback->programs[1]);
		leave(readback, &saved);
	}
	eglDestroyContext(readback->display, readback->context);
	*readback = (struct readback){0};
}

static GLuint compile(GLenum type, const char *prefix, const char *source)
{
	const char *sources[] = {prefix, source};
	GLuint shader = glCreateShader(type);
	GLint ok = GL_FALSE;

	glShaderSource(shader, 2, sources, NULL);
	glCompileShader(shader);
	glGetShaderiv(shader, GL_COMPILE_STATUS, &ok);
	if (ok)
		return shader;
	glDeleteShader(shader);
	return 0;
}

static GLuint link_program(bool external)
{
	const char *sampler = external ? "#extension GL_OES_EGL_image_external : require\n"
					 "#define SAMPLER samplerExternalOES\n"
				       : "#define SAMPLER sampler2D\n";
	GLuint shaders[] = {
		compile(GL_VERTEX_SHADER, "", vertex_shader),
		compile(GL_FRAGMENT_SHADER, sampler, fragment_shader),
	};
	GLuint program = glCreateProgram();
	GLint ok = GL_FALSE;

	glAttachShader(program, shaders[0]);
	glAttachShader(program, shaders[1]);
	glBindAttribLocation(program, 0, "corner");
	glLinkProgram(program);
	glDeleteShader(shaders[0]);
	glDeleteShader(shaders[1]);
	glGetProgramiv(program, GL_LINK_STATUS, &ok);
	if (ok)
		return program;
	glDeleteProgram(program);
	return 0;
}

/*
 * Framebuffers are read from the bottom, where the texture's first row is drawn: so the rows
 * come in the texture's own order, which is from top to bottom unless it is inverted.
 */
static void draw(GLuint program, const struct wltex_texture_info *info)
{
	static const GLfloat corners[] = {0, 0, 1, 0, 0, 1, 1, 1};

	glUseProgram(program);
	glUniform1f(glGetUniformLocation(program, "inverted"), info->y_inverted ? 1 : 0);
	glActiveTexture(GL_TEXTURE0);
	glBindTexture(info->target, info->name);
	glViewport(0, 0, info->width, info->height);
	glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, corners);
	glEnableVertexAttribArray(0);
	glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
	glDisableVertexAttribArray(0);
	glBindTexture(info->target, 0);
}

static bool read_pixels(GLuint program, const struct wltex_texture_info *info, uint8_t *pixels)
{
	GLuint framebuffer = 0, color = 0;
	bool ok;

	glGenTextures(1, &color);
	glBindTexture(GL_TEXTURE_2D, color);
	glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, info->width, info->height, 0, GL_RGBA,
		GL_UNSIGNED_BYTE, NULL);
	glGenFramebuffers(1, &framebuffer);
	glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
	glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, color, 0);
	ok = glCheckFramebufferStatus(GL_FRAMEBUFFER) == GL_FRAMEBUFFER_COMPLETE;
	if (ok) {
		draw(program, info);
		glReadPixels(0, 0, info->width, info->height, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
		ok = glGetError() == GL_NO_ERROR;
	}
	glBindFramebuffer(GL_FRAMEBUFFER, 0);
	glDeleteFramebuffers(1, &framebuffer);
	glDeleteTextures(1, &color);
	return ok;
}

uint8_t *readback_texture(struct readback *readback, const struct wltex_texture_info *info)
{
	const bool external = info->target == GL_TEXTURE_EXTERNAL_OES;
	GLuint *program = &readback->programs[external];
	uint8_t *pixels = calloc((size_t)info->width * (size_t)info->height, 4);
	struct current saved;
	bool ok = false;

	if (pixels == NULL || !enter(readback, &saved))
		goto out;
	if (*program == 0)
		*program = link_program(external);
	ok = *program != 0 && read_pixels(*program, info, pixels);
	leave(readback, &saved);
out:
	if (ok)
		return pixels;
	free(pixels);
	return NULL;
}
