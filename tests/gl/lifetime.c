/* SPDX-License-Identifier: MIT */
/* The lifetime rules: what is destroyed when, by order of events and by counts. */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gl.h"

static GLuint name_of(struct wltex_texture *texture)
{
	struct wltex_texture_info info;

	check(wltex_texture_get(texture, &info));
	check(gl_is_texture(info.name));
	return info.name;
}

static bool is_empty(struct wltex_texture *texture)
{
	struct wltex_texture_info info;

	return !wltex_texture_get(texture, &info);
}

TEST(first_attach_imports)
{
	struct gl_fixture f;
	struct gl_buffer a;
	struct wltex_texture_info info;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, 64, 32, DRM_FORMAT_ARGB8888);
	check(is_empty(f.texture));
	check_int(wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL), WLTEX_STATE_IMPORTED);
	check_record(&f.record, "imported:attached");
	check(f.record.last.has_sum);
	check_int(f.record.last.sum, gl_buffer_sum(&a));
	check(wltex_texture_get(f.texture, &info));
	check(gl_is_texture(info.name));
	check_int(info.target, GL_TEXTURE_2D);
	check_int(info.width, 64);
	check_int(info.height, 32);
	check_int(info.format, DRM_FORMAT_ARGB8888);
	check(info.has_alpha && !info.y_inverted && info.has_sum);
	check_int(info.sum, gl_buffer_sum(&a));
	gl_check_ledger(&f);
	check_int(wltex_ledger_get_counts(f.ledger)->live_bytes, 64 * 32 * 4);
	gl_fixture_finish(&f);
	check_record(&f.record, "");
	gl_buffer_destroy(&a);
}

TEST(another_source_destroys_first)
{
	struct gl_fixture f;
	struct gl_buffer a, b;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, 64, 32, DRM_FORMAT_XRGB8888);
	gl_buffer_create(&b, 32, 64, DRM_FORMAT_XRGB8888);
	wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL);
	GLuint name = name_of(f.texture);
	check_record(&f.record, "imported:attached");
	for (int i = 0; i < 4; i++) {
		struct gl_buffer *next = i % 2 == 0 ? &b : &a;
		check_int(wltex_texture_attach_dmabuf(f.texture, next->dmabuf, NULL),
			WLTEX_STATE_IMPORTED);
		check_record(&f.record, "destroying destroyed:replaced imported:attached");
		check_int(f.record.destroying, name);
		check(f.record.was_alive);
		name = name_of(f.texture);
		gl_check_ledger(&f);
	}
	check_int(f.record.peak_live, 1);
	check_int(wltex_ledger_get_counts(f.ledger)->peak_live_textures, 1);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
	gl_buffer_destroy(&b);
}

/* A format that EGL does not offer: refused before EGL is asked. */
TEST(refused_source_empties)
{
	struct gl_fixture f;
	struct gl_buffer a, b;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, 64, 32, DRM_FORMAT_XRGB8888);
	gl_buffer_create(&b, 64, 32, DRM_FORMAT_BGRX1010102);
	wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL);
	GLuint name = name_of(f.texture);
	check_record(&f.record, "imported:attached");
	check_int(wltex_texture_attach_dmabuf(f.texture, b.dmabuf, NULL), -EINVAL);
	check_record(&f.record, "destroying destroyed:replaced refused:invalid");
	check(is_empty(f.texture) && !gl_is_texture(name));
	check_int(wltex_ledger_get_counts(f.ledger)->refused, 1);
	check_int(wltex_ledger_get_counts(f.ledger)->live_textures, 0);
	check_int(wltex_texture_sync(f.texture, NULL), -ENOENT);
	check_int(wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL), WLTEX_STATE_IMPORTED);
	gl_check_ledger(&f);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
	gl_buffer_destroy(&b);
}

/* A source of the right format that EGL or GL fails to import. */
static void check_failing_import(void (*fail)(struct gl_spy *spy))
{
	struct gl_fixture f;
	struct gl_buffer a, b;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	struct gl_spy *spy = gl_spy(f.context);
	gl_buffer_create(&a, 64, 32, DRM_FORMAT_XRGB8888);
	gl_buffer_create(&b, 64, 32, DRM_FORMAT_XRGB8888);
	b.data[0] = 1;
	wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL);
	GLuint name = name_of(f.texture);
	check_record(&f.record, "imported:attached");

	fail(spy);
	int n_fds = test_count_fds();
	check_int(wltex_texture_attach_dmabuf(f.texture, b.dmabuf, NULL), -EIO);
	check_record(&f.record, "destroying destroyed:replaced failed:attached");
	check(is_empty(f.texture) && !gl_is_texture(name));
	check_int(spy->images, 0);
	check(test_count_fds() <= n_fds);
	check_int(wltex_ledger_get_counts(f.ledger)->failures, 1);
	check_int(wltex_texture_sync(f.texture, NULL), -ENOENT);
	gl_check_ledger(&f);
	/* The texture let go of it. */
	gl_buffer_destroy(&b);
	check_record(&f.record, "");

	spy->fail_image = spy->fail_texture = false;
	check_int(wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL), WLTEX_STATE_IMPORTED);
	check_record(&f.record, "imported:attached");
	/* The failing one may be the same source again. */
	a.data[0] ^= 1;
	spy->fail_image = true;
	check_int(wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL), -EIO);
	check_record(&f.record, "destroying destroyed:content_changed failed:attached");
	check_int(spy->images, 0);
	gl_check_ledger(&f);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

