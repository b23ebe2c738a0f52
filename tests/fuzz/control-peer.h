/* SPDX-License-Identifier: MIT */
#ifndef FUZZ_CONTROL_PEER_H
#define FUZZ_CONTROL_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The other end of a connection to the control socket: it sends what it is told to, and
 * checks each line that comes back. All of it without waiting.
 */
struct peer {
	int fd; // -1: not connected
	/* What was sent: lines of which the replies are still to come from sent_start on. */
	char *sent;
	size_t sent_start, sent_size, sent_capacity;
	char *in; // received, without whole lines
	size_t in_size, in_capacity;
	size_t replies, pictures, fds; // fds came with the replies that are pictures
	size_t read;                   // bytes in all
	int64_t last_event;
	/* It did what a peer is thrown out for, or may be. */
	bool careless;
	const size_t *produced;
};

void peer_init(struct peer *peer);
/*
 * Returns false if too many wait already. *produced is what the server has to send, but for
 * errors: a peer that all of it may be waiting for can be thrown out.
 */
bool peer_connect(struct peer *peer, const char *path, const size_t *produced);
void peer_disconnect(struct peer *peer);

/* Send what the socket takes of it, with n_fds of fds. */
void peer_send(struct peer *peer, const void *data, size_t size, const int *fds, size_t n_fds);

/* Receive up to size bytes. Returns how many came; disconnects at the end. */
size_t peer_receive(struct peer *peer, size_t size);

/* The server has nothing left to do: all that it was asked is answered. */
void peer_check_settled(const struct peer *peer);

#endif
