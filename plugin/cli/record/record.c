/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <json.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/monitor/control-client.h"
#include "cli/options.h"
#include "cli/record/trace.h"
#include "util/fd.h"

#define PATIENCE_MS 10000
/* How often the ring is looked at. */
#define STEP_MS 50
/* ... and the progress told. */
#define PROGRESS_MS 500

enum {
	OPT_APP_ID = 256,
	OPT_HELP,
	OPT_LAST,
	OPT_PID,
	OPT_SECONDS,
	OPT_SOCKET,
	OPT_WAIT,
};

static const struct option long_options[] = {
	{"app-id", required_argument, NULL, OPT_APP_ID},
	{"help", no_argument, NULL, OPT_HELP},
	{"last", no_argument, NULL, OPT_LAST},
	{"output", required_argument, NULL, 'o'},
	{"pid", required_argument, NULL, OPT_PID},
	{"seconds", required_argument, NULL, OPT_SECONDS},
	{"socket", required_argument, NULL, OPT_SOCKET},
	{"wait", no_argument, NULL, OPT_WAIT},
	{NULL, 0, NULL, 0},
};

static const char help[] =
	"Usage: wltex record [OPTION]... [-- COMMAND [ARGUMENT]...]\n"
	"Write down what becomes of the buffers of a compositor's clients: a trace for wltex report\n"
	"and for Perfetto.\n"
	"\n"
	"      --output=FILE        where it goes (-o; default wltex.pftrace)\n"
	"      --seconds=N          stop after that time\n"
	"      --last               write what happened before, as far as it is known, and exit\n"
	"      --pid=PID            only clients of this process\n"
	"      --app-id=ID          only clients with a window of this app-id\n"
	"      --socket=FILE        the compositor's control socket\n"
	"      --wait               wait for a compositor\n"
	"      --help               print this\n"
	"\n"
	"With COMMAND, that is run, and recording ends when it does.\n";

struct recorder {
	const char *output, *socket;
	uint32_t seconds;
	bool last, wait;
	char **command; /* NULL: none */

	struct control_client control;
	struct ring_reader reader;
	struct trace trace;
	FILE *file;
	int signal_fd;
	pid_t child;
	int child_status;
	double start_ms, told_ms;
	bool ended;
};

/* Returns 0, or -1 with *reason set. */
static int open_ring(struct recorder *recorder, struct cli_reason *reason)
{
	struct control_client *control = &recorder->control;
	struct json_object *reply;
	int ret = control_client_request(
		control, "{\"request\": \"records\"}\n", "records", PATIENCE_MS, &reply, reason);

	if (ret < 0)
		return -1;
	json_object_put(reply);
	ret = control->passed_fd >= 0 ? ring_reader_init(&recorder->reader, control->passed_fd)
				      : -EPROTO;
	wltex_fd_close(&control->passed_fd);
	if (ret == 0)
		return 0;
	cli_set_reason(reason, "what the compositor notes cannot be read: %s",
		ret == -EPROTO ? "it is of another version of wltex" : strerror(-ret));
	return -1;
}

static int get_state(
	struct recorder *recorder, struct compositor_state *state, struct cli_reason *reason)
{
	struct json_object *reply;
	int ret = control_client_request(&recorder->control, "{\"request\": \"state\"}\n", "state",
		PATIENCE_MS, &reply, reason);

	return ret < 0 ? -1 : state_init(state, reply);
}

/* Write all that is there. Returns 0, or -1 with *reason set. */
static int read_ring(struct recorder *recorder, struct cli_reason *reason)
{
	struct trace *trace = &recorder->trace;
	struct ring_copy copy;
	int ret;

	while ((ret = ring_reader_next(&recorder->reader, &copy)) > 0)
		trace_add_entry(trace, &copy);
	packets_flush(&trace->packets);
	if (ret < 0)
		cli_set_reason(reason, "what the compositor notes makes no sense");
	else if (trace->packets.error != 0)
		cli_set_reason(reason, "%s: %s", recorder->output, strerror(trace->packets.error));
	else if (trace->failed)
		cli_set_reason(reason, "out of memory");
	return ret < 0 || trace->packets.error != 0 || trace->failed ? -1 : 0;
}

/* On a terminal, on one line. */
static void tell_progress(struct recorder *recorder, bool is_end)
{
	const struct trace *trace = &recorder->trace;
	const double now_ms = cli_now_ms();

	if (!isatty(STDERR_FILENO) || (!is_end && now_ms - recorder->told_ms < PROGRESS_MS))
		return;
	recorder->told_ms = now_ms;
	fprintf(stderr, "\r%.0f s, %ju records, %ju KiB, %ju lost%s",
		(now_ms - recorder->start_ms) / 1e3, (uintmax_t)trace->records,
		(uintmax_t)(trace->packets.bytes >> 10), (uintmax_t)trace->lost,
		is_end ? "\n" : "");
}

