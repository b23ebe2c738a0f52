/* SPDX-License-Identifier: MIT */
/*
 * What windows are called, from the requests of xdg_wm_base, xdg_surface and xdg_toplevel: each
 * names the next by its id.
 */
#include <stdlib.h>
#include <string.h>

#include "observer/object.h"

static void handle_shell(const union wl_argument *args, const char *name)
{
	/* To libwayland a resource is an object first of all. */
	struct wl_resource *resource = (struct wl_resource *)args[1].o;
	struct surface *surface;

	if (strcmp(name, "get_xdg_surface") != 0 || resource == NULL)
		return;
	surface = surface_from_resource(resource);
	if (surface != NULL && surface->observer != NULL)
		object_set(surface, OBJECT_XDG_SURFACE, args[0].n);
}

static void handle_xdg_surface(struct surface *surface, const char *name, uint32_t id)
{
	if (strcmp(name, "get_toplevel") == 0)
		object_set(surface, OBJECT_TOPLEVEL, id);
	else if (strcmp(name, "destroy") == 0)
		object_set(surface, OBJECT_XDG_SURFACE, 0);
}

/* Without memory it has no name. */
static void set(char **text, const char *string)
{
	free(*text);
	*text = string != NULL ? strdup(string) : NULL;
}

static void handle_toplevel(
	struct surface *surface, const char *name, const union wl_argument *args)
{
	if (strcmp(name, "set_title") == 0)
		set(&surface->label.title, args[0].s);
	else if (strcmp(name, "set_app_id") == 0)
		set(&surface->label.app_id, args[0].s);
	else if (strcmp(name, "destroy") == 0)
		object_set(surface, OBJECT_TOPLEVEL, 0);
}

void label_handle_request(
	struct observer *observer, const struct wl_protocol_logger_message *message)
{
	const char *class = wl_resource_get_class(message->resource);
	const char *name = message->message->name;
	struct surface *surface;

	if (strcmp(class, "xdg_wm_base") == 0) {
		handle_shell(message->arguments, name);
	} else if (strcmp(class, "xdg_surface") == 0) {
		if (strncmp(name, "get_t", 5) != 0 && strcmp(name, "destroy") != 0)
			return;
		surface = object_find(observer, message->resource, OBJECT_XDG_SURFACE);
		if (surface != NULL)
			handle_xdg_surface(surface, name, message->arguments[0].n);
	} else if (strcmp(class, "xdg_toplevel") == 0) {
		surface = object_find(observer, message->resource, OBJECT_TOPLEVEL);
		if (surface != NULL)
			handle_toplevel(surface, name, message->arguments);
	}
}

void label_finish(struct label *label)
{
	set(&label->title, NULL);
	set(&label->app_id, NULL);
}
