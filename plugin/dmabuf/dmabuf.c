/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "dmabuf/check.h"
#include "dmabuf/dmabuf.h"
#include "dmabuf/params.h"
#include "dmabuf/read.h"
#include "util/export.h"
#include "util/fd.h"

static int error_to_errno(enum wltex_dmabuf_error error)
{
	switch (error) {
	case WLTEX_DMABUF_BAD_FD:
	case WLTEX_DMABUF_CLOSED_FD:
	case WLTEX_DMABUF_UNREADABLE_FD:
		return EBADF;
	case WLTEX_DMABUF_NO_FDS:
		return EMFILE;
	case WLTEX_DMABUF_NO_MEMORY:
		return ENOMEM;
	default:
		return EINVAL;
	}
}

/* The same way as that of a client's params, so that there is one set of checks. */
static enum wltex_dmabuf_error add_planes(
	struct wltex_params *params, const struct wltex_dmabuf_attributes *attributes)
{
	enum wltex_dmabuf_error error = WLTEX_DMABUF_OK;

	if (attributes->n_planes > WLTEX_MAX_PLANES)
		return WLTEX_DMABUF_TOO_MANY_PLANES;
	for (int i = 0; i < attributes->n_planes && error == WLTEX_DMABUF_OK; i++) {
		const struct wltex_dmabuf_plane *plane = &attributes->planes[i];
		if (plane->fd != -1)
			error = wltex_params_add(params, plane->fd, (uint32_t)i, plane->offset,
				plane->stride, attributes->modifier);
		else if (i == attributes->n_planes - 1 && wltex_params_get_fd_count(params) > 0)
			error = WLTEX_DMABUF_PLANE_GAP;
	}
	return error;
}

WLTEX_EXPORT struct wltex_dmabuf *wltex_dmabuf_create(
	const struct wltex_dmabuf_attributes *attributes, enum wltex_dmabuf_error *error)
{
	struct wltex_dmabuf *dmabuf = NULL;
	enum wltex_dmabuf_error result;
	struct wltex_params params;

	wltex_params_init(&params);
	result = attributes != NULL ? add_planes(&params, attributes) : WLTEX_DMABUF_NO_PLANE;
	if (result == WLTEX_DMABUF_OK)
		dmabuf = wltex_params_create_dmabuf(&params, attributes->width, attributes->height,
			attributes->format, attributes->flags, &result);
	wltex_params_finish(&params);
	if (dmabuf == NULL)
		errno = error_to_errno(result);
	if (error != NULL)
		*error = result;
	return dmabuf;
}

/* One at a time from the head: a callback may remove or add any user. */
static void tell_users(struct wltex_dmabuf *dmabuf)
{
	while (!wltex_list_empty(&dmabuf->users)) {
		struct wltex_dmabuf_user *user =
			wltex_container_of(dmabuf->users.next, struct wltex_dmabuf_user, link);
		wltex_list_remove(&user->link);
		user->destroyed(user);
	}
}

WLTEX_EXPORT void wltex_dmabuf_destroy(struct wltex_dmabuf *dmabuf)
{
	if (dmabuf == NULL)
		return;
	tell_users(dmabuf);
	wltex_dmabuf_unmap(dmabuf);
	for (int i = dmabuf->attributes.n_planes - 1; i >= 0; i--) {
		if (wltex_dmabuf_first_plane(dmabuf, i) == i)
			wltex_fd_close(&dmabuf->attributes.planes[i].fd);
	}
	free(dmabuf);
}

void wltex_dmabuf_add_user(struct wltex_dmabuf *dmabuf, struct wltex_dmabuf_user *user)
{
	wltex_list_insert(&dmabuf->users, &user->link);
}

void wltex_dmabuf_remove_user(struct wltex_dmabuf_user *user)
{
	wltex_list_remove(&user->link);
}

int wltex_dmabuf_first_plane(const struct wltex_dmabuf *dmabuf, int plane)
{
	for (int i = 0; i < plane; i++) {
		if (dmabuf->attributes.planes[i].fd == dmabuf->attributes.planes[plane].fd)
			return i;
	}
	return plane;
}

WLTEX_EXPORT const struct wltex_dmabuf_attributes *wltex_dmabuf_get_attributes(
	const struct wltex_dmabuf *dmabuf)
{
	return dmabuf != NULL ? &dmabuf->attributes : NULL;
}

WLTEX_EXPORT int wltex_dmabuf_get_fd_count(const struct wltex_dmabuf *dmabuf)
{
	int n = 0;

	for (int i = 0; dmabuf != NULL && i < dmabuf->attributes.n_planes; i++)
		n += wltex_dmabuf_first_plane(dmabuf, i) == i;
	return n;
}

bool wltex_dmabuf_is_whole(const struct wltex_dmabuf *dmabuf)
{
	for (int i = 0; i < dmabuf->attributes.n_planes; i++) {
		const struct wltex_object *object = &dmabuf->objects[i];
		struct stat stat;

		if (object->can_shrink && (fstat(dmabuf->attributes.planes[i].fd, &stat) != 0 ||
						  stat.st_size < object->size))
			return false;
	}
	return true;
}

/* Where a plane ends in its kernel object. */
static uint64_t plane_end(const struct wltex_dmabuf *dmabuf, int plane)
{
	const struct wltex_dmabuf_plane *p = &dmabuf->attributes.planes[plane];

	return p->offset +
	       (uint64_t)p->stride * wltex_dmabuf_plane_rows(&dmabuf->attributes, plane);
}

uint64_t wltex_dmabuf_get_object_bytes(const struct wltex_dmabuf *dmabuf, int plane)
{
	uint64_t bytes = 0;

	if (dmabuf->objects[plane].size >= 0)
		return (uint64_t)dmabuf->objects[plane].size;
	for (int i = 0; i < dmabuf->attributes.n_planes; i++) {
		uint64_t end = plane_end(dmabuf, i);
		if (dmabuf->attributes.planes[i].fd == dmabuf->attributes.planes[plane].fd &&
			end > bytes)
			bytes = end;
	}
	return bytes;
}

WLTEX_EXPORT uint64_t wltex_dmabuf_get_bytes(const struct wltex_dmabuf *dmabuf)
{
	uint64_t bytes = 0, sum;

	for (int i = 0; dmabuf != NULL && i < dmabuf->attributes.n_planes; i++) {
		if (wltex_dmabuf_first_plane(dmabuf, i) != i)
			continue;
		/* Sparse files can claim any size. */
		bytes = __builtin_add_overflow(
				bytes, wltex_dmabuf_get_object_bytes(dmabuf, i), &sum)
				? UINT64_MAX
				: sum;
	}
	return bytes;
}
