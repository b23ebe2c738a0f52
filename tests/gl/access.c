/* SPDX-License-Identifier: MIT */
/* Textures that are made when somebody asks for them. */
#include <errno.h>
#include <unistd.h>

#include "dmabuf/dmabuf.h"
#include "gl.h"
#include "sample.h"

#define SIDE 200

static const struct wltex_counts *counts_of(const struct gl_fixture *f)
{
	return wltex_owner_get_counts(f->owner);
}

static int attach_later(struct gl_fixture *f, const struct gl_buffer *buffer)
{
	return gl_attach(
		f, (struct wltex_attach){.dmabuf = buffer->dmabuf, .when = WLTEX_ON_ACCESS});
}

static int attach_rect_later(
	struct gl_fixture *f, const struct gl_buffer *buffer, int x, int y, unsigned side)
{
	pixman_region32_t damage;
	int ret;

	pixman_region32_init_rect(&damage, x, y, side, side);
	ret = gl_attach(
		f, (struct wltex_attach){
			   .dmabuf = buffer->dmabuf, .damage = &damage, .when = WLTEX_ON_ACCESS});
	pixman_region32_fini(&damage);
	return ret;
}

static bool ask(struct gl_fixture *f)
{
	struct wltex_texture_info info;

	return wltex_texture_get(f->texture, &info);
}

static bool has_pair(struct gl_fixture *f)
{
	struct wltex_texture_info info;

	return wltex_texture_peek(f->texture, &info);
}

static bool is_out_of_date(struct gl_fixture *f)
{
	struct wltex_texture_info info = {0};

	check(wltex_texture_peek(f->texture, &info));
	return info.out_of_date;
}

static void check_not_asked(const struct gl_fixture *f, uint64_t expected)
{
	gl_check_ledger(f);
	check_int(counts_of(f)->not_asked, expected);
}

TEST(nobody_asks)
{
	struct gl_buffer buffers[3];
	struct gl_fixture f;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	struct gl_spy *spy = gl_spy(f.context);
	for (int i = 0; i < 3; i++)
		gl_buffer_create(&buffers[i], SIDE, SIDE, DRM_FORMAT_ARGB8888);
	for (int i = 0; i < 200; i++) {
		check_int(attach_later(&f, &buffers[i % 3]), WLTEX_STATE_NOT_ASKED);
		check(f.attached.changed == NULL && f.attached.look_ns == 0);
		check(!has_pair(&f));
		check_not_asked(&f, (uint64_t)i + 1);
		if (i % 2 == 0)
			wltex_dmabuf_release(buffers[i % 3].dmabuf, WLTEX_REASON_RELEASED);
	}
	check_int(spy->made, 0);
	check_int(counts_of(&f)->imports, 0);
	check_int(counts_of(&f)->damage_claimed_px, 200 * SIDE * SIDE);
	check_int(counts_of(&f)->damage_true_px, 200 * SIDE * SIDE);
	check_record(&f.record, "");
	for (int i = 0; i < 3; i++) {
		check(buffers[i].dmabuf->mappings[0].data == NULL);
		gl_buffer_destroy(&buffers[i]);
	}
	gl_fixture_finish(&f);
}

