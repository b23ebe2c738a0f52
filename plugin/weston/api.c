/* SPDX-License-Identifier: MIT */
#include "weston/module.h"

static bool get_texture(struct weston_surface *weston, struct wltex_texture_info *info)
{
	struct module_surface *surface = module_surface_from_weston(weston);

	return surface != NULL && wltex_surface_get_texture(surface->session, info);
}

/* Where wltex has ended already, nothing comes any more. */
static void add_listener(struct wl_signal *signal, struct wl_listener *listener)
{
	if (signal != NULL)
		wl_signal_add(signal, listener);
	else
		wl_list_init(&listener->link);
}

static void add_created_listener(struct weston_compositor *compositor, struct wl_listener *listener)
{
	struct module *module = module_from_compositor(compositor);

	add_listener(module != NULL ? &module->texture_created : NULL, listener);
}

static void add_destroying_listener(
	struct weston_compositor *compositor, struct wl_listener *listener)
{
	struct module *module = module_from_compositor(compositor);

	add_listener(module != NULL ? &module->texture_destroying : NULL, listener);
}

static const struct wltex_weston_api api = {
	.get_texture = get_texture,
	.add_created_listener = add_created_listener,
	.add_destroying_listener = add_destroying_listener,
};

int module_register_api(struct module *module)
{
	return weston_plugin_api_register(
		module->compositor, WLTEX_WESTON_API_NAME, &api, sizeof(api));
}
