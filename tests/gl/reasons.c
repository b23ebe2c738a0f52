/* SPDX-License-Identifier: MIT */
/* What is not done is said, with its reason: content that is not read, sources that are refused. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "dmabuf/dmabuf.h"
#include "gl.h"

/* The texture, the event and the log say the same; the log says it once. */
static void check_content(struct gl_fixture *f, struct gl_buffer *a, enum wltex_content expected)
{
	const char *message = wltex_content_message(expected);
	bool has_sum = expected == WLTEX_CONTENT_SUM;
	struct wltex_texture_info info;

	f->log.last[0] = '\0';
	check_int(gl_attach_all(f, a), WLTEX_STATE_IMPORTED);
	check(wltex_texture_peek(f->texture, &info));
	check_str(wltex_content_message(info.content), message);
	check_str(wltex_content_message(f->record.last.content), message);
	check_int(info.has_sum, has_sum);
	check_int(f->record.last.has_sum, has_sum);
	check_int(strstr(f->log.last, message) != NULL, !has_sum);
	f->log.last[0] = '\0';
	gl_attach_all(f, a);
	check_str(f->log.last, "");
	check_int(wltex_texture_release(f->texture, WLTEX_REASON_DETACHED), 0);
	check_str(wltex_content_message(f->record.destroyed.content), message);
	gl_buffer_destroy(a);
}

TEST(why_there_is_no_sum)
{
	struct gl_fixture f;
	struct gl_buffer a;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, 64, 64, DRM_FORMAT_ARGB8888);
	check_content(&f, &a, WLTEX_CONTENT_SUM);
	gl_buffer_create_unsealed(&a, 64, 64, DRM_FORMAT_ARGB8888);
	check_content(&f, &a, WLTEX_CONTENT_CAN_SHRINK);
	gl_buffer_create(&a, 8192, 2049, DRM_FORMAT_ARGB8888);
	check_content(&f, &a, WLTEX_CONTENT_TOO_LARGE);
	gl_buffer_create(&a, 64, 64, DRM_FORMAT_ARGB8888);
	a.dmabuf->cost.too_slow = true;
	check_content(&f, &a, WLTEX_CONTENT_TOO_SLOW);
	gl_buffer_create(&a, 64, 64, DRM_FORMAT_ARGB8888);
	if (fallocate(a.fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096) == 0)
		check_content(&f, &a, WLTEX_CONTENT_NOT_RESIDENT);
	else
		gl_buffer_destroy(&a);
	gl_fixture_finish(&f);
}

TEST(compared_without_a_sum)
{
	struct gl_fixture f;
	struct gl_buffer a;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_need_format(f.context, DRM_FORMAT_YUYV);
	gl_buffer_create(&a, 64, 64, DRM_FORMAT_YUYV);
	check_int(gl_attach_all(&f, &a), WLTEX_STATE_IMPORTED);
	check_int(gl_attach_all(&f, &a), WLTEX_STATE_REUSED);
	check_int(f.record.last.content, WLTEX_CONTENT_COMPARED);
	a.data[0] ^= 1;
	check_int(gl_attach_all(&f, &a), WLTEX_STATE_REIMPORTED);
	check_int(wltex_texture_release(f.texture, WLTEX_REASON_DETACHED), 0);
	check_content(&f, &a, WLTEX_CONTENT_COMPARED);
	gl_fixture_finish(&f);
}

TEST(not_looked_at)
{
	struct wltex_texture_info info;
	struct gl_fixture f;
	struct gl_buffer a;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, 64, 64, DRM_FORMAT_ARGB8888);
	gl_attach(&f, (struct wltex_attach){.dmabuf = a.dmabuf, .no_reading = true});
	check(wltex_texture_peek(f.texture, &info));
	check_int(info.content, WLTEX_CONTENT_UNREAD);
	gl_attach(&f, (struct wltex_attach){.dmabuf = a.dmabuf, .has_sum = true, .sum = 7});
	check(wltex_texture_peek(f.texture, &info));
	check_int(info.content, WLTEX_CONTENT_SUM);
	check_str(wltex_content_message((enum wltex_content)99), "unknown");
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

