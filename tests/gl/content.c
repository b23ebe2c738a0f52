/* SPDX-License-Identifier: MIT */
/* What counts as changed: sums, shapes, promises, and content that cannot be read. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/shown.h"
#include "dmabuf/dmabuf.h"
#include "gl.h"

static const struct wltex_counts *counts_of(const struct gl_fixture *f)
{
	return wltex_owner_get_counts(f->owner);
}

/* Set the last 4 bytes so that the CRC-32 of all is 0. */
static void make_sum_zero(uint8_t *data, size_t size)
{
	uint32_t table[256], wanted = UINT32_MAX;
	uint8_t *last = data + size - 4;

	for (uint32_t i = 0; i < 256; i++) {
		table[i] = i;
		for (int bit = 0; bit < 8; bit++)
			table[i] = (table[i] >> 1) ^ (table[i] & 1 ? 0xedb88320 : 0);
	}
	/* Run the register back from its end over four zero bytes. */
	for (int i = 0; i < 4; i++) {
		uint32_t k = 0;
		while (table[k] >> 24 != wanted >> 24)
			k++;
		wanted = ((wanted ^ table[k]) << 8) | k;
	}
	wanted ^= ~wltex_sum_bytes(0, data, size - 4);
	for (int i = 0; i < 4; i++)
		last[i] = (uint8_t)(wanted >> (8 * i));
	check_int(wltex_sum_bytes(0, data, size), 0);
}

TEST(sum_zero_of_dmabuf)
{
	struct gl_fixture f;
	struct gl_buffer a;
	uint32_t seed = 2;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, 100, 70, DRM_FORMAT_ARGB8888);
	for (int i = 0; i < 3; i++) {
		gl_random(&seed, a.data, a.size);
		make_sum_zero(a.data, a.size);
		check_int(wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL),
			i == 0 ? WLTEX_STATE_IMPORTED : WLTEX_STATE_REIMPORTED);
		check(f.record.last.has_sum);
		check_int(f.record.last.sum, 0);
		check_int(
			wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL), WLTEX_STATE_REUSED);
		check_int(wltex_texture_sync(f.texture, NULL), WLTEX_STATE_REUSED);
	}
	a.data[17] ^= 1;
	check_int(wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL), WLTEX_STATE_REIMPORTED);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

TEST(sum_zero_of_pixels)
{
	static uint8_t data[64 * 64 * 4];
	const struct wltex_pixels pixels = {data, 64, 64, 256, DRM_FORMAT_ABGR8888};
	struct gl_fixture f;
	uint32_t seed = 3;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_random(&seed, data, sizeof(data));
	make_sum_zero(data, sizeof(data));
	check_int(wltex_texture_attach_pixels(f.texture, &pixels, NULL), WLTEX_STATE_IMPORTED);
	check(f.record.last.has_sum);
	check_int(f.record.last.sum, 0);
	check_int(wltex_texture_attach_pixels(f.texture, &pixels, NULL), WLTEX_STATE_REUSED);
	gl_fixture_finish(&f);
}

/* Attach two buffers with the same bytes: the second is another content, all of it. */
static void check_differ(struct gl_fixture *f, struct gl_buffer *a, struct gl_buffer *b)
{
	const struct wltex_counts *c = counts_of(f);
	uint64_t area = (uint64_t)b->attributes.width * (uint64_t)b->attributes.height;
	uint32_t seed = 4;

	check_int(a->size, b->size);
	gl_random(&seed, a->data, a->size);
	memcpy(b->data, a->data, a->size);
	check_int(wltex_texture_attach_dmabuf(f->texture, a->dmabuf, NULL), WLTEX_STATE_IMPORTED);
	uint64_t true_px = c->damage_true_px;
	check_int(wltex_texture_attach_dmabuf(f->texture, b->dmabuf, NULL), WLTEX_STATE_IMPORTED);
	check_int(c->redundant_commits, 0);
	check_int(c->damage_true_px - true_px, area);
	gl_check_ledger(f);
}

TEST(same_bytes_another_shape)
{
	struct gl_fixture f;
	struct gl_buffer a, b;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, 16, 4, DRM_FORMAT_ARGB8888);
	gl_buffer_create(&b, 8, 8, DRM_FORMAT_ARGB8888);
	check_differ(&f, &a, &b);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
	gl_buffer_destroy(&b);
}

