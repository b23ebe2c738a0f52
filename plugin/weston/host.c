/* SPDX-License-Identifier: MIT */
#include <libweston/desktop.h>

#include "weston/look.h"
#include "weston/module.h"

static char *get_option(void *data, const char *key)
{
	struct module *module = data;

	return config_get(&module->config, key);
}

/* A sub-surface has no title: the way up to the window could be as long as a client likes. */
static void describe(void *data, void *surface_data, struct wltex_description *description)
{
	const struct module_surface *surface = surface_data;
	struct weston_desktop_surface *desktop =
		weston_surface_get_desktop_surface(surface->surface);

	description->width = surface->surface->width;
	description->height = surface->surface->height;
	description->mapped = surface->surface->is_mapped;
	description->role = surface->surface->role_name;
	if (desktop == NULL)
		return;
	description->app_id = weston_desktop_surface_get_app_id(desktop);
	description->title = weston_desktop_surface_get_title(desktop);
}

static bool wants_textures(void *data)
{
	const struct module *module = data;

	return !wl_list_empty(&module->texture_created.listener_list);
}

static void emit(struct wl_signal *signal, const struct module_surface *surface,
	const struct wltex_texture_info *info)
{
	struct wltex_weston_texture data = {.surface = surface->surface, .info = *info};

	wl_signal_emit(signal, &data);
}

static void texture_created(void *data, void *surface_data, const struct wltex_texture_info *info)
{
	struct module *module = data;

	emit(&module->texture_created, surface_data, info);
}

static void texture_destroying(
	void *data, void *surface_data, const struct wltex_texture_info *info)
{
	struct module *module = data;

	emit(&module->texture_destroying, surface_data, info);
}

/* The user data of the resource is Weston's own. */
static void first_commit(void *data, struct wl_resource *wl_surface)
{
	struct weston_surface *weston = wl_resource_get_user_data(wl_surface);

	if (weston != NULL && weston->resource == wl_surface)
		module_surface_create(data, weston);
}

static void surface_destroyed(void *data, void *surface_data)
{
	module_surface_destroy(surface_data);
}

static void buffer_destroyed(void *data, void *surface_data)
{
	look_note_buffer_destroyed(surface_data);
}

/* The user data of the resource is Weston's own, whose parent is NULL once that is gone. */
static void subsurface_placed(void *data, struct wl_resource *subsurface)
{
	const struct weston_subsurface *sub = wl_resource_get_user_data(subsurface);
	struct module_surface *parent;

	if (sub == NULL || sub->parent == NULL)
		return;
	parent = module_surface_from_weston(sub->parent);
	if (parent == NULL)
		parent = module_surface_create(data, sub->parent);
	if (parent != NULL)
		parent->look.restacked = true;
}

static void late_verdict(void *data, void *surface_data, const pixman_region32_t *region)
{
	look_draw_after_all(surface_data, region);
}

/* A line for the log scope, if anybody reads it: what becomes of surfaces. */
static void record(void *data, const struct wltex_record *record)
{
	struct module *module = data;
	char text[512];

	if (record->surface == 0 || module->scope == NULL ||
		!weston_log_scope_is_enabled(module->scope))
		return;
	wltex_record_print(record, text, sizeof(text));
	weston_log_scope_printf(module->scope, "%s\n", text);
}

const struct wltex_host module_host = {
	.get_option = get_option,
	.describe = describe,
	.wants_textures = wants_textures,
	.texture_created = texture_created,
	.texture_destroying = texture_destroying,
	.first_commit = first_commit,
	.surface_destroyed = surface_destroyed,
	.buffer_destroyed = buffer_destroyed,
	.subsurface_placed = subsurface_placed,
	.late_verdict = late_verdict,
	.record = record,
};
