/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

#include "cli/context.h"
#include "cli/sum/gpu.h"

#define POLL_US 200

static int init(struct sum_gpu *gpu, struct cli_reason *reason)
{
	char node[64];

	if (gpu->sum != NULL)
		return 0;
	if (gpu->context == NULL)
		gpu->context = cli_context_create(node, sizeof(node), reason);
	if (gpu->context == NULL)
		return -1;
	gpu->sum = wltex_gpu_sum_create(gpu->context);
	if (gpu->sum == NULL)
		cli_set_reason(reason, "%s cannot: %s",
			wltex_context_get_capabilities(gpu->context)->renderer,
			errno == ENOTSUP ? "it needs GL ES 3.1 and EGL_KHR_fence_sync"
					 : strerror(errno));
	return gpu->sum != NULL ? 0 : -1;
}

/* Here there is nothing else to do meanwhile. */
static int wait_for_result(struct wltex_gpu_sum *sum)
{
	struct wltex_gpu_sum_result result;
	int ret;

	while ((ret = wltex_gpu_sum_finish(sum, &result)) == -EAGAIN)
		usleep(POLL_US);
	return ret;
}

const struct wltex_sum *sum_gpu_look(
	struct sum_gpu *gpu, const struct sum_picture *picture, struct cli_reason *reason)
{
	const struct wltex_pixels pixels = {
		.data = picture->pixels,
		.width = picture->width,
		.height = picture->height,
		.stride = picture->stride,
		.format = picture->format->fourcc,
	};
	const struct wltex_sum *sums = NULL;
	int ret;

	if (init(gpu, reason) < 0)
		return NULL;
	ret = wltex_gpu_sum_start(gpu->sum, &(struct wltex_gpu_look){.pixels = &pixels});
	if (ret == 0)
		ret = wait_for_result(gpu->sum);
	if (ret == 0)
		sums = wltex_gpu_sum_read(gpu->sum);
	if (sums == NULL)
		cli_set_reason(reason, "the GPU does not sum it: %s",
			ret == -EINVAL ? "not a format of 4 bytes"
				       : strerror(ret < 0 ? -ret : errno));
	return sums;
}

void sum_gpu_finish(struct sum_gpu *gpu)
{
	wltex_gpu_sum_destroy(gpu->sum);
	if (gpu->context != NULL)
		wltex_context_destroy(gpu->context);
	*gpu = (struct sum_gpu){0};
}

static uint32_t get_end(uint32_t begin, uint32_t size)
{
	return size - begin < WLTEX_TILE_SIZE ? size : begin + WLTEX_TILE_SIZE;
}

static uint32_t sum_box(
	const struct sum_picture *picture, uint32_t x1, uint32_t y1, uint32_t x2, uint32_t y2)
{
	size_t bytes = format_bytes(picture->format);
	uLong crc = crc32(0, NULL, 0);

	for (uint32_t y = y1; y < y2; y++)
		crc = crc32_z(
			crc, picture->pixels + y * picture->stride + x1 * bytes, (x2 - x1) * bytes);
	return (uint32_t)crc;
}

struct sum_zlib sum_compare_with_zlib(
	const struct sum_picture *picture, const struct wltex_sum *sums)
{
	struct sum_zlib zlib = {.frame = sum_box(picture, 0, 0, picture->width, picture->height)};
	uint32_t columns, rows;

	wltex_sum_get_grid(sums, &columns, &rows);
	zlib.tiles = (size_t)columns * rows;
	for (uint32_t row = 0; row < rows; row++) {
		for (uint32_t column = 0; column < columns; column++) {
			uint32_t x = column * WLTEX_TILE_SIZE, y = row * WLTEX_TILE_SIZE;

			zlib.equal_tiles += wltex_sum_get_tile(sums, column, row) ==
					    sum_box(picture, x, y, get_end(x, picture->width),
						    get_end(y, picture->height));
		}
	}
	return zlib;
}
