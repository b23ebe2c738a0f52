/* SPDX-License-Identifier: MIT */
/*
 * Peers of the control socket that want a picture of surface PICTURE_SURFACE of process
 * PICTURE_PID, and do not do with it what they should: see pictures.sh.
 */
#include <errno.h>
#include <json.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "cli/monitor/control-client.h"
#include "cli/monitor/snapshot.h"
#include "test.h"

#define PATIENCE_MS 60000
/* As many as the module makes at once. */
#define MAX_PICTURES 4

static struct control_client control;
static struct cli_reason reason;

static void connect_control(void)
{
	check_int(control_client_init(&control, NULL, &reason), 0);
}

/* Returns the fd of the picture, or -1 with the compositor's reason. */
static int ask(void)
{
	struct json_object *reply;
	char line[128];
	int fd;

	snprintf(line, sizeof(line), "{\"request\": \"snapshot\", \"pid\": %s, \"surface\": %s}\n",
		getenv("PICTURE_PID"), getenv("PICTURE_SURFACE"));
	if (control_client_request(&control, line, "snapshot", PATIENCE_MS, &reply, &reason) < 0)
		return -1;
	json_object_put(reply);
	fd = control.passed_fd;
	control.passed_fd = -1;
	check(fd >= 0);
	return fd;
}

/* The same, once others have made room. */
static int ask_patiently(void)
{
	int fd;

	while ((fd = ask()) < 0) {
		check(strstr(reason.text, "too many pictures"));
		nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
	}
	return fd;
}

static bool is_whole(int fd)
{
	struct drawing_picture picture;
	struct snapshot_png png = {0};
	int ret;

	check_int(snapshot_png_receive(fd, PATIENCE_MS, &png, &reason), 0);
	close(fd);
	/* More than a socket takes at once: it was made as fast as it is read. */
	check(png.size > 400000 || getenv("PICTURE_CUT"));
	ret = snapshot_png_decode(&png, &picture, &reason);
	snapshot_png_finish(&png);
	free(picture.pixels);
	return ret == 0;
}

TEST(whole)
{
	connect_control();
	for (int i = 0; i < 3; i++)
		check(is_whole(ask_patiently()));
	control_client_finish(&control);
}

/* There are so many at once, and each gets its own. */
TEST(unread)
{
	int fds[MAX_PICTURES];

	connect_control();
	for (int i = 0; i < MAX_PICTURES; i++) {
		fds[i] = ask();
		check(fds[i] >= 0);
	}
	check(ask() < 0);
	check(strstr(reason.text, "too many pictures"));
	check(is_whole(fds[2]));
	fds[2] = ask_patiently();
	for (int i = 0; i < MAX_PICTURES; i++) {
		if (i % 2 == 0)
			check(is_whole(fds[i]));
		else
			close(fds[i]);
	}
	control_client_finish(&control);
}

TEST(half_read)
{
	char bytes[1000];

	connect_control();
	for (int i = 0; i < 20; i++) {
		int fd = ask_patiently();
		check(read(fd, bytes, sizeof(bytes)) > 0);
		close(fd);
	}
	check(is_whole(ask_patiently()));
	control_client_finish(&control);
}

/* Gone before the reply is there. */
TEST(not_taken)
{
	char line[128];

	snprintf(line, sizeof(line), "{\"request\": \"snapshot\", \"pid\": %s, \"surface\": %s}\n",
		getenv("PICTURE_PID"), getenv("PICTURE_SURFACE"));
	for (int i = 0; i < 20; i++) {
		connect_control();
		check_int(control_client_send(&control, line), 0);
		control_client_finish(&control);
	}
	connect_control();
	check(is_whole(ask_patiently()));
	control_client_finish(&control);
}

/* The compositor ends meanwhile: so does the picture. */
TEST(cut)
{
	struct json_object *reply;
	int fd;

	connect_control();
	fd = ask();
	check(fd >= 0);
	printf("waiting\n");
	fflush(stdout);
	check_int(control_client_request(&control, "\n", "nothing", PATIENCE_MS, &reply, &reason),
		-EPIPE);
	check(!is_whole(fd));
	control_client_finish(&control);
}
