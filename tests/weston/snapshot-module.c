/* SPDX-License-Identifier: MIT */
/*
 * A Weston module for pictures of what clients showed: it reads textures that wltex made
 * back from the GPU and writes them as PNG files. Load it after wltex.so.
 *
 * WLTEX_SNAPSHOT_DIR    where the files go
 * WLTEX_SNAPSHOT_EVERY  every how manieth texture is written (1)
 * WLTEX_SNAPSHOT_MAX    how many files at most (16)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include <wltex/weston.h>

#include "readback.h"

struct snapshots {
	const struct wltex_weston_api *api;
	struct readback readback;
	const char *dir;
	unsigned long every, max;
	unsigned long seen, written;

	struct wl_listener created;
	struct wl_listener compositor_destroy;
};

/* weston/weston.h declares it, in a package of its own. */
WL_EXPORT int wet_module_init(struct weston_compositor *compositor, int *argc, char *argv[]);

/* PNG has straight alpha, Wayland premultiplied. */
static void unpremultiply(uint8_t *pixels, size_t n, bool has_alpha)
{
	for (uint8_t *p = pixels; n > 0; n--, p += 4) {
		const unsigned int alpha = has_alpha ? p[3] : 255;

		for (int i = 0; i < 3 && alpha > 0; i++) {
			const unsigned int straight = (p[i] * 255u + alpha / 2) / alpha;
			p[i] = (uint8_t)(straight < 255 ? straight : 255);
		}
		p[3] = (uint8_t)alpha;
	}
}

static bool write_png(
	const char *path, const struct wltex_texture_info *info, const uint8_t *pixels)
{
	png_image image = {
		.version = PNG_IMAGE_VERSION,
		.width = (png_uint_32)info->width,
		.height = (png_uint_32)info->height,
		.format = PNG_FORMAT_RGBA,
	};

	if (png_image_write_to_file(&image, path, 0, pixels, 0, NULL))
		return true;
	weston_log("snapshot: %s: %s\n", path, image.message);
	return false;
}

static pid_t get_pid(struct weston_surface *surface)
{
	pid_t pid = 0;

	if (surface->resource != NULL)
		wl_client_get_credentials(
			wl_resource_get_client(surface->resource), &pid, NULL, NULL);
	return pid;
}

/* The file's name tells what it shows: number, client, format and size. */
static void get_path(const struct snapshots *snapshots, const struct wltex_weston_texture *texture,
	char *path, size_t size)
{
	const uint32_t format = texture->info.format;

	snprintf(path, size, "%s/%06lu-pid%d-%c%c%c%c-%dx%d.png", snapshots->dir, snapshots->seen,
		(int)get_pid(texture->surface), (int)(format & 0x7f), (int)(format >> 8 & 0x7f),
		(int)(format >> 16 & 0x7f), (int)(format >> 24 & 0x7f), texture->info.width,
		texture->info.height);
}

static void take(struct snapshots *snapshots, const struct wltex_weston_texture *texture)
{
	const struct wltex_texture_info *info = &texture->info;
	uint8_t *pixels = readback_texture(&snapshots->readback, info);
	char path[4096];

	if (pixels == NULL) {
		weston_log("snapshot: cannot read texture %u back\n", info->name);
		return;
	}
	get_path(snapshots, texture, path, sizeof(path));
	unpremultiply(pixels, (size_t)info->width * (size_t)info->height, info->has_alpha);
	snapshots->written += write_png(path, info, pixels);
	free(pixels);
}

static void handle_created(struct wl_listener *listener, void *data)
{
	struct snapshots *snapshots = wl_container_of(listener, snapshots, created);

	if (snapshots->seen % snapshots->every == 0 && snapshots->written < snapshots->max)
		take(snapshots, data);
	snapshots->seen++;
}

static void handle_compositor_destroy(struct wl_listener *listener, void *data)
{
	struct snapshots *snapshots = wl_container_of(listener, snapshots, compositor_destroy);

	weston_log("snapshot: %lu of %lu textures written to %s\n", snapshots->written,
		snapshots->seen, snapshots->dir);
	wl_list_remove(&snapshots->created.link);
	wl_list_remove(&snapshots->compositor_destroy.link);
	readback_finish(&snapshots->readback);
	free(snapshots);
}

static unsigned long get_number(const char *variable, unsigned long fallback)
{
	const char *text = getenv(variable);
	const unsigned long number = text != NULL ? strtoul(text, NULL, 10) : 0;

	return number > 0 ? number : fallback;
}

int wet_module_init(struct weston_compositor *compositor, int *argc, char *argv[])
{
	struct snapshots *snapshots = calloc(1, sizeof(*snapshots));

	if (snapshots == NULL)
		return -1;
	snapshots->api = wltex_weston_get_api(compositor);
	snapshots->dir = getenv("WLTEX_SNAPSHOT_DIR");
	if (snapshots->api == NULL || snapshots->dir == NULL) {
		weston_log("snapshot: needs wltex.so loaded before it, and WLTEX_SNAPSHOT_DIR\n");
		goto fail;
	}
	if (!readback_init(&snapshots->readback)) {
		weston_log("snapshot: no GL context to share with\n");
		goto fail;
	}
	snapshots->every = get_number("WLTEX_SNAPSHOT_EVERY", 1);
	snapshots->max = get_number("WLTEX_SNAPSHOT_MAX", 16);
	snapshots->created.notify = handle_created;
	snapshots->api->add_created_listener(compositor, &snapshots->created);
	snapshots->compositor_destroy.notify = handle_compositor_destroy;
	wl_signal_add(&compositor->destroy_signal, &snapshots->compositor_destroy);
	return 0;
fail:
	free(snapshots);
	return -1;
}
