/* SPDX-License-Identifier: MIT */
/* What EGL failed to import is not tried for ever. */
#include <errno.h>
#include <unistd.h>

#include "core/core.h"
#include "dmabuf/dmabuf.h"
#include "gl.h"

/* What eglGetError says of an image that is not made here. */
static EGLint image_error, egl_error = EGL_SUCCESS;
/* Of this size or format none is made; and how many were asked for. */
static EGLint bad_width, bad_format;
static int n_asked;
static PFNEGLCREATEIMAGEKHRPROC real_create_image;

EGLint __real_eglGetError(void);
EGLint __wrap_eglGetError(void);

EGLint __wrap_eglGetError(void)
{
	EGLint error = egl_error != EGL_SUCCESS ? egl_error : __real_eglGetError();

	egl_error = EGL_SUCCESS;
	return error;
}

static EGLImageKHR create_image(EGLDisplay display, EGLContext context, EGLenum target,
	EGLClientBuffer buffer, const EGLint *attribs)
{
	EGLint width = 0, format = 0;

	for (int i = 0; attribs[i] != EGL_NONE; i += 2) {
		if (attribs[i] == EGL_WIDTH)
			width = attribs[i + 1];
		else if (attribs[i] == EGL_LINUX_DRM_FOURCC_EXT)
			format = attribs[i + 1];
	}
	n_asked++;
	if (width != bad_width && format != bad_format)
		return real_create_image(display, context, target, buffer, attribs);
	egl_error = image_error;
	return EGL_NO_IMAGE_KHR;
}

#define BAD_WIDTH 96

static void start(struct gl_fixture *f)
{
	gl_fixture_init(f, WLTEX_CONTEXT_SHARED);
	real_create_image = f->context->procs.create_image;
	f->context->procs.create_image = create_image;
	bad_width = BAD_WIDTH;
	bad_format = 0;
	image_error = EGL_BAD_MATCH;
	n_asked = 0;
}

static const struct wltex_counts *counts_of(const struct gl_fixture *f)
{
	return wltex_owner_get_counts(f->owner);
}

/* The same error at once: EGL is not asked, nothing is read, nothing logged. */
static void check_remembered(struct gl_fixture *f, const struct gl_buffer *buffer, int error)
{
	const struct wltex_counts before = *counts_of(f);
	int warnings = f->log.warnings, asked = n_asked;

	f->record.text[0] = '\0';
	for (int i = 0; i < 3; i++) {
		check_int(gl_attach_all(f, buffer), error);
		check_record(&f->record, error == -EIO ? "failed:attached" : "refused:invalid");
		check(f->attached.message != NULL);
		check_str(f->record.last.message, f->attached.message);
		check_int(f->attached.look_ns, 0);
	}
	check_int(gl_attach(f,
			  (struct wltex_attach){.dmabuf = buffer->dmabuf, .when = WLTEX_ON_ACCESS}),
		error);
	check_int(n_asked, asked);
	check_int(f->log.warnings, warnings);
	check_int(counts_of(f)->failures - before.failures, error == -EIO ? 4 : 0);
	check_int(counts_of(f)->refused - before.refused, error == -EIO ? 0 : 4);
	gl_check_ledger(f);
}

TEST(dmabuf_is_remembered)
{
	struct gl_buffer good, bad;
	struct gl_fixture f;

	start(&f);
	gl_buffer_create(&good, 64, 64, DRM_FORMAT_ARGB8888);
	gl_buffer_create(&bad, BAD_WIDTH, 64, DRM_FORMAT_ARGB8888);
	check_int(gl_attach_all(&f, &bad), -EIO);
	check_str(f.attached.message, "EGL cannot import it");
	check_int(f.log.warnings, 1);
	check_remembered(&f, &bad, -EIO);
	/* The pair of what was shown before goes all the same. */
	check_int(gl_attach_all(&f, &good), WLTEX_STATE_IMPORTED);
	check(f.attached.message == NULL);
	f.record.text[0] = '\0';
	check_int(gl_attach_all(&f, &bad), -EIO);
	check_record(&f.record, "destroying destroyed:replaced failed:attached");
	gl_fixture_finish(&f);
	gl_buffer_destroy(&good);
	gl_buffer_destroy(&bad);
}