TEST(same_bytes_another_format)
{
	struct gl_fixture f;
	struct gl_buffer a, b;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, 8, 8, DRM_FORMAT_ARGB8888);
	gl_buffer_create(&b, 8, 8, DRM_FORMAT_ABGR8888);
	check_differ(&f, &a, &b);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
	gl_buffer_destroy(&b);
}

TEST(same_bytes_upside_down)
{
	struct gl_fixture f;
	struct gl_buffer a, b;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, 8, 8, DRM_FORMAT_ARGB8888);
	gl_buffer_create_inverted(&b, 8, 8, DRM_FORMAT_ARGB8888);
	check_differ(&f, &a, &b);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
	gl_buffer_destroy(&b);
}

TEST(same_pixels_another_shape)
{
	uint8_t data[8 * 8 * 4];
	struct wltex_pixels wide = {data, 16, 4, 64, DRM_FORMAT_ABGR8888};
	struct wltex_pixels square = {data, 8, 8, 32, DRM_FORMAT_ABGR8888};
	struct wltex_texture_info info;
	struct gl_fixture f;
	uint32_t seed = 5;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_random(&seed, data, sizeof(data));
	check_int(wltex_texture_attach_pixels(f.texture, &wide, NULL), WLTEX_STATE_IMPORTED);
	check_int(wltex_texture_attach_pixels(f.texture, &square, NULL), WLTEX_STATE_IMPORTED);
	check_record(
		&f.record, "imported:attached destroying destroyed:replaced imported:attached");
	check(wltex_texture_get(f.texture, &info));
	check(info.width == 8 && info.height == 8);
	check_int(counts_of(&f)->redundant_commits, 0);
	gl_fixture_finish(&f);
}

TEST(first_use)
{
	struct wltex_texture_info info;
	struct gl_fixture f;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	struct gl_spy *spy = gl_spy(f.context);
	check(!wltex_texture_get(f.texture, &info));
	check_int(wltex_texture_sync(f.texture, NULL), -ENOENT);
	check_int(wltex_texture_release(f.texture, WLTEX_REASON_RELEASED), 0);
	check_int(wltex_texture_release(f.texture, WLTEX_REASON_DETACHED), 0);
	check_record(&f.record, "");
	check_int(spy->made, 0);
	check_int(counts_of(&f)->commits, 0);
	gl_fixture_finish(&f);
}

TEST(destroy_null)
{
	wltex_texture_destroy(NULL);
	wltex_context_destroy(NULL);
	wltex_dmabuf_destroy(NULL);
	wltex_ledger_destroy(NULL);
	wltex_owner_destroy(NULL);
}

/* Every event tells the sum of the content that it is about. */
TEST(events_carry_sums)
{
	struct gl_fixture f;
	struct gl_buffer a, b;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, 8, 8, DRM_FORMAT_ARGB8888);
	gl_buffer_create(&b, 8, 8, DRM_FORMAT_ARGB8888);
	b.data[0] = 1;
	uint32_t old = gl_buffer_sum(&a), new = gl_buffer_sum(&b);
	wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL);
	wltex_texture_attach_dmabuf(f.texture, b.dmabuf, NULL);
	check(f.record.destroyed.has_sum && f.record.last.has_sum);
	check_int(f.record.destroyed.sum, old);
	check_int(f.record.last.sum, new);
	b.data[0] = 0;
	wltex_texture_attach_dmabuf(f.texture, b.dmabuf, NULL);
	check_int(f.record.destroyed.sum, new);
	check_int(f.record.last.sum, old);
	/* Not known of the next one; of this one it was. */
	gl_attach(&f, (struct wltex_attach){.dmabuf = b.dmabuf, .no_reading = true});
	check(f.record.destroyed.has_sum && !f.record.last.has_sum);
	check_int(f.record.destroyed.sum, old);
	wltex_texture_release(f.texture, WLTEX_REASON_RELEASED);
	check(!f.record.last.has_sum);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
	gl_buffer_destroy(&b);
}

