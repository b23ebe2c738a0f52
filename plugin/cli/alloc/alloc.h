/* SPDX-License-Identifier: MIT */
#ifndef CLI_ALLOC_ALLOC_H
#define CLI_ALLOC_ALLOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "cli/cli.h"

struct allocator;
struct gbm_bo;

/* What the memory is to be. */
struct memory_request {
	uint32_t width, height;
	/* DRM fourcc, of one of the formats in cli/format.h. */
	uint32_t format;
	/* Bytes to add to each row; a multiple of 16. */
	uint32_t stride_padding;
	/* The compositor takes buffers with the modifier LINEAR; otherwise only without a modifier. */
	bool linear;
};

/* Memory for one buffer: one plane, linear, shared by one fd. */
struct memory {
	const struct allocator_ops *ops;
	/* A dmabuf or, from the software allocator, a sealed memfd. Owned. */
	int fd;
	uint32_t offset, stride;
	uint64_t modifier;
	size_t size;
	/* The whole of fd, or NULL if it cannot be mapped. */
	void *map;
	struct gbm_bo *bo;
	void *bo_map;
};

struct allocator_ops {
	const char *name;
	/* Returns 0, or a negative errno with *reason set. */
	int (*open)(struct allocator *allocator, struct cli_reason *reason);
	int (*alloc)(struct allocator *allocator, const struct memory_request *request,
		struct memory *memory, struct cli_reason *reason);
	/* NULL where the map of the whole fd is all there is. */
	uint8_t *(*begin)(struct memory *memory, uint32_t *stride);
	void (*end)(struct memory *memory);
	void (*free)(struct memory *memory);
	void (*close)(struct allocator *allocator);
	/* The fds are kernel dmabufs: writing is bracketed by DMA_BUF_IOCTL_SYNC. */
	bool dmabuf;
};

struct allocator {
	const struct allocator_ops *ops;
	/* Where memory comes from: a device node, or -1. */
	int fd;
	struct gbm_device *gbm;
	/* Node to open instead of looking for one, or NULL. */
	const char *device;
	/* The compositor's device, if it named one. */
	bool has_main_device;
	dev_t main_device;
};

/* Ops by name; NULL if there is no such allocator, or this build lacks it. */
const struct allocator_ops *allocator_ops_by_name(const char *name);
/* In the order in which they are tried; NULL after the last one. */
const struct allocator_ops *allocator_ops_by_index(size_t index);

/*
 * Set up an allocator: device and main_device are set already, all else is 0. Returns 0,
 * or a negative errno with *reason set and nothing left to close.
 */
int allocator_open(
	struct allocator *allocator, const struct allocator_ops *ops, struct cli_reason *reason);
void allocator_close(struct allocator *allocator);

/* Returns 0, or a negative errno with *reason set and *memory empty. */
int memory_init(struct memory *memory, struct allocator *allocator,
	const struct memory_request *request, struct cli_reason *reason);
void memory_finish(struct memory *memory);

/*
 * Begin to write: the first pixel and the stride to use, which is not always the
 * buffer's own. NULL with errno if it cannot be written.
 */
uint8_t *memory_begin(struct memory *memory, uint32_t *stride);
void memory_end(struct memory *memory);

/* For the allocators: stride and size of a linear buffer in plain memory. */
void memory_layout(struct memory *memory, const struct memory_request *request);
/* Map the whole fd for reading and writing. Returns 0 or a negative errno. */
int memory_map(struct memory *memory);
/* A memfd of memory->size bytes that cannot shrink. Returns the fd or a negative errno. */
int memory_memfd(const struct memory *memory);

extern const struct allocator_ops allocator_gbm;
extern const struct allocator_ops allocator_udmabuf;
extern const struct allocator_ops allocator_heap;
extern const struct allocator_ops allocator_memfd;

#endif
