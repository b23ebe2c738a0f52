/* SPDX-License-Identifier: MIT */
/*
 * A client that never waits for a frame to be shown, as of a mailbox swapchain: it commits the next
 * buffer that is free at a fixed pace, each time with damage everywhere. bench-mailbox CASE prints
 * one JSON object with the compositor's CPU time (WLTEX_WESTON_PID, all of its threads) for a commit.
 * WLTEX_COMMITS and WLTEX_RATE (commits a second) say how much is done.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "peer.h"

#define WIDTH 1920
#define HEIGHT 1080
#define N_BUFFERS 4
#define NS 1000000000ll

static struct peer peer;
static struct peer_surface *window;
/* With each, how often it was committed: it is free once it was released as often. */
static struct {
	struct peer_buffer *buffer;
	unsigned int commits;
} slots[N_BUFFERS];
static unsigned int waits, n_commits = 20000, rate = 10000;

static int64_t get_ns(clockid_t clock)
{
	struct timespec t;

	check_int(clock_gettime(clock, &t), 0);
	return t.tv_sec * NS + t.tv_nsec;
}

static void sleep_until(int64_t ns)
{
	const struct timespec t = {.tv_sec = ns / NS, .tv_nsec = ns % NS};

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

/* Send what there is to send, and handle what has come: without waiting. */
static void exchange(void)
{
	struct pollfd fd = {.fd = wl_display_get_fd(peer.display), .events = POLLIN};

	check(wl_display_flush(peer.display) >= 0);
	while (wl_display_prepare_read(peer.display) != 0)
		check(wl_display_dispatch_pending(peer.display) >= 0);
	if (poll(&fd, 1, 0) > 0)
		check(wl_display_read_events(peer.display) >= 0);
	else
		wl_display_cancel_read(peer.display);
	check(wl_display_dispatch_pending(peer.display) >= 0);
}

/* The next buffer that the compositor does not read; it waits for one if need be. */
static size_t find_free(size_t last)
{
	for (;;) {
		for (size_t i = 1; i <= N_BUFFERS; i++) {
			size_t k = (last + i) % N_BUFFERS;
			if (slots[k].commits == slots[k].buffer->releases)
				return k;
		}
		waits++;
		check(wl_display_dispatch(peer.display) >= 0);
	}
}

static void commit_at_pace(unsigned int n)
{
	int64_t start_ns = get_ns(CLOCK_MONOTONIC);
	size_t slot = 0;

	for (unsigned int i = 0; i < n; i++) {
		sleep_until(start_ns + i * (NS / rate));
		exchange();
		slot = find_free(slot);
		peer_surface_show(window, slots[slot].buffer);
		slots[slot].commits++;
	}
	peer_sync(&peer);
	peer.log[0] = '\0';
}

static clockid_t get_compositor_clock(void)
{
	const char *pid = getenv("WLTEX_WESTON_PID");
	clockid_t clock;

	check(pid != NULL);
	check_int(clock_getcpuclockid((pid_t)atoi(pid), &clock), 0);
	return clock;
}

static unsigned int get_number(const char *variable, unsigned int fallback)
{
	const char *value = getenv(variable);
	int n = value != NULL ? atoi(value) : (int)fallback;

	check(n > 0);
	return (unsigned int)n;
}

static void set_up(const char *name, bool all_different)
{
	peer_connect(&peer, name);
	/* A client that watches its textures would ask for them. */
	peer.wltex = NULL;
	window = peer_surface(&peer, "");
	peer_surface_map(window);
	for (uint32_t i = 0; i < N_BUFFERS; i++) {
		slots[i].buffer = peer_buffer(&peer, WIDTH, HEIGHT);
		peer_buffer_fill(slots[i].buffer, all_different ? i : 0);
	}
	n_commits = get_number("WLTEX_COMMITS", n_commits);
	rate = get_number("WLTEX_RATE", rate);
}

static void run(const char *name, bool all_different)
{
	int64_t start_ns, cpu_ns;
	clockid_t clock;

	set_up(name, all_different);
	clock = get_compositor_clock();
	/* Whatever settles, does. */
	commit_at_pace(rate / 2);
	waits = 0;
	start_ns = get_ns(CLOCK_MONOTONIC);
	cpu_ns = get_ns(clock);
	commit_at_pace(n_commits);
	cpu_ns = get_ns(clock) - cpu_ns;
	start_ns = get_ns(CLOCK_MONOTONIC) - start_ns;
	printf("{\"change\": \"%s\", \"us\": %.3f, \"rate\": %.0f, \"load\": %.3f, \"waits\": %u}\n",
		name, (double)cpu_ns / 1e3 / n_commits, (double)n_commits * NS / (double)start_ns,
		(double)cpu_ns / (double)start_ns, waits);
}

/* From buffer to buffer nothing differs, or all does. */
TEST(nothing)
{
	run("nothing", false);
}

TEST(everything)
{
	run("everything", true);
}
