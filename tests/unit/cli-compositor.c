/* SPDX-License-Identifier: MIT */
#include <drm_fourcc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wayland-server.h>
#include <zlib.h>

#include "cli-compositor.h"
#include "test.h"

/* Their code is the client's, the headers of which do not go with the server's. */
extern const struct wl_interface wltex_manager_v1_interface, wltex_surface_v1_interface,
	wp_viewport_interface, wp_viewporter_interface, xdg_surface_interface,
	xdg_toplevel_interface, xdg_wm_base_interface, zwp_linux_buffer_params_v1_interface,
	zwp_linux_dmabuf_feedback_v1_interface, zwp_linux_dmabuf_v1_interface;

/* Opcodes of the events that are sent. */
enum {
	DMABUF_FORMAT = 0,
	DMABUF_MODIFIER = 1,
	FEEDBACK_DONE = 0,
	FEEDBACK_FORMAT_TABLE = 1,
	FEEDBACK_MAIN_DEVICE = 2,
	FEEDBACK_TRANCHE_DONE = 3,
	FEEDBACK_TRANCHE_TARGET_DEVICE = 4,
	FEEDBACK_TRANCHE_FORMATS = 5,
	FEEDBACK_TRANCHE_FLAGS = 6,
	PARAMS_CREATED = 0,
	PARAMS_FAILED = 1,
	TOPLEVEL_CONFIGURE = 0,
	TOPLEVEL_CLOSE = 1,
	XDG_SURFACE_CONFIGURE = 0,
	TEXTURE = 0,
};

#define TOPLEVEL_STATE_FULLSCREEN 2
#define MAX_LAG 4

struct buffer {
	struct wl_resource *resource;
	int fd;
	int32_t width, height;
	uint32_t stride, bytes;
	bool busy;
	/* Commits with a buffer since this one was committed. */
	uint32_t age;
};

/* All of the compositor's state: it has one client with one window. */
static struct {
	const struct compositor_options *options;
	struct compositor_facts *facts, facts_after;
	struct wl_display *display;
	struct wl_listener client_created, client_destroyed;
	struct wl_resource *surface, *xdg_surface, *toplevel, *watch, *frame;
	/* Of the params that were added last. */
	int plane_fd;
	uint32_t plane_stride;
	uint64_t plane_modifier;
	struct buffer *pending, *shown, *releasing[MAX_LAG];
	bool attached, configured, configure_sent;
	bool has_sum;
	uint32_t sum, damage_count;
	int32_t damage[64][4];
	uint8_t *before;
	size_t before_size;
} state;

static int dispatch(const void *implementation, void *target, uint32_t opcode,
	const struct wl_message *message, union wl_argument *args);

static void forget(struct wl_resource **resource, struct wl_resource *gone)
{
	if (*resource == gone)
		*resource = NULL;
}

static void handle_destroy(struct wl_resource *resource)
{
	state.facts->objects_left--;
	forget(&state.surface, resource);
	forget(&state.xdg_surface, resource);
	forget(&state.toplevel, resource);
	forget(&state.watch, resource);
	forget(&state.frame, resource);
}

static void handle_buffer_destroy(struct wl_resource *resource)
{
	struct buffer *buffer = wl_resource_get_user_data(resource);

	state.facts->objects_left--;
	state.facts->buffers_alive--;
	if (buffer->busy && state.surface && state.shown != buffer)
		state.facts->busy_destroyed++;
	for (int i = 0; i < MAX_LAG; i++) {
		if (state.releasing[i] == buffer)
			state.releasing[i] = NULL;
	}
	if (state.shown == buffer)
		state.shown = NULL;
	if (state.pending == buffer)
		state.pending = NULL;
	close(buffer->fd);
	free(buffer);
}

static struct wl_resource *create(struct wl_client *client, const struct wl_interface *interface,
	uint32_t version, uint32_t id)
{
	struct wl_resource *resource = wl_resource_create(client, interface, (int)version, id);

	check(resource);
	wl_resource_set_dispatcher(resource, dispatch, NULL, NULL, handle_destroy);
	state.facts->objects_left++;
	return resource;
}

