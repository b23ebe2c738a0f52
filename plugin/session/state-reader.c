/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "session/state.h"

/* The client of this link of the list, if it is to be shown. */
static struct session_client *get_client(
	const struct state_reader *reader, struct wltex_session *session, struct wl_list *link)
{
	struct session_client *client = wl_container_of(link, client, link);

	return link != &session->clients && client->id <= reader->last_id ? client : NULL;
}

static void step(struct state_reader *reader)
{
	reader->next = get_client(reader, reader->next->session, reader->next->link.next);
}

void state_reader_init(struct state_reader *reader, struct wltex_session *session, FILE *file)
{
	*reader = (struct state_reader){
		.last_id = session->last_client_id,
		.json = {.file = file, .goes_on = true},
	};
	reader->next = get_client(reader, session, session->clients.next);
	wl_list_insert(&session->state_readers, &reader->link);
	state_print_start(&reader->json, session);
}

void state_reader_finish(struct state_reader *reader)
{
	wl_list_remove(&reader->link);
}

void state_client_goes(struct session_client *client)
{
	struct state_reader *reader;

	wl_list_for_each (reader, &client->session->state_readers, link) {
		if (reader->next == client)
			step(reader);
	}
}

static void print_next(struct state_reader *reader, uint64_t bytes)
{
	if (bytes < STATE_MAX_BYTES)
		state_print_client(&reader->json, reader->next, bytes < STATE_LIST_BYTES);
	else
		reader->left_out++;
	step(reader);
}

bool state_reader_print(struct state_reader *reader, FILE *file)
{
	long start = ftell(file);
	uint64_t bytes = 0;

	reader->json.file = file;
	for (int i = 0; i < STATE_PIECE_CLIENTS && bytes < STATE_PIECE_BYTES; i++) {
		if (reader->next == NULL)
			break;
		print_next(reader, reader->bytes + bytes);
		bytes = (uint64_t)(ftell(file) - start);
	}
	reader->bytes += bytes;
	if (reader->next != NULL)
		return true;
	wltex_json_end(&reader->json, ']');
	wltex_json_print(&reader->json, "clients_left_out", "%u", reader->left_out);
	return false;
}

static bool write_rest(void *data, FILE *file)
{
	return state_reader_print(data, file);
}

static void end_rest(void *data)
{
	state_reader_finish(data);
	free(data);
}

const char *state_answer(struct wltex_session *session, struct wltex_control_answer *answer)
{
	struct state_reader *reader = calloc(1, sizeof(*reader));

	if (reader == NULL)
		return "out of memory";
	state_reader_init(reader, session, answer->file);
	answer->rest = (struct wltex_control_rest){write_rest, end_rest, reader};
	return NULL;
}
