/* SPDX-License-Identifier: MIT */
#ifndef WESTON_LOOK_READ_H
#define WESTON_LOOK_READ_H

#include "weston/module.h"

/* Reading what a surface shows, within what may be read of it: for look.c. */

/* Why the surface cannot be looked at now; NULL if it can. */
const char *look_read_why_not(const struct module_surface *surface);

/*
 * Look at the surface's buffer, if that fits in what looks may take. Arguments and what is
 * returned as of core_shown_look_dmabuf(); also -EBUSY: it does not fit, nothing is read; and
 * -EPERM, -ENODATA: wl_shm that is no memory, or not there.
 */
int look_read(struct module_surface *surface, const struct core_shown_look *what,
	pixman_region32_t *changed);

#endif
