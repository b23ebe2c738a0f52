/* SPDX-License-Identifier: MIT */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <wayland-server-core.h>

#include "server/control.h"
#include "test.h"

/* More than may wait for a peer that does not read. */
#define LARGE (20u << 20)

static const char *handle_request(
	void *data, const char *name, struct json_object *request, FILE *file, int *fd)
{
	fprintf(file, ", \"large\": \"%*s\"", (int)LARGE, "");
	return NULL;
}

static const struct wltex_control_interface interface = {.request = handle_request};

static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, path);
	check(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	return fd;
}

/* Serve, and read one line. Returns its length. */
static size_t read_line(struct wl_event_loop *loop, int fd)
{
	static char bytes[1 << 16];
	size_t size = 0;

	for (;;) {
		ssize_t n;

		wl_event_loop_dispatch(loop, 0);
		n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		check(n != 0);
		if (n < 0)
			continue;
		size += (size_t)n;
		if (bytes[n - 1] == '\n')
			return size;
	}
}

/* A session may be as large as it is: who reads gets the whole state of it. */
TEST(large_replies)
{
	static const char request[] = "{\"request\": \"state\"}\n";
	struct wl_event_loop *loop = wl_event_loop_create();
	char folder[] = "/tmp/wltex-control.XXXXXX", path[64];
	struct wltex_control *control;
	int fd;

	check(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/socket", folder);
	control = wltex_control_create(loop, path, &interface, NULL, NULL);
	check(control);
	fd = connect_to(path);
	for (int i = 0; i < 2; i++) {
		check(send(fd, request, strlen(request), 0) == (ssize_t)strlen(request));
		check(read_line(loop, fd) > LARGE);
	}
	close(fd);
	wltex_control_destroy(control);
	wl_event_loop_destroy(loop);
	check_int(rmdir(folder), 0);
}
