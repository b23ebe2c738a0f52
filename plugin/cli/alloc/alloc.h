/* SPDX-License-Identifier: MIT */
#ifndef CLI_ALLOC_ALLOC_H
#define CLI_ALLOC_ALLOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "cli/cli.h"

struct wltex_allocator;
struct gbm_bo;

/* What the memory is to be. */
struct wltex_memory_request {
	uint32_t width, height;
	/* DRM fourcc, and the bytes of one of its pixels. */
	uint32_t format, bytes_per_pixel;
	/* Bytes to add to each row; a multiple of 16. */
	uint32_t stride_padding;
	/* The compositor takes buffers with the modifier LINEAR; else only without modifier. */
	bool linear;
};

/* Memory for one buffer: one plane, linear, shared by one fd. */
struct wltex_memory {
	const struct wltex_allocator_ops *ops;
	/* A dmabuf, or with the software allocator a sealed memfd. Owned. */
	int fd;
	uint32_t offset, stride;
	uint64_t modifier;
	size_t size;
	/* The whole of fd, or NULL if it cannot be mapped. */
	void *map;
	struct gbm_bo *bo;
	void *bo_map;
};

struct wltex_allocator_ops {
	const char *name;
	/* Returns 0, or a negative errno with *reason set. */
	int (*open)(struct wltex_allocator *allocator, struct wltex_cli_reason *reason);
	int (*alloc)(struct wltex_allocator *allocator, const struct wltex_memory_request *request,
		struct wltex_memory *memory, struct wltex_cli_reason *reason);
	/* NULL where the map of the whole fd is all there is. */
	uint8_t *(*begin)(struct wltex_memory *memory, uint32_t *stride);
	void (*end)(struct wltex_memory *memory);
	void (*free)(struct wltex_memory *memory);
	void (*close)(struct wltex_allocator *allocator);
	/* The fds are kernel dmabufs: writing is bracketed by DMA_BUF_IOCTL_SYNC. */
	bool dmabuf;
};

struct wltex_allocator {
	const struct wltex_allocator_ops *ops;
	/* Where memory comes from: a device node, or -1. */
	int fd;
	struct gbm_device *gbm;
	/* Node to open instead of looking for one, or NULL. */
	const char *device;
	/* The compositor's device, if it told. */
	bool has_main_device;
	dev_t main_device;
};

/* Ops by name; NULL if there is no such allocator, or this build has it not. */
const struct wltex_allocator_ops *wltex_allocator_ops_by_name(const char *name);
/* In the order in which they are tried; NULL behind the last one. */
const struct wltex_allocator_ops *wltex_allocator_ops_by_index(size_t index);

/*
 * Set up an allocator: device and main_device are set already, all else is 0. Returns 0,
 * or a negative errno with *reason set and nothing left to close.
 */
int wltex_allocator_open(struct wltex_allocator *allocator, const struct wltex_allocator_ops *ops,
	struct wltex_cli_reason *reason);
void wltex_allocator_close(struct wltex_allocator *allocator);

/* Returns 0, or a negative errno with *reason set and *memory empty. */
int wltex_memory_init(struct wltex_memory *memory, struct wltex_allocator *allocator,
	const struct wltex_memory_request *request, struct wltex_cli_reason *reason);
void wltex_memory_finish(struct wltex_memory *memory);

/*
 * Begin to write: the first pixel and the stride to use, which is not always the
 * buffer's own. NULL with errno if it cannot be written.
 */
uint8_t *wltex_memory_begin(struct wltex_memory *memory, uint32_t *stride);
void wltex_memory_end(struct wltex_memory *memory);

/* For the allocators: stride and size of a linear buffer in plain memory. */
void wltex_memory_layout(struct wltex_memory *memory, const struct wltex_memory_request *request);
/* Map the whole fd for reading and writing. Returns 0 or a negative errno. */
int wltex_memory_map(struct wltex_memory *memory);
/* A memfd of memory->size bytes that cannot shrink. Returns the fd or a negative errno. */
int wltex_memory_memfd(const struct wltex_memory *memory);

extern const struct wltex_allocator_ops wltex_allocator_gbm;
extern const struct wltex_allocator_ops wltex_allocator_udmabuf;
extern const struct wltex_allocator_ops wltex_allocator_heap;
extern const struct wltex_allocator_ops wltex_allocator_memfd;

#endif
