/* SPDX-License-Identifier: MIT */
/* Another thread, no context, and contexts that go while something is alive. */
#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dmabuf/dmabuf.h"
#include "gl.h"

static const struct wltex_counts *counts_of(const struct gl_fixture *f)
{
	return wltex_owner_get_counts(f->owner);
}

/* Run a function on another thread and wait for it. */
static void elsewhere(void *(*run)(void *data), void *data)
{
	pthread_t thread;

	check_int(pthread_create(&thread, NULL, run, data), 0);
	check_int(pthread_join(thread, NULL), 0);
}

struct stage {
	struct gl_fixture f;
	struct gl_buffer a, b;
	struct gl_spy *spy;
	GLuint name;
};

static void stage_init(struct stage *s, enum wltex_context_mode mode)
{
	struct wltex_texture_info info;

	gl_fixture_init(&s->f, mode);
	gl_buffer_create(&s->a, 64, 64, DRM_FORMAT_ARGB8888);
	gl_buffer_create(&s->b, 64, 64, DRM_FORMAT_ARGB8888);
	s->spy = gl_spy(s->f.context);
	check_int(
		wltex_texture_attach_dmabuf(s->f.texture, s->a.dmabuf, NULL), WLTEX_STATE_IMPORTED);
	check(wltex_texture_get(s->f.texture, &info));
	s->name = info.name;
	check_record(&s->f.record, "imported:attached");
}

/* After misuse that was logged: all is as it was, and works on. */
static void check_untouched(struct stage *s, bool changed)
{
	const struct wltex_counts *c = counts_of(&s->f);
	struct wltex_texture_info info;

	check(s->f.log.errors > 0);
	s->f.log.errors = 0;
	check_record(&s->f.record, "");
	check_int(s->spy->images, 1);
	check(wltex_texture_get(s->f.texture, &info));
	check_int(info.name, s->name);
	check(gl_is_texture(info.name));
	check_int(c->imports + c->reimports, c->destroys + c->live_textures);
	check_int(c->live_textures, 1);
	/* What was changed meanwhile is not forgotten. */
	check_int(wltex_texture_attach_dmabuf(s->f.texture, s->a.dmabuf, NULL),
		changed ? WLTEX_STATE_REIMPORTED : WLTEX_STATE_REUSED);
	check_record(&s->f.record, changed ? "destroying destroyed:content_changed "
					     "reimported:content_changed"
					   : "reused:attached");
	check_int(
		wltex_texture_attach_dmabuf(s->f.texture, s->b.dmabuf, NULL), WLTEX_STATE_IMPORTED);
	check_record(&s->f.record, "destroying destroyed:replaced imported:attached");
	check_int(s->spy->images, 1);
}

static void stage_finish(struct stage *s)
{
	gl_fixture_finish(&s->f);
	check_int(s->spy->images, 0);
	gl_buffer_destroy(&s->a);
	gl_buffer_destroy(&s->b);
}

static void *use_everything(void *data)
{
	static const uint8_t pixel[4];
	const struct wltex_pixels pixels = {pixel, 1, 1, 4, DRM_FORMAT_ABGR8888};
	struct stage *s = data;

	check_int(wltex_texture_attach_dmabuf(s->f.texture, s->a.dmabuf, NULL), -EPERM);
	check_int(wltex_texture_attach_dmabuf(s->f.texture, s->b.dmabuf, NULL), -EPERM);
	check_int(wltex_texture_attach_pixels(s->f.texture, &pixels, NULL), -EPERM);
	check_int(wltex_texture_sync(s->f.texture, NULL), -EPERM);
	check_int(wltex_texture_release(s->f.texture, WLTEX_REASON_RELEASED), -EPERM);
	check_int(wltex_dmabuf_release(s->a.dmabuf, WLTEX_REASON_RELEASED), -EPERM);
	check_int(wltex_dmabuf_release(s->b.dmabuf, WLTEX_REASON_RELEASED), 0);
	wltex_texture_destroy(s->f.texture);
	wltex_context_destroy(s->f.context);
	return NULL;
}

static void check_wrong_thread(enum wltex_context_mode mode)
{
	struct stage s;

	stage_init(&s, mode);
	int n_fds = test_count_fds();
	elsewhere(use_everything, &s);
	check_int(test_count_fds(), n_fds);
	check_untouched(&s, false);
	stage_finish(&s);
}

TEST(wrong_thread_shared)
{
	check_wrong_thread(WLTEX_CONTEXT_SHARED);
}

TEST(wrong_thread_current)
{
	check_wrong_thread(WLTEX_CONTEXT_CURRENT);
}