static void check_pixels_sums(struct wltex_pixels *pixels, uint8_t *data)
{
	struct gl_fixture f;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	uint32_t old = wltex_sum_bytes(0, data, 256);
	wltex_texture_attach_pixels(f.texture, pixels, NULL);
	check_int(f.record.last.sum, old);
	data[0] ^= 1;
	pixels->format = DRM_FORMAT_ARGB8888;
	wltex_texture_attach_pixels(f.texture, pixels, NULL);
	check_int(f.record.destroyed.sum, old);
	check_int(f.record.last.sum, wltex_sum_bytes(0, data, 256));
	gl_fixture_finish(&f);
}

TEST(events_carry_sums_of_pixels)
{
	uint8_t data[256] = {0};
	struct wltex_pixels pixels = {data, 8, 8, 32, DRM_FORMAT_ABGR8888};

	check_pixels_sums(&pixels, data);
}

/* Different buffers, same content: all are imported, and known to be for nothing. */
TEST(flips_of_the_same)
{
	struct gl_buffer buffers[3];
	struct gl_fixture f;
	uint32_t seed = 6;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	const struct wltex_counts *c = counts_of(&f);
	for (int i = 0; i < 3; i++) {
		gl_buffer_create(&buffers[i], 100, 100, DRM_FORMAT_ARGB8888);
		gl_random(&(uint32_t){seed}, buffers[i].data, buffers[i].size);
	}
	for (int i = 0; i < 9; i++)
		check_int(wltex_texture_attach_dmabuf(f.texture, buffers[i % 3].dmabuf, NULL),
			WLTEX_STATE_IMPORTED);
	check_int(c->imports, 9);
	check_int(c->redundant_commits, 8);
	check_int(c->damage_claimed_px, 9 * 100 * 100);
	check_int(c->damage_true_px, 100 * 100);
	gl_check_ledger(&f);
	gl_fixture_finish(&f);
	for (int i = 0; i < 3; i++)
		gl_buffer_destroy(&buffers[i]);
}

/* What failed to be shown is not what is compared with. */
TEST(failed_content_is_forgotten)
{
	struct gl_fixture f;
	struct gl_buffer a, b, c;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	struct gl_spy *spy = gl_spy(f.context);
	gl_buffer_create(&a, 8, 8, DRM_FORMAT_ARGB8888);
	gl_buffer_create(&b, 8, 8, DRM_FORMAT_ARGB8888);
	gl_buffer_create(&c, 8, 8, DRM_FORMAT_ARGB8888);
	b.data[0] = c.data[0] = 1;
	wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL);
	spy->fail_image = true;
	check_int(wltex_texture_attach_dmabuf(f.texture, b.dmabuf, NULL), -EIO);
	spy->fail_image = false;
	check_int(wltex_texture_attach_dmabuf(f.texture, c.dmabuf, NULL), WLTEX_STATE_IMPORTED);
	check_int(counts_of(&f)->redundant_commits, 0);
	check_int(counts_of(&f)->damage_true_px, 3 * 64);
	gl_check_ledger(&f);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
	gl_buffer_destroy(&b);
	gl_buffer_destroy(&c);
}

/* An unsealed file could be truncated under us: it is never mapped, and never known. */
TEST(unsealed_is_unknown)
{
	struct gl_fixture f;
	struct gl_buffer a;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create_unsealed(&a, 64, 64, DRM_FORMAT_ARGB8888);
	check_int(wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL), WLTEX_STATE_IMPORTED);
	for (int i = 0; i < 3; i++) {
		check(!f.record.last.has_sum);
		check_int(wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL),
			WLTEX_STATE_REIMPORTED);
		check(a.dmabuf->mappings[0].data == NULL);
	}
	check_int(counts_of(&f)->redundant_commits, 0);
	check_int(counts_of(&f)->damage_true_px, counts_of(&f)->damage_claimed_px);
	check(ftruncate(a.fd, 0) == 0);
	/* EGL may take it or not. */
	int state = wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL);
	check(state == WLTEX_STATE_REIMPORTED || state == -EIO);
	check(a.dmabuf->mappings[0].data == NULL);
	gl_check_ledger(&f);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

