/* SPDX-License-Identifier: MIT */
#include <pixman.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sum-reference.h"
#include "sum/kernel.h"
#include "test.h"

#define MAX_WIDTH 300
#define MAX_HEIGHT 130
#define MAX_TILES 5

/* What the tiles of a picture that grows row by row must be. */
struct expected {
	uint32_t frame;
	uint32_t crc32[3][MAX_TILES], crc32c[3][MAX_TILES];
};

/* Only some geometries where the machine is very slow. */
static uint32_t get_step(void)
{
	const char *step = getenv("WLTEX_TEST_STEP");

	return step != NULL ? (uint32_t)atoi(step) : 1;
}

static const struct sum_kernel *need_kernel(const char *name)
{
	const struct sum_kernel *kernel = sum_kernel_find(name);

	if (kernel == NULL)
		test_skip("this machine has no kernel %s", name);
	return kernel;
}

/* The next kernel that can run here, from *index on. */
static const struct sum_kernel *next_kernel(size_t *index)
{
	const struct sum_kernel *kernel;

	while ((kernel = sum_kernel_get(*index)) != NULL) {
		++*index;
		if (kernel->is_available())
			return kernel;
	}
	return NULL;
}

static void expect_row(struct expected *e, const struct picture *p, uint32_t y)
{
	uint32_t row = y / 64;

	e->frame = (uint32_t)crc32(e->frame, p->data + y * p->stride, p->width * p->bpp);
	for (uint32_t c = 0; c * 64 < p->width; c++) {
		uint32_t width = p->width - c * 64 < 64 ? p->width - c * 64 : 64;
		const uint8_t *data = p->data + y * p->stride + (size_t)c * 64 * p->bpp;

		e->crc32[row][c] = (uint32_t)crc32(e->crc32[row][c], data, width * p->bpp);
		e->crc32c[row][c] =
			reference_crc32c_bytes(e->crc32c[row][c], data, (size_t)width * p->bpp);
	}
}

static void check_expected(const struct sum_kernel *kernel, const struct picture *p,
	uint32_t height, const struct expected *e)
{
	struct wltex_sum *sum = sum_create_with(kernel, p->width, height, p->bpp);
	struct wltex_sum_pixels pixels = picture_pixels(p);
	uint32_t columns, rows;

	wltex_sum_update(sum, &pixels, NULL, NULL);
	check_int(wltex_sum_get_frame(sum), e->frame);
	wltex_sum_get_grid(sum, &columns, &rows);
	for (uint32_t r = 0; r < rows; r++) {
		for (uint32_t c = 0; c < columns; c++) {
			check_int(wltex_sum_get_tile(sum, c, r), e->crc32[r][c]);
			check_int(sum_get_tile(sum, c, r).crc32c, e->crc32c[r][c]);
		}
	}
	wltex_sum_destroy(sum);
}

static void check_width(const struct sum_kernel *kernel, uint32_t width, uint32_t bpp)
{
	uint64_t state = width;
	struct expected e = {0};
	/* All alignments, and paddings of up to 30 bytes. */
	struct picture p =
		make_picture(&state, width, MAX_HEIGHT, bpp, width % 7 * 5, width * 13 % 64);

	for (uint32_t y = 0; y < MAX_HEIGHT; y++) {
		expect_row(&e, &p, y);
		check_expected(kernel, &p, y + 1, &e);
	}
	free(p.memory);
}

static void check_geometries(const char *name)
{
	const struct sum_kernel *kernel = need_kernel(name);
	uint32_t step = get_step();

	for (uint32_t width = 1; width <= MAX_WIDTH; width += step)
		check_width(kernel, width, 4);
	for (uint32_t width = 1; width <= MAX_WIDTH; width += 7 * step) {
		check_width(kernel, width, 1);
		check_width(kernel, width, 2);
		check_width(kernel, width, 8);
	}
}

#if defined(__x86_64__)
TEST(geometries_avx512)
{
	check_geometries("avx512");
}

TEST(geometries_vpclmul)
{
	check_geometries("vpclmul");
}

TEST(geometries_pclmul)
{
	check_geometries("pclmul");
}
#elif defined(__aarch64__)
TEST(geometries_pmull)
{
	check_geometries("pmull");
}

TEST(geometries_armv8_crc32)
{
	check_geometries("armv8-crc32");
}
#endif

TEST(geometries_portable)
{
	check_geometries("portable");
}

/* More tiles side by side than kernels are given at once. */
TEST(wide_frames)
{
	uint64_t state = 5;
	struct picture p = make_picture(&state, 64 * 300 + 5, 67, 4, 20, 3);
	struct wltex_sum_pixels pixels = picture_pixels(&p);
	const struct sum_kernel *kernel;

	for (size_t i = 0; (kernel = next_kernel(&i)) != NULL;) {
		struct wltex_sum *sum = sum_create_with(kernel, p.width, p.height, p.bpp);

		check_int(wltex_sum_update(sum, &pixels, NULL, NULL), 301 * 2);
		check_int(wltex_sum_get_frame(sum), reference_crc32(&p, 0, 0, p.width, p.height));
		for (uint32_t c = 0; c <= 300; c++) {
			uint32_t width = c < 300 ? 64 : 5;

			check_int(wltex_sum_get_tile(sum, c, 1),
				reference_crc32(&p, c * 64, 64, width, 3));
		}
		wltex_sum_destroy(sum);
	}
	free(p.memory);
}

