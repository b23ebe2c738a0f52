/* SPDX-License-Identifier: MIT */
#include <search.h>

#include "observer/object.h"

static int compare(const void *one, const void *other)
{
	const struct object *a = one, *b = other;

	if (a->client != b->client)
		return a->client < b->client ? -1 : 1;
	return (a->id > b->id) - (a->id < b->id);
}

void object_set(struct surface *surface, enum object_kind kind, uint32_t id)
{
	struct object *object = &surface->objects[kind];
	void **root = &surface->observer->objects;
	struct object **found = object->id != 0 ? tfind(object, root, compare) : NULL;

	if (found != NULL && *found == object)
		tdelete(object, root, compare);
	*object = (struct object){wl_resource_get_client(surface->resource), id, surface};
	if (id == 0)
		return;
	tdelete(object, root, compare);
	tsearch(object, root, compare);
}

struct surface *object_find(
	struct observer *observer, struct wl_resource *resource, enum object_kind kind)
{
	const struct object key = {
		.client = wl_resource_get_client(resource),
		.id = wl_resource_get_id(resource),
	};
	struct object **found = tfind(&key, &observer->objects, compare);
	struct surface *surface = found != NULL ? (*found)->surface : NULL;

	return surface != NULL && *found == &surface->objects[kind] ? surface : NULL;
}