TEST(slow_memory_is_left_alone)
{
	struct gl_fixture f;
	struct gl_buffer a;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, 64, 64, DRM_FORMAT_ARGB8888);
	check_int(wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL), WLTEX_STATE_IMPORTED);
	check_int(wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL), WLTEX_STATE_REUSED);
	check_int(counts_of(&f)->slow_skips, 0);
	a.dmabuf->cost.too_slow = true;
	for (int i = 1; i <= 3; i++) {
		check_int(wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL),
			WLTEX_STATE_REIMPORTED);
		check(!f.record.last.has_sum);
		check_int(counts_of(&f)->slow_skips, i);
	}
	/* A promise costs no reading. */
	check_int(gl_attach(&f, (struct wltex_attach){.dmabuf = a.dmabuf, .has_sum = true}),
		WLTEX_STATE_REIMPORTED);
	check(f.record.last.has_sum);
	check_int(counts_of(&f)->slow_skips, 3);
	gl_check_ledger(&f);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

/* A first look at so much would hold up the compositor for longer than a frame. */
TEST(huge_is_left_alone)
{
	struct gl_fixture f;
	struct gl_buffer a;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, 8192, 2049, DRM_FORMAT_ARGB8888);
	check_int(wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL), WLTEX_STATE_IMPORTED);
	check(!f.record.last.has_sum);
	check(a.dmabuf->mappings[0].data == NULL);
	check_int(wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL), WLTEX_STATE_REIMPORTED);
	gl_check_ledger(&f);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

static void check_no_sums(struct gl_fixture *f, bool no_reading)
{
	static uint8_t data[64 * 64 * 4];
	const struct wltex_pixels pixels = {data, 64, 64, 256, DRM_FORMAT_ABGR8888};
	const struct wltex_attach memory = {.pixels = &pixels, .no_reading = no_reading};
	struct wltex_attach promise = {.has_sum = true, .sum = 7, .no_reading = no_reading};
	struct wltex_attach dmabuf = {.no_reading = no_reading};
	struct gl_buffer a;

	gl_buffer_create(&a, 64, 64, DRM_FORMAT_ARGB8888);
	dmabuf.dmabuf = promise.dmabuf = a.dmabuf;
	check_int(gl_attach(f, dmabuf), WLTEX_STATE_IMPORTED);
	check_int(gl_attach(f, dmabuf), WLTEX_STATE_REIMPORTED);
	check(!f->record.last.has_sum);
	check(f->attached.changed == NULL);
	check(a.dmabuf->mappings[0].data == NULL);
	/* A promise costs no reading. */
	check_int(gl_attach(f, promise), WLTEX_STATE_REIMPORTED);
	check(f->record.last.has_sum);
	check_int(f->attached.look_ns, 0);
	check_int(gl_attach(f, promise), WLTEX_STATE_REUSED);
	check(a.dmabuf->mappings[0].data == NULL);
	check_int(gl_attach(f, dmabuf), WLTEX_STATE_REIMPORTED);

	check_int(gl_attach(f, memory), WLTEX_STATE_IMPORTED);
	check(!f->record.last.has_sum);
	check_int(gl_attach(f, memory), WLTEX_STATE_REIMPORTED);
	promise.dmabuf = NULL;
	promise.pixels = &pixels;
	check_int(gl_attach(f, promise), WLTEX_STATE_REIMPORTED);
	check_int(gl_attach(f, memory), WLTEX_STATE_REIMPORTED);
	check(!f->record.last.has_sum);
	check_int(counts_of(f)->uploads, 3);
	gl_check_ledger(f);
	gl_fixture_finish(f);
	gl_buffer_destroy(&a);
}

TEST(no_sums)
{
	struct gl_fixture f;

	gl_fixture_init_with(
		&f, (struct wltex_context_options){.mode = WLTEX_CONTEXT_SHARED, .no_sums = true});
	check_no_sums(&f, false);
}

TEST(no_reading)
{
	struct gl_fixture f;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	check_no_sums(&f, true);
}

/* Once it may read again, it has nothing to compare with at first. */
TEST(reading_again)
{
	struct gl_fixture f;
	struct gl_buffer a;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, 64, 64, DRM_FORMAT_ARGB8888);
	gl_attach_all(&f, &a);
	a.data[0] ^= 1;
	check_int(gl_attach(&f, (struct wltex_attach){.dmabuf = a.dmabuf, .no_reading = true}),
		WLTEX_STATE_REIMPORTED);
	a.data[0] ^= 1;
	check_int(gl_attach_all(&f, &a), WLTEX_STATE_REIMPORTED);
	check(f.attached.changed == NULL);
	check_int(gl_attach_all(&f, &a), WLTEX_STATE_REUSED);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

