/* SPDX-License-Identifier: MIT */
#ifndef OBSERVER_OBJECT_H
#define OBSERVER_OBJECT_H

#include "observer/observer.h"

/*
 * Which surface a client's object belongs to (its wp_viewport, xdg_surface, xdg_toplevel), by the
 * object's id, which is known before the compositor makes it. However many there are, to find
 * one takes the logarithm of that.
 */

/* id is an object of the surface from now on. Out of memory: it is not found. */
void object_set(struct surface *surface, uint32_t id);
/* It is none any more, unless it has become another surface's. 0 is legal. */
void object_forget(struct surface *surface, uint32_t id);
/* NULL: none that is known. */
struct surface *object_find(struct observer *observer, struct wl_resource *resource);

#endif
