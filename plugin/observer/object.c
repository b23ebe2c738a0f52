/* SPDX-License-Identifier: MIT */
#include <search.h>
#include <stdlib.h>

#include "observer/object.h"

struct object {
	const struct wl_client *client;
	uint32_t id;
	struct surface *surface;
};

static int compare(const void *one, const void *other)
{
	const struct object *a = one, *b = other;

	if (a->client != b->client)
		return a->client < b->client ? -1 : 1;
	return (a->id > b->id) - (a->id < b->id);
}

static struct object make_key(struct wl_resource *resource, uint32_t id)
{
	return (struct object){.client = wl_resource_get_client(resource), .id = id};
}

void object_set(struct surface *surface, uint32_t id)
{
	struct object key = make_key(surface->resource, id);
	struct object **found = tfind(&key, &surface->observer->objects, compare), *object;

	if (found != NULL) {
		(*found)->surface = surface;
		return;
	}
	object = malloc(sizeof(*object));
	if (object == NULL)
		return;
	*object = key;
	object->surface = surface;
	if (tsearch(object, &surface->observer->objects, compare) == NULL)
		free(object);
}

void object_forget(struct surface *surface, uint32_t id)
{
	struct object key = make_key(surface->resource, id);
	struct object **found = tfind(&key, &surface->observer->objects, compare), *object;

	if (found == NULL || (*found)->surface != surface)
		return;
	object = *found;
	tdelete(&key, &surface->observer->objects, compare);
	free(object);
}

struct surface *object_find(struct observer *observer, struct wl_resource *resource)
{
	struct object key = make_key(resource, wl_resource_get_id(resource));
	struct object **found = tfind(&key, &observer->objects, compare);

	return found != NULL ? (*found)->surface : NULL;
}
