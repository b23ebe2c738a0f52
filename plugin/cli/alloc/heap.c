/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>

#include <linux/dma-heap.h>

#include "cli/alloc/alloc.h"

#define HEAP_NODE "/dev/dma_heap/system"

static const char *get_node(const struct wltex_allocator *allocator)
{
	return allocator->device ? allocator->device : HEAP_NODE;
}

static int heap_open(struct wltex_allocator *allocator, struct wltex_cli_reason *reason)
{
	int ret;

	allocator->fd = open(get_node(allocator), O_RDWR | O_CLOEXEC);
	if (allocator->fd >= 0)
		return 0;
	ret = -errno;
	wltex_cli_set_reason(reason, "cannot open %s: %s", get_node(allocator), strerror(-ret));
	return ret;
}

static int heap_alloc(struct wltex_allocator *allocator, const struct wltex_memory_request *request,
	struct wltex_memory *memory, struct wltex_cli_reason *reason)
{
	struct dma_heap_allocation_data data = {.fd_flags = O_RDWR | O_CLOEXEC};
	int ret;

	wltex_memory_layout(memory, request);
	data.len = memory->size;
	ret = ioctl(allocator->fd, DMA_HEAP_IOCTL_ALLOC, &data);
	if (ret < 0) {
		ret = -errno;
	} else {
		memory->fd = (int)data.fd;
		ret = wltex_memory_map(memory);
	}
	if (ret < 0)
		wltex_cli_set_reason(reason, "%s: cannot make a dmabuf of %zu bytes: %s",
			get_node(allocator), memory->size, strerror(-ret));
	return ret;
}

const struct wltex_allocator_ops wltex_allocator_heap = {
	.name = "dma-heap",
	.open = heap_open,
	.alloc = heap_alloc,
	.dmabuf = true,
};
