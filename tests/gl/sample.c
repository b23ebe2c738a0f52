/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "decode.h"
#include "gl.h"
#include "sample.h"

static const char vertex_es2[] = "#version 100\n"
				 "attribute vec2 at;\n"
				 "void main() { gl_Position = vec4(at, 0., 1.); }\n";
static const char fragment_es2[] =
	"#version 100\n"
	"precision highp float;\n"
	"uniform sampler2D image;\n"
	"uniform vec2 size;\n"
	"void main() { gl_FragColor = texture2D(image, gl_FragCoord.xy / size); }\n";
static const char vertex_es3[] = "#version 300 es\n"
				 "in vec2 at;\n"
				 "void main() { gl_Position = vec4(at, 0., 1.); }\n";
static const char fragment_es3[] =
	"#version 300 es\n"
	"precision highp float;\n"
	"uniform highp sampler2D image;\n"
	"out vec4 color;\n"
	"void main() { color = texelFetch(image, ivec2(gl_FragCoord.xy), 0); }\n";
static const char fragment_external[] =
	"#version 300 es\n"
	"#extension GL_OES_EGL_image_external_essl3 : require\n"
	"precision highp float;\n"
	"uniform highp samplerExternalOES image;\n"
	"uniform vec2 size;\n"
	"out vec4 color;\n"
	"void main() { color = texture(image, gl_FragCoord.xy / size); }\n";

static GLuint compile(GLenum type, const char *source)
{
	GLuint shader = glCreateShader(type);
	GLint ok = 0;
	char log[1024] = "";

	glShaderSource(shader, 1, &source, NULL);
	glCompileShader(shader);
	glGetShaderiv(shader, GL_COMPILE_STATUS, &ok);
	glGetShaderInfoLog(shader, sizeof(log), NULL, log);
	if (!ok)
		test_fail(__FILE__, __LINE__, "shader: %s", log);
	return shader;
}

static GLuint link_program(const char *vertex, const char *fragment)
{
	GLuint program = glCreateProgram();
	GLint ok = 0;

	glAttachShader(program, compile(GL_VERTEX_SHADER, vertex));
	glAttachShader(program, compile(GL_FRAGMENT_SHADER, fragment));
	glBindAttribLocation(program, 0, "at");
	glLinkProgram(program);
	glGetProgramiv(program, GL_LINK_STATUS, &ok);
	check(ok);
	return program;
}

static bool is_es3(void)
{
	return strncmp((const char *)glGetString(GL_VERSION), "OpenGL ES 2", 11) != 0;
}

static GLuint get_program(GLenum target)
{
	static GLuint programs[2];
	GLuint *program = &programs[target == GL_TEXTURE_EXTERNAL_OES];

	if (glIsProgram(*program))
		return *program;
	if (!is_es3())
		*program = link_program(vertex_es2, fragment_es2);
	else if (target == GL_TEXTURE_EXTERNAL_OES)
		*program = link_program(vertex_es3, fragment_external);
	else
		*program = link_program(vertex_es3, fragment_es3);
	return *program;
}

/* Something to draw into: floats where there are, else bytes. */
static bool begin_target(GLuint names[2], GLsizei width, GLsizei height)
{
	const char *extensions = (const char *)glGetString(GL_EXTENSIONS);
	bool floats = is_es3() && strstr(extensions, "GL_EXT_color_buffer_float") != NULL;

	glGenFramebuffers(1, &names[0]);
	glBindFramebuffer(GL_FRAMEBUFFER, names[0]);
	glGenTextures(1, &names[1]);
	glBindTexture(GL_TEXTURE_2D, names[1]);
	if (floats)
		glTexStorage2D(GL_TEXTURE_2D, 1, GL_RGBA32F, width, height);
	else
		glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, width, height, 0, GL_RGBA, GL_UNSIGNED_BYTE,
			NULL);
	glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, names[1], 0);
	check_int(glCheckFramebufferStatus(GL_FRAMEBUFFER), GL_FRAMEBUFFER_COMPLETE);
	glViewport(0, 0, width, height);
	return floats;
}

static void draw(const struct wltex_texture_info *info)
{
	static const GLfloat triangle[] = {-1, -1, 3, -1, -1, 3};
	GLuint program = get_program(info->target);

	glActiveTexture(GL_TEXTURE0);
	glBindTexture(info->target, info->name);
	glUseProgram(program);
	glUniform1i(glGetUniformLocation(program, "image"), 0);
	glUniform2f(
		glGetUniformLocation(program, "size"), (GLfloat)info->width, (GLfloat)info->height);
	glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, triangle);
	glEnableVertexAttribArray(0);
	glDrawArrays(GL_TRIANGLES, 0, 3);
	glBindTexture(info->target, 0);
}

static void read_bytes(GLsizei width, GLsizei height, float *pixels)
{
	size_t n = 4 * (size_t)width * (size_t)height;
	uint8_t *bytes = malloc(n);

	check(bytes != NULL);
	glReadPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE, bytes);
	for (size_t i = 0; i < n; i++)
		pixels[i] = (float)bytes[i] / 255;
	free(bytes);
}

float *sample_texture(const struct wltex_texture_info *info)
{
	float *pixels = calloc((size_t)info->width * (size_t)info->height, 4 * sizeof(*pixels));
	GLuint names[2];

	check(pixels != NULL);
	bool floats = begin_target(names, info->width, info->height);
	draw(info);
	glPixelStorei(GL_PACK_ALIGNMENT, 1);
	if (floats)
		glReadPixels(0, 0, info->width, info->height, GL_RGBA, GL_FLOAT, pixels);
	else
		read_bytes(info->width, info->height, pixels);
	check_int(glGetError(), GL_NO_ERROR);
	glBindFramebuffer(GL_FRAMEBUFFER, 0);
	glBindTexture(GL_TEXTURE_2D, 0);
	glDeleteFramebuffers(1, &names[0]);
	glDeleteTextures(1, &names[1]);
	return pixels;
}

static bool is_near(float a, float b, bool es3)
{
	float tolerance = es3 ? 1e-6f * fmaxf(1, fabsf(b)) : 1.1f / 255;

	return fabsf(a - b) <= tolerance;
}

void sample_check(struct wltex_texture *texture, uint32_t format, const void *data, size_t stride)
{
	const struct decode_format *decode = decode_find(format);
	struct wltex_texture_info info;
	bool es3 = is_es3();

	check(decode != NULL);
	check(wltex_texture_get(texture, &info));
	check_int(info.format, format);
	float *seen = sample_texture(&info), *p = seen;
	for (int32_t y = 0; y < info.height; y++) {
		const uint8_t *pixel = (const uint8_t *)data + (size_t)y * stride;
		for (int32_t x = 0; x < info.width; x++, p += 4, pixel += decode->bytes_per_pixel) {
			float e[4];
			decode_pixel(decode, pixel, e);
			if (!is_near(p[0], e[0], es3) || !is_near(p[1], e[1], es3) ||
				!is_near(p[2], e[2], es3) || !is_near(p[3], e[3], es3))
				test_fail(__FILE__, __LINE__,
					"%.4s %dx%d pixel %d,%d is %g %g %g %g, not %g %g %g %g",
					(const char *)&format, info.width, info.height, x, y, p[0],
					p[1], p[2], p[3], e[0], e[1], e[2], e[3]);
		}
	}
	free(seen);
}
