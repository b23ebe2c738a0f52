/* SPDX-License-Identifier: MIT */
/*
 * A session on a bare wl_display, with a host that does next to nothing, and a client in the same
 * process.
 */
#include <errno.h>
#include <fcntl.h>
#include <json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wayland-client.h>
#include <wayland-server-core.h>

#include <wltex/session.h>

#include "core/content.h"
#include "ledger/ledger.h"
#include "session/leak.h"
#include "session/session.h"
#include "session/state.h"
#include "test.h"

#define SIDE 128
#define STRIDE (SIDE * 4)
#define SIZE (SIDE * STRIDE)

/* --- The host. */

static struct wl_display *display;
static struct wltex_session *session;
static struct wl_resource *last_surface;
static char records[8192];

static void host_record(void *data, const struct wltex_record *record)
{
	size_t used = strlen(records);

	check(data == &records && used + 200 < sizeof(records));
	wltex_record_print(record, records + used, sizeof(records) - used);
	strcat(records, "\n");
}

static void host_describe(void *data, void *surface_data, struct wltex_description *description)
{
	description->title = surface_data;
	description->width = SIDE;
}

static const struct wltex_host host = {.record = host_record, .describe = host_describe};

static int dispatch(const void *implementation, void *target, uint32_t opcode,
	const struct wl_message *message, union wl_argument *args)
{
	if (strcmp(message->name, "create_surface") == 0) {
		last_surface = wl_resource_create(
			wl_resource_get_client(target), &wl_surface_interface, 4, args[0].n);
		wl_resource_set_dispatcher(last_surface, dispatch, NULL, NULL, NULL);
	} else if (strcmp(message->name, "destroy") == 0) {
		wl_resource_destroy(target);
	}
	return 0;
}

static void bind_compositor(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
	struct wl_resource *resource =
		wl_resource_create(client, &wl_compositor_interface, (int)version, id);

	wl_resource_set_dispatcher(resource, dispatch, NULL, NULL, NULL);
}

static void start_with(bool map_shm)
{
	display = wl_display_create();
	check(display);
	check_int(wl_display_init_shm(display), 0);
	check(wl_global_create(display, &wl_compositor_interface, 4, NULL, bind_compositor));
	session = wltex_session_create(&(struct wltex_session_options){
		.display = display, .host = &host, .data = &records, .map_shm = map_shm});
	check(session);
}

static void start(void)
{
	start_with(false);
}

/* --- The client. */

static struct wl_display *client;
static struct wl_compositor *compositor;
static struct wl_shm *shm;

/* All that the client made, to be destroyed at the end. */
static void *made[64];
static int n_made;

static void *keep(void *proxy)
{
	check(proxy && n_made < 64);
	return made[n_made++] = proxy;
}

static void let_go(void *proxy)
{
	for (int i = 0; i < n_made; i++) {
		if (made[i] == proxy)
			made[i] = made[--n_made];
	}
}

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version)
{
	if (strcmp(interface, "wl_shm") == 0)
		shm = keep(wl_registry_bind(registry, name, &wl_shm_interface, 1));
	else if (strcmp(interface, "wl_compositor") == 0)
		compositor = keep(wl_registry_bind(registry, name, &wl_compositor_interface, 4));
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name)
{
}

static const struct wl_registry_listener registry_listener = {handle_global, handle_global_remove};

/* Let both ends handle all that was sent. */
static void sync_both(void)
{
	wl_display_flush(client);
	wl_event_loop_dispatch(wl_display_get_event_loop(display), 0);
	wl_display_flush_clients(display);
	while (wl_display_prepare_read(client) != 0)
		wl_display_dispatch_pending(client);
	/* What the server sent is there already. */
	wl_display_read_events(client);
	wl_display_dispatch_pending(client);
}

static void connect_client(void)
{
	int fds[2];

	check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
	check(wl_client_create(display, fds[0]));
	client = wl_display_connect_to_fd(fds[1]);
	check(client);
	wl_registry_add_listener(keep(wl_display_get_registry(client)), &registry_listener, NULL);
	sync_both();
	check(shm && compositor);
	sync_both();
}

static void teardown(void)
{
	while (n_made > 0)
		wl_proxy_destroy(made[--n_made]);
	wl_display_disconnect(client);
	wl_display_destroy_clients(display);
	wltex_session_destroy(session);
	wl_display_destroy(display);
	records[0] = '\0';
}

struct window {
	struct wl_surface *wl;
	struct wltex_surface *surface;
	struct wl_buffer *buffer;
	struct wl_resource *buffer_resource;
	uint32_t *pixels;
};

