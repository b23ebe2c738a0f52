/* SPDX-License-Identifier: MIT */
#ifndef CLI_MONITOR_CONTROL_CLIENT_H
#define CLI_MONITOR_CONTROL_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "cli/cli.h"

struct json_object;

/*
 * A connection to the control socket of a compositor with the wltex module: JSON lines
 * both ways. The socket does not block, and nothing that comes from it is trusted.
 */
struct control_client {
	int fd;
	/* The socket's path. Owned. */
	char *path;
	/* The process that listens. */
	pid_t pid;
	/* Received and not taken yet: start to end; up to searched there is no newline. */
	char *in;
	size_t in_start, in_searched, in_end, in_capacity;
	/* The fd that was passed last, or -1. Owned, unless it is taken and set to -1. */
	int passed_fd;
};

/*
 * Connect to the socket at path; NULL: that of the display which the environment names,
 * or else the only one that there is. Returns 0, or a negative errno with *reason set;
 * *client is to be finished in either case.
 */
int control_client_init(struct control_client *client, const char *path, struct cli_reason *reason);
/*
 * The same, but while there is no compositor, say so once and wait for one. -ECANCELED if
 * nobody can read standard output any more.
 */
int control_client_wait(struct control_client *client, const char *path, struct cli_reason *reason);
void control_client_finish(struct control_client *client);

/* Send a line, given with its newline. Returns 0 or a negative errno. */
int control_client_send(struct control_client *client, const char *line);

/*
 * Receive what is there, without waiting. Returns 0, or a negative errno: -EPIPE once the
 * compositor has closed the connection, -EMSGSIZE for a line that does not end.
 */
int control_client_receive(struct control_client *client);

/* Take the next whole line, NUL-terminated and valid until the next receive; or NULL. */
const char *control_client_take_line(struct control_client *client, size_t *size);

/*
 * Send a line and wait, for at most timeout_ms, for the reply to the request of that
 * name; other lines are dropped. Returns 0 and *reply, to be put, or a negative errno with
 * *reason set: also when the reply is an error (-EREMOTEIO).
 */
int control_client_request(struct control_client *client, const char *line, const char *name,
	int timeout_ms, struct json_object **reply, struct cli_reason *reason);

/* A line as an object, to be put. NULL if it is none. */
struct json_object *control_parse(const char *line, size_t size);

/* Whether object is the reply to a request of that name. */
bool control_is_reply(struct json_object *object, const char *name);

/* Whether the reply is an error: then its words go to *reason. */
bool control_get_error(struct json_object *reply, struct cli_reason *reason);

/* Whether a negative errno of the above means that there is no compositor now. */
bool control_is_absent(int error);
/* ... that it was there, and ended or dropped the connection. */
bool control_is_lost(int error);

/* What a negative errno of the above means, as one line. */
void control_client_explain(
	const struct control_client *client, int error, struct cli_reason *reason);

#endif
