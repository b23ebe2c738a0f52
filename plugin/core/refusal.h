/* SPDX-License-Identifier: MIT */
#ifndef CORE_REFUSAL_H
#define CORE_REFUSAL_H

#include "core/core.h"
#include "core/pair.h"
#include "dmabuf/dmabuf.h"

/*
 * Imports that fail are not tried for ever: with each commit they would cost as much as one
 * that works, and a line in the log.
 */

/*
 * Remember that an import failed: of this dmabuf and, if EGL offers the format but refuses
 * whatever is of it, of the format. The context is current.
 */
void core_refusal_note(struct wltex_context *context, struct wltex_dmabuf *dmabuf,
	const struct wltex_format *format, const struct core_failure *failure);

/* Remember that one worked: whatever fails now, it is not the format's fault. */
void core_refusal_clear(struct wltex_context *context, const struct wltex_format *format);

/* One line for who looks for the reason: why nothing becomes of what is attached. */
void core_refusal_log(
	const struct wltex_context *context, const struct wltex_attach *attach, const char *why);

/* What is remembered: NULL, or why it fails, in words, with *error. No GL. */
const char *core_refusal_find(const struct wltex_context *context,
	const struct wltex_dmabuf *dmabuf, const struct wltex_format *format, int *error);

#endif
