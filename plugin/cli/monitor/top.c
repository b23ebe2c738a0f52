/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <json.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/options.h"
#include "cli/monitor/top.h"

#define STATE_REQUEST "{\"request\": \"state\"}\n"
/* A compositor that is stopped by a debugger, say, is not given up at once. */
#define PATIENCE_MS 10000
/* After this the view says that it is old. */
#define LATE_MS 2000

enum {
	OPT_COLUMNS = 256,
	OPT_FILTER,
	OPT_HELP,
	OPT_INTERVAL,
	OPT_JSON,
	OPT_LEAKS,
	OPT_ONCE,
	OPT_REVERSE,
	OPT_SOCKET,
	OPT_SORT,
	OPT_WAIT,
};

static const struct option long_options[] = {
	{"columns", required_argument, NULL, OPT_COLUMNS},
	{"filter", required_argument, NULL, OPT_FILTER},
	{"help", no_argument, NULL, OPT_HELP},
	{"interval", required_argument, NULL, OPT_INTERVAL},
	{"json", no_argument, NULL, OPT_JSON},
	{"leaks", no_argument, NULL, OPT_LEAKS},
	{"once", no_argument, NULL, OPT_ONCE},
	{"reverse", no_argument, NULL, OPT_REVERSE},
	{"socket", required_argument, NULL, OPT_SOCKET},
	{"sort", required_argument, NULL, OPT_SORT},
	{"wait", no_argument, NULL, OPT_WAIT},
	{NULL, 0, NULL, 0},
};

static const char help[] =
	"Usage: wltex top [OPTION]...\n"
	"Show which client of the compositor holds which buffers.\n"
	"\n"
	"      --interval=SECONDS   time between looks (default 1)\n"
	"      --once               print one table and exit\n"
	"      --json               print JSON instead, one line for each look\n"
	"      --columns=LIST       only these columns, in this order, with commas between them\n"
	"      --sort=COLUMN        pid, name, title, commits, imports, reuse, true, live, bytes,\n"
	"                           shm, buffers, params, fds, release, bytes-trend,\n"
	"                           commits-trend or leak (default bytes)\n"
	"      --reverse            reverse the order\n"
	"      --filter=TEXT        only clients with this in their name or title, or this PID\n"
	"      --leaks              only clients that show signs of a leak\n"
	"      --socket=FILE        the compositor's control socket\n"
	"      --wait               wait for a compositor, and for the next when it ends\n"
	"      --help               print this\n"
	"\n"
	"'?' explains the keys of the live view.\n";

struct top {
	struct control_client control;
	struct top_view view;
	int interval_ms;
	bool once, json, wait, has_columns;
	const char *socket;

	struct terminal terminal;
	char title[96];
	/* When the state was asked for last, and whether that is not yet answered. */
	double asked_ms;
	bool waiting;
};

static int parse_interval(struct top *top)
{
	char *end;
	double seconds = strtod(optarg, &end);

	if (end == optarg || *end != '\0' || !(seconds >= 0.05 && seconds <= 3600))
		return cli_usage_error(
			"--interval=%s: not a number of seconds from 0.05 to 3600", optarg);
	top->interval_ms = (int)lrint(seconds * 1e3);
	return 0;
}

static int parse_sort(struct top *top)
{
	int column = top_column_find(optarg);
	char list[256];

	if (column < 0) {
		top_column_list(list, sizeof(list));
		return cli_usage_error("--sort=%s: not one of %s", optarg, list);
	}
	top->view.sort = (unsigned int)column;
	return 0;
}

static int parse_columns(struct top *top)
{
	char list[256];

	top->has_columns = true;
	if (top_column_choose(&top->view, optarg) == 0)
		return 0;
	top_column_list(list, sizeof(list));
	return cli_usage_error("--columns=%s: not a list of some of %s", optarg, list);
}

static int parse_filter(struct top *top)
{
	size_t length = strlen(optarg);

	if (length >= sizeof(top->view.filter))
		return cli_usage_error("--filter=%s: too long", optarg);
	memcpy(top->view.filter, optarg, length + 1);
	return 0;
}

