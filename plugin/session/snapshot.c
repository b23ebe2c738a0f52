/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <json.h>
#include <stdlib.h>

#include "dmabuf/dmabuf.h"
#include "dmabuf/read.h"
#include "session/session.h"
#include "session/snapshot.h"
#include "util/json.h"

/* Of the client with this number or, if that is 0, of any client of the process. */
static struct wltex_surface *find_surface(
	struct wltex_session *session, uint64_t client_id, int64_t pid, int64_t id)
{
	struct session_client *client;
	struct wltex_surface *surface;

	wl_list_for_each (client, &session->clients, link) {
		if (client_id != 0 ? client->id != client_id : client->track->pid != pid)
			continue;
		wl_list_for_each (surface, &client->surfaces, link) {
			if (wl_resource_get_id(surface->track->resource) == id)
				return surface;
		}
	}
	return NULL;
}

/* Returns an fd from which the PNG can be read, or a negative errno. */
static int send_texture(struct wltex_session *session, struct wltex_texture *texture,
	const struct wltex_texture_info *info)
{
	size_t stride = 4 * (size_t)info->width;
	uint8_t *pixels = malloc(stride * (size_t)info->height);
	int ret = pixels != NULL ? wltex_texture_read(texture, pixels, stride) : -ENOMEM;

	if (ret < 0) {
		free(pixels);
		return ret;
	}
	return pictures_send(&session->pictures, pixels, info->width, info->height);
}

/* More would keep the compositor for too long: 4096x4096. */
#define MAX_PIXELS (UINT64_C(1) << 24)

/* Why the surface's buffer is not to be read by the GPU, or by what plays one; NULL: it can be. */
static const char *why_not(const struct wltex_surface *surface)
{
	struct wltex_dmabuf *dmabuf = surface->buffer != NULL && surface->buffer->track != NULL
					      ? surface->buffer->track->dmabuf
					      : NULL;
	const struct wltex_dmabuf_attributes *a;
	struct wltex_dmabuf_view view;
	int ret;

	if (dmabuf == NULL)
		return NULL;
	a = wltex_dmabuf_get_attributes(dmabuf);
	if ((uint64_t)a->width * (uint64_t)a->height > MAX_PIXELS)
		return "the picture is too large";
	ret = wltex_dmabuf_begin_read(dmabuf, &view);
	if (ret == 0)
		wltex_dmabuf_end_read(dmabuf);
	return ret == -ENODATA ? "a part of its memory was never written" : NULL;
}

const char *snapshot_answer(
	struct wltex_session *session, struct json_object *request, FILE *file, int *fd)
{
	struct wltex_json json = {.file = file, .goes_on = true};
	struct json_object *client = NULL, *pid = NULL, *id = NULL;
	struct wltex_surface *surface;
	struct wltex_texture_info info;
	const char *refusal;

	if (!session->options.snapshot)
		return "snapshots are switched off (see the option snapshot)";
	json_object_object_get_ex(request, "client", &client);
	json_object_object_get_ex(request, "pid", &pid);
	if ((client == NULL && pid == NULL) || !json_object_object_get_ex(request, "surface", &id))
		return "client and pid, or surface, are missing";
	surface = find_surface(session, json_object_get_uint64(client), json_object_get_int64(pid),
		json_object_get_int64(id));
	if (surface == NULL)
		return "no such surface";
	refusal = why_not(surface);
	if (refusal != NULL)
		return refusal;
	if (!wltex_surface_get_texture(surface, &info))
		return "the surface has no texture";
	*fd = send_texture(session, surface->texture, &info);
	if (*fd == -EBUSY)
		return "too many pictures are on their way";
	if (*fd == -EACCES)
		return "the client could take the memory away while it is read (it has no seal "
		       "against shrinking)";
	if (*fd < 0)
		return "the texture cannot be read";
	wltex_json_print(&json, "width", "%d", info.width);
	wltex_json_print(&json, "height", "%d", info.height);
	wltex_json_string(&json, "format", "PNG", 3);
	return NULL;
}
