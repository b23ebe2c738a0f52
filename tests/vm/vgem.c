/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <xf86drm.h>
#include <xf86drmMode.h>

#include "test.h"
#include "vgem.h"

/* The driver's ioctls: its header is not installed everywhere. */
#define VGEM_FENCE_WRITE 1

struct vgem_fence_attach_args {
	uint32_t handle, flags, out_fence, pad;
};

struct vgem_fence_signal_args {
	uint32_t fence, flags;
};

#define IOCTL_FENCE_ATTACH DRM_IOWR(DRM_COMMAND_BASE + 1, struct vgem_fence_attach_args)
#define IOCTL_FENCE_SIGNAL DRM_IOW(DRM_COMMAND_BASE + 2, struct vgem_fence_signal_args)

/* The only one in the virtual machine. */
static int open_device(void)
{
	static int device = -1;

	if (device < 0)
		device = open("/dev/dri/card0", O_RDWR | O_CLOEXEC);
	check(device >= 0);
	return device;
}

static int open_vgem(void)
{
	int device = open_device();
	drmVersionPtr version = drmGetVersion(device);

	check(version != NULL);
	check_str(version->name, "vgem");
	drmFreeVersion(version);
	return device;
}

struct vgem_buffer vgem_buffer_create(uint32_t width, uint32_t height)
{
	int device = open_device();
	struct vgem_buffer buffer;
	uint64_t size;

	check_int(drmModeCreateDumbBuffer(
			  device, width, height, 32, 0, &buffer.handle, &buffer.stride, &size),
		0);
	check_int(drmPrimeHandleToFD(device, buffer.handle, DRM_CLOEXEC | DRM_RDWR, &buffer.fd), 0);
	return buffer;
}

uint32_t vgem_fence_attach(const struct vgem_buffer *buffer, bool write)
{
	struct vgem_fence_attach_args args = {
		.handle = buffer->handle, .flags = write ? VGEM_FENCE_WRITE : 0};

	check_int(drmIoctl(open_vgem(), IOCTL_FENCE_ATTACH, &args), 0);
	return args.out_fence;
}

void vgem_fence_signal(uint32_t fence)
{
	struct vgem_fence_signal_args args = {.fence = fence};

	check_int(drmIoctl(open_vgem(), IOCTL_FENCE_SIGNAL, &args), 0);
}

bool vgem_is_busy(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int n = poll(&p, 1, 0);

	check(n >= 0);
	return n == 0;
}
