/* SPDX-License-Identifier: MIT */
#ifndef CLI_MONITOR_STATE_H
#define CLI_MONITOR_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wltex/ledger.h>

struct json_object;

/*
 * The compositor's reply to the request "state", as numbers and strings. What is missing
 * or of another type is 0 or "". Strings are of clients and may hold anything: they
 * go through shown_clean() before they are shown. All of it is borrowed from the reply.
 */
struct buffer_state {
	const char *format, *modifier, *kind;
	const char *exporter; // of a dmabuf; "" if it is none, or not known
	/* Why it is not imported, or "". */
	const char *error;
	uint64_t id, commits, bytes, inode;
	uint64_t number;  // that no other has or had
	uint64_t surface; // that it was committed to last; 0: none
	uint64_t width, height, planes, fds;
	double age_ms;
	/* Since another took its place without a release; negative if that did not happen. */
	double unreleased_ms;
};

struct surface_state {
	const char *app_id, *title, *role, *sums, *why_not;
	uint64_t id, number, commits, width, height;
	uint64_t redundant_commits, damage_claimed_px, damage_true_px;
	bool mapped, has_buffer, has_texture, has_sum;
	uint64_t buffer, texture;
	const char *sum, *no_sum; // or why there is none
};

struct client_state {
	struct json_object *json;
	const char *name;
	/* Of its first surface that has one: the title, else the app-id; or "". */
	const char *title;
	uint64_t id, pid;
	double age_ms;
	uint64_t params, buffers_made, bytes;
	/* From the commit of the next buffer to the release. */
	uint64_t releases;
	double release_ms, release_max_ms;
	struct wltex_counts counts;
	size_t buffer_count, surface_count; // of those listed
	uint64_t buffers_left_out, surfaces_left_out;
	size_t leak_sign_count;
};

struct compositor_state {
	/* Owned. */
	struct json_object *json;
	/* Of the compositor's monotonic clock. */
	double time_ms;
	bool textures;
	struct wltex_counts total;
	/* Sorted by id. Owned. */
	struct client_state *clients;
	size_t client_count;
	uint64_t clients_left_out;
};

/* Takes the reply in every case. Returns 0 or -ENOMEM; *state is to be finished. */
int state_init(struct compositor_state *state, struct json_object *reply);
void state_finish(struct compositor_state *state);

/* The client of that id, or NULL. */
const struct client_state *state_find_client(const struct compositor_state *state, uint64_t id);

void state_get_buffer(const struct client_state *client, size_t index, struct buffer_state *buffer);
void state_get_surface(
	const struct client_state *client, size_t index, struct surface_state *surface);
/* Its name, e.g. "buffers-grow". */
const char *state_get_leak_sign(const struct client_state *client, size_t index);

#endif
