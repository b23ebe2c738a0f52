/* SPDX-License-Identifier: MIT */
/*
 * A Weston module that takes away what textures are drawn with while they live. WLTEX_TAKE
 * says what: "outputs", as soon as ten textures were made; or "display", the renderer's EGL
 * display, before any other module hears that Weston ends (to be loaded first then).
 */
#include <EGL/egl.h>
#include <stdlib.h>
#include <string.h>

#include <wltex/weston.h>

#define TEXTURES_BEFORE 10

static struct weston_compositor *compositor;
static struct wl_listener created, destroy;
static int n_created;

/* weston/weston.h declares it, in a package of its own. */
WL_EXPORT int wet_module_init(struct weston_compositor *compositor, int *argc, char *argv[]);

static void destroy_outputs(void *data)
{
	while (!wl_list_empty(&compositor->output_list)) {
		struct weston_output *output =
			wl_container_of(compositor->output_list.next, output, link);

		weston_log("taken: output %s\n", output->name);
		weston_output_destroy(output);
	}
}

static void handle_created(struct wl_listener *listener, void *data)
{
	if (++n_created == TEXTURES_BEFORE)
		wl_event_loop_add_idle(
			wl_display_get_event_loop(compositor->wl_display), destroy_outputs, NULL);
}

static void handle_destroy(struct wl_listener *listener, void *data)
{
	EGLDisplay display = eglGetCurrentDisplay();

	weston_log("taken: display %s\n",
		display != EGL_NO_DISPLAY && eglTerminate(display) ? "ended" : "not there");
}

int wet_module_init(struct weston_compositor *ec, int *argc, char *argv[])
{
	const char *what = getenv("WLTEX_TAKE");
	const struct wltex_weston_api *wltex = wltex_weston_get_api(ec);

	compositor = ec;
	created.notify = handle_created;
	destroy.notify = handle_destroy;
	if (what != NULL && strcmp(what, "outputs") == 0 && wltex != NULL)
		wltex->add_created_listener(ec, &created);
	else if (what != NULL && strcmp(what, "display") == 0)
		wl_signal_add(&ec->destroy_signal, &destroy);
	else
		return -1;
	return 0;
}
