/* SPDX-License-Identifier: MIT */
/*
 * What many clients cost: one client that commits, beside a crowd that comes and goes:
 *
 *	bench-scale [BUFFERS [TURNS]]
 *
 * Each of the crowd holds that many buffers. In each turn there are few of them, then many,
 * then few again, so that a machine that changes its speed does so for both. Time is the
 * compositor's own CPU time. Prints one JSON object.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#include <wayland-client.h>

#include <drm_fourcc.h>

#include "cli/monitor/control-client.h"
#include "linux-dmabuf-v1-client.h"

#define check(condition) \
	do { \
		if (!(condition)) \
			fail(__LINE__, #condition); \
	} while (0)

#define SIZE 64
#define MAX_BUFFERS 10
#define FEW 10
#define MANY 1000
#define SPARE_BUFFERS 2000
#define COMMITS 5000
#define ROUNDS 5
#define MAX_TURNS 99

struct member {
	struct wl_display *display;
	struct wl_registry *registry;
	struct wl_compositor *compositor;
	struct zwp_linux_dmabuf_v1 *dmabuf;
	struct wl_surface *surface;
	struct wl_buffer *buffers[MAX_BUFFERS];
};

static const char *weston_pid;
/* Of each client. */
static size_t n_buffers = MAX_BUFFERS;

__attribute__((noreturn)) static void fail(int line, const char *condition)
{
	fprintf(stderr, "scale.c:%d: %s (%s)\n", line, condition, strerror(errno));
	exit(EXIT_FAILURE);
}

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version)
{
	struct member *member = data;

	if (strcmp(interface, wl_compositor_interface.name) == 0)
		member->compositor = wl_registry_bind(registry, name, &wl_compositor_interface, 4);
	else if (strcmp(interface, zwp_linux_dmabuf_v1_interface.name) == 0)
		member->dmabuf =
			wl_registry_bind(registry, name, &zwp_linux_dmabuf_v1_interface, 3);
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name)
{
}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

static struct wl_buffer *create_buffer(struct member *member)
{
	struct zwp_linux_buffer_params_v1 *params =
		zwp_linux_dmabuf_v1_create_params(member->dmabuf);
	int fd = memfd_create("wltex-bench", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct wl_buffer *buffer;

	check(fd >= 0 && ftruncate(fd, SIZE * SIZE * 4) == 0);
	check(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) == 0);
	zwp_linux_buffer_params_v1_add(params, fd, 0, 0, SIZE * 4, 0, DRM_FORMAT_MOD_LINEAR);
	buffer =
		zwp_linux_buffer_params_v1_create_immed(params, SIZE, SIZE, DRM_FORMAT_XRGB8888, 0);
	zwp_linux_buffer_params_v1_destroy(params);
	/* What is sent is a duplicate. */
	close(fd);
	return buffer;
}

static void show(struct member *member, size_t buffer)
{
	wl_surface_attach(member->surface, member->buffers[buffer], 0, 0);
	wl_surface_damage_buffer(member->surface, 0, 0, SIZE, SIZE);
	wl_surface_commit(member->surface);
}

static void member_init(struct member *member)
{
	*member = (struct member){.display = wl_display_connect(NULL)};
	check(member->display);
	member->registry = wl_display_get_registry(member->display);
	wl_registry_add_listener(member->registry, &registry_listener, member);
	check(wl_display_roundtrip(member->display) >= 0);
	check(member->compositor && member->dmabuf);
	member->surface = wl_compositor_create_surface(member->compositor);
	for (size_t i = 0; i < n_buffers; i++)
		member->buffers[i] = create_buffer(member);
	show(member, 0);
	check(wl_display_roundtrip(member->display) >= 0);
}

/* The display takes the rest along, but for what belongs to the proxies. */
static void member_finish(struct member *member)
{
	for (size_t i = 0; i < n_buffers; i++)
		wl_buffer_destroy(member->buffers[i]);
	wl_surface_destroy(member->surface);
	zwp_linux_dmabuf_v1_destroy(member->dmabuf);
	wl_compositor_destroy(member->compositor);
	wl_registry_destroy(member->registry);
	wl_display_disconnect(member->display);
}

/* Nanoseconds that the compositor's thread has run. */
static double get_cpu_ns(void)
{
	char path[64];
	unsigned long long ns;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/schedstat", weston_pid);
	file = fopen(path, "re");
	check(file && fscanf(file, "%llu", &ns) == 1);
	fclose(file);
	return (double)ns;
}

static double get_memory(void)
{
	char path[64];
	unsigned long size, resident;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/statm", weston_pid);
	file = fopen(path, "re");
	check(file && fscanf(file, "%lu %lu", &size, &resident) == 2);
	fclose(file);
	return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

/* One round: buffers in turn, or the same one again and again. */
static double measure_round(struct member *member, size_t buffers)
{
	double start_ns;

	check(wl_display_roundtrip(member->display) >= 0);
	start_ns = get_cpu_ns();
	for (size_t i = 0; i < COMMITS; i++) {
		show(member, i % buffers);
		/* The socket's buffer is small. */
		if (i % 100 == 99)
			check(wl_display_roundtrip(member->display) >= 0);
	}
	check(wl_display_roundtrip(member->display) >= 0);
	return (get_cpu_ns() - start_ns) / COMMITS;
}

/* What the compositor needs for a buffer that is never shown. */
static double measure_buffers(struct member *member)
{
	struct wl_buffer *buffers[SPARE_BUFFERS];
	double grown, before = get_memory();

	for (size_t i = 0; i < SPARE_BUFFERS; i++) {
		buffers[i] = create_buffer(member);
		/* Only so many fds go through the socket at once. */
		if (i % 10 == 9)
			check(wl_display_roundtrip(member->display) >= 0);
	}
	grown = get_memory() - before;
	for (size_t i = 0; i < SPARE_BUFFERS; i++)
		wl_buffer_destroy(buffers[i]);
	return grown / SPARE_BUFFERS;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double get_median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), compare);
	return values[count / 2];
}

