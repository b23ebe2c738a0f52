/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "server/server.h"
#include "wltex-v1-server.h"

#define MANAGER_VERSION 1

struct wltex_server {
	struct wl_global *global;
	struct wl_list managers; // wl_resource links
	struct wl_list surfaces; // struct surface.link
};

/* What an attach came with: a content sum that the client promises, or none. */
struct promise {
	bool set;
	uint32_t crc32, serial;
};

/* Behind a wltex_surface_v1 as long as its wl_surface lives; then the resource is inert. */
struct surface {
	struct wl_list link; // wltex_server.surfaces
	struct wl_resource *resource;
	struct wl_listener wl_surface_destroy;
	struct promise pending;
	/* Of the attaches that are not applied yet, the oldest first. */
	struct promise committed[WLTEX_SERVER_MAX_PROMISES];
	uint32_t n_committed;
};

static void surface_destroy(struct surface *surface)
{
	if (surface == NULL)
		return;
	wl_resource_set_user_data(surface->resource, NULL);
	wl_list_remove(&surface->wl_surface_destroy.link);
	wl_list_remove(&surface->link);
	free(surface);
}

static void handle_wl_surface_destroy(struct wl_listener *listener, void *data)
{
	struct surface *surface = wl_container_of(listener, surface, wl_surface_destroy);

	surface_destroy(surface);
}

static struct surface *find_surface(struct wl_resource *wl_surface)
{
	struct wl_listener *listener =
		wl_resource_get_destroy_listener(wl_surface, handle_wl_surface_destroy);
	struct surface *surface;

	return listener != NULL ? wl_container_of(listener, surface, wl_surface_destroy) : NULL;
}

static void handle_destroy(struct wl_client *client, struct wl_resource *resource)
{
	wl_resource_destroy(resource);
}

static void handle_set_content_sum(
	struct wl_client *client, struct wl_resource *resource, uint32_t crc32)
{
	struct surface *surface = wl_resource_get_user_data(resource);

	if (surface != NULL)
		surface->pending = (struct promise){.set = true, .crc32 = crc32};
}

static const struct wltex_surface_v1_interface surface_implementation = {
	.destroy = handle_destroy,
	.set_content_sum = handle_set_content_sum,
};

static void handle_resource_destroy(struct wl_resource *resource)
{
	surface_destroy(wl_resource_get_user_data(resource));
}

/* With server NULL the manager is inert, and so is what it makes. */
static void make_surface(struct wltex_server *server, struct wl_client *client,
	struct wl_resource *resource, struct wl_resource *wl_surface)
{
	struct surface *surface = NULL;

	if (server != NULL) {
		surface = calloc(1, sizeof(*surface));
		if (surface == NULL) {
			wl_resource_destroy(resource);
			wl_client_post_no_memory(client);
			return;
		}
		surface->resource = resource;
		surface->wl_surface_destroy.notify = handle_wl_surface_destroy;
		wl_resource_add_destroy_listener(wl_surface, &surface->wl_surface_destroy);
		wl_list_insert(&server->surfaces, &surface->link);
	}
	wl_resource_set_implementation(
		resource, &surface_implementation, surface, handle_resource_destroy);
}

static void handle_get_surface(struct wl_client *client, struct wl_resource *manager, uint32_t id,
	struct wl_resource *wl_surface)
{
	struct wl_resource *resource;

	if (find_surface(wl_surface) != NULL) {
		wl_resource_post_error(manager, WLTEX_MANAGER_V1_ERROR_ALREADY_EXISTS,
			"wl_surface@%u has a wltex_surface_v1 already",
			wl_resource_get_id(wl_surface));
		return;
	}
	resource = wl_resource_create(
		client, &wltex_surface_v1_interface, wl_resource_get_version(manager), id);
	if (resource == NULL) {
		wl_client_post_no_memory(client);
		return;
	}
	make_surface(wl_resource_get_user_data(manager), client, resource, wl_surface);
}

static const struct wltex_manager_v1_interface manager_implementation = {
	.destroy = handle_destroy,
	.get_surface = handle_get_surface,
};

static void handle_manager_destroy(struct wl_resource *resource)
{
	wl_list_remove(wl_resource_get_link(resource));
}

static void bind_manager(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
	struct wltex_server *server = data;
	struct wl_resource *resource =
		wl_resource_create(client, &wltex_manager_v1_interface, (int)version, id);

	if (resource == NULL) {
		wl_client_post_no_memory(client);
		return;
	}
	wl_resource_set_implementation(
		resource, &manager_implementation, server, handle_manager_destroy);
	wl_list_insert(&server->managers, wl_resource_get_link(resource));
}

struct wltex_server *wltex_server_create(struct wl_display *display)
{
	struct wltex_server *server = calloc(1, sizeof(*server));

	if (server == NULL)
		return NULL;
	wl_list_init(&server->managers);
	wl_list_init(&server->surfaces);
	server->global = wl_global_create(
		display, &wltex_manager_v1_interface, MANAGER_VERSION, server, bind_manager);
	if (server->global == NULL) {
		free(server);
		errno = ENOMEM;
		return NULL;
	}
	return server;
}

void wltex_server_destroy(struct wltex_server *server)
{
	struct surface *surface, *next_surface;
	struct wl_resource *manager, *next_manager;

	if (server == NULL)
		return;
	wl_list_for_each_safe (surface, next_surface, &server->surfaces, link)
		surface_destroy(surface);
	wl_resource_for_each_safe(manager, next_manager, &server->managers)
	{
		wl_resource_set_user_data(manager, NULL);
		wl_list_remove(wl_resource_get_link(manager));
		wl_list_init(wl_resource_get_link(manager));
	}
	wl_global_destroy(server->global);
	free(server);
}

bool wltex_server_is_watched(struct wl_resource *wl_surface)
{
	return find_surface(wl_surface) != NULL;
}

void wltex_server_send_event(
	struct wl_resource *wl_surface, uint32_t serial, const struct wltex_event *event)
{
	struct surface *surface = find_surface(wl_surface);

	if (surface != NULL)
		wltex_surface_v1_send_texture(surface->resource, serial, event->state,
			event->reason, event->has_sum ? event->sum : 0);
}

static void drop_oldest(struct surface *surface, uint32_t n)
{
	surface->n_committed -= n;
	memmove(surface->committed, surface->committed + n,
		surface->n_committed * sizeof(surface->committed[0]));
}

void wltex_server_commit(struct wl_resource *wl_surface, uint32_t serial, bool attached)
{
	struct surface *surface = find_surface(wl_surface);

	if (surface == NULL)
		return;
	if (attached && surface->n_committed == WLTEX_SERVER_MAX_PROMISES)
		drop_oldest(surface, 1);
	if (attached) {
		surface->pending.serial = serial;
		surface->committed[surface->n_committed++] = surface->pending;
	}
	surface->pending.set = false;
}

bool wltex_server_take_sum(struct wl_resource *wl_surface, uint32_t serial, uint32_t *crc32)
{
	struct surface *surface = find_surface(wl_surface);
	struct promise promise = {0};
	uint32_t n = 0;

	if (surface == NULL)
		return false;
	/* Numbers may begin again from 0. */
	while (n < surface->n_committed && (int32_t)(surface->committed[n].serial - serial) <= 0)
		promise = surface->committed[n++];
	drop_oldest(surface, n);
	*crc32 = promise.crc32;
	return promise.set;
}
