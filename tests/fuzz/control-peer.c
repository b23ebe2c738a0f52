/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <json.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "control-peer.h"
#include "fuzz.h"
#include "server/peer.h"
#include "util/text.h"

/* At most so many fds come at once; one would do. */
#define MAX_PASSED 8
#define MAX_DEPTH 8
/* An error is at most so many times as long as its request. */
#define ERROR_RATIO 50

void peer_init(struct peer *peer)
{
	*peer = (struct peer){.fd = -1, .last_event = -1};
}

bool peer_connect(struct peer *peer, const char *path, const size_t *produced)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	strcpy(address.sun_path, path);
	peer->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	expect(peer->fd >= 0);
	peer->produced = produced;
	if (connect(peer->fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return true;
	expect(errno == EAGAIN);
	peer_disconnect(peer);
	return false;
}

void peer_disconnect(struct peer *peer)
{
	if (peer->fd >= 0)
		close(peer->fd);
	free(peer->sent);
	free(peer->in);
	peer_init(peer);
}

static char *append(char **buffer, size_t *size, size_t *capacity, size_t more)
{
	if (*size + more > *capacity) {
		*capacity = 2 * (*size + more);
		*buffer = realloc(*buffer, *capacity);
		expect(*buffer != NULL);
	}
	*size += more;
	return *buffer + *size - more;
}

/* Of the line that begins at start, if it ends before end. */
static size_t line_length(const char *text, size_t start, size_t end)
{
	const char *newline = start < end ? memchr(text + start, '\n', end - start) : NULL;

	return newline != NULL ? (size_t)(newline - text) - start : SIZE_MAX;
}

/* A line that is too long ends the connection, and its newline may not even get there. */
static void look_at_lines(struct peer *peer)
{
	size_t start = peer->sent_start, n;

	while ((n = line_length(peer->sent, start, peer->sent_size)) != SIZE_MAX) {
		if (n >= CONTROL_MAX_LINE)
			peer->careless = true;
		start += n + 1;
	}
	/* Nor may so much wait for the end of a reply. */
	if (peer->sent_size - peer->sent_start >= CONTROL_MAX_LINE)
		peer->careless = true;
}

void peer_send(struct peer *peer, const void *data, size_t size, const int *fds, size_t n_fds)
{
	struct iovec part = {(void *)data, size};
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(MAX_PASSED * sizeof(int))];
	} control = {0};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	ssize_t n;

	if (peer->fd < 0 || size == 0)
		return;
	if (n_fds > 0) {
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(n_fds * sizeof(int));
		memcpy(CMSG_DATA(&control.header), fds, n_fds * sizeof(int));
	}
	n = sendmsg(peer->fd, &message, MSG_NOSIGNAL);
	if (n <= 0)
		return;
	memcpy(append(&peer->sent, &peer->sent_size, &peer->sent_capacity, (size_t)n), data,
		(size_t)n);
	look_at_lines(peer);
}

static struct json_object *parse(const char *line, size_t size)
{
	struct json_tokener *tokener = json_tokener_new_ex(MAX_DEPTH);
	struct json_object *object;

	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	object = wltex_text_is_utf8(line, size) ? json_tokener_parse_ex(tokener, line, (int)size)
						: NULL;
	json_tokener_free(tokener);
	return object;
}

/* The member, if it is of the type. */
static struct json_object *get(struct json_object *object, const char *name, enum json_type type)
{
	struct json_object *member = NULL;

	if (!json_object_is_type(object, json_type_object) ||
		!json_object_object_get_ex(object, name, &member) ||
		!json_object_is_type(member, type))
		return NULL;
	return member;
}

/* The request that the next reply answers; empty lines are none. */
static struct json_object *take_request(struct peer *peer)
{
	size_t n;

	do {
		size_t start = peer->sent_start;

		n = line_length(peer->sent, start, peer->sent_size);
		expect(n != SIZE_MAX);
		peer->sent_start += n + 1;
		if (n > 0)
			return parse(peer->sent + start, n);
	} while (true);
}

