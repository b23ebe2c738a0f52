/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "server/peer.h"
#include "util/fd.h"

static size_t get_waiting(const struct control_queue *queue)
{
	return queue->end - queue->start;
}

static void clear(struct control_queue *queue)
{
	free(queue->data);
	*queue = (struct control_queue){0};
}

/* Returns -1 without memory, or if it is too much. */
static int add(struct control_queue *queue, const char *data, size_t size)
{
	size_t waiting = get_waiting(queue), capacity = 2 * (waiting + size);
	char *bytes;

	/* One reply may be as large as it has to be. */
	if (waiting > 0 && waiting + size > CONTROL_MAX_WAITING)
		return -1;
	if (queue->end + size > queue->capacity) {
		bytes = malloc(capacity);
		if (bytes == NULL)
			return -1;
		if (waiting > 0)
			memcpy(bytes, queue->data + queue->start, waiting);
		clear(queue);
		*queue =
			(struct control_queue){.data = bytes, .end = waiting, .capacity = capacity};
	}
	if (size > 0)
		memcpy(queue->data + queue->end, data, size);
	queue->end += size;
	return 0;
}

/* What wakes the peer. */
static uint32_t get_mask(const struct control_peer *peer)
{
	uint32_t mask = 0;

	/* A broken peer is woken at once: a socket that was shut down is readable. */
	if (peer->broken)
		return WL_EVENT_READABLE;
	if (!peer->said_all)
		mask |= WL_EVENT_READABLE;
	if (peer->goes_on || get_waiting(&peer->out) > 0)
		mask |= WL_EVENT_WRITABLE;
	return mask;
}

static void update_mask(struct control_peer *peer)
{
	if (peer->broken)
		shutdown(peer->fd, SHUT_RDWR);
	wl_event_source_fd_update(peer->source, get_mask(peer));
}

static int fail(struct control_peer *peer)
{
	peer->broken = true;
	update_mask(peer);
	return -1;
}

/* Send what waits, up to the byte that an fd goes with, or from that on with the fd. */
static ssize_t send_some(struct control_peer *peer)
{
	struct control_queue *out = &peer->out;
	bool with_fd = peer->out_fd >= 0 && peer->out_fd_at == out->start;
	size_t end = peer->out_fd >= 0 && !with_fd ? peer->out_fd_at : out->end;
	struct iovec data = {out->data + out->start, end - out->start};
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
	ssize_t n;

	if (with_fd) {
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &peer->out_fd, sizeof(int));
	}
	n = sendmsg(peer->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n > 0 && with_fd)
		wltex_fd_close(&peer->out_fd);
	return n;
}

static int flush(struct control_peer *peer)
{
	while (get_waiting(&peer->out) > 0) {
		ssize_t n = send_some(peer);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			break;
		if (n < 0)
			return fail(peer);
		peer->out.start += (size_t)n;
	}
	if (get_waiting(&peer->out) == 0)
		clear(&peer->out);
	update_mask(peer);
	return 0;
}

static int send_now(struct control_peer *peer, const char *data, size_t size)
{
	size_t start = peer->out.start;

	if (add(&peer->out, data, size) < 0)
		return fail(peer);
	/* What waits may have moved to the front. */
	peer->out_fd_at -= start - peer->out.start;
	return flush(peer);
}

int control_peer_send(struct control_peer *peer, const char *data, size_t size)
{
	if (peer->broken)
		return -1;
	if (!peer->goes_on)
		return send_now(peer, data, size);
	return add(&peer->later, data, size) < 0 ? fail(peer) : 0;
}

void control_peer_go_on(struct control_peer *peer)
{
	peer->goes_on = true;
	update_mask(peer);
}

int control_peer_pass_fd(struct control_peer *peer, int fd)
{
	if (peer->broken || peer->out_fd >= 0)
		return -1;
	peer->out_fd = wltex_fd_dup(fd);
	if (peer->out_fd < 0) {
		peer->out_fd = -1;
		return -1;
	}
	peer->out_fd_at = peer->out.end;
	return 0;
}

