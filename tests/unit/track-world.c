/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "linux-dmabuf-v1-server.h"
#include "track-world.h"

/*
 * The tracker's side: record, and check what must hold whatever clients do.
 */

static void record(struct world *world, const char *format, ...)
{
	size_t used = strlen(world->log);
	va_list args;

	if (!world->record)
		return;
	va_start(args, format);
	vsnprintf(world->log + used, sizeof(world->log) - used, format, args);
	va_end(args);
	assert(strlen(world->log) < sizeof(world->log) - 1);
}

static void client_created(void *data, struct wltex_track_client *client)
{
	struct world *world = data;

	assert(client->user_data == NULL && client->fds == 0);
	client->user_data = world;
	world->last_client = client;
	world->n_clients++;
	record(world, "client+ ");
}

static void client_named(void *data, struct wltex_track_client *client)
{
	struct world *world = data;

	assert(client->user_data == world && client->pid > 0);
	world->n_named++;
}

static void client_destroyed(void *data, struct wltex_track_client *client)
{
	struct world *world = data;

	assert(client->user_data == world);
	assert(client->n_params == 0 && client->n_buffers == 0 && client->n_surfaces == 0);
	assert(client->n_pools == 0 && client->n_shm_buffers == 0 && client->shm_bytes == 0);
	assert(client->fds == 0);
	world->last_client = NULL;
	world->n_clients--;
	record(world, "client- ");
}

static void buffer_created(void *data, struct wltex_track_buffer *buffer)
{
	struct world *world = data;
	const char *class = wl_resource_get_class(buffer->resource);

	assert(strcmp(class, "wl_buffer") == 0 && buffer->client->user_data == world);
	assert((buffer->dmabuf == NULL) == (buffer->error != WLTEX_DMABUF_OK));
	assert(wl_resource_get_client(buffer->resource) == buffer->client->client);
	buffer->user_data = buffer->dmabuf;
	world->last_buffer = buffer;
	world->last_error = buffer->error;
	world->n_buffers++;
	/* Ids that the compositor chose are counted from 0xff000000 on. */
	record(world, "buffer+%x ", wl_resource_get_id(buffer->resource));
}

static void buffer_released(void *data, struct wltex_track_buffer *buffer)
{
	struct world *world = data;

	assert(buffer->user_data == buffer->dmabuf);
	record(world, "released%x ", wl_resource_get_id(buffer->resource));
}

static void buffer_destroyed(void *data, struct wltex_track_buffer *buffer)
{
	struct world *world = data;

	assert(buffer->user_data == buffer->dmabuf && buffer->client->user_data == world);
	/* Still whole. */
	if (buffer->dmabuf != NULL)
		assert(wltex_dmabuf_get_attributes(buffer->dmabuf)->width > 0);
	if (world->buffer_destroyed != NULL)
		world->buffer_destroyed(world, buffer);
	if (world->last_buffer == buffer)
		world->last_buffer = NULL;
	world->n_buffers--;
	record(world, "buffer-%x ", wl_resource_get_id(buffer->resource));
}

static void pool_created(void *data, struct wltex_track_pool *pool)
{
	struct world *world = data;

	assert(strcmp(wl_resource_get_class(pool->resource), "wl_shm_pool") == 0);
	assert(wl_resource_get_client(pool->resource) == pool->client->client);
	assert(pool->client->user_data == world && pool->client->n_pools > 0);
	assert(pool->size > 0 && pool->n_buffers == 0 && pool->user_data == NULL);
	assert(pool->client->shm_bytes >= pool->size);
	pool->user_data = world;
	world->last_pool = pool;
	world->n_pools++;
	record(world, "pool+%x ", wl_resource_get_id(pool->resource));
}

static void pool_resized(void *data, struct wltex_track_pool *pool)
{
	struct world *world = data;

	assert(pool->user_data == world && pool->resource != NULL);
	assert(pool->client->shm_bytes >= pool->size);
	record(world, "resized%x ", wl_resource_get_id(pool->resource));
}

static void pool_destroyed(void *data, struct wltex_track_pool *pool)
{
	struct world *world = data;

	assert(pool->user_data == world && pool->client->user_data == world);
	assert(pool->resource == NULL && pool->n_buffers == 0);
	if (world->last_pool == pool)
		world->last_pool = NULL;
	world->n_pools--;
	record(world, "pool- ");
}