static void break_image(struct gl_spy *spy)
{
	spy->fail_image = true;
}

static void break_texture(struct gl_spy *spy)
{
	spy->fail_texture = true;
}

TEST(failing_import_no_image)
{
	check_failing_import(break_image);
}

TEST(failing_import_no_texture)
{
	check_failing_import(break_texture);
}

TEST(unchanged_is_reused)
{
	struct gl_fixture f;
	struct gl_buffer a;
	uint32_t seed = 1;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, 200, 130, DRM_FORMAT_ARGB8888);
	gl_random(&seed, a.data, a.size);
	struct gl_spy *spy = gl_spy(f.context);
	wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL);
	GLuint name = name_of(f.texture);
	check_record(&f.record, "imported:attached");
	for (int i = 0; i < 10; i++) {
		check_int(
			wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL), WLTEX_STATE_REUSED);
		check_record(&f.record, "reused:attached");
		check_int(name_of(f.texture), name);
		gl_check_ledger(&f);
	}
	check_int(spy->made, 1);
	check_int(wltex_ledger_get_counts(f.ledger)->redundant_commits, 10);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

TEST(last_byte_is_seen)
{
	struct gl_fixture f;
	struct gl_buffer a;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, 200, 130, DRM_FORMAT_ARGB8888);
	wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL);
	check_record(&f.record, "imported:attached");
	GLuint name = name_of(f.texture);
	for (int i = 0; i < 3; i++) {
		uint32_t before = gl_buffer_sum(&a);
		a.data[a.size - 1] ^= 0x80;
		check_int(wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL),
			WLTEX_STATE_REIMPORTED);
		check_record(&f.record,
			"destroying destroyed:content_changed reimported:content_changed");
		check_int(f.record.destroying, name);
		check(f.record.was_alive);
		check(f.record.last.sum != before);
		check_int(f.record.last.sum, gl_buffer_sum(&a));
		name = name_of(f.texture);
		gl_check_ledger(&f);
	}
	check_int(f.record.peak_live, 1);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

/* The same by way of sync, which counts no commit. */
TEST(sync)
{
	struct gl_fixture f;
	struct gl_buffer a;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	const struct wltex_counts *counts = wltex_owner_get_counts(f.owner);
	gl_buffer_create(&a, 100, 70, DRM_FORMAT_ARGB8888);
	check_int(wltex_texture_sync(f.texture, NULL), -ENOENT);
	check_record(&f.record, "");
	wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL);
	check_record(&f.record, "imported:attached");
	check_int(wltex_texture_sync(f.texture, NULL), WLTEX_STATE_REUSED);
	check_record(&f.record, "reused:attached");
	a.data[a.size - 1] = 7;
	check_int(wltex_texture_sync(f.texture, NULL), WLTEX_STATE_REIMPORTED);
	check_record(&f.record, "destroying destroyed:content_changed reimported:content_changed");
	check_int(counts->commits, 1);
	check_int(counts->damage_claimed_px, 100 * 70);
	check_int(counts->redundant_commits, 0);
	wltex_texture_release(f.texture, WLTEX_REASON_RELEASED);
	check_int(wltex_texture_sync(f.texture, NULL), -ENOENT);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

TEST(release_destroys_at_once)
{
	static const struct {
		enum wltex_reason reason;
		const char *record;
	} cases[] = {
		{WLTEX_REASON_RELEASED, "destroying destroyed:released"},
		{WLTEX_REASON_DETACHED, "destroying destroyed:detached"},
		{WLTEX_REASON_LIMIT, "destroying destroyed:limit"},
	};
	struct gl_fixture f;
	struct gl_buffer a;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	struct gl_spy *spy = gl_spy(f.context);
	gl_buffer_create(&a, 64, 64, DRM_FORMAT_ARGB8888);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		check_int(wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL),
			WLTEX_STATE_IMPORTED);
		check_record(&f.record, "imported:attached");
		GLuint name = name_of(f.texture);
		check_int(wltex_texture_release(f.texture, cases[i].reason), 0);
		check_record(&f.record, cases[i].record);
		check(is_empty(f.texture) && !gl_is_texture(name));
		check_int(spy->images, 0);
		check_int(wltex_texture_release(f.texture, cases[i].reason), 0);
		check_record(&f.record, "");
		gl_check_ledger(&f);
	}
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

#define N_TEXTURES 5

