/* SPDX-License-Identifier: MIT */
/* Claimed damage, true damage, and promised sums. */
#include <errno.h>

#include "gl.h"

#define SIZE 256

static const struct wltex_counts *counts_of(const struct gl_fixture *f)
{
	return wltex_owner_get_counts(f->owner);
}

struct rect {
	int x, y;
	unsigned width, height;
};

/* The buffer's pixel in column x, row y changes, and is attached with damage. */
struct damage_case {
	struct rect damage;
	int x, y; // -1: no pixel changes
	enum wltex_state state;
	uint64_t claimed_px, true_px;
};

static const struct damage_case cases[] = {
	{{0, 0, SIZE, SIZE}, 70, 70, WLTEX_STATE_REIMPORTED, SIZE *SIZE, 64 * 64},
	{{0, 0, SIZE, SIZE}, -1, -1, WLTEX_STATE_REUSED, SIZE *SIZE, 0},
	{{66, 66, 10, 10}, 70, 70, WLTEX_STATE_REIMPORTED, 100, 100},
	{{60, 60, 10, 10}, 61, 61, WLTEX_STATE_REIMPORTED, 100, 16},
	{{60, 60, 10, 10}, 69, 69, WLTEX_STATE_REIMPORTED, 100, 36},
	{{66, 66, 10, 10}, -1, -1, WLTEX_STATE_REUSED, 100, 0},
	{{0, 0, 1, 1}, 63, 63, WLTEX_STATE_REIMPORTED, 1, 1},
	{{0, 0, 0, 0}, -1, -1, WLTEX_STATE_REUSED, 0, 0},
	/* Clipped to the buffer. */
	{{-1000, -1000, 3000, 3000}, 255, 255, WLTEX_STATE_REIMPORTED, SIZE *SIZE, 64 * 64},
	{{SIZE - 1, SIZE - 1, 100, 100}, 255, 255, WLTEX_STATE_REIMPORTED, 1, 1},
	{{SIZE, 0, 100, 100}, -1, -1, WLTEX_STATE_REUSED, 0, 0},
	{{-2147483647, -2147483647, 4294967293u, 4294967293u}, 0, 0, WLTEX_STATE_REIMPORTED,
		SIZE *SIZE, 64 * 64},
};

/* What changed is told as the whole tile of the pixel. */
static void check_changed(const struct gl_fixture *f, const struct damage_case *c)
{
	pixman_region32_t *changed = (pixman_region32_t *)(uintptr_t)f->attached.changed;
	pixman_box32_t tile;

	check(changed != NULL);
	check_int(pixman_region32_not_empty(changed), c->true_px > 0);
	if (c->true_px == 0)
		return;
	tile = (pixman_box32_t){.x1 = c->x / 64 * 64, .y1 = c->y / 64 * 64};
	tile.x2 = tile.x1 + 64;
	tile.y2 = tile.y1 + 64;
	check_int(pixman_region32_contains_rectangle(changed, &tile), PIXMAN_REGION_IN);
	check_int(pixman_region32_n_rects(changed), 1);
	check_int(pixman_region32_extents(changed)->x2 - pixman_region32_extents(changed)->x1, 64);
	check_int(pixman_region32_extents(changed)->y2 - pixman_region32_extents(changed)->y1, 64);
}

static void check_case(
	struct gl_fixture *f, struct gl_buffer *buffer, const struct damage_case *c, bool inverted)
{
	const struct wltex_counts *counts = counts_of(f);
	struct wltex_counts before = *counts;
	pixman_region32_t damage;

