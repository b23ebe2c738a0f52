/* SPDX-License-Identifier: MIT */
#ifndef OBSERVER_OBSERVER_H
#define OBSERVER_OBSERVER_H

/*
 * The host of a session in any compositor that uses libwayland-server: an object that is
 * preloaded into it by `wltex run` and stands in front of some of libwayland's functions. The
 * compositor knows nothing of it.
 *
 * There is a session for each wl_display. Each wl_surface gets a dispatcher of ours in front of
 * the compositor's functions, which sees all requests before the compositor does. Everything
 * runs on the thread that dispatches the display.
 */
#include <sys/types.h>
#include <wayland-server-core.h>

#include <wltex/session.h>

#include "observer/claim.h"
#include "observer/config.h"
#include "observer/worth.h"

struct observer {
	struct wl_list link; // in display.c
	struct wl_display *display;
	pid_t pid; // who made the display: a child that it forks is another
	struct wltex_session *session;
	struct config config; // while the session begins
	struct wl_protocol_logger *stirs;
	struct wl_list surfaces; // struct surface.link
	void *objects;           // of tsearch(3), see object.h
	uint64_t repaint_ns;     // when looks had their time anew
	bool too_new_told;
};

/* A wl_buffer or wl_callback, as long as it lives. */
struct resource_ref {
	struct wl_resource *resource; // NULL: none, or it is gone
	struct wl_listener destroy;
};

/* What belongs to a surface and is known by its id, see object.h. */
enum object_kind {
	OBJECT_VIEWPORT,
	OBJECT_XDG_SURFACE,
	OBJECT_TOPLEVEL,
	N_OBJECT_KINDS,
};

struct object {
	const struct wl_client *client;
	uint32_t id; // 0: there was none
	struct surface *surface;
};

/* What a window is called. */
struct label {
	char *title, *app_id; // NULL: not set
};

/* A client's wl_surface. */
struct surface {
	struct observer *observer; // NULL: it has ended
	struct wl_list link;       // observer.surfaces, while that is set
	struct wl_resource *resource;
	struct wl_listener destroy;
	struct wltex_surface *session;   // NULL: it is not followed
	wl_dispatcher_func_t dispatcher; // the compositor's; NULL: it has a table of functions
	bool trimmed;                    // damage is, if anything is known
	struct claims claims; // since the last commit; not passed on yet if they are held
	bool attached;        // since the last commit
	bool lost;            // the buffer went since then, or what is shown did
	struct resource_ref pending, shown; // buffers
	/* Frame callbacks: once one that was committed goes, the compositor has drawn. */
	struct resource_ref pending_frame, frame;
	pixman_region32_t owed; // claimed but not told, and not drawn since: see trim.h
	int32_t width, height;  // of the last buffer, in pixels
	int32_t scale, transform;
	/* So many of the next commits are not to be trimmed: something else may change with them
	 * that decides what is seen. */
	unsigned stirred;
	uint32_t stirs_seen; // of its client, see stir_catch_up()
	/* Ever since: a sub-surface, whose state may wait, be merged, or be dropped; and one whose
	 * buffers are ready at times that are not known here. */
	bool is_subsurface, explicit_sync;
	struct object objects[N_OBJECT_KINDS];
	int32_t source[4], destination[2]; // that its wp_viewport was told
	struct label label;
	struct worth worth;
};

/* The observer of a client's display; NULL if there is none. */
struct observer *observer_from_client(struct wl_client *client);

/* A wl_surface has requests that are not known here: it is not followed, which is logged once. */
void observer_tell_too_new(struct observer *observer);

/* NULL if the resource has no dispatcher of ours. */
struct surface *surface_from_resource(struct wl_resource *resource);

/*
 * A wl_surface is given its functions: a table, or a dispatcher. Returns the surface, which is
 * new or known; NULL: leave it alone.
 */
struct surface *surface_set_up(struct wl_resource *resource, wl_dispatcher_func_t dispatcher);

/* The observer ends; the wl_surface may live on. */
void surface_end(struct surface *surface);

/* wl_surface.frame was requested, and made this. */
void surface_frame(struct surface *surface, struct wl_resource *callback);

/* wl_surface.attach is requested. */
void surface_attach(struct surface *surface, struct wl_resource *buffer);

/*
 * wl_surface.commit is requested: tell the session. Returns 1, and in damage what the compositor
 * is to be told, in buffer pixels; 0: it is to be told what the client claims, and damage as well.
 * damage is initialised by the caller.
 */
int surface_commit(struct surface *surface, pixman_region32_t *damage);

/* Whether claims are to be held back until the commit. */
bool surface_holds_claims(const struct surface *surface);

/* See stir.c. Returns 0 or a negative errno. */
int stir_init(struct observer *observer);
void stir_finish(struct observer *observer);
/* Before a commit counts: what its client stirred since the last one holds for it, too. */
void stir_catch_up(struct surface *surface);

/* A request of an xdg_ something. */
void label_handle_request(
	struct observer *observer, const struct wl_protocol_logger_message *message);
void label_finish(struct label *label);

/* wl_surface is dispatched by this; the resource keeps the compositor's implementation. */
int dispatch_surface(const void *implementation, void *target, uint32_t opcode,
	const struct wl_message *message, union wl_argument *args);

#endif
