/* SPDX-License-Identifier: MIT */
#ifndef WESTON_MODULE_H
#define WESTON_MODULE_H

#include <libweston/libweston.h>
#include <libweston/weston-log.h>

#include <wltex/weston.h>

#include "server/server.h"
#include "track/track.h"
#include "weston/options.h"

struct module {
	struct weston_compositor *compositor;
	struct options options;
	struct wltex_logger logger;
	struct weston_log_scope *scope; // NULL if weston-debug has no such scope

	struct wltex_ledger *ledger;
	struct wltex_context *context; // NULL: no textures, the ledger only
	struct wltex_track *track;
	struct wltex_server *server; // NULL if switched off
	struct wl_list surfaces; // struct module_surface.link

	struct wl_listener create_surface;
	struct wl_listener destroy;

	struct wl_signal texture_created; // struct wltex_weston_texture
	struct wl_signal texture_destroying;
};

/* A client's wl_surface, as long as both wl_surface and weston_surface live. */
struct module_surface {
	struct module *module;
	struct wl_list link; // module.surfaces
	struct weston_surface *surface;
	struct wltex_track_surface *track;
	struct wltex_texture *texture; // NULL without GL
	struct wl_listener commit;
	struct wl_listener destroy;
};

struct module *module_from_compositor(struct weston_compositor *compositor);

/* Follow a new surface of a client. Out of memory: it is not followed, which is logged. */
void module_surface_create(struct module *module, struct weston_surface *surface);
/* The wl_surface or the weston_surface goes: so does the texture, at once. */
void module_surface_destroy(struct module_surface *surface);

/* NULL if the surface is none of a client's. */
struct module_surface *module_surface_from_weston(struct weston_surface *surface);

/* Register what include/wltex/weston.h describes. Returns 0 or -1. */
int module_register_api(struct module *module);

#endif
