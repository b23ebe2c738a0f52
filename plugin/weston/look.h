/* SPDX-License-Identifier: MIT */
#ifndef WESTON_LOOK_H
#define WESTON_LOOK_H

#include <pixman.h>

#include "weston/module.h"

/*
 * True damage: what a client claims is cut down to what differs from what Weston has read of the
 * surface before. That is found out at the moment of use, right before Weston reads it itself:
 * until then the buffer may be written once more, destroyed, or replaced.
 *
 * The rule: at rest the screen equals Weston's own, for every client, as soon as Weston's own
 * would be right. So
 * - a commit only notes that there is something to look at;
 * - when an output that shows the surface is about to be repainted, weston_surface.damage,
 *   however many commits' claims it is, is looked at once and cut: never beyond the claim;
 * - what was looked at is believed to be shown when the repaint has flushed it. If it has not,
 *   the whole claim is put back, and nothing is known;
 * - what Weston reads without a look is not known: damage that was flushed without one, and
 *   wherever Weston draws from the client's memory itself (dmabufs; with pixman everything),
 *   all that it draws. There, another buffer makes known only what is looked at, and a
 *   wl_buffer that goes makes pixman draw nothing any more;
 * - a tile of which a part was claimed only is a mix, and not known;
 * - another size, format, type, viewport, scale or transform: nothing is known.
 *
 * weston_surface.damage is written by clients' commits only: what Weston wants drawn for other
 * reasons (alpha, transforms, layers) it adds to the damage of paint nodes, which stays.
 */

void look_init(struct look *look);
void look_finish(struct look *look);

/*
 * A commit with a buffer is applied. wanted: a look may be taken and pays; else the claim is left
 * alone.
 */
void look_note_commit(struct module_surface *surface, bool wanted);
/* A state without a buffer is applied. */
void look_note_state(struct module_surface *surface);

/* The wl_buffer that it shows goes. */
void look_note_buffer_destroyed(struct module_surface *surface);

/* The output is about to be repainted: look at the surface, cut its damage. */
void look_prepare(struct module_surface *surface, const struct weston_output *output);

/*
 * The repaint of the output has ended; drawn is all that it may have drawn, in global
 * coordinates. done: false if it failed.
 */
void look_settle(struct module_surface *surface, const struct weston_output *output,
	const pixman_region32_t *drawn, bool done);

/*
 * What was left out of a repaint, in buffer pixels, is drawn in another: it was written after its
 * commit.
 */
void look_draw_after_all(struct module_surface *surface, const pixman_region32_t *region);

/* There will be no such repaint: the output goes. */
void look_output_gone(struct module_surface *surface, const struct weston_output *output);

/* Whether the repaint that was prepared has something of the surface to draw. */
bool look_is_drawn(const struct module_surface *surface, const struct weston_output *output);

#endif
