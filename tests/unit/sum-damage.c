/* SPDX-License-Identifier: MIT */
#include <pixman.h>

#include "sum-reference.h"
#include "sum/kernel.h"
#include "test.h"

/* Random sequences of changes and of claims about them, from any list of rectangles. */
#define SEQUENCES 10000
#define PARTS 4

struct sequence {
	uint64_t state;
	struct picture picture;
	struct wltex_sum *sum;
	pixman_region32_t damage, expected;
};

static uint32_t below(struct sequence *s, uint32_t limit)
{
	return next_random(&s->state) % limit;
}

/* Mostly small frames, so that all edges and few tiles are common. */
static uint32_t random_side(struct sequence *s)
{
	static const uint32_t limits[] = {5, 70, 130, 260};

	return 1 + below(s, limits[below(s, 4)]);
}

static const struct sum_kernel *random_kernel(struct sequence *s)
{
	const struct sum_kernel *kernels[8];
	uint32_t count = 0;

	for (size_t i = 0; sum_kernel_get(i) != NULL; i++) {
		if (sum_kernel_get(i)->is_available())
			kernels[count++] = sum_kernel_get(i);
	}
	return kernels[below(s, count)];
}

static void begin_sequence(struct sequence *s)
{
	uint32_t width = random_side(s), height = random_side(s);
	uint32_t bpp = UINT32_C(1) << (below(s, 4) ? 2 : below(s, 4));

	s->picture = make_picture(&s->state, width, height, bpp, below(s, 70), below(s, 64));
	s->sum = sum_create_with(random_kernel(s), width, height, bpp);
	pixman_region32_init(&s->damage);
	pixman_region32_init(&s->expected);
}

static void end_sequence(struct sequence *s)
{
	pixman_region32_fini(&s->expected);
	pixman_region32_fini(&s->damage);
	wltex_sum_destroy(s->sum);
	free(s->picture.memory);
}

/* Change a pixel and remember its tile. */
static void change_pixel(struct sequence *s, uint32_t x, uint32_t y)
{
	struct picture *p = &s->picture;

	p->data[y * p->stride + (size_t)x * p->bpp + below(s, p->bpp)] ^=
		(uint8_t)(1 + below(s, 255));
	pixman_region32_union_rect(
		&s->expected, &s->expected, (int)(x - x % 64), (int)(y - y % 64), 64, 64);
}

/* Damage a rectangle, perhaps empty or outside, and change nothing, a pixel or several. */
static void change_rectangle(struct sequence *s)
{
	const struct picture *p = &s->picture;
	int32_t x1 = (int32_t)below(s, p->width + 40) - 20;
	int32_t y1 = (int32_t)below(s, p->height + 40) - 20;
	uint32_t width = 1 + below(s, p->width + 20), height = 1 + below(s, p->height + 20);

	pixman_region32_union_rect(&s->damage, &s->damage, x1, y1, width, height);
	for (uint32_t i = below(s, 4); i > 0; i--) {
		int32_t x = x1 + (int32_t)below(s, width), y = y1 + (int32_t)below(s, height);

		/* Twice the same byte may change it back: then CRCs are right anyway, but the
		 * region that is expected would not be. */
		if (x >= 0 && y >= 0 && x < (int32_t)p->width && y < (int32_t)p->height &&
			!pixman_region32_contains_point(&s->expected, x, y, NULL))
			change_pixel(s, (uint32_t)x, (uint32_t)y);
	}
}

static void check_tiles(const struct sequence *s)
{
	const struct picture *p = &s->picture;
	uint32_t columns, rows;

	check_int(wltex_sum_get_frame(s->sum), reference_crc32(p, 0, 0, p->width, p->height));
	wltex_sum_get_grid(s->sum, &columns, &rows);
	check_int(columns, (p->width + 63) / 64);
	check_int(rows, (p->height + 63) / 64);
	for (uint32_t r = 0; r < rows; r++) {
		for (uint32_t c = 0; c < columns; c++) {
			uint32_t x = c * 64, y = r * 64;
			uint32_t width = p->width - x < 64 ? p->width - x : 64;
			uint32_t height = p->height - y < 64 ? p->height - y : 64;

			check_int(wltex_sum_get_tile(s->sum, c, r),
				reference_crc32(p, x, y, width, height));
			check_int(sum_get_tile(s->sum, c, r).crc32c,
				reference_crc32c(p, x, y, width, height));
		}
	}
}

static size_t count_tiles(const pixman_region32_t *region)
{
	size_t count = 0;
	int n;
	const pixman_box32_t *boxes = pixman_region32_rectangles((pixman_region32_t *)region, &n);

	for (int i = 0; i < n; i++) {
		check_int(boxes[i].x1 % 64, 0);
		check_int(boxes[i].y1 % 64, 0);
		count += (size_t)((boxes[i].x2 - boxes[i].x1 + 63) / 64) *
			 (size_t)((boxes[i].y2 - boxes[i].y1 + 63) / 64);
	}
	return count;
}

static void update(struct sequence *s, const pixman_region32_t *damage)
{
	const struct picture *p = &s->picture;
	struct wltex_sum_pixels pixels = picture_pixels(p);
	pixman_region32_t changed;
	size_t count;

	pixman_region32_init(&changed);
	count = wltex_sum_update(s->sum, &pixels, damage, &changed);
	pixman_region32_intersect_rect(&s->expected, &s->expected, 0, 0, p->width, p->height);
	check(pixman_region32_equal(&changed, &s->expected));
	check_int(count, count_tiles(&changed));
	check_tiles(s);
	pixman_region32_clear(&s->expected);
	pixman_region32_clear(&s->damage);
	pixman_region32_fini(&changed);
}

static void run_sequence(uint32_t seed)
{
	struct sequence s = {.state = seed};

	for (int i = 0; i < 10; i++)
		next_random(&s.state);
	begin_sequence(&s);
	pixman_region32_union_rect(
		&s.expected, &s.expected, 0, 0, s.picture.width, s.picture.height);
	update(&s, below(&s, 2) ? &s.damage : NULL);
	for (uint32_t i = 1 + below(&s, 4); i > 0; i--) {
		for (uint32_t j = below(&s, 4); j > 0; j--)
			change_rectangle(&s);
		update(&s, below(&s, 8) ? &s.damage : NULL);
	}
	end_sequence(&s);
}

static void run_part(uint32_t part)
{
	const char *step = getenv("WLTEX_TEST_STEP");

	for (uint32_t i = part; i < SEQUENCES; i += PARTS * (step ? (uint32_t)atoi(step) : 1))
		run_sequence(i);
}

TEST(sequences_1)
{
	run_part(0);
}

TEST(sequences_2)
{
	run_part(1);
}

TEST(sequences_3)
{
	run_part(2);
}

TEST(sequences_4)
{
	run_part(3);
}
