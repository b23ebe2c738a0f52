/* SPDX-License-Identifier: MIT */
/* The state in pieces, of clients that come and go meanwhile. What is printed of one is ours. */
#include <stdlib.h>

#include "test.h"
#include "session/session.h"
#include "session/state.h"

#define MAX_CLIENTS 400

static struct wltex_session session;
static struct session_client *clients[MAX_CLIENTS];
static size_t client_size;
/* Of the clients that were shown, with and without lists, in their order. */
static uint64_t shown[MAX_CLIENTS];
static int n_shown, n_lists;

void state_print_start(struct wltex_json *json, const struct wltex_session *s)
{
	check(s == &session);
	wltex_json_begin(json, "clients", '[');
}

void state_print_client(struct wltex_json *json, const struct session_client *client, bool lists)
{
	wltex_json_print(json, NULL, "%*s", (int)client_size, "");
	shown[n_shown++] = client->id;
	n_lists += lists;
}

static void come(int i)
{
	clients[i] = calloc(1, sizeof(*clients[i]));
	check(clients[i]);
	clients[i]->session = &session;
	clients[i]->id = ++session.last_client_id;
	wl_list_insert(session.clients.prev, &clients[i]->link);
}

static void go(int i)
{
	state_client_goes(clients[i]);
	wl_list_remove(&clients[i]->link);
	free(clients[i]);
	clients[i] = NULL;
}

static void setup(int count, size_t size)
{
	wl_list_init(&session.clients);
	wl_list_init(&session.state_readers);
	client_size = size;
	for (int i = 0; i < count; i++)
		come(i);
}

static void teardown(void)
{
	for (int i = 0; i < MAX_CLIENTS; i++) {
		if (clients[i])
			go(i);
	}
	check(wl_list_empty(&session.state_readers));
	session.last_client_id = 0;
	n_shown = n_lists = 0;
}

/* Returns the size of the piece; *more is whether it is not the last. */
static size_t print_piece(struct state_reader *reader, bool *more)
{
	char *text = NULL;
	size_t size = 0;
	int before = n_shown;
	FILE *file = open_memstream(&text, &size);

	check(file);
	*more = state_reader_print(reader, file);
	check_int(fclose(file), 0);
	free(text);
	check(n_shown - before <= STATE_PIECE_CLIENTS);
	check(size < STATE_PIECE_BYTES + client_size + 64);
	return size;
}

static struct state_reader *begin(void)
{
	struct state_reader *reader = calloc(1, sizeof(*reader));
	FILE *file = fopen("/dev/null", "w");

	check(reader && file);
	state_reader_init(reader, &session, file);
	fclose(file);
	return reader;
}

static void end(struct state_reader *reader)
{
	state_reader_finish(reader);
	free(reader);
}

/* Print it to the end. Returns how many pieces that takes. */
static int print_all(struct state_reader *reader)
{
	bool more;
	int pieces = 0;

	do {
		print_piece(reader, &more);
		pieces++;
	} while (more);
	return pieces;
}

static void check_shown(int count)
{
	check_int(n_shown, count);
	for (int i = 1; i < n_shown; i++)
		check(shown[i] > shown[i - 1]);
}

TEST(nobody)
{
	struct state_reader *reader;

	setup(0, 10);
	reader = begin();
	check_int(print_all(reader), 1);
	check_shown(0);
	end(reader);
	teardown();
}

/* Many small clients a piece, or one large one. */
TEST(pieces)
{
	struct state_reader *reader;

	setup(300, 10);
	reader = begin();
	check_int(print_all(reader), (300 + STATE_PIECE_CLIENTS - 1) / STATE_PIECE_CLIENTS);
	check_shown(300);
	end(reader);
	teardown();
	setup(5, STATE_PIECE_BYTES);
	reader = begin();
	check_int(print_all(reader), 5);
	check_shown(5);
	end(reader);
	teardown();
}

/* The one that is next, one that was shown, one that is to come, and all at once. */
TEST(clients_go)
{
	struct state_reader *reader, *other;
	bool more;

	setup(10, STATE_PIECE_BYTES);
	reader = begin();
	other = begin();
	for (int i = 0; i < 3; i++)
		print_piece(reader, &more);
	go(3);
	go(4);
	go(1);
	go(7);
	print_piece(reader, &more);
	check_int(shown[3], 6);
	go(9);
	print_all(reader);
	check_int(n_shown, 6);
	check_int(shown[4], 7);
	check_int(shown[5], 9);
	end(reader);
	n_shown = 0;
	print_piece(other, &more);
	for (int i = 0; i < 10; i++) {
		if (clients[i])
			go(i);
	}
	print_piece(other, &more);
	check(!more);
	check_shown(1);
	end(other);
	teardown();
}

/* Else whoever comes again and again would have no end of it. */
TEST(clients_come)
{
	struct state_reader *reader;
	bool more;
	int pieces = 0;

	setup(3, STATE_PIECE_BYTES);
	reader = begin();
	do {
		print_piece(reader, &more);
		come(3 + pieces++);
		check(pieces < 10);
	} while (more);
	check_int(pieces, 3);
	check_shown(3);
	end(reader);
	teardown();
}

/* All that came before is gone, and others have come: they are not for this reader. */
TEST(all_are_others)
{
	struct state_reader *reader;
	bool more;

	setup(3, 10);
	reader = begin();
	come(3);
	for (int i = 0; i < 3; i++)
		go(i);
	print_piece(reader, &more);
	check(!more);
	check_shown(0);
	end(reader);
	teardown();
}

/* First they are shown without lists, and in the end not at all, but counted. */
TEST(limits)
{
	const int count = MAX_CLIENTS;
	struct state_reader *reader;
	uint64_t bytes = 0;
	bool more;

	setup(count, 100000);
	reader = begin();
	do
		bytes += print_piece(reader, &more);
	while (more);
	check(bytes < STATE_MAX_BYTES + client_size + 100);
	check_int(n_lists, (int)(STATE_LIST_BYTES / (client_size + 2)) + 1);
	check_shown((int)(STATE_MAX_BYTES / (client_size + 2)) + 1);
	check_int(reader->left_out, count - n_shown);
	end(reader);
	teardown();
}
