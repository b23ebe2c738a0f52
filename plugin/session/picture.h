/* SPDX-License-Identifier: MIT */
#ifndef SESSION_PICTURE_H
#define SESSION_PICTURE_H

#include <stdint.h>
#include <wayland-server-core.h>

/*
 * Pictures on their way to who asked for them: each is compressed by a thread of its own,
 * as that takes longer than a frame, and written as fast as its reader reads.
 */
struct pictures {
	struct wl_event_loop *loop;
	struct wl_list list; // picture.link
	int patience_s;      // a reader that takes nothing for so long does not read
};

void pictures_init(struct pictures *pictures, struct wl_event_loop *loop);

/* Stop them all: their readers see the end. */
void pictures_finish(struct pictures *pictures);

/*
 * Make a PNG of RGBA pixels with premultiplied alpha, height rows of 4 * width bytes from
 * the top. The pixels, to be freed with free(), are the function's even if it fails.
 * Returns an fd from which the PNG can be read to its end, or a negative errno: -EBUSY if
 * there are too many others.
 */
int pictures_send(struct pictures *pictures, uint8_t *pixels, int width, int height);

#endif