	pixman_region32_init_rect(
		&damage, c->damage.x, c->damage.y, c->damage.width, c->damage.height);
	if (c->x >= 0) {
		int row = inverted ? SIZE - 1 - c->y : c->y;
		gl_buffer_row(buffer, (uint32_t)row)[4 * c->x + 1]++;
	}
	check_int(gl_attach(f, (struct wltex_attach){.dmabuf = buffer->dmabuf, .damage = &damage}),
		c->state);
	check_int(counts->damage_claimed_px - before.damage_claimed_px, c->claimed_px);
	check_int(counts->damage_true_px - before.damage_true_px, c->true_px);
	check_int(counts->redundant_commits - before.redundant_commits, c->true_px == 0);
	check_int(f->record.last.sum, gl_buffer_sum(buffer));
	check_changed(f, c);
	gl_check_ledger(f);
	pixman_region32_fini(&damage);
}

TEST(cases)
{
	struct gl_fixture f;
	struct gl_buffer a;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, SIZE, SIZE, DRM_FORMAT_ARGB8888);
	wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_case(&f, &a, &cases[i], false);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

/* Damage counts from the top of the picture, the rows of memory from its bottom. */
TEST(cases_upside_down)
{
	struct gl_fixture f;
	struct gl_buffer a;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create_inverted(&a, SIZE, SIZE, DRM_FORMAT_ARGB8888);
	wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_case(&f, &a, &cases[i], true);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

/* The owner's word: what it did not damage is not looked at. */
TEST(change_outside_of_damage)
{
	pixman_region32_t damage;
	struct gl_fixture f;
	struct gl_buffer a;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, SIZE, SIZE, DRM_FORMAT_ARGB8888);
	wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL);
	pixman_region32_init_rect(&damage, 0, 0, 10, 10);
	gl_buffer_row(&a, 200)[4] ^= 1;
	check_int(wltex_texture_attach_dmabuf(f.texture, a.dmabuf, &damage), WLTEX_STATE_REUSED);
	pixman_region32_clear(&damage);
	check_int(wltex_texture_attach_dmabuf(f.texture, a.dmabuf, &damage), WLTEX_STATE_REUSED);
	check_int(wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL), WLTEX_STATE_REIMPORTED);
	check_int(f.record.last.sum, gl_buffer_sum(&a));
	pixman_region32_fini(&damage);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

/* The first look at a content reads all of it, whatever the damage. */
TEST(first_attach_with_damage)
{
	pixman_region32_t damage;
	struct gl_fixture f;
	struct gl_buffer a;
	uint32_t seed = 8;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, SIZE, SIZE, DRM_FORMAT_ARGB8888);
	gl_random(&seed, a.data, a.size);
	pixman_region32_init_rect(&damage, 3, 3, 10, 10);
	check_int(wltex_texture_attach_dmabuf(f.texture, a.dmabuf, &damage), WLTEX_STATE_IMPORTED);
	check_int(f.record.last.sum, gl_buffer_sum(&a));
	check_int(counts_of(&f)->damage_claimed_px, 100);
	check_int(counts_of(&f)->damage_true_px, 100);
	pixman_region32_fini(&damage);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

/* Nothing is told of where pixels changed when that is not known. */
TEST(changed_is_not_known)
{
	struct gl_buffer a, b, refused;
	struct gl_fixture f;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, SIZE, SIZE, DRM_FORMAT_ARGB8888);
	gl_buffer_create(&b, SIZE / 2, SIZE, DRM_FORMAT_ARGB8888);
	gl_buffer_create(&refused, SIZE, SIZE, DRM_FORMAT_BGRX1010102);
	gl_attach_all(&f, &a);
	check(f.attached.changed == NULL);
	gl_attach_all(&f, &a);
	check(f.attached.changed != NULL);
	gl_attach_all(&f, &b);
	check(f.attached.changed == NULL);
	gl_attach_all(&f, &b);
	check(f.attached.changed != NULL);
	check_int(gl_attach_all(&f, &refused), -EINVAL);
	check(f.attached.changed == NULL);
	gl_attach_all(&f, &b);
	check(f.attached.changed == NULL);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
	gl_buffer_destroy(&b);
	gl_buffer_destroy(&refused);
}

static int promise_and_attach(struct gl_fixture *f, const struct gl_buffer *buffer, uint32_t sum)
{
	return gl_attach(
		f, (struct wltex_attach){.dmabuf = buffer->dmabuf, .has_sum = true, .sum = sum});
}

