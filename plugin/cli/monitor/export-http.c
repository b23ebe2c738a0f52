/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/monitor/export.h"

#define MAX_PEERS 256u
#define PEER_BYTES ((size_t)16 << 10)
/* Without a byte from it, or taken by it. */
#define PEER_S 5u

struct server {
	char *(*get_text)(void *data, size_t *size);
	void *data;
};

/* Takes the body over, which came from malloc(); NULL: out of memory. */
static enum MHD_Result answer(struct MHD_Connection *connection, unsigned int status,
	const char *type, char *body, size_t size)
{
	struct MHD_Response *response =
		body ? MHD_create_response_from_buffer(size, body, MHD_RESPMEM_MUST_FREE) : NULL;
	enum MHD_Result ret;

	if (!response) {
		free(body);
		return MHD_NO;
	}
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	ret = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return ret;
}

static enum MHD_Result answer_text(
	struct MHD_Connection *connection, unsigned int status, const char *type, const char *text)
{
	return answer(connection, status, type, strdup(text), strlen(text));
}

/* For those who look with a browser what is there. */
static enum MHD_Result answer_index(struct MHD_Connection *connection)
{
	return answer_text(connection, MHD_HTTP_OK, "text/html; charset=utf-8",
		"<!DOCTYPE html>\n<title>wltex export</title>\n<h1>wltex export</h1>\n"
		"<p><a href=\"/metrics\">Metrics</a></p>\n");
}

static enum MHD_Result answer_metrics(struct server *server, struct MHD_Connection *connection)
{
	size_t size = 0;
	char *text = server->get_text(server->data, &size);

	if (!text)
		return answer_text(connection, MHD_HTTP_INTERNAL_SERVER_ERROR, "text/plain",
			"Internal Server Error\n");
	return answer(
		connection, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8", text, size);
}

/*
 * The answer to HEAD is that to GET; the library leaves out the body. Who is answered before
 * the body of a request came is not listened to any longer.
 */
static enum MHD_Result handle_request(void *data, struct MHD_Connection *connection,
	const char *path, const char *method, const char *version, const char *upload,
	size_t *upload_size, void **request)
{
	bool is_index = strcmp(path, "/") == 0;

	if (!is_index && strcmp(path, "/metrics") != 0)
		return answer_text(connection, MHD_HTTP_NOT_FOUND, "text/plain", "Not Found\n");
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return answer_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "text/plain",
			"Method Not Allowed\n");
	return is_index ? answer_index(connection) : answer_metrics(data, connection);
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

/* Returns the fd or a negative errno. */
static int bind_socket(const struct addrinfo *info)
{
	int on = 1, fd, ret;

	fd = socket(info->ai_family, info->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
		info->ai_protocol);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, 16) == 0)
		return fd;
	ret = -errno;
	close(fd);
	return ret;
}

/* With port 0 the kernel chooses. */
static void say_where(int fd)
{
	struct sockaddr_storage address;
	socklen_t size = sizeof(address);
	char host[64], port[16];

	if (getsockname(fd, (struct sockaddr *)&address, &size) < 0 ||
		getnameinfo((struct sockaddr *)&address, size, host, sizeof(host), port,
			sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return;
	cli_say(strchr(host, ':') ? "http://[%s]:%s/metrics" : "http://%s:%s/metrics", host, port);
}

/* Returns the fd or a negative errno with *reason set. */
static int open_socket(const char *address, struct cli_reason *reason)
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
		ret = bind_socket(info);
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
	struct server server = {.get_text = get_text, .data = data};
	int fd = open_socket(address, reason);
	struct MHD_Daemon *daemon;

	if (fd < 0)
		return fd;
	daemon = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, handle_request, &server,
		MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, MAX_PEERS,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, PEER_BYTES, MHD_OPTION_CONNECTION_TIMEOUT,
		PEER_S, MHD_OPTION_END);
	if (!daemon) {
		cli_set_reason(reason, "the HTTP server does not start");
		close(fd);
		return -ENOMEM;
	}
	say_where(fd);
	while (MHD_run_wait(daemon, -1) == MHD_YES)
		;
	cli_set_reason(reason, "the HTTP server has failed");
	MHD_stop_daemon(daemon);
	return -EIO;
}
