/* SPDX-License-Identifier: MIT */
#ifndef DMABUF_OBJECT_H
#define DMABUF_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum wltex_object_kind {
	/* A dmabuf of the kernel. */
	WLTEX_OBJECT_DMABUF,
	/* A memory file (memfd, shared memory): the software "dmabuf". */
	WLTEX_OBJECT_MEMORY,
};

/* The kernel object behind an fd. */
struct wltex_object {
	enum wltex_object_kind kind;
	dev_t dev;
	ino_t ino;
	/* Bytes, as of when it was looked at; -1 when not known. */
	int64_t size;
	/* Its owner may make it smaller at any time: memory without the seal against that. */
	bool can_shrink;
};

/*
 * Look at what fd is. Nothing is asked of a file system that another process implements,
 * so this never waits for one.
 * Returns 0; -EBADF for an fd that is closed, -EACCES for O_PATH and O_WRONLY, -ENOTSUP for any
 * other kind; -EMFILE or -ENFILE if that could not be found out.
 */
int wltex_object_inspect(int fd, struct wltex_object *object);

/*
 * The name of the driver that made a dmabuf ("system", "udmabuf", "drm", ...), as /proc has
 * it, cut to size bytes; "" where it does not say.
 */
void wltex_object_get_exporter(int fd, char *name, size_t size);

/* Whether both are one kernel object. */
bool wltex_object_same(const struct wltex_object *a, const struct wltex_object *b);

#endif