static void send_configure(void)
{
	struct wl_array states;
	uint32_t *fullscreen;

	wl_array_init(&states);
	if (state.options->fullscreen_width > 0) {
		fullscreen = wl_array_add(&states, sizeof(*fullscreen));
		*fullscreen = TOPLEVEL_STATE_FULLSCREEN;
	}
	wl_resource_post_event(state.toplevel, TOPLEVEL_CONFIGURE, state.options->fullscreen_width,
		state.options->fullscreen_height, &states);
	wl_resource_post_event(state.xdg_surface, XDG_SURFACE_CONFIGURE, 1u);
	wl_array_release(&states);
	state.configure_sent = true;
}

static bool is_damaged(int32_t x, int32_t y)
{
	for (uint32_t i = 0; i < state.damage_count; i++) {
		const int32_t *d = state.damage[i];
		if (x >= d[0] && y >= d[1] && x < d[0] + d[2] && y < d[1] + d[3])
			return true;
	}
	return false;
}

/* Compare with what was committed before; `before` becomes what is committed now. */
static void compare(const struct buffer *buffer, const uint8_t *pixels)
{
	size_t row = (size_t)buffer->width * buffer->bytes, size = row * (size_t)buffer->height;
	uint64_t changed = 0, missed = 0;
	bool only_last_byte = false;

	for (int32_t y = 0; y < buffer->height; y++) {
		const uint8_t *now = pixels + (size_t)y * buffer->stride;
		uint8_t *before = state.before + (size_t)y * row;

		for (int32_t x = 0; x < buffer->width; x++) {
			size_t at = (size_t)x * buffer->bytes;

			state.facts->damaged_px += is_damaged(x, y);
			if (memcmp(now + at, before + at, buffer->bytes) == 0)
				continue;
			changed++;
			missed += !is_damaged(x, y);
			only_last_byte = x == buffer->width - 1 && y == buffer->height - 1 &&
					 memcmp(now + at, before + at, buffer->bytes - 1) == 0;
		}
		for (size_t i = row; i < buffer->stride; i++)
			state.facts->clean_padding += now[i] == 0;
		memcpy(before, now, row);
	}
	state.before_size = size;
	state.facts->changed_px += changed;
	state.facts->missed_px += missed;
	state.facts->last_byte_changes += changed == 1 && only_last_byte;
}

static void inspect(const struct buffer *buffer)
{
	size_t row = (size_t)buffer->width * buffer->bytes;
	size_t size = (size_t)buffer->stride * (size_t)buffer->height;
	const uint8_t *pixels = mmap(NULL, size, PROT_READ, MAP_SHARED, buffer->fd, 0);
	uLong sum = crc32(0, NULL, 0);

	check(pixels != MAP_FAILED);
	if (!state.before)
		state.before = calloc((size_t)buffer->height, row);
	compare(buffer, pixels);
	sum = crc32(sum, state.before, (uInt)state.before_size);
	if (state.has_sum && sum == state.sum)
		state.facts->right_sums++;
	else if (state.has_sum)
		state.facts->wrong_sums++;
	if (state.watch)
		wl_resource_post_event(
			state.watch, TEXTURE, state.facts->commits, 0u, 0u, (uint32_t)sum);
	munmap((void *)pixels, size);
}

static void queue_release(struct buffer *buffer)
{
	for (int i = 0; i < MAX_LAG; i++) {
		if (!state.releasing[i]) {
			buffer->age = 0;
			state.releasing[i] = buffer;
			return;
		}
	}
	check(false);
}

static void release_buffers(void)
{
	uint32_t lag = state.options->release_lag ? state.options->release_lag : 1;

	for (int i = 0; i < MAX_LAG; i++) {
		struct buffer *buffer = state.releasing[i];

		if (!buffer || ++buffer->age < lag)
			continue;
		state.releasing[i] = NULL;
		buffer->busy = false;
		wl_resource_post_event(buffer->resource, WL_BUFFER_RELEASE);
	}
}

