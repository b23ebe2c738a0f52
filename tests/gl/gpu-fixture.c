/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <unistd.h>

#include "gpu-fixture.h"

struct gl_fixture gpu_gl;
struct wltex_gpu_sum *gpu_sum;

void gpu_begin(void)
{
	gl_fixture_init(&gpu_gl, WLTEX_CONTEXT_SHARED);
	gpu_sum = wltex_gpu_sum_create(gpu_gl.context);
	if (gpu_sum == NULL && errno == ENOTSUP)
		test_skip("no compute programs, or no fences");
	check(gpu_sum != NULL);
}

void gpu_end(void)
{
	wltex_gpu_sum_destroy(gpu_sum);
	gl_fixture_finish(&gpu_gl);
}

struct wltex_gpu_sum_result gpu_wait(void)
{
	struct wltex_gpu_sum_result result;
	int ret;

	while ((ret = wltex_gpu_sum_finish(gpu_sum, &result)) == -EAGAIN)
		usleep(100);
	check_int(ret, 0);
	return result;
}

struct wltex_gpu_sum_result gpu_look_at(
	const struct gl_buffer *buffer, const pixman_region32_t *damage)
{
	const struct wltex_gpu_look look = {.dmabuf = buffer->dmabuf, .damage = damage};

	check_int(wltex_gpu_sum_start(gpu_sum, &look), 0);
	return gpu_wait();
}
