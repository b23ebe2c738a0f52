/* SPDX-License-Identifier: MIT */
/*
 * Many clients of one process: the n-th with a buffer of n rows, until it is killed; or each with
 * ten surfaces that show a buffer of wl_shm, until the standard input ends. The latter tells how
 * long the compositor took to answer meanwhile, at most.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "peer.h"

#define MAX_PEERS 1000

static struct peer peers[MAX_PEERS];

static long get_count(void)
{
	long count = strtol(getenv("CROWD_SIZE") ? getenv("CROWD_SIZE") : "200", NULL, 10);

	check(count > 0 && count <= MAX_PEERS);
	return count;
}

TEST(crowd)
{
	long count = get_count();

	for (long i = 0; i < count; i++) {
		peer_connect(&peers[i], "crowd");
		/* A page is 4096 bytes: one row of pixels. */
		peer_buffer(&peers[i], 1024, (uint32_t)i + 1);
		peer_sync(&peers[i]);
	}
	while (wl_display_dispatch(peers[0].display) >= 0)
		;
}

#define SURFACES 10

static void show_surfaces(struct peer *peer)
{
	struct peer_buffer *buffer = peer_shm_buffer(peer, 32, 32);

	for (int i = 0; i < SURFACES; i++)
		peer_surface_show(peer_surface(peer, ""), buffer);
	peer_sync(peer);
}

static double get_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static bool is_over(void)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};

	return poll(&input, 1, 1) != 0;
}

TEST(surfaces)
{
	long count = get_count();
	double longest = 0;

	for (long i = 0; i < count; i++) {
		peer_connect(&peers[i], "surfaces");
		show_surfaces(&peers[i]);
	}
	alarm(0);
	printf("ready\n");
	fflush(stdout);
	while (!is_over()) {
		double begin = get_ms();
		check(wl_display_roundtrip(peers[0].display) >= 0);
		longest = get_ms() - begin > longest ? get_ms() - begin : longest;
	}
	printf("%.1f\n", longest);
}
