/* SPDX-License-Identifier: MIT */
/*
 * Lets Weston start a client as it starts its own, by a socketpair: the command line is
 * WLTEX_TEST_START.
 */
#include <libweston/libweston.h>
#include <stdlib.h>

/* weston/weston.h declares them, in a package of its own; the first is in libexec_weston. */
struct wl_client *wet_client_start(struct weston_compositor *compositor, const char *path);
WL_EXPORT int wet_module_init(struct weston_compositor *compositor, int *argc, char *argv[]);

static void start(void *data)
{
	struct weston_compositor *compositor = data;

	if (wet_client_start(compositor, getenv("WLTEX_TEST_START")) == NULL)
		weston_log("starter: cannot start it\n");
}

int wet_module_init(struct weston_compositor *compositor, int *argc, char *argv[])
{
	struct wl_event_loop *loop = wl_display_get_event_loop(compositor->wl_display);

	return wl_event_loop_add_idle(loop, start, compositor) != NULL ? 0 : -1;
}
