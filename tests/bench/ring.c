/* SPDX-License-Identifier: MIT */
/*
 * What it takes to note something that happened: nanoseconds for each record of a frame (a buffer
 * shown, its texture, its damage, its release), the median of several rounds.
 */
#include <pixman.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "session/ring.h"
#include "session/session.h"

#define ROUNDS 21
#define RECORDS 200000

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* Returns nanoseconds for each. */
static double measure(struct ring *ring, const struct session_client *client)
{
	const struct wltex_record_buffer buffer = {.number = 1, .id = 7, .width = 64};
	const struct wltex_event event = {.state = WLTEX_STATE_IMPORTED};
	pixman_region32_t region;
	struct wltex_record records[] = {
		{.kind = WLTEX_RECORD_ATTACHED, .buffer = &buffer},
		{.kind = WLTEX_RECORD_TEXTURE, .event = &event},
		{.kind = WLTEX_RECORD_DAMAGE, .claimed = &region, .changed = &region},
		{.kind = WLTEX_RECORD_BUFFER_RELEASED, .buffer = &buffer},
	};
	double begin;

	pixman_region32_init_rect(&region, 0, 0, 640, 480);
	begin = now_ns();
	for (int i = 0; i < RECORDS; i++)
		ring_add(ring, client, &records[i % 4]);
	begin = (now_ns() - begin) / RECORDS;
	pixman_region32_fini(&region);
	return begin;
}

int main(void)
{
	struct wltex_session session = {0};
	struct wltex_track_client track = {0};
	struct session_client client = {.session = &session, .track = &track};
	struct ring *ring = ring_create(1 << 20);
	double ns[ROUNDS];

	if (ring == NULL)
		return EXIT_FAILURE;
	wl_list_init(&client.replaced);
	for (int i = 0; i < ROUNDS; i++)
		ns[i] = measure(ring, &client);
	qsort(ns, ROUNDS, sizeof(ns[0]), compare);
	printf("%.0f ns for a record (%.0f to %.0f)\n", ns[ROUNDS / 2], ns[0], ns[ROUNDS - 1]);
	ring_destroy(ring);
	return EXIT_SUCCESS;
}
