/* SPDX-License-Identifier: MIT */
#ifndef DMABUF_MODIFIER_H
#define DMABUF_MODIFIER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Whether the bytes of the buffer's planes are all that its pixels depend on. Some layouts
 * keep compression state where no CPU can read it: their pixels can change while the
 * bytes stay as they were. False also for layouts that are not known.
 */
bool wltex_modifier_bytes_tell_all(uint64_t modifier);

#endif
