/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <drm_fourcc.h>
#include <gbm.h>
#include <xf86drm.h>

#include "cli/alloc/alloc.h"
#include "util/fd.h"

#define MAX_DEVICES 64

static int open_node(struct allocator *allocator, const char *node)
{
	int ret;

	allocator->fd = open(node, O_RDWR | O_CLOEXEC);
	if (allocator->fd < 0)
		return -errno;
	/* Mesa takes any fd, and finds out later. */
	if (drmGetNodeTypeFromFd(allocator->fd) >= 0) {
		allocator->gbm = gbm_create_device(allocator->fd);
		if (allocator->gbm)
			return 0;
	}
	ret = errno ? -errno : -EIO;
	wltex_fd_close(&allocator->fd);
	return ret;
}

static int open_device(struct allocator *allocator, const drmDevice *device)
{
	if (!(device->available_nodes & 1 << DRM_NODE_RENDER))
		return -ENOENT;
	return open_node(allocator, device->nodes[DRM_NODE_RENDER]);
}

/* The compositor's own device, where it has a render node. */
static int open_main_device(struct allocator *allocator)
{
	drmDevice *device;
	int ret;

	if (!allocator->has_main_device)
		return -ENOENT;
	ret = drmGetDeviceFromDevId(allocator->main_device, 0, &device);
	if (ret < 0)
		return ret;
	ret = open_device(allocator, device);
	drmFreeDevice(&device);
	return ret;
}

static int open_any_device(struct allocator *allocator)
{
	drmDevice *devices[MAX_DEVICES];
	int count = drmGetDevices2(0, devices, MAX_DEVICES);
	int ret = count < 0 ? count : -ENOENT;

	for (int i = 0; i < count && ret < 0; i++)
		ret = open_device(allocator, devices[i]);
	if (count > 0)
		drmFreeDevices(devices, count);
	return ret;
}

static int gbm_allocator_open(struct allocator *allocator, struct cli_reason *reason)
{
	int ret;

	if (allocator->device) {
		ret = open_node(allocator, allocator->device);
		if (ret < 0)
			cli_set_reason(
				reason, "cannot open %s: %s", allocator->device, strerror(-ret));
		return ret;
	}
	ret = open_main_device(allocator);
	if (ret < 0)
		ret = open_any_device(allocator);
	if (ret == -ENOENT)
		cli_set_reason(reason, "no render node in /dev/dri");
	else if (ret < 0)
		cli_set_reason(reason, "cannot open a render node: %s", strerror(-ret));
	return ret;
}

static void gbm_allocator_close(struct allocator *allocator)
{
	gbm_device_destroy(allocator->gbm);
}

static int bo_alloc(struct allocator *allocator, const struct memory_request *request,
	struct memory *memory, struct cli_reason *reason)
{
	off_t size;

	/* The stride is the driver's own: padding is for memory that has no driver. */
	memory->bo = gbm_bo_create(allocator->gbm, request->width, request->height, request->format,
		GBM_BO_USE_LINEAR | GBM_BO_USE_RENDERING);
	if (!memory->bo)
		memory->bo = gbm_bo_create(allocator->gbm, request->width, request->height,
			request->format, GBM_BO_USE_LINEAR);
	if (!memory->bo) {
		cli_set_reason(reason, "the device makes no linear buffer of this format: %s",
			strerror(errno));
		return errno ? -errno : -EIO;
	}
	memory->fd = gbm_bo_get_fd(memory->bo);
	if (memory->fd < 0) {
		cli_set_reason(reason, "the device shares no buffer: %s", strerror(errno));
		return errno ? -errno : -EIO;
	}
	memory->offset = gbm_bo_get_offset(memory->bo, 0);
	memory->stride = gbm_bo_get_stride(memory->bo);
	memory->modifier = request->linear ? DRM_FORMAT_MOD_LINEAR : DRM_FORMAT_MOD_INVALID;
	size = lseek(memory->fd, 0, SEEK_END);
	if (size > 0) {
		memory->size = (size_t)size;
		/* Not every driver can map its dmabufs; if not, the driver's own way is taken. */
		memory_map(memory);
	}
	return 0;
}

static uint8_t *bo_begin(struct memory *memory, uint32_t *stride)
{
	return gbm_bo_map(memory->bo, 0, 0, gbm_bo_get_width(memory->bo),
		gbm_bo_get_height(memory->bo), GBM_BO_TRANSFER_READ_WRITE, stride, &memory->bo_map);
}

static void bo_end(struct memory *memory)
{
	gbm_bo_unmap(memory->bo, memory->bo_map);
	memory->bo_map = NULL;
}

static void bo_free(struct memory *memory)
{
	if (memory->bo)
		gbm_bo_destroy(memory->bo);
}

const struct allocator_ops allocator_gbm = {
	.name = "gbm",
	.open = gbm_allocator_open,
	.alloc = bo_alloc,
	.begin = bo_begin,
	.end = bo_end,
	.free = bo_free,
	.close = gbm_allocator_close,
	.dmabuf = true,
};
