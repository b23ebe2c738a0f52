/* SPDX-License-Identifier: MIT */
#ifndef WLTEX_DMABUF_H
#define WLTEX_DMABUF_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The most planes a dmabuf can have, as in linux-dmabuf and EGL. */
#define WLTEX_MAX_PLANES 4

/** One plane of a dmabuf. */
struct wltex_dmabuf_plane {
	/** The file descriptor; -1 for a plane that is not set. */
	int fd;
	/** Bytes from the start of the dmabuf to the plane's first row. */
	uint32_t offset;
	/** Bytes from one row of the plane to the next. */
	uint32_t stride;
};

/** Content rows run from the bottom to the top (linux-dmabuf's y_invert). */
#define WLTEX_DMABUF_Y_INVERT (1u << 0)
/**
 * Content is interlaced (linux-dmabuf's interlaced). Such a dmabuf can be made, and is counted, but
 * wltex_texture_attach() refuses it: its fields cannot be sampled as one picture.
 */
#define WLTEX_DMABUF_INTERLACED (1u << 1)
/** Content is interlaced, bottom field first (linux-dmabuf's bottom_first): refused as well. */
#define WLTEX_DMABUF_BOTTOM_FIRST (1u << 2)

/** What describes a dmabuf; the same facts as zwp_linux_buffer_params_v1 carries. */
struct wltex_dmabuf_attributes {
	/** Size in pixels. */
	int32_t width, height;
	/** DRM fourcc code (drm_fourcc.h). */
	uint32_t format;
	/** DRM format modifier; 0 is DRM_FORMAT_MOD_LINEAR, DRM_FORMAT_MOD_INVALID means implicit. */
	uint64_t modifier;
	/** WLTEX_DMABUF_* flags. */
	uint32_t flags;
	/** Number of planes, 1 to WLTEX_MAX_PLANES. */
	int n_planes;
	struct wltex_dmabuf_plane planes[WLTEX_MAX_PLANES];
};

/**
 * Why attributes, or a sequence of zwp_linux_buffer_params_v1 requests, are refused.
 * Each check has a value of its own; wltex_dmabuf_error_message() says it in words and
 * wltex_dmabuf_error_protocol_code() gives the protocol's error for it.
 */
enum wltex_dmabuf_error {
	WLTEX_DMABUF_OK = 0,
	/** params already made a buffer. */
	WLTEX_DMABUF_ALREADY_USED,
	/** Plane index above 3. */
	WLTEX_DMABUF_PLANE_INDEX,
	/** The same plane was added twice. */
	WLTEX_DMABUF_PLANE_SET_TWICE,
	/** Two planes carry different modifiers. */
	WLTEX_DMABUF_MODIFIER_MISMATCH,
	/** No plane was added. */
	WLTEX_DMABUF_NO_PLANE,
	/** A plane is missing between two others. */
	WLTEX_DMABUF_PLANE_GAP,
	/** Width or height below 1. */
	WLTEX_DMABUF_DIMENSIONS,
	/** A flag that linux-dmabuf does not define. */
	WLTEX_DMABUF_FLAGS,
	/** A known format with another number of planes than it has. */
	WLTEX_DMABUF_PLANE_COUNT,
	/** Stride 0. */
	WLTEX_DMABUF_STRIDE_ZERO,
	/** Stride smaller than a row of the plane (linear layouts of known formats). */
	WLTEX_DMABUF_STRIDE_SHORT,
	/** offset + stride does not fit 32 bits. */
	WLTEX_DMABUF_ROW_OVERFLOW,
	/** offset + stride * plane height does not fit 32 bits. */
	WLTEX_DMABUF_PLANE_OVERFLOW,
	/** offset lies at or beyond the end of the file. */
	WLTEX_DMABUF_OFFSET_BEYOND_END,
	/** offset + stride lies beyond the end of the file. */
	WLTEX_DMABUF_ROW_BEYOND_END,
	/** offset + stride * plane height lies beyond the end of the file. */
	WLTEX_DMABUF_PLANE_BEYOND_END,
	/** The fd is neither a dmabuf nor a regular memory file. */
	WLTEX_DMABUF_BAD_FD,
	/** The fd could not be duplicated (EMFILE, ENFILE). */
	WLTEX_DMABUF_NO_FDS,
	/** Out of memory. */
	WLTEX_DMABUF_NO_MEMORY,
	/** The fd is closed. */
	WLTEX_DMABUF_CLOSED_FD,
	/** The fd was opened for writing only, or as a path (O_WRONLY, O_PATH). */
	WLTEX_DMABUF_UNREADABLE_FD,
	/** More planes than WLTEX_MAX_PLANES. */
	WLTEX_DMABUF_TOO_MANY_PLANES,
};