static void meet_fate(struct wl_client *client)
{
	switch (state.options->fate) {
	case FATE_NONE:
		break;
	case FATE_PROTOCOL_ERROR:
		wl_resource_post_error(state.surface, 7, "nobody likes this");
		break;
	case FATE_VANISH:
		raise(SIGKILL);
		break;
	case FATE_CLOSE:
		wl_resource_post_event(state.toplevel, TOPLEVEL_CLOSE);
		break;
	case FATE_SIGNAL:
		kill(getppid(), SIGTERM);
		usleep(20000);
		kill(getppid(), SIGTERM);
		break;
	case FATE_HANG:
		kill(getppid(), SIGTERM);
		usleep(500000);
		kill(getppid(), SIGTERM);
		pause();
	}
}

static void show(struct wl_client *client)
{
	struct buffer *before = state.shown;

	state.shown = state.pending;
	state.facts->commits++;
	state.facts->unconfigured += !state.configured;
	inspect(state.shown);
	if (state.shown != before && state.shown->busy)
		state.facts->busy_attached++;
	state.shown->busy = true;
	if (before && before != state.shown)
		queue_release(before);
	release_buffers();
	if (state.frame) {
		wl_resource_post_event(state.frame, WL_CALLBACK_DONE, 0u);
		wl_resource_destroy(state.frame);
	}
	if (state.options->fate_commit == state.facts->commits)
		meet_fate(client);
}

static void hide(void)
{
	/* As Weston does: the buffer is released with the next one that is drawn. */
	if (state.shown)
		queue_release(state.shown);
	state.shown = NULL;
	state.facts->detaches++;
	if (!state.options->keeps_configured) {
		state.configured = false;
		state.configure_sent = false;
	}
}

static void commit(struct wl_client *client)
{
	if (state.attached && state.pending)
		show(client);
	else if (state.attached)
		hide();
	else if (!state.configure_sent)
		send_configure();
	state.attached = false;
	state.pending = NULL;
	state.has_sum = false;
	state.damage_count = 0;
}

static void add_damage(const union wl_argument *args)
{
	check(state.damage_count < 64);
	for (int i = 0; i < 4; i++)
		state.damage[state.damage_count][i] = args[i].i;
	state.damage_count++;
}

static void surface_request(
	struct wl_resource *surface, const char *name, const union wl_argument *args)
{
	struct wl_client *client = wl_resource_get_client(surface);

	if (strcmp(name, "attach") == 0) {
		state.attached = true;
		state.pending = args[0].o ? wl_resource_get_user_data((void *)args[0].o) : NULL;
	} else if (strcmp(name, "damage_buffer") == 0) {
		add_damage(args);
	} else if (strcmp(name, "frame") == 0) {
		check(!state.frame);
		state.frame = create(client, &wl_callback_interface, 1, args[0].n);
	} else if (strcmp(name, "commit") == 0) {
		commit(client);
	}
}

static struct wl_resource *make_buffer(
	struct wl_client *client, uint32_t id, int32_t width, int32_t height, uint32_t format)
{
	struct buffer *buffer = calloc(1, sizeof(*buffer));
	struct compositor_facts *facts = state.facts;

	check(buffer && state.plane_fd >= 0);
	check_int(format, state.options->format);
	check_int(state.plane_modifier, state.options->modifier);
	buffer->resource = wl_resource_create(client, &wl_buffer_interface, 1, id);
	buffer->fd = state.plane_fd;
	buffer->width = width;
	buffer->height = height;
	buffer->stride = state.plane_stride;
	buffer->bytes = format == DRM_FORMAT_RGB565 ? 2 : 4;
	state.plane_fd = -1;
	wl_resource_set_dispatcher(buffer->resource, dispatch, NULL, buffer, handle_buffer_destroy);
	facts->objects_left++;
	facts->buffers_made++;
	facts->buffers_alive++;
	if (facts->buffers_alive > facts->most_buffers_alive)
		facts->most_buffers_alive = facts->buffers_alive;
	return buffer->resource;
}

static void params_request(
	struct wl_resource *params, const char *name, const union wl_argument *args)
{
	struct wl_client *client = wl_resource_get_client(params);

