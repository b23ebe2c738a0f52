/* SPDX-License-Identifier: MIT */
/* A Weston module that adds a second output, named "second", to the headless backend. */
#include <libweston/libweston.h>
#include <libweston/windowed-output-api.h>

/* weston/weston.h declares it, in a package of its own. */
WL_EXPORT int wet_module_init(struct weston_compositor *compositor, int *argc, char *argv[]);

int wet_module_init(struct weston_compositor *compositor, int *argc, char *argv[])
{
	const struct weston_windowed_output_api *api =
		weston_windowed_output_get_api(compositor, WESTON_WINDOWED_OUTPUT_HEADLESS);
	struct weston_output *first;

	if (api == NULL || wl_list_empty(&compositor->output_list))
		return -1;
	first = wl_container_of(compositor->output_list.next, first, link);
	return api->create_head(first->backend, "second");
}
