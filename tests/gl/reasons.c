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
