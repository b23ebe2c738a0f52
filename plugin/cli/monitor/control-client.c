/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <glob.h>
#include <json.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/monitor/control-client.h"
#include "cli/monitor/shown.h"
#include "util/fd.h"

/* More than any compositor has to say in one line. */
#define MAX_LINE ((size_t)64 << 20)
#define MAX_DEPTH 16
#define MIN_ROOM 65536
/* How long a compositor may be too busy to accept a connection. */
#define CONNECT_MS 3000
/* Between two looks whether there is a compositor now. */
#define WAIT_MS 300

static const char *last_component(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* To connect() this is the same as a socket on which nobody listens. */
static bool is_other_file(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && !S_ISSOCK(status.st_mode);
}

/* The only socket in the folder, for those who are not inside the session. */
static int find_only_socket(const char *folder, char **path, struct cli_reason *reason)
{
	char *pattern = NULL;
	glob_t found = {0};
	int ret = -ENOENT;

	if (asprintf(&pattern, "%s/wltex.*.sock", folder) < 0)
		return -ENOMEM;
	if (glob(pattern, 0, NULL, &found) != 0 || found.gl_pathc == 0) {
		cli_set_reason(reason, "no compositor with the wltex module: no wltex.*.sock in %s",
			folder);
	} else if (found.gl_pathc > 1) {
		cli_set_reason(reason,
			"%zu compositors with the wltex module: set WAYLAND_DISPLAY to one",
			(size_t)found.gl_pathc);
		ret = -ENOTUNIQ;
	} else {
		*path = strdup(found.gl_pathv[0]);
		ret = *path ? 0 : -ENOMEM;
	}
	globfree(&found);
	free(pattern);
	return ret;
}

static int find_socket(char **path, struct cli_reason *reason)
{
	const char *folder = getenv("XDG_RUNTIME_DIR");
	const char *display = getenv("WAYLAND_DISPLAY");

	cli_set_reason(reason, "out of memory");
	if (!folder) {
		cli_set_reason(reason, "no compositor: XDG_RUNTIME_DIR is not set");
		return -ENXIO;
	}
	if (!display)
		return find_only_socket(folder, path, reason);
	return asprintf(path, "%s/wltex.%s.sock", folder, last_component(display)) < 0 ? -ENOMEM
										       : 0;
}

/* One cannot poll for room in a full queue. */
static int connect_patiently(int fd, const struct sockaddr_un *address)
{
	double end_ms = cli_now_ms() + CONNECT_MS;

	while (connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0) {
		if ((errno != EAGAIN && errno != EINTR) || cli_now_ms() > end_ms)
			return -errno;
		poll(NULL, 0, 20);
	}
	return 0;
}

static int connect_socket(struct control_client *client)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct ucred cred;
	socklen_t size = sizeof(cred);
	size_t length = strlen(client->path);
	int ret;

	if (length >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, client->path, length + 1);
	client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (client->fd < 0)
		return -errno;
	ret = connect_patiently(client->fd, &address);
	if (ret == -ECONNREFUSED && is_other_file(client->path))
		return -ENOTSOCK;
	if (ret == 0 && getsockopt(client->fd, SOL_SOCKET, SO_PEERCRED, &cred, &size) == 0)
		client->pid = cred.pid;
	return ret;
}

int control_client_init(struct control_client *client, const char *path, struct cli_reason *reason)
{
	int ret = 0;

	*client = (struct control_client){.fd = -1, .passed_fd = -1};
	if (path) {
		client->path = strdup(path);
		cli_set_reason(reason, "out of memory");
		ret = client->path ? 0 : -ENOMEM;
	} else {
		ret = find_socket(&client->path, reason);
	}
	if (ret < 0)
		return ret;
	ret = connect_socket(client);
	if (ret < 0)
		control_client_explain(client, ret, reason);
	return ret;
}

int control_client_wait(struct control_client *client, const char *path, struct cli_reason *reason)
{
	/* Whoever reads our output may go meanwhile. */
	struct pollfd fd = {.fd = STDOUT_FILENO};
	int ret = control_client_init(client, path, reason);

	if (control_is_absent(ret))
		cli_say("%s; waiting for it", reason->text);
	while (control_is_absent(ret)) {
		control_client_finish(client);
		if (poll(&fd, 1, WAIT_MS) > 0)
			return -ECANCELED;
		ret = control_client_init(client, path, reason);
	}
	return ret;
}

bool control_is_absent(int error)
{
	return error == -ENOENT || error == -ECONNREFUSED;
}

bool control_is_lost(int error)
{
	return error == -EPIPE || error == -ECONNRESET;
}

void control_client_finish(struct control_client *client)
{
	wltex_fd_close(&client->fd);
	wltex_fd_close(&client->passed_fd);
	free(client->path);
	free(client->in);
	*client = (struct control_client){.fd = -1, .passed_fd = -1};
}

int control_client_send(struct control_client *client, const char *line)
{
	size_t size = strlen(line);

	while (size > 0) {
		/* A line is short: that it does not fit means that nobody reads. */
		ssize_t n = send(client->fd, line, size, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		line += n;
		size -= (size_t)n;
	}
	return 0;
}

static int make_room(struct control_client *client)
{
	size_t waiting = client->in_end - client->in_start, capacity;
	char *in;

	if (client->in_start > 0) {
		memmove(client->in, client->in + client->in_start, waiting);
		client->in_searched -= client->in_start;
		client->in_start = 0;
		client->in_end = waiting;
	}
	if (client->in_capacity - client->in_end >= MIN_ROOM)
		return 0;
	if (waiting >= MAX_LINE)
		return -EMSGSIZE;
	capacity = 2 * client->in_capacity + MIN_ROOM;
	in = realloc(client->in, capacity);
	if (!in)
		return -ENOMEM;
	client->in = in;
	client->in_capacity = capacity;
	return 0;
}

/* Of all fds that were passed, the last one stays. */
static void take_fds(struct control_client *client, struct msghdr *message)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < (c->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++) {
			wltex_fd_close(&client->passed_fd);
			memcpy(&client->passed_fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
		}
	}
}