/* A commit of the same buffer, and of another one, in nanoseconds. */
static void measure(struct member *member, double ns[2])
{
	double rounds[2][ROUNDS];

	for (size_t i = 0; i < ROUNDS; i++) {
		rounds[0][i] = measure_round(member, 1);
		rounds[1][i] = measure_round(member, 2);
	}
	for (size_t i = 0; i < 2; i++)
		ns[i] = get_median(rounds[i], ROUNDS);
}

/* The state of all of it: time until it is here, and the compositor's part. */
static void measure_state(double *total_ms, double *cpu_ms, size_t *bytes)
{
	struct control_client control;
	struct cli_reason reason;
	double totals[ROUNDS], cpus[ROUNDS];
	const char *line;

	*total_ms = *cpu_ms = 0;
	*bytes = 0;
	if (control_client_init(&control, NULL, &reason) < 0) {
		control_client_finish(&control);
		return;
	}
	for (size_t i = 0; i < ROUNDS; i++) {
		double start_ms = cli_now_ms(), start_ns = get_cpu_ns();

		check(control_client_send(&control, "{\"request\": \"state\"}\n") == 0);
		while (!(line = control_client_take_line(&control, bytes))) {
			struct pollfd fd = {.fd = control.fd, .events = POLLIN};

			check(poll(&fd, 1, -1) == 1);
			check(control_client_receive(&control) == 0);
		}
		totals[i] = cli_now_ms() - start_ms;
		cpus[i] = (get_cpu_ns() - start_ns) / 1e6;
	}
	*total_ms = get_median(totals, ROUNDS);
	*cpu_ms = get_median(cpus, ROUNDS);
	control_client_finish(&control);
}

static void raise_fd_limit(void)
{
	struct rlimit limit;

	check(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	limit.rlim_cur = limit.rlim_max;
	check(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

static struct member active, crowd[MANY];

/* What was measured; of each turn, for the same buffer and for another one. */
struct results {
	size_t turns;
	double few[2][MAX_TURNS + 1], many[2][MAX_TURNS], ratio[2][MAX_TURNS];
	double bytes_per_buffer, bytes_per_client, state_ms, state_cpu_ms;
	size_t state_bytes;
};

static void measure_turn(struct results *results, size_t turn)
{
	bool first = turn == 0;
	double ns[2], before;

	before = get_memory();
	for (size_t i = FEW; i < MANY; i++)
		member_init(&crowd[i]);
	if (first)
		results->bytes_per_client = (get_memory() - before) / (MANY - FEW);
	measure(&active, ns);
	results->many[0][turn] = ns[0];
	results->many[1][turn] = ns[1];
	if (first)
		measure_state(&results->state_ms, &results->state_cpu_ms, &results->state_bytes);
	for (size_t i = FEW; i < MANY; i++)
		member_finish(&crowd[i]);
	measure(&active, ns);
	for (size_t i = 0; i < 2; i++) {
		results->few[i][turn + 1] = ns[i];
		results->ratio[i][turn] =
			results->many[i][turn] * 2 / (results->few[i][turn] + ns[i]);
	}
}

static void print_times(const char *name, struct results *results, size_t which)
{
	double *ratio = results->ratio[which];
	size_t turns = results->turns;
	double median = get_median(ratio, turns);

	/* They are in order now. */
	printf("\"%s\": {\"few_ns\": %.0f, \"many_ns\": %.0f, \"ratio\": %.3f, "
	       "\"least\": %.3f, \"most\": %.3f}, ",
		name, get_median(results->few[which], turns + 1),
		get_median(results->many[which], turns), median, ratio[0], ratio[turns - 1]);
}

int main(int argc, char *argv[])
{
	struct results results = {.turns = 9};
	double ns[2];

	weston_pid = getenv("WLTEX_WESTON_PID");
	check(weston_pid);
	if (argc > 1)
		n_buffers = strtoul(argv[1], NULL, 10);
	if (argc > 2)
		results.turns = strtoul(argv[2], NULL, 10);
	check(n_buffers >= 2 && n_buffers <= MAX_BUFFERS);
	check(results.turns >= 1 && results.turns <= MAX_TURNS);
	raise_fd_limit();
	member_init(&active);
	for (size_t i = 0; i < FEW; i++)
		member_init(&crowd[i]);
	measure(&active, ns);
	results.bytes_per_buffer = measure_buffers(&active);
	results.few[0][0] = ns[0];
	results.few[1][0] = ns[1];
	for (size_t i = 0; i < results.turns; i++) {
		fprintf(stderr, "scale: turn %zu of %zu\n", i + 1, results.turns);
		measure_turn(&results, i);
	}
	for (size_t i = 0; i < FEW; i++)
		member_finish(&crowd[i]);
	member_finish(&active);
	printf("{");
	print_times("same", &results, 0);
	print_times("other", &results, 1);
	printf("\"buffers\": %zu, \"turns\": %zu, \"state_ms\": %.1f, \"state_cpu_ms\": %.1f, "
	       "\"state_bytes\": %zu, \"bytes_per_client\": %.0f, \"bytes_per_buffer\": %.0f}\n",
		n_buffers, results.turns, results.state_ms, results.state_cpu_ms,
		results.state_bytes, results.bytes_per_client, results.bytes_per_buffer);
	return 0;
}