static void *destroy_dmabuf(void *data)
{
	struct stage *s = data;

	wltex_dmabuf_destroy(s->a.dmabuf);
	s->a.dmabuf = NULL;
	return NULL;
}

/* GL can do nothing there; but nobody keeps a pointer to the dmabuf. */
TEST(dmabuf_destroyed_elsewhere)
{
	struct wltex_texture_info info;
	struct stage s;

	stage_init(&s, WLTEX_CONTEXT_SHARED);
	elsewhere(destroy_dmabuf, &s);
	check(s.f.log.errors > 0);
	s.f.log.errors = 0;
	check_record(&s.f.record, "");
	/* The texture lives on, as long as its own thread lets it. */
	check(wltex_texture_get(s.f.texture, &info));
	check_int(info.name, s.name);
	check_int(info.width, 64);
	check(gl_is_texture(s.name));
	check_int(wltex_texture_sync(s.f.texture, NULL), -ENOENT);
	check_int(wltex_texture_attach_dmabuf(s.f.texture, s.b.dmabuf, NULL), WLTEX_STATE_IMPORTED);
	check_record(&s.f.record, "destroying destroyed:replaced imported:attached");
	check(s.f.record.was_alive);
	check_int(s.spy->images, 1);
	gl_check_ledger(&s.f);
	stage_finish(&s);
}

TEST(dmabuf_destroyed_elsewhere_then_released)
{
	struct stage s;

	stage_init(&s, WLTEX_CONTEXT_SHARED);
	elsewhere(destroy_dmabuf, &s);
	s.f.log.errors = 0;
	check_int(wltex_texture_release(s.f.texture, WLTEX_REASON_BUFFER_DESTROYED), 0);
	check_record(&s.f.record, "destroying destroyed:buffer_destroyed");
	check(!gl_is_texture(s.name));
	check_int(s.spy->images, 0);
	stage_finish(&s);
}

TEST(dmabuf_destroyed_elsewhere_then_texture)
{
	struct stage s;

	stage_init(&s, WLTEX_CONTEXT_SHARED);
	elsewhere(destroy_dmabuf, &s);
	s.f.log.errors = 0;
	stage_finish(&s);
	check(!gl_is_texture(s.name));
}

/* The caller's context is current on a thread that it must not be on. */
struct holder {
	pthread_barrier_t barrier;
	EGLContext gl;
};

static void *hold_context(void *data)
{
	struct holder *holder = data;

	gl_make_current(holder->gl);
	pthread_barrier_wait(&holder->barrier);
	pthread_barrier_wait(&holder->barrier);
	gl_make_current(EGL_NO_CONTEXT);
	return NULL;
}

TEST(context_is_used_elsewhere)
{
	struct stage s;
	struct holder holder;
	pthread_t thread;

	stage_init(&s, WLTEX_CONTEXT_CURRENT);
	holder.gl = s.f.gl;
	gl_make_current(EGL_NO_CONTEXT);
	check_int(pthread_barrier_init(&holder.barrier, NULL, 2), 0);
	check_int(pthread_create(&thread, NULL, hold_context, &holder), 0);
	pthread_barrier_wait(&holder.barrier);

	s.a.data[0] ^= 1;
	check_int(wltex_texture_attach_dmabuf(s.f.texture, s.a.dmabuf, NULL), -EPERM);
	check_int(wltex_texture_attach_dmabuf(s.f.texture, s.b.dmabuf, NULL), -EPERM);
	check_int(wltex_texture_sync(s.f.texture, NULL), -EPERM);
	check_int(wltex_texture_release(s.f.texture, WLTEX_REASON_RELEASED), -EPERM);
	check_int(wltex_dmabuf_release(s.a.dmabuf, WLTEX_REASON_RELEASED), -EPERM);
	wltex_texture_destroy(s.f.texture);
	check(eglGetCurrentContext() == EGL_NO_CONTEXT);

	pthread_barrier_wait(&holder.barrier);
	check_int(pthread_join(thread, NULL), 0);
	gl_make_current(s.f.gl);
	check_untouched(&s, true);
	stage_finish(&s);
}

/* No context at all is no mistake: wltex makes its own current. */
TEST(no_current_context)
{
	struct stage s;

	stage_init(&s, WLTEX_CONTEXT_CURRENT);
	gl_make_current(EGL_NO_CONTEXT);
	check_int(wltex_texture_attach_dmabuf(s.f.texture, s.b.dmabuf, NULL), WLTEX_STATE_IMPORTED);
	check_record(&s.f.record, "destroying destroyed:replaced imported:attached");
	check(s.f.record.was_alive);
	check_int(wltex_texture_release(s.f.texture, WLTEX_REASON_RELEASED), 0);
	check(s.f.record.was_alive);
	check(eglGetCurrentContext() == EGL_NO_CONTEXT);
	gl_make_current(s.f.gl);
	check(!gl_is_texture(s.name));
	stage_finish(&s);
}