static void shm_buffer_created(void *data, struct wltex_track_shm_buffer *buffer)
{
	struct world *world = data;

	assert(strcmp(wl_resource_get_class(buffer->resource), "wl_buffer") == 0);
	assert(wl_resource_get_client(buffer->resource) == buffer->client->client);
	assert(buffer->pool->user_data == world && buffer->pool->client == buffer->client);
	assert(buffer->pool->resource != NULL && buffer->pool->n_buffers > 0);
	assert(buffer->user_data == NULL);
	buffer->user_data = buffer->pool;
	world->last_shm_buffer = buffer;
	world->n_shm_buffers++;
	record(world, "shm+%x ", wl_resource_get_id(buffer->resource));
}

static void shm_buffer_released(void *data, struct wltex_track_shm_buffer *buffer)
{
	assert(buffer->user_data == buffer->pool);
	record(data, "released%x ", wl_resource_get_id(buffer->resource));
}

static void shm_buffer_destroyed(void *data, struct wltex_track_shm_buffer *buffer)
{
	struct world *world = data;

	assert(buffer->user_data == buffer->pool && buffer->pool->user_data == world);
	if (world->last_shm_buffer == buffer)
		world->last_shm_buffer = NULL;
	world->n_shm_buffers--;
	record(world, "shm-%x ", wl_resource_get_id(buffer->resource));
}

static void surface_created(void *data, struct wltex_track_surface *surface)
{
	struct world *world = data;

	assert(surface->client->user_data == world && surface->commits == 0);
	surface->user_data = world;
	world->n_surfaces++;
	record(world, "surface+%x ", wl_resource_get_id(surface->resource));
}

static void surface_commit(void *data, struct wltex_track_surface *surface)
{
	struct world *world = data;

	assert(surface->user_data == world);
	record(world, "commit%x ", wl_resource_get_id(surface->resource));
}

static void surface_destroyed(void *data, struct wltex_track_surface *surface)
{
	struct world *world = data;

	assert(surface->user_data == world && surface->client->user_data == world);
	world->n_surfaces--;
	record(world, "surface-%x ", wl_resource_get_id(surface->resource));
}

static void fds_changed(void *data, struct wltex_track_client *client, int delta)
{
	struct world *world = data;

	assert(client->user_data == world && delta != 0 && client->fds >= 0);
	world->fds += delta;
	record(world, "fds%+d ", delta);
}

static void shm_bytes_changed(void *data, struct wltex_track_client *client, int64_t delta)
{
	struct world *world = data;

	assert(client->user_data == world && delta != 0);
	world->shm_bytes += (uint64_t)delta;
	assert(world->shm_bytes >= client->shm_bytes);
}

static const struct wltex_track_interface track_interface = {
	.client_created = client_created,
	.client_named = client_named,
	.client_destroyed = client_destroyed,
	.buffer_created = buffer_created,
	.buffer_released = buffer_released,
	.buffer_destroyed = buffer_destroyed,
	.pool_created = pool_created,
	.pool_resized = pool_resized,
	.pool_destroyed = pool_destroyed,
	.shm_buffer_created = shm_buffer_created,
	.shm_buffer_released = shm_buffer_released,
	.shm_buffer_destroyed = shm_buffer_destroyed,
	.surface_created = surface_created,
	.surface_commit = surface_commit,
	.surface_destroyed = surface_destroyed,
	.fds_changed = fds_changed,
	.shm_bytes_changed = shm_bytes_changed,
};

/*
 * The compositor.
 */

static void destroy_resource(struct wl_client *client, struct wl_resource *resource)
{
	wl_resource_destroy(resource);
}

static const struct wl_buffer_interface buffer_implementation = {
	.destroy = destroy_resource,
};

static struct wl_resource *make_wl_buffer(
	struct world *world, struct wl_client *client, uint32_t id)
{
	struct wl_resource *buffer = wl_resource_create(client, &wl_buffer_interface, 1, id);

	if (buffer == NULL) {
		wl_client_post_no_memory(client);
		return NULL;
	}
	wl_resource_set_implementation(buffer, &buffer_implementation, world, NULL);
	world->last_wl_buffer = buffer;
	return buffer;
}

static void answer_create(struct world *world, struct wl_resource *params, bool accept)
{
	struct wl_resource *buffer = NULL;

	if (accept)
		buffer = make_wl_buffer(world, wl_resource_get_client(params), 0);
	if (buffer != NULL)
		zwp_linux_buffer_params_v1_send_created(params, buffer);
	else
		zwp_linux_buffer_params_v1_send_failed(params);
}

