/* SPDX-License-Identifier: MIT */
/*
 * Requests on other objects that decide what is seen of a surface. The session's tracker sees
 * each message as well; here all but these end at a compare of a letter or two.
 */
#include <errno.h>
#include <string.h>

#include "observer/observer.h"

/* What it changes is applied with a commit of this surface or of another: of one of the next. */
#define COMMITS 2

static void stir_client(struct observer *observer, struct wl_client *client)
{
	struct surface *surface;

	wl_list_for_each (surface, &observer->surfaces, link) {
		if (wl_resource_get_client(surface->resource) == client)
			surface->stirred = COMMITS;
	}
}

/* The surface that the argument names. */
static struct surface *get_surface(const union wl_argument *argument)
{
	/* To libwayland a resource is an object first of all. */
	return argument->o != NULL ? surface_from_resource((struct wl_resource *)argument->o)
				   : NULL;
}

static void handle_subsurface(
	struct observer *observer, const struct wl_protocol_logger_message *message)
{
	struct surface *surface = NULL;

	if (strcmp(message->message->name, "get_subsurface") == 0)
		surface = get_surface(&message->arguments[1]);
	if (surface != NULL)
		surface->is_subsurface = true;
	stir_client(observer, wl_resource_get_client(message->resource));
}

static void create_viewport(const union wl_argument *args)
{
	struct surface *surface = get_surface(&args[1]);

	if (surface == NULL)
		return;
	surface->viewport = args[0].n;
	surface->stirred = COMMITS;
	memset(surface->source, 0, sizeof(surface->source));
	memset(surface->destination, 0, sizeof(surface->destination));
}

static struct surface *find_viewport(struct observer *observer, struct wl_resource *viewport)
{
	struct wl_client *client = wl_resource_get_client(viewport);
	uint32_t id = wl_resource_get_id(viewport);
	struct surface *surface;

	wl_list_for_each (surface, &observer->surfaces, link) {
		if (surface->viewport == id && wl_resource_get_client(surface->resource) == client)
			return surface;
	}
	return NULL;
}

/* Many clients say the same again with each commit. */
static bool set(int32_t *values, const union wl_argument *args, int n)
{
	bool other = false;

	for (int i = 0; i < n; i++) {
		other = other || values[i] != args[i].i;
		values[i] = args[i].i;
	}
	return other;
}

static void handle_viewport(
	struct observer *observer, const struct wl_protocol_logger_message *message)
{
	struct surface *surface = find_viewport(observer, message->resource);
	const char *name = message->message->name;
	bool other = true;

	if (surface == NULL)
		return;
	if (strcmp(name, "set_source") == 0)
		other = set(surface->source, message->arguments, 4);
	else if (strcmp(name, "set_destination") == 0)
		other = set(surface->destination, message->arguments, 2);
	if (other)
		surface->stirred = COMMITS;
}

static void handle_sync(const union wl_argument *args)
{
	struct surface *surface = get_surface(&args[1]);

	if (surface != NULL)
		surface->explicit_sync = true;
}

static bool begins(const char *class, const char *prefix)
{
	return strncmp(class, prefix, strlen(prefix)) == 0;
}

static void handle_request(
	struct observer *observer, const struct wl_protocol_logger_message *message)
{
	const char *class = wl_resource_get_class(message->resource);
	const char *name = message->message->name;

	if (begins(class, "wl_sub"))
		handle_subsurface(observer, message);
	else if (strcmp(name, "get_viewport") == 0)
		create_viewport(message->arguments);
	else if (strcmp(class, "wp_viewport") == 0)
		handle_viewport(observer, message);
	else if ((begins(class, "wp_linux_drm_syncobj_manager") &&
			 strcmp(name, "get_surface") == 0) ||
		 strcmp(name, "get_synchronization") == 0)
		handle_sync(message->arguments);
	else if (begins(class, "wp_alpha_") || begins(class, "wp_color_"))
		stir_client(observer, wl_resource_get_client(message->resource));
}

static void handle_message(void *data, enum wl_protocol_logger_type type,
	const struct wl_protocol_logger_message *message)
{
	const char *class;

	if (type != WL_PROTOCOL_LOGGER_REQUEST)
		return;
	class = wl_resource_get_class(message->resource);
	if (class[0] == 'z' || class[1] == 'p' || begins(class, "wl_sub"))
		handle_request(data, message);
	else if (begins(class, "xdg_"))
		label_handle_request(data, message);
}

int stir_init(struct observer *observer)
{
	observer->stirs =
		wl_display_add_protocol_logger(observer->display, handle_message, observer);
	return observer->stirs != NULL ? 0 : -ENOMEM;
}

void stir_finish(struct observer *observer)
{
	if (observer->stirs != NULL)
		wl_protocol_logger_destroy(observer->stirs);
	observer->stirs = NULL;
}
