/* SPDX-License-Identifier: MIT */
#ifndef SESSION_MEMORY_H
#define SESSION_MEMORY_H

#include <stdint.h>

struct wltex_dmabuf;

/*
 * What a client shares: each kernel object once, however many buffers lie in it. A buffer
 * holds a reference to each of its objects, as long as its fds keep them alive.
 */
struct client_memory {
	void *objects; // of tsearch(3)
	uint64_t bytes;
};

struct memory_object;

/*
 * Refer to the memory behind a plane of a dmabuf; NULL out of memory. An object that is not
 * in use yet is asked for its exporter.
 */
struct memory_object *memory_ref(
	struct client_memory *memory, const struct wltex_dmabuf *dmabuf, int plane);

/* The last reference to the object takes it out. NULL does nothing. */
void memory_unref(struct client_memory *memory, struct memory_object *object);

/* The driver that made a dmabuf, as the kernel names it; "" for memory files, or not known. */
const char *memory_get_exporter(const struct memory_object *object);

#endif
