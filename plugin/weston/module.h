/* SPDX-License-Identifier: MIT */
#ifndef WESTON_MODULE_H
#define WESTON_MODULE_H

/*
 * The Weston host of a session: it tells the session what Weston does, and Weston what came of
 * it.
 */
#include <libweston/libweston.h>
#include <libweston/weston-log.h>

#include <wltex/session.h>
#include <wltex/weston.h>

#include "weston/config.h"
#include "weston/damage.h"

struct module {
	struct weston_compositor *compositor;
	struct wltex_session *session;
	struct config config; // while the session begins
	/* For weston-debug: events, and the state as a whole. NULL if there are none. */
	struct weston_log_scope *scope, *state_scope;
	struct wl_list state_logs; // struct state_log.link
	bool gl_renderer;          // Weston draws wl_shm buffers from textures of its own
	struct wl_list outputs;    // struct repaint_output.link
	struct wl_list watched;    // struct module_surface.watched_link
	struct wl_listener output_created;
	struct wl_listener destroy;

	struct wl_signal texture_created; // struct wltex_weston_texture
	struct wl_signal texture_destroying;
};

/* What no repaint has flushed yet: see look.h. */
struct look {
	struct wl_list watched_link; // module.watched, while there is anything to look at or known
	bool restacked;              // sub-surfaces change places with the next state applied
	uint32_t outputs;            // that it was on at the last repaint, as bits 1 << id
	struct damage_geometry geometry; // of the last commit of a buffer
	/* The last wl_buffer, while it lives, to be compared only; and whether it is another one
	 * than was looked at last. */
	const struct wl_resource *buffer;
	bool other_buffer;
	/* gl-renderer was to upload a buffer that was gone: what was claimed of it is left to the
	 * next upload, in coordinates that may be others then. */
	bool left_over;

	/* Between the preparation of a repaint and its end: */
	const struct weston_output *output; // whose repaint it is; NULL: none
	bool looked;                        // at what is flushed
	pixman_region32_t flushed;          // in surface coordinates
	pixman_region32_t changed;          // where the tiles that changed are seen
};

/* A client's wl_surface, as long as both wl_surface and weston_surface live. */
struct module_surface {
	struct module *module;
	struct weston_surface *surface;
	struct wltex_surface *session;
	pixman_region32_t claimed; // in buffer pixels, since the last commit of a buffer
	struct look look;
	struct wl_listener commit;
	struct wl_listener destroy;
};

struct module *module_from_compositor(struct weston_compositor *compositor);

/* NULL if the surface does not belong to a client. */
struct module_surface *module_surface_from_weston(struct weston_surface *surface);

/*
 * Follow a surface of a client that is about to commit for the first time. NULL: it is not followed, out of
 * memory, which is logged.
 */
struct module_surface *module_surface_create(struct module *module, struct weston_surface *weston);
/* The wl_surface or the weston_surface goes; the session knows no more of it. */
void module_surface_destroy(struct module_surface *surface);

/* What the tracker saw of the surface's commit is applied now: see commit.c. */
void module_surface_commit(struct module_surface *surface);

/* The buffer that Weston shows for the surface now. */
struct wltex_source module_surface_get_source(const struct module_surface *surface);

/* What a session asks of its host; data is the module. */
extern const struct wltex_host module_host;

/* Register what include/wltex/weston.h describes. Returns 0 or -1. */
int module_register_api(struct module *module);

/* For the log scope of the state; data is the module. A subscription gets the state once. */
void state_log_begin(struct weston_log_subscription *subscription, void *data);
void state_log_end(struct weston_log_subscription *subscription, void *data);

#endif
