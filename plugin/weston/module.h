/* SPDX-License-Identifier: MIT */
#ifndef WESTON_MODULE_H
#define WESTON_MODULE_H

#include <libweston/libweston.h>
#include <libweston/weston-log.h>

#include <wltex/weston.h>

#include "core/content.h"
#include "server/server.h"
#include "track/track.h"
#include "weston/damage.h"
#include "weston/options.h"
#include "weston/policy.h"

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
	uint64_t commit_requests; // of all surfaces

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
	struct core_content shm; // of wl_shm buffers that get no texture
	struct damage damage;
	struct policy policy;
	struct wl_listener commit;
	struct wl_listener destroy;
};

struct module *module_from_compositor(struct weston_compositor *compositor);

/* Follow a new surface of a client. Out of memory: it is not followed, which is logged. */
void module_surface_create(struct module *module, struct weston_surface *surface);
/* The wl_surface or the weston_surface goes: so does the texture, at once. */
void module_surface_destroy(struct module_surface *surface);

/* What the tracker saw of the surface's commit is applied now: see commit.c. */
void module_surface_commit(struct module_surface *surface);
/* wl_surface.commit was requested: its state, and that of what hangs on it, may apply. */
void module_surface_commit_requested(struct module_surface *surface);

/* The owner that the tracker's client was given, see module.c. May be NULL. */
struct wltex_owner *module_surface_get_owner(const struct module_surface *surface);

/* Tell the client and the log what happened. */
void module_surface_tell(struct module_surface *surface, const struct wltex_event *event);

/* A line for the log scope, if anybody reads it. */
void module_surface_log(const struct module_surface *surface, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* NULL if the surface is none of a client's. */
struct module_surface *module_surface_from_weston(struct weston_surface *surface);

/* Register what include/wltex/weston.h describes. Returns 0 or -1. */
int module_register_api(struct module *module);

#endif
