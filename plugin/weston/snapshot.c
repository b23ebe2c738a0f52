/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <json.h>
#include <sys/mman.h>
#include <unistd.h>

#include "util/fd.h"
#include "weston/module.h"
#include "weston/snapshot.h"

/* Of the client with this number or, if that is 0, of any client of the process. */
static struct module_surface *find_surface(
	struct module *module, uint64_t client_id, int64_t pid, int64_t id)
{
	struct module_client *client;
	struct module_surface *surface;

	wl_list_for_each (client, &module->clients, link) {
		if (client_id != 0 ? client->id != client_id : client->track->pid != pid)
			continue;
		wl_list_for_each (surface, &client->surfaces, link) {
			if (wl_resource_get_id(surface->track->resource) == id)
				return surface;
		}
	}
	return NULL;
}

/* Returns a sealed memfd, or -1. */
static int read_texture(struct wltex_texture *texture, const struct wltex_texture_info *info)
{
	size_t stride = 4 * (size_t)info->width, size = stride * (size_t)info->height;
	int fd = memfd_create("wltex-snapshot", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	void *data = MAP_FAILED;
	int ret = -1;

	if (fd >= 0 && ftruncate(fd, (off_t)size) == 0)
		data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (data != MAP_FAILED) {
		ret = wltex_texture_read(texture, data, stride);
		munmap(data, size);
	}
	if (ret < 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
		wltex_fd_close(&fd);
	return fd;
}

const char *snapshot_answer(struct module *module, struct json_object *request, FILE *file, int *fd)
{
	struct json_object *client = NULL, *pid = NULL, *id = NULL;
	struct module_surface *surface;
	struct wltex_texture_info info;

	if (!module->options.snapshot)
		return "snapshots are switched off (snapshot=true in section [wltex] of weston.ini)";
	json_object_object_get_ex(request, "client", &client);
	json_object_object_get_ex(request, "pid", &pid);
	if ((client == NULL && pid == NULL) || !json_object_object_get_ex(request, "surface", &id))
		return "client and pid, or surface, are missing";
	surface = find_surface(module, json_object_get_uint64(client), json_object_get_int64(pid),
		json_object_get_int64(id));
	if (surface == NULL)
		return "no such surface";
	if (surface->texture == NULL || !wltex_texture_get(surface->texture, &info))
		return "the surface has no texture";
	*fd = read_texture(surface->texture, &info);
	if (*fd < 0)
		return "the texture cannot be read";
	fprintf(file, ", \"width\": %d, \"height\": %d, \"stride\": %d, \"format\": \"RGBA\"",
		info.width, info.height, 4 * info.width);
	return NULL;
}