TEST(promises)
{
	struct gl_fixture f;
	struct gl_buffer a;
	uint32_t seed = 9;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, 100, 100, DRM_FORMAT_ARGB8888);
	gl_random(&seed, a.data, a.size);
	/* First of all, then the same again: by its own reading and by promise. */
	check_int(promise_and_attach(&f, &a, gl_buffer_sum(&a)), WLTEX_STATE_IMPORTED);
	check(f.record.last.has_sum);
	check_int(f.record.last.sum, gl_buffer_sum(&a));
	check_int(promise_and_attach(&f, &a, gl_buffer_sum(&a)), WLTEX_STATE_REUSED);
	check_int(wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL), WLTEX_STATE_REUSED);
	check_int(promise_and_attach(&f, &a, gl_buffer_sum(&a)), WLTEX_STATE_REUSED);
	check_int(counts_of(&f)->redundant_commits, 3);
	check_int(counts_of(&f)->damage_true_px, 100 * 100);

	/* Different; then read again, where the promise was kept and where it was not. */
	a.data[0] ^= 1;
	check_int(promise_and_attach(&f, &a, gl_buffer_sum(&a)), WLTEX_STATE_REIMPORTED);
	check_int(wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL), WLTEX_STATE_REUSED);
	check_int(promise_and_attach(&f, &a, gl_buffer_sum(&a) ^ 1), WLTEX_STATE_REIMPORTED);
	check_int(wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL), WLTEX_STATE_REIMPORTED);
	check_int(f.record.last.sum, gl_buffer_sum(&a));
	a.data[0] ^= 1;
	check_int(wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL), WLTEX_STATE_REIMPORTED);
	/* A promise of 0 is one. */
	check_int(promise_and_attach(&f, &a, 0), WLTEX_STATE_REIMPORTED);
	check_int(promise_and_attach(&f, &a, 0), WLTEX_STATE_REUSED);
	gl_check_ledger(&f);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

/* After a promise the tiles are not known: the next damage is that of a full reading. */
TEST(damage_after_promise)
{
	pixman_region32_t damage;
	struct gl_fixture f;
	struct gl_buffer a;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, SIZE, SIZE, DRM_FORMAT_ARGB8888);
	wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL);
	memset(a.data, 1, a.size);
	check_int(promise_and_attach(&f, &a, gl_buffer_sum(&a)), WLTEX_STATE_REIMPORTED);
	memset(a.data, 2, a.size);
	pixman_region32_init_rect(&damage, 0, 0, 10, 10);
	check_int(
		wltex_texture_attach_dmabuf(f.texture, a.dmabuf, &damage), WLTEX_STATE_REIMPORTED);
	check_int(f.record.last.sum, gl_buffer_sum(&a));
	pixman_region32_fini(&damage);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

/* Of another buffer a promise saves the reading, not the import. */
TEST(promises_of_other_buffers)
{
	struct gl_fixture f;
	struct gl_buffer a, b;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, 100, 100, DRM_FORMAT_ARGB8888);
	gl_buffer_create(&b, 100, 100, DRM_FORMAT_ARGB8888);
	check_int(promise_and_attach(&f, &a, gl_buffer_sum(&a)), WLTEX_STATE_IMPORTED);
	check_int(promise_and_attach(&f, &b, gl_buffer_sum(&b)), WLTEX_STATE_IMPORTED);
	check_int(counts_of(&f)->redundant_commits, 1);
	check_int(counts_of(&f)->damage_true_px, 100 * 100);
	check_int(promise_and_attach(&f, &a, 1), WLTEX_STATE_IMPORTED);
	check_int(counts_of(&f)->redundant_commits, 1);
	gl_check_ledger(&f);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
	gl_buffer_destroy(&b);
}

