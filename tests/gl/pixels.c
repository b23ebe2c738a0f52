/* SPDX-License-Identifier: MIT */
/* Pixels in memory: whatever their stride, all of them and nothing else. */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/core.h"
#include "decode.h"
#include "gl.h"
#include "sample.h"

static const uint32_t uploadable[] = {DRM_FORMAT_XRGB8888, DRM_FORMAT_ARGB8888, DRM_FORMAT_XBGR8888,
	DRM_FORMAT_ABGR8888, DRM_FORMAT_RGBX8888, DRM_FORMAT_RGBA8888, DRM_FORMAT_BGRX8888,
	DRM_FORMAT_BGRA8888, DRM_FORMAT_XRGB2101010, DRM_FORMAT_ARGB2101010, DRM_FORMAT_XBGR2101010,
	DRM_FORMAT_ABGR2101010, DRM_FORMAT_RGB565, DRM_FORMAT_XRGB16161616F,
	DRM_FORMAT_ARGB16161616F, DRM_FORMAT_XBGR16161616F, DRM_FORMAT_ABGR16161616F};
#define N_UPLOADABLE (sizeof(uploadable) / sizeof(uploadable[0]))

/*
 * Memory whose first and last visible byte lie next to pages that nobody may touch. The
 * picture ends with its last visible byte: its last row has no padding.
 */
struct picture {
	struct wltex_pixels pixels;
	const struct decode_format *format;
	uint8_t *map;
	size_t map_size;
};

static void picture_create(struct picture *picture, uint32_t format, uint32_t width,
	uint32_t height, size_t padding, bool at_end)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	picture->format = decode_find(format);
	check(picture->format != NULL);
	size_t row = width * (size_t)picture->format->bytes_per_pixel, stride = row + padding;
	size_t size = stride * (height - 1) + row, inner = (size + page - 1) / page * page;
	picture->map_size = inner + 2 * page;
	picture->map = mmap(NULL, picture->map_size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check(picture->map != MAP_FAILED);
	check(mprotect(picture->map, page, PROT_NONE) == 0);
	check(mprotect(picture->map + page + inner, page, PROT_NONE) == 0);
	picture->pixels = (struct wltex_pixels){
		.data = picture->map + page + (at_end ? inner - size : 0),
		.width = width,
		.height = height,
		.stride = stride,
		.format = format,
	};
}

static void picture_destroy(struct picture *picture)
{
	munmap(picture->map, picture->map_size);
}

static uint8_t *picture_row(const struct picture *picture, uint32_t y)
{
	return (uint8_t *)(uintptr_t)picture->pixels.data + y * picture->pixels.stride;
}

static void picture_random(struct picture *picture, uint32_t *seed)
{
	for (uint32_t y = 0; y < picture->pixels.height; y++)
		decode_random(picture->format, seed, picture_row(picture, y),
			picture->pixels.width * picture->format->bytes_per_pixel);
}

static void check_shown(const struct gl_fixture *f, const struct picture *picture)
{
	sample_check(
		f->texture, picture->pixels.format, picture->pixels.data, picture->pixels.stride);
}

static bool has_gles3(const struct gl_fixture *f)
{
	return wltex_context_get_capabilities(f->context)->gles_version >= 30;
}

TEST(formats)
{
	struct gl_fixture f;
	uint32_t seed = 30;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	if (!has_gles3(&f))
		test_skip("GL ES 3 takes all of these formats");
	for (size_t i = 0; i < N_UPLOADABLE; i++) {
		struct picture p;
		picture_create(&p, uploadable[i], 67, 33, 0, false);
		picture_random(&p, &seed);
		check_int(wltex_texture_attach_pixels(f.texture, &p.pixels, NULL),
			WLTEX_STATE_IMPORTED);
		check_int(wltex_ledger_get_counts(f.ledger)->live_bytes,
			67 * 33 * p.format->bytes_per_pixel);
		check_shown(&f, &p);
		picture_random(&p, &seed);
		check_int(wltex_texture_attach_pixels(f.texture, &p.pixels, NULL),
			WLTEX_STATE_REIMPORTED);
		check_shown(&f, &p);
		picture_destroy(&p);
	}
	gl_check_ledger(&f);
	gl_fixture_finish(&f);
}