/* What a look cost is told whatever came of it, and not of a look that was not made. */
TEST(looks_are_timed)
{
	struct gl_fixture f;
	struct gl_buffer a, b;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	struct gl_spy *spy = gl_spy(f.context);
	gl_buffer_create(&a, 200, 130, DRM_FORMAT_ARGB8888);
	gl_buffer_create(&b, 200, 130, DRM_FORMAT_ARGB8888);
	gl_attach_all(&f, &a);
	check(f.attached.look_ns > 0);
	gl_attach(&f, (struct wltex_attach){.dmabuf = a.dmabuf, .no_reading = true});
	check_int(f.attached.look_ns, 0);
	spy->fail_image = true;
	check_int(gl_attach_all(&f, &b), -EIO);
	check(f.attached.look_ns > 0);
	/* Refused before it is looked at. */
	gl_buffer_forget_failure(&b);
	b.dmabuf->attributes.flags = WLTEX_DMABUF_INTERLACED;
	check_int(gl_attach_all(&f, &b), -EINVAL);
	check_int(f.attached.look_ns, 0);
	b.dmabuf->attributes.flags = 0;
	spy->fail_image = false;
	check_int(gl_attach_all(&f, &b), WLTEX_STATE_IMPORTED);
	check(f.attached.look_ns > 0);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
	gl_buffer_destroy(&b);
}

/* Neither a source, nor two: nothing is touched, and no commit is counted. */
TEST(one_source)
{
	static uint8_t data[64 * 64 * 4];
	const struct wltex_pixels pixels = {data, 64, 64, 256, DRM_FORMAT_ABGR8888};
	struct gl_fixture f;
	struct gl_buffer a;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, 64, 64, DRM_FORMAT_ARGB8888);
	gl_attach_all(&f, &a);
	check_record(&f.record, "imported:attached");
	check_int(gl_attach(&f, (struct wltex_attach){0}), -EINVAL);
	check(f.attached.changed == NULL && f.attached.look_ns == 0);
	check_int(gl_attach(&f, (struct wltex_attach){.dmabuf = a.dmabuf, .pixels = &pixels}),
		-EINVAL);
	check_record(&f.record, "");
	check_int(counts_of(&f)->commits, 1);
	check_int(gl_attach_all(&f, &a), WLTEX_STATE_REUSED);
	gl_check_ledger(&f);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

/* Who counts the damage of a commit: the library, or its caller. */
TEST(damage_is_counted_elsewhere)
{
	struct gl_fixture f;
	struct gl_buffer a;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	const struct wltex_counts *c = counts_of(&f);
	gl_buffer_create(&a, 64, 64, DRM_FORMAT_ARGB8888);
	for (int i = 0; i < 3; i++)
		gl_attach(&f, (struct wltex_attach){.dmabuf = a.dmabuf, .no_damage_count = true});
	check_int(c->commits, 3);
	check_int(c->reuses, 2);
	check_int(c->damage_claimed_px + c->damage_true_px + c->redundant_commits, 0);
	gl_attach_all(&f, &a);
	check_int(c->damage_claimed_px, 64 * 64);
	check_int(c->redundant_commits, 1);
	gl_check_ledger(&f);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
}

/* Software GL crashes when it samples memory that it could not map for reading. */
TEST(write_only_is_refused)
{
	enum wltex_dmabuf_error error;
	struct gl_buffer a;
	char path[64];

	gl_memory_create(&a, 64 * 64 * 4, true);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", a.fd);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		test_skip("cannot open a memory file again");
	a.attributes = (struct wltex_dmabuf_attributes){.width = 64,
		.height = 64,
		.format = DRM_FORMAT_ARGB8888,
		.n_planes = 1,
		.planes = {{.fd = fd, .stride = 256}}};
	check(wltex_dmabuf_create(&a.attributes, &error) == NULL);
	check_int(error, WLTEX_DMABUF_UNREADABLE_FD);
	close(fd);
	gl_buffer_destroy(&a);
}