TEST(somebody_asks)
{
	struct wltex_texture_info info;
	struct gl_fixture f;
	struct gl_buffer a;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	struct gl_spy *spy = gl_spy(f.context);
	gl_buffer_create(&a, SIDE, SIDE, DRM_FORMAT_ARGB8888);
	a.data[0] = 9;
	attach_later(&f, &a);
	attach_later(&f, &a);
	check(wltex_texture_get(f.texture, &info));
	check(gl_is_texture(info.name) && info.width == SIDE && !info.out_of_date);
	check_int(info.sum, gl_buffer_sum(&a));
	check_record(&f.record, "imported:attached");
	/* It counts for the second commit; of the first nobody ever asked. */
	check_int(counts_of(&f)->imports, 1);
	check_not_asked(&f, 1);
	for (int i = 0; i < 3; i++)
		check(ask(&f));
	check_int(spy->made, 1);
	check_record(&f.record, "");
	check_not_asked(&f, 1);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

TEST(compared_with_what_was_shown)
{
	struct gl_fixture f;
	struct gl_buffer a;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, SIDE, SIDE, DRM_FORMAT_ARGB8888);
	attach_later(&f, &a);
	check(ask(&f));
	check_record(&f.record, "imported:attached");

	attach_later(&f, &a);
	check(is_out_of_date(&f));
	check_record(&f.record, "");
	check(ask(&f) && !is_out_of_date(&f));
	check_record(&f.record, "reused:attached");

	a.data[a.size - 1]++;
	attach_later(&f, &a);
	check(ask(&f));
	check_record(&f.record, "destroying destroyed:content_changed reimported:content_changed");
	check_int(f.record.last.sum, gl_buffer_sum(&a));
	check_int(counts_of(&f)->imports, 1);
	check_int(counts_of(&f)->reimports, 1);
	check_int(counts_of(&f)->reuses, 1);
	check_not_asked(&f, 0);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

/* What was claimed since the last look is looked at, and no more than that. */
TEST(claims_add_up)
{
	struct gl_fixture f;
	struct gl_buffer a;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, SIDE, SIDE, DRM_FORMAT_ARGB8888);
	attach_later(&f, &a);
	check(ask(&f));
	f.record.text[0] = '\0';

	a.data[0]++;
	attach_rect_later(&f, &a, 0, 0, 10);
	attach_rect_later(&f, &a, 150, 150, 10);
	check(ask(&f));
	check_record(&f.record, "destroying destroyed:content_changed reimported:content_changed");
	/* That was looked at. What is not claimed is not. */
	a.data[0]++;
	attach_rect_later(&f, &a, 150, 150, 10);
	check(ask(&f));
	check_record(&f.record, "reused:attached");
	/* A claim waits for an attach that looks at once, too. */
	attach_rect_later(&f, &a, 0, 0, 10);
	check_int(gl_attach(&f,
			  (struct wltex_attach){.dmabuf = a.dmabuf,
				  .damage = &(pixman_region32_t){.extents = {150, 150, 160, 160}}}),
		WLTEX_STATE_REIMPORTED);
	check_not_asked(&f, 2);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

/* Very many claims become fewer that hold them all. */
TEST(many_claims)
{
	struct gl_fixture f;
	struct gl_buffer a;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, SIDE, SIDE, DRM_FORMAT_ARGB8888);
	attach_later(&f, &a);
	check(ask(&f));
	gl_buffer_row(&a, 150)[4 * 150]++;
	attach_rect_later(&f, &a, 150, 150, 1);
	for (int i = 0; i < 100; i++)
		attach_rect_later(&f, &a, 2 * (i % 10), 2 * (i / 10), 1);
	f.record.text[0] = '\0';
	check(ask(&f));
	check_record(&f.record, "destroying destroyed:content_changed reimported:content_changed");
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

/* A buffer of another size came between: nothing is left to compare with. */
TEST(another_shape_between)
{
	struct gl_fixture f;
	struct gl_buffer a, b;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, SIDE, SIDE, DRM_FORMAT_ARGB8888);
	gl_buffer_create(&b, SIDE, SIDE / 2, DRM_FORMAT_ARGB8888);
	attach_later(&f, &a);
	check(ask(&f));
	a.data[a.size - 1]++;
	attach_later(&f, &b);
	attach_rect_later(&f, &a, 0, 0, 10);
	check(ask(&f));
	check_int(f.record.last.sum, gl_buffer_sum(&a));
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
	gl_buffer_destroy(&b);
}