static const struct {
	uint32_t width, height;
} sizes[] = {{1, 1}, {1, 7}, {3, 1}, {64, 64}, {65, 65}, {127, 5}, {200, 129}};

/* Also strides that are no multiple of the pixel, and data at any address. */
static void check_strides(struct gl_fixture *f, uint32_t format)
{
	static const size_t paddings[] = {0, 1, 2, 4, 7, 132};
	uint32_t seed = 31;

	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		for (size_t i = 0; i < 2 * sizeof(paddings) / sizeof(paddings[0]); i++) {
			struct picture p;
			picture_create(&p, format, sizes[s].width, sizes[s].height, paddings[i / 2],
				i % 2 == 1);
			picture_random(&p, &seed);
			check(wltex_texture_attach_pixels(f->texture, &p.pixels, NULL) >= 0);
			check_shown(f, &p);
			picture_random(&p, &seed);
			check_int(wltex_texture_attach_pixels(f->texture, &p.pixels, NULL),
				WLTEX_STATE_REIMPORTED);
			check_shown(f, &p);
			picture_destroy(&p);
		}
	}
}

TEST(strides)
{
	struct gl_fixture f;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	check_strides(&f, DRM_FORMAT_ABGR8888);
	check_strides(&f, DRM_FORMAT_RGB565);
	if (has_gles3(&f))
		check_strides(&f, DRM_FORMAT_ABGR16161616F);
	gl_fixture_finish(&f);
}

TEST(strides_without_row_length)
{
	struct gl_fixture f;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	f.context->capabilities.unpack_row_length = false;
	check_strides(&f, DRM_FORMAT_ABGR8888);
	check_strides(&f, DRM_FORMAT_RGB565);
	gl_fixture_finish(&f);
}

/* GL counts in 32 bits. */
TEST(huge_stride)
{
	const size_t stride = (size_t)3 << 30;
	struct gl_fixture f;
	uint32_t seed = 32;
	uint8_t *data = mmap(NULL, stride + 4096, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (data == MAP_FAILED)
		test_skip("no 3 GiB of addresses");
	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_random(&seed, data, 40);
	gl_random(&seed, data + stride, 40);
	const struct wltex_pixels one = {data, 10, 1, SIZE_MAX, DRM_FORMAT_ABGR8888};
	check_int(wltex_texture_attach_pixels(f.texture, &one, NULL), WLTEX_STATE_IMPORTED);
	sample_check(f.texture, DRM_FORMAT_ABGR8888, data, 0);
	const struct wltex_pixels two = {data, 10, 2, stride, DRM_FORMAT_ABGR8888};
	check_int(wltex_texture_attach_pixels(f.texture, &two, NULL), WLTEX_STATE_IMPORTED);
	sample_check(f.texture, DRM_FORMAT_ABGR8888, data, stride);
	gl_fixture_finish(&f);
	munmap(data, stride + 4096);
}

TEST(errors)
{
	static const uint8_t data[256];
	static const struct wltex_pixels wrong[] = {
		{data, 0, 8, 32, DRM_FORMAT_ABGR8888},
		{data, 8, 0, 32, DRM_FORMAT_ABGR8888},
		{data, 8, 8, 31, DRM_FORMAT_ABGR8888},
		{data, 8, 8, 0, DRM_FORMAT_ABGR8888},
		{NULL, 8, 8, 32, DRM_FORMAT_ABGR8888},
		{data, 8, 8, 32, DRM_FORMAT_NV12},
		{data, 8, 8, 32, DRM_FORMAT_R8},
		{data, 8, 8, 32, 0},
		{data, UINT32_MAX, 1, SIZE_MAX, DRM_FORMAT_ABGR8888},
		{data, 1, UINT32_MAX, 32, DRM_FORMAT_ABGR8888},
		{data, 0x40000001, 1, 4, DRM_FORMAT_ABGR8888},
	};
	const struct wltex_pixels right = {data, 8, 8, 32, DRM_FORMAT_ABGR8888};
	struct gl_fixture f;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		check_int(
			wltex_texture_attach_pixels(f.texture, &right, NULL), WLTEX_STATE_IMPORTED);
		check_record(&f.record, "imported:attached");
		check_int(wltex_texture_attach_pixels(f.texture, &wrong[i], NULL), -EINVAL);
		check_record(&f.record, "destroying destroyed:replaced refused:invalid");
		gl_check_ledger(&f);
	}
	gl_fixture_finish(&f);
}

