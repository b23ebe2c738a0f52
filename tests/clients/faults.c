/* SPDX-License-Identifier: MIT */
/*
 * Clients of a Weston in whose module one call after the other fails (see
 * tests/weston/faults.h). Whatever failed for one client: nothing of it is left when it is
 * gone, and another client finds everything in order.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "faults.h"
#include "peer.h"

#define PATIENCE_MS 20000
#define SIDE 192

static struct peer peer;
static struct fault_control *control;

static void map_control(void)
{
	int fd = open(getenv("WLTEX_FAULTS"), O_RDWR | O_CLOEXEC);

	check(fd >= 0);
	control = mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	check(control != MAP_FAILED);
	close(fd);
}

static void arm(uint32_t turn, bool others_too)
{
	control->turn = turn;
	control->others_too = others_too;
	control->calls = control->failed = 0;
	control->first[0] = '\0';
	control->armed = 1;
}

/* --- The client that faults happen to. */

static void change(struct peer_buffer *buffer, uint32_t x, uint32_t y)
{
	((uint32_t *)(void *)buffer->pixels)[y * buffer->width + x] += 0x010203;
}

/*
 * Two changes, claimed as such: pixman needs memory for that. What is shown is not written
 * to: a repaint in between would see half of it.
 */
static void show_changes(struct peer_surface *surface, struct peer_buffer *buffer,
	const struct peer_buffer *shown, int step)
{
	uint32_t at = 7 * (uint32_t)step;

	if (buffer != shown)
		memcpy(buffer->pixels, shown->pixels, shown->size);
	change(buffer, at, at);
	change(buffer, SIDE - 1 - at, SIDE - 1 - at);
	wl_surface_attach(surface->wl_surface, buffer->wl_buffer, 0, 0);
	if (step % 2 == 0) {
		wl_surface_damage_buffer(surface->wl_surface, (int)at, (int)at, 1, 1);
		wl_surface_damage_buffer(
			surface->wl_surface, SIDE - 1 - (int)at, SIDE - 1 - (int)at, 1, 1);
	} else {
		wl_surface_damage(surface->wl_surface, (int)at, (int)at, 1, 1);
		wl_surface_damage(
			surface->wl_surface, SIDE - 1 - (int)at, SIDE - 1 - (int)at, 1, 1);
	}
	peer_surface_draw(surface);
}

/* Ask the control socket. Returns whether there was an answer. */
static bool ask(const char *request)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct pollfd answer = {.fd = fd, .events = POLLIN};
	char text[65536];
	ssize_t n = 0;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/wltex.%s.sock",
		getenv("XDG_RUNTIME_DIR"), getenv("WAYLAND_DISPLAY"));
	/* Where accept fails for a while, the queue of those who wait becomes full. */
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
		send(fd, request, strlen(request), MSG_NOSIGNAL) > 0 && poll(&answer, 1, 100) == 1)
		n = read(fd, text, sizeof(text));
	close(fd);
	return n > 0;
}

static bool ask_for_state(void)
{
	return ask("{\"request\": \"state\"}\n");
}

/* Which nobody reads then. */
static void ask_for_picture(const struct peer_surface *surface)
{
	char request[128];

	snprintf(request, sizeof(request),
		"{\"request\": \"snapshot\", \"pid\": %d, \"surface\": %u}\n", (int)getpid(),
		wl_proxy_get_id((struct wl_proxy *)surface->wl_surface));
	ask(request);
}

static void show_sub_surface(struct peer_surface *parent)
{
	struct peer_surface *sub = peer_surface(&peer, "sub");

	wl_subcompositor_get_subsurface(peer.subcompositor, sub->wl_surface, parent->wl_surface);
	for (int i = 0; i < 2; i++) {
		struct peer_buffer *buffer = peer_buffer(&peer, SIDE / 4, SIDE / 4);

		wltex_surface_v1_set_content_sum(sub->watch, peer_buffer_sum(buffer));
		peer_surface_show(sub, buffer);
		peer_surface_draw(parent);
	}
}

static void session(void)
{
	struct peer_buffer *a, *b, *shm;
	struct peer_surface *surface;

	peer_connect(&peer, "faulty");
	surface = peer_surface(&peer, "");
	peer_surface_map(surface);
	a = peer_buffer(&peer, SIDE, SIDE);
	b = peer_buffer_async(&peer, SIDE, SIDE, a->format);
	check(b->wl_buffer != NULL);
	shm = peer_shm_buffer(&peer, SIDE, SIDE);
	peer_buffer_fill(a, 1);
	peer_surface_show(surface, a);
	peer_surface_draw(surface);
	for (int i = 0; i < 4; i++)
		show_changes(surface, i % 2 == 0 ? b : a, i % 2 == 0 ? a : b, i);
	peer_surface_show(surface, a);
	peer_surface_draw(surface);
	ask_for_state();
	ask_for_picture(surface);
	peer_buffer_fill(shm, 2);
	peer_surface_show(surface, shm);
	for (int i = 0; i < 3; i++)
		show_changes(surface, shm, shm, i);
	/* A surface that is covered gets no frames. */
	show_sub_surface(surface);
	peer_buffer_destroy(a);
	peer_surface_show(surface, NULL);
	peer_sync(&peer);
	/* The rest is left to the end of the connection. */
}

/* A client that does little. */
static void brief_session(void)
{
	peer_connect(&peer, "brief");
	peer_surface_show(peer_surface(&peer, ""), peer_buffer(&peer, 8, 8));
	peer_sync(&peer);
}

