/* SPDX-License-Identifier: MIT */
#include "weston/module.h"

static bool get_texture(struct weston_surface *weston, struct wltex_texture_info *info)
{
	struct module_surface *surface = module_surface_from_weston(weston);

	return surface != NULL && surface->texture != NULL &&
	       wltex_texture_get(surface->texture, info);
}

static void add_created_listener(struct weston_compositor *compositor, struct wl_listener *listener)
{
	wl_signal_add(&module_from_compositor(compositor)->texture_created, listener);
}

static void add_destroying_listener(
	struct weston_compositor *compositor, struct wl_listener *listener)
{
	wl_signal_add(&module_from_compositor(compositor)->texture_destroying, listener);
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
