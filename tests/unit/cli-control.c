/* SPDX-License-Identifier: MIT */
/* What the commands make of a compositor that sends anything. */
#include <errno.h>
#include <fcntl.h>
#include <json.h>
#include <limits.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <png.h>

#include "cli/monitor/control-client.h"
#include "cli/monitor/export.h"
#include "cli/monitor/snapshot.h"
#include "cli/monitor/top.h"
#include "test.h"

/* A reply as the module sends it. */
static const char good[] =
	"{\"reply\": \"state\", \"time_ms\": 1000.5, \"textures\": true, \"total\": "
	"{\"commits\": 30, \"imports\": 10, \"reimports\": 5, \"uploads\": 0, \"reuses\": 15, "
	"\"destroys\": 14, \"failures\": 0, \"refused\": 0, \"not_asked\": 4, \"live_textures\": 1, "
	"\"live_bytes\": 262144, \"peak_live_textures\": 2, \"peak_live_bytes\": 524288, "
	"\"redundant_commits\": 15, \"damage_claimed_px\": 1000, \"damage_true_px\": 250, "
	"\"fds\": 2, \"peak_fds\": 3}, \"clients\": [{\"id\": 7, \"pid\": 4242, \"name\": "
	"\"te\\\"st\\\\er\", \"age_ms\": 2000, \"params\": 1, \"buffers_made\": 12, \"bytes\": "
	"393216, \"releases\": 8, \"release_ms\": 4.5, \"release_max_ms\": 9.25, \"commits\": 30, "
	"\"imports\": 10, \"reimports\": 5, \"uploads\": 0, \"reuses\": 15, \"destroys\": 14, "
	"\"failures\": 0, \"refused\": 0, \"not_asked\": 4, \"live_textures\": 1, \"live_bytes\": 262144, "
	"\"peak_live_textures\": 2, \"peak_live_bytes\": 524288, \"redundant_commits\": 15, "
	"\"damage_claimed_px\": 1000, \"damage_true_px\": 250, \"fds\": 2, \"peak_fds\": 3, "
	"\"leak_signs\": [\"buffers-grow\", \"not-released\"], \"buffers\": [{\"id\": 13, "
	"\"age_ms\": 12, \"commits\": 3, \"unreleased_ms\": 7, \"width\": 256, \"height\": 256, "
	"\"planes\": 1, \"fds\": 1, \"bytes\": 262144, \"inode\": 99, \"format\": \"XR24\", "
	"\"modifier\": \"LINEAR\", \"kind\": \"memory\"}, {\"id\": 14, \"age_ms\": 1, "
	"\"commits\": 0, \"error\": \"no plane\"}], \"surfaces\": [{\"id\": 3, \"commits\": 31, "
	"\"width\": 256, \"height\": 256, \"mapped\": true, \"redundant_commits\": 15, "
	"\"damage_claimed_px\": 1000, \"damage_true_px\": 250, \"app_id\": \"app\", \"title\": "
	"\"Title\", \"role\": \"xdg_toplevel\", \"sums\": \"looking\", \"buffer\": 13, "
	"\"texture\": {\"name\": 4, \"width\": 256, \"height\": 256, \"sum\": \"0badcafe\"}}]}]}";

static struct json_object *parse(const char *text)
{
	return control_parse(text, strlen(text));
}

TEST(state)
{
	struct compositor_state state;
	struct buffer_state buffer;
	struct surface_state surface;
	const struct client_state *client;

	check_int(state_init(&state, parse(good)), 0);
	check(state.textures && state.client_count == 1);
	check_int(state.total.reuses, 15);
	check_int(state.total.not_asked, 4);
	check(!state_find_client(&state, 8));
	client = state_find_client(&state, 7);
	check_int(client->pid, 4242);
	check_str(client->name, "te\"st\\er");
	check_str(client->title, "Title");
	check_int(client->bytes, 393216);
	check_int(client->counts.not_asked, 4);
	check_int(client->leak_sign_count, 2);
	check_str(state_get_leak_sign(client, 1), "not-released");
	state_get_buffer(client, 0, &buffer);
	check(buffer.unreleased_ms == 7 && buffer.inode == 99);
	check_str(buffer.modifier, "LINEAR");
	state_get_buffer(client, 1, &buffer);
	check(buffer.unreleased_ms < 0);
	check_str(buffer.error, "no plane");
	state_get_surface(client, 0, &surface);
	check(surface.mapped && surface.has_texture && surface.has_sum && surface.buffer == 13);
	/* What is not there is nothing. */
	state_get_buffer(client, 2, &buffer);
	check(buffer.id == 0 && buffer.format[0] == '\0');
	check_str(state_get_leak_sign(client, 2), "?");
	state_finish(&state);
}

