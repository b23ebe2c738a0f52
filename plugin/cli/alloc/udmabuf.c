/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/udmabuf.h>

#include "cli/alloc/alloc.h"

#define UDMABUF_NODE "/dev/udmabuf"

static int udmabuf_open(struct wltex_allocator *allocator, struct wltex_cli_reason *reason)
{
	int ret;

	allocator->fd = open(UDMABUF_NODE, O_RDWR | O_CLOEXEC);
	if (allocator->fd >= 0)
		return 0;
	ret = -errno;
	wltex_cli_set_reason(reason, "cannot open %s: %s", UDMABUF_NODE, strerror(-ret));
	return ret;
}

/* The dmabuf of a memfd; the pages stay when the memfd is closed. */
static int create_dmabuf(struct wltex_allocator *allocator, const struct wltex_memory *memory)
{
	struct udmabuf_create create = {.flags = UDMABUF_FLAGS_CLOEXEC, .size = memory->size};
	int ret, memfd = wltex_memory_memfd(memory);

	if (memfd < 0)
		return memfd;
	create.memfd = (uint32_t)memfd;
	ret = ioctl(allocator->fd, UDMABUF_CREATE, &create);
	if (ret < 0)
		ret = -errno;
	close(memfd);
	return ret;
}

static int udmabuf_alloc(struct wltex_allocator *allocator,
	const struct wltex_memory_request *request, struct wltex_memory *memory,
	struct wltex_cli_reason *reason)
{
	int ret;

	wltex_memory_layout(memory, request);
	ret = create_dmabuf(allocator, memory);
	if (ret >= 0) {
		memory->fd = ret;
		ret = wltex_memory_map(memory);
	}
	if (ret < 0)
		wltex_cli_set_reason(reason, "%s: cannot make a dmabuf of %zu bytes: %s",
			UDMABUF_NODE, memory->size, strerror(-ret));
	return ret;
}

const struct wltex_allocator_ops wltex_allocator_udmabuf = {
	.name = "udmabuf",
	.open = udmabuf_open,
	.alloc = udmabuf_alloc,
	.dmabuf = true,
};
