/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <pixman.h>

#include "sum-reference.h"
#include "sum/kernel.h"
#include "test.h"

static void check_boxes(const pixman_region32_t *region, const pixman_box32_t *boxes, int count)
{
	int n;
	const pixman_box32_t *rects = pixman_region32_rectangles((pixman_region32_t *)region, &n);

	check_int(n, count);
	check(memcmp(rects, boxes, (size_t)count * sizeof(*boxes)) == 0);
}

TEST(create_checks_its_arguments)
{
	static const uint32_t bad[][3] = {
		{0, 1, 4},
		{1, 0, 4},
		{1, 1, 0},
		{1, 1, 3},
		{1, 1, 16},
		{UINT32_MAX, 1, 4},
		{1, UINT32_C(1) << 31, 1},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		errno = 0;
		check(wltex_sum_create(bad[i][0], bad[i][1], bad[i][2]) == NULL);
		check_int(errno, EINVAL);
	}
	wltex_sum_destroy(NULL);
}

TEST(empty_frame_has_no_sums_to_compare)
{
	uint64_t state = 1;
	struct picture p = make_picture(&state, 130, 65, 4, 12, 0);
	struct wltex_sum_pixels pixels = picture_pixels(&p);
	struct wltex_sum *sum = wltex_sum_create(p.width, p.height, p.bpp);
	pixman_region32_t changed;
	uint32_t columns, rows;

	pixman_region32_init(&changed);
	wltex_sum_get_grid(sum, &columns, &rows);
	check_int(columns, 3);
	check_int(rows, 2);
	/* The damage of the first update does not limit it. */
	check_int(wltex_sum_update(sum, &pixels, &changed, &changed), 6);
	check_boxes(&changed, &(pixman_box32_t){0, 0, 130, 65}, 1);
	check_int(wltex_sum_get_frame(sum), reference_crc32(&p, 0, 0, 130, 65));
	check_int(wltex_sum_get_tile(sum, 0, 0), reference_crc32(&p, 0, 0, 64, 64));
	check_int(wltex_sum_get_tile(sum, 2, 0), reference_crc32(&p, 128, 0, 2, 64));
	check_int(wltex_sum_get_tile(sum, 1, 1), reference_crc32(&p, 64, 64, 64, 1));
	check_int(wltex_sum_get_tile(sum, 2, 1), reference_crc32(&p, 128, 64, 2, 1));

	check_int(wltex_sum_update(sum, &pixels, NULL, &changed), 0);
	check(!pixman_region32_not_empty(&changed));
	wltex_sum_reset(sum);
	check_int(wltex_sum_update(sum, &pixels, &changed, NULL), 6);
	check_int(wltex_sum_get_frame(sum), reference_crc32(&p, 0, 0, 130, 65));

	pixman_region32_fini(&changed);
	wltex_sum_destroy(sum);
	free(p.memory);
}

/* Content whose CRC-32 is 0 is content like any other. */
TEST(content_with_sum_zero)
{
	static const uint8_t pixel[4] = {0x9d, 0x0a, 0xd9, 0x6d};
	struct wltex_sum_pixels pixels = {.data = pixel, .stride = 4};
	struct wltex_sum *sum = wltex_sum_create(1, 1, 4);

	check_int(crc32(0, pixel, 4), 0);
	check_int(wltex_sum_update(sum, &pixels, NULL, NULL), 1);
	check_int(wltex_sum_get_frame(sum), 0);
	check_int(wltex_sum_get_tile(sum, 0, 0), 0);
	check_int(wltex_sum_update(sum, &pixels, NULL, NULL), 0);
	wltex_sum_reset(sum);
	check_int(wltex_sum_update(sum, &pixels, NULL, NULL), 1);
	wltex_sum_destroy(sum);
}

/* Three bits of a tile that CRC-32 cannot see together. */
TEST(change_that_crc32_misses)
{
	uint8_t *data = calloc(1, 16384);
	struct wltex_sum_pixels pixels = {.data = data, .stride = 256};
	struct wltex_sum *sum = wltex_sum_create(64, 64, 4);
	pixman_region32_t changed;

	pixman_region32_init(&changed);
	wltex_sum_update(sum, &pixels, NULL, NULL);
	check_int(wltex_sum_get_frame(sum), 0xab54d286);
	data[4929] ^= 1;
	data[11174] ^= 2;
	data[16383] ^= 0x80;
	check_int(wltex_sum_update(sum, &pixels, NULL, &changed), 1);
	check_int(wltex_sum_get_frame(sum), 0xab54d286);
	check_int(wltex_sum_get_tile(sum, 0, 0), 0xab54d286);
	check_boxes(&changed, &(pixman_box32_t){0, 0, 64, 64}, 1);
	pixman_region32_fini(&changed);
	wltex_sum_destroy(sum);
	free(data);
}

