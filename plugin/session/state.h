/* SPDX-License-Identifier: MIT */
#ifndef SESSION_STATE_H
#define SESSION_STATE_H

/*
 * All that is known, as members of a JSON object. Clients decide how much that is: of one client
 * so much is listed, and of all together, and it is printed in pieces, each of them for a turn of
 * the event loop. What is left out is counted where it is missing.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "session/session.h"
#include "util/json.h"

/* Buffers and surfaces that are listed of a client. */
#define STATE_MAX_BUFFERS 256
#define STATE_MAX_SURFACES 128
/* Clients in a piece; and bytes of it, after which no further client begins. */
#define STATE_PIECE_CLIENTS 64
#define STATE_PIECE_BYTES (32u << 10)
/* Bytes of the whole, after which clients are listed without buffers and surfaces; or not. */
#define STATE_LIST_BYTES (4u << 20)
#define STATE_MAX_BYTES (16u << 20)

/* Where somebody is in the list of clients. Those that come after it began are not shown. */
struct state_reader {
	struct wl_list link; // wltex_session.state_readers
	struct session_client *next;
	uint64_t last_id;
	uint64_t bytes;         // so far
	uint32_t left_out;      // clients
	struct wltex_json json; // where it is between commas
};

/* Print what comes before the first client, and begin with it: members of an object that has some. */
void state_reader_init(struct state_reader *reader, struct wltex_session *session, FILE *file);
/* Print the next piece. Returns whether more is to come. */
bool state_reader_print(struct state_reader *reader, FILE *file);
void state_reader_finish(struct state_reader *reader);

/* Whoever is about to show the client goes on with the next one. */
void state_client_goes(struct session_client *client);

/* Answer the request "state". Returns NULL, or what is wrong. */
const char *state_answer(struct wltex_session *session, struct wltex_control_answer *answer);

/* One client, with or without its buffers and surfaces. */
void state_print_client(struct wltex_json *json, const struct session_client *client, bool lists);
/* All that comes before the clients. */
void state_print_start(struct wltex_json *json, const struct wltex_session *session);

#endif
