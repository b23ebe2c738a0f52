/* SPDX-License-Identifier: MIT */
/* Sums that the GPU makes, beside those of the CPU and zlib's. */
#include <errno.h>
#include <stdlib.h>
#include <zlib.h>

#include "decode.h"
#include "gpu-fixture.h"

static struct wltex_sum_pixels get_pixels(const struct gl_buffer *buffer)
{
	return (struct wltex_sum_pixels){
		gl_buffer_row(buffer, 0), buffer->attributes.planes[0].stride};
}

static uint32_t zlib_tile(const struct wltex_sum_pixels *pixels, uint32_t width, uint32_t height,
	uint32_t column, uint32_t row)
{
	uint32_t x = column * 64, y = row * 64, last_y = y + 64 < height ? y + 64 : height;
	uint32_t w = x + 64 < width ? 64 : width - x;
	uLong crc = crc32(0, NULL, 0);

	for (; y < last_y; y++)
		crc = crc32(crc, (const uint8_t *)pixels->data + y * pixels->stride + x * 4, w * 4);
	return (uint32_t)crc;
}

/* All sums, those that never leave the library as well. */
static void check_sums(
	const struct wltex_sum_pixels *pixels, uint32_t width, uint32_t height, uint32_t frame)
{
	struct wltex_sum *cpu = wltex_sum_create(width, height, 4);
	const struct wltex_sum *gpu = wltex_gpu_sum_read(gpu_sum);
	uint32_t columns, rows;

	check(cpu != NULL && gpu != NULL);
	wltex_sum_update(cpu, pixels, NULL, NULL);
	check_int(frame, wltex_sum_get_frame(cpu));
	wltex_sum_get_grid(gpu, &columns, &rows);
	for (uint32_t y = 0; y < rows; y++) {
		for (uint32_t x = 0; x < columns; x++) {
			struct sum_tile a = sum_get_tile(gpu, x, y), b = sum_get_tile(cpu, x, y);

			check_int(wltex_sum_get_tile(gpu, x, y),
				zlib_tile(pixels, width, height, x, y));
			check_int(a.crc32c, b.crc32c);
			check_int(a.part, b.part);
		}
	}
	wltex_sum_destroy(cpu);
}

static void fill_random(struct gl_buffer *buffer, uint32_t *seed)
{
	gl_random(seed, buffer->data, buffer->size);
}

static const uint32_t byte_formats[] = {DRM_FORMAT_ARGB8888, DRM_FORMAT_ABGR8888,
	DRM_FORMAT_RGBA8888, DRM_FORMAT_BGRA8888, DRM_FORMAT_XRGB8888, DRM_FORMAT_XBGR8888,
	DRM_FORMAT_RGBX8888, DRM_FORMAT_BGRX8888};

static bool is_offered(uint32_t format)
{
	return core_find_format(gpu_gl.context, format, DRM_FORMAT_MOD_LINEAR) != NULL;
}

static void check_dmabuf(uint32_t format, int32_t width, int32_t height, uint32_t *seed)
{
	struct gl_buffer buffer;
	struct wltex_gpu_sum_result result;
	struct wltex_sum_pixels pixels;

	gl_buffer_create(&buffer, width, height, format);
	fill_random(&buffer, seed);
	pixels = get_pixels(&buffer);
	result = gpu_look_at(&buffer, NULL);
	check_int(result.kind, WLTEX_SUM_CRC32);
	check_int(result.frame, gl_buffer_sum(&buffer));
	check_sums(&pixels, (uint32_t)width, (uint32_t)height, result.frame);
	gl_buffer_destroy(&buffer);
}

TEST(formats_equal_zlib)
{
	uint32_t seed = 1;
	int checked = 0;

	gpu_begin();
	for (size_t i = 0; i < 8; i++) {
		if (!is_offered(byte_formats[i]))
			continue;
		checked++;
		check_dmabuf(byte_formats[i], 150, 70, &seed);
	}
	check(checked >= 4);
	gpu_end();
}