/* Rates of a view that saw the good state, and one a second later. */
TEST(rates)
{
	struct top_view view;
	struct json_object *later = parse(good), *client, *object;
	const struct {
		const char *name;
		int64_t value;
	} values[] = {{"commits", 130}, {"imports", 40}, {"reuses", 85}, {"releases", 18},
		{"damage_claimed_px", 2000}, {"damage_true_px", 500}};

	top_view_init(&view);
	check_int(top_view_update(&view, parse(good)), 0);
	/* At first: since it came, two seconds ago. */
	check(view.rows[0].commits_per_s == 15 && view.rows[0].imports_per_s == 7.5);
	check(view.rows[0].reuse_percent == 50 && view.rows[0].true_percent == 25);
	json_object_object_get_ex(later, "clients", &object);
	client = json_object_array_get_idx(object, 0);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		json_object_object_add(
			client, values[i].name, json_object_new_int64(values[i].value));
	json_object_object_add(client, "release_ms", json_object_new_double(5));
	json_object_object_add(later, "time_ms", json_object_new_double(2000.5));
	check_int(top_view_update(&view, later), 0);
	check(view.seconds == 1 && view.rows[0].commits_per_s == 100);
	check(view.rows[0].imports_per_s == 30 && view.rows[0].reuse_percent == 70);
	check(view.rows[0].true_percent == 25);
	/* 18 * 5 ms - 8 * 4.5 ms, for 10 more. */
	check(view.rows[0].release_ms > 5.39 && view.rows[0].release_ms < 5.41);
	/* A compositor that was started anew counts from 0. */
	check_int(top_view_update(&view, parse(good)), 0);
	check(view.rows[0].commits_per_s == 0 && view.rows[0].reuse_percent == -1);
	top_view_finish(&view);
}

TEST(rows_fit)
{
	struct top_view view;
	char line[512];

	top_view_init(&view);
	check_int(top_view_update(&view, parse(good)), 0);
	for (unsigned int width = 1; width < 200; width++) {
		top_print_row(line, sizeof(line), &view, &view.rows[0], width);
		check(strlen(line) <= width);
		check(line[0] == '!');
		if (width >= 40)
			check(strstr(line, "4242") && strstr(line, "te\"st\\er") &&
				strstr(line, "384.0K"));
	}
	check(strstr(line, "buffers-grow,not-released"));
	top_view_finish(&view);
}

/* The title gets shorter, down to 6 characters, before it goes. */
TEST(title_gets_shorter)
{
	struct top_view view;
	struct json_object *reply = parse(good), *clients, *surfaces;
	char line[512];
	unsigned int shown = 15;

	json_object_object_get_ex(reply, "clients", &clients);
	json_object_object_get_ex(json_object_array_get_idx(clients, 0), "surfaces", &surfaces);
	json_object_object_add(json_object_array_get_idx(surfaces, 0), "title",
		json_object_new_string("abcdefghijklmnopq"));
	top_view_init(&view);
	check_int(top_view_update(&view, reply), 0);
	for (unsigned int width = 200; width > 80; width--) {
		const char *found;
		unsigned int now;

		top_print_row(line, sizeof(line), &view, &view.rows[0], width);
		found = strstr(line, " abc");
		now = found ? (unsigned int)strspn(found + 1, "abcdefghijklmnopq") : 0;
		check(now == shown || now + 1 == shown || (now == 0 && shown == 6));
		/* Nothing else goes before it. */
		check(now == 0 || strstr(line, "15.0") != NULL);
		shown = now;
		top_print_row(line, sizeof(line), &view, NULL, width);
		check((strstr(line, "TITLE") != NULL) == (now > 0));
		check(now == 0 || strstr(line, "REL ms") != NULL);
	}
	check_int(shown, 0);
	top_view_finish(&view);
}

