/* SPDX-License-Identifier: MIT */
#ifndef TESTS_GL_GL_H
#define TESTS_GL_GL_H

/*
 * What the tests of plugin/core share: an EGL display and contexts of the "compositor",
 * sealed memory files that play dmabufs, and a record of what a texture tells.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GLES3/gl3.h>
#include <GLES2/gl2ext.h>
#include <drm_fourcc.h>

#include <wltex/wltex.h>

#include "test.h"

/* The surfaceless display, initialised. Skips the test where EGL has none. */
EGLDisplay gl_display(void);

/* A GL ES 3 context (2 where there is no 3) on gl_display(), sharing with share. */
EGLContext gl_context_create(EGLContext share);

/* Make a context current without surfaces; EGL_NO_CONTEXT: none. */
void gl_make_current(EGLContext context);

/* Whether GL knows the texture name, in the context that is current. */
bool gl_is_texture(GLuint name);

/* What wltex logged. */
struct gl_log {
	int errors, warnings, n_printed;
	char last[256];
};
struct wltex_logger gl_logger(struct gl_log *log);

/* What a texture told, in order, as words: "destroying destroyed:replaced ...". */
struct gl_record {
	char text[4096];
	struct wltex_event last, destroyed; // the last of all, and of destroyed
	/* Of the texture under way: the most pairs there ever were at once. */
	int live, peak_live;
	/* The name that "destroying" was told of, and whether GL still had it then. */
	GLuint destroying;
	bool was_alive;
};
extern const struct wltex_texture_listener gl_listener; // its data is a struct gl_record

/* The words since the last call are the expected ones. */
#define check_record(record, expected) \
	do { \
		check_str((record)->text, expected); \
		(record)->text[0] = '\0'; \
	} while (0)

struct gl_buffer;

/* A context of wltex's, an owner and a texture of its, and what they tell. */
struct gl_fixture {
	EGLContext gl; // the compositor's own, current
	struct wltex_ledger *ledger;
	struct wltex_context *context;
	struct wltex_owner *owner;
	struct wltex_texture *texture;
	struct gl_record record;
	struct gl_log log;
	struct wltex_attached attached; // of the last gl_attach()
};

/* Skips where dmabufs cannot be imported. */
void gl_fixture_init(struct gl_fixture *fixture, enum wltex_context_mode mode);
void gl_fixture_init_with(struct gl_fixture *fixture, struct wltex_context_options options);
/* Destroys all and checks that nothing is left and no error was logged. */
void gl_fixture_finish(struct gl_fixture *fixture);

/* Attach to the fixture's texture; what came of it is in attached. */
int gl_attach(struct gl_fixture *fixture, struct wltex_attach attach);
/* Of a dmabuf: all of it, read. */
int gl_attach_all(struct gl_fixture *fixture, const struct gl_buffer *buffer);

/* The ledger's invariants, for the totals and the owner; also without wltex_texture_sync(). */
void gl_check_ledger(const struct gl_fixture *fixture);

/* Skip unless wltex imports the format. */
void gl_need_format(const struct wltex_context *context, uint32_t format);

/* A sealed memory file that plays a dmabuf. */
struct gl_buffer {
	struct wltex_dmabuf *dmabuf;
	struct wltex_dmabuf_attributes attributes;
	int fd;
	uint8_t *data;
	size_t size;
};

/* Memory of size bytes, mapped: see memory.h if sealed, else a file that can shrink. */
void gl_memory_create(struct gl_buffer *buffer, size_t size, bool sealed);
/* One plane without padding. Its bytes are zero. Or: its rows go upwards; it can shrink. */
void gl_buffer_create(struct gl_buffer *buffer, int32_t width, int32_t height, uint32_t format);
void gl_buffer_create_inverted(
	struct gl_buffer *buffer, int32_t width, int32_t height, uint32_t format);
void gl_buffer_create_unsealed(
	struct gl_buffer *buffer, int32_t width, int32_t height, uint32_t format);
void gl_buffer_destroy(struct gl_buffer *buffer);
/* As if it had never failed to be imported. */
void gl_buffer_forget_failure(struct gl_buffer *buffer);
/* The visible bytes' first byte of row y, and zlib's CRC-32 of all of them. */
uint8_t *gl_buffer_row(const struct gl_buffer *buffer, uint32_t y);
uint32_t gl_buffer_sum(const struct gl_buffer *buffer);

/*
 * Count the images that wltex makes and destroys, and let it fail: "image" when an image is
 * made, "texture" when it becomes a texture.
 */
struct gl_spy {
	int images; // alive
	int made;
	bool fail_image, fail_texture;
};
struct gl_spy *gl_spy(struct wltex_context *context);

/* Bytes from a seeded generator. */
void gl_random(uint32_t *seed, void *data, size_t size);
uint32_t gl_random_below(uint32_t *seed, uint32_t limit);

#endif
