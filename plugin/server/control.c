/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "server/control.h"
#include "server/peer.h"
#include "util/fd.h"
#include "util/log.h"
#include "util/text.h"

#define MAX_PEERS 32
#define MAX_DEPTH 8
#define RETRY_MS 100

struct wltex_control {
	struct wl_event_loop *loop;
	struct wl_event_source *source;
	struct wl_event_source *retry; // a timer, see pause_listening()
	int fd, lock_fd;
	char *path, *lock_path;
	struct wl_list peers; // control_peer.link
	int n_peers;
	/* Called at the end of this turn of the loop, if a peer's reply goes on; see may_work(). */
	struct wl_event_source *end_of_turn;
	bool has_worked; // in this turn
	const struct wltex_control_interface *interface;
	void *data;
	const struct wltex_logger *logger;
};

/* As JSON, or "" without memory. */
static const char *to_text(struct json_object *object)
{
	const char *text = object != NULL ? json_object_to_json_string(object) : NULL;

	return text != NULL ? text : "\"\"";
}

/* Name and id as they came; name may be NULL. */
static void print_reply_start(FILE *file, struct json_object *name, struct json_object *request)
{
	struct json_object *id = NULL;

	fprintf(file, "{\"reply\": %s", to_text(name));
	if (json_object_object_get_ex(request, "id", &id) && json_object_is_type(id, json_type_int))
		fprintf(file, ", \"id\": %s", to_text(id));
}

/* Write one line to file. Returns what is wrong, or NULL. */
static const char *print_reply(struct wltex_control *control, struct control_peer *peer,
	struct json_object *name_object, struct json_object *request,
	struct wltex_control_answer *answer)
{
	const char *name = json_object_get_string(name_object);

	/* No request has a name with a zero byte inside. */
	if (strlen(name) != (size_t)json_object_get_string_len(name_object))
		return "unknown request";
	print_reply_start(answer->file, name_object, request);
	if (strcmp(name, "subscribe") == 0 || strcmp(name, "unsubscribe") == 0) {
		peer->subscribed = name[0] == 's';
		return NULL;
	}
	return control->interface->request(control->data, name, request, answer);
}

static void send_error(struct control_peer *peer, struct json_object *name,
	struct json_object *request, const char *error)
{
	char *line = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&line, &size);

	if (file == NULL)
		return;
	print_reply_start(file, name, request);
	fprintf(file, ", \"error\": \"%s\"}\n", error);
	if (fclose(file) == 0)
		control_peer_send(peer, line, size);
	free(line);
}

static void end_rest(struct control_peer *peer)
{
	struct wltex_control_rest rest = peer->rest;

	peer->rest = (struct wltex_control_rest){0};
	if (rest.end != NULL)
		rest.end(rest.data);
}

/* Send what was written, with its fd; from now on the peer has the rest. */
static const char *send_answer(struct control_peer *peer, const struct wltex_control_answer *answer,
	const char *line, size_t size)
{
	if (answer->fd >= 0 && control_peer_pass_fd(peer, answer->fd) < 0)
		return "the reply before this one was not read yet";
	if (control_peer_send(peer, line, size) == 0 && answer->rest.write != NULL)
		control_peer_go_on(peer);
	return NULL;
}

static void answer(struct wltex_control *control, struct control_peer *peer,
	struct json_object *name, struct json_object *request)
{
	char *line = NULL;
	size_t size = 0;
	struct wltex_control_answer answer = {.file = open_memstream(&line, &size), .fd = -1};
	const char *error;

	if (answer.file == NULL) {
		send_error(peer, name, request, "out of memory");
		return;
	}
	error = print_reply(control, peer, name, request, &answer);
	if (answer.rest.write == NULL)
		fputs("}\n", answer.file);
	peer->rest = answer.rest;
	if (fclose(answer.file) != 0)
		error = "out of memory";
	if (error == NULL)
		error = send_answer(peer, &answer, line, size);
	if (error != NULL) {
		end_rest(peer);
		send_error(peer, name, request, error);
	}
	wltex_fd_close(&answer.fd);
	free(line);
}