static void handle_signal(struct recorder *recorder)
{
	struct signalfd_siginfo info;

	if (read(recorder->signal_fd, &info, sizeof(info)) != sizeof(info))
		return;
	/* With a command, the signal is the command's, and its end is ours. */
	if (info.ssi_signo != SIGCHLD && recorder->child > 0) {
		kill(recorder->child, (int)info.ssi_signo);
		return;
	}
	if (info.ssi_signo != SIGCHLD) {
		recorder->ended = true;
		return;
	}
	if (recorder->child > 0 &&
		waitpid(recorder->child, &recorder->child_status, WNOHANG) == recorder->child) {
		recorder->child = 0;
		recorder->ended = true;
	}
}

/* Nothing is asked for: what comes is the end of the compositor. */
static bool is_compositor_gone(struct recorder *recorder)
{
	int ret = control_client_receive(&recorder->control);
	size_t size;

	while (control_client_take_line(&recorder->control, &size))
		;
	return ret < 0;
}

static bool is_time_over(const struct recorder *recorder)
{
	return recorder->seconds > 0 &&
	       cli_now_ms() - recorder->start_ms >= recorder->seconds * 1e3;
}

static int follow(struct recorder *recorder, struct cli_reason *reason)
{
	struct pollfd fds[] = {
		{.fd = recorder->control.fd, .events = POLLIN},
		{.fd = recorder->signal_fd, .events = POLLIN},
	};
	int ret = 0;

	while (ret == 0 && !recorder->ended) {
		if (poll(fds, 2, STEP_MS) < 0 && errno != EINTR)
			break;
		if (fds[1].revents)
			handle_signal(recorder);
		if (fds[0].revents && is_compositor_gone(recorder))
			recorder->ended = true;
		ret = read_ring(recorder, reason);
		tell_progress(recorder, false);
		recorder->ended = recorder->ended || is_time_over(recorder);
	}
	return ret;
}

/* The command gets the signals as they were. Returns 0, or -1 with *reason set. */
static int start_command(struct recorder *recorder, struct cli_reason *reason)
{
	sigset_t none;

	if (!recorder->command)
		return 0;
	recorder->child = fork();
	if (recorder->child == 0) {
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		execvp(recorder->command[0], recorder->command);
		cli_say("%s: %s", recorder->command[0], strerror(errno));
		_exit(errno == ENOENT ? 127 : 126);
	}
	if (recorder->child > 0)
		return 0;
	cli_set_reason(reason, "cannot start %s: %s", recorder->command[0], strerror(errno));
	return -1;
}

/*
 * What the compositor has in the end. It may not have seen yet that the command has gone: whatever
 * was there to be seen before the first of two requests was seen, when the second is answered.
 */
static int see_end(struct recorder *recorder, struct cli_reason *reason)
{
	struct compositor_state state = {0};
	struct cli_reason gone;
	int ret = 0;

	for (int i = 0; i < 2 && ret == 0; i++) {
		state_finish(&state);
		ret = get_state(recorder, &state, &gone);
	}
	if (read_ring(recorder, reason) < 0)
		ret = -1;
	else if (ret == 0)
		trace_add_state(&recorder->trace, &state);
	else
		ret = 0; // the compositor has ended, too
	state_finish(&state);
	return ret;
}

/* What happens from now on. */
static int record_now(struct recorder *recorder, struct cli_reason *reason)
{
	struct compositor_state state = {0};
	int ret;

	ret = ring_reader_skip_all(&recorder->reader);
	if (ret < 0)
		cli_set_reason(reason, "what the compositor notes makes no sense");
	else
		ret = get_state(recorder, &state, reason);
	if (ret == 0) {
		trace_add_names(&recorder->trace, &state);
		trace_add_state(&recorder->trace, &state);
	}
	state_finish(&state);
	if (ret == 0)
		ret = start_command(recorder, reason);
	if (ret == 0)
		ret = follow(recorder, reason);
	if (ret == 0)
		ret = see_end(recorder, reason);
	return ret;
}

/* What happened before. */
static int record_last(struct recorder *recorder, struct cli_reason *reason)
{
	struct compositor_state state = {0};
	int ret = get_state(recorder, &state, reason);

	if (ret == 0) {
		trace_add_names(&recorder->trace, &state);
		ring_reader_rewind(&recorder->reader);
		ret = read_ring(recorder, reason);
	}
	state_finish(&state);
	/* What there is now, after all that was read. */
	return ret == 0 ? see_end(recorder, reason) : ret;
}