/* Another source: the pair of the one before is gone before anybody asks. */
TEST(replaced_at_once)
{
	static uint8_t data[64 * 64 * 4];
	const struct wltex_pixels pixels = {data, 64, 64, 256, DRM_FORMAT_ABGR8888};
	struct gl_fixture f;
	struct gl_buffer a, b;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	struct gl_spy *spy = gl_spy(f.context);
	gl_buffer_create(&a, SIDE, SIDE, DRM_FORMAT_ARGB8888);
	gl_buffer_create(&b, SIDE, SIDE, DRM_FORMAT_ARGB8888);
	for (int i = 0; i < 4; i++) {
		gl_attach_all(&f, &a);
		f.record.text[0] = '\0';
		if (i % 2 == 0)
			attach_later(&f, &b);
		else
			gl_attach(&f,
				(struct wltex_attach){.pixels = &pixels, .when = WLTEX_ON_ACCESS});
		check_record(&f.record, "destroying destroyed:replaced");
		check(!has_pair(&f));
		check_int(spy->images, 0);
		if (i < 2)
			continue;
		check(ask(&f));
		check_record(&f.record, "imported:attached");
	}
	check_not_asked(&f, 2);
	check_int(f.record.peak_live, 1);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
	gl_buffer_destroy(&b);
}

static void end(struct gl_fixture *f, struct gl_buffer *buffer, int way)
{
	if (way == 0)
		check_int(wltex_dmabuf_release(buffer->dmabuf, WLTEX_REASON_RELEASED), 0);
	else if (way == 1)
		check_int(wltex_texture_release(f->texture, WLTEX_REASON_DETACHED), 0);
	else
		gl_buffer_destroy(buffer);
}

/* Whatever ends the source, before somebody asked or after: nobody can ask for more. */
TEST(after_the_end)
{
	for (int way = 0; way < 3; way++) {
		for (int asked = 0; asked < 3; asked++) {
			uint8_t rows[8 * 8 * 4];
			struct gl_fixture f;
			struct gl_buffer a;

			gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
			struct gl_spy *spy = gl_spy(f.context);
			gl_buffer_create(&a, 8, 8, DRM_FORMAT_ARGB8888);
			attach_later(&f, &a);
			check(asked == 0 || ask(&f));
			if (asked == 2) /* and it is out of date again */
				attach_later(&f, &a);
			f.record.text[0] = '\0';
			end(&f, &a, way);
			check_int(strncmp(f.record.text, "destroying", 10) == 0, asked > 0);
			check_int(spy->images, 0);
			f.record.text[0] = '\0';
			check(!ask(&f));
			check_int(wltex_texture_sync(f.texture, NULL), -ENOENT);
			check_int(wltex_texture_read(f.texture, rows, 32), -ENOENT);
			check_record(&f.record, "");
			check_int(spy->made, asked > 0);
			check_not_asked(&f, asked != 1);
			gl_fixture_finish(&f);
			if (way != 2)
				gl_buffer_destroy(&a);
		}
	}
}

/* Asks for its own texture, and for another, whenever it hears anything. */
struct curious {
	struct wltex_texture *other;
	int n_destroying;
	bool other_had_one;
};

static void on_destroying(void *data, struct wltex_texture *texture)
{
	struct curious *curious = data;
	struct wltex_texture_info info;

	curious->n_destroying++;
	check(wltex_texture_get(texture, &info));
	check(gl_is_texture(info.name));
	curious->other_had_one = wltex_texture_get(curious->other, &info);
}

static void on_event(void *data, struct wltex_texture *texture, const struct wltex_event *event)
{
	struct wltex_texture_info info;

	check_int(wltex_texture_get(texture, &info), event->state != WLTEX_STATE_DESTROYED);
}