/* Returns whether it did all that it wanted to. */
static bool run(void (*session)(void))
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	check(pid >= 0);
	if (pid == 0) {
		/* The parent's own connection is not this client's. */
		memset(&peer, 0, sizeof(peer));
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(1);
		alarm(PATIENCE_MS / 1000);
		session();
		_exit(0);
	}
	check(waitpid(pid, &status, 0) == pid);
	if (!WIFEXITED(status))
		test_fail(__FILE__, __LINE__, "the client hung: call %u (%s)", control->turn,
			control->first);
	return WEXITSTATUS(status) == 0;
}

/* --- The client beside it. */

/* Fds of Weston, or only those of clients' memory. */
static int count_fds(bool memory, bool print)
{
	char path[64], link[300], target[256];
	struct dirent *entry;
	int n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/fd", getenv("WLTEX_WESTON_PID"));
	dir = opendir(path);
	check(dir != NULL);
	while ((entry = readdir(dir)) != NULL) {
		ssize_t length;

		snprintf(link, sizeof(link), "%.40s/%.200s", path, entry->d_name);
		length = readlink(link, target, sizeof(target) - 1);
		if (length <= 0)
			continue;
		target[length] = '\0';
		/* llvmpipe's scenes keep the memory that they drew last. */
		if ((strstr(target, "memfd:wltex-") != NULL) != memory)
			continue;
		n++;
		if (print)
			printf("# %s\n", target);
	}
	closedir(dir);
	return n;
}

struct rest {
	int blocks, fds;
};

static bool is_at(const struct rest *rest)
{
	peer_sync(&peer);
	peer.log[0] = '\0';
	return control->blocks == rest->blocks && count_fds(false, false) == rest->fds;
}

/* All that the client had is gone again. */
static void check_rest(const struct rest *rest)
{
	bool reached = is_at(rest);

	/* Those who waited to be accepted come and go in between. */
	for (int ms = 0; ms < 10000 && !reached; ms += 10) {
		nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
		reached = is_at(rest);
	}
	if (!reached)
		test_fail(__FILE__, __LINE__,
			"call %u (%s%s): %d blocks and %d fds, not %d and %d as before",
			control->turn, control->first, control->others_too ? ", ..." : "",
			control->blocks, count_fds(false, true), rest->blocks, rest->fds);
}

static void check_others(struct peer_surface *surface, struct peer_buffer *const buffers[])
{
	static uint32_t seed;
	struct peer_buffer *buffer = buffers[++seed % 2];

	peer_buffer_fill(buffer, seed);
	peer_surface_show(surface, buffer);
	peer_sync(&peer);
	check(strstr(peer.log, "imported/") != NULL);
	/* Its own, twice for each, and what llvmpipe's scenes keep. */
	if (count_fds(true, false) > 20)
		test_fail(__FILE__, __LINE__, "call %u (%s): %d fds of clients' memory",
			control->turn, control->first, count_fds(true, true));
	peer.log[0] = '\0';
}

static void read_rest(struct rest *rest)
{
	struct rest before;

	do {
		before = *rest;
		nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
		peer_sync(&peer);
		peer.log[0] = '\0';
		*rest = (struct rest){control->blocks, count_fds(false, false)};
	} while (memcmp(&before, rest, sizeof(before)) != 0);
}

static void run_turns(struct peer_surface *surface, struct peer_buffer *const buffers[],
	const struct rest *rest, bool others_too)
{
	bool all = getenv("WLTEX_LONG") != NULL;
	uint32_t calls, turn = 1, turns = 0, hit = 0, unharmed = 0;

	arm(0, false);
	check(run(session));
	check_rest(rest);
	calls = control->calls;
	/* Some, which are others each time, or all. */
	uint32_t step = all ? 1 : calls / 30;
	if (!all)
		turn += (uint32_t)getpid() % step;
	for (; turn <= calls + calls / 10; turn += step) {
		bool worked;

		alarm(4 * PATIENCE_MS / 1000);
		arm(turn, others_too);
		worked = run(session);
		check_rest(rest);
		control->armed = 0;
		turns++;
		hit += control->failed > 0;
		unharmed += worked;
		check(worked || control->failed > 0);
		check_others(surface, buffers);
		check_rest(rest);
		if (all && control->failed == 0)
			break;
	}
	check(hit > 10);
	printf("# %s: %u of %u calls of a session failed in %u sessions, %u of which the client "
	       "did not notice\n",
		others_too ? "and all after it" : "one at a time", hit, calls, turns, unharmed);
}

TEST(sessions)
{
	struct peer_surface *surface;
	struct peer_buffer *buffers[2];
	struct rest rest = {0};
	bool answered = false;

	map_control();
	peer_connect(&peer, "steady");
	surface = peer_surface(&peer, "");
	peer_surface_map(surface);
	buffers[0] = peer_buffer(&peer, 64, 64);
	buffers[1] = peer_buffer(&peer, 64, 64);
	check_others(surface, buffers);
	/* What Weston and Mesa keep from the first time on, and the ledger of former clients. */
	check(run(session));
	check_others(surface, buffers);
	for (int i = 0; i < 70; i++)
		check(run(brief_session));
	check_others(surface, buffers);
	read_rest(&rest);
	run_turns(surface, buffers, &rest, false);
	run_turns(surface, buffers, &rest, true);
	for (int i = 0; i < 100 && !answered; i++)
		answered = ask_for_state();
	check(answered);
}

/* For the start of a Weston, which comes next. */
TEST(arm)
{
	map_control();
	arm((uint32_t)strtoul(getenv("FAULT_TURN"), NULL, 10), false);
	printf("FAULT armed\n");
}

TEST(report)
{
	map_control();
	printf("FAULT %u %u %s\n", control->calls, control->failed, control->first);
}