static void later_forget(struct wl_listener *listener, void *data)
{
	struct later *later = wl_container_of(listener, later, destroy);

	wl_list_remove(&later->destroy.link);
	later->params = NULL;
}

static void answer_later(struct world *world, struct wl_resource *params)
{
	for (int i = 0; i < MAX_LATER; i++) {
		struct later *later = &world->later[i];

		if (later->params != NULL)
			continue;
		later->params = params;
		later->destroy.notify = later_forget;
		wl_resource_add_destroy_listener(params, &later->destroy);
		return;
	}
}

void world_answer(struct world *world, bool accept)
{
	for (int i = 0; i < MAX_LATER; i++) {
		struct wl_resource *params = world->later[i].params;

		if (params == NULL)
			continue;
		later_forget(&world->later[i].destroy, NULL);
		answer_create(world, params, accept);
	}
}

static void params_add(struct wl_client *client, struct wl_resource *resource, int32_t fd,
	uint32_t plane, uint32_t offset, uint32_t stride, uint32_t modifier_hi,
	uint32_t modifier_lo)
{
	close(fd);
}

static void params_create(struct wl_client *client, struct wl_resource *resource, int32_t width,
	int32_t height, uint32_t format, uint32_t flags)
{
	struct world *world = wl_resource_get_user_data(resource);

	if (world->answer == REJECT)
		wl_resource_post_error(
			resource, ZWP_LINUX_BUFFER_PARAMS_V1_ERROR_INVALID_FORMAT, "rejected");
	else if (world->answer == LATER)
		answer_later(world, resource);
	else if (world->answer != SILENT)
		answer_create(world, resource, world->answer == ACCEPT);
}

static void params_create_immed(struct wl_client *client, struct wl_resource *resource, uint32_t id,
	int32_t width, int32_t height, uint32_t format, uint32_t flags)
{
	struct world *world = wl_resource_get_user_data(resource);
	enum answer answer = world->answer;

	if (answer == REJECT)
		wl_resource_post_error(
			resource, ZWP_LINUX_BUFFER_PARAMS_V1_ERROR_INVALID_WL_BUFFER, "rejected");
	if (answer == ACCEPT || answer == LATER || answer == ACCEPT_THEN_FAIL)
		make_wl_buffer(world, client, id);
	if (answer == FAIL || answer == ACCEPT_THEN_FAIL)
		zwp_linux_buffer_params_v1_send_failed(resource);
}

static const struct zwp_linux_buffer_params_v1_interface params_implementation = {
	.destroy = destroy_resource,
	.add = params_add,
	.create = params_create,
	.create_immed = params_create_immed,
};

static void create_params(struct wl_client *client, struct wl_resource *resource, uint32_t id)
{
	struct world *world = wl_resource_get_user_data(resource);
	struct wl_resource *params = wl_resource_create(
		client, world->params_interface, wl_resource_get_version(resource), id);

	if (params == NULL) {
		wl_client_post_no_memory(client);
		return;
	}
	wl_resource_set_implementation(params, &params_implementation, world, NULL);
	world->last_params = params;
}

static const struct zwp_linux_dmabuf_v1_interface dmabuf_implementation = {
	.destroy = destroy_resource,
	.create_params = create_params,
};

static void bind_dmabuf(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
	struct world *world = data;
	struct wl_resource *resource =
		wl_resource_create(client, world->dmabuf_interface, (int)version, id);

	if (resource != NULL)
		wl_resource_set_implementation(resource, &dmabuf_implementation, world, NULL);
}

/* A compositor's surface that ignores everything; its user data is what is attached. */
static void surface_attach(struct wl_client *client, struct wl_resource *resource,
	struct wl_resource *buffer, int32_t x, int32_t y)
{
}

static void surface_damage(struct wl_client *client, struct wl_resource *resource, int32_t x,
	int32_t y, int32_t width, int32_t height)
{
}

static void surface_commit_request(struct wl_client *client, struct wl_resource *resource)
{
}

static void surface_set_region(
	struct wl_client *client, struct wl_resource *resource, struct wl_resource *region)
{
}

static void surface_set_int(struct wl_client *client, struct wl_resource *resource, int32_t value)
{
}