/* Sources may alternate: dmabuf, pixels, dmabuf. */
TEST(dmabuf_and_pixels)
{
	struct gl_fixture f;
	struct gl_buffer a;
	struct picture p;
	uint32_t seed = 33;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	gl_buffer_create(&a, 67, 33, DRM_FORMAT_ABGR8888);
	picture_create(&p, DRM_FORMAT_ABGR8888, 67, 33, 5, false);
	for (int i = 0; i < 3; i++) {
		gl_random(&seed, a.data, a.size);
		picture_random(&p, &seed);
		check_int(wltex_texture_attach_dmabuf(f.texture, a.dmabuf, NULL),
			WLTEX_STATE_IMPORTED);
		sample_check(f.texture, DRM_FORMAT_ABGR8888, a.data, 67 * 4);
		check_int(wltex_texture_attach_pixels(f.texture, &p.pixels, NULL),
			WLTEX_STATE_IMPORTED);
		check_shown(&f, &p);
		check_int(wltex_dmabuf_release(a.dmabuf, WLTEX_REASON_RELEASED), 0);
		check_shown(&f, &p);
		gl_check_ledger(&f);
		f.record.text[0] = '\0';
	}
	check_int(f.record.peak_live, 1);
	gl_fixture_finish(&f);
	gl_buffer_destroy(&a);
	picture_destroy(&p);
}

/* Change pixels in some rectangles; damage covers them, and now and then more. */
static void scribble(struct picture *p, pixman_region32_t *damage, uint32_t *seed)
{
	uint32_t bytes = p->format->bytes_per_pixel;

	pixman_region32_clear(damage);
	for (uint32_t n = gl_random_below(seed, 5); n > 0; n--) {
		uint32_t x = gl_random_below(seed, p->pixels.width);
		uint32_t y = gl_random_below(seed, p->pixels.height);
		uint32_t width = 1 + gl_random_below(seed, p->pixels.width - x);
		uint32_t height = 1 + gl_random_below(seed, p->pixels.height - y);
		pixman_region32_union_rect(damage, damage, (int)x, (int)y, width, height);
		/* Sometimes nothing really changes. */
		if (gl_random_below(seed, 4) == 0)
			continue;
		for (uint32_t row = y; row < y + height; row++)
			decode_random(
				p->format, seed, picture_row(p, row) + x * bytes, width * bytes);
	}
}

static void check_sequence(
	struct gl_fixture *f, const struct wltex_attach *options, uint32_t format, uint32_t seed)
{
	const struct wltex_counts *c = wltex_owner_get_counts(f->owner);
	struct wltex_texture_info first, info;
	struct wltex_attach attach = *options;
	pixman_region32_t damage;
	struct picture p;

	pixman_region32_init(&damage);
	picture_create(&p, format, 150, 140, seed % 7, seed % 2);
	picture_random(&p, &seed);
	attach.pixels = &p.pixels;
	check(gl_attach(f, attach) >= 0);
	check(wltex_texture_get(f->texture, &first));
	attach.damage = &damage;
	for (int i = 0; i < 25; i++) {
		uint64_t done = c->uploads + c->reuses;
		scribble(&p, &damage, &seed);
		int state = gl_attach(f, attach);
		check(state == WLTEX_STATE_REIMPORTED || state == WLTEX_STATE_REUSED);
		check_int(c->uploads + c->reuses, done + 1);
		check(wltex_texture_get(f->texture, &info));
		check_int(info.name, first.name);
		check_shown(f, &p);
		gl_check_ledger(f);
		f->record.text[0] = '\0';
	}
	pixman_region32_fini(&damage);
	picture_destroy(&p);
}

