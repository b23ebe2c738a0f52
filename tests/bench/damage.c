/* SPDX-License-Identifier: MIT */
/*
 * What a frame costs a compositor that has the module, beside one that has not: a client of
 * both flips three buffers, in turns at either, claims everything, and reads both's CPU
 * clocks. Started by damage.sh; prints a line of JSON for each kind of memory and change.
 */
#include <drm_fourcc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "twin.h"

#define N_BUFFERS 3
#define MAX_ROUNDS 101

enum change {
	CHANGE_TILE,
	CHANGE_NOTHING,
	CHANGE_EVERYTHING
};

static const char *const changes[] = {"tile", "nothing", "everything"};

static struct twin twin;
static struct twin_surface *window;
static struct twin_buffer *buffers[N_BUFFERS];
static unsigned int frame;
static int rounds = 9, frames = 40;

static void handle_done(void *data, struct wl_callback *callback, uint32_t time)
{
	*(bool *)data = true;
	wl_callback_destroy(callback);
}

static const struct wl_callback_listener frame_listener = {.done = handle_done};

static void set_up(enum twin_memory memory, enum change change)
{
	const struct twin_buffer_spec spec = {.width = twin.width,
		.height = twin.height,
		.format = DRM_FORMAT_XRGB8888,
		.memory = memory};

	for (uint32_t k = 0; k < N_BUFFERS; k++) {
		buffers[k] = twin_buffer_create(&twin, &spec);
		twin_buffer_paint(buffers[k], change == CHANGE_EVERYTHING ? k + 1 : 1);
	}
	window = twin_surface_create(&twin);
	twin_surface_map(&twin, window);
	twin_present(window, buffers[0]);
	twin_show(&twin);
}

static void tear_down(void)
{
	twin_surface_destroy(window);
	twin_show(&twin);
	for (int k = 0; k < N_BUFFERS; k++)
		twin_buffer_destroy(buffers[k]);
}

/* Show the next buffer at one compositor, and wait until that has drawn it. */
static void flip(int i, enum change change)
{
	struct twin_buffer *buffer = buffers[++frame % N_BUFFERS];
	struct wl_callback *callback = wl_surface_frame(window->wl[i]);
	bool done = false;

	if (change == CHANGE_TILE)
		twin_buffer_fill(buffer, 128, 128, 64, 64, 0xff000000u | frame * 12345);
	wl_callback_add_listener(callback, &frame_listener, &done);
	wl_surface_attach(window->wl[i], buffer->wl_buffers[i], 0, 0);
	wl_surface_damage(window->wl[i], 0, 0, INT32_MAX, INT32_MAX);
	wl_surface_commit(window->wl[i]);
	while (!done)
		check(wl_display_dispatch(twin.screens[i].display) >= 0);
}

static double get_cpu_us(pid_t pid)
{
	struct timespec t;
	clockid_t clock;

	check_int(clock_getcpuclockid(pid, &clock), 0);
	check_int(clock_gettime(clock, &t), 0);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* CPU time of a frame. */
static double measure(int i, enum change change)
{
	double before;

	flip(i, change);
	before = get_cpu_us(twin.screens[i].pid);
	for (int k = 0; k < frames; k++)
		flip(i, change);
	return (get_cpu_us(twin.screens[i].pid) - before) / frames;
}

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, int n)
{
	qsort(values, (size_t)n, sizeof(*values), compare_doubles);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static void run(enum twin_memory memory, enum change change)
{
	double us[2][MAX_ROUNDS], ratios[MAX_ROUNDS];

	alarm(300);
	set_up(memory, change);
	/* The policy of a surface settles. */
	for (int k = 0; k < 100; k++)
		both(flip(i, change));
	for (int k = 0; k < rounds; k++) {
		for (int n = 0; n < 2; n++) {
			int i = (k + n) % 2;
			us[i][k] = measure(i, change);
		}
		ratios[k] = us[TWIN_TESTED][k] / us[TWIN_REFERENCE][k];
	}
	printf("{\"width\": %d, \"height\": %d, \"memory\": \"%s\", \"change\": \"%s\", "
	       "\"without_us\": %.1f, \"with_us\": %.1f, \"ratio\": %.3f}\n",
		twin.width, twin.height, memory == TWIN_SHM ? "shm" : "dmabuf", changes[change],
		median(us[TWIN_REFERENCE], rounds), median(us[TWIN_TESTED], rounds),
		median(ratios, rounds));
	fflush(stdout);
	tear_down();
}

static int get_number(const char *variable, int fallback)
{
	const char *value = getenv(variable);

	return value != NULL ? atoi(value) : fallback;
}

TEST(damage)
{
	rounds = get_number("WLTEX_ROUNDS", rounds);
	frames = get_number("WLTEX_FRAMES", frames);
	check(rounds > 0 && rounds <= MAX_ROUNDS && frames > 0);
	twin_connect(&twin);
	for (int memory = TWIN_SHM; memory <= TWIN_DMABUF; memory++) {
		for (int change = CHANGE_TILE; change <= CHANGE_EVERYTHING; change++)
			run((enum twin_memory)memory, (enum change)change);
	}
}