static void surface_frame(struct wl_client *client, struct wl_resource *resource, uint32_t id)
{
	struct wl_resource *callback = wl_resource_create(client, &wl_callback_interface, 1, id);

	if (callback == NULL)
		return;
	wl_callback_send_done(callback, 0);
	wl_resource_destroy(callback);
}

static const struct wl_surface_interface surface_implementation = {
	.destroy = destroy_resource,
	.attach = surface_attach,
	.damage = surface_damage,
	.frame = surface_frame,
	.set_opaque_region = surface_set_region,
	.set_input_region = surface_set_region,
	.commit = surface_commit_request,
	.set_buffer_transform = surface_set_int,
	.set_buffer_scale = surface_set_int,
	.damage_buffer = surface_damage,
};

static void create_surface(struct wl_client *client, struct wl_resource *resource, uint32_t id)
{
	struct world *world = wl_resource_get_user_data(resource);
	struct wl_resource *surface = wl_resource_create(
		client, world->surface_interface, wl_resource_get_version(resource), id);

	if (surface == NULL) {
		wl_client_post_no_memory(client);
		return;
	}
	wl_resource_set_implementation(surface, &surface_implementation, world, NULL);
	world->last_surface = surface;
}

static void create_region(struct wl_client *client, struct wl_resource *resource, uint32_t id)
{
	wl_client_post_implementation_error(client, "no regions here");
}

static const struct wl_compositor_interface compositor_implementation = {
	.create_surface = create_surface,
	.create_region = create_region,
};

static void bind_compositor(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
	struct wl_resource *resource =
		wl_resource_create(client, &wl_compositor_interface, (int)version, id);

	if (resource != NULL)
		wl_resource_set_implementation(resource, &compositor_implementation, data, NULL);
}

static int ignore_request(const void *implementation, void *target, uint32_t opcode,
	const struct wl_message *message, union wl_argument *args)
{
	return 0;
}

static void bind_other(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
	struct wl_resource *resource = wl_resource_create(client, data, (int)version, id);

	if (resource != NULL)
		wl_resource_set_dispatcher(resource, ignore_request, NULL, NULL, NULL);
}

void world_add_global(struct world *world, const struct wl_interface *interface, int version)
{
	wl_global_create(world->display, interface, version, (void *)interface, bind_other);
}

static void ignore_log(const char *format, va_list args)
{
}

void world_init(struct world *world)
{
	/* Hostile clients make libwayland-server talk. */
	wl_log_set_handler_server(ignore_log);
	*world = (struct world){
		.display = wl_display_create(),
		.record = true,
		.dmabuf_interface = &zwp_linux_dmabuf_v1_interface,
		.params_interface = &zwp_linux_buffer_params_v1_interface,
		.surface_interface = &wl_surface_interface,
	};
	assert(world->display != NULL);
	wl_global_create(world->display, &wl_compositor_interface, 4, world, bind_compositor);
	wl_global_create(world->display, &zwp_linux_dmabuf_v1_interface, 3, world, bind_dmabuf);
	wl_display_init_shm(world->display);
}

void world_track(struct world *world)
{
	world->track = wltex_track_create(world->display, &track_interface, world, NULL);
	assert(world->track != NULL);
}

void world_finish(struct world *world)
{
	if (world->display != NULL) {
		wl_display_destroy_clients(world->display);
		wl_display_destroy(world->display);
	}
	wltex_track_destroy(world->track);
	assert(world->n_clients == 0 && world->n_buffers == 0 && world->n_surfaces == 0);
	assert(world->n_pools == 0 && world->n_shm_buffers == 0 && world->shm_bytes == 0);
	assert(world->fds == 0);
}

void world_dispatch(struct world *world)
{
	struct wl_event_loop *loop = wl_display_get_event_loop(world->display);
	struct pollfd poll_fd = {.fd = wl_event_loop_get_fd(loop), .events = POLLIN};

	wl_display_flush_clients(world->display);
	do {
		wl_event_loop_dispatch(loop, 0);
		wl_display_flush_clients(world->display);
	} while (poll(&poll_fd, 1, 0) > 0);
}

const char *world_take_log(struct world *world)
{
	static char taken[sizeof(world->log)];
	size_t length = strlen(world->log);

	memcpy(taken, world->log, length + 1);
	/* Without the last space. */
	if (length > 0)
		taken[length - 1] = '\0';
	world->log[0] = '\0';
	return taken;
}