int control_client_receive(struct control_client *client)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(4 * sizeof(int))];
	} control;
	struct iovec iov;
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
	ssize_t n;
	int ret;

	do {
		ret = make_room(client);
		if (ret < 0)
			return ret;
		iov.iov_base = client->in + client->in_end;
		iov.iov_len = client->in_capacity - client->in_end;
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		n = recvmsg(client->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -errno;
		if (n == 0)
			return -EPIPE;
		take_fds(client, &message);
		client->in_end += (size_t)n;
		/* More at once would only keep the caller from what else it has to do. */
	} while ((size_t)n == iov.iov_len);
	return 0;
}

const char *control_client_take_line(struct control_client *client, size_t *size)
{
	char *line = client->in + client->in_start, *newline = NULL;

	if (client->in_searched < client->in_end)
		newline = memchr(client->in + client->in_searched, '\n',
			client->in_end - client->in_searched);
	if (!newline) {
		client->in_searched = client->in_end;
		return NULL;
	}
	*newline = '\0';
	*size = (size_t)(newline - line);
	client->in_start = client->in_searched = (size_t)(newline + 1 - client->in);
	return line;
}

struct json_object *control_parse(const char *line, size_t size)
{
	struct json_tokener *tokener = json_tokener_new_ex(MAX_DEPTH);
	struct json_object *object = NULL;

	if (tokener && size <= MAX_LINE)
		object = json_tokener_parse_ex(tokener, line, (int)size);
	if (tokener)
		json_tokener_free(tokener);
	if (json_object_is_type(object, json_type_object))
		return object;
	json_object_put(object);
	return NULL;
}

bool control_is_reply(struct json_object *object, const char *name)
{
	struct json_object *reply;

	return json_object_object_get_ex(object, "reply", &reply) &&
	       json_object_is_type(reply, json_type_string) &&
	       strcmp(json_object_get_string(reply), name) == 0;
}

bool control_get_error(struct json_object *reply, struct cli_reason *reason)
{
	const char *words = "an error without a message";
	struct json_object *error;
	char text[sizeof(reason->text)];

	if (!json_object_object_get_ex(reply, "error", &error))
		return false;
	if (json_object_is_type(error, json_type_string))
		words = json_object_get_string(error);
	cli_set_reason(reason, "the compositor says: %s", shown_clean(text, sizeof(text), words));
	return true;
}

/* The reply among the lines that were received, or NULL. */
static struct json_object *find_reply(struct control_client *client, const char *name)
{
	struct json_object *object;
	const char *line;
	size_t size;

	while ((line = control_client_take_line(client, &size))) {
		object = control_parse(line, size);
		if (object && control_is_reply(object, name))
			return object;
		json_object_put(object);
	}
	return NULL;
}

static int wait_for_reply(
	struct control_client *client, const char *name, int timeout_ms, struct json_object **reply)
{
	double left_ms, end_ms = cli_now_ms() + timeout_ms;
	struct pollfd fd = {.fd = client->fd, .events = POLLIN};
	int ret;

	while (!(*reply = find_reply(client, name))) {
		left_ms = end_ms - cli_now_ms();
		if (left_ms < 0)
			return -ETIMEDOUT;
		if (poll(&fd, 1, (int)left_ms + 1) < 0 && errno != EINTR)
			return -errno;
		ret = control_client_receive(client);
		/* What came before the end may hold the reply. */
		if (ret < 0)
			return (*reply = find_reply(client, name)) ? 0 : ret;
	}
	return 0;
}

int control_client_request(struct control_client *client, const char *line, const char *name,
	int timeout_ms, struct json_object **reply, struct cli_reason *reason)
{
	int ret = control_client_send(client, line);

	if (ret == 0)
		ret = wait_for_reply(client, name, timeout_ms, reply);
	if (ret < 0) {
		control_client_explain(client, ret, reason);
		return ret;
	}
	if (!control_get_error(*reply, reason))
		return 0;
	json_object_put(*reply);
	*reply = NULL;
	return -EREMOTEIO;
}

void control_client_explain(
	const struct control_client *client, int error, struct cli_reason *reason)
{
	const char *path = client->path;

	switch (error) {
	case -ENOENT:
		cli_set_reason(reason, "no compositor with the wltex module: no %s", path);
		break;
	case -ECONNREFUSED:
		cli_set_reason(reason, "%s: no compositor listens there any more", path);
		break;
	case -ENOTSOCK:
		cli_set_reason(reason, "%s is not a socket", path);
		break;
	case -EPIPE:
	case -ECONNRESET:
		cli_set_reason(reason, "the compositor closed the connection");
		break;
	case -ETIMEDOUT:
	case -EAGAIN:
		cli_set_reason(reason, "the compositor does not answer");
		break;
	case -EMSGSIZE:
		cli_set_reason(reason, "the compositor sends a line that does not end");
		break;
	default:
		cli_set_reason(reason, "%s: %s", path, strerror(-error));
	}
}