/* Each bit of a frame with tiles of all kinds, flipped alone. */
TEST(one_bit_changes)
{
	uint64_t state = 6;
	struct picture p = make_picture(&state, 69, 67, 1, 0, 1);
	struct wltex_sum_pixels pixels = picture_pixels(&p);
	const struct sum_kernel *kernel;
	uint32_t step = get_step();

	for (size_t i = 0; (kernel = next_kernel(&i)) != NULL;) {
		struct wltex_sum *sum = sum_create_with(kernel, p.width, p.height, p.bpp);
		uint32_t frame;

		wltex_sum_update(sum, &pixels, NULL, NULL);
		frame = wltex_sum_get_frame(sum);
		for (uint32_t bit = 0; bit < 69 * 67 * 8; bit += step) {
			p.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
			check_int(wltex_sum_update(sum, &pixels, NULL, NULL), 1);
			check(wltex_sum_get_frame(sum) != frame);
			p.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
			check_int(wltex_sum_update(sum, &pixels, NULL, NULL), 1);
			check_int(wltex_sum_get_frame(sum), frame);
		}
		wltex_sum_destroy(sum);
	}
	free(p.memory);
}

TEST(padding_does_not_matter)
{
	uint64_t state = 7;
	const struct sum_kernel *kernel;
	uint32_t step = get_step();

	for (uint32_t width = 1; width <= MAX_WIDTH; width += step) {
		struct picture p = make_picture(&state, width, 66, 4, 4 + width % 90, 0);
		struct wltex_sum_pixels pixels = picture_pixels(&p);

		for (size_t i = 0; (kernel = next_kernel(&i)) != NULL;) {
			struct wltex_sum *sum = sum_create_with(kernel, width, p.height, p.bpp);

			wltex_sum_update(sum, &pixels, NULL, NULL);
			for (uint32_t y = 0; y < p.height - 1; y++) {
				fill_random(&state, p.data + y * p.stride + (size_t)width * p.bpp,
					p.stride - (size_t)width * p.bpp);
			}
			check_int(wltex_sum_update(sum, &pixels, NULL, NULL), 0);
			check_int(wltex_sum_get_frame(sum),
				reference_crc32(&p, 0, 0, width, p.height));
			wltex_sum_destroy(sum);
		}
		free(p.memory);
	}
}

/* The rows of a frame at either end of a page each, between pages that are not mapped. */
#define GUARDED_ROWS 66

static void check_guarded(uint8_t *memory, size_t page, uint32_t width, uint32_t bpp)
{
	size_t row_bytes = (size_t)width * bpp;
	struct picture p = {.width = width, .bpp = bpp, .stride = 2 * page};
	const struct sum_kernel *kernel;

	for (int end = 0; end < 2; end++) {
		p.data = memory + page + (end ? page - row_bytes : 0);
		for (p.height = 1; p.height <= GUARDED_ROWS; p.height += 65) {
			struct wltex_sum_pixels pixels = picture_pixels(&p);

			for (size_t i = 0; (kernel = next_kernel(&i)) != NULL;) {
				struct wltex_sum *sum =
					sum_create_with(kernel, width, p.height, bpp);

				wltex_sum_update(sum, &pixels, NULL, NULL);
				check_int(wltex_sum_get_frame(sum),
					reference_crc32(&p, 0, 0, width, p.height));
				wltex_sum_destroy(sum);
			}
		}
	}
}

TEST(nothing_outside_is_read)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = (GUARDED_ROWS * 2 + 1) * page;
	uint8_t *memory = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t state = 8;
	uint32_t step = get_step();

	check(memory != MAP_FAILED);
	for (size_t y = 0; y < GUARDED_ROWS; y++) {
		uint8_t *row = memory + (2 * y + 1) * page;

		check(mprotect(row, page, PROT_READ | PROT_WRITE) == 0);
		fill_random(&state, row, page);
	}
	for (uint32_t width = 1; width <= MAX_WIDTH; width += step) {
		for (uint32_t bpp = 1; bpp <= 8; bpp *= 2)
			check_guarded(memory, page, width, bpp);
	}
	check(munmap(memory, size) == 0);
}

TEST(nothing_outside_bytes_is_read)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *memory = mmap(NULL, 3 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint8_t *data = memory + page;
	const struct sum_kernel *kernel;

	check(memory != MAP_FAILED);
	check(mprotect(data, page, PROT_READ | PROT_WRITE) == 0);
	for (size_t i = 0; (kernel = next_kernel(&i)) != NULL;) {
		for (size_t size = 0; size <= page; size++) {
			check_int(kernel->sum_bytes(1, data, size), crc32_z(1, data, size));
			check_int(kernel->sum_bytes(1, data + page - size, size),
				crc32_z(1, data + page - size, size));
		}
	}
	check(munmap(memory, 3 * page) == 0);
}

static void check_dot(const struct sum_kernel *kernel, uint64_t *state, size_t count)
{
	uint32_t a[SUM_MAX_COLUMNS], b[SUM_MAX_COLUMNS];

	for (size_t i = 0; i < count; i++) {
		a[i] = next_random(state) ^ next_random(state) << 1;
		b[i] = next_random(state) ^ next_random(state) << 1;
	}
	check_int(kernel->dot(a, b, count), sum_kernel_portable.dot(a, b, count));
}

TEST(products)
{
	uint64_t state = 9;
	const struct sum_kernel *kernel;
	uint32_t one = UINT32_C(1) << 31, a = 0xdeadbeef;

	for (size_t i = 0; (kernel = next_kernel(&i)) != NULL;) {
		check_int(kernel->dot(&a, &one, 1), a);
		check_int(kernel->dot(&a, &one, 0), 0);
		for (size_t count = 1; count <= SUM_MAX_COLUMNS; count++)
			check_dot(kernel, &state, count);
	}
}
