/* SPDX-License-Identifier: MIT */
/*
 * The functions of libwayland that make and end a wl_display and give it a name. A compositor
 * calls these here instead, as this object comes first.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "observer/next.h"
#include "observer/observer.h"
#include "util/log.h"

static struct wl_list observers = {&observers, &observers}; // struct observer.link

static void log_message(void *data, enum wltex_log_level level, const char *format, va_list args)
{
	char line[1024];

	vsnprintf(line, sizeof(line), format, args);
	fprintf(stderr, "wltex: %s\n", line);
}

static const struct wltex_logger logger = {.log = log_message, .level = WLTEX_LOG_WARNING};

static struct observer *find(const struct wl_display *display)
{
	struct observer *observer;

	wl_list_for_each (observer, &observers, link) {
		if (observer->display == display)
			return observer;
	}
	return NULL;
}

struct observer *observer_from_client(struct wl_client *client)
{
	return find(wl_client_get_display(client));
}

void observer_tell_too_new(struct observer *observer)
{
	if (!observer->too_new_told)
		wltex_warning(&logger, "wl_surface is newer than this program: commits of some "
				       "clients are not seen");
	observer->too_new_told = true;
}

static char *get_option(void *data, const char *key)
{
	const struct observer *observer = data;

	return config_get(&observer->config, key);
}

static void surface_destroyed(void *data, void *surface_data)
{
	struct surface *surface = surface_data;

	surface->session = NULL;
}

/* In surface coordinates, as far as these are known. */
static void describe(void *data, void *surface_data, struct wltex_description *description)
{
	const struct surface *surface = surface_data;

	description->width = surface->width / surface->scale;
	description->height = surface->height / surface->scale;
	description->mapped = surface->shown.resource != NULL;
	description->title = surface->label.title;
	description->app_id = surface->label.app_id;
	if (surface->is_subsurface)
		description->role = "wl_subsurface";
	else if (surface->objects[OBJECT_XDG_SURFACE].id != 0)
		description->role =
			surface->objects[OBJECT_TOPLEVEL].id != 0 ? "xdg_toplevel" : "xdg_popup";
}

static const struct wltex_host host = {
	.get_option = get_option,
	.describe = describe,
	.surface_destroyed = surface_destroyed,
};

static int create_session(struct observer *observer)
{
	const struct wltex_session_options options = {
		.display = observer->display,
		.host = &host,
		.data = observer,
		.logger = &logger,
		.listen_later = true,
		.map_shm = true,
	};

	config_read(&observer->config, &logger);
	observer->session = wltex_session_create(&options);
	config_finish(&observer->config);
	return observer->session != NULL ? 0 : -errno;
}

static void observer_destroy(struct observer *observer)
{
	struct surface *surface, *next;

	wl_list_for_each_safe (surface, next, &observer->surfaces, link)
		surface_end(surface);
	stir_finish(observer);
	wltex_session_destroy(observer->session);
	wl_list_remove(&observer->link);
	free(observer);
}

/* The compositor goes on without us if we cannot start. */
static void observe(struct wl_display *display)
{
	struct observer *observer = calloc(1, sizeof(*observer));
	int ret;

	if (observer == NULL)
		return;
	observer->display = display;
	observer->pid = getpid();
	wl_list_init(&observer->surfaces);
	wl_list_insert(&observers, &observer->link);
	/* The logger that is added last is called first: the session's is to be that. */
	ret = stir_init(observer);
	if (ret == 0)
		ret = create_session(observer);
	if (ret == 0)
		return;
	wltex_error(&logger, "cannot start: %s", strerror(-ret));
	observer_destroy(observer);
}

static void listen_as(struct wl_display *display, const char *name)
{
	struct observer *observer = find(display);

	/* Of several names the first counts. What else is wrong is logged. */
	if (observer != NULL && name != NULL)
		wltex_session_listen(observer->session, name);
}

WL_EXPORT struct wl_display *wl_display_create(void)
{
	struct wl_display *display = next_display_create();

	if (display != NULL)
		observe(display);
	return display;
}

/* A child that was forked and destroys what it has of the display leaves ours alone. */
WL_EXPORT void wl_display_destroy(struct wl_display *display)
{
	struct observer *observer = find(display);

	if (observer != NULL && observer->pid == getpid())
		observer_destroy(observer);
	next_display_destroy(display);
}

WL_EXPORT int wl_display_add_socket(struct wl_display *display, const char *name)
{
	int ret = next_display_add_socket(display, name);

	if (name == NULL)
		name = getenv("WAYLAND_DISPLAY");
	if (ret == 0)
		listen_as(display, name != NULL ? name : "wayland-0");
	return ret;
}

WL_EXPORT const char *wl_display_add_socket_auto(struct wl_display *display)
{
	const char *name = next_display_add_socket_auto(display);

	listen_as(display, name);
	return name;
}

WL_EXPORT int wl_display_add_socket_fd(struct wl_display *display, int fd)
{
	struct sockaddr_un address = {0};
	socklen_t size = sizeof(address) - 1;
	int ret = next_display_add_socket_fd(display, fd);

	if (ret == 0 && getsockname(fd, (struct sockaddr *)&address, &size) == 0 &&
		address.sun_family == AF_UNIX && address.sun_path[0] != '\0')
		listen_as(display, address.sun_path);
	return ret;
}
