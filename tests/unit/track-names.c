/* SPDX-License-Identifier: MIT */
/* Which process a client is. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "track-fixture.h"

static void set_own_name(const char *name)
{
	FILE *comm = fopen("/proc/self/comm", "w");

	check(comm != NULL);
	check(fputs(name, comm) >= 0 && fclose(comm) == 0);
}

/* Wait for a byte, or the end. */
static void wait_for(int fd)
{
	char byte;

	while (read(fd, &byte, 1) < 0 && errno == EINTR)
		;
}

/* A process that connects as clients do, under this name, and stays until it is hung up. */
static pid_t connect_process(struct world *world, const char *name, struct wl_client **client)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	socklen_t size = sizeof(address.sun_family);
	int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), fd;
	pid_t pid;

	/* The kernel chooses an abstract name. */
	check(server >= 0 && bind(server, (struct sockaddr *)&address, size) == 0);
	size = sizeof(address);
	check(listen(server, 1) == 0);
	check(getsockname(server, (struct sockaddr *)&address, &size) == 0);
	pid = fork();
	if (pid == 0) {
		set_own_name(name);
		fd = socket(AF_UNIX, SOCK_STREAM, 0);
		if (fd >= 0 && connect(fd, (struct sockaddr *)&address, size) == 0)
			wait_for(fd);
		_exit(0);
	}
	fd = accept4(server, NULL, NULL, SOCK_CLOEXEC);
	check(pid > 0 && fd >= 0);
	close(server);
	*client = wl_client_create(world->display, fd);
	check(*client != NULL);
	return pid;
}

static const char *const names[] = {"weston-flip", "\xff\x1b[31m", "a-name-of-15-by"};

TEST(clients_have_names)
{
	struct fixture f;

	setup(&f);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct wl_client *client;
		pid_t pid = connect_process(&f.world, names[i], &client);

		check_int(f.world.last_client->pid, pid);
		check(f.world.last_client->client == client);
		check(wltex_track_get_client(f.world.track, client) == f.world.last_client);
		check_str(f.world.last_client->name, names[i]);
		wl_client_destroy(client);
		check_int(waitpid(pid, NULL, 0), pid);
	}
	teardown(&f);
}

struct started {
	pid_t pid;
	int go; /* a pipe */
	struct wl_client *client;
};

/*
 * As compositors start clients: with a socketpair, and a fork before the client is made. The
 * process gets its name when it is let go, and then makes its first request.
 */
static void start_process(struct started *started, struct world *world, const char *name)
{
	static const uint32_t get_registry[] = {ID_DISPLAY, 12u << 16 | 1, ID_REGISTRY};
	int sockets[2], go[2];

	check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) == 0);
	check(pipe2(go, O_CLOEXEC) == 0);
	started->pid = fork();
	if (started->pid == 0) {
		close(sockets[0]);
		close(go[1]);
		wait_for(go[0]);
		set_own_name(name);
		if (write(sockets[1], get_registry, sizeof(get_registry)) > 0)
			while (read(sockets[1], &(char){0}, 1) > 0)
				;
		_exit(0);
	}
	check(started->pid > 0);
	started->client = wl_client_create(world->display, sockets[0]);
	check(started->client != NULL);
	close(sockets[1]);
	close(go[0]);
	started->go = go[1];
}

static void let_go(struct started *started, struct world *world)
{
	struct pollfd fd = {.fd = wl_client_get_fd(started->client), .events = POLLIN};

	check_int(write(started->go, "", 1), 1);
	check_int(poll(&fd, 1, 10000), 1);
	world_dispatch(world);
}

static void end_process(struct started *started)
{
	/* Those that were started later have its socket as well, and so keep it open. */
	kill(started->pid, SIGKILL);
	close(started->go);
	wl_client_destroy(started->client);
	check_int(waitpid(started->pid, NULL, 0), started->pid);
}

/* Their sockets are the compositor's own: it is told apart which process has which. */
TEST(started_clients_have_names)
{
	struct started started[3];
	struct fixture f;
	int n = sizeof(names) / sizeof(names[0]);

	set_own_name("weston");
	setup(&f);
	for (int i = 0; i < n; i++) {
		start_process(&started[i], &f.world, names[i]);
		check_int(f.world.last_client->pid, started[i].pid);
		check_str(f.world.last_client->name, "started by weston");
	}
	for (int i = 0; i < n; i++) {
		struct wltex_track_client *client =
			wltex_track_get_client(f.world.track, started[i].client);

		let_go(&started[i], &f.world);
		check_int(f.world.n_named, i + 1);
		check_int(client->pid, started[i].pid);
		check_str(client->name, names[i]);
	}
	for (int i = 0; i < n; i++)
		end_process(&started[i]);
	teardown(&f);
}

/* What cannot be found out is not made up: this client is in the compositor's own process. */
TEST(clients_without_process)
{
	struct fixture f;

	set_own_name("weston");
	setup(&f);
	check_int(f.world.last_client->pid, 0);
	check(f.world.last_client->client == f.peer.client);
	check_str(f.world.last_client->name, "started by weston");
	check_int(f.world.n_named, 0);
	teardown(&f);
}
