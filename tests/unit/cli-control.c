/* SPDX-License-Identifier: MIT */
/* What the commands make of a compositor that sends anything to whoever connects. */
#include <errno.h>
#include <fcntl.h>
#include <json.h>
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

#include "cli-reply.h"
#include "cli/monitor/control-client.h"
#include "cli/monitor/export.h"
#include "cli/monitor/snapshot.h"
#include "cli/monitor/top.h"
#include "test.h"

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
