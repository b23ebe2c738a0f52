/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <json.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <wltex/texture.h>

#include "cli/monitor/control-client.h"
#include "cli/options.h"
#include "cli/monitor/shown.h"
#include "cli/monitor/state.h"
#include "cli/monitor/terminal.h"

#define SUBSCRIBE_REQUEST "{\"request\": \"subscribe\"}\n"
#define PATIENCE_MS 10000
#define NAME_COUNT 512
/* The name of a process: 15 bytes, each of which may be written as an escape. */
#define NAME_SIZE 64

enum {
	OPT_APP_ID = 256,
	OPT_COUNT,
	OPT_EVENT,
	OPT_HELP,
	OPT_JSON,
	OPT_PID,
	OPT_SOCKET,
	OPT_SURFACE,
	OPT_WAIT,
};

static const struct option long_options[] = {
	{"app-id", required_argument, NULL, OPT_APP_ID},
	{"count", required_argument, NULL, OPT_COUNT},
	{"event", required_argument, NULL, OPT_EVENT},
	{"help", no_argument, NULL, OPT_HELP},
	{"json", no_argument, NULL, OPT_JSON},
	{"pid", required_argument, NULL, OPT_PID},
	{"socket", required_argument, NULL, OPT_SOCKET},
	{"surface", required_argument, NULL, OPT_SURFACE},
	{"wait", no_argument, NULL, OPT_WAIT},
	{NULL, 0, NULL, 0},
};

static const char help[] =
	"Usage: wltex watch [OPTION]...\n"
	"Print what happens to the textures of the compositor's clients, one line for each\n"
	"event.\n"
	"\n"
	"      --pid=PID            only events of the clients of this process\n"
	"      --app-id=ID          only events of windows with this app-id\n"
	"      --surface=ID         only events of surfaces with this number\n"
	"      --event=KIND,...     only events of these kinds: imported, reimported, reused,\n"
	"                           destroyed, failed, refused, not_asked, client_created,\n"
	"                           client_named or client_destroyed\n"
	"      --count=N            exit after N lines\n"
	"      --json               print events as JSON, as the compositor sends them\n"
	"      --socket=FILE        the compositor's control socket\n"
	"      --wait               wait for a compositor, and for the next when it ends\n"
	"      --help               print this\n";

struct watch {
	struct control_client control;
	const char *socket, *app_id;
	uint32_t pid, surface, count;
	/* Bits of kinds by number; 0: all. */
	uint32_t kinds;
	bool json, wait, colors;

	uint32_t printed;
	bool subscribed;
	/* From the compositor's clock to the time of day. */
	double offset_ms;
	/* Names of processes, at the place of their PID modulo the size. */
	struct {
		uint64_t pid;
		char name[NAME_SIZE];
	} names[NAME_COUNT];
};

static const char *get_string(struct json_object *event, const char *name)
{
	struct json_object *member;

	if (!json_object_object_get_ex(event, name, &member) ||
		!json_object_is_type(member, json_type_string))
		return "";
	return json_object_get_string(member);
}

/* The kinds of events by number, NULL after the last one: those of textures by their state. */
static const char *get_kind(unsigned int index)
{
	static const char *const clients[] = {"client_created", "client_named", "client_destroyed"};
	const unsigned int states = WLTEX_STATE_NOT_ASKED + 1;

	if (index < states)
		return wltex_state_name(index);
	return index - states < 3 ? clients[index - states] : NULL;
}

/* The bit of a kind, or 0 if there is no such kind. */
static uint32_t find_kind(const char *name)
{
	const char *kind;

	for (unsigned int i = 0; (kind = get_kind(i)); i++) {
		if (strcmp(kind, name) == 0)
			return UINT32_C(1) << i;
	}
	return 0;
}

