/* SPDX-License-Identifier: MIT */
/*
 * Content sums of a picture of any shape, with any kernel, while its bytes change and
 * damage is claimed, rightly or not: the input is the shape and a row of operations, each
 * a byte and its arguments; see run(). After each update the sums must be zlib's of what
 * was seen: of each tile as it was when damage last touched it.
 */
#include <string.h>
#include <zlib.h>

#include <pixman.h>

#include "fuzz.h"
#include "sum/kernel.h"

#define MAX_WIDTH 260
#define MAX_HEIGHT 140
#define MAX_OPERATIONS 32

struct world {
	struct wltex_sum *sum;
	bool updated;
	uint32_t width, height, bpp;
	size_t stride, row_bytes;
	/* The first without a byte to spare in front or behind; both of the same stride. */
	uint8_t *memory, *pixels, *seen;
	pixman_region32_t damage;
};

static const struct sum_kernel *take_kernel(struct input *input)
{
	const struct sum_kernel *kernels[8];
	size_t count = 0;

	for (size_t i = 0; sum_kernel_get(i) != NULL; i++) {
		if (sum_kernel_get(i)->is_available())
			kernels[count++] = sum_kernel_get(i);
	}
	return kernels[take32(input, 1) % count];
}

static void init(struct world *world, struct input *input)
{
	const struct sum_kernel *kernel = take_kernel(input);
	size_t size, offset;

	world->bpp = UINT32_C(1) << take32(input, 1) % 4;
	world->width = 1 + take32(input, 2) % MAX_WIDTH;
	world->height = 1 + take32(input, 1) % MAX_HEIGHT;
	world->row_bytes = (size_t)world->width * world->bpp;
	world->stride = world->row_bytes + take32(input, 1);
	offset = take32(input, 1) % 64;
	size = world->stride * (world->height - 1) + world->row_bytes;
	world->memory = calloc(1, offset + size);
	world->seen = calloc(1, size);
	expect(world->memory != NULL && world->seen != NULL);
	world->pixels = world->memory + offset;
	pixman_region32_init(&world->damage);
	world->sum = sum_create_with(kernel, world->width, world->height, world->bpp);
	expect(world->sum != NULL);
}

static void finish(struct world *world)
{
	wltex_sum_destroy(world->sum);
	pixman_region32_fini(&world->damage);
	free(world->seen);
	free(world->memory);
}

static uint32_t tile_width(const struct world *world, uint32_t x)
{
	return world->width - x < WLTEX_TILE_SIZE ? world->width - x : WLTEX_TILE_SIZE;
}

static uint32_t tile_height(const struct world *world, uint32_t y)
{
	return world->height - y < WLTEX_TILE_SIZE ? world->height - y : WLTEX_TILE_SIZE;
}

/* Whether the tile differs from what was seen of it; from now on it is seen. */
static bool see_tile(struct world *world, uint32_t x, uint32_t y)
{
	bool differs = false;

	for (uint32_t i = 0; i < tile_height(world, y); i++) {
		size_t at = (y + i) * world->stride + (size_t)x * world->bpp;
		size_t size = (size_t)tile_width(world, x) * world->bpp;

		differs |= memcmp(world->seen + at, world->pixels + at, size) != 0;
		memcpy(world->seen + at, world->pixels + at, size);
	}
	return differs;
}

/* What is seen with that damage; returns how many tiles changed. */
static size_t see(struct world *world, const pixman_region32_t *damage, pixman_region32_t *changed)
{
	size_t count = 0;

	for (uint32_t y = 0; y < world->height; y += WLTEX_TILE_SIZE) {
		for (uint32_t x = 0; x < world->width; x += WLTEX_TILE_SIZE) {
			pixman_box32_t box = {(int32_t)x, (int32_t)y,
				(int32_t)(x + tile_width(world, x)),
				(int32_t)(y + tile_height(world, y))};

			if (world->updated && damage != NULL &&
				pixman_region32_contains_rectangle(
					(pixman_region32_t *)damage, &box) == PIXMAN_REGION_OUT)
				continue;
			if (!see_tile(world, x, y) && world->updated)
				continue;
			count++;
			pixman_region32_union_rect(changed, changed, (int)x, (int)y,
				tile_width(world, x), tile_height(world, y));
		}
	}
	return count;
}

