/* SPDX-License-Identifier: MIT */
/*
 * What the tracker costs a compositor per message: the logger's own time, called in a loop,
 * and the time of a request's whole way through libwayland-server without and with it.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "track-world.h"

#define SURFACE ID_FREE
#define SET_BUFFER_SCALE 8

/* The tracker's logger is found where it is registered. */
static wl_protocol_logger_func_t logger_func;
static void *logger_data;

struct wl_protocol_logger *__real_wl_display_add_protocol_logger(
	struct wl_display *display, wl_protocol_logger_func_t func, void *data);
struct wl_protocol_logger *__wrap_wl_display_add_protocol_logger(
	struct wl_display *display, wl_protocol_logger_func_t func, void *data);

struct wl_protocol_logger *__wrap_wl_display_add_protocol_logger(
	struct wl_display *display, wl_protocol_logger_func_t func, void *data)
{
	logger_func = func;
	logger_data = data;
	return __real_wl_display_add_protocol_logger(display, func, data);
}

static double now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static void keep_least(double *least, double ns)
{
	if (*least == 0 || ns < *least)
		*least = ns;
}

/* ns of one call of the logger, over messages of an interface in turn. */
static double time_calls(struct wl_resource *resource, const struct wl_message *messages, int n,
	enum wl_protocol_logger_type type, long calls)
{
	static const union wl_argument args[8];
	struct wl_protocol_logger_message message = {.resource = resource, .arguments = args};
	double start = now_ns();

	for (long i = 0; i < calls; i++) {
		message.message = &messages[i % n];
		logger_func(logger_data, type, &message);
	}
	return (now_ns() - start) / (double)calls;
}

/* ns of a frame: attach, damage and commit, and that the compositor applies it. */
static double time_frames(struct world *world, long frames)
{
	static const uint32_t opcodes[] = {SURFACE_ATTACH, SURFACE_DAMAGE_BUFFER, SURFACE_COMMIT};
	struct wltex_track_surface *surface =
		wltex_track_get_surface(world->track, world->last_surface);
	union wl_argument args[4] = {{0}, {0}, {.i = 100}, {.i = 100}};
	struct wl_protocol_logger_message message = {
		.resource = world->last_surface, .arguments = args};
	double start = now_ns();

	for (long i = 0; i < frames; i++) {
		struct wltex_track_commit commit;

		for (int k = 0; k < 3; k++) {
			message.message = &wl_surface_interface.methods[opcodes[k]];
			logger_func(logger_data, WL_PROTOCOL_LOGGER_REQUEST, &message);
		}
		wltex_track_surface_take_commit(surface, &commit);
		wltex_track_commit_finish(&commit);
	}
	return (now_ns() - start) / (double)frames;
}

/* ns of a request that nobody listens to, in batches that fit the socket. */
static double time_requests(struct peer *peer, long requests)
{
	uint32_t batch[3 * 256];
	double total = 0;

	for (int i = 0; i < 256; i++)
		memcpy(batch + 3 * i, (uint32_t[]){SURFACE, 12u << 16 | SET_BUFFER_SCALE, 1}, 12);
	for (long i = 0; i < requests; i += 256) {
		double start = now_ns();

		peer_send_bytes(peer, batch, sizeof(batch), -1);
		world_dispatch(peer->world);
		total += now_ns() - start;
	}
	return total / (double)((requests + 255) / 256 * 256);
}

static void start_world(struct world *world, struct peer *peer, bool track)
{
	world_init(world);
	world->record = false;
	if (track)
		world_track(world);
	peer_init(peer, world, 3);
	peer_request(peer, ID_COMPOSITOR, COMPOSITOR_CREATE_SURFACE, SURFACE);
	world_dispatch(world);
}

int main(int argc, char *argv[])
{
	static const struct option options[] = {{"rounds", required_argument, NULL, 'r'}, {0}};
	struct world without, with;
	struct peer peer_without, peer_with;
	double plain = 0, tracked = 0, seat = 0, pointer = 0, commit = 0, frame = 0;
	int rounds = 31, option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'r' || (rounds = atoi(optarg)) < 1) {
			fprintf(stderr, "usage: %s [--rounds N]\n", argv[0]);
			return EXIT_FAILURE;
		}
	}
	start_world(&without, &peer_without, false);
	start_world(&with, &peer_with, true);
	for (int i = 0; i < rounds; i++) {
		struct wl_resource *surface = with.last_surface;

		keep_least(&plain, time_requests(&peer_without, 25600));
		keep_least(&tracked, time_requests(&peer_with, 25600));
		keep_least(&seat, time_calls(surface, wl_seat_interface.methods, 1,
					  WL_PROTOCOL_LOGGER_REQUEST, 1000000));
		keep_least(&pointer, time_calls(surface, wl_pointer_interface.events,
					     wl_pointer_interface.event_count,
					     WL_PROTOCOL_LOGGER_EVENT, 1000000));
		keep_least(
			&commit, time_calls(surface, wl_surface_interface.methods + SURFACE_COMMIT,
					 1, WL_PROTOCOL_LOGGER_REQUEST, 100000));
		keep_least(&frame, time_frames(&with, 100000));
	}
	printf("%-44s %8s\n", "per message, least of the rounds", "ns");
	printf("%-44s %8.1f\n", "logger, one message of no interest", seat);
	printf("%-44s %8.1f\n", "logger, all events of wl_pointer in turn", pointer);
	printf("%-44s %8.1f\n", "logger, wl_surface.commit", commit);
	printf("%-44s %8.1f\n", "logger, attach to commit, and applied", frame);
	printf("%-44s %8.1f\n", "request of no interest, no tracker", plain);
	printf("%-44s %8.1f\n", "request of no interest, tracker", tracked);
	peer_finish(&peer_without);
	peer_finish(&peer_with);
	world_finish(&without);
	world_finish(&with);
	return EXIT_SUCCESS;
}
