/* SPDX-License-Identifier: MIT */
#include <search.h>
#include <stdlib.h>

#include "dmabuf/dmabuf.h"
#include "session/memory.h"

/*
 * More than any machine has, for one object: sparse files can claim any size, and the sum of
 * what a client claims must not come round to nothing.
 */
#define MAX_BYTES (UINT64_C(1) << 44)

struct memory_object {
	dev_t dev;
	ino_t ino;
	uint64_t bytes;
	unsigned refs;
	char exporter[32];
};

static int compare(const void *a, const void *b)
{
	const struct memory_object *x = a, *y = b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	return (x->ino > y->ino) - (x->ino < y->ino);
}

static struct memory_object *create(struct client_memory *memory, const struct memory_object *key,
	const struct wltex_object *object, int fd)
{
	struct memory_object *created = malloc(sizeof(*created));

	if (created == NULL)
		return NULL;
	*created = *key;
	if (tsearch(created, &memory->objects, compare) == NULL) {
		free(created);
		return NULL;
	}
	if (object->kind == WLTEX_OBJECT_DMABUF)
		wltex_object_get_exporter(fd, created->exporter, sizeof(created->exporter));
	return created;
}

struct memory_object *memory_ref(
	struct client_memory *memory, const struct wltex_dmabuf *dmabuf, int plane)
{
	const struct wltex_object *object = &dmabuf->objects[plane];
	const struct memory_object key = {.dev = object->dev, .ino = object->ino};
	struct memory_object *const *found = tfind(&key, &memory->objects, compare);
	struct memory_object *result =
		found != NULL ? *found
			      : create(memory, &key, object, dmabuf->attributes.planes[plane].fd);
	uint64_t bytes = wltex_dmabuf_get_object_bytes(dmabuf, plane);

	if (result == NULL)
		return NULL;
	result->refs++;
	bytes = bytes < MAX_BYTES ? bytes : MAX_BYTES;
	/* A file that grew since, or an object that does not tell and is larger than thought. */
	if (bytes > result->bytes) {
		memory->bytes += bytes - result->bytes;
		result->bytes = bytes;
	}
	return result;
}

void memory_unref(struct client_memory *memory, struct memory_object *object)
{
	if (object == NULL || --object->refs > 0)
		return;
	memory->bytes -= object->bytes;
	tdelete(object, &memory->objects, compare);
	free(object);
}

const char *memory_get_exporter(const struct memory_object *object)
{
	return object != NULL ? object->exporter : "";
}
