/* SPDX-License-Identifier: MIT */
#ifndef WLTEX_TESTS_ENTRIES_H
#define WLTEX_TESTS_ENTRIES_H

#include <libweston/libweston.h>

/*
 * Let all of an output be drawn when a view comes onto it, until the compositor's end. Weston 15
 * and 16 forget to draw a view that comes back to an output which it has left; what else is drawn
 * there decides what of it is seen. With an earlier Weston, or with WLTEX_TWIN_FORGETS in the
 * environment, this does nothing. Returns whether there was memory.
 */
bool entries_draw(struct weston_compositor *compositor);

#endif
