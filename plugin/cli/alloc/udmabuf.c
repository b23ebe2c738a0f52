/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/udmabuf.h>

#include "cli/alloc/alloc.h"

#define UDMABUF_NODE "/dev/udmabuf"

static int udmabuf_open(struct allocator *allocator, struct cli_reason *reason)
{
	int ret;

	allocator->fd = open(UDMABUF_NODE, O_RDWR | O_CLOEXEC);
	if (allocator->fd >= 0)
		return 0;
	ret = -errno;
	cli_set_reason(reason, "cannot open %s: %s", UDMABUF_NODE, strerror(-ret));
	return ret;
}

/* The dmabuf of a memfd; the pages stay when the memfd is closed. */
static int create_dmabuf(struct allocator *allocator, const struct memory *memory)
{
	struct udmabuf_create create = {.flags = UDMABUF_FLAGS_CLOEXEC, .size = memory->size};
	int ret, memfd = memory_memfd(memory);

	if (memfd < 0)
		return memfd;
	create.memfd = (uint32_t)memfd;
	ret = ioctl(allocator->fd, UDMABUF_CREATE, &create);
	if (ret < 0)
		ret = -errno;
	close(memfd);
	return ret;
}

static int udmabuf_alloc(struct allocator *allocator, const struct memory_request *request,
	struct memory *memory, struct cli_reason *reason)
{
	int ret;

	memory_layout(memory, request);
	ret = create_dmabuf(allocator, memory);
	if (ret >= 0) {
		memory->fd = ret;
		ret = memory_map(memory);
	}
	if (ret < 0)
		cli_set_reason(reason, "%s: cannot make a dmabuf of %zu bytes: %s", UDMABUF_NODE,
			memory->size, strerror(-ret));
	return ret;
}

const struct allocator_ops allocator_udmabuf = {
	.name = "udmabuf",
	.open = udmabuf_open,
	.alloc = udmabuf_alloc,
	.dmabuf = true,
};
