/* SPDX-License-Identifier: MIT */
#ifndef TESTS_CLIENTS_STALE_H
#define TESTS_CLIENTS_STALE_H

#include "twin.h"

extern struct twin twin;
/* It covers the first output. */
extern struct twin_surface *window;

struct twin_buffer *make(int32_t width, int32_t height, enum twin_memory memory);
/* Connect, and show the window with a picture on it. */
void set_up(void);
/* A desynchronized sub-surface that shows a buffer. */
struct twin_surface *show(struct twin_buffer *buffer, int32_t x, int32_t y);
void claim(struct twin_surface *surface, int32_t x, int32_t y, int32_t width, int32_t height);
/* Draw a rectangle, claim just that, commit. */
void draw(struct twin_surface *surface, struct twin_buffer *buffer, int32_t x, int32_t y,
	int32_t width, int32_t height, uint32_t argb);

#endif
