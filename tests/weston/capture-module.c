/* SPDX-License-Identifier: MIT */
/*
 * A Weston module that lets every client capture the output, which Weston otherwise allows
 * with --debug only; that repaints all of it on SIGUSR1, and where Weston would forget to.
 */
#include <signal.h>
#include <stdlib.h>

#include <libweston/libweston.h>

#include "entries.h"

struct capture {
	struct wl_listener authority;
	struct wl_listener compositor_destroy;
	struct wl_event_source *signal;
};

/* weston/weston.h declares it, in a package of its own. */
WL_EXPORT int wet_module_init(struct weston_compositor *compositor, int *argc, char *argv[]);

static void allow(struct wl_listener *listener, struct weston_output_capture_attempt *attempt)
{
	attempt->authorized = true;
}

static int repaint_all(int number, void *data)
{
	weston_compositor_damage_all(data);
	return 1;
}

static void handle_compositor_destroy(struct wl_listener *listener, void *data)
{
	struct capture *capture = wl_container_of(listener, capture, compositor_destroy);

	wl_event_source_remove(capture->signal);
	wl_list_remove(&capture->authority.link);
	wl_list_remove(&capture->compositor_destroy.link);
	free(capture);
}

int wet_module_init(struct weston_compositor *compositor, int *argc, char *argv[])
{
	struct capture *capture = calloc(1, sizeof(*capture));

	if (capture == NULL)
		return -1;
	capture->signal =
		wl_event_loop_add_signal(wl_display_get_event_loop(compositor->wl_display), SIGUSR1,
			repaint_all, compositor);
	if (capture->signal == NULL) {
		free(capture);
		return -1;
	}
	weston_compositor_add_screenshot_authority(compositor, &capture->authority, allow);
	capture->compositor_destroy.notify = handle_compositor_destroy;
	wl_signal_add(&compositor->destroy_signal, &capture->compositor_destroy);
	return entries_draw(compositor) ? 0 : -1;
}
