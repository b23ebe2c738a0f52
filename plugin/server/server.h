/* SPDX-License-Identifier: MIT */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

/*
 * The server side of wltex-v1. A client's wltex_surface_v1 is found through its
 * wl_surface, so that nobody needs to keep it.
 */
#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>

#include <wltex/texture.h>

struct wltex_server;

/* Offer the global. Returns NULL with errno set to ENOMEM. */
struct wltex_server *wltex_server_create(struct wl_display *display);

/* Withdraw the global; the objects of clients become inert. */
void wltex_server_destroy(struct wltex_server *server);

/* Tell whoever watches wl_surface what happened to its texture. */
void wltex_server_send_event(
	struct wl_resource *wl_surface, uint32_t serial, const struct wltex_event *event);

/*
 * wl_surface.commit was requested: a content sum that is pending belongs to this commit.
 * serial: its number, which grows; attached: the commit attaches a buffer; one that does not drops what is pending.
 */
void wltex_server_commit(struct wl_resource *wl_surface, uint32_t serial, bool attached);

/* Whether a client watches what becomes of the surface's buffers. */
bool wltex_server_is_watched(struct wl_resource *wl_surface);

/*
 * The commits up to the one of that number are applied: the content sum that came with the last
 * attach among them. Returns false if there is none, or if more than WLTEX_SERVER_MAX_PROMISES
 * attaches came after it.
 */
#define WLTEX_SERVER_MAX_PROMISES 16
bool wltex_server_take_sum(struct wl_resource *wl_surface, uint32_t serial, uint32_t *crc32);

#endif