/* The last line of the screen holds whole keys only. */
TEST(keys_that_fit)
{
	static const char *const keys[] = {"q quit", "? help", "Enter buffers", "< > sort",
		"r reverse", "/ filter", "l leaks", "p pause"};
	struct top_view view;
	char line[512];

	top_view_init(&view);
	for (unsigned int width = 8; width < 120; width++) {
		size_t count = 0;
		char *rest;

		top_print_keys(line, sizeof(line), &view, width);
		check(strlen(line) <= width);
		check(strncmp(line, "by bytes", 8) == 0);
		for (rest = line + 8; *rest; rest += 2 + strlen(keys[count++]))
			check(strncmp(rest, "  ", 2) == 0 &&
				strncmp(rest + 2, keys[count], strlen(keys[count])) == 0);
		if (width >= 100)
			check_int(count, 8);
	}
	top_view_finish(&view);
}

/* The width of the line in a terminal, and that of what comes before the text. */
static unsigned int measure(const char *line, const char *text, unsigned int *before)
{
	char copy[512];
	const char *found = strstr(line, text);

	check(found != NULL);
	snprintf(copy, sizeof(copy), "%.*s", (int)(found - line), line);
	*before = shown_cut(copy, UINT_MAX);
	snprintf(copy, sizeof(copy), "%s", line);
	return shown_cut(copy, UINT_MAX);
}

/* Characters of two columns, of none, and of several bytes. */
static const char wide[] =
	"{\"reply\": \"state\", \"clients\": [{\"id\": 1, \"pid\": 7, \"name\": "
	"\"\xe6\x97\xa5\xe6\x9c\xac\", \"surfaces\": [{\"id\": 3, \"title\": \"e\xcc\x81t\xc3\xa9 "
	"\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\"}]}]}";

TEST(wide_characters)
{
	struct top_view view;
	char line[512], head[512];
	unsigned int title, commits, pid, before;

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		test_skip("no locale C.UTF-8");
	top_view_init(&view);
	check_int(top_view_update(&view, parse(wide)), 0);
	top_print_row(head, sizeof(head), &view, NULL, 200);
	top_print_row(line, sizeof(line), &view, &view.rows[0], 200);
	measure(head, "TITLE", &title);
	measure(head, "COMMITS/s", &commits);
	measure(line, "e\xcc\x81t", &before);
	check_int(before, title);
	/* Of the title five characters fit, and one column is left over. */
	check(strstr(line,
		"t\xc3\xa9 \xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5        0.0"));
	measure(line, "0.0", &before);
	check_int(before, commits + strlen("COMMITS/s") - strlen("0.0"));
	for (unsigned int width = 1; width < 200; width++) {
		top_print_row(line, sizeof(line), &view, &view.rows[0], width);
		check(measure(line, "", &pid) <= width);
	}
	/* What a terminal without UTF-8 is sent. */
	setlocale(LC_CTYPE, "C");
	top_print_row(line, sizeof(line), &view, &view.rows[0], 200);
	check(strstr(line, "\\u65e5\\u672c"));
	top_view_finish(&view);
}

TEST(bytes)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {{0, "0"}, {999, "999"}, {1000, "1.0K"}, {262144, "256.0K"},
		{1023 * 1024, "1.0M"}, {UINT64_C(5) << 40, "5.0T"}, {UINT64_MAX, "16.0E"}};
	char text[16];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		top_print_bytes(text, sizeof(text), cases[i].bytes);
		check_str(text, cases[i].text);
		check(strlen(text) <= 6);
	}
}

