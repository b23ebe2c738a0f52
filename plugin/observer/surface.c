/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "observer/object.h"
#include "observer/trim.h"
#include "session/session.h"

static void follow(struct resource_ref *ref, struct wl_resource *resource)
{
	wl_list_remove(&ref->destroy.link);
	wl_list_init(&ref->destroy.link);
	ref->resource = resource;
	if (resource != NULL)
		wl_resource_add_destroy_listener(resource, &ref->destroy);
}

static void handle_pending_destroy(struct wl_listener *listener, void *data)
{
	struct surface *surface = wl_container_of(listener, surface, pending.destroy);

	follow(&surface->pending, NULL);
	surface->lost = true;
}

/* What compositors do then differs: some show it on, some do not. */
static void handle_shown_destroy(struct wl_listener *listener, void *data)
{
	struct surface *surface = wl_container_of(listener, surface, shown.destroy);

	follow(&surface->shown, NULL);
	surface->lost = true;
}

static void handle_pending_frame_destroy(struct wl_listener *listener, void *data)
{
	struct surface *surface = wl_container_of(listener, surface, pending_frame.destroy);

	follow(&surface->pending_frame, NULL);
}

static void handle_frame_destroy(struct wl_listener *listener, void *data)
{
	struct surface *surface = wl_container_of(listener, surface, frame.destroy);

	follow(&surface->frame, NULL);
	pixman_region32_clear(&surface->owed);
}

static void resource_ref_init(struct resource_ref *ref, wl_notify_func_t notify)
{
	wl_list_init(&ref->destroy.link);
	ref->destroy.notify = notify;
}

void surface_end(struct surface *surface)
{
	if (surface->observer == NULL)
		return;
	wl_list_remove(&surface->link);
	for (int i = 0; i < N_OBJECT_KINDS; i++)
		object_set(surface, (enum object_kind)i, 0);
	surface->observer = NULL;
	if (surface->session != NULL)
		wltex_surface_set_data(surface->session, NULL);
	surface->session = NULL;
}

static void handle_destroy(struct wl_listener *listener, void *data)
{
	struct surface *surface = wl_container_of(listener, surface, destroy);

	surface_end(surface);
	follow(&surface->pending, NULL);
	follow(&surface->shown, NULL);
	follow(&surface->pending_frame, NULL);
	follow(&surface->frame, NULL);
	pixman_region32_fini(&surface->owed);
	label_finish(&surface->label);
	free(surface);
}

struct surface *surface_from_resource(struct wl_resource *resource)
{
	struct wl_listener *listener = wl_resource_get_destroy_listener(resource, handle_destroy);
	struct surface *surface;

	return listener != NULL ? wl_container_of(listener, surface, destroy) : NULL;
}

static struct surface *create(struct observer *observer, struct wl_resource *resource)
{
	struct surface *surface = calloc(1, sizeof(*surface));

	if (surface == NULL)
		return NULL;
	surface->observer = observer;
	surface->resource = resource;
	surface->scale = 1;
	worth_init(&surface->worth);
	resource_ref_init(&surface->pending, handle_pending_destroy);
	resource_ref_init(&surface->shown, handle_shown_destroy);
	resource_ref_init(&surface->pending_frame, handle_pending_frame_destroy);
	resource_ref_init(&surface->frame, handle_frame_destroy);
	pixman_region32_init(&surface->owed);
	wl_list_insert(&observer->surfaces, &surface->link);
	surface->destroy.notify = handle_destroy;
	wl_resource_add_destroy_listener(resource, &surface->destroy);
	surface->session = wltex_session_get_surface(observer->session, resource);
	if (surface->session != NULL)
		wltex_surface_set_data(surface->session, surface);
	surface->trimmed = surface->session != NULL && trim_is_wanted(surface->session);
	return surface;
}

struct surface *surface_set_up(struct wl_resource *resource, wl_dispatcher_func_t dispatcher)
{
	struct surface *surface = surface_from_resource(resource);
	struct observer *observer;

	if (surface == NULL) {
		observer = observer_from_client(wl_resource_get_client(resource));
		if (observer != NULL && observer->session != NULL)
			surface = create(observer, resource);
	}
	if (surface != NULL && dispatcher != dispatch_surface)
		surface->dispatcher = dispatcher;
	return surface;
}

void surface_frame(struct surface *surface, struct wl_resource *callback)
{
	follow(&surface->pending_frame, callback);
}

void surface_attach(struct surface *surface, struct wl_resource *buffer)
{
	follow(&surface->pending, buffer);
	surface->attached = true;
	surface->lost = surface->lost || buffer == NULL;
}

bool surface_holds_claims(const struct surface *surface)
{
	return surface->trimmed && !surface->claims.incomplete;
}

/* Each commit counts once: here it counts as soon as it is requested. */
static void take_commit(struct surface *surface)
{
	struct wltex_track_commit commit;

	wltex_track_surface_take_commit(surface->session->track, &commit);
	wltex_track_commit_finish(&commit);
}

static int commit_buffer(struct surface *surface, pixman_region32_t *damage)
{
	struct trim trim;
	int ret;

	trim_init(&trim, surface);
	ret = trim_apply(&trim, surface, damage);
	surface->width = trim.source.width;
	surface->height = trim.source.height;
	trim_finish(&trim);
	return ret;
}

static void commit_nothing(struct surface *surface)
{
	const struct wltex_applied nothing = {.source = {.acquire_fence = -1}};
	struct wltex_verdict verdict;

	wltex_surface_apply(surface->session, &nothing, &verdict);
	wltex_surface_end_looks(surface->session);
	pixman_region32_clear(&surface->owed);
}

/* What is claimed of a buffer that was attached before, compositors read now, later, or never. */
static void commit_state(struct surface *surface)
{
	if (surface->claims.n > 0 || surface->stirred > 0 || surface->lost)
		wltex_surface_forget(surface->session, NULL);
}

int surface_commit(struct surface *surface, pixman_region32_t *damage)
{
	int ret = 0;

	stir_catch_up(surface);
	if (surface->session != NULL) {
		take_commit(surface);
		if (!surface->attached)
			commit_state(surface);
		else if (surface->pending.resource == NULL)
			commit_nothing(surface);
		else
			ret = commit_buffer(surface, damage);
	}
	if (surface->attached) {
		follow(&surface->shown, surface->pending.resource);
		follow(&surface->pending, NULL);
		surface->lost = surface->shown.resource == NULL;
	}
	if (surface->pending_frame.resource != NULL) {
		follow(&surface->frame, surface->pending_frame.resource);
		follow(&surface->pending_frame, NULL);
	}
	surface->attached = false;
	surface->stirred -= surface->stirred > 0;
	return ret;
}
