/* SPDX-License-Identifier: MIT */
#ifndef WLTEX_WESTON_H
#define WLTEX_WESTON_H

#include <libweston/libweston.h>
#include <libweston/plugin-registry.h>
#include <wltex/texture.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The texture of a surface, for other Weston modules. The module must be loaded after
 * wltex.so (later in --modules=).
 */
#define WLTEX_WESTON_API_NAME "wltex_weston_v1"

/** Listener data of the signals below. */
struct wltex_weston_texture {
	struct weston_surface *surface;
	struct wltex_texture_info info;
};

struct wltex_weston_api {
	/**
	 * The texture of \p surface, valid in any GL context that shares with
	 * gl-renderer's, until the surface's next commit or its release.
	 *
	 * Touches GL: where textures are made on access (option textures, see
	 * wltex-weston(7)), this makes it, and listeners hear of it before this returns. Not
	 * from inside of a listener. Who asks for each commit's, or listens to textures that
	 * are made, gets them made at the commit.
	 * \return true and *info, or false if the surface has none: no buffer that becomes a
	 * texture, released already, over a limit, or it could not be made.
	 */
	bool (*get_texture)(struct weston_surface *surface, struct wltex_texture_info *info);

	/** \p listener hears of each texture that was made (struct wltex_weston_texture). */
	void (*add_created_listener)(
		struct weston_compositor *compositor, struct wl_listener *listener);

	/**
	 * \p listener hears of each texture that is about to be destroyed (struct
	 * wltex_weston_texture): its name is valid for the last time.
	 */
	void (*add_destroying_listener)(
		struct weston_compositor *compositor, struct wl_listener *listener);
};

/** \return the API, or NULL if wltex is not loaded or not of this version. */
static inline const struct wltex_weston_api *wltex_weston_get_api(
	struct weston_compositor *compositor)
{
	return (const struct wltex_weston_api *)weston_plugin_api_get(
		compositor, WLTEX_WESTON_API_NAME, sizeof(struct wltex_weston_api));
}

#ifdef __cplusplus
}
#endif

#endif
