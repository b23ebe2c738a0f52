/* SPDX-License-Identifier: MIT */
#ifndef DMABUF_PARAMS_H
#define DMABUF_PARAMS_H

#include <stdbool.h>
#include <stdint.h>

#include <wltex/dmabuf.h>

#include "dmabuf/object.h"

/* What zwp_linux_buffer_params_v1 gathers before it becomes a buffer. */
struct wltex_params {
	/* The fds are owned. Planes that are one kernel object have one and the same fd. */
	struct wltex_dmabuf_plane planes[WLTEX_MAX_PLANES];
	struct wltex_object objects[WLTEX_MAX_PLANES];
	uint64_t modifier;
	/* The first error of an add: create reports it. */
	enum wltex_dmabuf_error error;
	/* A buffer was made, or refused. */
	bool used;
};

void wltex_params_init(struct wltex_params *params);

/* Closes all fds. The params may be finished again, or be initialised again. */
void wltex_params_finish(struct wltex_params *params);

/*
 * Set a plane. The fd stays the caller's: a duplicate is kept, none if the kernel object
 * is that of another plane.
 */
enum wltex_dmabuf_error wltex_params_add(struct wltex_params *params, int fd, uint32_t plane,
	uint32_t offset, uint32_t stride, uint64_t modifier);

/*
 * Make the dmabuf; its fds are those of the params. Whatever comes out, the params are
 * used up afterwards and hold no fd.
 * Returns NULL if *error is set. error may be NULL.
 */
struct wltex_dmabuf *wltex_params_create_dmabuf(struct wltex_params *params, int32_t width,
	int32_t height, uint32_t format, uint32_t flags, enum wltex_dmabuf_error *error);

/* Number of fds that the params hold. */
int wltex_params_get_fd_count(const struct wltex_params *params);

#endif