static void read_name(uint64_t pid, char *name, size_t size)
{
	char path[64], line[64] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%ju/comm", (uintmax_t)pid);
	file = fopen(path, "re");
	if (file) {
		if (!fgets(line, sizeof(line), file))
			line[0] = '\0';
		fclose(file);
	}
	line[strcspn(line, "\n")] = '\0';
	shown_clean(name, size, line[0] ? line : "?");
}

/*
 * As the compositor says when the client comes or, for one that was there before, what its
 * process is called. That may be gone by the time of its last events, so names are kept.
 */
static const char *get_name(struct watch *watch, struct json_object *event, uint64_t pid)
{
	size_t i = pid % NAME_COUNT;
	char *name = watch->names[i].name;
	const char *told = get_string(event, "name");

	if (told[0])
		shown_clean(name, sizeof(watch->names[i].name), told);
	else if (watch->names[i].pid != pid || name[0] == '\0')
		read_name(pid, name, sizeof(watch->names[i].name));
	watch->names[i].pid = pid;
	return name;
}

static uint64_t get_count(struct json_object *event, const char *name)
{
	struct json_object *member;

	if (!json_object_object_get_ex(event, name, &member) ||
		!json_object_is_type(member, json_type_int) || json_object_get_int64(member) < 0)
		return 0;
	return (uint64_t)json_object_get_int64(member);
}

static void print_time(const struct watch *watch, struct json_object *event)
{
	struct json_object *member;
	double ms = 0;
	time_t seconds;
	struct tm parts;

	if (json_object_object_get_ex(event, "time_ms", &member))
		ms = json_object_get_double(member) + watch->offset_ms;
	if (!(ms >= 0 && ms < 1e15))
		ms = 0;
	seconds = (time_t)(ms / 1e3);
	if (localtime_r(&seconds, &parts))
		printf("%02d:%02d:%02d.%03d ", parts.tm_hour, parts.tm_min, parts.tm_sec,
			(int)fmod(ms, 1e3));
}

/* What went wrong is red, what ended dim, on terminals. */
static const char *get_color(const struct watch *watch, const char *state)
{
	if (!watch->colors)
		return "";
	if (strcmp(state, "failed") == 0 || strcmp(state, "refused") == 0)
		return "\033[1;31m";
	return strcmp(state, "destroyed") == 0 || strcmp(state, "not_asked") == 0 ? "\033[2m" : "";
}

static void print_text(struct watch *watch, struct json_object *event, uint64_t pid)
{
	const char *kind = get_string(event, "event");
	bool is_texture = strcmp(kind, "texture") == 0;
	char text[3][32], message[128], no_sum[128], name[NAME_SIZE];
	unsigned int width;

	print_time(watch, event);
	snprintf(name, sizeof(name), "%s", get_name(watch, event, pid));
	width = shown_cut(name, UINT_MAX);
	printf("%7ju %s%*s ", (uintmax_t)pid, name, width < 15 ? 15 - (int)width : 0, "");
	if (!is_texture) {
		printf("%s\n", shown_clean(text[0], sizeof(text[0]), kind));
		return;
	}
	printf("surface %-3ju commit %-6ju %s%-10s%s %s%s%s%s%s%s%s\n",
		(uintmax_t)get_count(event, "surface"), (uintmax_t)get_count(event, "commit"),
		get_color(watch, get_string(event, "state")),
		shown_clean(text[0], sizeof(text[0]), get_string(event, "state")),
		watch->colors ? "\033[m" : "",
		shown_clean(text[1], sizeof(text[1]), get_string(event, "reason")),
		get_string(event, "sum")[0] ? " " : "",
		shown_clean(text[2], sizeof(text[2]), get_string(event, "sum")),
		get_string(event, "no_sum")[0] ? ", no sum: " : "",
		shown_clean(no_sum, sizeof(no_sum), get_string(event, "no_sum")),
		get_string(event, "message")[0] ? ": " : "",
		shown_clean(message, sizeof(message), get_string(event, "message")));
}