/* The pair that goes is out of date: whoever hears of its end gets it, and no other. */
TEST(inside_destroying)
{
	static const struct wltex_texture_listener listener = {on_destroying, on_event};
	const struct wltex_attach later = {.when = WLTEX_ON_ACCESS};

	for (int way = 0; way < 4; way++) {
		struct wltex_attach attach = later;
		struct curious curious = {0};
		struct wltex_texture *texture;
		struct gl_fixture f;
		struct gl_buffer a, b;

		gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
		struct gl_spy *spy = gl_spy(f.context);
		gl_buffer_create(&a, 64, 64, DRM_FORMAT_ARGB8888);
		gl_buffer_create(&b, 64, 64, DRM_FORMAT_ARGB8888);
		texture = wltex_texture_create(f.context, f.owner, &listener, &curious);
		curious.other = f.texture;
		attach.dmabuf = a.dmabuf;
		wltex_texture_attach(texture, &attach, NULL);
		check_int(wltex_texture_sync(texture, NULL), WLTEX_STATE_IMPORTED);
		a.data[0]++;
		wltex_texture_attach(texture, &attach, NULL);
		attach_later(&f, &b);
		check_int(spy->made, 1);
		if (way == 0)
			wltex_texture_release(texture, WLTEX_REASON_RELEASED);
		else if (way == 1)
			wltex_texture_attach_dmabuf(texture, b.dmabuf, NULL);
		else if (way == 2)
			check_int(wltex_texture_sync(texture, NULL), WLTEX_STATE_REIMPORTED);
		else
			gl_buffer_destroy(&a);
		check_int(curious.n_destroying, 1);
		check(curious.other_had_one);
		check_record(&f.record, "imported:attached");
		check_int(spy->made, way == 1 || way == 2 ? 3 : 2);
		gl_check_ledger(&f);
		wltex_texture_destroy(texture);
		gl_fixture_finish(&f);
		gl_buffer_destroy(&b);
		if (way != 3)
			gl_buffer_destroy(&a);
	}
}

/* Errors come at the access: as at an attach, the object is empty. */
TEST(failure_at_access)
{
	struct gl_fixture f;
	struct gl_buffer a, b;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	struct gl_spy *spy = gl_spy(f.context);
	gl_buffer_create(&a, 64, 64, DRM_FORMAT_ARGB8888);
	gl_buffer_create(&b, 64, 64, DRM_FORMAT_ARGB8888);
	spy->fail_image = true;
	attach_later(&f, &a);
	check_not_asked(&f, 1);
	check(!ask(&f));
	check_record(&f.record, "failed:attached");
	check_int(counts_of(&f)->failures, 1);
	check_not_asked(&f, 0);
	check(!ask(&f));
	check_record(&f.record, "");
	attach_later(&f, &b);
	check_int(wltex_texture_sync(f.texture, NULL), -EIO);
	check_record(&f.record, "failed:attached");
	check_not_asked(&f, 0);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
	gl_buffer_destroy(&b);
}

/* What can be told without GL is told at once. */
TEST(refused_at_once)
{
	struct gl_fixture f;
	struct gl_buffer a, refused;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, 64, 64, DRM_FORMAT_ARGB8888);
	gl_buffer_create(&refused, 64, 64, DRM_FORMAT_BGRX1010102);
	gl_attach_all(&f, &a);
	f.record.text[0] = '\0';
	check_int(attach_later(&f, &refused), -EINVAL);
	check_record(&f.record, "destroying destroyed:replaced refused:invalid");
	check(!ask(&f));
	check_not_asked(&f, 0);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
	gl_buffer_destroy(&refused);
}

/* A promise is of one commit, and believed when that is shown. */
TEST(promises)
{
	struct wltex_attach promise = {.has_sum = true, .sum = 7, .when = WLTEX_ON_ACCESS};
	struct gl_fixture f;
	struct gl_buffer a;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, 64, 64, DRM_FORMAT_ARGB8888);
	promise.dmabuf = a.dmabuf;
	gl_attach(&f, promise);
	check(ask(&f));
	check_int(f.record.last.sum, 7);
	f.record.text[0] = '\0';
	gl_attach(&f, promise);
	check(ask(&f));
	check_record(&f.record, "reused:attached");
	check(a.dmabuf->mappings[0].data == NULL);
	/* The next commit says nothing. */
	gl_attach(&f, promise);
	attach_later(&f, &a);
	check(ask(&f));
	check_record(&f.record, "destroying destroyed:content_changed reimported:content_changed");
	check_int(f.record.last.sum, gl_buffer_sum(&a));
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

