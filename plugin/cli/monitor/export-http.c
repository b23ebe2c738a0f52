/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/monitor/export.h"
#include "util/fd.h"

#define MAX_PEERS 32
/* Longer than what any browser or Prometheus sends before the empty line. */
#define MAX_REQUEST 8192
/* For the whole of a request and its answer. */
#define PEER_MS 5000

enum peer_state {
	PEER_READING,
	PEER_WRITING,
	/* Everything is sent; closing before the peer does may cut it off. */
	PEER_LINGERING,
};

struct peer {
	int fd;
	enum peer_state state;
	double end_ms;
	char in[MAX_REQUEST];
	size_t in_size;
	char *out;
	size_t out_size, out_sent;
};

struct server {
	int fd;
	struct peer *peers[MAX_PEERS]; // the oldest first
	size_t peer_count;
	char *(*get_text)(void *data, size_t *size);
	void *data;
};

static void close_peer(struct server *server, size_t index)
{
	struct peer *peer = server->peers[index];

	close(peer->fd);
	free(peer->out);
	free(peer);
	server->peer_count--;
	memmove(&server->peers[index], &server->peers[index + 1],
		(server->peer_count - index) * sizeof(server->peers[0]));
}

static void accept_peer(struct server *server)
{
	int fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct peer *peer;

	if (fd < 0) {
		/* Out of fds, most likely: do not spin on it. */
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			poll(NULL, 0, 100);
		return;
	}
	if (server->peer_count == MAX_PEERS)
		close_peer(server, 0);
	peer = calloc(1, sizeof(*peer));
	if (!peer) {
		close(fd);
		return;
	}
	peer->fd = fd;
	peer->end_ms = cli_now_ms() + PEER_MS;
	server->peers[server->peer_count++] = peer;
}

static void answer(struct peer *peer, const char *status, const char *headers, const char *body,
	size_t body_size, bool with_body)
{
	FILE *file = open_memstream(&peer->out, &peer->out_size);

	peer->state = PEER_WRITING;
	if (!file)
		return;
	fprintf(file, "HTTP/1.0 %s\r\n%sContent-Length: %zu\r\nConnection: close\r\n\r\n", status,
		headers, body_size);
	if (with_body)
		fwrite(body, 1, body_size, file);
	if (fclose(file) == 0)
		return;
	free(peer->out);
	peer->out = NULL;
	peer->out_size = 0;
}

static void answer_error(struct peer *peer, const char *status, const char *header)
{
	char headers[96], body[64];

	snprintf(headers, sizeof(headers), "%sContent-Type: text/plain\r\n", header);
	snprintf(body, sizeof(body), "%s\n", status);
	answer(peer, status, headers, body, strlen(body), true);
}

static void answer_metrics(struct server *server, struct peer *peer, bool with_body)
{
	size_t size = 0;
	char *text = server->get_text(server->data, &size);

	if (text)
		answer(peer, "200 OK", "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n",
			text, size, with_body);
	else
		answer_error(peer, "500 Internal Server Error", "");
	free(text);
}

/* For those who look with a browser what is there. */
static void answer_index(struct peer *peer, bool with_body)
{
	static const char page[] = "<!DOCTYPE html>\n<title>wltex export</title>\n"
				   "<h1>wltex export</h1>\n"
				   "<p><a href=\"/metrics\">Metrics</a></p>\n";

	answer(peer, "200 OK", "Content-Type: text/html; charset=utf-8\r\n", page, strlen(page),
		with_body);
}

/* The request line, NUL-terminated. */
static void handle_request(struct server *server, struct peer *peer, char *line)
{
	char *path = strchr(line, ' '), *version = NULL;
	bool is_get, is_head;

	if (path)
		version = strchr(path + 1, ' ');
	if (!version || strncmp(version, " HTTP/1.", 8) != 0) {
		answer_error(peer, "400 Bad Request", "");
		return;
	}
	*path++ = '\0';
	*version = '\0';
	path[strcspn(path, "?#")] = '\0';
	is_get = strcmp(line, "GET") == 0;
	is_head = strcmp(line, "HEAD") == 0;
	if (strcmp(path, "/metrics") != 0 && strcmp(path, "/") != 0)
		answer_error(peer, "404 Not Found", "");
	else if (!is_get && !is_head)
		answer_error(peer, "405 Method Not Allowed", "Allow: GET, HEAD\r\n");
	else if (path[1] == '\0')
		answer_index(peer, is_get);
	else
		answer_metrics(server, peer, is_get);
}

/* Whether the empty line after the headers has come. */
static bool is_complete(const struct peer *peer)
{
	return memmem(peer->in, peer->in_size, "\r\n\r\n", 4) ||
	       memmem(peer->in, peer->in_size, "\n\n", 2);
}