TEST(changed_region_has_few_rectangles)
{
	uint64_t state = 2;
	struct picture p = make_picture(&state, 500, 300, 2, 0, 0);
	struct wltex_sum_pixels pixels = picture_pixels(&p);
	struct wltex_sum *sum = wltex_sum_create(p.width, p.height, p.bpp);
	const pixman_box32_t boxes[] = {
		{64, 64, 192, 256},
		{448, 64, 500, 256},
		{0, 256, 64, 300},
	};
	pixman_region32_t changed, claimed;

	pixman_region32_init(&changed);
	wltex_sum_update(sum, &pixels, NULL, NULL);
	for (uint32_t y = 64; y < 256; y += 63) {
		p.data[y * p.stride + 64 * 2] ^= 1;
		p.data[y * p.stride + 191 * 2 + 1] ^= 1;
		p.data[y * p.stride + 499 * 2] ^= 1;
	}
	p.data[299 * p.stride] ^= 1;
	check_int(wltex_sum_update(sum, &pixels, NULL, &changed), 3 * 3 + 1);
	check_boxes(&changed, boxes, 3);
	check_int(wltex_sum_get_frame(sum), reference_crc32(&p, 0, 0, 500, 300));

	/* More is claimed than has changed, and outside the frame; tiles that are touched are
	 * found to have changed wherever in them that was. */
	p.data[70 * p.stride + 70 * 2] ^= 1;
	pixman_region32_init_rect(&claimed, -100, 65, 1000, 6);
	check_int(wltex_sum_update(sum, &pixels, &claimed, &changed), 1);
	check_boxes(&changed, &(pixman_box32_t){64, 64, 128, 128}, 1);
	check_int(wltex_sum_get_frame(sum), reference_crc32(&p, 0, 0, 500, 300));

	/* Nothing is read outside the tiles that damage touches. */
	p.data[200 * p.stride] ^= 1;
	check_int(wltex_sum_update(sum, &pixels, &claimed, &changed), 0);
	pixman_region32_fini(&claimed);
	pixman_region32_init_rect(&claimed, 500, 0, 100, 300);
	check_int(wltex_sum_update(sum, &pixels, &claimed, &changed), 0);
	pixman_region32_fini(&claimed);
	pixman_region32_init(&claimed);
	check_int(wltex_sum_update(sum, &pixels, &claimed, &changed), 0);
	check(!pixman_region32_not_empty(&changed));
	check_int(wltex_sum_update(sum, &pixels, NULL, &changed), 1);
	check_boxes(&changed, &(pixman_box32_t){0, 192, 64, 256}, 1);

	pixman_region32_fini(&claimed);
	pixman_region32_fini(&changed);
	wltex_sum_destroy(sum);
	free(p.memory);
}

TEST(checkerboard_of_changes)
{
	struct picture p = {.width = 2000, .height = 1000, .bpp = 1, .stride = 2000};
	struct wltex_sum_pixels pixels;
	struct wltex_sum *sum = wltex_sum_create(p.width, p.height, p.bpp);
	pixman_region32_t changed, expected;

	p.memory = p.data = calloc(1, p.stride * p.height);
	pixels = picture_pixels(&p);
	pixman_region32_init(&changed);
	pixman_region32_init(&expected);
	wltex_sum_update(sum, &pixels, NULL, NULL);
	for (uint32_t y = 0; y < 1000; y += 64) {
		for (uint32_t x = y & 64; x < 2000; x += 128) {
			p.data[y * p.stride + x] = 1;
			pixman_region32_union_rect(&expected, &expected, (int)x, (int)y, 64, 64);
		}
	}
	pixman_region32_intersect_rect(&expected, &expected, 0, 0, 2000, 1000);
	check_int(wltex_sum_update(sum, &pixels, NULL, &changed), 16 * 16);
	check(pixman_region32_equal(&changed, &expected));
	pixman_region32_fini(&changed);
	pixman_region32_fini(&expected);
	wltex_sum_destroy(sum);
	free(p.memory);
}

TEST(bytes)
{
	uint8_t data[1500];
	uint64_t state = 3;

	fill_random(&state, data, sizeof(data));
	for (size_t i = 0; sum_kernel_get(i) != NULL; i++) {
		const struct sum_kernel *kernel = sum_kernel_get(i);

		if (!kernel->is_available())
			continue;
		for (size_t size = 0; size < sizeof(data); size++) {
			size_t begin = size % 17 < sizeof(data) - size ? size % 17 : 0;
			uint32_t crc = size % 3 ? next_random(&state) : 0;

			check_int(kernel->sum_bytes(crc, data + begin, size),
				size ? crc32(crc, data + begin, (uInt)size) : crc);
		}
		check_int(kernel->sum_bytes(7, NULL, 0), 7);
	}
	check_int(wltex_sum_bytes(0, "123456789", 9), 0xcbf43926);
}

TEST(kernel_choice)
{
	check(sum_kernel_find("portable") == &sum_kernel_portable);
	check(sum_kernel_find("") == NULL);
	check(sum_kernel_find("abacus") == NULL);
	setenv("WLTEX_SUM", "portable", 1);
	check_str(wltex_sum_get_kernel(), "portable");
}

TEST(unknown_kernel_is_ignored)
{
	size_t i = 0;

	while (!sum_kernel_get(i)->is_available())
		i++;
	setenv("WLTEX_SUM", "abacus", 1);
	check_str(wltex_sum_get_kernel(), sum_kernel_get(i)->name);
}
