/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cli/alloc/alloc.h"

/*
 * A memfd is no dmabuf, but software renderers import it as if it were one: the buffers
 * of machines without a GPU.
 */
static int memfd_alloc(struct allocator *allocator, const struct memory_request *request,
	struct memory *memory, struct cli_reason *reason)
{
	int ret;

	memory_layout(memory, request);
	ret = memory_memfd(memory);
	if (ret >= 0) {
		memory->fd = ret;
		ret = memory_map(memory);
	}
	if (ret < 0)
		cli_set_reason(reason, "cannot make a memfd of %zu bytes: %s", memory->size,
			strerror(-ret));
	return ret;
}

const struct allocator_ops allocator_memfd = {
	.name = "memfd",
	.alloc = memfd_alloc,
};
