/* SPDX-License-Identifier: MIT */
#ifndef TESTS_GL_GPU_FIXTURE_H
#define TESTS_GL_GPU_FIXTURE_H

#include "core/gpu.h"
#include "gl.h"

/* A context of wltex's, and an object for sums of the GPU's. */
extern struct gl_fixture gpu_gl;
extern struct wltex_gpu_sum *gpu_sum;

/* Skips where there are none. */
void gpu_begin(void);
void gpu_end(void);

/* Wait for the look that is under way, with patience: llvmpipe takes as long as it takes. */
struct wltex_gpu_sum_result gpu_wait(void);
struct wltex_gpu_sum_result gpu_look_at(
	const struct gl_buffer *buffer, const pixman_region32_t *damage);

#endif
