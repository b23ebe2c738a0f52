/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include <libweston/version.h>

#include "entries.h"

struct entries {
	struct weston_compositor *compositor;
	struct wl_list views; /* viewed.link */
	struct wl_listener transform, compositor_destroy;
};

/* Where a view was when it was moved last. */
struct viewed {
	struct wl_list link;
	uint32_t outputs;
	struct wl_listener destroy;
};

static void handle_view_destroy(struct wl_listener *listener, void *data)
{
	struct viewed *viewed = wl_container_of(listener, viewed, destroy);

	wl_list_remove(&viewed->destroy.link);
	wl_list_remove(&viewed->link);
	free(viewed);
}

/* One that is new is drawn. */
static struct viewed *get_viewed(struct entries *entries, struct weston_view *view)
{
	struct wl_listener *listener = wl_signal_get(&view->destroy_signal, handle_view_destroy);
	struct viewed *viewed;

	if (listener != NULL)
		return wl_container_of(listener, viewed, destroy);
	viewed = calloc(1, sizeof(*viewed));
	if (viewed == NULL)
		return NULL;
	viewed->outputs = view->output_mask;
	viewed->destroy.notify = handle_view_destroy;
	wl_signal_add(&view->destroy_signal, &viewed->destroy);
	wl_list_insert(&entries->views, &viewed->link);
	return viewed;
}

static void draw_all(struct weston_compositor *compositor, uint32_t outputs)
{
	struct weston_output *output;

	wl_list_for_each (output, &compositor->output_list, link) {
		if (outputs & 1u << output->id) {
			output->full_repaint_needed = true;
			weston_output_schedule_repaint(output);
		}
	}
}

static void handle_transform(struct wl_listener *listener, void *data)
{
	struct entries *entries = wl_container_of(listener, entries, transform);
	struct weston_surface *surface = data;
	struct weston_view *view;

	wl_list_for_each (view, &surface->views, surface_link) {
		struct viewed *viewed = get_viewed(entries, view);

		if (viewed == NULL)
			continue;
		draw_all(entries->compositor, view->output_mask & ~viewed->outputs);
		viewed->outputs = view->output_mask;
	}
}

static void handle_compositor_destroy(struct wl_listener *listener, void *data)
{
	struct entries *entries = wl_container_of(listener, entries, compositor_destroy);
	struct viewed *viewed, *next;

	wl_list_for_each_safe (viewed, next, &entries->views, link)
		handle_view_destroy(&viewed->destroy, NULL);
	wl_list_remove(&entries->transform.link);
	wl_list_remove(&entries->compositor_destroy.link);
	free(entries);
}

bool entries_draw(struct weston_compositor *compositor)
{
	struct entries *entries;

	if (WESTON_VERSION_MAJOR < 15 || getenv("WLTEX_TWIN_FORGETS") != NULL)
		return true;
	entries = calloc(1, sizeof(*entries));
	if (entries == NULL)
		return false;
	entries->compositor = compositor;
	wl_list_init(&entries->views);
	entries->transform.notify = handle_transform;
	wl_signal_add(&compositor->transform_signal, &entries->transform);
	entries->compositor_destroy.notify = handle_compositor_destroy;
	wl_signal_add(&compositor->destroy_signal, &entries->compositor_destroy);
	return true;
}
