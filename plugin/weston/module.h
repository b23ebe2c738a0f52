/* SPDX-License-Identifier: MIT */
#ifndef WESTON_MODULE_H
#define WESTON_MODULE_H

#include <libweston/libweston.h>
#include <libweston/weston-log.h>

#include <wltex/weston.h>

#include "core/shown.h"
#include "server/control.h"
#include "server/server.h"
#include "track/track.h"
#include "util/clock.h"
#include "weston/budget.h"
#include "weston/damage.h"
#include "weston/memory.h"
#include "weston/options.h"
#include "weston/picture.h"
#include "weston/policy.h"

/* Of a name, a title or an app-id, when it is printed as JSON. */
#define MODULE_TEXT_BYTES 256

struct module {
	struct weston_compositor *compositor;
	struct options options;
	struct wltex_logger logger;
	time_t log_begin_s;
	unsigned log_lines; // since then, those left out included
	/* For weston-debug: events, and the state as a whole. NULL if there are none. */
	struct weston_log_scope *scope, *state_scope;

	struct wltex_ledger *ledger;
	struct wltex_context *context; // NULL: no textures, the ledger only
	struct wltex_track *track;
	struct wltex_server *server;   // NULL if switched off
	struct wltex_control *control; // NULL if switched off, or the socket cannot be had
	struct pictures pictures;      // that peers of the control socket asked for
	struct wl_list clients;        // struct module_client.link
	uint64_t last_client_id;
	struct budget budget;   // of looks
	bool gl_renderer;       // Weston draws wl_shm buffers from textures of its own
	struct wl_list outputs; // struct repaint_output.link
	struct wl_list watched; // struct module_surface.watched_link
	struct wl_listener output_created;
	struct wl_list state_readers; // struct state_reader.link
	struct wl_list state_logs;    // struct state_log.link

	struct wl_listener create_surface;
	struct wl_listener destroy;

	struct wl_signal texture_created; // struct wltex_weston_texture
	struct wl_signal texture_destroying;
};

/*
 * What a surface committed, and no repaint has flushed yet; and what is known of what Weston has
 * read of it: see look.h.
 */
struct look {
	struct wl_list watched_link; // module.watched, while there is anything below
	bool wanted;                 // at the next repaint
	bool restacked;              // sub-surfaces change places with the next state applied
	/* Commits that were not accounted for yet, what they claimed, and how much of that
	 * changed as far as their textures tell: see struct look_commit. */
	uint64_t commits, claimed_px, true_px, same;
	/* What the last of them promised its content to be. */
	bool promised;
	uint32_t promise;

	struct core_shown shown;
	struct damage_geometry geometry; // of the last commit of a buffer
	/* The last wl_buffer, while it lives, to be compared only; and whether it is another one
	 * than was looked at last. */
	const struct wl_resource *buffer;
	struct wl_listener buffer_destroy;
	bool other_buffer;

	/* Between the preparation of a repaint and its end: */
	const struct weston_output *output; // whose repaint it is; NULL: none
	bool looked;                        // at what is flushed
	pixman_region32_t flushed;          // in surface coordinates
	pixman_region32_t changed;          // where the tiles that changed are seen
};

/* What a client is seen to do; each a sign of a leak, with a threshold in the options. */
enum leak_sign {
	LEAK_PARAMS_UNUSED = 1 << 0,
	LEAK_BUFFERS_GROW = 1 << 1,
	LEAK_BUFFER_PER_FRAME = 1 << 2,
	LEAK_BUFFERS_UNMAPPED = 1 << 3,
	LEAK_NOT_RELEASED = 1 << 4,
};

struct module_client {
	struct module *module;
	struct wl_list link; // module.clients
	struct wltex_track_client *track;
	struct wltex_owner *owner; // NULL if memory ran out: counts in the totals only
	struct wl_list buffers;    // struct module_buffer.link
	struct wl_list surfaces;   // struct module_surface.link
	uint64_t id;               // one process may be several clients
	uint64_t created_ns;
	/* Buffers made so far, and the end of a row of commits with a new buffer each. */
	uint64_t buffers_made, fresh_commits;
	/* From the commit of the next buffer to wl_buffer.release. */
	uint64_t releases, latency_sum_ns, latency_max_ns;
	/* Since when no surface has content though there are buffers; 0: it is not so. */
	uint64_t unmapped_since_ns;
	struct client_memory memory; // of all buffers
	struct budget_share looks;   // what looks at its surfaces took
	size_t sum_bytes;            // that are kept for the sums of its surfaces
	unsigned limits_told;        // bits of enum limit
	struct wl_list replaced;     // struct module_buffer.replaced_link, longest ago first
	uint64_t surfaces_with_content;
};

