/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "ledger/ledger.h"
#include "util/log.h"
#include "weston/look.h"

void module_surface_log(const struct module_surface *surface, const char *format, ...)
{
	const struct wltex_track_surface *track = surface->track;
	struct weston_log_scope *scope = surface->module->scope;
	va_list args;

	if (scope == NULL || !weston_log_scope_is_enabled(scope))
		return;
	weston_log_scope_printf(scope, "pid %d wl_surface@%u commit %u: ", (int)track->client->pid,
		wl_resource_get_id(track->resource), track->commits);
	va_start(args, format);
	weston_log_scope_vprintf(scope, format, args);
	va_end(args);
	weston_log_scope_printf(scope, "\n");
}

static void emit_texture(struct wl_signal *signal, struct module_surface *surface)
{
	struct wltex_weston_texture data = {.surface = surface->surface};

	if (wltex_texture_peek(surface->texture, &data.info))
		wl_signal_emit(signal, &data);
}

static void handle_destroying(void *data, struct wltex_texture *texture)
{
	struct module_surface *surface = data;

	emit_texture(&surface->module->texture_destroying, surface);
}

/* To whoever watches through the control socket. */
static void send_event(struct module_surface *surface, const struct wltex_event *event)
{
	struct module *module = surface->module;
	char line[512], sum[32] = "", message[128] = "";

	if (!wltex_control_has_subscribers(module->control))
		return;
	if (event->has_sum)
		snprintf(sum, sizeof(sum), ", \"sum\": \"%08x\"", event->sum);
	if (event->message != NULL)
		snprintf(message, sizeof(message), ", \"message\": \"%s\"", event->message);
	snprintf(line, sizeof(line),
		"{\"event\": \"texture\", \"time_ms\": %.3f, \"pid\": %d, \"surface\": %u, "
		"\"commit\": %u, \"state\": \"%s\", \"reason\": \"%s\"%s%s}",
		(double)wltex_now_ns() / 1e6, (int)surface->track->client->pid,
		wl_resource_get_id(surface->track->resource), surface->track->commits,
		wltex_state_name(event->state), wltex_reason_name(event->reason), sum, message);
	wltex_control_send_event(module->control, line);
}

void module_surface_tell(struct module_surface *surface, const struct wltex_event *event)
{
	if (event->state != WLTEX_STATE_DESTROYED)
		surface->why_not = event->message;
	send_event(surface, event);
	wltex_server_send_event(surface->track->resource, surface->track->commits, event);
	if (event->message != NULL)
		module_surface_log(surface, "%s %s: %s", wltex_state_name(event->state),
			wltex_reason_name(event->reason), event->message);
	else
		module_surface_log(surface, "%s %s, sum %s%08x", wltex_state_name(event->state),
			wltex_reason_name(event->reason), event->has_sum ? "" : "unknown ",
			event->sum);
}

static void handle_event(void *data, struct wltex_texture *texture, const struct wltex_event *event)
{
	struct module_surface *surface = data;

	module_surface_tell(surface, event);
	if (event->state == WLTEX_STATE_IMPORTED || event->state == WLTEX_STATE_REIMPORTED)
		emit_texture(&surface->module->texture_created, surface);
}

static const struct wltex_texture_listener texture_listener = {
	.destroying = handle_destroying,
	.event = handle_event,
};

static void handle_commit(struct wl_listener *listener, void *data)
{
	struct module_surface *surface = wl_container_of(listener, surface, commit);

	module_surface_commit(surface);
}

static void handle_destroy(struct wl_listener *listener, void *data)
{
	struct module_surface *surface = wl_container_of(listener, surface, destroy);

	module_surface_destroy(surface);
}

struct module_surface *module_surface_from_weston(struct weston_surface *surface)
{
	struct wl_listener *listener = wl_signal_get(&surface->commit_signal, handle_commit);
	struct module_surface *found;

	return listener != NULL ? wl_container_of(listener, found, commit) : NULL;
}

void module_surface_create(struct module *module, struct weston_surface *weston)
{
	struct wltex_track_surface *track =
		wltex_track_get_surface(module->track, weston->resource);
	struct module_surface *surface;

	if (track == NULL || track->client->user_data == NULL)
		return;
	surface = calloc(1, sizeof(*surface));
	if (surface == NULL) {
		wltex_error(&module->logger, "out of memory: a surface is not followed");
		return;
	}
	surface->module = module;
	surface->client = track->client->user_data;
	surface->surface = weston;
	surface->track = track;
	pixman_region32_init(&surface->claimed);
	look_init(&surface->look);
	policy_init(&surface->policy);
	track->user_data = surface;
	wl_list_insert(surface->client->surfaces.prev, &surface->link);
	surface->commit.notify = handle_commit;
	wl_signal_add(&weston->commit_signal, &surface->commit);
	surface->destroy.notify = handle_destroy;
	wl_signal_add(&weston->destroy_signal, &surface->destroy);
}

bool module_surface_has_texture(struct module_surface *surface)
{
	struct module *module = surface->module;

	if (surface->texture == NULL && module->context != NULL)
		surface->texture = wltex_texture_create(
			module->context, surface->client->owner, &texture_listener, surface);
	return surface->texture != NULL;
}

void module_surface_destroy(struct module_surface *surface)
{
	module_surface_drop_content(surface);
	wltex_texture_destroy(surface->texture);
	look_finish(surface);
	pixman_region32_fini(&surface->claimed);
	surface->track->user_data = NULL;
	wl_list_remove(&surface->commit.link);
	wl_list_remove(&surface->destroy.link);
	wl_list_remove(&surface->link);
	free(surface);
}

bool module_surface_is_over_limit(
	struct module_surface *surface, const struct module_buffer *buffer)
{
	struct module_client *client = surface->client;
	struct wltex_texture_info info;
	uint64_t others;

	if (buffer != NULL && buffer->over_limit)
		return true;
	if (client->owner == NULL)
		return false;
	others = client->owner->counts.live_textures - wltex_texture_peek(surface->texture, &info);
	return limit_check(client, LIMIT_TEXTURES, others + 1);
}

bool module_surface_get_texture(struct module_surface *surface, struct wltex_texture_info *info)
{
	if (surface->texture == NULL || module_surface_is_over_limit(surface, surface->buffer))
		return false;
	surface->asked = true;
	return wltex_texture_get(surface->texture, info);
}