static int parse_option(struct top *top, int option)
{
	switch (option) {
	case OPT_COLUMNS:
		return parse_columns(top);
	case OPT_FILTER:
		return parse_filter(top);
	case OPT_INTERVAL:
		return parse_interval(top);
	case OPT_JSON:
		top->json = true;
		return 0;
	case OPT_LEAKS:
		top->view.leaks_only = true;
		return 0;
	case OPT_ONCE:
		top->once = true;
		return 0;
	case OPT_WAIT:
		top->wait = true;
		return 0;
	case OPT_REVERSE:
		top->view.reverse = true;
		return 0;
	case OPT_SOCKET:
		top->socket = optarg;
		return 0;
	default:
		return parse_sort(top);
	}
}

/* Take a line that the compositor sent. Returns 0 or a negative errno. */
static int handle_line(struct top *top, const char *line, size_t size)
{
	struct json_object *object = control_parse(line, size);
	struct cli_reason reason;

	if (!object || !control_is_reply(object, "state")) {
		json_object_put(object);
		return 0;
	}
	top->waiting = false;
	if (control_get_error(object, &reason)) {
		snprintf(top->view.notice, sizeof(top->view.notice), "%s", reason.text);
		json_object_put(object);
		return 0;
	}
	top->view.notice[0] = '\0';
	top->terminal.dirty = true;
	return top_view_update(&top->view, object);
}

static int receive(struct top *top)
{
	int ret = control_client_receive(&top->control);
	const char *line;
	size_t size;

	while (ret == 0 && (line = control_client_take_line(&top->control, &size)))
		ret = handle_line(top, line, size);
	return ret;
}

static int connect_compositor(struct top *top, struct cli_reason *reason)
{
	int ret;

	if (top->wait)
		ret = control_client_wait(&top->control, top->socket, reason);
	else
		ret = control_client_init(&top->control, top->socket, reason);
	snprintf(top->title, sizeof(top->title), "compositor %d", (int)top->control.pid);
	return ret;
}

/* The compositor ended: show what was seen last until there is another. */
static void lose(struct top *top)
{
	control_client_finish(&top->control);
	snprintf(top->view.notice, sizeof(top->view.notice), "the compositor ended; waiting");
	snprintf(top->title, sizeof(top->title), "no compositor");
	top->terminal.dirty = true;
	top->waiting = false;
}

/* Returns 0 where an error only means that the compositor ended, and that is waited for. */
static int survive(struct top *top, int error)
{
	if (!top->wait || !control_is_lost(error))
		return error;
	lose(top);
	return 0;
}

/* Look for another. Returns whether there is one. */
static bool find_another(struct top *top)
{
	struct cli_reason reason;

	if (control_client_init(&top->control, top->socket, &reason) < 0) {
		control_client_finish(&top->control);
		return false;
	}
	snprintf(top->title, sizeof(top->title), "compositor %d", (int)top->control.pid);
	return true;
}

/* Ask when it is time. Returns the milliseconds until there is something to do. */
static int ask(struct top *top, int *error)
{
	double left_ms = top->asked_ms + top->interval_ms - cli_now_ms();

	if (top->waiting || top->view.paused) {
		if (top->waiting && cli_now_ms() - top->asked_ms > LATE_MS) {
			snprintf(top->view.notice, sizeof(top->view.notice),
				"the compositor has not answered for %.0f s",
				(cli_now_ms() - top->asked_ms) / 1e3);
			top->terminal.dirty = true;
		}
		return 1000;
	}
	if (left_ms > 0)
		return (int)left_ms + 1;
	top->asked_ms = cli_now_ms();
	if (top->control.fd < 0 && !find_another(top))
		return top->interval_ms;
	*error = control_client_send(&top->control, STATE_REQUEST);
	top->waiting = *error == 0;
	return top->interval_ms;
}

static int handle_keys(struct top *top)
{
	int key, ret = terminal_read(&top->terminal);

	if (ret < 0) {
		top->view.quit = true;
		return 0;
	}
	while ((key = terminal_next_key(&top->terminal)) != KEY_NONE)
		top_view_handle_key(&top->view, key);
	top->terminal.dirty = true;
	return top_view_arrange(&top->view);
}

