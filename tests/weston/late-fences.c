/* SPDX-License-Identifier: MIT */
/*
 * A GPU that takes its time, to be linked into the module: each fence comes when it has been
 * asked for a few times, as software renderers are done at once. With WLTEX_FENCES=never none
 * does. WLTEX_BREAK=late is a mistake that a test must find: what is written after its commit is
 * not drawn after all.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/gpu.h"
#include "weston/look.h"

#define POLLS 3

int __real_gpu_fence_init(struct gpu_fence *fence, const struct wltex_context *context);
int __wrap_gpu_fence_init(struct gpu_fence *fence, const struct wltex_context *context);
int __real_gpu_fence_poll(const struct gpu_fence *fence, const struct wltex_context *context);
int __wrap_gpu_fence_poll(const struct gpu_fence *fence, const struct wltex_context *context);
void __real_look_draw_after_all(struct module_surface *surface, const pixman_region32_t *region);
void __wrap_look_draw_after_all(struct module_surface *surface, const pixman_region32_t *region);

static int polls;

static bool is_set(const char *name, const char *value)
{
	const char *set = getenv(name);

	return set != NULL && strcmp(set, value) == 0;
}

int __wrap_gpu_fence_init(struct gpu_fence *fence, const struct wltex_context *context)
{
	polls = 0;
	return __real_gpu_fence_init(fence, context);
}

int __wrap_gpu_fence_poll(const struct gpu_fence *fence, const struct wltex_context *context)
{
	if (fence->sync != EGL_NO_SYNC_KHR && (is_set("WLTEX_FENCES", "never") || polls++ < POLLS))
		return -EAGAIN;
	return __real_gpu_fence_poll(fence, context);
}

void __wrap_look_draw_after_all(struct module_surface *surface, const pixman_region32_t *region)
{
	if (!is_set("WLTEX_BREAK", "late"))
		__real_look_draw_after_all(surface, region);
}