/* Sort, filter and cursor over many clients. */
TEST(keys)
{
	struct top_view view;
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	fputs("{\"reply\": \"state\", \"clients\": [", file);
	for (int i = 0; i < 200; i++)
		fprintf(file, "%s{\"id\": %d, \"pid\": %d, \"name\": \"c%d\", \"bytes\": %d}",
			i > 0 ? ", " : "", i + 1, 1000 + i, i % 10, i * 7919 % 200);
	fputs("]}", file);
	fclose(file);
	top_view_init(&view);
	view.page = 10;
	check_int(top_view_update(&view, parse(text)), 0);
	check_int(view.row_count, 200);
	for (size_t i = 1; i < 200; i++)
		check(view.rows[i - 1].client->bytes >= view.rows[i].client->bytes);
	top_view_handle_key(&view, KEY_END);
	check_int(view.selected, 199);
	top_view_handle_key(&view, KEY_DOWN);
	check_int(view.selected, 199);
	top_view_handle_key(&view, KEY_PAGE_UP);
	check_int(view.selected, 190);
	/* The cursor stays on its client. */
	uint64_t id = view.selected_id;
	top_view_handle_key(&view, 'r');
	check_int(top_view_arrange(&view), 0);
	check_int(view.selected, 9);
	check_int(view.selected_id, id);
	top_view_handle_key(&view, '/');
	top_view_handle_key(&view, 'c');
	top_view_handle_key(&view, 'q');
	top_view_handle_key(&view, KEY_BACKSPACE);
	top_view_handle_key(&view, '3');
	top_view_handle_key(&view, KEY_ENTER);
	check(!view.quit);
	check_int(top_view_arrange(&view), 0);
	check_int(view.row_count, 20);
	for (int i = 0; i < 60; i++) {
		top_view_handle_key(&view, i % 2 ? '<' : KEY_LEFT);
		check_int(top_view_arrange(&view), 0);
	}
	top_view_handle_key(&view, 'l');
	check_int(top_view_arrange(&view), 0);
	check_int(view.row_count, 0);
	top_view_handle_key(&view, KEY_ENTER);
	check(!view.is_open);
	top_view_handle_key(&view, KEY_ESCAPE);
	check_int(top_view_arrange(&view), 0);
	check_int(view.row_count, 200);
	top_view_handle_key(&view, KEY_ENTER);
	check(top_view_get_open(&view));
	/* The client goes while it is looked at. */
	check_int(top_view_update(&view, parse("{\"reply\": \"state\"}")), 0);
	check(!view.is_open && view.row_count == 0);
	top_view_handle_key(&view, 'q');
	check(view.quit);
	top_view_finish(&view);
	free(text);
}

/* Through all that is shown of a state. */
static void show(const char *text, size_t size, FILE *file)
{
	struct json_object *object = control_parse(text, size);
	char line[256];
	struct cli_reason reason;
	struct top_view view;

	if (!object)
		return;
	control_is_reply(object, "state");
	control_get_error(object, &reason);
	top_view_init(&view);
	check_int(top_view_update(&view, object), 0);
	top_print_table(&view, 100, true, file);
	check_int(top_print_json(&view, file), 0);
	export_print(&view.present, file);
	for (size_t i = 0; i < view.row_count; i++) {
		const struct client_state *client = view.rows[i].client;

		check_int(top_tree_update(&view.tree, client), 0);
		for (size_t k = 0; k < view.tree.count; k++)
			top_tree_print_line(line, sizeof(line), client, &view.tree.lines[k]);
	}
	top_view_finish(&view);
}

static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

