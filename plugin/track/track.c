/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "track/private.h"
#include "track/process.h"

void client_change_fds(struct client *client, int delta)
{
	if (delta == 0)
		return;
	client->base.fds += delta;
	track_emit(client->track, fds_changed, &client->base, delta);
}

void client_drop_dmabuf(struct client *client, struct wltex_dmabuf **dmabuf)
{
	int held;

	if (*dmabuf == NULL)
		return;
	held = wltex_dmabuf_get_fd_count(*dmabuf);
	wltex_dmabuf_destroy(*dmabuf);
	*dmabuf = NULL;
	client_change_fds(client, -held);
}

static void find_started(struct client *client)
{
	client->base.pid = process_find_peer(wl_client_get_fd(client->base.client));
}

/* Who connected; of what the compositor started, as much as is known before it speaks. */
static void identify(struct client *client)
{
	char self[WLTEX_TRACK_NAME_SIZE / 2];

	wl_client_get_credentials(client->base.client, &client->base.pid, NULL, NULL);
	client->started = client->base.pid == getpid();
	if (!client->started) {
		process_read_name(client->base.pid, client->base.name, sizeof(client->base.name));
		return;
	}
	find_started(client);
	process_read_name(getpid(), self, sizeof(self));
	snprintf(client->base.name, sizeof(client->base.name), "started by %s", self);
}

/* It made a request: so it has executed its program by now, and has a name of its own. */
static void name_started(struct client *client)
{
	char name[WLTEX_TRACK_NAME_SIZE] = "";

	client->started = false;
	if (client->base.pid == 0)
		find_started(client);
	if (client->base.pid == 0 || process_read_name(client->base.pid, name, sizeof(name)) < 0)
		return;
	memcpy(client->base.name, name, sizeof(name));
	track_emit(client->track, client_named, &client->base);
}

static void handle_resource_created(struct wl_listener *listener, void *data)
{
	struct client *client = wl_container_of(listener, client, resource_created);
	struct wl_resource *resource = data;
	const char *class = wl_resource_get_class(resource);

	if (client->started)
		name_started(client);
	if (strcmp(class, "wl_buffer") == 0 || strcmp(class, "wl_shm_pool") == 0)
		expected_match(&client->track->expected, client, resource);
	else if (strcmp(class, "wl_surface") == 0)
		surface_create(client, resource, false);
	else if (strcmp(class, "zwp_linux_buffer_params_v1") == 0)
		params_create(client, resource);
}

static enum wl_iterator_result find_resources(struct wl_resource *resource, void *data)
{
	const char *class = wl_resource_get_class(resource);

	if (strcmp(class, "wl_surface") == 0)
		surface_create(data, resource, true);
	else if (strcmp(class, "wl_shm_pool") == 0 || strcmp(class, "wl_buffer") == 0)
		client_add_foreign_pool(data);
	return WL_ITERATOR_CONTINUE;
}

static void client_destroy(struct client *client)
{
	struct params *params, *next_params;
	struct surface *surface, *next_surface;
	struct buffer *buffer, *next_buffer;
	struct pool *pool, *next_pool;

	/* No more objects of it from now on. */
	wl_list_remove(&client->destroy.link);
	wl_list_remove(&client->resource_created.link);
	if (client->track->expected.client == client)
		expected_drop(&client->track->expected);
	wl_list_for_each_safe (params, next_params, &client->params, link)
		params_destroy(params);
	wl_list_for_each_safe (surface, next_surface, &client->surfaces, link)
		surface_destroy(surface);
	wl_list_for_each_safe (buffer, next_buffer, &client->buffers, link)
		buffer_destroy(buffer);
	wl_list_for_each_safe (pool, next_pool, &client->pools, link)
		pool_end(pool);
	wl_list_remove(&client->link);
	track_emit(client->track, client_destroyed, &client->base);
	free(client);
}

/* Comes before libwayland destroys the client's resources. */
static void handle_client_destroy(struct wl_listener *listener, void *data)
{
	struct client *client = wl_container_of(listener, client, destroy);

	client_destroy(client);
}

static void client_create(struct wltex_track *track, struct wl_client *wl_client)
{
	struct client *client = calloc(1, sizeof(*client));

	if (client == NULL) {
		wltex_error(track->logger, "out of memory: a client is not tracked");
		return;
	}
	client->track = track;
	client->base.client = wl_client;
	identify(client);
	wl_list_init(&client->params);
	wl_list_init(&client->buffers);
	wl_list_init(&client->surfaces);
	wl_list_init(&client->pools);
	wl_list_insert(track->clients.prev, &client->link);
	client->destroy.notify = handle_client_destroy;
	wl_client_add_destroy_listener(wl_client, &client->destroy);
	client->resource_created.notify = handle_resource_created;
	wl_client_add_resource_created_listener(wl_client, &client->resource_created);
	track_emit(track, client_created, &client->base);
	wl_client_for_each_resource(wl_client, find_resources, client);
}

