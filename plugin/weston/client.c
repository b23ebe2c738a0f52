/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "dmabuf/dmabuf.h"
#include "ledger/ledger.h"
#include "util/log.h"
#include "util/text.h"
#include "weston/module.h"
#include "weston/state.h"

static void send_event(
	struct module *module, const char *event, const struct wltex_track_client *track)
{
	char *line = NULL;
	size_t size = 0;
	FILE *file;

	if (!wltex_control_has_subscribers(module->control))
		return;
	file = open_memstream(&line, &size);
	if (file == NULL)
		return;
	fprintf(file, "{\"event\": \"%s\", \"time_ms\": %.3f, \"pid\": %d, \"name\": ", event,
		(double)wltex_now_ns() / 1e6, (int)track->pid);
	wltex_text_print_json(file, track->name, MODULE_TEXT_BYTES);
	fputc('}', file);
	if (fclose(file) == 0)
		wltex_control_send_event(module->control, line);
	free(line);
}

static void client_created(void *data, struct wltex_track_client *track)
{
	struct module *module = data;
	struct module_client *client = calloc(1, sizeof(*client));

	if (client == NULL) {
		wltex_error(
			&module->logger, "out of memory: pid %d is not followed", (int)track->pid);
		return;
	}
	client->module = module;
	client->track = track;
	client->owner = wltex_owner_create(module->ledger, track->pid, track->name);
	client->id = ++module->last_client_id;
	client->created_ns = wltex_now_ns();
	wl_list_init(&client->buffers);
	wl_list_init(&client->surfaces);
	wl_list_init(&client->replaced);
	wl_list_insert(module->clients.prev, &client->link);
	track->user_data = client;
	send_event(module, "client_created", track);
}

static void client_named(void *data, struct wltex_track_client *track)
{
	struct module_client *client = track->user_data;

	if (client != NULL)
		wltex_owner_rename(client->owner, track->pid, track->name);
	send_event(data, "client_named", track);
}

static void client_destroyed(void *data, struct wltex_track_client *track)
{
	struct module_client *client = track->user_data;

	send_event(data, "client_destroyed", track);
	if (client == NULL)
		return;
	wltex_owner_destroy(client->owner);
	state_client_goes(client);
	wl_list_remove(&client->link);
	free(client);
}

static void refer_to_memory(struct module_buffer *buffer)
{
	const struct wltex_dmabuf *dmabuf = buffer->track->dmabuf;

	for (int i = 0; dmabuf != NULL && i < dmabuf->attributes.n_planes; i++) {
		if (wltex_dmabuf_first_plane(dmabuf, i) != i)
			continue;
		buffer->memory[i] = memory_ref(&buffer->client->memory, dmabuf, i);
		if (buffer->memory[i] == NULL)
			wltex_error(&buffer->client->module->logger,
				"out of memory: bytes of a buffer are not counted");
	}
}

static void buffer_created(void *data, struct wltex_track_buffer *track)
{
	struct module *module = data;
	struct module_client *client = track->client->user_data;
	struct module_buffer *buffer;

	if (track->dmabuf == NULL)
		wltex_warning(&module->logger, "pid %d: a dmabuf that is not imported: %s",
			(int)track->client->pid, wltex_dmabuf_error_message(track->error));
	if (client == NULL)
		return;
	buffer = calloc(1, sizeof(*buffer));
	if (buffer == NULL) {
		wltex_error(&module->logger, "out of memory: a buffer is not listed");
		return;
	}
	buffer->client = client;
	buffer->track = track;
	buffer->created_ns = wltex_now_ns();
	wl_list_init(&buffer->surfaces);
	wl_list_insert(client->buffers.prev, &buffer->link);
	client->buffers_made++;
	refer_to_memory(buffer);
	track->user_data = buffer;
	buffer->over_limit = limit_check(client, LIMIT_BUFFERS, track->client->n_buffers);
	buffer->over_limit |= limit_check(client, LIMIT_BYTES, client->memory.bytes);
}

/* Since when another is shown in its place; 0: it is not so. */
static void set_replaced(struct module_buffer *buffer, uint64_t now_ns)
{
	if (buffer->replaced_ns != 0)
		wl_list_remove(&buffer->replaced_link);
	buffer->replaced_ns = now_ns;
	if (now_ns != 0)
		wl_list_insert(buffer->client->replaced.prev, &buffer->replaced_link);
}

static void buffer_released(void *data, struct wltex_track_buffer *track)
{
	struct module_buffer *buffer = track->user_data;

	if (buffer != NULL && buffer->held) {
		/* What was never drawn is released while the next one is attached. */
		uint64_t latency =
			buffer->replaced_ns != 0 ? wltex_now_ns() - buffer->replaced_ns : 0;
		struct module_client *client = buffer->client;
		client->releases++;
		client->latency_sum_ns += latency;
		if (latency > client->latency_max_ns)
			client->latency_max_ns = latency;
		set_replaced(buffer, 0);
		buffer->held = false;
	}
	if (track->dmabuf != NULL)
		wltex_dmabuf_release(track->dmabuf, WLTEX_REASON_RELEASED);
}