/* Survivors of the context: logged by owner, destroyed, and safe to destroy later. */
TEST(context_destroyed_with_survivors)
{
	static const uint8_t pixel[4];
	const struct wltex_pixels pixels = {pixel, 1, 1, 4, DRM_FORMAT_ABGR8888};
	struct wltex_texture_info info;
	struct gl_record record = {0};
	struct stage s;

	stage_init(&s, WLTEX_CONTEXT_SHARED);
	struct wltex_texture *other =
		wltex_texture_create(s.f.context, NULL, &gl_listener, &record);
	check_int(wltex_texture_attach_pixels(other, &pixels, NULL), WLTEX_STATE_IMPORTED);
	check_record(&record, "imported:attached");
	wltex_context_destroy(s.f.context);
	s.f.context = NULL;
	check_int(s.f.log.errors, 2);
	s.f.log.errors = 0;
	check(strstr(s.f.log.last, "client") != NULL || strstr(s.f.log.last, "no owner") != NULL);
	check_record(&s.f.record, "destroying destroyed:surface_destroyed");
	check_record(&record, "destroying destroyed:surface_destroyed");
	check(!gl_is_texture(s.name));
	check_int(s.spy->images, 0);
	check_int(counts_of(&s.f)->live_textures, 0);

	check(!wltex_texture_get(other, &info));
	check_int(wltex_texture_attach_dmabuf(other, s.a.dmabuf, NULL), -EPERM);
	check_int(wltex_texture_attach_pixels(other, &pixels, NULL), -EPERM);
	check_int(wltex_texture_sync(other, NULL), -EPERM);
	check_int(wltex_texture_release(other, WLTEX_REASON_RELEASED), 0);
	wltex_texture_destroy(other);
	wltex_dmabuf_destroy(s.a.dmabuf);
	s.a.dmabuf = NULL;
	stage_finish(&s);
}

/* The same where the ledger, and so the owner, was the context's own. */
TEST(survivors_with_own_ledger)
{
	struct gl_log log = {0};
	struct wltex_logger logger = gl_logger(&log);
	struct wltex_context_options options = {.logger = &logger};
	struct gl_record record = {0};
	struct gl_buffer a;

	gl_make_current(gl_context_create(EGL_NO_CONTEXT));
	struct wltex_context *context = wltex_context_create(&options);
	check(context != NULL);
	if (!wltex_context_get_capabilities(context)->dmabuf_import)
		test_skip("EGL cannot import dmabufs");
	struct wltex_owner *owner =
		wltex_owner_create(wltex_context_get_ledger(context), 42, "forgetful");
	struct wltex_texture *texture = wltex_texture_create(context, owner, &gl_listener, &record);
	gl_buffer_create(&a, 64, 64, DRM_FORMAT_ARGB8888);
	check_int(wltex_texture_attach_dmabuf(texture, a.dmabuf, NULL), WLTEX_STATE_IMPORTED);
	wltex_context_destroy(context);
	check_int(log.errors, 1);
	check(strstr(log.last, "forgetful") != NULL && strstr(log.last, "42") != NULL);
	check_int(wltex_owner_get_counts(owner)->live_textures, 0);
	check_int(wltex_owner_get_counts(owner)->destroys, 1);
	wltex_texture_destroy(texture);
	wltex_owner_destroy(owner);
	gl_buffer_destroy(&a);
}

/* The context cannot be made current any more: the texture lets go of the dmabuf still. */
TEST(context_destroyed_while_used_elsewhere)
{
	struct stage s;
	struct holder holder;
	pthread_t thread;

	stage_init(&s, WLTEX_CONTEXT_CURRENT);
	holder.gl = s.f.gl;
	gl_make_current(EGL_NO_CONTEXT);
	check_int(pthread_barrier_init(&holder.barrier, NULL, 2), 0);
	check_int(pthread_create(&thread, NULL, hold_context, &holder), 0);
	pthread_barrier_wait(&holder.barrier);
	wltex_context_destroy(s.f.context);
	s.f.context = NULL;
	check(s.f.log.errors > 0);
	s.f.log.errors = 0;
	check(wltex_list_empty(&s.a.dmabuf->users));
	check_int(s.spy->images, 0);
	check_int(counts_of(&s.f)->live_textures, 0);
	pthread_barrier_wait(&holder.barrier);
	check_int(pthread_join(thread, NULL), 0);
	gl_make_current(s.f.gl);
	stage_finish(&s);
}
