/* SPDX-License-Identifier: MIT */
/*
 * Requests on other objects that decide what is seen of a surface. The session's tracker sees
 * each message as well; here all but these end at a compare of a letter or two.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "observer/object.h"

/* What it changes is applied with a commit of this surface or of another: of one of the next. */
#define COMMITS 2

/* A client that stirred something, as long as it lives. */
struct stirrer {
	struct wl_listener destroy;
	uint32_t stirs;
};

static void handle_client_destroy(struct wl_listener *listener, void *data)
{
	struct stirrer *stirrer = wl_container_of(listener, stirrer, destroy);

	wl_list_remove(&listener->link);
	free(stirrer);
}

static struct stirrer *find_stirrer(struct wl_client *client)
{
	struct wl_listener *listener =
		wl_client_get_destroy_listener(client, handle_client_destroy);
	struct stirrer *stirrer;

	return listener != NULL ? wl_container_of(listener, stirrer, destroy) : NULL;
}

/* All of its surfaces, however many: each finds out with its next commit. */
static void stir_client(struct wl_client *client)
{
	struct stirrer *stirrer = find_stirrer(client);

	if (stirrer == NULL) {
		stirrer = calloc(1, sizeof(*stirrer));
		if (stirrer == NULL) {
			wl_client_post_no_memory(client);
			return;
		}
		stirrer->destroy.notify = handle_client_destroy;
		wl_client_add_destroy_listener(client, &stirrer->destroy);
	}
	stirrer->stirs++;
}

void stir_catch_up(struct surface *surface)
{
	const struct stirrer *stirrer = find_stirrer(wl_resource_get_client(surface->resource));

	if (stirrer == NULL || stirrer->stirs == surface->stirs_seen)
		return;
	surface->stirs_seen = stirrer->stirs;
	surface->stirred = COMMITS;
}

/* The surface that the argument names. */
static struct surface *get_surface(const union wl_argument *argument)
{
	/* To libwayland a resource is an object first of all. */
	return argument->o != NULL ? surface_from_resource((struct wl_resource *)argument->o)
				   : NULL;
}

static void handle_subsurface(const struct wl_protocol_logger_message *message)
{
	struct surface *surface = NULL;

	if (strcmp(message->message->name, "get_subsurface") == 0)
		surface = get_surface(&message->arguments[1]);
	if (surface != NULL)
		surface->is_subsurface = true;
	stir_client(wl_resource_get_client(message->resource));
}

static void create_viewport(const union wl_argument *args)
{
	struct surface *surface = get_surface(&args[1]);

	if (surface == NULL)
		return;
	if (surface->observer == NULL)
		return;
	object_set(surface, OBJECT_VIEWPORT, args[0].n);
	surface->stirred = COMMITS;
	memset(surface->source, 0, sizeof(surface->source));
	memset(surface->destination, 0, sizeof(surface->destination));
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
	struct surface *surface = object_find(observer, message->resource, OBJECT_VIEWPORT);
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
		handle_subsurface(message);
	else if (strcmp(name, "get_viewport") == 0)
		create_viewport(message->arguments);
	else if (strcmp(class, "wp_viewport") == 0)
		handle_viewport(observer, message);
	else if ((begins(class, "wp_linux_drm_syncobj_manager") &&
			 strcmp(name, "get_surface") == 0) ||
		 strcmp(name, "get_synchronization") == 0)
		handle_sync(message->arguments);
	else if (begins(class, "wp_alpha_") || begins(class, "wp_color_"))
		stir_client(wl_resource_get_client(message->resource));
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