/* Where wl_shm plays one that is not libwayland's; and what it is asked for then. */
static bool own_shm;
static int32_t pool_bytes = SIZE, buffer_offset;

static struct wl_buffer *make_buffer(uint32_t **pixels)
{
	int fd = memfd_create("session", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct wl_shm_pool *pool;
	struct wl_buffer *buffer;

	check(fd >= 0 && ftruncate(fd, SIZE) == 0);
	if (pixels != NULL) {
		*pixels = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		check(*pixels != MAP_FAILED);
		memset(*pixels, 1, SIZE);
	}
	check_int(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	pool = wl_shm_create_pool(shm, fd, SIZE);
	if (pool_bytes > SIZE)
		wl_shm_pool_resize(pool, pool_bytes);
	buffer = keep(wl_shm_pool_create_buffer(
		pool, buffer_offset, SIDE, SIDE, STRIDE, WL_SHM_FORMAT_XRGB8888));
	wl_shm_pool_destroy(pool);
	close(fd);
	return buffer;
}

static struct session_client *get_client(void)
{
	struct session_client *first = wl_container_of(session->clients.next, first, link);

	check(!wl_list_empty(&session->clients));
	return first;
}

static void open_window(struct window *window)
{
	*window = (struct window){.wl = keep(wl_compositor_create_surface(compositor))};
	window->buffer = make_buffer(&window->pixels);
	sync_both();
	window->surface = wltex_session_get_surface(session, last_surface);
	check(window->surface);
	window->buffer_resource = wl_client_get_object(
		get_client()->track->client, wl_proxy_get_id((struct wl_proxy *)window->buffer));
	check(window->buffer_resource);
}

static struct wltex_source get_source(const struct window *window)
{
	return (struct wltex_source){
		.buffer = window->buffer_resource,
		.width = SIDE,
		.height = SIDE,
		.shm = own_shm ? NULL : wl_shm_buffer_get(window->buffer_resource),
		.acquire_fence = -1,
	};
}

/* Commit with everything claimed, look, and settle: pixels that changed, or what the look said. */
static int show(struct window *window)
{
	pixman_region32_t all, changed;
	struct wltex_applied applied = {
		.source = get_source(window), .claimed = &all, .trim = true};
	struct wltex_look look = {.source = applied.source, .claimed = &all};
	struct wltex_verdict verdict;
	int ret;

	wl_surface_attach(window->wl, window->buffer, 0, 0);
	wl_surface_damage_buffer(window->wl, 0, 0, SIDE, SIDE);
	wl_surface_commit(window->wl);
	sync_both();
	pixman_region32_init_rect(&all, 0, 0, SIDE, SIDE);
	pixman_region32_init(&changed);
	wltex_surface_apply(window->surface, &applied, &verdict);
	wltex_session_begin_repaint(session);
	ret = wltex_surface_look(window->surface, &look, &changed);
	if (ret > 0)
		ret = (int)core_region_area(&changed);
	wltex_surface_settle(window->surface);
	wltex_surface_drop_look(window->surface);
	pixman_region32_fini(&all);
	pixman_region32_fini(&changed);
	return ret;
}

TEST(commits_and_damage)
{
	struct window window;

	start();
	connect_client();
	open_window(&window);
	check_int(show(&window), 0);
	window.pixels[70 * SIDE + 70] = 5;
	check_int(show(&window), 64 * 64);
	check(strstr(records, "commit 2: damage of 16384 px is 4096 px\n"));
	/* Nothing changed; then nothing is known. */
	check_int(show(&window), 0);
	wltex_surface_forget(window.surface, NULL);
	check_int(show(&window), 0);
	check(strstr(records, "commit 4: damage kept: first content\n"));
	check_int((int)get_client()->owner->counts.shm_commits, 4);
	check_int((int)get_client()->owner->counts.redundant_commits, 1);
	teardown();
}

/* As where wl_shm is the compositor's own: without what libwayland knows of a buffer. */
static void start_mapped(void)
{
	start_with(true);
	connect_client();
	own_shm = true;
}

TEST(mapped_shm)
{
	struct window window;

	start_mapped();
	open_window(&window);
	check_int(show(&window), 0);
	window.pixels[70 * SIDE + 70] = 5;
	check_int(show(&window), 64 * 64);
	check_int(show(&window), 0);
	check(strstr(records, "commit 2: damage of 16384 px is 4096 px\n"));
	/* It is libwayland's: then that is not needed. */
	own_shm = false;
	check_int(show(&window), 0);
	own_shm = true;
	check_int(show(&window), -ENOTSUP);
	teardown();
}

/* A pool, and a buffer of it, that reach beyond the end of the file. */
TEST(mapped_shm_is_cut_off)
{
	struct window window;

	start_mapped();
	pool_bytes = 4 * SIZE;
	buffer_offset = SIZE / 2;
	open_window(&window);
	check_int(show(&window), -ENODATA);
	check_int(show(&window), -ENODATA);
	teardown();
}

/* To be freed. */
static char *print_state(void)
{
	struct state_reader reader;
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);

	fputs("{\"state\": 1", file);
	state_reader_init(&reader, session, file);
	check(!state_reader_print(&reader, file));
	state_reader_finish(&reader);
	fputs("}", file);
	fclose(file);
	return text;
}

TEST(state_of_wl_shm)
{
	static char title[] = "a title";
	struct window window;
	char *text;

	start();
	connect_client();
	open_window(&window);
	wltex_surface_set_data(window.surface, title);
	show(&window);
	text = print_state();
	check(strstr(text, "\"bytes\": 65536, "));
	check(strstr(text, "\"shm_pools\": 1"));
	check(strstr(text, "\"kind\": \"shm\""));
	check(strstr(text, "\"title\": \"a title\""));
	free(text);
	teardown();
}

/* Of a client for whose counts there was no memory. */
TEST(state_without_counts)
{
	struct wltex_owner *owner;
	struct json_object *json;
	char *text;

	start();
	connect_client();
	owner = get_client()->owner;
	get_client()->owner = NULL;
	text = print_state();
	json = json_tokener_parse(text);
	check(json);
	json_object_put(json);
	get_client()->owner = owner;
	free(text);
	teardown();
}

TEST(limits)
{
	struct window window;

	setenv("WLTEX_LIMIT_BUFFERS", "3", 1);
	setenv("WLTEX_LIMIT_ACTION", "disconnect", 1);
	start();
	connect_client();
	open_window(&window);
	make_buffer(NULL);
	make_buffer(NULL);
	sync_both();
	check_int(wl_display_get_error(client), 0);
	make_buffer(NULL);
	sync_both();
	check_int(wl_display_get_error(client), EPROTO);
	check_int((int)wl_list_empty(&session->clients), 1);
	teardown();
}

TEST(leaks)
{
	struct window window;

	setenv("WLTEX_LEAK_BUFFERS", "5", 1);
	start();
	connect_client();
	open_window(&window);
	for (int i = 0; i < 4; i++)
		make_buffer(NULL);
	sync_both();
	check_int(leak_get_signs(get_client(), 0), 0);
	make_buffer(NULL);
	sync_both();
	check_int(leak_get_signs(get_client(), 0), LEAK_BUFFERS_GROW);
	teardown();
}

TEST(surfaces_go)
{
	struct window window;

	start();
	connect_client();
	open_window(&window);
	show(&window);
	let_go(window.buffer);
	let_go(window.wl);
	wl_buffer_destroy(window.buffer);
	wl_surface_destroy(window.wl);
	sync_both();
	check_int((int)get_client()->owner->counts.shm_bytes, 0);
	check_int((int)get_client()->owner->counts.shm_buffers, 0);
	check(wl_list_empty(&get_client()->surfaces));
	teardown();
}

TEST(one_session_a_display)
{
	start();
	connect_client();
	check(!wltex_session_create(&(struct wltex_session_options){.display = display}));
	check_int(errno, EEXIST);
	teardown();
}

/* The display's name comes after the session; of several, the first counts. */
TEST(listens_later)
{
	char dir[] = "/tmp/wltex-session.XXXXXX", path[64];

	check(mkdtemp(dir));
	setenv("XDG_RUNTIME_DIR", dir, 1);
	setenv("WAYLAND_DISPLAY", "too-early", 1);
	display = wl_display_create();
	check(display);
	session = wltex_session_create(
		&(struct wltex_session_options){.display = display, .listen_later = true});
	check(session);
	check(rmdir(dir) == 0 && mkdir(dir, 0700) == 0);
	check_int(wltex_session_listen(session, "/some/where/named"), 0);
	check_int(wltex_session_listen(session, "other"), -EALREADY);
	snprintf(path, sizeof(path), "%s/wltex.named.sock", dir);
	check_int(access(path, F_OK), 0);
	wltex_session_destroy(session);
	check(access(path, F_OK) < 0);
	wl_display_destroy(display);
	strcat(path, ".lock");
	unlink(path);
	check_int(rmdir(dir), 0);
}