static int open_output(struct recorder *recorder, struct cli_reason *reason)
{
	recorder->file = fopen(recorder->output, "we");
	if (recorder->file) {
		trace_begin(&recorder->trace, recorder->file);
		return 0;
	}
	cli_set_reason(reason, "%s: %s", recorder->output, strerror(errno));
	return -1;
}

/* Ended, but not thrown away. Returns 0, or -1 with *reason set. */
static int close_output(struct recorder *recorder, struct cli_reason *reason)
{
	int ret = 0;

	trace_end(&recorder->trace);
	packets_flush(&recorder->trace.packets);
	if (fclose(recorder->file) != 0 && recorder->trace.packets.error == 0)
		recorder->trace.packets.error = errno;
	recorder->file = NULL;
	if (recorder->trace.packets.error != 0) {
		cli_set_reason(reason, "%s: %s", recorder->output,
			strerror(recorder->trace.packets.error));
		ret = -1;
	}
	return ret;
}

static int record(struct recorder *recorder, struct cli_reason *reason)
{
	int ret = open_output(recorder, reason), closed;

	recorder->start_ms = recorder->told_ms = cli_now_ms();
	if (ret < 0)
		return ret;
	ret = recorder->last ? record_last(recorder, reason) : record_now(recorder, reason);
	tell_progress(recorder, true);
	/* A failure before counts more. */
	closed = close_output(recorder, ret == 0 ? reason : &(struct cli_reason){""});
	if (ret == 0)
		ret = closed;
	if (ret == 0 && recorder->trace.lost > 0)
		cli_say("%ju records were lost: see record-bytes in wltex-weston(7)",
			(uintmax_t)recorder->trace.lost);
	return ret;
}

static int open_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* The command's, if it was run to its end. */
static int get_status(const struct recorder *recorder, int ret)
{
	if (ret < 0)
		return CLI_FAILED;
	if (!recorder->command || recorder->child > 0)
		return CLI_OK;
	return WIFSIGNALED(recorder->child_status) ? 128 + WTERMSIG(recorder->child_status)
						   : WEXITSTATUS(recorder->child_status);
}

static int run(struct recorder *recorder)
{
	struct cli_reason reason = {""};
	int ret;

	recorder->signal_fd = open_signals();
	if (recorder->wait)
		ret = control_client_wait(&recorder->control, recorder->socket, &reason);
	else
		ret = control_client_init(&recorder->control, recorder->socket, &reason);
	if (ret == 0)
		ret = open_ring(recorder, &reason);
	if (ret == 0)
		ret = record(recorder, &reason);
	trace_finish(&recorder->trace);
	ring_reader_finish(&recorder->reader);
	control_client_finish(&recorder->control);
	wltex_fd_close(&recorder->signal_fd);
	if (ret < 0 && reason.text[0])
		cli_say("%s", reason.text);
	return get_status(recorder, ret);
}

static int parse_option(struct recorder *recorder, int option)
{
	switch (option) {
	case 'o':
		recorder->output = optarg;
		return 0;
	case OPT_SECONDS:
		if (cli_parse_number(optarg, 1, UINT32_MAX, &recorder->seconds) < 0)
			return cli_usage_error("--seconds=%s: not a number above 0", optarg);
		return 0;
	case OPT_PID:
		if (cli_parse_number(optarg, 1, INT32_MAX, &recorder->trace.pid) < 0)
			return cli_usage_error("--pid=%s: not a PID", optarg);
		return 0;
	case OPT_APP_ID:
		recorder->trace.app_id = optarg;
		return 0;
	case OPT_LAST:
		recorder->last = true;
		return 0;
	case OPT_WAIT:
		recorder->wait = true;
		return 0;
	default:
		recorder->socket = optarg;
		return 0;
	}
}

int cli_record(int argc, char *argv[])
{
	struct recorder recorder = {
		.output = "wltex.pftrace",
		.control = {.fd = -1, .passed_fd = -1},
		.signal_fd = -1,
	};
	int option = 0, status = 0;

	while (status == 0 && (option = cli_next_option_before_files(
				       argc, argv, long_options, help, &status)) > 0)
		status = parse_option(&recorder, option);
	if (option >= 0)
		return status;
	if (optind < argc)
		recorder.command = argv + optind;
	if (recorder.last && (recorder.command || recorder.seconds > 0))
		return cli_usage_error(
			"--last is of what was before: there is nothing to wait for");
	return run(&recorder);
}