static bool is_wanted(const struct watch *watch, struct json_object *event)
{
	const char *kind = get_string(event, "event");

	if (strcmp(kind, "texture") == 0)
		kind = get_string(event, "state");
	return (watch->pid == 0 || get_count(event, "pid") == watch->pid) &&
	       (!watch->app_id || strcmp(get_string(event, "app_id"), watch->app_id) == 0) &&
	       (watch->surface == 0 || get_count(event, "surface") == watch->surface) &&
	       (watch->kinds == 0 || (find_kind(kind) & watch->kinds));
}

static void print_event(struct watch *watch, struct json_object *event)
{
	uint64_t pid = get_count(event, "pid");

	if (!is_wanted(watch, event))
		return;
	if (watch->json)
		puts(json_object_to_json_string_ext(
			event, JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE));
	else
		print_text(watch, event, pid);
	watch->printed++;
}

/* Returns 0 or a negative errno with *reason set. */
static int handle_line(
	struct watch *watch, const char *line, size_t size, struct cli_reason *reason)
{
	struct json_object *object = control_parse(line, size);
	int ret = 0;

	if (object && control_is_reply(object, "subscribe")) {
		watch->subscribed = true;
		if (control_get_error(object, reason))
			ret = -EREMOTEIO;
	} else if (object && get_string(object, "event")[0]) {
		print_event(watch, object);
	}
	json_object_put(object);
	return ret;
}

static bool is_done(const struct watch *watch)
{
	return ferror(stdout) || (watch->count > 0 && watch->printed >= watch->count);
}

static int handle_lines(struct watch *watch, struct cli_reason *reason)
{
	const char *line;
	size_t size;
	int ret = 0;

	while (ret == 0 && !is_done(watch) &&
		(line = control_client_take_line(&watch->control, &size)))
		ret = handle_line(watch, line, size, reason);
	fflush(stdout);
	return ret;
}

static int wait_for_lines(struct watch *watch)
{
	/* The reader of our output may go away while there is none. */
	struct pollfd fds[] = {
		{.fd = watch->control.fd, .events = POLLIN},
		{.fd = fileno(stdout), .events = 0},
	};
	int ret = poll(fds, 2, watch->subscribed ? -1 : PATIENCE_MS);

	if (ret < 0)
		return errno == EINTR ? 0 : -errno;
	if (ret == 0)
		return -ETIMEDOUT;
	if (fds[1].revents & (POLLERR | POLLNVAL))
		return -ECANCELED;
	return control_client_receive(&watch->control);
}

/* Returns 0, 1 if the compositor ended, or a negative errno with *reason set. */
static int follow(struct watch *watch, struct cli_reason *reason)
{
	int ret = control_client_send(&watch->control, SUBSCRIBE_REQUEST), waited;

	while (ret == 0 && !is_done(watch)) {
		waited = wait_for_lines(watch);
		if (waited == -ECANCELED)
			return 0;
		/* What came before the end counts. */
		ret = handle_lines(watch, reason);
		if (ret < 0)
			return ret;
		ret = waited;
	}
	if (control_is_lost(ret) && watch->subscribed) {
		cli_say("the compositor closed the connection");
		return 1;
	}
	if (ret < 0)
		control_client_explain(&watch->control, ret, reason);
	return ret;
}

/* Say so if nothing is to be seen of the process for now: it may be a slip of the finger. */
static int look_for_client(struct watch *watch, struct cli_reason *reason)
{
	struct compositor_state state;
	struct json_object *reply;
	bool found = false;
	int ret = control_client_request(&watch->control, "{\"request\": \"state\"}\n", "state",
		PATIENCE_MS, &reply, reason);

	if (ret < 0)
		return ret;
	ret = state_init(&state, reply);
	for (size_t i = 0; i < state.client_count && ret == 0; i++)
		found = found || state.clients[i].pid == watch->pid;
	state_finish(&state);
	if (!found)
		cli_say("process %u is not a client of the compositor yet; waiting for it",
			watch->pid);
	return ret;
}