/* Each may have one more piece. */
static void begin_round(struct wltex_control *control)
{
	struct control_peer *peer;

	wl_list_for_each (peer, &control->peers, link)
		peer->served = false;
}

/* When nobody was let, those that are still to be served do not read: others need not wait. */
static void handle_end_of_turn(void *data)
{
	struct wltex_control *control = data;

	control->end_of_turn = NULL;
	if (!control->has_worked)
		begin_round(control);
	control->has_worked = false;
}

/* Whether a reply goes on that has had no piece in this round. */
static bool is_one_waiting(const struct wltex_control *control)
{
	const struct control_peer *peer;

	wl_list_for_each (peer, &control->peers, link) {
		if (peer->rest.write != NULL && !peer->served)
			return true;
	}
	return false;
}

/* In one turn of the loop there is one piece of one reply, however many ask for long ones. */
static bool may_work(struct wltex_control *control, struct control_peer *peer)
{
	if (control->end_of_turn == NULL)
		control->end_of_turn =
			wl_event_loop_add_idle(control->loop, handle_end_of_turn, control);
	/* Out of memory: rather all at once than nothing for ever. */
	if (control->end_of_turn == NULL)
		return true;
	if (control->has_worked || (peer->served && is_one_waiting(control)))
		return false;
	if (peer->served)
		begin_round(control);
	control->has_worked = peer->served = true;
	return true;
}

static bool write_more(struct control_peer *peer, FILE *file)
{
	if (!may_work(peer->control, peer) || peer->rest.write(peer->rest.data, file))
		return true;
	fputs("}\n", file);
	end_rest(peer);
	return false;
}

static void handle_line(struct control_peer *peer, const char *line, size_t size)
{
	struct wltex_control *control = peer->control;
	struct json_tokener *tokener = json_tokener_new_ex(MAX_DEPTH);
	struct json_object *request = NULL, *name = NULL;

	if (tokener == NULL)
		return;
	/* Strict: nothing after the object; and what goes back in the reply is UTF-8. */
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	if (wltex_text_is_utf8(line, size))
		request = json_tokener_parse_ex(tokener, line, (int)size);
	if (!json_object_is_type(request, json_type_object))
		send_error(peer, NULL, request, "not a JSON object");
	else if (!json_object_object_get_ex(request, "request", &name) ||
		 !json_object_is_type(name, json_type_string))
		send_error(peer, NULL, request, "no request");
	else
		answer(control, peer, name, request);
	json_object_put(request);
	json_tokener_free(tokener);
}

static void handle_peer_gone(struct control_peer *peer)
{
	end_rest(peer);
	peer->control->n_peers--;
}

static const struct control_peer_interface peer_interface = {
	.line = handle_line,
	.more = write_more,
	.gone = handle_peer_gone,
};

static bool is_own_user(int fd)
{
	struct ucred cred;
	socklen_t size = sizeof(cred);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &size) == 0 && cred.uid == geteuid();
}

/*
 * Out of fds or memory: the connection keeps waiting, and would wake us again at once and
 * for ever.
 */
static void pause_listening(struct wltex_control *control)
{
	wl_event_source_fd_update(control->source, 0);
	wl_event_source_timer_update(control->retry, RETRY_MS);
}

static int handle_retry(void *data)
{
	struct wltex_control *control = data;

	wl_event_source_fd_update(control->source, WL_EVENT_READABLE);
	return 0;
}

static int handle_connection(int fd, uint32_t mask, void *data)
{
	struct wltex_control *control = data;
	int peer_fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct control_peer *peer;

	if (peer_fd < 0) {
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			pause_listening(control);
		return 0;
	}
	if (!is_own_user(peer_fd) || control->n_peers >= MAX_PEERS) {
		wltex_warning(control->logger, "control socket: a connection is refused");
		close(peer_fd);
		return 0;
	}
	peer = control_peer_create(control->loop, peer_fd, &peer_interface, control);
	if (peer == NULL) {
		close(peer_fd);
		return 0;
	}
	wl_list_insert(&control->peers, &peer->link);
	control->n_peers++;
	return 0;
}