static void check_sequences(bool reading)
{
	const struct wltex_attach options = {.no_reading = !reading};
	struct gl_fixture f;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	for (uint32_t seed = 1; seed < 4; seed++) {
		check_sequence(&f, &options, DRM_FORMAT_ABGR8888, seed);
		check_sequence(&f, &options, DRM_FORMAT_RGB565, seed);
		if (has_gles3(&f))
			check_sequence(&f, &options, DRM_FORMAT_XRGB8888, seed);
	}
	check_int(wltex_owner_get_counts(f.owner)->live_textures, 1);
	gl_fixture_finish(&f);
}

TEST(damage_sequences)
{
	check_sequences(true);
}

TEST(damage_sequences_without_reading)
{
	check_sequences(false);
}

/* The caller's unpack state and buffer have no part in it. */
TEST(unpack_state_of_the_caller)
{
	struct gl_fixture f;
	struct picture p;
	GLuint buffer;
	uint32_t seed = 34;

	gl_fixture_init(&f, WLTEX_CONTEXT_CURRENT);
	if (!has_gles3(&f))
		test_skip("GL ES 3 has the state that this is about");
	glGenBuffers(1, &buffer);
	picture_create(&p, DRM_FORMAT_ABGR8888, 67, 33, 5, true);
	for (int i = 0; i < 3; i++) {
		glPixelStorei(GL_UNPACK_ALIGNMENT, 8);
		glPixelStorei(GL_UNPACK_ROW_LENGTH, 777);
		glPixelStorei(GL_UNPACK_SKIP_ROWS, 3);
		glPixelStorei(GL_UNPACK_SKIP_PIXELS, 5);
		glBindBuffer(GL_PIXEL_UNPACK_BUFFER, buffer);
		picture_random(&p, &seed);
		check(wltex_texture_attach_pixels(f.texture, &p.pixels, NULL) >= 0);
		check_shown(&f, &p);
		glBindBuffer(GL_PIXEL_UNPACK_BUFFER, 0);
	}
	gl_fixture_finish(&f);
	picture_destroy(&p);
}

/* Sync reads the pixels that were attached last. */
TEST(sync_of_pixels)
{
	struct gl_fixture f;
	struct picture p;
	uint32_t seed = 35;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	picture_create(&p, DRM_FORMAT_ABGR8888, 150, 140, 0, false);
	picture_random(&p, &seed);
	check_int(wltex_texture_attach_pixels(f.texture, &p.pixels, NULL), WLTEX_STATE_IMPORTED);
	check_int(wltex_texture_sync(f.texture, NULL), WLTEX_STATE_REUSED);
	picture_random(&p, &seed);
	check_int(wltex_texture_sync(f.texture, NULL), WLTEX_STATE_REIMPORTED);
	check_shown(&f, &p);
	check_int(wltex_owner_get_counts(f.owner)->commits, 1);
	check_int(wltex_texture_release(f.texture, WLTEX_REASON_RELEASED), 0);
	check_int(wltex_texture_sync(f.texture, NULL), -ENOENT);
	gl_fixture_finish(&f);
	picture_destroy(&p);
}

static void start_es2(struct gl_fixture *f)
{
	setenv("MESA_GLES_VERSION_OVERRIDE", "2.0", 1);
	gl_fixture_init(f, WLTEX_CONTEXT_SHARED);
	if (has_gles3(f))
		test_skip("this EGL makes no GL ES 2 contexts");
}

TEST(es2)
{
	struct gl_fixture f;

	start_es2(&f);
	check_strides(&f, DRM_FORMAT_ABGR8888);
	check_strides(&f, DRM_FORMAT_ARGB8888);
	check_strides(&f, DRM_FORMAT_RGB565);
	for (uint32_t seed = 1; seed < 3; seed++)
		check_sequence(&f, &(struct wltex_attach){0}, DRM_FORMAT_ARGB8888, seed);
	gl_fixture_finish(&f);
}

TEST(es2_without_row_length)
{
	struct gl_fixture f;

	start_es2(&f);
	f.context->capabilities.unpack_row_length = false;
	check_strides(&f, DRM_FORMAT_ARGB8888);
	check_strides(&f, DRM_FORMAT_RGB565);
	gl_fixture_finish(&f);
}