/** The error in words, for logs and protocol errors. Static, never NULL. No GL. */
const char *wltex_dmabuf_error_message(enum wltex_dmabuf_error error);

/**
 * The zwp_linux_buffer_params_v1 error code that the protocol prescribes for \p error,
 * or -1 where the protocol has none (out of fds, out of memory, OK). No GL.
 */
int wltex_dmabuf_error_protocol_code(enum wltex_dmabuf_error error);

/**
 * A client's dmabuf: checked attributes with fds of its own. One per wl_buffer.
 *
 * Planes that are the same kernel object (same st_dev and st_ino) share one fd.
 * Textures (wltex/texture.h) refer to it while it is attached; destroying it releases
 * them all first.
 */
struct wltex_dmabuf;

/**
 * Check \p attributes and take a copy of them, with duplicates (CLOEXEC) of the fds.
 * The caller keeps its fds in every case.
 *
 * Every check of linux-dmabuf-v1 is made for every plane before anything is imported
 * or mapped: see enum wltex_dmabuf_error. A file that cannot seek is not checked
 * against its size. No GL, no mapping, never blocks.
 *
 * \return the dmabuf, or NULL with errno set: EBADF (WLTEX_DMABUF_BAD_FD, CLOSED_FD,
 * UNREADABLE_FD), EMFILE (NO_FDS), ENOMEM (NO_MEMORY), EINVAL (all others; \p attributes is NULL).
 * If \p error is not NULL, *error is the reason, or WLTEX_DMABUF_OK.
 */
struct wltex_dmabuf *wltex_dmabuf_create(
	const struct wltex_dmabuf_attributes *attributes, enum wltex_dmabuf_error *error);

/**
 * Release every texture that shows the dmabuf (each image and texture is destroyed
 * before this returns), then unmap it and close its fds. Touches GL through the
 * textures' context, which is made current and restored. NULL does nothing.
 *
 * A dmabuf that no texture shows belongs to no thread. On another thread than that of a texture
 * that shows it, an error is logged and that texture keeps its image and name (which keep the
 * memory alive), but has no source any more: they end with its next attach, release or destruction
 * on its own thread. The dmabuf and its fds are gone in any case. The same holds where the
 * texture's GL context is current on another thread.
 */
void wltex_dmabuf_destroy(struct wltex_dmabuf *dmabuf);

/**
 * The attributes. The fds in them are borrowed: do not close them; they live as long
 * as the dmabuf. Planes may share one fd. NULL of NULL. No GL.
 */
const struct wltex_dmabuf_attributes *wltex_dmabuf_get_attributes(
	const struct wltex_dmabuf *dmabuf);

/** Number of fds that the dmabuf holds: 1 to n_planes; 0 of NULL. No GL. */
int wltex_dmabuf_get_fd_count(const struct wltex_dmabuf *dmabuf);

/**
 * Bytes of memory behind the dmabuf: the sum of the sizes of its distinct kernel
 * objects, or offset + stride * height of each plane where the size is not known; 0 of NULL.
 * No GL.
 */
uint64_t wltex_dmabuf_get_bytes(const struct wltex_dmabuf *dmabuf);

#ifdef __cplusplus
}
#endif

#endif
