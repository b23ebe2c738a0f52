/* SPDX-License-Identifier: MIT */
#ifndef DMABUF_CHECK_H
#define DMABUF_CHECK_H

#include <wltex/dmabuf.h>

#include "dmabuf/object.h"

/*
 * Check attributes against themselves, their format and the kernel objects of their
 * planes. All planes below n_planes must be set. The order is that of
 * enum wltex_dmabuf_error: the first error of the first plane that has one.
 */
enum wltex_dmabuf_error wltex_dmabuf_check(
	const struct wltex_dmabuf_attributes *attributes, const struct wltex_object objects[]);

/* Rows that plane takes in memory; for planes of compression state, an upper bound. */
uint32_t wltex_dmabuf_plane_rows(const struct wltex_dmabuf_attributes *attributes, int plane);

#endif
