/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cli/alloc/alloc.h"

/*
 * A memfd is no dmabuf, but software renderers import it as if it were one: the buffers
 * of machines without a GPU.
 */
static int memfd_alloc(struct wltex_allocator *allocator,
	const struct wltex_memory_request *request, struct wltex_memory *memory,
	struct wltex_cli_reason *reason)
{
	int ret;

	wltex_memory_layout(memory, request);
	ret = wltex_memory_memfd(memory);
	if (ret >= 0) {
		memory->fd = ret;
		ret = wltex_memory_map(memory);
	}
	if (ret < 0)
		wltex_cli_set_reason(reason, "cannot make a memfd of %zu bytes: %s", memory->size,
			strerror(-ret));
	return ret;
}

const struct wltex_allocator_ops wltex_allocator_memfd = {
	.name = "memfd",
	.alloc = memfd_alloc,
};