/* Whether the locked file is still the one at the path: an owner that ends removes it. */
static bool is_at_path(int fd, const char *path)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && stat(path, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

/* Take the lock that says that the path is ours; whoever died lost it. */
static int take_lock(struct wltex_control *control)
{
	control->lock_fd =
		open(control->lock_path, O_CREAT | O_CLOEXEC | O_RDWR | O_NOFOLLOW, 0600);
	if (control->lock_fd < 0)
		return -errno;
	if (flock(control->lock_fd, LOCK_EX | LOCK_NB) < 0) {
		int error = errno == EWOULDBLOCK ? EADDRINUSE : errno;
		wltex_fd_close(&control->lock_fd);
		return -error;
	}
	if (!is_at_path(control->lock_fd, control->lock_path)) {
		wltex_fd_close(&control->lock_fd);
		return -EADDRINUSE;
	}
	return 0;
}

static int listen_on(struct wltex_control *control)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t length = strlen(control->path);
	int ret = take_lock(control);
	mode_t mask;

	if (ret < 0)
		return ret;
	if (length >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, control->path, length + 1);
	control->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (control->fd < 0)
		return -errno;
	unlink(control->path);
	mask = umask(0177);
	ret = bind(control->fd, (struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
	umask(mask);
	if (ret < 0)
		return ret;
	if (listen(control->fd, 8) < 0)
		return -errno;
	control->retry = wl_event_loop_add_timer(control->loop, handle_retry, control);
	control->source = wl_event_loop_add_fd(
		control->loop, control->fd, WL_EVENT_READABLE, handle_connection, control);
	return control->retry != NULL && control->source != NULL ? 0 : -ENOMEM;
}

struct wltex_control *wltex_control_create(struct wl_event_loop *loop, const char *path,
	const struct wltex_control_interface *interface, void *data,
	const struct wltex_logger *logger)
{
	struct wltex_control *control = calloc(1, sizeof(*control));
	int ret = -ENOMEM;

	if (control == NULL)
		return NULL;
	control->fd = control->lock_fd = -1;
	control->loop = loop;
	control->interface = interface;
	control->data = data;
	control->logger = logger;
	wl_list_init(&control->peers);
	control->path = strdup(path);
	if (control->path != NULL && asprintf(&control->lock_path, "%s.lock", path) >= 0)
		ret = listen_on(control);
	if (ret < 0) {
		wltex_control_destroy(control);
		errno = -ret;
		return NULL;
	}
	return control;
}

void wltex_control_destroy(struct wltex_control *control)
{
	struct control_peer *peer, *next;

	if (control == NULL)
		return;
	wl_list_for_each_safe (peer, next, &control->peers, link)
		control_peer_destroy(peer);
	if (control->source != NULL)
		wl_event_source_remove(control->source);
	if (control->retry != NULL)
		wl_event_source_remove(control->retry);
	if (control->end_of_turn != NULL)
		wl_event_source_remove(control->end_of_turn);
	/* Only whoever holds the lock owns the path. */
	if (control->fd >= 0)
		unlink(control->path);
	if (control->lock_fd >= 0)
		unlink(control->lock_path);
	wltex_fd_close(&control->fd);
	wltex_fd_close(&control->lock_fd);
	free(control->path);
	free(control->lock_path);
	free(control);
}

bool wltex_control_has_subscribers(const struct wltex_control *control)
{
	const struct control_peer *peer;

	if (control == NULL)
		return false;
	wl_list_for_each (peer, &control->peers, link) {
		if (peer->subscribed)
			return true;
	}
	return false;
}

void wltex_control_send_event(struct wltex_control *control, const char *line)
{
	struct control_peer *peer, *next;
	size_t size = strlen(line);

	wl_list_for_each_safe (peer, next, &control->peers, link) {
		if (!peer->subscribed)
			continue;
		if (control_peer_send(peer, line, size) == 0)
			control_peer_send(peer, "\n", 1);
	}
}