TEST(sizes_equal_zlib)
{
	static const int32_t sides[] = {1, 2, 15, 16, 17, 47, 48, 49, 63, 64, 65, 127, 128, 129};
	/* All of 1..200 x 1..140, or some. */
	int rounds = getenv("WLTEX_LONG") != NULL ? 200 * 140 : 60;
	uint32_t seed = 2;

	gpu_begin();
	for (size_t i = 0; i < 14; i++) {
		check_dmabuf(DRM_FORMAT_ARGB8888, sides[i], sides[13 - i], &seed);
		check_dmabuf(DRM_FORMAT_ARGB8888, sides[i], 65, &seed);
	}
	for (int i = 0; i < rounds; i++) {
		uint32_t format = byte_formats[gl_random_below(&seed, 8)];
		uint32_t n = rounds > 60 ? (uint32_t)i : gl_random_below(&seed, 200 * 140);

		if (is_offered(format))
			check_dmabuf(format, 1 + (int32_t)(n % 200), 1 + (int32_t)(n / 200), &seed);
	}
	gpu_end();
}

/* More tiles in a row than a word has bits. */
TEST(wide)
{
	uint32_t seed = 3;

	gpu_begin();
	check_dmabuf(DRM_FORMAT_XRGB8888, 67 * 64 + 3, 66, &seed);
	gpu_end();
}

TEST(pixels_equal_zlib)
{
	static uint8_t memory[90 * 1024];
	uint32_t seed = 4;

	gpu_begin();
	for (size_t padding = 0; padding < 9; padding++) {
		size_t stride = 150 * 4 + padding;
		const struct wltex_pixels pixels = {
			memory, 150, 140, stride, DRM_FORMAT_XRGB2101010};
		const struct wltex_gpu_look look = {.pixels = &pixels};
		struct wltex_gpu_sum_result result;

		gl_random(&seed, memory, sizeof(memory));
		check_int(wltex_gpu_sum_start(gpu_sum, &look), 0);
		result = gpu_wait();
		check_int(result.kind, WLTEX_SUM_CRC32);
		check_sums(&(struct wltex_sum_pixels){memory, stride}, 150, 140, result.frame);
	}
	gpu_end();
}

/* A few bytes somewhere, and damage around them. */
static void change(struct gl_buffer *buffer, uint32_t *seed, pixman_region32_t *damage)
{
	uint32_t width = (uint32_t)buffer->attributes.width;
	uint32_t height = (uint32_t)buffer->attributes.height;

	pixman_region32_clear(damage);
	for (uint32_t n = gl_random_below(seed, 5); n > 0; n--) {
		uint32_t x = gl_random_below(seed, width), y = gl_random_below(seed, height);
		uint32_t row = buffer->attributes.flags != 0 ? height - 1 - y : y;

		gl_buffer_row(buffer, row)[4 * x + gl_random_below(seed, 4)]++;
		pixman_region32_union_rect(damage, damage, (int)x, (int)y, 1, 1);
	}
	/* And what did not change. */
	pixman_region32_union_rect(damage, damage, (int)gl_random_below(seed, width),
		(int)gl_random_below(seed, height), 90, 90);
	pixman_region32_intersect_rect(damage, damage, 0, 0, width, height);
}

static void check_equal_regions(const pixman_region32_t *actual, const pixman_region32_t *expected)
{
	check(pixman_region32_equal((pixman_region32_t *)actual, (pixman_region32_t *)expected));
}

TEST(changes_equal_those_of_the_cpu)
{
	struct wltex_sum *cpu = wltex_sum_create(300, 200, 4);
	pixman_region32_t damage, changed;
	struct gl_buffer buffers[2];
	uint32_t seed = 5;

	gpu_begin();
	pixman_region32_init(&damage);
	pixman_region32_init(&changed);
	for (int i = 0; i < 2; i++)
		gl_buffer_create(&buffers[i], 300, 200, DRM_FORMAT_XRGB8888);
	for (int i = 0; i < 40; i++) {
		struct gl_buffer *buffer = &buffers[i % 2];
		struct wltex_sum_pixels pixels = get_pixels(buffer);
		struct wltex_gpu_sum_result result;
		size_t n;

		memcpy(buffer->data, buffers[1 - i % 2].data, buffer->size);
		change(buffer, &seed, &damage);
		n = wltex_sum_update(cpu, &pixels, &damage, &changed);
		result = gpu_look_at(buffer, &damage);
		check_int(result.compared, i > 0);
		check_int(result.n_changed, n);
		check_equal_regions(result.changed, &changed);
		check_int(result.frame, gl_buffer_sum(buffer));
	}
	for (int i = 0; i < 2; i++)
		gl_buffer_destroy(&buffers[i]);
	pixman_region32_fini(&changed);
	pixman_region32_fini(&damage);
	wltex_sum_destroy(cpu);
	gpu_end();
}

