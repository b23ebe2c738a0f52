/* SPDX-License-Identifier: MIT */
#ifndef SESSION_SHM_H
#define SESSION_SHM_H

#include <wayland-server-core.h>
#include <wltex/texture.h>

#include "track/track.h"

/*
 * The pixels of a wl_shm buffer; they may be read between wl_shm_buffer_begin_access()
 * and ..._end_access(), where a client that truncates its pool harms only itself.
 * Returns the bytes of a pixel, or 0 if the format is not one of plain RGB pixels.
 */
uint32_t shm_get_pixels(struct wl_shm_buffer *buffer, struct wltex_pixels *pixels);

/*
 * The same of a buffer whose pool is mapped. What is not resident must not be read: the file may
 * end before the pool does.
 */
uint32_t shm_get_mapped_pixels(
	const struct wltex_track_shm_buffer *buffer, struct wltex_pixels *pixels);

/* The DRM fourcc of an enum wl_shm_format. */
uint32_t shm_get_fourcc(uint32_t format);

#endif
