/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "server/peer.h"
#include "util/fd.h"

static void update_mask(struct control_peer *peer)
{
	bool waiting = peer->out_start < peer->out_end;

	/* A broken peer is woken at once: a socket that was shut down is readable. */
	if (peer->broken)
		shutdown(peer->fd, SHUT_RDWR);
	wl_event_source_fd_update(peer->source,
		WL_EVENT_READABLE | (waiting && !peer->broken ? WL_EVENT_WRITABLE : 0u));
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
	bool with_fd = peer->out_fd >= 0 && peer->out_fd_at == peer->out_start;
	size_t end = peer->out_fd >= 0 && !with_fd ? peer->out_fd_at : peer->out_end;
	struct iovec data = {peer->out + peer->out_start, end - peer->out_start};
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
	while (peer->out_start < peer->out_end) {
		ssize_t n = send_some(peer);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			break;
		if (n < 0)
			return fail(peer);
		peer->out_start += (size_t)n;
	}
	if (peer->out_start == peer->out_end) {
		free(peer->out);
		peer->out = NULL;
		peer->out_start = peer->out_end = peer->out_capacity = 0;
	}
	update_mask(peer);
	return 0;
}

static int make_room(struct control_peer *peer, size_t size)
{
	size_t waiting = peer->out_end - peer->out_start, capacity;
	char *out;

	/* One reply may be as large as it has to be. */
	if (waiting > 0 && waiting + size > CONTROL_MAX_WAITING)
		return -1;
	if (peer->out_end + size <= peer->out_capacity)
		return 0;
	capacity = 2 * (waiting + size);
	out = malloc(capacity);
	if (out == NULL)
		return -1;
	if (waiting > 0)
		memcpy(out, peer->out + peer->out_start, waiting);
	free(peer->out);
	peer->out = out;
	peer->out_fd_at -= peer->out_start;
	peer->out_start = 0;
	peer->out_end = waiting;
	peer->out_capacity = capacity;
	return 0;
}

int control_peer_send(struct control_peer *peer, const char *data, size_t size)
{
	if (peer->broken)
		return -1;
	if (make_room(peer, size) < 0)
		return fail(peer);
	memcpy(peer->out + peer->out_end, data, size);
	peer->out_end += size;
	return flush(peer);
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
	peer->out_fd_at = peer->out_end;
	return 0;
}

/* Hand over whole lines; what is left moves to the front. */
static void split_lines(struct control_peer *peer)
{
	char *start = peer->in, *end = peer->in + peer->in_size, *newline;

	while (!peer->broken && (newline = memchr(start, '\n', (size_t)(end - start))) != NULL) {
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
	if (n <= 0)
		return -1;
	peer->in_size += (size_t)n;
	split_lines(peer);
	return peer->in_size < sizeof(peer->in) ? 0 : -1;
}

static int handle_event(int fd, uint32_t mask, void *data)
{
	struct control_peer *peer = data;
	int ret = peer->broken ? -1 : 0;

	if (ret == 0 && (mask & WL_EVENT_WRITABLE))
		ret = flush(peer);
	if (ret == 0 && (mask & WL_EVENT_READABLE))
		ret = receive(peer);
	else if (ret == 0 && (mask & (WL_EVENT_HANGUP | WL_EVENT_ERROR)))
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
	free(peer->out);
	free(peer);
}
