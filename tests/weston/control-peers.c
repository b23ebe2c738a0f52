/* SPDX-License-Identifier: MIT */
/*
 * Hostile and clumsy peers of the control socket that WLTEX_CONTROL_SOCKET names. After
 * each case the compositor still answers others.
 */
#include <errno.h>
#include <json.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "test.h"

#define PATIENCE_MS 30000
#define STATE "{\"request\": \"state\"}\n"

struct peer {
	int fd;
	char *in;
	size_t size, capacity;
};

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static struct peer peer_connect(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *path = getenv("WLTEX_CONTROL_SOCKET");
	struct peer peer = {.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};

	check(path && strlen(path) < sizeof(address.sun_path));
	strcpy(address.sun_path, path);
	check(peer.fd >= 0);
	check(connect(peer.fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	return peer;
}

static void peer_close(struct peer *peer)
{
	close(peer->fd);
	free(peer->in);
	*peer = (struct peer){.fd = -1};
}

/* Send without waiting. Returns how much was taken, or -1 if the connection is closed. */
static ssize_t peer_try_send(struct peer *peer, const void *data, size_t size)
{
	ssize_t n = send(peer->fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN ? 0 : -1;
	return n;
}

static void peer_send(struct peer *peer, const void *data, size_t size)
{
	check_int(send(peer->fd, data, size, MSG_NOSIGNAL), (ssize_t)size);
}

static void peer_say(struct peer *peer, const char *text)
{
	peer_send(peer, text, strlen(text));
}

/* Receive something. Returns false at the end of the connection. */
static bool peer_receive(struct peer *peer)
{
	struct pollfd fd = {.fd = peer->fd, .events = POLLIN};
	ssize_t n;

	check(poll(&fd, 1, PATIENCE_MS) == 1);
	if (peer->capacity - peer->size < 65536) {
		peer->capacity = 2 * peer->capacity + 65536;
		peer->in = realloc(peer->in, peer->capacity);
		check(peer->in);
	}
	n = recv(peer->fd, peer->in + peer->size, peer->capacity - peer->size, 0);
	if (n <= 0)
		return false;
	peer->size += (size_t)n;
	return true;
}

/* The next line, to be put; NULL at the end of the connection. */
static struct json_object *peer_read(struct peer *peer)
{
	struct json_object *object;
	char *newline;

	while (!peer->size || !(newline = memchr(peer->in, '\n', peer->size))) {
		if (!peer_receive(peer))
			return NULL;
	}
	*newline = '\0';
	object = json_tokener_parse(peer->in);
	check(json_object_is_type(object, json_type_object));
	peer->size -= (size_t)(newline + 1 - peer->in);
	memmove(peer->in, newline + 1, peer->size);
	return object;
}

static bool has(struct json_object *object, const char *name, const char *value)
{
	struct json_object *member;

	if (!json_object_object_get_ex(object, name, &member))
		return false;
	return !value || strcmp(json_object_get_string(member), value) == 0;
}

static void expect_reply(struct peer *peer, const char *name, bool error)
{
	struct json_object *reply = peer_read(peer);

	check(reply);
	check(has(reply, "reply", name));
	check(has(reply, "error", NULL) == error);
	json_object_put(reply);
}

static void expect_end(struct peer *peer)
{
	while (peer_receive(peer))
		peer->size = 0;
	peer_close(peer);
}

/* Whatever happened to others, this one is served. */
static void expect_alive(void)
{
	struct peer peer = peer_connect();

	peer_say(&peer, STATE);
	expect_reply(&peer, "state", false);
	peer_close(&peer);
}

/* The same, once those that are gone have made room. */
static void expect_alive_soon(void)
{
	double end_ms = now_ms() + PATIENCE_MS;
	struct json_object *reply = NULL;

	while (!reply && now_ms() < end_ms) {
		struct peer peer = peer_connect();

		if (peer_try_send(&peer, STATE, strlen(STATE)) > 0)
			reply = peer_read(&peer);
		peer_close(&peer);
	}
	check(reply);
	json_object_put(reply);
}

TEST(state)
{
	struct peer peer = peer_connect();
	struct json_object *reply, *clients;

	peer_say(&peer, "{\"request\": \"state\", \"id\": 1234567890123}\n");
	reply = peer_read(&peer);
	check(has(reply, "reply", "state") && has(reply, "id", "1234567890123"));
	check(has(reply, "time_ms", NULL) && has(reply, "total", NULL));
	check(json_object_object_get_ex(reply, "clients", &clients));
	check(json_object_is_type(clients, json_type_array));
	json_object_put(reply);
	peer_close(&peer);
}

TEST(malformed_lines)
{
	static const char *const lines[] = {
		"x",
		"{",
		"}",
		"[]",
		"[{\"request\": \"state\"}]",
		"null",
		"\"state\"",
		"1e999",
		"{\"request\"}",
		"{\"request\": }",
		"{\"request\": null}",
		"{\"request\": 1}",
		"{\"request\": [\"state\"]}",
		"{\"request\": {\"request\": \"state\"}}",
		"{}",
		"{\"Request\": \"state\"}",
		"{\"request\": \"state\"",
		"{\"request\": \"\"}",
		"{\"request\": \"stat\"}",
		"{\"request\": \"state \"}",
		"{\"request\": \"%s%n\"}",
		"{\"request\": \"\\u0000state\"}",
		"{\"request\": \"\\ud800\"}",
		"{\"request\": \"\xff\xfe\x80\"}",
		"{\"request\": \"a\\nb\\\"c\\\\\"}",
		"{\"request\": \"snapshot\"}",
		"{\"request\": \"snapshot\", \"pid\": {}}",
		"{\"request\": \"snapshot\", \"pid\": -1, \"surface\": 1e400}",
		"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
		"{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{}}}}}}}}}}}",
		"\x01\x02\x03",
		" ",
		"\r",
		"\xef\xbb\xbf{}",
	};
	struct peer peer = peer_connect();

	/* Each gets one answer, an error, and the connection stays. */
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct json_object *reply;

		peer_say(&peer, lines[i]);
		peer_say(&peer, "\n");
		reply = peer_read(&peer);
		if (!reply || !has(reply, "error", NULL))
			test_fail(__FILE__, __LINE__, "%s: no error", lines[i]);
		json_object_put(reply);
	}
	/* Empty ones get none. */
	peer_say(&peer, "\n\n\n" STATE);
	expect_reply(&peer, "state", false);
	peer_send(&peer, "{\"request\"\0: \"state\"}\n", 22);
	expect_reply(&peer, "", true);
	peer_close(&peer);
}

TEST(wrong_ids)
{
	static const char *const ids[] = {"\"1\"", "null", "[]", "1.5", "true", "{\"id\": 1}"};
	struct peer peer = peer_connect();
	char line[128];

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		struct json_object *reply;

		snprintf(line, sizeof(line), "{\"request\": \"state\", \"id\": %s}\n", ids[i]);
		peer_say(&peer, line);
		reply = peer_read(&peer);
		check(has(reply, "reply", "state") && !has(reply, "id", NULL));
		json_object_put(reply);
	}
	peer_close(&peer);
}

TEST(partial_lines)
{
	static const char line[] = STATE;
	struct peer peer = peer_connect(), other = peer_connect();

	for (size_t i = 0; i < sizeof(line) - 1; i++) {
		peer_send(&peer, &line[i], 1);
		if (i % 5 == 0)
			poll(NULL, 0, 5);
	}
	expect_reply(&peer, "state", false);
	/* One that is never ended holds up nobody. */
	peer_say(&peer, "{\"request\": \"sta");
	peer_say(&other, STATE);
	expect_reply(&other, "state", false);
	peer_say(&peer, "te\"}\n");
	expect_reply(&peer, "state", false);
	peer_say(&peer, "{\"request");
	peer_close(&peer);
	peer_close(&other);
	expect_alive();
}

TEST(many_requests_at_once)
{
	enum {
		COUNT = 400
	};
	struct peer peer = peer_connect();
	char line[64];

	for (int i = 0; i < COUNT; i++) {
		snprintf(line, sizeof(line), "{\"request\": \"no %d\", \"id\": %d}\n", i, i);
		peer_say(&peer, line);
	}
	for (int i = 0; i < COUNT; i++) {
		struct json_object *reply = peer_read(&peer);

		snprintf(line, sizeof(line), "%d", i);
		check(has(reply, "id", line) && has(reply, "error", NULL));
		json_object_put(reply);
	}
	peer_close(&peer);
}

/* Send size bytes of this character until the connection is closed. */
static bool is_dropped(struct peer *peer, char c, size_t size)
{
	double end_ms = now_ms() + PATIENCE_MS;
	char block[4096];

	memset(block, c, sizeof(block));
	while (size > 0 && now_ms() < end_ms) {
		ssize_t n = peer_try_send(peer, block, size < sizeof(block) ? size : sizeof(block));

		if (n < 0)
			return true;
		if (n == 0)
			poll(NULL, 0, 1);
		size -= (size_t)n;
	}
	return false;
}

TEST(longest_line)
{
	struct peer peer = peer_connect();
	char line[4000];

	/* A name that fills the line comes back in the reply. */
	memset(line, 'n', sizeof(line));
	memcpy(line, "{\"request\": \"", 13);
	memcpy(line + sizeof(line) - 3, "\"}\n", 3);
	peer_send(&peer, line, sizeof(line));
	line[sizeof(line) - 3] = '\0';
	expect_reply(&peer, line + 13, true);
	peer_close(&peer);
}

TEST(endless_lines)
{
	static const char characters[] = {'x', ' ', '[', '{', '\0', '"', (char)0xff};

	for (size_t i = 0; i < sizeof(characters); i++) {
		struct peer peer = peer_connect();

		check(is_dropped(&peer, characters[i], (size_t)64 << 20));
		peer_close(&peer);
	}
	expect_alive();
}

TEST(only_newlines)
{
	struct peer peer = peer_connect();

	check(!is_dropped(&peer, '\n', 1 << 20));
	peer_say(&peer, STATE);
	expect_reply(&peer, "state", false);
	peer_close(&peer);
}

TEST(forty_connections)
{
	enum {
		COUNT = 40,
		SERVED = 32
	};
	struct peer peers[COUNT];
	int served = 0;

	for (int i = 0; i < COUNT; i++)
		peers[i] = peer_connect();
	for (int i = 0; i < COUNT; i++) {
		struct json_object *reply = NULL;

		if (peer_try_send(&peers[i], STATE, strlen(STATE)) > 0)
			reply = peer_read(&peers[i]);
		served += reply != NULL;
		json_object_put(reply);
	}
	check_int(served, SERVED);
	for (int i = 0; i < COUNT; i++)
		peer_close(&peers[i]);
	/* Their places are free again; the compositor may need a moment to see it. */
	expect_alive_soon();
}

TEST(comes_and_goes)
{
	for (int i = 0; i < 500; i++) {
		struct peer peer = peer_connect();

		if (i % 3 > 0)
			peer_try_send(&peer, STATE, strlen(STATE) - (size_t)(i % 2));
		peer_close(&peer);
	}
	expect_alive_soon();
}

TEST(does_not_read_replies)
{
	struct peer peer = peer_connect();
	double end_ms = now_ms() + PATIENCE_MS;
	ssize_t n = 0;

	/* Until what waits for it is too much. */
	while (n >= 0 && now_ms() < end_ms) {
		n = peer_try_send(&peer, STATE, strlen(STATE));
		if (n == 0)
			poll(NULL, 0, 1);
		/* A line that was taken in parts goes on somewhere else: that is an error
		 * of ours, which is answered as well. */
	}
	check(n < 0);
	expect_alive();
	expect_end(&peer);
}

/* As long as clients make events, see control.sh. */
TEST(does_not_read_events)
{
	struct peer peer = peer_connect(), other = peer_connect();
	double end_ms = now_ms() + PATIENCE_MS;
	struct pollfd fd = {.fd = peer.fd, .events = POLLRDHUP};

	peer_say(&peer, "{\"request\": \"subscribe\"}\n");
	peer_say(&other, "{\"request\": \"subscribe\"}\n");
	expect_reply(&other, "subscribe", false);
	/* The one that reads gets on. */
	while (poll(&fd, 1, 0) == 0 && now_ms() < end_ms) {
		check(peer_receive(&other));
		other.size = 0;
	}
	check(fd.revents & (POLLRDHUP | POLLHUP));
	peer_close(&other);
	expect_alive();
	expect_end(&peer);
}

TEST(unsubscribes)
{
	struct peer peer = peer_connect();
	double end_ms = now_ms() + 300;
	struct pollfd fd = {.fd = peer.fd, .events = POLLIN};
	struct json_object *event;

	peer_say(&peer, "{\"request\": \"subscribe\"}\n{\"request\": \"subscribe\"}\n");
	expect_reply(&peer, "subscribe", false);
	expect_reply(&peer, "subscribe", false);
	event = peer_read(&peer);
	check(has(event, "event", NULL) && has(event, "pid", NULL));
	json_object_put(event);
	peer_say(&peer, "{\"request\": \"unsubscribe\"}\n");
	do {
		event = peer_read(&peer);
		if (has(event, "reply", "unsubscribe"))
			break;
		json_object_put(event);
	} while (true);
	json_object_put(event);
	while (now_ms() < end_ms)
		check(poll(&fd, 1, 10) == 0);
	peer_close(&peer);
}

TEST(fds_are_not_taken)
{
	struct peer peer = peer_connect();
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(100 * sizeof(int))];
	} control = {.header = {.cmsg_level = SOL_SOCKET,
			     .cmsg_type = SCM_RIGHTS,
			     .cmsg_len = CMSG_LEN(100 * sizeof(int))}};
	struct iovec iov = {.iov_base = (char[]){STATE}, .iov_len = strlen(STATE)};
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};

	for (size_t i = 0; i < 100; i++)
		memcpy(CMSG_DATA(&control.header) + i * sizeof(int), &peer.fd, sizeof(int));
	for (int i = 0; i < 100; i++) {
		check_int(sendmsg(peer.fd, &message, MSG_NOSIGNAL), (ssize_t)iov.iov_len);
		expect_reply(&peer, "state", false);
	}
	peer_close(&peer);
}

/* Run by another user: see control.sh. */
TEST(another_user)
{
	struct peer peer = peer_connect();

	peer_try_send(&peer, STATE, strlen(STATE));
	check(!peer_receive(&peer));
	peer_close(&peer);
}
