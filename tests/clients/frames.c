/* SPDX-License-Identifier: MIT */
/*
 * How often a compositor presents a new frame of its output while a window commits the same picture
 * again and again, and claims all of it: as a program sees it that shares the screen, by
 * wlr-screencopy. Each commit waits for its frame callback. Prints both counts; at the end, one
 * commit with another picture must be seen. FRAMES_COMMITS is the number of commits.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "peer.h"

#define WIDTH 640
#define HEIGHT 480
#define BUFFERS 3
/* What a window that has just appeared brings with it is over by then. */
#define FIRST_COMMITS 4

/* --- wlr-screencopy, as far as it is needed here: version 2. */

enum {
	MANAGER_CAPTURE_OUTPUT
};
enum {
	FRAME_COPY,
	FRAME_DESTROY,
	FRAME_COPY_WITH_DAMAGE
};

static const struct wl_interface frame_interface;
static const struct wl_interface *no_types[4];
static const struct wl_interface *capture_types[] = {&frame_interface, NULL, &wl_output_interface};
static const struct wl_interface *copy_types[] = {&wl_buffer_interface};
static const struct wl_message manager_requests[] = {{"capture_output", "nio", capture_types}};
static const struct wl_interface manager_interface = {
	"zwlr_screencopy_manager_v1", 2, 1, manager_requests, 0, NULL};
static const struct wl_message frame_requests[] = {
	{"copy", "o", copy_types},
	{"destroy", "", no_types},
	{"copy_with_damage", "2o", copy_types},
};
static const struct wl_message frame_events[] = {
	{"buffer", "uuuu", no_types},
	{"flags", "u", no_types},
	{"ready", "uuu", no_types},
	{"failed", "", no_types},
	{"damage", "2uuuu", no_types},
};
static const struct wl_interface frame_interface = {
	"zwlr_screencopy_frame_v1", 2, 3, frame_requests, 5, frame_events};

static struct peer peer;

/* Who looks at the screen. */
static struct screen {
	struct wl_proxy *manager;
	struct wl_output *output;
	struct wl_proxy *frame; // that is waited for
	struct wl_buffer *buffer;
	unsigned frames; // that were presented
} screen;

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version)
{
	if (strcmp(interface, manager_interface.name) == 0 && version >= 2)
		screen.manager = wl_registry_bind(registry, name, &manager_interface, 2);
	else if (strcmp(interface, "wl_output") == 0 && screen.output == NULL)
		screen.output = wl_registry_bind(registry, name, &wl_output_interface, 1);
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name)
{
}

static const struct wl_registry_listener registry_listener = {handle_global, handle_global_remove};

static void make_buffer(uint32_t format, uint32_t width, uint32_t height, uint32_t stride)
{
	struct peer_buffer *memory = peer_memory(&peer, (size_t)stride * height);
	struct wl_shm_pool *pool =
		wl_shm_create_pool(peer.shm, memory->fd, (int32_t)(stride * height));

	screen.buffer = wl_shm_pool_create_buffer(
		pool, 0, (int32_t)width, (int32_t)height, (int32_t)stride, format);
	wl_shm_pool_destroy(pool);
}

static void handle_buffer(void *data, struct wl_proxy *frame, uint32_t format, uint32_t width,
	uint32_t height, uint32_t stride)
{
	if (screen.buffer == NULL)
		make_buffer(format, width, height, stride);
	wl_proxy_marshal(frame, FRAME_COPY_WITH_DAMAGE, screen.buffer);
}

static void handle_flags(void *data, struct wl_proxy *frame, uint32_t flags)
{
}

static void capture(void);

static void handle_ready(
	void *data, struct wl_proxy *frame, uint32_t sec_hi, uint32_t sec_lo, uint32_t nsec)
{
	screen.frames++;
	wl_proxy_marshal(frame, FRAME_DESTROY);
	wl_proxy_destroy(frame);
	capture();
}

static void handle_failed(void *data, struct wl_proxy *frame)
{
	check(!"a copy of the screen");
}