static void create_textures(struct gl_fixture *f, struct wltex_texture *textures[],
	struct gl_record records[], struct wltex_dmabuf *dmabuf)
{
	for (int i = 0; i < N_TEXTURES; i++) {
		records[i] = (struct gl_record){0};
		textures[i] = wltex_texture_create(f->context, f->owner, &gl_listener, &records[i]);
		check(textures[i] != NULL);
		check_int(wltex_texture_attach_dmabuf(textures[i], dmabuf, NULL),
			WLTEX_STATE_IMPORTED);
		check_record(&records[i], "imported:attached");
	}
}

TEST(dmabuf_destroyed_while_attached)
{
	struct wltex_texture *textures[N_TEXTURES];
	struct gl_record records[N_TEXTURES];
	struct gl_fixture f;
	struct gl_buffer a;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	struct gl_spy *spy = gl_spy(f.context);
	gl_buffer_create(&a, 64, 64, DRM_FORMAT_ARGB8888);
	create_textures(&f, textures, records, a.dmabuf);
	check_int(spy->images, N_TEXTURES);
	GLuint name = name_of(textures[2]);
	int n_fds = test_count_fds();
	wltex_dmabuf_destroy(a.dmabuf);
	a.dmabuf = NULL;
	check(test_count_fds() < n_fds);
	check_int(spy->images, 0);
	check(!gl_is_texture(name));
	gl_check_ledger(&f);
	for (int i = 0; i < N_TEXTURES; i++) {
		check_record(&records[i], "destroying destroyed:buffer_destroyed");
		check(is_empty(textures[i]));
		check_int(wltex_texture_sync(textures[i], NULL), -ENOENT);
		wltex_texture_destroy(textures[i]);
		check_record(&records[i], "");
	}
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

TEST(dmabuf_released_while_attached)
{
	struct wltex_texture *textures[N_TEXTURES];
	struct gl_record records[N_TEXTURES];
	struct gl_fixture f;
	struct gl_buffer a;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	struct gl_spy *spy = gl_spy(f.context);
	gl_buffer_create(&a, 64, 64, DRM_FORMAT_ARGB8888);
	check_int(wltex_dmabuf_release(a.dmabuf, WLTEX_REASON_RELEASED), 0);
	create_textures(&f, textures, records, a.dmabuf);
	check_int(wltex_dmabuf_release(a.dmabuf, WLTEX_REASON_RELEASED), 0);
	check_int(spy->images, 0);
	check_int(wltex_ledger_get_counts(f.ledger)->live_textures, 0);
	for (int i = 0; i < N_TEXTURES; i++)
		check_record(&records[i], "destroying destroyed:released");
	check_int(wltex_dmabuf_release(a.dmabuf, WLTEX_REASON_RELEASED), 0);
	/* The dmabuf is as good as before. */
	check_int(wltex_texture_attach_dmabuf(textures[0], a.dmabuf, NULL), WLTEX_STATE_IMPORTED);
	check_record(&records[0], "imported:attached");
	gl_check_ledger(&f);
	for (int i = 0; i < N_TEXTURES; i++)
		wltex_texture_destroy(textures[i]);
	check_record(&records[0], "destroying destroyed:surface_destroyed");
	check_record(&records[1], "");
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

/* The event of one texture destroys the others: they stand on the same list. */
struct chain {
	struct wltex_texture *textures[N_TEXTURES];
	int n_destroyed;
};

static void destroy_the_others(
	void *data, struct wltex_texture *texture, const struct wltex_event *event)
{
	struct chain *chain = data;

	if (event->state != WLTEX_STATE_DESTROYED || chain->n_destroyed++ > 0)
		return;
	for (int i = 0; i < N_TEXTURES; i++) {
		struct wltex_texture *other = chain->textures[i];
		if (other == texture || other == NULL)
			continue;
		chain->textures[i] = NULL;
		wltex_texture_destroy(other);
	}
}

static void check_reentrance(void (*end)(struct wltex_dmabuf *dmabuf))
{
	static const struct wltex_texture_listener listener = {.event = destroy_the_others};
	struct chain chain = {0};
	struct gl_fixture f;
	struct gl_buffer a;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, 64, 64, DRM_FORMAT_ARGB8888);
	for (int i = 0; i < N_TEXTURES; i++) {
		chain.textures[i] = wltex_texture_create(f.context, f.owner, &listener, &chain);
		wltex_texture_attach_dmabuf(chain.textures[i], a.dmabuf, NULL);
	}
	end(a.dmabuf);
	check_int(chain.n_destroyed, N_TEXTURES);
	gl_check_ledger(&f);
	for (int i = 0; i < N_TEXTURES; i++)
		wltex_texture_destroy(chain.textures[i]);
	gl_fixture_finish(&f);
	munmap(a.data, a.size);
	close(a.fd);
}

static void release_then_destroy(struct wltex_dmabuf *dmabuf)
{
	check_int(wltex_dmabuf_release(dmabuf, WLTEX_REASON_RELEASED), 0);
	wltex_dmabuf_destroy(dmabuf);
}

TEST(listener_destroys_others_on_release)
{
	check_reentrance(release_then_destroy);
}

TEST(listener_destroys_others_on_destroy)
{
	check_reentrance(wltex_dmabuf_destroy);
}