/* Returns whether the connection goes on. */
static bool read_request(struct server *server, struct peer *peer)
{
	/* One byte stays for the NUL. */
	size_t room = sizeof(peer->in) - 1 - peer->in_size;
	ssize_t n = recv(peer->fd, peer->in + peer->in_size, room, MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (n == 0)
		return false;
	peer->in_size += (size_t)n;
	if (is_complete(peer)) {
		peer->in[peer->in_size] = '\0';
		peer->in[strcspn(peer->in, "\r\n")] = '\0';
		handle_request(server, peer, peer->in);
	} else if (peer->in_size == sizeof(peer->in) - 1) {
		answer_error(peer, "431 Request Header Fields Too Large", "");
	}
	return true;
}

static bool write_answer(struct peer *peer)
{
	ssize_t n;

	if (!peer->out)
		return false;
	n = send(peer->fd, peer->out + peer->out_sent, peer->out_size - peer->out_sent,
		MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	peer->out_sent += (size_t)n;
	if (peer->out_sent == peer->out_size) {
		shutdown(peer->fd, SHUT_WR);
		peer->state = PEER_LINGERING;
	}
	return true;
}

static bool drain(struct peer *peer)
{
	char buffer[4096];
	ssize_t n = recv(peer->fd, buffer, sizeof(buffer), MSG_DONTWAIT);

	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static bool handle_peer(struct server *server, struct peer *peer)
{
	switch (peer->state) {
	case PEER_READING:
		return read_request(server, peer);
	case PEER_WRITING:
		return write_answer(peer);
	default:
		return drain(peer);
	}
}

/* Milliseconds until the first peer has had its time; -1 without peers. */
static int get_timeout(const struct server *server)
{
	double left_ms;

	if (server->peer_count == 0)
		return -1;
	left_ms = server->peers[0]->end_ms - cli_now_ms();
	return left_ms > 0 ? (int)left_ms + 1 : 0;
}

static int step(struct server *server)
{
	struct pollfd fds[MAX_PEERS + 1];
	size_t count = server->peer_count;

	for (size_t i = 0; i < count; i++) {
		fds[i].fd = server->peers[i]->fd;
		fds[i].events = server->peers[i]->state == PEER_WRITING ? POLLOUT : POLLIN;
	}
	fds[count] = (struct pollfd){.fd = server->fd, .events = POLLIN};
	if (poll(fds, count + 1, get_timeout(server)) < 0)
		return errno == EINTR ? 0 : -errno;
	/* From the end, so that closing one moves none that is still to come. */
	for (size_t i = count; i-- > 0;) {
		bool goes_on = !fds[i].revents || handle_peer(server, server->peers[i]);

		if (!goes_on || cli_now_ms() > server->peers[i]->end_ms)
			close_peer(server, i);
	}
	if (fds[count].revents)
		accept_peer(server);
	return 0;
}

/* Split [ADDR:]PORT; an IPv6 address may stand in brackets. Changes text. */
static void split_address(char *text, const char **host, const char **port)
{
	char *colon = strrchr(text, ':');

	*host = "127.0.0.1";
	*port = text;
	if (!colon)
		return;
	*colon = '\0';
	*port = colon + 1;
	*host = text;
	if (text[0] == '[' && colon > text && colon[-1] == ']') {
		colon[-1] = '\0';
		*host = text + 1;
	}
}

static int bind_socket(struct server *server, const struct addrinfo *info)
{
	int on = 1;

	server->fd = socket(info->ai_family, info->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
		info->ai_protocol);
	if (server->fd < 0)
		return -errno;
	setsockopt(server->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(server->fd, info->ai_addr, info->ai_addrlen) < 0 || listen(server->fd, 16) < 0)
		return -errno;
	return 0;
}

/* With port 0 the kernel chooses. */
static void say_where(const struct server *server)
{
	struct sockaddr_storage address;
	socklen_t size = sizeof(address);
	char host[64], port[16];

	if (getsockname(server->fd, (struct sockaddr *)&address, &size) < 0 ||
		getnameinfo((struct sockaddr *)&address, size, host, sizeof(host), port,
			sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return;
	cli_say(strchr(host, ':') ? "http://[%s]:%s/metrics" : "http://%s:%s/metrics", host, port);
}

static int open_server(struct server *server, const char *address, struct cli_reason *reason)
{
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
		.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *info = NULL;
	const char *host, *port;
	char *copy = strdup(address);
	uint32_t number;
	int ret = -ENOMEM;

	if (!copy)
		return ret;
	split_address(copy, &host, &port);
	/* getaddrinfo() takes any number, and drops the bits that do not fit. */
	if (cli_parse_number(port, 0, UINT16_MAX, &number) < 0 ||
		getaddrinfo(host, port, &hints, &info) != 0) {
		cli_set_reason(reason,
			"--listen=%s: not [ADDRESS:]PORT in numbers, with a port up to %d", address,
			UINT16_MAX);
		ret = -EINVAL;
	} else {
		ret = bind_socket(server, info);
		if (ret < 0)
			cli_set_reason(reason, "cannot listen on %s: %s", address, strerror(-ret));
		freeaddrinfo(info);
	}
	free(copy);
	return ret;
}

int export_serve(const char *address, char *(*get_text)(void *data, size_t *size), void *data,
	struct cli_reason *reason)
{
	struct server server = {.fd = -1, .get_text = get_text, .data = data};
	int ret = open_server(&server, address, reason);

	if (ret == 0)
		say_where(&server);
	while (ret == 0) {
		ret = step(&server);
		if (ret < 0)
			cli_set_reason(reason, "poll: %s", strerror(-ret));
	}
	while (server.peer_count > 0)
		close_peer(&server, 0);
	wltex_fd_close(&server.fd);
	return ret;
}