TEST(damaged_states)
{
	static const char *const pieces[] = {"null", "{}", "[]", "-1", "1e308",
		"18446744073709551616", "\"\\u0000\"", "\"\\ud800\"", "true", "-0.0", "NaN",
		"Infinity", "{\"a\":[]}", "9e999"};
	FILE *file = fopen("/dev/null", "we");
	char text[2 * sizeof(good)];
	uint32_t random = 1;

	show(good, strlen(good), file);
	for (int i = 0; i < 6000; i++) {
		size_t size = strlen(good), at, end;

		memcpy(text, good, sizeof(good));
		for (uint32_t k = next_random(&random) % 4; k > 0; k--)
			text[next_random(&random) % size] = (char)next_random(&random);
		/* Another value instead of one that was there. */
		at = next_random(&random) % size;
		at += strcspn(text + at, ":");
		if (at < size) {
			const char *piece =
				pieces[next_random(&random) % (sizeof(pieces) / sizeof(pieces[0]))];

			end = at + 1 + strcspn(text + at + 1, ",}]");
			memmove(text + at + 1 + strlen(piece), text + end, size - end);
			memcpy(text + at + 1, piece, strlen(piece));
			size = size - (end - at - 1) + strlen(piece);
		}
		show(text, i % 7 == 0 ? size / 2 : size, file);
	}
	fclose(file);
}

TEST(labels_are_escaped)
{
	static const char text[] =
		"{\"reply\": \"state\", \"clients\": [{\"id\": 1, \"pid\": 2, \"name\": "
		"\"a\\\"b\\\\c\\nd\\u00e9\\u001b[31m\"}]}";
	struct compositor_state state;
	char *out = NULL;
	size_t size;
	FILE *file = open_memstream(&out, &size);

	check_int(state_init(&state, parse(text)), 0);
	export_print(&state, file);
	fclose(file);
	check(strstr(out, "name=\"a\\\"b\\\\c\\\\x0ad\xc3\xa9\\\\x1b[31m\"} 0\n"));
	check(!strchr(out, '\033'));
	state_finish(&state);
	free(out);
}

/* --- Commands against a compositor that sends this to whoever connects. */

static char folder[] = "/tmp/wltex-control.XXXXXX";
static char path[64];

static void serve(int fd, const char *text, size_t size, size_t times)
{
	char request[256];

	for (;;) {
		int peer = accept(fd, NULL, NULL);

		/* Whoever closes before a request came resets the connection. */
		if (times > 0)
			recv(peer, request, sizeof(request), 0);
		for (size_t i = 0; i < times; i++) {
			if (send(peer, text, size, MSG_NOSIGNAL) < 0)
				break;
		}
		close(peer);
	}
}

static pid_t start_server(const char *text, size_t size, size_t times)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t pid;

	if (path[0] == '\0') {
		check(mkdtemp(folder));
		snprintf(path, sizeof(path), "%s/socket", folder);
	}
	strcpy(address.sun_path, path);
	check(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 && listen(fd, 5) == 0);
	pid = fork();
	if (pid == 0) {
		/* Not longer than the test. */
		alarm(100);
		serve(fd, text, size, times);
	}
	close(fd);
	return pid;
}

static void stop_server(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	unlink(path);
}

/* What the last command printed, or the first of it. */
static char output[1024], errors[1024];

static void read_back(FILE *file, char *text, size_t size)
{
	size_t length;

	rewind(file);
	length = fread(text, 1, size - 1, file);
	text[length] = '\0';
	fclose(file);
}

static int count_lines(const char *text)
{
	int n = 0;

	for (; (text = strchr(text, '\n')); text++)
		n++;
	return n;
}

/* Start a command in a process of its own, with what follows --socket, which may be NULL. */
static pid_t start(
	int (*command)(int argc, char *argv[]), const char *options, int output_fd, int error_fd)
{
	char name[] = "command", socket_option[128], words[128];
	char *argv[8] = {name, socket_option};
	int argc = 2;
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	dup2(output_fd, STDOUT_FILENO);
	dup2(error_fd, STDERR_FILENO);
	alarm(60);
	snprintf(socket_option, sizeof(socket_option), "--socket=%s", path);
	snprintf(words, sizeof(words), "%s", options ? options : "");
	for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	exit(command(argc, argv));
}

static int get_status(pid_t pid)
{
	int status;

	check(waitpid(pid, &status, 0) == pid);
	if (!WIFEXITED(status))
		test_fail(__FILE__, __LINE__, "ended by signal %d", WTERMSIG(status));
	return WEXITSTATUS(status);
}