static void check_reply(struct peer *peer, struct json_object *reply)
{
	struct json_object *request = take_request(peer);
	struct json_object *name = get(request, "request", json_type_string);
	struct json_object *echo = get(reply, "reply", json_type_string);
	struct json_object *id = NULL;
	bool is_error = json_object_object_get_ex(reply, "error", NULL);

	expect(!is_error || get(reply, "error", json_type_string) != NULL);
	if (name != NULL)
		expect(json_object_equal(echo, name));
	else
		expect(json_object_get_string_len(echo) == 0 && is_error);
	json_object_object_get_ex(reply, "id", &id);
	expect(json_object_equal(id, get(request, "id", json_type_int)));
	peer->replies++;
	if (!is_error && strcmp(json_object_get_string(echo), "picture") == 0)
		peer->pictures++;
	json_object_put(request);
}

/* Events come in order; some were before this peer subscribed. */
static void check_event(struct peer *peer, struct json_object *event)
{
	struct json_object *number = get(event, "number", json_type_int);

	expect(get(event, "event", json_type_string) != NULL && number != NULL);
	expect(json_object_get_int64(number) > peer->last_event);
	peer->last_event = json_object_get_int64(number);
}

static void check_lines(struct peer *peer)
{
	size_t start = 0, n;

	while ((n = line_length(peer->in, start, peer->in_size)) != SIZE_MAX) {
		struct json_object *line = parse(peer->in + start, n);

		expect(json_object_is_type(line, json_type_object));
		if (get(line, "reply", json_type_string) != NULL)
			check_reply(peer, line);
		else
			check_event(peer, line);
		json_object_put(line);
		start += n + 1;
	}
	if (start > 0)
		memmove(peer->in, peer->in + start, peer->in_size - start);
	peer->in_size -= start;
}

static size_t close_passed(struct msghdr *message)
{
	size_t count = 0;

	expect((message->msg_flags & MSG_CTRUNC) == 0);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		expect(c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS);
		for (size_t i = 0; i < n; i++) {
			int fd;
			memcpy(&fd, CMSG_DATA(c) + i * sizeof(fd), sizeof(fd));
			close(fd);
		}
		count += n;
	}
	return count;
}

/* Whether it is part of a reply that an fd comes with. */
static bool may_be_picture(const char *text, size_t size)
{
	static const char start[] = "{\"reply\": \"picture\"";

	return size > 0 && memcmp(text, start, size < strlen(start) ? size : strlen(start)) == 0;
}

size_t peer_receive(struct peer *peer, size_t size)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(MAX_PASSED * sizeof(int))];
	} control;
	struct iovec part = {.iov_len = size};
	struct msghdr message = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control)};
	ssize_t n;

	if (peer->fd < 0 || size == 0)
		return 0;
	part.iov_base = append(&peer->in, &peer->in_size, &peer->in_capacity, size);
	n = recvmsg(peer->fd, &message, MSG_CMSG_CLOEXEC);
	peer->in_size -= size - (n > 0 ? (size_t)n : 0);
	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n <= 0) {
		expect(n == 0 || errno == ECONNRESET);
		/* Whoever asks for what there is, and reads it, is not thrown out. */
		expect(peer->careless ||
			ERROR_RATIO * peer->sent_size + *peer->produced > CONTROL_MAX_WAITING);
		peer_disconnect(peer);
		return 0;
	}
	peer->fds += close_passed(&message);
	peer->read += (size_t)n;
	check_lines(peer);
	/* An fd comes with the first byte of its reply, of which more may be to come. */
	expect(peer->fds == peer->pictures ||
		(peer->fds == peer->pictures + 1 && may_be_picture(peer->in, peer->in_size)));
	return (size_t)n;
}

void peer_check_settled(const struct peer *peer)
{
	size_t start = peer->sent_start, n;

	if (peer->fd < 0)
		return;
	expect(peer->in_size == 0 && peer->fds == peer->pictures);
	while ((n = line_length(peer->sent, start, peer->sent_size)) == 0)
		start++;
	expect(n == SIZE_MAX);
}