static void buffer_destroyed(void *data, struct wltex_track_buffer *track)
{
	struct module_buffer *buffer = track->user_data;
	struct module_surface *surface;

	if (buffer == NULL)
		return;
	wl_list_for_each (surface, &buffer->surfaces, buffer_link)
		surface->buffer = NULL;
	set_replaced(buffer, 0);
	for (int i = 0; i < WLTEX_MAX_PLANES; i++)
		memory_unref(&buffer->client->memory, buffer->memory[i]);
	wl_list_remove(&buffer->link);
	free(buffer);
}

static void surface_commit(void *data, struct wltex_track_surface *surface)
{
	wltex_server_commit(surface->resource, surface->attaching);
}

/* The user data of the resource is Weston's own, whose parent is NULL once that is gone. */
static void subsurface_placed(void *data, struct wl_resource *resource)
{
	const struct weston_subsurface *sub = wl_resource_get_user_data(resource);
	struct module_surface *parent;

	if (sub == NULL || sub->parent == NULL)
		return;
	parent = module_surface_from_weston(sub->parent);
	if (parent != NULL)
		parent->look.restacked = true;
}

static void surface_destroyed(void *data, struct wltex_track_surface *surface)
{
	if (surface->user_data != NULL)
		module_surface_destroy(surface->user_data);
}

static void fds_changed(void *data, struct wltex_track_client *track, int delta)
{
	struct module *module = data;
	struct module_client *client = track->user_data;

	wltex_ledger_fds(module->ledger, client != NULL ? client->owner : NULL, delta);
	if (client != NULL && delta > 0)
		limit_check(client, LIMIT_FDS, (uint64_t)track->fds);
}

/* Where fds are refused, there are never too many: this is the one that would be. */
static void fd_limit_reached(void *data, struct wltex_track_client *track)
{
	struct module_client *client = track->user_data;

	if (client != NULL)
		limit_check(client, LIMIT_FDS, (uint64_t)track->fds + 1);
}

static void params_created(void *data, struct wltex_track_client *track)
{
	struct module_client *client = track->user_data;

	if (client != NULL)
		limit_check(client, LIMIT_PARAMS, track->n_params);
}

const struct wltex_track_interface module_track_interface = {
	.client_created = client_created,
	.client_named = client_named,
	.client_destroyed = client_destroyed,
	.params_created = params_created,
	.buffer_created = buffer_created,
	.buffer_released = buffer_released,
	.buffer_destroyed = buffer_destroyed,
	.surface_commit = surface_commit,
	.surface_destroyed = surface_destroyed,
	.subsurface_placed = subsurface_placed,
	.fds_changed = fds_changed,
	.fd_limit_reached = fd_limit_reached,
};

/* Of any kind, wl_shm's too. */
static void set_has_content(struct module_surface *surface, bool has_content)
{
	surface->client->surfaces_with_content += has_content;
	surface->client->surfaces_with_content -= surface->has_content;
	surface->has_content = has_content;
}

static void replace_buffer(struct module_surface *surface, struct module_buffer *buffer)
{
	if (surface->buffer != NULL) {
		wl_list_remove(&surface->buffer_link);
		if (surface->buffer != buffer && surface->buffer->held)
			set_replaced(surface->buffer, wltex_now_ns());
	}
	surface->buffer = buffer;
	if (buffer != NULL)
		wl_list_insert(&buffer->surfaces, &surface->buffer_link);
}

static void show(struct module_buffer *buffer)
{
	struct module_client *client = buffer->client;

	client->fresh_commits = buffer->commits == 0 ? client->fresh_commits + 1 : 0;
	buffer->commits++;
	set_replaced(buffer, 0);
	buffer->held = true;
}

static void note_unmapped(struct module_client *client)
{
	if (client->unmapped_since_ns == 0 && client->surfaces_with_content == 0)
		client->unmapped_since_ns = wltex_now_ns();
}

void module_surface_set_buffer(struct module_surface *surface, struct module_buffer *buffer)
{
	set_has_content(surface, surface->surface->buffer_ref.buffer != NULL);
	replace_buffer(surface, buffer);
	if (buffer != NULL) {
		show(buffer);
		surface->client->unmapped_since_ns = 0;
	} else {
		note_unmapped(surface->client);
	}
}

void module_surface_drop_content(struct module_surface *surface)
{
	set_has_content(surface, false);
	replace_buffer(surface, NULL);
	note_unmapped(surface->client);
}

unsigned module_client_get_leak_signs(const struct module_client *client, uint64_t now_ns)
{
	const struct options *options = &client->module->options;
	uint64_t limit_ns = (uint64_t)options->leak_seconds * 1000000000u;
	const struct module_buffer *buffer;
	unsigned signs = 0;

	if (client->track->n_params > options->leak_params)
		signs |= LEAK_PARAMS_UNUSED;
	if (client->track->n_buffers > options->leak_buffers)
		signs |= LEAK_BUFFERS_GROW;
	if (client->fresh_commits > options->leak_fresh_commits)
		signs |= LEAK_BUFFER_PER_FRAME;
	if (client->unmapped_since_ns != 0 && client->track->n_buffers > 0 &&
		now_ns - client->unmapped_since_ns > limit_ns)
		signs |= LEAK_BUFFERS_UNMAPPED;
	if (!wl_list_empty(&client->replaced)) {
		buffer = wl_container_of(client->replaced.next, buffer, replaced_link);
		if (now_ns - buffer->replaced_ns > limit_ns)
			signs |= LEAK_NOT_RELEASED;
	}
	return signs;
}
