/* SPDX-License-Identifier: MIT */
#ifndef CLI_SUM_GPU_H
#define CLI_SUM_GPU_H

#include <wltex/gpu-sum.h>

#include "cli/sum/picture.h"

/* A GPU that sums pictures, zeroed at first. */
struct sum_gpu {
	struct wltex_context *context;
	struct wltex_gpu_sum *sum;
};

/*
 * Upload the picture and let the GPU sum it: it is made ready by the first one. Returns the
 * sums, until the next picture or the end, or NULL with the reason.
 */
const struct wltex_sum *sum_gpu_look(
	struct sum_gpu *gpu, const struct sum_picture *picture, struct cli_reason *reason);
void sum_gpu_finish(struct sum_gpu *gpu);

/* What zlib itself says of the picture, and of how many tiles it says the same as the sums. */
struct sum_zlib {
	uint32_t frame;
	size_t equal_tiles, tiles;
};
struct sum_zlib sum_compare_with_zlib(
	const struct sum_picture *picture, const struct wltex_sum *sums);

#endif
