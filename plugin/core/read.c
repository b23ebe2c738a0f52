/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "core/texture.h"
#include "dmabuf/read.h"
#include "ledger/ledger.h"
#include "util/export.h"

static const char vertex_source[] = "attribute vec2 position;\n"
				    "varying vec2 coord;\n"
				    "uniform float flip;\n"
				    "void main() {\n"
				    "	coord = position * 0.5 + 0.5;\n"
				    "	coord.y = mix(coord.y, 1.0 - coord.y, flip);\n"
				    "	gl_Position = vec4(position, 0.0, 1.0);\n"
				    "}\n";

static const char fragment_2d_source[] = "precision highp float;\n"
					 "varying vec2 coord;\n"
					 "uniform sampler2D image;\n"
					 "void main() {\n"
					 "	gl_FragColor = texture2D(image, coord);\n"
					 "}\n";

static const char fragment_external_source[] = "#extension GL_OES_EGL_image_external : require\n"
					       "precision highp float;\n"
					       "varying vec2 coord;\n"
					       "uniform samplerExternalOES image;\n"
					       "void main() {\n"
					       "	gl_FragColor = texture2D(image, coord);\n"
					       "}\n";

/* What one reading makes in GL; it is destroyed at its end. */
struct reader {
	GLuint program, target, framebuffer;
};

static bool add_shader(GLuint program, GLenum type, const char *source)
{
	GLuint shader = glCreateShader(type);

	if (shader == 0)
		return false;
	glShaderSource(shader, 1, &source, NULL);
	glCompileShader(shader);
	glAttachShader(program, shader);
	glDeleteShader(shader); /* it lives on with the program */
	return true;
}

static int reader_init(struct reader *reader, const struct wltex_texture_info *info)
{
	GLint linked = GL_FALSE;
	GLuint before;

	reader->program = glCreateProgram();
	/* Mesa leaks memory when it links half of a program. */
	if (!add_shader(reader->program, GL_VERTEX_SHADER, vertex_source) ||
		!add_shader(reader->program, GL_FRAGMENT_SHADER,
			info->target == GL_TEXTURE_2D ? fragment_2d_source
						      : fragment_external_source))
		return -EIO;
	glBindAttribLocation(reader->program, 0, "position");
	glLinkProgram(reader->program);
	glGetProgramiv(reader->program, GL_LINK_STATUS, &linked);

	glGenTextures(1, &reader->target);
	if (reader->target == 0)
		return -EIO;
	before = core_bind(GL_TEXTURE_2D, reader->target);
	glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, info->width, info->height, 0, GL_RGBA,
		GL_UNSIGNED_BYTE, NULL);
	glBindTexture(GL_TEXTURE_2D, before);
	glGenFramebuffers(1, &reader->framebuffer);
	glBindFramebuffer(GL_FRAMEBUFFER, reader->framebuffer);
	glFramebufferTexture2D(
		GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, reader->target, 0);
	if (!linked || glCheckFramebufferStatus(GL_FRAMEBUFFER) != GL_FRAMEBUFFER_COMPLETE)
		return -EIO;
	return 0;
}

static void reader_finish(struct reader *reader)
{
	glUseProgram(0);
	glDeleteProgram(reader->program);
	glBindFramebuffer(GL_FRAMEBUFFER, 0);
	glDeleteFramebuffers(1, &reader->framebuffer);
	glDeleteTextures(1, &reader->target);
}

/* The framebuffer's first row is the first that is read: the top of the picture. */
static void draw(const struct reader *reader, const struct wltex_texture_info *info)
{
	static const GLfloat corners[] = {-1, -1, 1, -1, -1, 1, 1, 1};
	GLuint before = core_bind(info->target, info->name);

	glUseProgram(reader->program);
	glUniform1i(glGetUniformLocation(reader->program, "image"), 0);
	glUniform1f(glGetUniformLocation(reader->program, "flip"), info->y_inverted ? 1 : 0);
	glViewport(0, 0, info->width, info->height);
	glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, corners);
	glEnableVertexAttribArray(0);
	glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
	glDisableVertexAttribArray(0);
	glBindTexture(info->target, before);
}

static void read_rows(const struct wltex_texture_info *info, uint8_t *data, size_t stride)
{
	glPixelStorei(GL_PACK_ALIGNMENT, 4);
	if (stride == 4 * (size_t)info->width) {
		glReadPixels(0, 0, info->width, info->height, GL_RGBA, GL_UNSIGNED_BYTE, data);
		return;
	}
	for (GLint y = 0; y < info->height; y++)
		glReadPixels(
			0, y, info->width, 1, GL_RGBA, GL_UNSIGNED_BYTE, data + (size_t)y * stride);
}

/* In the guard. */
static int read_texture(struct wltex_context *context, const struct wltex_texture_info *info,
	uint8_t *data, size_t stride)
{
	struct reader reader = {0};
	GLenum error;
	int ret;

	core_clear_gl_errors();
	ret = reader_init(&reader, info);
	if (ret == 0) {
		draw(&reader, info);
		read_rows(info, data, stride);
	}
	reader_finish(&reader);
	error = glGetError();
	if (error != GL_NO_ERROR)
		ret = -EIO;
	return ret < 0 && core_check_lost(context, error) ? -ENODEV : ret;
}

/*
 * Software GL reads the owner's memory itself when it draws: the process would die of what
 * the owner cut off. Whoever only shows the texture takes that risk; here it is not ours to
 * take.
 */
static int check_memory(const struct wltex_texture *texture)
{
	if (texture->dmabuf == NULL || wltex_dmabuf_stays_whole(texture->dmabuf))
		return 0;
	wltex_warning(&texture->context->logger,
		"a texture of %s is not read back: its memory is not sealed against shrinking, "
		"or has shrunk",
		texture->owner != NULL ? texture->owner->name : "no owner");
	return -EACCES;
}

WLTEX_EXPORT int wltex_texture_read(struct wltex_texture *texture, void *data, size_t stride)
{
	struct wltex_texture_info info;
	struct core_guard guard;
	int ret;

	if (texture == NULL || data == NULL)
		return -EINVAL;
	if (texture->dmabuf == NULL && texture->pixels.data == NULL)
		return -ENOENT;
	if (!core_on_thread(texture->context, "wltex_texture_read"))
		return -EPERM;
	if (texture->context->mode == WLTEX_CONTEXT_CURRENT)
		return -ENOTSUP;
	ret = check_memory(texture);
	if (ret == 0)
		ret = core_texture_catch_up(texture);
	if (ret < 0)
		return ret;
	if (!wltex_texture_peek(texture, &info))
		return -ENOENT;
	if (stride % 4 != 0 || stride < 4 * (size_t)info.width)
		return -EINVAL;
	ret = core_enter(&guard, texture->context);
	if (ret == -EPERM)
		return ret;
	if (ret == 0) {
		ret = read_texture(texture->context, &info, data, stride);
		core_leave(&guard);
	}
	core_texture_lose_all(texture->context);
	return ret;
}
