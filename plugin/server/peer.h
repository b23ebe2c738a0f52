/* SPDX-License-Identifier: MIT */
#ifndef SERVER_PEER_H
#define SERVER_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <wayland-server-core.h>

#include "server/control.h"

struct control_peer;

struct control_peer_interface {
	/* One line, without its newline; size is below CONTROL_MAX_LINE. */
	void (*line)(struct control_peer *peer, const char *line, size_t size);
	/*
	 * All is sent of a line that goes on: write its next piece. Returns whether more is
	 * to come; without anything written it is asked again in a later turn of the loop.
	 */
	bool (*more)(struct control_peer *peer, FILE *file);
	/* The connection ends; the peer is freed after this. */
	void (*gone)(struct control_peer *peer);
};

/* A longer line ends the connection; so do more lines than this while a reply goes on. */
#define CONTROL_MAX_LINE 4096
/*
 * A peer that is sent more while something waits for it, so that there would be more than
 * this, is not reading: the connection ends. Tests want less.
 */
#ifndef CONTROL_MAX_WAITING
#define CONTROL_MAX_WAITING (8u << 20)
#endif

/* Bytes that wait: start to end of data. */
struct control_queue {
	char *data;
	size_t start, end, capacity;
};

/* One connection of the control socket: lines in, lines out, nothing blocks. */
struct control_peer {
	struct wl_list link; // wltex_control.peers
	struct wltex_control *control;
	bool subscribed;
	struct wltex_control_rest rest; // of the reply that goes on
	bool served;                    // with a piece of that in this round

	int fd;
	struct wl_event_source *source;
	const struct control_peer_interface *interface;
	char in[CONTROL_MAX_LINE];
	size_t in_size;
	struct control_queue out;
	int out_fd; // passed with the byte at out_fd_at of out.data; or -1
	size_t out_fd_at;
	bool goes_on;               // the line that was sent last has no end yet
	struct control_queue later; // what is sent after it
	bool said_all;              // the other end is shut for writing
	bool broken;                // to be destroyed when it is safe to
};

/* Takes fd, which must be non-blocking, unless it returns NULL. */
struct control_peer *control_peer_create(struct wl_event_loop *loop, int fd,
	const struct control_peer_interface *interface, struct wltex_control *control);
void control_peer_destroy(struct control_peer *peer);

/*
 * Send, or keep what the socket does not take now. Returns 0, or -1 if the peer does not
 * read or memory ran out: the connection ends soon, never inside this call.
 */
int control_peer_send(struct control_peer *peer, const char *data, size_t size);

/*
 * What was sent last is a line without its end: the rest comes from interface->more(). Until
 * then no line is handed over, and what else is sent comes after it.
 */
void control_peer_go_on(struct control_peer *peer);

/*
 * Pass a duplicate of fd along with the next byte that is sent. Returns 0, or -1 while
 * another one waits or without fds.
 */
int control_peer_pass_fd(struct control_peer *peer, int fd);

#endif