TEST(no_reading)
{
	struct wltex_attach unread = {.no_reading = true, .when = WLTEX_ON_ACCESS};
	struct gl_fixture f;
	struct gl_buffer a;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, 64, 64, DRM_FORMAT_ARGB8888);
	unread.dmabuf = a.dmabuf;
	for (int i = 0; i < 3; i++) {
		gl_attach(&f, unread);
		check(ask(&f));
		check(!f.record.last.has_sum);
	}
	check_int(counts_of(&f)->reimports, 2);
	check(a.dmabuf->mappings[0].data == NULL);
	check_not_asked(&f, 0);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

/* The context's choice is for dmabufs; pixels may be gone by then. */
TEST(default_of_the_context)
{
	static uint8_t data[64 * 64 * 4];
	const struct wltex_pixels pixels = {data, 64, 64, 256, DRM_FORMAT_ABGR8888};
	struct gl_fixture f;
	struct gl_buffer a;

	gl_fixture_init_with(&f, (struct wltex_context_options){
					 .mode = WLTEX_CONTEXT_SHARED, .when = WLTEX_ON_ACCESS});
	gl_buffer_create(&a, 64, 64, DRM_FORMAT_ARGB8888);
	check_int(gl_attach_all(&f, &a), WLTEX_STATE_NOT_ASKED);
	check_int(wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL), WLTEX_STATE_NOT_ASKED);
	check_int(gl_attach(&f, (struct wltex_attach){.dmabuf = a.dmabuf, .when = WLTEX_AT_ATTACH}),
		WLTEX_STATE_IMPORTED);
	check_int(wltex_texture_attach_pixels(f.texture, &pixels, NULL), WLTEX_STATE_IMPORTED);
	check_not_asked(&f, 2);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

/* Pixels that stay: only the tiles that changed are uploaded, when somebody asks. */
TEST(pixels)
{
	static uint8_t data[128 * 64 * 4];
	const struct wltex_pixels pixels = {data, 128, 64, 512, DRM_FORMAT_ABGR8888};
	const struct wltex_attach later = {.pixels = &pixels, .when = WLTEX_ON_ACCESS};
	struct gl_fixture f;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	check_int(gl_attach(&f, later), WLTEX_STATE_NOT_ASKED);
	check(!has_pair(&f));
	data[0] = 1;
	sample_check(f.texture, DRM_FORMAT_ABGR8888, data, 512);
	check_record(&f.record, "imported:attached");
	check_int(gl_attach(&f, later), WLTEX_STATE_NOT_ASKED);
	check(is_out_of_date(&f));
	data[511] = 1;
	sample_check(f.texture, DRM_FORMAT_ABGR8888, data, 512);
	check_record(&f.record, "reimported:content_changed");
	gl_attach(&f, later);
	check(ask(&f));
	check_record(&f.record, "reused:attached");
	check_int(counts_of(&f)->uploads, 1);
	check_not_asked(&f, 0);
	gl_fixture_finish(&f);
}

TEST(reading_back)
{
	static uint8_t rows[8 * 8 * 4];
	struct gl_fixture f;
	struct gl_buffer a;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, 8, 8, DRM_FORMAT_ABGR8888);
	for (uint8_t i = 1; i < 4; i++) {
		a.data[0] = i;
		attach_later(&f, &a);
		check_int(wltex_texture_read(f.texture, rows, 32), 0);
		check_int(rows[0], i);
	}
	check_int(counts_of(&f)->imports + counts_of(&f)->reimports, 3);
	check_not_asked(&f, 0);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

