/* SPDX-License-Identifier: MIT */
#ifndef OBSERVER_OBJECT_H
#define OBSERVER_OBJECT_H

#include "observer/observer.h"

/*
 * Which surface a client's object belongs to, by the object's id, which is known before the
 * compositor makes it. However many there are, to find one takes the logarithm of that.
 */

/*
 * The surface's object of that kind has this id from now on; 0: it has none. Whose id it was
 * before has it no more. Out of memory: it is not found.
 */
void object_set(struct surface *surface, enum object_kind kind, uint32_t id);
/* The surface whose object of that kind it is; NULL: none that is known. */
struct surface *object_find(
	struct observer *observer, struct wl_resource *resource, enum object_kind kind);

#endif
