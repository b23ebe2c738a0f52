/* SPDX-License-Identifier: MIT */
#ifndef OBSERVER_NEXT_H
#define OBSERVER_NEXT_H

/*
 * libwayland's own functions, where this object stands in front of them. Found when they are
 * first needed; a process without them ends.
 */
#include <wayland-server-core.h>

struct wl_display *next_display_create(void);
void next_display_destroy(struct wl_display *display);
int next_display_add_socket(struct wl_display *display, const char *name);
const char *next_display_add_socket_auto(struct wl_display *display);
int next_display_add_socket_fd(struct wl_display *display, int fd);
void next_resource_set_implementation(struct wl_resource *resource, const void *implementation,
	void *data, wl_resource_destroy_func_t destroy);
void next_resource_set_dispatcher(struct wl_resource *resource, wl_dispatcher_func_t dispatcher,
	const void *implementation, void *data, wl_resource_destroy_func_t destroy);

#endif