/* Nothing is made for a reading that is refused. */
TEST(reading_back_what_can_shrink)
{
	static uint8_t rows[64 * 64 * 4];
	struct gl_fixture f;
	struct gl_buffer a;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	struct gl_spy *spy = gl_spy(f.context);
	gl_buffer_create_unsealed(&a, 64, 64, DRM_FORMAT_ARGB8888);
	attach_later(&f, &a);
	check_int(wltex_texture_read(f.texture, rows, 256), -EACCES);
	check_int(f.log.warnings, 1);
	check(strstr(f.log.last, "sealed") != NULL);
	check_int(spy->made, 0);
	check_not_asked(&f, 1);
	/* To show it is its own matter. */
	check(ask(&f));
	check_int(wltex_texture_read(f.texture, rows, 256), -EACCES);
	check(ftruncate(a.fd, 100) == 0);
	check_int(wltex_texture_read(f.texture, rows, 256), -EACCES);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

/* --- A model of the rules, against random moves. */

#define N_BUFFERS 3

struct world {
	struct gl_fixture f;
	struct gl_buffer buffers[N_BUFFERS];
	int attached; // which of them, or -1
	bool current; // somebody asked since
	uint64_t n_asked, n_sums;
};

static void attach_randomly(struct world *w, uint32_t *seed)
{
	int next = (int)gl_random_below(seed, N_BUFFERS);
	struct gl_buffer *buffer = &w->buffers[next];
	bool later = gl_random_below(seed, 3) > 0;
	pixman_region32_t damage;
	uint32_t x = gl_random_below(seed, SIDE - 10), y = gl_random_below(seed, SIDE - 10);

	/* Legal: all buffers show the same, and the change is claimed. */
	pixman_region32_init_rect(&damage, (int)x, (int)y, 10, 10);
	for (uint32_t row = y; row < y + 10 && gl_random_below(seed, 3) > 0; row++)
		gl_random(seed, gl_buffer_row(buffer, row) + 4 * (size_t)x, 40);
	for (int i = 0; i < N_BUFFERS; i++) {
		if (i != next)
			memcpy(w->buffers[i].data, buffer->data, buffer->size);
	}
	int state =
		gl_attach(&w->f, (struct wltex_attach){.dmabuf = buffer->dmabuf,
					 .damage = gl_random_below(seed, 9) > 0 ? &damage : NULL,
					 .no_reading = gl_random_below(seed, 9) == 0,
					 .when = later ? WLTEX_ON_ACCESS : WLTEX_AT_ATTACH});
	check_int(state == WLTEX_STATE_NOT_ASKED, later);
	if (later && next != w->attached)
		check(!has_pair(&w->f));
	w->attached = next;
	w->current = !later;
	w->n_asked += !later;
	pixman_region32_fini(&damage);
}

/* Software GL shows the memory as it is; that it was looked at, the sum tells. */
static void ask_randomly(struct world *w)
{
	struct wltex_texture_info info;

	check_int(wltex_texture_get(w->f.texture, &info), w->attached >= 0);
	if (w->attached < 0)
		return;
	w->n_asked += !w->current;
	w->current = true;
	if (info.has_sum)
		check_int(info.sum, gl_buffer_sum(&w->buffers[w->attached]));
	w->n_sums += info.has_sum;
}

static void release_randomly(struct world *w, uint32_t *seed)
{
	if (w->attached < 0)
		return;
	wltex_texture_release(w->f.texture,
		gl_random_below(seed, 2) ? WLTEX_REASON_RELEASED : WLTEX_REASON_DETACHED);
	w->attached = -1;
}

TEST(random_worlds)
{
	for (uint32_t seed = 1; seed <= 12; seed++) {
		uint32_t random = seed;
		struct world w = {.attached = -1};

		gl_fixture_init(&w.f, WLTEX_CONTEXT_SHARED);
		struct gl_spy *spy = gl_spy(w.f.context);
		for (int i = 0; i < N_BUFFERS; i++)
			gl_buffer_create(&w.buffers[i], SIDE, SIDE, DRM_FORMAT_ABGR8888);
		for (int move = 0; move < 150; move++) {
			uint32_t which = gl_random_below(&random, 10);
			if (which < 6)
				attach_randomly(&w, &random);
			else if (which < 9)
				ask_randomly(&w);
			else
				release_randomly(&w, &random);
			check_int(spy->images, has_pair(&w.f));
			check_not_asked(&w.f, counts_of(&w.f)->commits - w.n_asked);
			w.f.record.text[0] = '\0';
		}
		check_int(w.f.record.peak_live, 1);
		check(w.n_sums > 10);
		gl_fixture_finish(&w.f);
		for (int i = 0; i < N_BUFFERS; i++)
			gl_buffer_destroy(&w.buffers[i]);
	}
}