TEST(upside_down)
{
	pixman_region32_t damage;
	struct gl_buffer buffer;
	pixman_box32_t *box;
	struct wltex_gpu_sum_result result;

	gpu_begin();
	gl_buffer_create_inverted(&buffer, 100, 150, DRM_FORMAT_ARGB8888);
	pixman_region32_init_rect(&damage, 0, 0, 10, 10);
	gpu_look_at(&buffer, NULL);
	/* The first row of the picture is the last one of the memory. */
	gl_buffer_row(&buffer, 149)[0]++;
	gl_buffer_row(&buffer, 0)[0]++;
	result = gpu_look_at(&buffer, &damage);
	check_int(result.n_changed, 1);
	box = pixman_region32_extents((pixman_region32_t *)result.changed);
	check(box->x1 == 0 && box->y1 == 0 && box->x2 == 64 && box->y2 == 22);
	pixman_region32_fini(&damage);
	gl_buffer_destroy(&buffer);
	gpu_end();
}

/* Another format, modifier, size, direction: nothing to compare with. */
TEST(identity)
{
	struct gl_buffer a, b, c, d;

	gpu_begin();
	gl_buffer_create(&a, 100, 100, DRM_FORMAT_ARGB8888);
	gl_buffer_create(&b, 100, 100, DRM_FORMAT_XRGB8888);
	gl_buffer_create(&c, 100, 99, DRM_FORMAT_XRGB8888);
	gl_buffer_create_inverted(&d, 100, 99, DRM_FORMAT_XRGB8888);
	check(!gpu_look_at(&a, NULL).compared);
	check(gpu_look_at(&a, NULL).compared);
	check(!gpu_look_at(&b, NULL).compared);
	check(!gpu_look_at(&c, NULL).compared);
	check(!gpu_look_at(&d, NULL).compared);
	check_int(gpu_look_at(&d, NULL).n_changed, 0);
	gl_buffer_destroy(&a);
	gl_buffer_destroy(&b);
	gl_buffer_destroy(&c);
	gl_buffer_destroy(&d);
	gpu_end();
}

/* Each byte of a pixel of a format that has a fingerprint, and nothing else, is seen. */
static void check_fingerprint(uint32_t format, uint32_t bytes_per_pixel)
{
	const struct decode_format *decode = decode_find(format);
	struct wltex_gpu_sum_result result;
	struct gl_buffer buffer;
	uint32_t seed = format, frame;
	uint8_t pixel[8];

	gl_buffer_create(&buffer, 100, 100, format);
	decode_random(decode, &seed, buffer.data, buffer.size);
	result = gpu_look_at(&buffer, NULL);
	check_int(result.kind, WLTEX_SUM_FINGERPRINT);
	frame = result.frame;
	result = gpu_look_at(&buffer, NULL);
	check(result.compared && result.n_changed == 0 && result.frame == frame);
	for (int i = 0; i < 20; i++) {
		uint8_t *at = gl_buffer_row(&buffer, gl_random_below(&seed, 100)) +
			      (size_t)gl_random_below(&seed, 100) * bytes_per_pixel;

		do {
			memcpy(pixel, at, bytes_per_pixel);
			decode_random(decode, &seed, at, bytes_per_pixel);
		} while (memcmp(pixel, at, bytes_per_pixel) == 0);
		result = gpu_look_at(&buffer, NULL);
		check_int(result.n_changed, 1);
		check(result.frame != frame);
		frame = result.frame;
	}
	gl_buffer_destroy(&buffer);
}

