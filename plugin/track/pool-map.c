/* SPDX-License-Identifier: MIT */
#include <sys/mman.h>

#include "track/private.h"
#include "util/fd.h"

/* Nobody needs to look at cursors and icons. */
#define MIN_BYTES (4 * 64 * 64)
/* The kernel allows a process some 65,000 mappings, and the compositor needs one for each pool. */
#define MAX_MAPS 4096
#define MAX_CLIENT_MAPS 256

void pool_map_create(struct wltex_track_pool *pool, int fd)
{
	struct client *client = client_from_base(pool->client);
	struct wltex_track *track = client->track;
	void *data;

	if (!track->map_pools || pool->size <= MIN_BYTES || client->base.has_foreign_pool ||
		client->n_maps == MAX_CLIENT_MAPS || track->n_maps == MAX_MAPS ||
		!wltex_fd_stays_whole(fd, pool->size))
		return;
	data = mmap(NULL, pool->size, PROT_READ, MAP_SHARED, fd, 0);
	if (data == MAP_FAILED)
		return;
	pool->data = data;
	client->n_maps++;
	track->n_maps++;
}

void pool_map_destroy(struct wltex_track_pool *pool)
{
	struct client *client = client_from_base(pool->client);

	if (pool->data == NULL)
		return;
	munmap((void *)(uintptr_t)pool->data, pool->size);
	pool->data = NULL;
	client->n_maps--;
	client->track->n_maps--;
}

/* Whether the file is as large as that is not known: pages that are not there are not resident. */
void pool_map_resize(struct wltex_track_pool *pool, uint32_t size)
{
	void *data;

	if (pool->data == NULL)
		return;
	data = mremap((void *)(uintptr_t)pool->data, pool->size, size, MREMAP_MAYMOVE);
	if (data == MAP_FAILED)
		pool_map_destroy(pool);
	else
		pool->data = data;
}

void wltex_track_map_pools(struct wltex_track *track, bool map)
{
	struct client *client;
	struct pool *pool;

	if (track->map_pools == map)
		return;
	track->map_pools = map;
	wl_list_for_each (client, &track->clients, link) {
		wl_list_for_each (pool, &client->pools, link)
			pool_map_destroy(&pool->base);
	}
}