static void handle_client_created(struct wl_listener *listener, void *data)
{
	struct wltex_track *track = wl_container_of(listener, track, client_created);

	client_create(track, data);
}

static void handle_buffer_release(struct wltex_track *track, struct wl_resource *resource)
{
	struct wltex_track_buffer *buffer = wltex_track_get_buffer(track, resource);
	struct wltex_track_shm_buffer *shm_buffer = NULL;

	if (buffer != NULL)
		track_emit(track, buffer_released, buffer);
	else
		shm_buffer = wltex_track_get_shm_buffer(track, resource);
	if (shm_buffer != NULL)
		track_emit(track, shm_buffer_released, shm_buffer);
}

/* Every message of every client passes here: no work before it is known to matter. */
static void handle_message(void *data, enum wl_protocol_logger_type type,
	const struct wl_protocol_logger_message *message)
{
	struct wltex_track *track = data;
	enum message_kind kind = message_table_get(&track->messages, type, message);

	if (type == WL_PROTOCOL_LOGGER_REQUEST && track->expected.kind != EXPECT_NOTHING)
		expected_drop(&track->expected);
	if (kind == MESSAGE_OTHER)
		return;
	if (kind >= MESSAGE_SURFACE_ATTACH)
		surface_handle_message(track, kind, message);
	else if (kind == MESSAGE_BUFFER_RELEASE)
		handle_buffer_release(track, message->resource);
	else if (kind == MESSAGE_SUBSURFACE_PLACE)
		track_emit(track, subsurface_placed, message->resource);
	else if (kind == MESSAGE_SUBSURFACE_CREATE)
		surface_handle_role(track, message->arguments);
	else if (kind == MESSAGE_SHM_CREATE_POOL)
		pool_handle_create(track, message);
	else if (kind == MESSAGE_POOL_CREATE_BUFFER || kind == MESSAGE_POOL_RESIZE)
		pool_handle_message(kind, message);
	else
		params_handle_message(track, kind, message);
}

static void stop(struct wltex_track *track)
{
	struct client *client, *next;

	wl_protocol_logger_destroy(track->protocol_logger);
	wl_list_remove(&track->client_created.link);
	wl_list_remove(&track->display_destroy.link);
	wl_list_for_each_safe (client, next, &track->clients, link)
		client_destroy(client);
	track->display = NULL;
}

static void handle_display_destroy(struct wl_listener *listener, void *data)
{
	struct wltex_track *track = wl_container_of(listener, track, display_destroy);

	stop(track);
}

static int get_scarce_fd(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur > INT_MAX)
		return INT_MAX;
	return (int)(limit.rlim_cur - limit.rlim_cur / 4);
}

struct wltex_track *wltex_track_create(struct wl_display *display,
	const struct wltex_track_interface *interface, void *data,
	const struct wltex_logger *logger)
{
	struct wltex_track *track;
	struct wl_client *client;
	struct wl_list *clients = wl_display_get_client_list(display);

	/* Objects are found by the listener on their resource: one tracker can have that. */
	if (wl_display_get_destroy_listener(display, handle_display_destroy) != NULL) {
		errno = EEXIST;
		return NULL;
	}
	track = calloc(1, sizeof(*track));
	if (track == NULL)
		return NULL;
	track->protocol_logger = wl_display_add_protocol_logger(display, handle_message, track);
	if (track->protocol_logger == NULL) {
		free(track);
		errno = ENOMEM;
		return NULL;
	}
	track->display = display;
	track->scarce_fd = get_scarce_fd();
	track->seed = shm_bytes_make_seed(track);
	track->interface = interface;
	track->data = data;
	track->logger = logger;
	wl_list_init(&track->clients);
	track->display_destroy.notify = handle_display_destroy;
	wl_display_add_destroy_listener(display, &track->display_destroy);
	track->client_created.notify = handle_client_created;
	wl_display_add_client_created_listener(display, &track->client_created);
	wl_client_for_each (client, clients)
		client_create(track, client);
	return track;
}

void wltex_track_destroy(struct wltex_track *track)
{
	if (track == NULL)
		return;
	if (track->display != NULL)
		stop(track);
	free(track);
}

void wltex_track_set_client_fd_limit(struct wltex_track *track, int limit)
{
	track->client_fd_limit = limit;
}

struct wltex_track_client *wltex_track_get_client(
	struct wltex_track *track, struct wl_client *wl_client)
{
	struct wl_listener *listener = NULL;
	struct client *client;

	if (wl_client != NULL)
		listener = wl_client_get_destroy_listener(wl_client, handle_client_destroy);
	if (listener == NULL)
		return NULL;
	client = wl_container_of(listener, client, destroy);
	return client->track == track ? &client->base : NULL;
}
