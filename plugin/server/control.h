/* SPDX-License-Identifier: MIT */
#ifndef SERVER_CONTROL_H
#define SERVER_CONTROL_H

/*
 * The control socket: JSON lines over a local socket, for the user that runs the
 * compositor alone. Everything is non-blocking on the compositor's event loop: a peer
 * that does not read is sent no more of a long reply, and no answer to another request before that
 * has ended; it is dropped when too much waits for it, or too many requests of it.
 *
 * A peer sends objects such as {"request": "ledger", "id": 1}; each is answered by one
 * line with "reply" (the request's name), the same "id" if it is an integer, and either
 * "error" (words) or members of its own. A subscriber gets lines with "event" as well.
 */
#include <stdbool.h>
#include <stdio.h>
#include <wayland-server-core.h>
#include <wltex/log.h>

struct json_object;
struct wltex_control;

/*
 * The rest of a reply that is too large for one turn of the event loop. It is asked for while
 * the peer reads, one piece a turn for all peers together.
 */
struct wltex_control_rest {
	/* Write the next piece, of bounded size and work. Returns whether more is to come. */
	bool (*write)(void *data, FILE *file);
	/* Called once, after the last piece or when the peer is gone; frees data. */
	void (*end)(void *data);
	void *data;
};

struct wltex_control_answer {
	/* For the members of the reply object, each after a comma; without newlines. */
	FILE *file;
	/* -1 at first. Passed along with the reply's first byte, and then closed. */
	int fd;
	/* rest.write is NULL at first, as where all was written to file. */
	struct wltex_control_rest rest;
};

struct wltex_control_interface {
	/*
	 * Answer a request, e.g. with `, "clients": [...]`. Returns NULL, or what is wrong
	 * with it: then what was written is dropped, and a rest that was set is ended.
	 */
	const char *(*request)(void *data, const char *name, struct json_object *request,
		struct wltex_control_answer *answer);
};

/*
 * Listen on path (mode 0600). path.lock tells a living compositor's socket, which is
 * never taken over, from one that a dead one left behind, which is replaced.
 * Returns NULL with errno set: EADDRINUSE if another compositor has it, ENAMETOOLONG, or
 * what open, socket, bind or listen say. interface and logger must stay until the end.
 */
struct wltex_control *wltex_control_create(struct wl_event_loop *loop, const char *path,
	const struct wltex_control_interface *interface, void *data,
	const struct wltex_logger *logger);

/* Close all connections and remove socket and lock. */
void wltex_control_destroy(struct wltex_control *control);

/* Whether anybody subscribed: else there is no need to make up an event. */
bool wltex_control_has_subscribers(const struct wltex_control *control);

/* Send a line (a JSON object, without newline) to all subscribers. */
void wltex_control_send_event(struct wltex_control *control, const char *line);

#endif
