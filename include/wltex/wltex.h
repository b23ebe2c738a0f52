/* SPDX-License-Identifier: MIT */
#ifndef WLTEX_WLTEX_H
#define WLTEX_WLTEX_H

/*
 * wltex: the buffers that Wayland clients share, as GL textures that die on time.
 *
 * This header includes the whole library. A compositor needs three objects: one
 * struct wltex_context, one struct wltex_dmabuf per wl_buffer, one struct
 * wltex_texture per surface. See wltex/texture.h for how they work together.
 *
 * Conventions of all headers:
 * - Functions that return int return 0 (or a count) on success and a negative errno
 *   value on failure. Functions that return a pointer return NULL with errno set.
 * - A function that takes a file descriptor says who owns it afterwards. A call that
 *   fails never took it.
 * - Destroying NULL does nothing.
 * - Nothing here is thread-safe: one thread at a time for everything that belongs to
 *   one context. Each function says whether it touches GL.
 */
#include <wltex/dmabuf.h>
#include <wltex/gpu-sum.h>
#include <wltex/ledger.h>
#include <wltex/log.h>
#include <wltex/sum.h>
#include <wltex/texture.h>

#endif