struct module_buffer {
	struct module_client *client;
	struct wl_list link; // module_client.buffers
	struct wltex_track_buffer *track;
	uint64_t created_ns, commits;
	/* When another took its place on a surface, until it is released; 0: it is not so. */
	uint64_t replaced_ns;
	bool held; // committed, and not released since
	/* Of each plane; NULL from the second on of an object's, or out of memory. */
	struct memory_object *memory[WLTEX_MAX_PLANES];
	bool over_limit;              // gets no texture
	struct wl_list surfaces;      // struct module_surface.buffer_link
	struct wl_list replaced_link; // module_client.replaced, while replaced_ns is set
};

/* A client's wl_surface, as long as both wl_surface and weston_surface live. */
struct module_surface {
	struct module *module;
	struct module_client *client;
	struct wl_list link; // module_client.surfaces
	struct weston_surface *surface;
	struct module_buffer *buffer; // the dmabuf that was committed last; or NULL
	struct wltex_track_surface *track;
	struct wltex_texture *texture; // NULL without GL, and before the first buffer that gets one
	const char *why_not;           // the last buffer got none, in words; NULL: it did
	pixman_region32_t claimed;     // in buffer pixels, since the last commit of a buffer
	struct look look;
	struct policy policy;
	/* Somebody asked for the texture since the last commit; and how many commits in a row
	 * were asked for. */
	bool asked;
	uint32_t asked_commits;
	uint64_t claimed_px, true_px, redundant; // as in struct wltex_counts
	struct wl_listener commit;
	struct wl_listener destroy;
	struct wl_list buffer_link; // module_buffer.surfaces, while buffer is set
	bool has_content;           // of any kind: counts in module_client.surfaces_with_content
};

/* What the tracker tells; data is the module. */
extern const struct wltex_track_interface module_track_interface;

/* The surface shows buffer from now on (NULL: none, or no dmabuf). */
void module_surface_set_buffer(struct module_surface *surface, struct module_buffer *buffer);
/* The surface is about to go, whatever it shows. */
void module_surface_drop_content(struct module_surface *surface);

/* The signs that the client leaks, as enum leak_sign; now in nanoseconds. */
unsigned module_client_get_leak_signs(const struct module_client *client, uint64_t now_ns);

struct module *module_from_compositor(struct weston_compositor *compositor);

/* Follow a new surface of a client. Out of memory: it is not followed, which is logged. */
void module_surface_create(struct module *module, struct weston_surface *weston);
/* The wl_surface or the weston_surface goes: so does the texture, at once. */
void module_surface_destroy(struct module_surface *surface);

/* What the tracker saw of the surface's commit is applied now: see commit.c. */
void module_surface_commit(struct module_surface *surface);

/* Tell the client and the log what happened. */
void module_surface_tell(struct module_surface *surface, const struct wltex_event *event);

/* A line for the log scope, if anybody reads it. */
void module_surface_log(const struct module_surface *surface, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * The texture for somebody who asks for it: made now, if it is not there. false: there is none,
 * or it would be one too many. Touches GL.
 */
bool module_surface_get_texture(struct module_surface *surface, struct wltex_texture_info *info);

/* Whether one texture more of the surface, of this buffer or NULL, is over the client's limit. */
bool module_surface_is_over_limit(
	struct module_surface *surface, const struct module_buffer *buffer);

/* Make the texture object, unless it is there. false: there cannot be any. */
bool module_surface_has_texture(struct module_surface *surface);

/* NULL if the surface is none of a client's. */
struct module_surface *module_surface_from_weston(struct weston_surface *surface);

/* Register what include/wltex/weston.h describes. Returns 0 or -1. */
int module_register_api(struct module *module);

#endif
