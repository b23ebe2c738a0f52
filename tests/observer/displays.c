/* SPDX-License-Identifier: MIT */
/*
 * What a process may do with wl_displays while the observer is in it; displays.sh preloads that.
 * Clients are in the same process, and speak by hand.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wayland-server.h>

#include "test.h"

static int destroyed;
static struct wl_resource *surface;

/* --- wl_compositor and wl_surface. */

static void destroy_surface(struct wl_client *client, struct wl_resource *resource)
{
	wl_resource_destroy(resource);
}

static int commits, damages;
static const void *dispatched;

static void commit(struct wl_client *client, struct wl_resource *resource)
{
	commits++;
}

/* Widths as digits; of nothing there is none. */
static void add_damage(int32_t width)
{
	if (width > 0)
		damages = damages * 10 + width;
}

static void damage(struct wl_client *client, struct wl_resource *resource, int32_t x, int32_t y,
	int32_t width, int32_t height)
{
	add_damage(width);
}

static const struct wl_surface_interface table = {
	.destroy = destroy_surface,
	.commit = commit,
	.damage = damage,
	.damage_buffer = damage,
};

static int dispatch(const void *implementation, void *target, uint32_t opcode,
	const struct wl_message *message, union wl_argument *args)
{
	dispatched = implementation;
	if (strcmp(message->name, "commit") == 0)
		commits++;
	else if (strncmp(message->name, "damage", 6) == 0)
		add_damage(args[2].i);
	return 0;
}

static void handle_destroy(struct wl_resource *resource)
{
	surface = NULL;
	destroyed++;
}

static bool use_dispatcher;

static void create_surface(struct wl_client *client, struct wl_resource *resource, uint32_t id)
{
	surface = wl_resource_create(client, &wl_surface_interface, 4, id);
	check(surface);
	if (use_dispatcher)
		wl_resource_set_dispatcher(surface, dispatch, &table, &destroyed, handle_destroy);
	else
		wl_resource_set_implementation(surface, &table, &destroyed, handle_destroy);
}

static const struct wl_compositor_interface compositor = {.create_surface = create_surface};

static void bind_compositor(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
	wl_resource_set_implementation(
		wl_resource_create(client, &wl_compositor_interface, (int)version, id), &compositor,
		NULL, NULL);
}

static struct wl_display *create_display(const char *name)
{
	struct wl_display *display = wl_display_create();

	check(display);
	check(wl_global_create(display, &wl_compositor_interface, 4, NULL, bind_compositor));
	if (name)
		check_int(wl_display_add_socket(display, name), 0);
	return display;
}

/* --- A client: requests as words. */

static int connect_client(struct wl_display *display)
{
	int fds[2];

	check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	check(wl_client_create(display, fds[0]));
	return fds[1];
}

static void request(struct wl_display *display, int fd, uint32_t object, uint32_t opcode,
	const uint32_t *args, uint32_t n)
{
	uint32_t words[16] = {object, (8 + n * 4) << 16 | opcode};

	for (uint32_t i = 0; i < n; i++)
		words[2 + i] = args[i];
	check_int((int)write(fd, words, 8 + n * 4), (int)(8 + n * 4));
	wl_event_loop_dispatch(wl_display_get_event_loop(display), 0);
}

/* wl_registry is 2, wl_compositor 3, the surface 4. The global has the name 1, wltex-v1 another. */
static void open_surface(struct wl_display *display, int fd, uint32_t name)
{
	static const char interface[16] = "wl_compositor";
	uint32_t bind[8] = {name, sizeof("wl_compositor")};
	const uint32_t ids[] = {2, 4};

	memcpy(bind + 2, interface, sizeof(interface));
	bind[6] = 4;
	bind[7] = 3;
	request(display, fd, 1, 1, ids, 1);
	request(display, fd, 2, 0, bind, 8);
	request(display, fd, 3, 0, ids + 1, 1);
	check(surface);
}