	if (strcmp(name, "add") == 0) {
		check_int(state.plane_fd, -1);
		state.plane_fd = args[0].h;
		state.plane_stride = args[3].u;
		state.plane_modifier = (uint64_t)args[4].u << 32 | args[5].u;
	} else if (strcmp(name, "create_immed") == 0) {
		check(state.options->dmabuf_version >= 2);
		make_buffer(client, args[0].n, args[1].i, args[2].i, args[3].u);
	} else if (strcmp(name, "create") == 0 && state.options->create_fails) {
		close(state.plane_fd);
		state.plane_fd = -1;
		wl_resource_post_event(params, PARAMS_FAILED);
	} else if (strcmp(name, "create") == 0) {
		wl_resource_post_event(params, PARAMS_CREATED,
			make_buffer(client, 0, args[0].i, args[1].i, args[2].u));
	}
}

/* A format table with one entry of no interest before the one that is offered. */
static int make_table(void)
{
	struct {
		uint32_t format, padding;
		uint64_t modifier;
	} table[2] = {{DRM_FORMAT_NV12, 0, DRM_FORMAT_MOD_LINEAR},
		{state.options->format, 0, state.options->modifier}};
	int fd = memfd_create("table", MFD_CLOEXEC);

	check(fd >= 0 && write(fd, table, sizeof(table)) == sizeof(table));
	return fd;
}

static void send_feedback(struct wl_resource *feedback)
{
	uint16_t indices[] = {0, 1, 2, 65535};
	struct wl_array array = {.size = sizeof(indices), .data = indices};
	dev_t device = 0;
	struct wl_array device_array = {.size = sizeof(device), .data = &device};
	int table = make_table();

	wl_resource_post_event(
		feedback, FEEDBACK_FORMAT_TABLE, table, state.options->short_table ? 16u : 32u);
	close(table);
	wl_resource_post_event(feedback, FEEDBACK_MAIN_DEVICE, &device_array);
	wl_resource_post_event(feedback, FEEDBACK_TRANCHE_TARGET_DEVICE, &device_array);
	wl_resource_post_event(feedback, FEEDBACK_TRANCHE_FLAGS, 0u);
	wl_resource_post_event(feedback, FEEDBACK_TRANCHE_FORMATS, &array);
	wl_resource_post_event(feedback, FEEDBACK_TRANCHE_DONE);
	wl_resource_post_event(feedback, FEEDBACK_DONE);
}

static void window_request(
	struct wl_resource *resource, const char *name, const union wl_argument *args)
{
	struct wl_client *client = wl_resource_get_client(resource);

	if (strcmp(name, "get_xdg_surface") == 0) {
		state.xdg_surface = create(client, &xdg_surface_interface, 1, args[0].n);
	} else if (strcmp(name, "get_toplevel") == 0) {
		state.toplevel = create(client, &xdg_toplevel_interface, 1, args[0].n);
	} else if (strcmp(name, "ack_configure") == 0) {
		state.configured = state.configure_sent;
	} else if (strcmp(name, "set_destination") == 0) {
		state.facts->destination_width = args[0].i;
		state.facts->destination_height = args[1].i;
	} else if (strcmp(name, "set_content_sum") == 0) {
		state.has_sum = true;
		state.sum = args[0].u;
	}
}

static void global_request(
	struct wl_resource *resource, const char *name, const union wl_argument *args)
{
	struct wl_client *client = wl_resource_get_client(resource);
	uint32_t version = (uint32_t)wl_resource_get_version(resource);

	if (strcmp(name, "create_surface") == 0)
		state.surface = create(client, &wl_surface_interface, version, args[0].n);
	else if (strcmp(name, "create_params") == 0)
		create(client, &zwp_linux_buffer_params_v1_interface, version, args[0].n);
	else if (strcmp(name, "get_default_feedback") == 0)
		send_feedback(create(
			client, &zwp_linux_dmabuf_feedback_v1_interface, version, args[0].n));
	else if (strcmp(name, "get_viewport") == 0)
		create(client, &wp_viewport_interface, 1, args[0].n);
	else if (strcmp(name, "get_surface") == 0)
		state.watch = create(client, &wltex_surface_v1_interface, 1, args[0].n);
}