static int run(int (*command)(int argc, char *argv[]), const char *options)
{
	FILE *out = tmpfile(), *err = tmpfile();
	int status = get_status(start(command, options, fileno(out), fileno(err)));

	read_back(out, output, sizeof(output));
	read_back(err, errors, sizeof(errors));
	return status;
}

static const char *directory_option(void)
{
	static char option[64];

	snprintf(option, sizeof(option), "--directory=%s", folder);
	return option;
}

static void check_commands(const char *text, size_t size, size_t times, int status)
{
	pid_t pid = start_server(text, size, times);

	check_int(run(cli_top, "--once"), 1);
	check_int(run(cli_export, NULL), status);
	check_int(run(cli_snapshot, directory_option()), 1);
	run(cli_watch, NULL);
	stop_server(pid);
}

TEST(silent_end)
{
	check_commands("", 0, 0, 1);
	rmdir(folder);
}

TEST(garbage)
{
	static const char text[] = "\xff\xfe\0{}\n[[[\n\"x\n{\"reply\": 1}\n{\"reply\": \"stat\n";

	check_commands(text, sizeof(text) - 1, 100, 1);
	rmdir(folder);
}

TEST(error_replies)
{
	static const char text[] =
		"{\"reply\": \"state\", \"error\": 5}\n{\"reply\": \"subscribe\", \"error\": \"no\"}\n";

	check_commands(text, sizeof(text) - 1, 1, 1);
	rmdir(folder);
}

TEST(replies_without_content)
{
	static const char text[] = "{\"reply\": \"state\"}\n{\"reply\": \"subscribe\"}\n"
				   "{\"event\": \"texture\"}\n{\"event\": \"\\u001b\\n\"}\n"
				   "{\"event\": \"texture\", \"time_ms\": 1e300, \"pid\": -1, "
				   "\"state\": 1}\n";

	check_commands(text, sizeof(text) - 1, 1, 0);
	rmdir(folder);
}

/* What is wrong when there is nothing to take a picture of. */
TEST(nothing_to_picture)
{
	static const char text[] =
		"{\"reply\": \"state\", \"clients\": [{\"id\": 1, \"pid\": 7, \"surfaces\": "
		"[{\"id\": 3, \"why_not\": \"too\\u001b wide\"}, {\"id\": 4}]}, "
		"{\"id\": 2, \"pid\": 8, \"surfaces\": []}]}\n";
	static const struct {
		const char *option, *error;
	} cases[] = {
		{"--pid=9", "process 9 is not a client of the compositor\n"},
		{"--pid=8", "there is no surface\n"},
		{"--surface=5", "there is no surface 5\n"},
		{"--surface=3", "the surface has no texture: too\\x1b wide\n"},
		{"--surface=4", "no surface has a texture: "},
		{"--pid=7", "no surface has a texture: "},
	};
	pid_t pid = start_server(text, sizeof(text) - 1, 1);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		check_int(run(cli_snapshot, cases[i].option), 1);
		check(strstr(errors, cases[i].error) != NULL);
	}
	stop_server(pid);
	rmdir(folder);
}

TEST(picture_without_fd)
{
	char text[2 * sizeof(good)];
	pid_t pid;

	snprintf(text, sizeof(text),
		"%s\n{\"reply\": \"snapshot\", \"width\": 16384, \"height\": 16384, "
		"\"format\": \"PNG\"}\n",
		good);
	pid = start_server(text, strlen(text), 1);
	check_int(run(cli_snapshot, directory_option()), 1);
	stop_server(pid);
	rmdir(folder);
}

/* A compositor that ends after each reply, and none at first. */
static void check_waiting(int (*command)(int argc, char *argv[]), const char *options)
{
	static const char event[] = "{\"reply\": \"subscribe\"}\n{\"reply\": \"state\"}\n"
				    "{\"event\": \"texture\", \"pid\": 7}\n";
	static const char waiting[] = "; waiting for it\n";
	char text[512] = "";
	size_t length = 0;
	pid_t pid, server;
	int fds[2];

	check(pipe(fds) == 0);
	pid = start(command, options, open("/dev/null", O_WRONLY), fds[1]);
	close(fds[1]);
	while (!strstr(text, waiting)) {
		ssize_t n = read(fds[0], text + length, sizeof(text) - 1 - length);

		check(n > 0);
		length += (size_t)n;
		text[length] = '\0';
	}
	server = start_server(event, sizeof(event) - 1, 1);
	check_int(get_status(pid), 0);
	stop_server(server);
	close(fds[0]);
}