/* Wait for something to happen, and handle it. Returns 0 or a negative errno. */
static int step(struct top *top)
{
	struct pollfd fds[] = {
		{.events = POLLIN},
		{.fd = top->terminal.signal_fd, .events = POLLIN},
		{.fd = top->terminal.in_fd, .events = POLLIN},
	};
	int ret = 0, timeout_ms = ask(top, &ret);

	ret = survive(top, ret);
	fds[0].fd = top->control.fd;
	if (ret == 0 && top->terminal.dirty) {
		top->terminal.dirty = false;
		/* The terminal is gone, and so is the user. */
		if (top_draw(&top->view, &top->terminal, top->title) < 0)
			top->view.quit = true;
	}
	if (ret < 0 || top->view.quit)
		return ret;
	if (poll(fds, 3, timeout_ms) < 0)
		return errno == EINTR ? 0 : -errno;
	if (fds[0].revents)
		ret = survive(top, receive(top));
	if (fds[1].revents)
		terminal_handle_signal(&top->terminal);
	if (ret == 0 && fds[2].revents)
		ret = handle_keys(top);
	return ret;
}

static int run_live(struct top *top, struct cli_reason *reason)
{
	int ret = 0;

	if (terminal_init(&top->terminal, reason) < 0) {
		strncat(reason->text, ": use --once or --json",
			sizeof(reason->text) - strlen(reason->text) - 1);
		return -1;
	}
	top->asked_ms = -1e12;
	while (ret == 0 && !top->view.quit && top->terminal.end_signal == 0)
		ret = step(top);
	terminal_finish(&top->terminal);
	if (ret < 0)
		control_client_explain(&top->control, ret, reason);
	return ret;
}

static int look(struct top *top, struct cli_reason *reason)
{
	struct json_object *reply;
	int ret = control_client_request(
		&top->control, STATE_REQUEST, "state", PATIENCE_MS, &reply, reason);

	while (top->wait && control_is_lost(ret)) {
		control_client_finish(&top->control);
		ret = connect_compositor(top, reason);
		if (ret == 0)
			ret = control_client_request(
				&top->control, STATE_REQUEST, "state", PATIENCE_MS, &reply, reason);
	}
	if (ret < 0)
		return ret;
	ret = top_view_update(&top->view, reply);
	if (ret < 0)
		control_client_explain(&top->control, ret, reason);
	return ret;
}

/* Between two looks; the compositor may go meanwhile. */
static void rest(struct top *top)
{
	struct pollfd fd = {.fd = top->control.fd, .events = POLLIN};

	fflush(stdout);
	poll(&fd, 1, top->interval_ms);
}

static int run_batch(struct top *top, struct cli_reason *reason)
{
	/* All columns, whatever the width: it goes to a file, or scrolls. */
	const unsigned int width = 4096;
	int ret = look(top, reason);

	if (!top->has_columns)
		top_column_hide_histories(&top->view);
	while (ret == 0) {
		rest(top);
		ret = look(top, reason);
		if (ret == 0 && top->json)
			ret = top_print_json(&top->view, stdout);
		else if (ret == 0)
			top_print_table(
				&top->view, width, terminal_has_colors(STDOUT_FILENO), stdout);
		if (top->once || ferror(stdout))
			break;
	}
	return ret;
}

static int run(struct top *top)
{
	struct cli_reason reason = {""};
	int ret = connect_compositor(top, &reason);

	if (ret == 0)
		ret = top->once || top->json ? run_batch(top, &reason) : run_live(top, &reason);
	control_client_finish(&top->control);
	top_view_finish(&top->view);
	/* Whoever read our output is gone. */
	if (ret == -ECANCELED)
		ret = 0;
	if (ret < 0)
		cli_say("%s", reason.text);
	if (cli_finish() != CLI_OK)
		return CLI_FAILED;
	return ret < 0 ? CLI_FAILED : CLI_OK;
}

int cli_top(int argc, char *argv[])
{
	struct top top = {.interval_ms = 1000};
	int option = 0, status = 0;

	top_view_init(&top.view);
	while (status == 0 &&
		(option = cli_next_option(argc, argv, long_options, help, &status)) > 0)
		status = parse_option(&top, option);
	return option < 0 ? run(&top) : status;
}
