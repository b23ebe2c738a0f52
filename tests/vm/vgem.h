/* SPDX-License-Identifier: MIT */
#ifndef TESTS_VM_VGEM_H
#define TESTS_VM_VGEM_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Memory of the virtual machine's GPU, by PRIME. The driver vgem also makes fences that
 * signal when told to. Whatever goes wrong ends the test.
 */
struct vgem_buffer {
	uint32_t handle, stride;
	/* The dmabuf; to be closed by whoever takes it. */
	int fd;
};

/* 32 bits a pixel, full of zeros. */
struct vgem_buffer vgem_buffer_create(uint32_t width, uint32_t height);

/* A fence on the buffer that is pending: somebody writes, or reads. Returns its number. */
uint32_t vgem_fence_attach(const struct vgem_buffer *buffer, bool write);

/*
 * Signal it. It must be pending until then: the driver gives up after 10 seconds, and a
 * test that took so long would have waited for it.
 */
void vgem_fence_signal(uint32_t fence);

/* Whether somebody who reads the dmabuf would have to wait. */
bool vgem_is_busy(int fd);

#endif