/* Events that are not wanted do not count. */
TEST(wanted_events)
{
	static const char text[] =
		"{\"reply\": \"state\"}\n{\"reply\": \"subscribe\"}\n"
		"{\"event\": \"client_created\", \"pid\": 7}\n"
		"{\"event\": \"texture\", \"pid\": 7, \"surface\": 3, \"state\": \"imported\"}\n"
		"{\"event\": \"texture\", \"pid\": 8, \"surface\": 4, \"state\": \"reused\"}\n";
	static const struct {
		const char *options;
		int printed;
	} cases[] = {
		{NULL, 3},
		{"--surface=3", 1},
		{"--surface=5", 0},
		{"--event=client_created", 1},
		{"--event=imported,reused", 2},
		{"--event=destroyed", 0},
		{"--event=imported --surface=4", 0},
	};
	static const char *const wrong[] = {"--event=", "--event=,", "--event=import",
		"--event=reused,texture", "--surface=0", "--surface=x"};
	pid_t pid = start_server(text, sizeof(text) - 1, 1);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		check_int(run(cli_watch, cases[i].options), 0);
		check_int(count_lines(output), cases[i].printed);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		check_int(run(cli_watch, wrong[i]), 2);
	stop_server(pid);
	rmdir(folder);
}

TEST(waits_for_compositors)
{
	check(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/socket", folder);
	check_waiting(cli_watch, "--wait --count=3");
	check_waiting(cli_top, "--wait --once --interval=0.05");
	rmdir(folder);
}

/* What the environment does not lead to is not waited for. */
TEST(waits_for_nothing_else)
{
	struct control_client client;
	struct cli_reason reason;

	check_int(control_client_wait(&client, "/etc/passwd", &reason), -ENOTSOCK);
	control_client_finish(&client);
	unsetenv("XDG_RUNTIME_DIR");
	check_int(control_client_wait(&client, NULL, &reason), -ENXIO);
	control_client_finish(&client);
}

TEST(line_without_end)
{
	static char text[1 << 20];

	memset(text, ' ', sizeof(text));
	check_commands(text, sizeof(text), 100, 1);
	rmdir(folder);
}

/* A compositor that neither answers nor goes is given up. */
TEST(no_answer)
{
	struct control_client client;
	struct cli_reason reason;
	struct json_object *reply;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	check(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/socket", folder);
	strcpy(address.sun_path, path);
	check(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 && listen(fd, 5) == 0);
	check_int(control_client_init(&client, path, &reason), 0);
	check_int(client.pid, getpid());
	check_int(
		control_client_request(&client, "{}\n", "state", 100, &reply, &reason), -ETIMEDOUT);
	check_str(reason.text, "the compositor does not answer");
	control_client_finish(&client);
	close(fd);
	check_int(control_client_init(&client, path, &reason), -ECONNREFUSED);
	control_client_finish(&client);
	unlink(path);
	rmdir(folder);
}

/* No such port or address is served, not even another one. */
TEST(listens_nowhere)
{
	static const char *const wrong[] = {"--listen=", "--listen=65536", "--listen=99999",
		"--listen=-1", "--listen=x", "--listen=1x", "--listen=localhost:1",
		"--listen=[::1]", "--listen=1.2.3:4:5"};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		check_int(run(cli_export, wrong[i]), 2);
}

TEST(not_a_socket)
{
	struct control_client client;
	struct cli_reason reason;

	check_int(control_client_init(&client, "/etc/passwd", &reason), -ENOTSOCK);
	check_str(reason.text, "/etc/passwd is not a socket");
	control_client_finish(&client);
	check_int(control_client_init(&client, "/nothing/there", &reason), -ENOENT);
	check_str(reason.text, "no compositor with the wltex module: no /nothing/there");
	control_client_finish(&client);
}

TEST(finds_the_only_socket)
{
	struct control_client client;
	struct cli_reason reason;

	check(mkdtemp(folder));
	setenv("XDG_RUNTIME_DIR", folder, 1);
	unsetenv("WAYLAND_DISPLAY");
	check_int(control_client_init(&client, NULL, &reason), -ENOENT);
	control_client_finish(&client);
	snprintf(path, sizeof(path), "%s/wltex.wayland-7.sock", folder);
	pid_t pid = start_server("", 0, 0);
	check_int(control_client_init(&client, NULL, &reason), 0);
	check_str(client.path, path);
	control_client_finish(&client);
	setenv("WAYLAND_DISPLAY", "/anywhere/wayland-7", 1);
	check_int(control_client_init(&client, NULL, &reason), 0);
	control_client_finish(&client);
	setenv("WAYLAND_DISPLAY", "wayland-8", 1);
	check_int(control_client_init(&client, NULL, &reason), -ENOENT);
	control_client_finish(&client);
	stop_server(pid);
	rmdir(folder);
}

/* A PNG of 3x2 pixels in a file. */
static int make_png(const uint8_t *pixels)
{
	png_image image = {
		.version = PNG_IMAGE_VERSION, .width = 3, .height = 2, .format = PNG_FORMAT_RGBA};
	FILE *file = tmpfile();

	check(file && png_image_write_to_stdio(&image, file, 0, pixels, 0, NULL));
	check(fflush(file) == 0);
	return dup(fileno(file));
}

/* Returns whether what is in the file from its start is a picture. */
static bool read_picture(int fd, struct drawing_picture *picture)
{
	struct cli_reason reason;
	struct snapshot_png png = {0};
	int ret;

	check(lseek(fd, 0, SEEK_SET) == 0);
	check_int(snapshot_png_receive(fd, 1000, &png, &reason), 0);
	ret = snapshot_png_decode(&png, picture, &reason);
	snapshot_png_finish(&png);
	check(ret == 0 || picture->pixels == NULL);
	return ret == 0;
}

TEST(pictures)
{
	static const uint8_t pixels[2 * 3 * 4] = {10, 20, 30, 255, 0, 0, 0, 0, 99, 98, 97, 99, 1};
	struct drawing_picture picture;
	int fd = make_png(pixels);
	off_t size = lseek(fd, 0, SEEK_END);
	uint8_t byte;

	check(read_picture(fd, &picture));
	check(picture.width == 3 && picture.height == 2);
	check(memcmp(picture.pixels, pixels, sizeof(pixels)) == 0);
	free(picture.pixels);
	/* Any wrong byte of it, but for the texts that nobody looks at. */
	for (off_t i = 0; i < size; i++) {
		check(pread(fd, &byte, 1, i) == 1);
		byte ^= 0x55;
		check(pwrite(fd, &byte, 1, i) == 1);
		if (read_picture(fd, &picture))
			free(picture.pixels);
		byte ^= 0x55;
		check(pwrite(fd, &byte, 1, i) == 1);
	}
	check(read_picture(fd, &picture));
	free(picture.pixels);
	/* Cut anywhere. */
	while (size > 0) {
		check_int(ftruncate(fd, --size), 0);
		check(!read_picture(fd, &picture));
	}
	close(fd);
}

TEST(picture_that_does_not_come)
{
	struct cli_reason reason;
	struct snapshot_png png = {0};
	int pipes[2];

	check_int(pipe2(pipes, O_CLOEXEC), 0);
	check(write(pipes[1], "abc", 3) == 3);
	check_int(snapshot_png_receive(pipes[0], 50, &png, &reason), -1);
	check(strstr(reason.text, strerror(ETIMEDOUT)));
	check(png.bytes == NULL);
	check_int(snapshot_png_receive(-1, 50, &png, &reason), -1);
	close(pipes[0]);
	close(pipes[1]);
}