static double get_clock_offset(void)
{
	struct timespec real;

	clock_gettime(CLOCK_REALTIME, &real);
	return (double)real.tv_sec * 1e3 + (double)real.tv_nsec / 1e6 - cli_now_ms();
}

/* Connect to a compositor and follow it to its end. Returns as follow(). */
static int follow_one(struct watch *watch, struct cli_reason *reason)
{
	int ret;

	watch->subscribed = false;
	/* Clients of another compositor tell their names again. */
	memset(watch->names, 0, sizeof(watch->names));
	if (watch->wait)
		ret = control_client_wait(&watch->control, watch->socket, reason);
	else
		ret = control_client_init(&watch->control, watch->socket, reason);
	if (ret == 0 && watch->pid != 0)
		ret = look_for_client(watch, reason);
	if (ret == 0)
		ret = follow(watch, reason);
	control_client_finish(&watch->control);
	return ret == -ECANCELED ? 0 : ret;
}

static int run(struct watch *watch)
{
	struct cli_reason reason = {""};
	int ret;

	watch->offset_ms = get_clock_offset();
	watch->colors = terminal_has_colors(STDOUT_FILENO);
	if (!watch->json && isatty(STDOUT_FILENO))
		puts("TIME             PID NAME            WHAT BECAME OF THE TEXTURE, AND WHY");
	do {
		ret = follow_one(watch, &reason);
	} while (ret == 1 && watch->wait && !is_done(watch));
	if (ret < 0)
		cli_say("%s", reason.text);
	if (cli_finish() != CLI_OK || ret < 0)
		return CLI_FAILED;
	return CLI_OK;
}

static int parse_kinds(struct watch *watch)
{
	char words[256], list[256] = "";
	const char *kind;
	uint32_t bit = 0;

	snprintf(words, sizeof(words), "%s", optarg);
	watch->kinds = 0;
	for (char *word = strtok(words, ","); word; word = strtok(NULL, ",")) {
		bit = find_kind(word);
		watch->kinds |= bit;
		if (bit == 0)
			break;
	}
	if (bit != 0)
		return 0;
	for (unsigned int i = 0; (kind = get_kind(i)); i++) {
		strncat(list, i > 0 ? ", " : "", sizeof(list) - strlen(list) - 1);
		strncat(list, kind, sizeof(list) - strlen(list) - 1);
	}
	return cli_usage_error("--event=%s: not some of %s", optarg, list);
}

static int parse_option(struct watch *watch, int option)
{
	switch (option) {
	case OPT_COUNT:
		if (cli_parse_number(optarg, 1, UINT32_MAX, &watch->count) < 0)
			return cli_usage_error("--count=%s: not a number above 0", optarg);
		return 0;
	case OPT_PID:
		if (cli_parse_number(optarg, 1, INT32_MAX, &watch->pid) < 0)
			return cli_usage_error("--pid=%s: not a PID", optarg);
		return 0;
	case OPT_SURFACE:
		if (cli_parse_number(optarg, 1, UINT32_MAX, &watch->surface) < 0)
			return cli_usage_error("--surface=%s: not a number", optarg);
		return 0;
	case OPT_EVENT:
		return parse_kinds(watch);
	case OPT_APP_ID:
		watch->app_id = optarg;
		return 0;
	case OPT_JSON:
		watch->json = true;
		return 0;
	case OPT_WAIT:
		watch->wait = true;
		return 0;
	default:
		watch->socket = optarg;
		return 0;
	}
}

int cli_watch(int argc, char *argv[])
{
	struct watch watch = {.pid = 0};
	int option = 0, status = 0;

	while (status == 0 &&
		(option = cli_next_option(argc, argv, long_options, help, &status)) > 0)
		status = parse_option(&watch, option);
	return option < 0 ? run(&watch) : status;
}