static int dispatch(const void *implementation, void *target, uint32_t opcode,
	const struct wl_message *message, union wl_argument *args)
{
	struct wl_resource *resource = target;
	const char *class = wl_resource_get_class(resource);

	if (strcmp(message->name, "destroy") == 0)
		wl_resource_destroy(resource);
	else if (strcmp(class, "wl_surface") == 0)
		surface_request(resource, message->name, args);
	else if (strcmp(class, "zwp_linux_buffer_params_v1") == 0)
		params_request(resource, message->name, args);
	else if (strncmp(class, "xdg_", 4) == 0 || strcmp(class, "wp_viewport") == 0 ||
		 strcmp(class, "wltex_surface_v1") == 0)
		window_request(resource, message->name, args);
	else
		global_request(resource, message->name, args);
	return 0;
}

static void bind(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
	const struct wl_interface *interface = data;
	struct wl_resource *resource = create(client, interface, version, id);

	/* Nobody can destroy it. */
	if (interface == &wl_compositor_interface)
		state.facts->objects_left--;
	if (interface != &zwp_linux_dmabuf_v1_interface || version >= 4)
		return;
	wl_resource_post_event(resource, DMABUF_FORMAT, state.options->format);
	if (version == 3)
		wl_resource_post_event(resource, DMABUF_MODIFIER, state.options->format,
			(uint32_t)(state.options->modifier >> 32),
			(uint32_t)state.options->modifier);
}

static void add_global(const struct wl_interface *interface, uint32_t version)
{
	check(wl_global_create(state.display, interface, (int)version, (void *)interface, bind));
}

static void handle_client_destroyed(struct wl_listener *listener, void *data)
{
	/* The objects that are left are destroyed after this: they are not to count down. */
	state.facts = &state.facts_after;
	wl_display_terminate(state.display);
}

static void handle_client_created(struct wl_listener *listener, void *data)
{
	state.client_destroyed.notify = handle_client_destroyed;
	wl_client_add_destroy_listener(data, &state.client_destroyed);
}

static void serve(
	const struct compositor_options *options, struct compositor_facts *facts, int ready)
{
	state.options = options;
	state.facts = facts;
	state.plane_fd = -1;
	state.display = wl_display_create();
	check(wl_display_add_socket(state.display, "wayland-test") == 0);
	add_global(&wl_compositor_interface, 4);
	add_global(&xdg_wm_base_interface, 1);
	add_global(&wp_viewporter_interface, 1);
	if (options->dmabuf_version > 0)
		add_global(&zwp_linux_dmabuf_v1_interface, options->dmabuf_version);
	if (options->wltex)
		add_global(&wltex_manager_v1_interface, 1);
	state.client_created.notify = handle_client_created;
	wl_display_add_client_created_listener(state.display, &state.client_created);
	check(write(ready, "r", 1) == 1);
	close(ready);
	wl_display_run(state.display);
	wl_display_destroy(state.display);
	free(state.before);
}

void compositor_start(struct compositor *compositor, const struct compositor_options *options)
{
	int ready[2];
	char byte;

	compositor->facts = mmap(NULL, sizeof(*compositor->facts), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	check(compositor->facts != MAP_FAILED);
	compositor->facts->destination_width = compositor->facts->destination_height = -1;
	strcpy(compositor->directory, "/tmp/wltex-cli.XXXXXX");
	check(mkdtemp(compositor->directory));
	setenv("XDG_RUNTIME_DIR", compositor->directory, 1);
	setenv("WAYLAND_DISPLAY", "wayland-test", 1);
	check(pipe(ready) == 0);
	compositor->pid = fork();
	check(compositor->pid >= 0);
	if (compositor->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ready[0]);
		serve(options, compositor->facts, ready[1]);
		_exit(0);
	}
	close(ready[1]);
	check(read(ready[0], &byte, 1) == 1);
	close(ready[0]);
}

void compositor_finish(struct compositor *compositor)
{
	char path[64];
	int status;

	check(waitpid(compositor->pid, &status, 0) == compositor->pid);
	if (WIFEXITED(status))
		check_int(WEXITSTATUS(status), 0);
	else
		check_int(WTERMSIG(status), SIGKILL);
	snprintf(path, sizeof(path), "%s/wayland-test", compositor->directory);
	unlink(path);
	snprintf(path, sizeof(path), "%s/wayland-test.lock", compositor->directory);
	unlink(path);
	rmdir(compositor->directory);
}
