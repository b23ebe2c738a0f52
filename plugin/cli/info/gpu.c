/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <drm_fourcc.h>
#include <wltex/gpu-sum.h>

#include "cli/info/info.h"

#define WIDTH 1920
#define HEIGHT 1080
#define ROUNDS 4
#define POLL_US 20

/* Milliseconds from the start of a look to its result, or a negative errno. */
static double time_look(struct wltex_gpu_sum *sum, const struct wltex_gpu_look *look)
{
	struct wltex_gpu_sum_result result;
	double begin_ms = cli_now_ms();
	int ret = wltex_gpu_sum_start(sum, look);

	while (ret == 0 && (ret = wltex_gpu_sum_finish(sum, &result)) == -EAGAIN) {
		ret = 0;
		usleep(POLL_US);
	}
	return ret < 0 ? ret : cli_now_ms() - begin_ms;
}

/* What a look takes beyond one that uploads as much and sums nothing, at best. */
static double measure(struct wltex_gpu_sum *sum, const struct wltex_pixels *pixels)
{
	const struct wltex_gpu_look all = {.pixels = pixels};
	pixman_region32_t nothing;
	double best_ms = 0, best_nothing_ms = 0;

	pixman_region32_init(&nothing);
	for (int i = 0; i <= ROUNDS; i++) {
		const struct wltex_gpu_look none = {.pixels = pixels, .damage = &nothing};
		double ms = time_look(sum, &all), nothing_ms = time_look(sum, &none);

		if (ms < 0 || nothing_ms < 0) {
			pixman_region32_fini(&nothing);
			return ms < 0 ? ms : nothing_ms;
		}
		/* The first one is a warm-up. */
		if (i <= 1 || ms < best_ms)
			best_ms = ms;
		if (i <= 1 || nothing_ms < best_nothing_ms)
			best_nothing_ms = nothing_ms;
	}
	pixman_region32_fini(&nothing);
	return best_ms > best_nothing_ms ? best_ms - best_nothing_ms : 0;
}

static double measure_frame(struct wltex_gpu_sum *sum)
{
	const size_t stride = (size_t)WIDTH * 4;
	struct wltex_pixels pixels = {
		.data = calloc(HEIGHT, stride),
		.width = WIDTH,
		.height = HEIGHT,
		.stride = stride,
		.format = DRM_FORMAT_ARGB8888,
	};
	double ms = pixels.data ? measure(sum, &pixels) : -ENOMEM;

	free((void *)pixels.data);
	return ms;
}

void info_measure_gpu(struct info *info)
{
	struct wltex_gpu_sum *sum;
	double ms;

	if (!info->context) {
		cli_set_reason(&info->gpu_reason, "no EGL");
		return;
	}
	info->gpu_software = wltex_context_get_capabilities(info->context)->software;
	sum = wltex_gpu_sum_create(info->context);
	ms = sum ? measure_frame(sum) : -errno;
	wltex_gpu_sum_destroy(sum);
	info->gpu_sums = ms >= 0;
	info->gpu_sum_rate = ms > 0 ? WIDTH * HEIGHT * 4.0 / ms * 1e3 : 0;
	if (ms < 0)
		cli_set_reason(&info->gpu_reason, "%s",
			ms == -ENOTSUP ? "they need GL ES 3.1 and EGL_KHR_fence_sync"
				       : strerror(-(int)ms));
}