/* Four rows of one tile each; of the last one its first page is taken out, or its last. */
#define TILE_BYTES (WLTEX_TILE_SIZE * WLTEX_TILE_SIZE * 4)

static void take_out(const struct gl_buffer *buffer, bool last)
{
	off_t page = sysconf(_SC_PAGESIZE);
	off_t offset = last ? 4 * TILE_BYTES - page : 3 * TILE_BYTES;

	if (page > TILE_BYTES || fallocate(buffer->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
					 offset, page) != 0)
		test_skip("no holes in this memory");
}

static blkcnt_t count_blocks(const struct gl_buffer *buffer)
{
	struct stat stat;

	check_int(fstat(buffer->fd, &stat), 0);
	return stat.st_blocks;
}

static void create_tiles(struct gl_buffer *buffer, bool inverted)
{
	uint32_t seed = 77;

	if (inverted)
		gl_buffer_create_inverted(buffer, 64, 256, DRM_FORMAT_ARGB8888);
	else
		gl_buffer_create(buffer, 64, 256, DRM_FORMAT_ARGB8888);
	gl_random(&seed, buffer->data, buffer->size);
}

/* Claims in the picture, and whether the tiles below need what was taken out. */
static const struct claim {
	int y, height;
	bool touches;
} claims[] = {{0, 64, false}, {191, 1, false}, {10, 182, false}, {0, 0, false}, {10, 183, true},
	{192, 1, true}, {255, 1, true}, {0, 256, true}};
#define N_CLAIMS (sizeof(claims) / sizeof(claims[0]))

/* What is not looked at may be a hole: it stays one. Upside down, all has to be there. */
TEST(holes_beside_the_damage)
{
	for (size_t i = 0; i < 4 * N_CLAIMS; i++) {
		const struct claim *claim = &claims[i / 4];
		pixman_region32_t damage;
		struct gl_fixture f;
		struct gl_buffer a;
		blkcnt_t blocks;
		bool inverted = i % 2;

		gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
		create_tiles(&a, inverted);
		pixman_region32_init_rect(&damage, 0, claim->y, 64, (unsigned)claim->height);
		check_int(gl_attach_all(&f, &a), WLTEX_STATE_IMPORTED);
		take_out(&a, i / 2 % 2);
		blocks = count_blocks(&a);
		check_int(wltex_texture_attach_dmabuf(f.texture, a.dmabuf, &damage),
			claim->touches || inverted ? WLTEX_STATE_REIMPORTED : WLTEX_STATE_REUSED);
		check_int(gl_attach_all(&f, &a), WLTEX_STATE_REIMPORTED);
		check_int(count_blocks(&a), blocks);
		pixman_region32_fini(&damage);
		gl_fixture_finish(&f);
		gl_buffer_destroy(&a);
	}
}

/* The same of what a renderer is about to read; where others are looked at, too, it is all. */
TEST(holes_beside_what_is_shown)
{
	for (size_t i = 0; i < 4 * N_CLAIMS; i++) {
		pixman_region32_t all, claimed, changed;
		struct core_shown_look look = {.claimed = &all};
		struct core_shown shown = {0};
		struct gl_buffer a;
		blkcnt_t blocks;

		create_tiles(&a, false);
		pixman_region32_init_rect(&all, 0, 0, 64, 256);
		pixman_region32_init_rect(
			&claimed, 0, claims[i / 4].y, 64, (unsigned)claims[i / 4].height);
		pixman_region32_init(&changed);
		check_int(core_shown_look_dmabuf(&shown, a.dmabuf, &look, &changed), 0);
		core_shown_settle(&shown);
		take_out(&a, i / 2 % 2);
		blocks = count_blocks(&a);
		look = (struct core_shown_look){.claimed = &claimed, .others = i % 2};
		check_int(core_shown_look_dmabuf(&shown, a.dmabuf, &look, &changed) < 0,
			claims[i / 4].touches || look.others);
		check(!pixman_region32_not_empty(&changed) || claims[i / 4].touches || look.others);
		check_int(count_blocks(&a), blocks);
		core_shown_finish(&shown);
		pixman_region32_fini(&all);
		pixman_region32_fini(&claimed);
		pixman_region32_fini(&changed);
		gl_buffer_destroy(&a);
	}
}
