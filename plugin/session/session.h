/* SPDX-License-Identifier: MIT */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

/*
 * What a session knows: clients, their buffers and surfaces. See wltex/session.h for what comes
 * in and goes out.
 */
#include <wltex/session.h>

#include "core/shown.h"
#include "server/control.h"
#include "server/server.h"
#include "session/budget.h"
#include "session/memory.h"
#include "session/options.h"
#include "session/picture.h"
#include "session/policy.h"
#include "track/track.h"
#include "util/clock.h"

/* Of a name, a title or an app-id, when it is printed as JSON. */
#define SESSION_TEXT_BYTES 256

struct wltex_session {
	struct wl_display *display;
	struct wltex_host host; // all NULL where there is none
	void *host_data;
	struct options options;
	struct wltex_logger logger;      // our own, which leaves out what is too much
	struct wltex_logger host_logger; // where that goes
	uint64_t log_begin_ns;
	unsigned log_lines; // since then, those left out included

	struct wltex_ledger *ledger;
	struct wltex_context *context; // NULL: no textures, the ledger only
	struct wltex_track *track;
	struct wltex_server *server;          // NULL if switched off
	struct wltex_control *control;        // NULL if switched off, or the socket cannot be had
	struct pictures pictures;             // that peers of the control socket asked for
	struct wl_list clients;               // struct session_client.link
	uint64_t last_client_id, last_number; // of buffers and surfaces
	struct ring *ring;                    // NULL: nothing is kept
	struct budget budget;                 // of looks
	bool no_gpu_sums;                     // they were tried, and are not to be had
	struct wl_list state_readers;         // struct state_reader.link
};

struct session_client {
	struct wltex_session *session;
	struct wl_list link; // wltex_session.clients
	struct wltex_track_client *track;
	struct wltex_owner *owner; // NULL if memory ran out: counts in the totals only
	struct wl_list buffers;    // struct session_buffer.link
	struct wl_list surfaces;   // struct wltex_surface.link
	uint64_t id;               // one process may be several clients
	uint64_t created_ns;
	/* Buffers made so far, and the end of a row of commits with a new dmabuf each. */
	uint64_t buffers_made, fresh_commits;
	/* From the commit of the next buffer to wl_buffer.release. */
	uint64_t releases, latency_sum_ns, latency_max_ns;
	/* Since when no surface has content though there are buffers; 0: some has. */
	uint64_t unmapped_since_ns;
	struct client_memory memory; // of all dmabufs
	struct budget_share looks;   // what looks at its surfaces took
	size_t sum_bytes;            // that are kept for the sums of its surfaces
	unsigned limits_told;        // bits of enum limit
	struct wl_list replaced;     // struct session_buffer.replaced_link, longest ago first
	uint32_t n_surfaces;         // of the list
	uint64_t surfaces_with_content;
};

struct session_buffer {
	struct session_client *client;
	struct wl_list link; // session_client.buffers
	uint64_t number;
	/* What it is: one of the two, else NULL. */
	struct wltex_track_buffer *track;
	struct wltex_track_shm_buffer *shm;
	uint64_t created_ns, commits;
	uint32_t surface_id; // of the surface that it was committed to last; 0: none
	/* When another took its place on a surface, until it is released; 0: none did. */
	uint64_t replaced_ns;
	bool held; // committed, and not released since
	/* Of each plane; NULL from the second on of an object's, or out of memory. */
	struct memory_object *memory[WLTEX_MAX_PLANES];
	bool over_limit;              // gets no texture
	struct wl_list surfaces;      // struct wltex_surface.buffer_link
	struct wl_list replaced_link; // session_client.replaced, while replaced_ns is set
};

struct wltex_surface {
	struct wltex_session *session;
	struct session_client *client;
	struct wl_list link; // session_client.surfaces
	uint64_t number;
	struct wltex_track_surface *track;
	void *data;                    // the host's
	struct session_buffer *buffer; // that was committed last; NULL: none, or of another kind
	struct wl_list buffer_link;    // session_buffer.surfaces, while buffer is set
	bool has_content; // of any kind: counts in session_client.surfaces_with_content
	struct wltex_texture *texture; // NULL without GL, and before the first buffer that gets one
	const char *why_not;           // the last buffer got none, in words; NULL: it did
	/* Somebody asked for the texture since the last commit; and how many commits in a row
	 * were asked for. */
	bool asked;
	uint32_t asked_commits;
	struct policy policy;
	uint64_t claimed_px, true_px, redundant; // as in struct wltex_counts
	/* What is applied, and was neither looked at nor counted yet. */
	struct session_pending {
		bool look; // may be taken, and pays
		/* Commits, what they claimed, how much of it changed as far as their textures
		 * tell, and how many changed nothing. */
		uint64_t commits, claimed_px, true_px, same;
		/* What the last of them promised its content to be. */
		bool promised;
		uint32_t promise;
	} pending;
	struct core_shown shown; // what the compositor has read last
	struct session_gpu *gpu; // NULL before the GPU has anything to look at
};

#endif