/* Hand over whole lines; what is left moves to the front. */
static void split_lines(struct control_peer *peer)
{
	char *start = peer->in, *end = peer->in + peer->in_size, *newline;

	while (!peer->broken && !peer->goes_on &&
		(newline = memchr(start, '\n', (size_t)(end - start))) != NULL) {
		*newline = '\0';
		if (newline > start)
			peer->interface->line(peer, start, (size_t)(newline - start));
		start = newline + 1;
	}
	peer->in_size = (size_t)(end - start);
	memmove(peer->in, start, peer->in_size);
}

/* Returns -1 when the connection has ended. */
static int receive(struct control_peer *peer)
{
	ssize_t n = recv(
		peer->fd, peer->in + peer->in_size, sizeof(peer->in) - peer->in_size, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return 0;
	if (n < 0)
		return -1;
	if (n == 0) {
		peer->said_all = true;
		update_mask(peer);
		return 0;
	}
	peer->in_size += (size_t)n;
	split_lines(peer);
	/* One line that is too long, or more of them than wait for a reply that goes on. */
	return peer->in_size < sizeof(peer->in) ? 0 : -1;
}

/* The line has ended: what waited for that is sent, and the next request taken. */
static int end_line(struct control_peer *peer)
{
	int ret = 0;

	peer->goes_on = false;
	if (get_waiting(&peer->later) > 0)
		ret = send_now(peer, peer->later.data, peer->later.end);
	clear(&peer->later);
	if (ret == 0)
		split_lines(peer);
	return ret;
}

/* Send the next piece of a line that goes on, once all of it so far was taken. */
static int send_more(struct control_peer *peer)
{
	char *piece = NULL;
	size_t size = 0;
	FILE *file;
	bool more;
	int ret = 0;

	if (!peer->goes_on || get_waiting(&peer->out) > 0)
		return 0;
	file = open_memstream(&piece, &size);
	if (file == NULL)
		return fail(peer);
	more = peer->interface->more(peer, file);
	if (fclose(file) != 0)
		ret = fail(peer);
	else if (size > 0)
		ret = send_now(peer, piece, size);
	free(piece);
	return ret == 0 && !more ? end_line(peer) : ret;
}

/* It asks for nothing more, and has got all that it asked for. */
static bool is_done(const struct control_peer *peer)
{
	return peer->said_all && !peer->goes_on && get_waiting(&peer->out) == 0;
}

static int handle_event(int fd, uint32_t mask, void *data)
{
	struct control_peer *peer = data;
	int ret = peer->broken ? -1 : 0;

	if (ret == 0 && (mask & WL_EVENT_WRITABLE))
		ret = flush(peer);
	if (ret == 0 && (mask & WL_EVENT_WRITABLE))
		ret = send_more(peer);
	if (ret == 0 && (mask & WL_EVENT_READABLE))
		ret = receive(peer);
	if ((mask & (WL_EVENT_HANGUP | WL_EVENT_ERROR)) || is_done(peer))
		ret = -1;
	if (ret < 0 || peer->broken)
		control_peer_destroy(peer);
	return 0;
}

struct control_peer *control_peer_create(struct wl_event_loop *loop, int fd,
	const struct control_peer_interface *interface, struct wltex_control *control)
{
	struct control_peer *peer = calloc(1, sizeof(*peer));

	if (peer == NULL)
		return NULL;
	peer->source = wl_event_loop_add_fd(loop, fd, WL_EVENT_READABLE, handle_event, peer);
	if (peer->source == NULL) {
		free(peer);
		return NULL;
	}
	peer->fd = fd;
	peer->out_fd = -1;
	peer->interface = interface;
	peer->control = control;
	wl_list_init(&peer->link);
	return peer;
}

void control_peer_destroy(struct control_peer *peer)
{
	peer->interface->gone(peer);
	wl_event_source_remove(peer->source);
	wl_list_remove(&peer->link);
	wltex_fd_close(&peer->fd);
	wltex_fd_close(&peer->out_fd);
	clear(&peer->out);
	clear(&peer->later);
	free(peer);
}
