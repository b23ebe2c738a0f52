/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>

#include <linux/dma-heap.h>

#include "cli/alloc/alloc.h"

#define HEAP_NODE "/dev/dma_heap/system"

static const char *get_node(const struct allocator *allocator)
{
	return allocator->device ? allocator->device : HEAP_NODE;
}

static int heap_open(struct allocator *allocator, struct cli_reason *reason)
{
	int ret;

	allocator->fd = open(get_node(allocator), O_RDWR | O_CLOEXEC);
	if (allocator->fd >= 0)
		return 0;
	ret = -errno;
	cli_set_reason(reason, "cannot open %s: %s", get_node(allocator), strerror(-ret));
	return ret;
}

static int heap_alloc(struct allocator *allocator, const struct memory_request *request,
	struct memory *memory, struct cli_reason *reason)
{
	struct dma_heap_allocation_data data = {.fd_flags = O_RDWR | O_CLOEXEC};
	int ret;

	memory_layout(memory, request);
	data.len = memory->size;
	ret = ioctl(allocator->fd, DMA_HEAP_IOCTL_ALLOC, &data);
	if (ret < 0) {
		ret = -errno;
	} else {
		memory->fd = (int)data.fd;
		ret = memory_map(memory);
	}
	if (ret < 0)
		cli_set_reason(reason, "%s: cannot make a dmabuf of %zu bytes: %s",
			get_node(allocator), memory->size, strerror(-ret));
	return ret;
}

const struct allocator_ops allocator_heap = {
	.name = "dma-heap",
	.open = heap_open,
	.alloc = heap_alloc,
	.dmabuf = true,
};
