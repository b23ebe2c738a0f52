/* SPDX-License-Identifier: MIT */
#ifndef OBSERVER_TRIM_H
#define OBSERVER_TRIM_H

#include "observer/observer.h"

/*
 * True damage, told to a compositor that knows nothing of it: of what a client claims it is told
 * only what differs from the commit before. Each commit is looked at right before the compositor
 * gets it.
 *
 * Compositors read at different times: when a commit is applied (an upload to a texture), or each
 * time that they draw. Each of them shows what a client that claims exactly what it changes
 * commits; so a commit is made to look like that of such a client. It is not where anything is
 * unknown of it, or of the commit before:
 * - what is attached, and whether it can be read and is drawn completely;
 * - the same buffer again without a release: it may have been read half-way;
 * - a buffer that goes before or after it was applied;
 * - what is claimed without an attach, or where the claim in pixels is not known;
 * - another scale, transform, offset, or viewport; sub-surfaces, whose states wait, are merged,
 *   or are dropped, and what their moves uncover;
 * - buffers whose fences are not seen here.
 * Then the compositor is told what the client claims, in the client's own words, and nothing is
 * known any more. Never is it told more than is claimed.
 *
 * Where nothing changed it is told nothing, if the client wants a frame callback with it: that has
 * to come all the same, and at the rate of frames. Else it is told one pixel: it might not draw
 * then, and a client may wait for the release of a buffer that is scanned out, or for presentation
 * feedback.
 *
 * What was claimed and not told is owed to the compositor until it draws: if a commit that comes
 * sooner does not claim it again, that is told, too. The claims of both would have counted.
 *
 * Where that saves the compositor nothing it is given up for a time, see worth.h.
 *
 * All tiles that are known are looked at, so that a change that is not claimed is noticed. A
 * client that draws into a buffer that the compositor still holds, and then shows another one,
 * may see what it drew there for longer than without.
 */

/* A commit of a buffer. */
struct trim {
	struct wltex_source source;
	struct claim_geometry geometry;
	pixman_region32_t claimed; // in buffer pixels
	bool exact;                // it is no more than what is claimed
	bool was_held;             // the buffer is the compositor's still
};

/* Whether damage may be trimmed at all of what the client of this surface commits. */
bool trim_is_wanted(const struct wltex_surface *surface);

void trim_init(struct trim *trim, const struct surface *surface);
/* See surface_commit(). */
int trim_apply(struct trim *trim, struct surface *surface, pixman_region32_t *damage);
void trim_finish(struct trim *trim);

#endif
