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
 * - Functions that return int return a negative errno value on failure, and on success 0
 *   or, where that is said, a count or a state, which can be above 0: ask if (ret < 0), and
 *   not if (ret). Functions that return a pointer return NULL with errno set.
 * - A function that takes a file descriptor says who owns it afterwards. A call that
 *   fails never took it.
 * - Destroying NULL does nothing. Elsewhere NULL for an object, or for what is to be read, is
 *   refused: -EINVAL, NULL with errno set to EINVAL, false or 0. A struct of options, or what
 *   is to be written, may be NULL where that is said.
 * - Structs of options may grow at their end: zero them. What is zero is the default.
 * - Undefined is: to use an object that was destroyed, or twice to destroy it; pointers to less
 *   memory than is said; to destroy a ledger or a context's display before who uses it; GL and
 *   EGL objects that are none.
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