/* What came of an attach that is refused: a reason, which the log says together with what it was. */
static void check_refused(
	struct gl_fixture *f, const struct wltex_attach *attach, const char *why, const char *what)
{
	f->log.last[0] = '\0';
	check_int(gl_attach(f, *attach), -EINVAL);
	check_str(f->attached.message, why);
	check(strstr(f->log.last, why) != NULL);
	check(strstr(f->log.last, what) != NULL);
	gl_check_ledger(f);
}

/* A dmabuf with other attributes than those it is made for; nothing is imported of it. */
static void check_refused_dmabuf(struct gl_fixture *f, struct wltex_dmabuf_attributes attributes,
	const char *why, const char *what)
{
	struct gl_buffer a;

	gl_buffer_create(&a, attributes.width, attributes.height, DRM_FORMAT_XRGB8888);
	attributes.n_planes = 1;
	attributes.planes[0] = a.attributes.planes[0];
	wltex_dmabuf_destroy(a.dmabuf);
	a.dmabuf = wltex_dmabuf_create(&attributes, NULL);
	check(a.dmabuf != NULL);
	check_refused(f, &(struct wltex_attach){.dmabuf = a.dmabuf}, why, what);
	gl_buffer_destroy(&a);
}

TEST(why_a_dmabuf_is_refused)
{
	struct wltex_dmabuf_attributes good = {.width = 64,
		.height = 32,
		.format = DRM_FORMAT_XRGB8888,
		.modifier = DRM_FORMAT_MOD_LINEAR};
	struct wltex_dmabuf_attributes a = good;
	struct gl_fixture f;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	a.format = 0x01020304;
	check_refused_dmabuf(&f, a, "EGL does not offer the format with this modifier",
		"...., modifier LINEAR, 64x32, planes: 1, flags: 0");
	a = good;
	a.modifier = I915_FORMAT_MOD_X_TILED;
	if (wltex_context_get_capabilities(f.context)->modifiers)
		check_refused_dmabuf(&f, a, "EGL does not offer the format with this modifier",
			"XR24, modifier X_TILED");
	a = good;
	a.flags = WLTEX_DMABUF_INTERLACED;
	check_refused_dmabuf(&f, a, "interlaced pictures are not imported", "flags: 0x2");
	a = good;
	a.width = wltex_context_get_capabilities(f.context)->max_texture_size + 1;
	a.height = 1;
	check_refused_dmabuf(&f, a, "it is larger than GL allows", "XR24");
	gl_fixture_finish(&f);
}

TEST(why_pixels_are_refused)
{
	static uint8_t data[64];
	struct wltex_pixels good = {data, 4, 4, 16, DRM_FORMAT_ABGR8888}, pixels = good;
	const struct wltex_attach attach = {.pixels = &pixels};
	struct gl_fixture f;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	pixels.format = DRM_FORMAT_NV12;
	check_refused(
		&f, &attach, "GL cannot take pixels of the format", "NV12, 4x4, of stride 16");
	pixels = good;
	pixels.stride = 15;
	check_refused(&f, &attach, "its size or stride is wrong", "AB24, 4x4, of stride 15");
	pixels = good;
	pixels.width = 1u << 30;
	check_refused(&f, &attach, "it is larger than GL allows", "1073741824x4");
	gl_fixture_finish(&f);
}

TEST(why_a_call_is_refused)
{
	static uint8_t data[64];
	const struct wltex_pixels pixels = {data, 4, 4, 16, DRM_FORMAT_ABGR8888};
	struct gl_fixture f;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	check_refused(&f, &(struct wltex_attach){.dmabuf = NULL},
		"neither or both of dmabuf and pixels", "not attached");
	check_refused(&f, &(struct wltex_attach){.pixels = &pixels, .when = (enum wltex_when)3},
		"no such time to make it", "not attached");
	check_record(&f.record, "");
	check_int(wltex_ledger_get_counts(f.ledger)->commits, 0);
	gl_fixture_finish(&f);
}

/* EGL's own error says what it was of. */
TEST(why_an_import_failed)
{
	struct gl_fixture f;
	struct gl_buffer a;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, 64, 32, DRM_FORMAT_XRGB8888);
	gl_spy(f.context)->fail_image = true;
	check_int(gl_attach_all(&f, &a), -EIO);
	check(strstr(f.log.last, "eglCreateImage failed: 0x") != NULL);
	check(strstr(f.log.last, "XR24, modifier LINEAR, 64x32") != NULL);
	check_str(f.attached.message, "EGL cannot import it");
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}
