/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "track/private.h"

void expected_drop(struct expected *expected)
{
	enum expected_kind kind = expected->kind;

	expected->kind = EXPECT_NOTHING;
	if (kind == EXPECT_DMABUF)
		client_drop_dmabuf(expected->client, &expected->dmabuf);
	else if (kind == EXPECT_POOL)
		pool_map_destroy(&expected->pool);
}

void expected_match(struct expected *expected, struct client *client, struct wl_resource *resource)
{
	bool is_pool = strcmp(wl_resource_get_class(resource), "wl_shm_pool") == 0;
	enum expected_kind kind = expected->kind;

	if (kind == EXPECT_NOTHING || is_pool != (kind == EXPECT_POOL) ||
		expected->client != client || wl_resource_get_id(resource) != expected->id)
		return;
	expected->kind = EXPECT_NOTHING;
	if (kind == EXPECT_DMABUF)
		params_match(expected, resource);
	else if (kind == EXPECT_POOL)
		pool_create(expected, resource);
	else
		shm_buffer_create(expected, resource);
}
