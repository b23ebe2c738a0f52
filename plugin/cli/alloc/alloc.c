/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <drm_fourcc.h>
#include <linux/dma-buf.h>

#include "cli/alloc/alloc.h"
#include "cli/format.h"
#include "util/fd.h"

/* What the pickiest of the common GPUs asks of a linear buffer's rows. */
#define STRIDE_ALIGNMENT 256

static const struct allocator_ops *const allocators[] = {
#ifdef HAVE_GBM
	&allocator_gbm,
#endif
	&allocator_udmabuf,
	&allocator_heap,
	&allocator_memfd,
};

const struct allocator_ops *allocator_ops_by_index(size_t index)
{
	return index < sizeof(allocators) / sizeof(allocators[0]) ? allocators[index] : NULL;
}

const struct allocator_ops *allocator_ops_by_name(const char *name)
{
	const struct allocator_ops *ops;

	for (size_t i = 0; (ops = allocator_ops_by_index(i)); i++) {
		if (strcmp(ops->name, name) == 0)
			return ops;
	}
	return NULL;
}

int allocator_open(
	struct allocator *allocator, const struct allocator_ops *ops, struct cli_reason *reason)
{
	int ret;

	allocator->fd = -1;
	allocator->gbm = NULL;
	ret = ops->open ? ops->open(allocator, reason) : 0;
	if (ret == 0)
		allocator->ops = ops;
	return ret;
}

void allocator_close(struct allocator *allocator)
{
	if (!allocator->ops)
		return;
	if (allocator->ops->close)
		allocator->ops->close(allocator);
	wltex_fd_close(&allocator->fd);
	allocator->ops = NULL;
}

void memory_layout(struct memory *memory, const struct memory_request *request)
{
	uint32_t row = request->width * format_bytes(wltex_format_info_get(request->format));
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	memory->stride = (row + STRIDE_ALIGNMENT - 1) / STRIDE_ALIGNMENT * STRIDE_ALIGNMENT +
			 request->stride_padding;
	memory->size = (size_t)memory->stride * request->height;
	memory->size = (memory->size + page - 1) / page * page;
	memory->modifier = request->linear ? DRM_FORMAT_MOD_LINEAR : DRM_FORMAT_MOD_INVALID;
}

int memory_map(struct memory *memory)
{
	void *map = mmap(NULL, memory->size, PROT_READ | PROT_WRITE, MAP_SHARED, memory->fd, 0);

	if (map == MAP_FAILED)
		return -errno;
	memory->map = map;
	return 0;
}

int memory_memfd(const struct memory *memory)
{
	int ret, fd = memfd_create("wltex-flip", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -errno;
	/* So that the receiver need not fear SIGBUS; udmabuf insists on it as well. */
	if (ftruncate(fd, (off_t)memory->size) < 0 ||
		fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0) {
		ret = -errno;
		close(fd);
		return ret;
	}
	return fd;
}

int memory_init(struct memory *memory, struct allocator *allocator,
	const struct memory_request *request, struct cli_reason *reason)
{
	int ret;

	*memory = (struct memory){.ops = allocator->ops, .fd = -1};
	ret = allocator->ops->alloc(allocator, request, memory, reason);
	if (ret < 0)
		memory_finish(memory);
	else
		/* For whoever looks at the kernel's list of dmabufs; memfds have a name already. */
		ioctl(memory->fd, DMA_BUF_SET_NAME, "wltex-flip");
	return ret;
}

void memory_finish(struct memory *memory)
{
	if (!memory->ops)
		return;
	if (memory->map)
		munmap(memory->map, memory->size);
	if (memory->ops->free)
		memory->ops->free(memory);
	wltex_fd_close(&memory->fd);
	*memory = (struct memory){.fd = -1};
}

static int sync_dmabuf(const struct memory *memory, uint64_t flags)
{
	struct dma_buf_sync sync = {.flags = flags | DMA_BUF_SYNC_RW};

	while (ioctl(memory->fd, DMA_BUF_IOCTL_SYNC, &sync) < 0) {
		if (errno != EINTR && errno != EAGAIN)
			return -errno;
	}
	return 0;
}

uint8_t *memory_begin(struct memory *memory, uint32_t *stride)
{
	if (!memory->map)
		return memory->ops->begin(memory, stride);
	if (memory->ops->dmabuf && sync_dmabuf(memory, DMA_BUF_SYNC_START) < 0)
		return NULL;
	*stride = memory->stride;
	return (uint8_t *)memory->map + memory->offset;
}

void memory_end(struct memory *memory)
{
	if (!memory->map)
		memory->ops->end(memory);
	else if (memory->ops->dmabuf)
		sync_dmabuf(memory, DMA_BUF_SYNC_END);
}