static uint32_t sum_seen(
	const struct world *world, uint32_t x, uint32_t y, uint32_t width, uint32_t height)
{
	uLong crc = 0;

	for (uint32_t i = 0; i < height; i++) {
		crc = crc32_z(crc, world->seen + (y + i) * world->stride + (size_t)x * world->bpp,
			(size_t)width * world->bpp);
	}
	return (uint32_t)crc;
}

static void check_sums(const struct world *world)
{
	expect(wltex_sum_get_frame(world->sum) ==
		sum_seen(world, 0, 0, world->width, world->height));
	for (uint32_t y = 0; y < world->height; y += WLTEX_TILE_SIZE) {
		for (uint32_t x = 0; x < world->width; x += WLTEX_TILE_SIZE) {
			uint32_t column = x / WLTEX_TILE_SIZE, row = y / WLTEX_TILE_SIZE;

			expect(wltex_sum_get_tile(world->sum, column, row) ==
				sum_seen(world, x, y, tile_width(world, x), tile_height(world, y)));
		}
	}
}

static void update(struct world *world, const pixman_region32_t *damage)
{
	struct wltex_sum_pixels pixels = {.data = world->pixels, .stride = world->stride};
	pixman_region32_t changed, expected;
	size_t count;

	pixman_region32_init(&changed);
	pixman_region32_init(&expected);
	count = see(world, damage, &expected);
	expect(wltex_sum_update(world->sum, &pixels, damage, &changed) == count);
	expect(pixman_region32_equal(&changed, &expected));
	world->updated = true;
	check_sums(world);
	pixman_region32_fini(&changed);
	pixman_region32_fini(&expected);
}

/* Padding included, which must not matter. */
static void change_bytes(struct world *world, struct input *input)
{
	size_t size = world->stride * (world->height - 1) + world->row_bytes;
	size_t at = take32(input, 3) % size, count = 1 + take32(input, 1);
	uint8_t difference = (uint8_t)take32(input, 1);

	for (; count > 0 && at < size; count--, at++)
		world->pixels[at] ^= difference++;
}

/* Mostly around the picture; sometimes anywhere. */
static int32_t take_coordinate(struct input *input)
{
	int32_t value = (int32_t)take32(input, 2) - 0x4000;

	return value < 0x2000 ? value % 512 : (int32_t)take32(input, 4);
}

static void claim_damage(struct world *world, struct input *input)
{
	int32_t x1 = take_coordinate(input), y1 = take_coordinate(input);
	int32_t x2 = take_coordinate(input), y2 = take_coordinate(input);
	pixman_region32_t region;
	pixman_box32_t box = {
		x1 < x2 ? x1 : x2, y1 < y2 ? y1 : y2, x1 < x2 ? x2 : x1, y1 < y2 ? y2 : y1};

	if (!pixman_region32_init_rects(&region, &box, 1))
		return;
	pixman_region32_union(&world->damage, &world->damage, &region);
	pixman_region32_fini(&region);
}

static void run(struct world *world, struct input *input)
{
	switch (take32(input, 1) % 7) {
	case 0:
		update(world, NULL);
		break;
	case 1:
		update(world, &world->damage);
		pixman_region32_clear(&world->damage);
		break;
	case 2:
		wltex_sum_reset(world->sum);
		world->updated = false;
		break;
	case 3:
	case 4:
		change_bytes(world, input);
		break;
	default:
		claim_damage(world, input);
	}
}

static void check_bytes(struct input *input)
{
	const struct sum_kernel *kernel = take_kernel(input);
	uint32_t crc = take32(input, 4);
	uLong expected = input->left > 0 ? crc32_z(crc, input->data, input->left) : crc;

	expect(kernel->sum_bytes(crc, input->data, input->left) == expected);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size}, bytes = {data, size};
	struct world world = {0};

	check_bytes(&bytes);
	init(&world, &input);
	for (int i = 0; i < MAX_OPERATIONS && input.left > 0; i++)
		run(&world, &input);
	update(&world, &world.damage);
	finish(&world);
	return 0;
}