/* It is this context that could not; and another wl_buffer is another matter. */
TEST(others_are_tried)
{
	struct wltex_texture *texture;
	struct gl_fixture f;
	struct gl_buffer a;

	start(&f);
	gl_buffer_create(&a, BAD_WIDTH, 64, DRM_FORMAT_ARGB8888);
	check_int(gl_attach_all(&f, &a), -EIO);
	bad_width = 0;
	check_remembered(&f, &a, -EIO);
	struct wltex_context *other = wltex_context_create(NULL);
	texture = wltex_texture_create(other, NULL, NULL, NULL);
	check_int(wltex_texture_attach_dmabuf(texture, a.dmabuf, NULL), WLTEX_STATE_IMPORTED);
	wltex_texture_destroy(texture);
	wltex_context_destroy(other);
	wltex_dmabuf_destroy(a.dmabuf);
	a.dmabuf = wltex_dmabuf_create(&a.attributes, NULL);
	check_int(gl_attach_all(&f, &a), WLTEX_STATE_IMPORTED);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

/* Memory may be had again: not at once is it given up. But at last it is. */
TEST(lack_of_memory)
{
	struct gl_fixture f;
	struct gl_buffer a, b;

	start(&f);
	gl_buffer_create(&a, BAD_WIDTH, 64, DRM_FORMAT_ARGB8888);
	gl_buffer_create(&b, BAD_WIDTH, 64, DRM_FORMAT_ARGB8888);
	image_error = EGL_BAD_ALLOC;
	check_int(gl_attach_all(&f, &a), -EIO);
	check_int(gl_attach_all(&f, &a), -EIO);
	bad_width = 0;
	check_int(gl_attach_all(&f, &a), WLTEX_STATE_IMPORTED);
	bad_width = BAD_WIDTH;
	for (int i = 0; i < 3; i++)
		check_int(gl_attach_all(&f, &b), -EIO);
	check_remembered(&f, &b, -EIO);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
	gl_buffer_destroy(&b);
}

/* Its owner made it smaller: that can be mended. */
TEST(shrunk_memory)
{
	struct gl_fixture f;
	struct gl_buffer a;

	start(&f);
	gl_buffer_create_unsealed(&a, 64, 64, DRM_FORMAT_ARGB8888);
	check(ftruncate(a.fd, 0) == 0);
	check_int(gl_attach_all(&f, &a), -EIO);
	check_str(f.attached.message, "its memory has shrunk");
	check(ftruncate(a.fd, (off_t)a.size) == 0);
	check_int(gl_attach_all(&f, &a), WLTEX_STATE_IMPORTED);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

/* EGL offers a format and makes no image of it, whoever made the memory. */
TEST(format_is_refused)
{
	struct gl_fixture f;
	struct gl_buffer a, b, other;

	start(&f);
	bad_format = (EGLint)DRM_FORMAT_ABGR8888;
	image_error = EGL_BAD_ALLOC;
	gl_buffer_create(&a, 64, 64, DRM_FORMAT_ABGR8888);
	gl_buffer_create(&b, 64, 64, DRM_FORMAT_ABGR8888);
	gl_buffer_create(&other, 64, 64, DRM_FORMAT_ARGB8888);
	check_int(gl_attach_all(&f, &a), -EIO);
	check_remembered(&f, &b, -EINVAL);
	check(strstr(f.attached.message, "format") != NULL);
	check_int(gl_attach_all(&f, &other), WLTEX_STATE_IMPORTED);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
	gl_buffer_destroy(&b);
	gl_buffer_destroy(&other);
}

/* A client makes as many as it likes that EGL cannot import: others keep the format. */
TEST(format_is_not_spoilt)
{
	struct gl_fixture f;
	struct gl_buffer good;

	start(&f);
	for (int i = 0; i < 10; i++) {
		struct gl_buffer bad;
		gl_buffer_create(&bad, BAD_WIDTH, 64, DRM_FORMAT_ABGR8888);
		check_int(gl_attach_all(&f, &bad), -EIO);
		gl_buffer_destroy(&bad);
	}
	gl_buffer_create(&good, 64, 64, DRM_FORMAT_ABGR8888);
	check_int(gl_attach_all(&f, &good), WLTEX_STATE_IMPORTED);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&good);
}

/* Once it worked, a failure is not the format's, whatever becomes of other memory. */
TEST(format_that_worked)
{
	struct gl_fixture f;
	struct gl_buffer a, b, c;

	start(&f);
	gl_buffer_create(&a, 64, 64, DRM_FORMAT_ABGR8888);
	gl_buffer_create(&b, 64, 64, DRM_FORMAT_ABGR8888);
	gl_buffer_create(&c, 64, 64, DRM_FORMAT_ABGR8888);
	check_int(gl_attach_all(&f, &a), WLTEX_STATE_IMPORTED);
	bad_format = (EGLint)DRM_FORMAT_ABGR8888;
	check_int(gl_attach_all(&f, &b), -EIO);
	bad_format = 0;
	check_int(gl_attach_all(&f, &c), WLTEX_STATE_IMPORTED);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
	gl_buffer_destroy(&b);
	gl_buffer_destroy(&c);
}

/* Where EGL takes no memory of ours, as with real GPUs, only dmabufs are remembered. */
TEST(no_memory_of_our_own)
{
	struct gl_fixture f;
	struct gl_buffer a, b;

	start(&f);
	bad_width = 64; /* the frame of our own, too */
	gl_buffer_create(&a, 64, 64, DRM_FORMAT_ABGR8888);
	gl_buffer_create(&b, 32, 32, DRM_FORMAT_ABGR8888);
	check_int(gl_attach_all(&f, &a), -EIO);
	check_int(gl_attach_all(&f, &b), WLTEX_STATE_IMPORTED);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
	gl_buffer_destroy(&b);
}