static void handle_damage(
	void *data, struct wl_proxy *frame, uint32_t x, uint32_t y, uint32_t width, uint32_t height)
{
}

/* As libwayland calls them. */
static const struct frame_listener {
	void (*buffer)(void *, struct wl_proxy *, uint32_t, uint32_t, uint32_t, uint32_t);
	void (*flags)(void *, struct wl_proxy *, uint32_t);
	void (*ready)(void *, struct wl_proxy *, uint32_t, uint32_t, uint32_t);
	void (*failed)(void *, struct wl_proxy *);
	void (*damage)(void *, struct wl_proxy *, uint32_t, uint32_t, uint32_t, uint32_t);
} frame_listener = {handle_buffer, handle_flags, handle_ready, handle_failed, handle_damage};

static void capture(void)
{
	screen.frame = wl_proxy_marshal_constructor(
		screen.manager, MANAGER_CAPTURE_OUTPUT, &frame_interface, NULL, 0, screen.output);
	check(screen.frame);
	wl_proxy_add_listener(screen.frame, (void (**)(void))(uintptr_t)&frame_listener, NULL);
}

static void look_at_screen(void)
{
	struct wl_registry *registry = wl_display_get_registry(peer.display);

	wl_registry_add_listener(registry, &registry_listener, NULL);
	check(wl_display_roundtrip(peer.display) >= 0);
	if (screen.manager == NULL || screen.output == NULL) {
		printf("SKIP: no wlr-screencopy\n");
		exit(77);
	}
	capture();
}

/* --- The window. */

struct window {
	struct peer_surface *surface;
	struct peer_buffer *buffers[BUFFERS];
	unsigned used[BUFFERS]; // commits of each
};

static void open_window(struct window *window)
{
	*window = (struct window){.surface = peer_surface(&peer, "")};
	peer_surface_map(window->surface);
	for (int i = 0; i < BUFFERS; i++) {
		window->buffers[i] = peer_shm_buffer(&peer, WIDTH, HEIGHT);
		peer_buffer_fill(window->buffers[i], 1);
	}
}

/* One that the compositor does not hold. */
static struct peer_buffer *find_buffer(struct window *window)
{
	for (int i = 0;; i = (i + 1) % BUFFERS) {
		struct peer_buffer *buffer = window->buffers[i];
		if (buffer->releases == window->used[i]) {
			window->used[i]++;
			return buffer;
		}
		if (i == BUFFERS - 1)
			check(wl_display_dispatch(peer.display) >= 0);
	}
}

/* Claims all of it. */
static void show(struct window *window, struct peer_buffer *buffer)
{
	struct wl_surface *surface = window->surface->wl_surface;

	wl_surface_attach(surface, buffer->wl_buffer, 0, 0);
	wl_surface_damage_buffer(surface, 0, 0, INT32_MAX, INT32_MAX);
	peer_surface_draw(window->surface);
}

static void show_many(struct window *window, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		show(window, find_buffer(window));
}

static double get_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* What is presented once nothing more comes; a frame callback may come before its frame is told. */
static unsigned take_frames(void)
{
	unsigned frames;

	check(wl_display_roundtrip(peer.display) >= 0);
	frames = screen.frames;
	screen.frames = 0;
	return frames;
}

TEST(same)
{
	const char *commits = getenv("FRAMES_COMMITS");
	unsigned n = commits ? (unsigned)strtoul(commits, NULL, 10) : 12, frames;
	struct peer_buffer *other;
	struct window window;
	double seconds;

	peer_connect(&peer, "same");
	alarm(n / 20 + 20);
	look_at_screen();
	open_window(&window);
	show_many(&window, FIRST_COMMITS);
	take_frames();
	seconds = get_seconds();
	show_many(&window, n);
	seconds = get_seconds() - seconds;
	frames = take_frames();
	printf("%u commits %u frames %.1f and %.1f a second\n", n, frames, n / seconds,
		frames / seconds);
	other = find_buffer(&window);
	peer_buffer_fill(other, 2);
	show(&window, other);
	while (screen.frames == 0)
		check(wl_display_dispatch(peer.display) >= 0);
}
