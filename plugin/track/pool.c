/* SPDX-License-Identifier: MIT */
#include "dmabuf/object.h"
#include "track/private.h"
#include "util/fd.h"

/* The kernel can say at any time which pages of it are in memory. */
static bool is_memory(int fd)
{
	struct wltex_object object;

	return wltex_object_inspect(fd, &object) == 0 && object.kind == WLTEX_OBJECT_MEMORY &&
	       wltex_fd_tells_residency(fd);
}

void client_add_foreign_pool(struct client *client)
{
	if (!client->base.has_foreign_pool)
		wltex_debug(client->track->logger, "client %d: a wl_shm pool that is not memory",
			(int)client->base.pid);
	client->base.has_foreign_pool = true;
}

void pool_handle_create(struct wltex_track *track, const struct wl_protocol_logger_message *message)
{
	struct wltex_track_client *client =
		wltex_track_get_client(track, wl_resource_get_client(message->resource));

	if (client != NULL && !client->has_foreign_pool && !is_memory(message->arguments[1].h))
		client_add_foreign_pool(client_from_base(client));
}