TEST(fingerprints)
{
	static const struct {
		uint32_t format, bytes;
	} formats[] = {{DRM_FORMAT_RGB565, 2}, {DRM_FORMAT_ABGR2101010, 4},
		{DRM_FORMAT_ABGR16161616F, 8}, {DRM_FORMAT_ABGR16161616, 8}};
	int checked = 0;

	gpu_begin();
	for (size_t i = 0; i < 4; i++) {
		if (!is_offered(formats[i].format))
			continue;
		checked++;
		check_fingerprint(formats[i].format, formats[i].bytes);
	}
	check(checked > 0);
	gpu_end();
}

static struct wltex_format *offer(uint32_t format)
{
	/* The table is the context's own memory. */
	return (struct wltex_format *)core_find_format(
		gpu_gl.context, format, DRM_FORMAT_MOD_LINEAR);
}

/* As where a driver lets a format be sampled in that way only. */
TEST(external_textures)
{
	gpu_begin();
	if (gpu_gl.context->gpu->sum[GPU_EXTERNAL] == 0)
		test_skip("no external textures in compute programs");
	offer(DRM_FORMAT_ARGB8888)->external_only = true;
	check_fingerprint(DRM_FORMAT_ARGB8888, 4);
	gpu_end();
}

/* The X byte cannot be sampled: what it is does not count, and it is no CRC. */
TEST(no_format_with_alpha)
{
	struct wltex_gpu_sum_result result;
	struct gl_buffer buffer;

	gpu_begin();
	gl_buffer_create(&buffer, 100, 100, DRM_FORMAT_XRGB8888);
	offer(DRM_FORMAT_ARGB8888)->external_only = true;
	gpu_look_at(&buffer, NULL);
	gl_buffer_row(&buffer, 3)[3]++;
	result = gpu_look_at(&buffer, NULL);
	check_int(result.kind, WLTEX_SUM_FINGERPRINT);
	check_int(result.n_changed, 0);
	gl_buffer_row(&buffer, 3)[2]++;
	check_int(gpu_look_at(&buffer, NULL).n_changed, 1);
	gl_buffer_destroy(&buffer);
	gpu_end();
}

TEST(refused)
{
	struct wltex_gpu_sum_result result;
	struct wltex_gpu_look look = {0};
	struct gl_buffer buffer, unsealed;
	uint8_t pixel[8] = {0};
	struct wltex_pixels pixels = {pixel, 1, 1, 4, DRM_FORMAT_RGB565};

	gpu_begin();
	gl_buffer_create(&buffer, 10, 10, DRM_FORMAT_ARGB8888);
	gl_buffer_create_unsealed(&unsealed, 10, 10, DRM_FORMAT_ARGB8888);
	check_int(wltex_gpu_sum_start(gpu_sum, &look), -EINVAL);
	look.pixels = &pixels;
	check_int(wltex_gpu_sum_start(gpu_sum, &look), -EINVAL);
	pixels = (struct wltex_pixels){pixel, 1, 1, 3, DRM_FORMAT_ARGB8888};
	check_int(wltex_gpu_sum_start(gpu_sum, &look), -EINVAL);
	pixels = (struct wltex_pixels){pixel, 0, 1, 4, DRM_FORMAT_ARGB8888};
	check_int(wltex_gpu_sum_start(gpu_sum, &look), -EINVAL);
	pixels = (struct wltex_pixels){pixel, 1u << 20, 1, 4u << 20, DRM_FORMAT_ARGB8888};
	check_int(wltex_gpu_sum_start(gpu_sum, &look), -EFBIG);
	look.dmabuf = buffer.dmabuf;
	check_int(wltex_gpu_sum_start(gpu_sum, &look), -EINVAL);
	look = (struct wltex_gpu_look){.dmabuf = unsealed.dmabuf};
	check_int(wltex_gpu_sum_start(gpu_sum, &look), -EACCES);
	check_int(wltex_gpu_sum_finish(gpu_sum, &result), -ENOENT);
	check(wltex_gpu_sum_read(gpu_sum) == NULL);
	check_int(errno, ENOENT);
	gpu_look_at(&buffer, NULL);
	gl_buffer_destroy(&buffer);
	gl_buffer_destroy(&unsealed);
	gpu_end();
}
