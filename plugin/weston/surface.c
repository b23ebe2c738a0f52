/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>

#include "ledger/ledger.h"
#include "util/log.h"
#include "weston/module.h"

/* The owner that the tracker's client was given, see module.c. */
static struct wltex_owner *get_owner(const struct module_surface *surface)
{
	return surface->track->client->user_data;
}

static void emit_texture(struct wl_signal *signal, struct module_surface *surface)
{
	struct wltex_weston_texture data = {.surface = surface->surface};

	if (wltex_texture_get(surface->texture, &data.info))
		wl_signal_emit(signal, &data);
}

static void handle_destroying(void *data, struct wltex_texture *texture)
{
	struct module_surface *surface = data;

	emit_texture(&surface->module->texture_destroying, surface);
}

static void tell(struct module_surface *surface, const struct wltex_event *event)
{
	struct module *module = surface->module;
	const struct wltex_track_surface *track = surface->track;

	wltex_server_send_event(track->resource, track->commits, event);
	if (module->scope != NULL && weston_log_scope_is_enabled(module->scope))
		weston_log_scope_printf(module->scope,
			"pid %d wl_surface@%u commit %u: %s %s, sum %s%08x\n",
			(int)track->client->pid, wl_resource_get_id(track->resource), track->commits,
			wltex_state_name(event->state), wltex_reason_name(event->reason),
			event->has_sum ? "" : "unknown ", event->sum);
}

static void handle_event(void *data, struct wltex_texture *texture, const struct wltex_event *event)
{
	struct module_surface *surface = data;

	tell(surface, event);
	if (event->state == WLTEX_STATE_IMPORTED || event->state == WLTEX_STATE_REIMPORTED)
		emit_texture(&surface->module->texture_created, surface);
}

static const struct wltex_texture_listener texture_listener = {
	.destroying = handle_destroying,
	.event = handle_event,
};

/* Surface coordinates to buffer coordinates; transforms are multiples of 90 degrees. */
static void add_surface_damage(pixman_region32_t *damage, const struct weston_surface *surface,
	const pixman_region32_t *claimed)
{
	pixman_region32_t clipped;
	int n = 0;

	pixman_region32_init(&clipped);
	pixman_region32_intersect_rect(
		&clipped, claimed, 0, 0, (unsigned)surface->width, (unsigned)surface->height);
	const pixman_box32_t *boxes = pixman_region32_rectangles(&clipped, &n);
	for (int i = 0; i < n; i++) {
		struct weston_coord_buffer a = weston_coord_surface_to_buffer(
			surface, weston_coord_surface(boxes[i].x1, boxes[i].y1, surface));
		struct weston_coord_buffer b = weston_coord_surface_to_buffer(
			surface, weston_coord_surface(boxes[i].x2, boxes[i].y2, surface));
		int x1 = (int)floor(fmin(a.c.x, b.c.x)), x2 = (int)ceil(fmax(a.c.x, b.c.x));
		int y1 = (int)floor(fmin(a.c.y, b.c.y)), y2 = (int)ceil(fmax(a.c.y, b.c.y));
		pixman_region32_union_rect(
			damage, damage, x1, y1, (unsigned)(x2 - x1), (unsigned)(y2 - y1));
	}
	pixman_region32_fini(&clipped);
}

/* A dmabuf that cannot become a texture here counts as refused; nothing is kept. */
static void refuse(struct module_surface *surface)
{
	struct module *module = surface->module;
	const struct wltex_event event = {
		.state = WLTEX_STATE_REFUSED,
		.reason = WLTEX_REASON_INVALID,
	};

	if (surface->texture != NULL)
		wltex_texture_release(surface->texture, WLTEX_REASON_REPLACED);
	wltex_ledger_commit(module->ledger, get_owner(surface));
	wltex_ledger_refuse(module->ledger, get_owner(surface));
	tell(surface, &event);
}

static void attach(struct module_surface *surface, struct wltex_track_buffer *buffer,
	const struct wltex_track_commit *commit)
{
	struct weston_surface *weston = surface->surface;
	pixman_region32_t damage;
	uint32_t sum = 0;
	bool has_sum = wltex_server_take_sum(surface->track->resource, &sum);

	/* What a client wants shown on the display only is not for GL to read. */
	if (surface->texture == NULL || buffer->dmabuf == NULL ||
		weston->buffer_ref.buffer->direct_display) {
		refuse(surface);
		return;
	}
	if (has_sum)
		wltex_texture_promise_sum(surface->texture, sum);
	pixman_region32_init(&damage);
	pixman_region32_copy(&damage, &commit->damage_buffer);
	add_surface_damage(&damage, weston, &commit->damage_surface);
	wltex_texture_attach_dmabuf(surface->texture, buffer->dmabuf, &damage);
	pixman_region32_fini(&damage);
}

static void detach(struct module_surface *surface, enum wltex_reason reason)
{
	uint32_t sum;

	wltex_server_take_sum(surface->track->resource, &sum);
	if (surface->texture != NULL)
		wltex_texture_release(surface->texture, reason);
}

/*
 * The state counts now: this comes for the surface's own commits, and for those of a
 * synchronized sub-surface when its parent's are applied.
 */
static void handle_commit(struct wl_listener *listener, void *data)
{
	struct module_surface *surface = wl_container_of(listener, surface, commit);
	struct weston_buffer *buffer = surface->surface->buffer_ref.buffer;
	struct wltex_track_buffer *tracked = NULL;
	struct wltex_track_commit commit;

	if (wltex_track_surface_take_commit(surface->track, &commit) && commit.attached) {
		if (buffer != NULL && buffer->resource != NULL)
			tracked = wltex_track_get_buffer(surface->module->track, buffer->resource);
		if (tracked != NULL)
			attach(surface, tracked, &commit);
		else
			detach(surface,
				buffer == NULL ? WLTEX_REASON_DETACHED : WLTEX_REASON_REPLACED);
	}
	wltex_track_commit_finish(&commit);
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
	struct wltex_track_surface *track = wltex_track_get_surface(module->track, weston->resource);
	struct module_surface *surface;

	if (track == NULL)
		return;
	surface = calloc(1, sizeof(*surface));
	if (surface == NULL)
		goto error;
	surface->module = module;
	surface->surface = weston;
	surface->track = track;
	if (module->context != NULL) {
		surface->texture = wltex_texture_create(
			module->context, get_owner(surface), &texture_listener, surface);
		if (surface->texture == NULL)
			goto error;
	}
	track->user_data = surface;
	wl_list_insert(&module->surfaces, &surface->link);
	surface->commit.notify = handle_commit;
	wl_signal_add(&weston->commit_signal, &surface->commit);
	surface->destroy.notify = handle_destroy;
	wl_signal_add(&weston->destroy_signal, &surface->destroy);
	return;

error:
	free(surface);
	wltex_error(&module->logger, "out of memory: a surface is not followed");
}

void module_surface_destroy(struct module_surface *surface)
{
	wltex_texture_destroy(surface->texture);
	surface->track->user_data = NULL;
	wl_list_remove(&surface->commit.link);
	wl_list_remove(&surface->destroy.link);
	wl_list_remove(&surface->link);
	free(surface);
}
