/* SPDX-License-Identifier: MIT */
#ifndef SESSION_GPU_H
#define SESSION_GPU_H

#include "session/session.h"

/*
 * Looks of the GPU at what a surface shows, for dmabufs that the processor cannot read, or by
 * option. Nothing waits for them, so there are two, one after the other:
 *
 * - ahead, at the commit. If its answer is there when the compositor is about to draw, it is
 *   taken for a look at that moment. If not, all that is claimed is drawn, and nothing is known.
 * - then one that checks, begun in the repaint itself. What differs in it from the first was
 *   written after the commit. Where the compositor left that out, it is drawn after all (the
 *   late verdict); and it is not known what was drawn of it.
 *
 * Until the check is over no other look is begun, so that nothing is ever left out because of
 * what was not confirmed. A check that fails, or does not come, confirms nothing.
 */
struct session_gpu;

/* Whether that dmabuf is the GPU's to look at. */
bool session_gpu_is_for(const struct wltex_surface *surface, const struct wltex_dmabuf *dmabuf);

/*
 * A commit of a dmabuf is applied, surface->buffer, and will be looked at when it is drawn: look
 * ahead, or as soon as the look under way is over. acquire_fence: of the commit (borrowed), or
 * negative.
 */
void session_gpu_look_ahead(struct wltex_surface *surface, int acquire_fence);

/* The surface shows something else, or nothing, from now on. */
void session_gpu_drop(struct wltex_surface *surface);

/*
 * Right before it is drawn: as core_shown_look_dmabuf(), by what the look ahead found, and begin
 * to check it. -ETIME: that is not over; -ENOTSUP: there was none.
 */
int session_gpu_look(struct wltex_surface *surface, struct wltex_dmabuf *dmabuf,
	const struct core_shown_look *what, pixman_region32_t *changed);

/* A look without the GPU: what the one under way has not confirmed yet is not known. */
void session_gpu_forget_unconfirmed(struct wltex_surface *surface);

/* The surface goes. */
void session_gpu_finish(struct wltex_surface *surface);

#endif