static uint32_t compositor_name(void)
{
	/* The session's own global comes first, if there is one. */
	return getenv("WLTEX_PROTOCOL") ? 1 : 2;
}

static bool has_control(const char *name)
{
	char path[108];

	snprintf(path, sizeof(path), "%s/wltex.%s.sock", getenv("XDG_RUNTIME_DIR"), name);
	return access(path, F_OK) == 0;
}

/* Two displays, each with clients and a name; one goes while the other stays. */
TEST(two)
{
	struct wl_display *first = create_display("one"), *second = create_display("two");
	int a = connect_client(first), b = connect_client(second);

	check(has_control("one") && has_control("two"));
	open_surface(first, a, compositor_name());
	open_surface(second, b, compositor_name());
	wl_display_destroy_clients(first);
	wl_display_destroy(first);
	check(!has_control("one") && has_control("two"));
	request(second, b, 4, 6, NULL, 0);
	check_int(commits, 1);
	wl_display_destroy_clients(second);
	wl_display_destroy(second);
	check_int(destroyed, 2);
	check(!has_control("two"));
}

/* Clients that are there still when the display goes. */
TEST(clients_stay)
{
	struct wl_display *display = create_display(NULL);

	open_surface(display, connect_client(display), compositor_name());
	wl_display_destroy(display);
	check(!has_control("one"));
}

/* A child that destroys what it inherited leaves the control socket to its parent. */
TEST(fork)
{
	struct wl_display *display = create_display("one");
	int fd = connect_client(display), status;
	pid_t pid;

	open_surface(display, fd, compositor_name());
	pid = fork();
	if (pid == 0) {
		wl_display_destroy(display);
		_exit(0);
	}
	check(pid > 0 && waitpid(pid, &status, 0) == pid);
	check_int(status, 0);
	check(has_control("one"));
	request(display, fd, 4, 6, NULL, 0);
	check_int(commits, 1);
	wl_display_destroy_clients(display);
	wl_display_destroy(display);
}

/* Each way of naming a display; the first name counts. */
TEST(names)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct wl_display *display = create_display(NULL);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/by-fd", getenv("XDG_RUNTIME_DIR"));
	check_int(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	check_int(listen(fd, 1), 0);
	check_int(wl_display_add_socket_fd(display, fd), 0);
	check(has_control("by-fd"));
	check(wl_display_add_socket_auto(display));
	check(!has_control("wayland-0") && !has_control("wayland-1"));
	wl_display_destroy(display);
	display = create_display(NULL);
	const char *name = wl_display_add_socket_auto(display);
	check(name && has_control(name));
	wl_display_destroy(display);
}

/* The compositor finds its own implementation and data; claims come in their order, all of them. */
static void check_requests(void)
{
	struct wl_display *display = create_display(NULL);
	int fd = connect_client(display);

	open_surface(display, fd, compositor_name());
	check(wl_resource_instance_of(surface, &wl_surface_interface, &table));
	check(wl_resource_get_user_data(surface) == &destroyed);
	for (uint32_t i = 1; i <= 5; i++)
		request(display, fd, 4, i % 2 ? 2 : 9, (uint32_t[]){0, 0, i, 1}, 4);
	request(display, fd, 4, 6, NULL, 0);
	check_int(damages, 12345);
	check_int(commits, 1);
	/* More than are held back. */
	for (uint32_t i = 0; i < 100; i++)
		request(display, fd, 4, 9, (uint32_t[]){0, 0, 0, 1}, 4);
	damages = 0;
	request(display, fd, 4, 9, (uint32_t[]){0, 0, 7, 1}, 4);
	check_int(damages, 7);
	request(display, fd, 4, 6, NULL, 0);
	check_int(damages, 7);
	check_int(commits, 2);
	wl_display_destroy_clients(display);
	wl_display_destroy(display);
	check_int(destroyed, 1);
}

TEST(table)
{
	check_requests();
}

TEST(dispatcher)
{
	use_dispatcher = true;
	check_requests();
	check(dispatched == &table);
}
