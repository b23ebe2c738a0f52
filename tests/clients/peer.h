/* SPDX-License-Identifier: MIT */
#ifndef TESTS_CLIENTS_PEER_H
#define TESTS_CLIENTS_PEER_H

/*
 * A Wayland client for tests, which does one thing at a time and writes down in which
 * order wltex-v1's events come. Whatever goes wrong ends the test.
 *
 * Nothing needs to be destroyed: all objects stay reachable from the peer, which tests
 * keep in static memory, and a client that just goes is one of the cases anyway.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wayland-client.h>

#include "linux-dmabuf-v1-client.h"
#include "presentation-time-client.h"
#include "test.h"
#include "viewporter-client.h"
#include "wltex-v1-client.h"
#include "xdg-shell-client.h"

struct peer;

/* What is shared as a dmabuf (see memory.h), or plain shared memory; full of zeros. */
struct peer_buffer {
	struct wl_buffer *wl_buffer;
	uint32_t width, height, stride, format;
	int fd; /* -1: not in use */
	uint8_t *pixels;
	size_t size;
	unsigned int releases;
};

struct peer_surface {
	struct peer *peer;
	/* In the log, before each of its events. */
	const char *name;
	struct wl_surface *wl_surface;
	struct xdg_surface *xdg_surface;
	struct xdg_toplevel *toplevel;
	struct wltex_surface_v1 *watch;
	bool configured, drawn;
	/* Of the last event. */
	uint32_t serial, sum;
};

#define PEER_MAX_BUFFERS 8
#define PEER_MAX_SURFACES 32

struct peer {
	struct wl_display *display;
	struct wl_registry *registry;
	struct wl_compositor *compositor;
	struct wl_subcompositor *subcompositor;
	struct wl_shm *shm;
	struct xdg_wm_base *wm_base;
	struct zwp_linux_dmabuf_v1 *dmabuf;
	struct wp_viewporter *viewporter;
	struct wp_presentation *presentation;
	struct wltex_manager_v1 *wltex;
	struct peer_buffer buffers[PEER_MAX_BUFFERS];
	struct peer_surface surfaces[PEER_MAX_SURFACES];
	int n_surfaces;
	/* What zwp_linux_dmabuf_v1 offers. */
	struct peer_format {
		uint32_t fourcc;
		uint64_t modifier;
	} formats[256];
	int n_formats;
	/* Words "name:state/reason", and "done" for each peer_sync(). */
	char log[2048];
};

/* Connect. The ledger shows the client under this name, of at most 15 characters. */
void peer_connect(struct peer *peer, const char *name);

/* Wait until the compositor has handled everything. */
void peer_sync(struct peer *peer);

/* As above, but returns false if the connection has broken. */
bool peer_try_sync(struct peer *peer);

/*
 * Sync, and expect exactly these words (without the "done") before the answer. What fnmatch
 * knows can be used, as in "destroyed/@(replaced|released)".
 */
#define check_events(peer, words) peer_check_events((peer), (words), __FILE__, __LINE__)
void peer_check_events(struct peer *peer, const char *words, const char *file, int line);

/*
 * Sync, and expect that the compositor has ended the connection with this error on an
 * object of this interface; NULL: any error.
 */
#define check_error(peer, interface, code) \
	peer_check_error((peer), (interface), (code), __FILE__, __LINE__)
void peer_check_error(struct peer *peer, const struct wl_interface *interface, uint32_t code,
	const char *file, int line);

bool peer_offers(const struct peer *peer, uint32_t fourcc, uint64_t modifier);

/* XRGB8888 without padding, shared as a dmabuf. */
struct peer_buffer *peer_buffer(struct peer *peer, uint32_t width, uint32_t height);
struct peer_buffer *peer_buffer_of_format(
	struct peer *peer, uint32_t width, uint32_t height, uint32_t stride, uint32_t format);
/* XRGB8888 in memory that the caller made; fd becomes the peer's. */
struct peer_buffer *peer_buffer_of_fd(
	struct peer *peer, int fd, uint32_t width, uint32_t height, uint32_t stride);
/* As peer_buffer(), with the lowest row of the picture first. */
struct peer_buffer *peer_buffer_upside_down(struct peer *peer, uint32_t width, uint32_t height);
/* Created by the request that is answered; no wl_buffer if it failed. */
struct peer_buffer *peer_buffer_async(
	struct peer *peer, uint32_t width, uint32_t height, uint32_t format);
/* wl_shm's, which nobody imports. */
struct peer_buffer *peer_shm_buffer(struct peer *peer, uint32_t width, uint32_t height);
void peer_buffer_destroy(struct peer_buffer *buffer);
/* Only the memory, without a wl_buffer. */
struct peer_buffer *peer_memory(struct peer *peer, size_t size);
/* The peer can have another buffer then. */
void peer_memory_free(struct peer_buffer *buffer);

/* Write different pixels everywhere. */
void peer_buffer_fill(struct peer_buffer *buffer, uint32_t seed);
/* The content sum as the protocol defines it. */
uint32_t peer_buffer_sum(const struct peer_buffer *buffer);

/* A wl_surface without a role, which wltex-v1 watches. */
struct peer_surface *peer_surface(struct peer *peer, const char *name);
/* Make it a window that waits for its first buffer. */
void peer_surface_map(struct peer_surface *surface);
/* Attach a buffer (NULL: none), with damage everywhere, and commit. */
void peer_surface_show(struct peer_surface *surface, const struct peer_buffer *buffer);
/* Commit, and wait until the compositor has drawn the surface. */
void peer_surface_draw(struct peer_surface *surface);

#endif
