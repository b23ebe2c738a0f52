/* SPDX-License-Identifier: MIT */
#ifndef CLI_FLIP_CLIENT_H
#define CLI_FLIP_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include <wayland-client.h>

#include "cli/cli.h"
#include "cli/flip/dmabuf-formats.h"

struct wp_viewporter;
struct wltex_manager_v1;
struct xdg_wm_base;
struct zwp_linux_dmabuf_v1;

/* A connection to the compositor, its globals, and the signals that end the program. */
struct client {
	struct wl_display *display;
	struct wl_registry *registry;
	struct wl_compositor *compositor;
	struct xdg_wm_base *wm_base;
	struct zwp_linux_dmabuf_v1 *dmabuf;
	struct wp_viewporter *viewporter;
	struct wltex_manager_v1 *wltex;
	struct dmabuf_formats formats;
	/* SIGINT and SIGTERM; another one some time later ends the program at once. */
	int signal_fd;
	bool stopped;
	double stopped_ms;
	/* The compositor reads more slowly than requests are made. */
	bool unsent;
};

/*
 * Connect to the display that the environment names, and learn its globals and formats.
 * Compositor, wm_base and dmabuf are there then; viewporter and wltex may be NULL. Returns
 * 0, or a negative errno with *reason set; *client is to be finished in either case.
 */
int client_init(struct client *client, struct cli_reason *reason);

void client_finish(struct client *client);

/*
 * Send what is queued, wait up to timeout_ms (-1: for ever) for an event or a signal, and
 * handle what came. Returns 0 or a negative errno.
 */
int client_dispatch(struct client *client, int timeout_ms);

/* Wait until the compositor has handled all requests. -EINTR if a signal came instead. */
int client_roundtrip(struct client *client);

/* What a negative errno of the above means, as one line. */
void client_explain(const struct client *client, int error, struct cli_reason *reason);

#endif
