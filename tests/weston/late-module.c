/* SPDX-License-Identifier: MIT */
/*
 * A Weston that releases late: each buffer as wide as WLTEX_TEST_LATE_WIDTH is held for
 * WLTEX_TEST_LATE_MS more after it was committed.
 */
#include <stdlib.h>

#include <libweston/libweston.h>

/* Exported by libweston, which declares it for its backends only. */
void weston_buffer_reference(struct weston_buffer_reference *reference,
	struct weston_buffer *buffer, enum weston_buffer_reference_type type);

/* weston/weston.h declares it, in a package of its own. */
WL_EXPORT int wet_module_init(struct weston_compositor *compositor, int *argc, char *argv[]);

static struct weston_compositor *compositor;
static int late_width, late_ms;

struct held {
	struct weston_buffer_reference *reference;
	struct wl_event_source *timer;
	struct wl_listener compositor_destroy;
};

struct watched {
	struct wl_listener commit, destroy;
};

static void release(struct held *held)
{
	wl_list_remove(&held->compositor_destroy.link);
	wl_event_source_remove(held->timer);
	weston_buffer_reference(held->reference, NULL, BUFFER_WILL_NOT_BE_ACCESSED);
	free(held->reference);
	free(held);
}

static int handle_time(void *data)
{
	release(data);
	return 0;
}

static void handle_compositor_destroy(struct wl_listener *listener, void *data)
{
	struct held *held = wl_container_of(listener, held, compositor_destroy);

	release(held);
}

static void hold(struct weston_buffer *buffer)
{
	struct wl_event_loop *loop = wl_display_get_event_loop(compositor->wl_display);
	struct held *held = calloc(1, sizeof(*held));

	if (held == NULL)
		abort();
	held->reference = calloc(1, sizeof(*held->reference));
	held->timer = wl_event_loop_add_timer(loop, handle_time, held);
	if (held->reference == NULL || held->timer == NULL)
		abort();
	weston_buffer_reference(held->reference, buffer, BUFFER_MAY_BE_ACCESSED);
	held->compositor_destroy.notify = handle_compositor_destroy;
	wl_signal_add(&compositor->destroy_signal, &held->compositor_destroy);
	wl_event_source_timer_update(held->timer, late_ms);
}

static void handle_commit(struct wl_listener *listener, void *data)
{
	struct weston_surface *surface = data;
	struct weston_buffer *buffer = surface->buffer_ref.buffer;

	if (buffer != NULL && buffer->width == late_width)
		hold(buffer);
}

static void handle_surface_destroy(struct wl_listener *listener, void *data)
{
	struct watched *watched = wl_container_of(listener, watched, destroy);

	wl_list_remove(&watched->commit.link);
	wl_list_remove(&watched->destroy.link);
	free(watched);
}

static void handle_surface(struct wl_listener *listener, void *data)
{
	struct watched *watched = calloc(1, sizeof(*watched));
	struct weston_surface *surface = data;

	if (watched == NULL)
		abort();
	watched->commit.notify = handle_commit;
	wl_signal_add(&surface->commit_signal, &watched->commit);
	watched->destroy.notify = handle_surface_destroy;
	wl_signal_add(&surface->destroy_signal, &watched->destroy);
}

static struct wl_listener create_surface = {.notify = handle_surface};

int wet_module_init(struct weston_compositor *ec, int *argc, char *argv[])
{
	const char *width = getenv("WLTEX_TEST_LATE_WIDTH"), *ms = getenv("WLTEX_TEST_LATE_MS");

	if (width == NULL || ms == NULL)
		return -1;
	compositor = ec;
	late_width = (int)strtol(width, NULL, 10);
	late_ms = (int)strtol(ms, NULL, 10);
	wl_signal_add(&compositor->create_surface_signal, &create_surface);
	return 0;
}