/* Sizes that are no multiple of the tiles, upside down: pixel by pixel. */
TEST(random_pixels_upside_down)
{
	const int32_t width = 150, height = 141;
	uint32_t seed = 10;
	struct gl_fixture f;
	struct gl_buffer a;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create_inverted(&a, width, height, DRM_FORMAT_ARGB8888);
	wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL);
	for (int i = 0; i < 100; i++) {
		int x = (int)gl_random_below(&seed, (uint32_t)width);
		int y = (int)gl_random_below(&seed, (uint32_t)height);
		pixman_region32_t damage, *changed;
		pixman_region32_init_rect(&damage, x, y, 1, 1);
		gl_buffer_row(&a, (uint32_t)(height - 1 - y))[4 * x]++;
		check_int(
			gl_attach(&f, (struct wltex_attach){.dmabuf = a.dmabuf, .damage = &damage}),
			WLTEX_STATE_REIMPORTED);
		changed = (pixman_region32_t *)(uintptr_t)f.attached.changed;
		check(changed != NULL);
		check(pixman_region32_contains_point(changed, x, y, NULL));
		check(pixman_region32_extents(changed)->x2 <= width);
		check(pixman_region32_extents(changed)->y2 <= height);
		pixman_region32_fini(&damage);
		f.record.text[0] = '\0';
	}
	check_int(counts_of(&f)->damage_true_px, width * height + 100);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

/* Whatever comes of the attach that it was for, the next one is not believed to be the same. */
TEST(promise_holds_for_one_attach)
{
	struct gl_buffer a, refused, gone;
	struct gl_fixture f;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	struct gl_spy *spy = gl_spy(f.context);
	gl_buffer_create(&a, 8, 8, DRM_FORMAT_ARGB8888);
	gl_buffer_create(&refused, 8, 8, DRM_FORMAT_BGRX1010102);
	gl_buffer_create(&gone, 8, 8, DRM_FORMAT_ARGB8888);
	/* The promised sum is of what is shown next: were it believed once more, all is the same. */
	uint32_t sum = gl_buffer_sum(&a);
	for (int i = 0; i < 5; i++) {
		check_int(gl_attach_all(&f, &a), WLTEX_STATE_IMPORTED);
		if (i == 0) {
			check_int(promise_and_attach(&f, &refused, sum), -EINVAL);
		} else if (i == 1) {
			spy->fail_image = true;
			check_int(promise_and_attach(&f, &gone, sum), -EIO);
			spy->fail_image = false;
		} else if (i == 2) {
			check_int(gl_attach(&f, (struct wltex_attach){.has_sum = true, .sum = sum}),
				-EINVAL);
		} else if (i == 3) {
			promise_and_attach(&f, &a, sum);
			wltex_texture_release(f.texture, WLTEX_REASON_DETACHED);
		} else {
			promise_and_attach(&f, &a, sum);
			wltex_texture_release(f.texture, WLTEX_REASON_RELEASED);
		}
		a.data[0]++;
		uint64_t redundant = counts_of(&f)->redundant_commits;
		check(gl_attach_all(&f, &a) != WLTEX_STATE_REUSED);
		check_int(counts_of(&f)->redundant_commits, redundant);
		check_int(f.record.last.sum, gl_buffer_sum(&a));
		sum = gl_buffer_sum(&a);
		wltex_texture_release(f.texture, WLTEX_REASON_DETACHED);
		f.record.text[0] = '\0';
	}
	gl_check_ledger(&f);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
	gl_buffer_destroy(&refused);
	gl_buffer_destroy(&gone);
}

/* A look of ours goes by what is there, and not by what was promised before. */
TEST(sync_reads_what_was_promised)
{
	struct gl_fixture f;
	struct gl_buffer a;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, 8, 8, DRM_FORMAT_ARGB8888);
	check_int(promise_and_attach(&f, &a, 77), WLTEX_STATE_IMPORTED);
	check_int(f.record.last.sum, 77);
	check_int(wltex_texture_sync(f.texture, NULL), WLTEX_STATE_REIMPORTED);
	check_int(f.record.last.sum, gl_buffer_sum(&a));
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}
