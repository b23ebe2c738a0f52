/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include <drm_fourcc.h>

#include "dmabuf/check.h"
#include "dmabuf/dmabuf.h"
#include "dmabuf/params.h"
#include "util/fd.h"

static void forget_fds(struct wltex_params *params)
{
	for (int i = 0; i < WLTEX_MAX_PLANES; i++)
		params->planes[i] = (struct wltex_dmabuf_plane){.fd = -1};
}

/* Whether a plane below has the very same fd. */
static bool is_shared(const struct wltex_params *params, int plane)
{
	for (int i = 0; i < plane; i++) {
		if (params->planes[i].fd == params->planes[plane].fd)
			return true;
	}
	return false;
}

void wltex_params_init(struct wltex_params *params)
{
	*params = (struct wltex_params){.modifier = DRM_FORMAT_MOD_INVALID};
	forget_fds(params);
}

void wltex_params_finish(struct wltex_params *params)
{
	/* From above, while what is_shared() looks at below is still there. */
	for (int i = WLTEX_MAX_PLANES - 1; i >= 0; i--) {
		if (!is_shared(params, i))
			wltex_fd_close(&params->planes[i].fd);
	}
	forget_fds(params);
}

int wltex_params_get_fd_count(const struct wltex_params *params)
{
	int n = 0;

	for (int i = 0; i < WLTEX_MAX_PLANES; i++)
		n += params->planes[i].fd >= 0 && !is_shared(params, i);
	return n;
}

static bool has_planes(const struct wltex_params *params)
{
	for (int i = 0; i < WLTEX_MAX_PLANES; i++) {
		if (params->planes[i].fd >= 0)
			return true;
	}
	return false;
}

/* The fd of a plane that is the same kernel object, or a new one; or a negative errno. */
static int own_fd(const struct wltex_params *params, int fd, const struct wltex_object *object)
{
	for (int i = 0; i < WLTEX_MAX_PLANES; i++) {
		if (params->planes[i].fd >= 0 && wltex_object_same(&params->objects[i], object))
			return params->planes[i].fd;
	}
	return wltex_fd_dup(fd);
}

static enum wltex_dmabuf_error get_fd_error(int error)
{
	switch (error) {
	case -EBADF:
		return WLTEX_DMABUF_CLOSED_FD;
	case -EACCES:
		return WLTEX_DMABUF_UNREADABLE_FD;
	case -ENOTSUP:
		return WLTEX_DMABUF_BAD_FD;
	default:
		return WLTEX_DMABUF_NO_FDS;
	}
}

static enum wltex_dmabuf_error add(struct wltex_params *params, int fd, uint32_t plane,
	uint32_t offset, uint32_t stride, uint64_t modifier)
{
	struct wltex_object object;
	int result;

	if (params->used)
		return WLTEX_DMABUF_ALREADY_USED;
	if (plane >= WLTEX_MAX_PLANES)
		return WLTEX_DMABUF_PLANE_INDEX;
	if (params->planes[plane].fd >= 0)
		return WLTEX_DMABUF_PLANE_SET_TWICE;
	if (has_planes(params) && modifier != params->modifier)
		return WLTEX_DMABUF_MODIFIER_MISMATCH;
	result = wltex_object_inspect(fd, &object);
	if (result == 0)
		result = own_fd(params, fd, &object);
	if (result < 0)
		return get_fd_error(result);

	params->planes[plane] = (struct wltex_dmabuf_plane){
		.fd = result,
		.offset = offset,
		.stride = stride,
	};
	params->objects[plane] = object;
	params->modifier = modifier;
	return WLTEX_DMABUF_OK;
}

enum wltex_dmabuf_error wltex_params_add(struct wltex_params *params, int fd, uint32_t plane,
	uint32_t offset, uint32_t stride, uint64_t modifier)
{
	enum wltex_dmabuf_error error = add(params, fd, plane, offset, stride, modifier);

	if (params->error == WLTEX_DMABUF_OK)
		params->error = error;
	return error;
}

/* Number of planes, if they are there without a gap. */
static enum wltex_dmabuf_error count_planes(const struct wltex_params *params, int *n)
{
	*n = 0;
	for (int i = 0; i < WLTEX_MAX_PLANES; i++) {
		if (params->planes[i].fd < 0)
			continue;
		if (i != *n)
			return WLTEX_DMABUF_PLANE_GAP;
		(*n)++;
	}
	return *n == 0 ? WLTEX_DMABUF_NO_PLANE : WLTEX_DMABUF_OK;
}

static enum wltex_dmabuf_error fill(struct wltex_dmabuf *dmabuf, const struct wltex_params *params)
{
	struct wltex_dmabuf_attributes *attributes = &dmabuf->attributes;
	enum wltex_dmabuf_error error = count_planes(params, &attributes->n_planes);

	if (params->used)
		return WLTEX_DMABUF_ALREADY_USED;
	if (params->error != WLTEX_DMABUF_OK)
		return params->error;
	if (error != WLTEX_DMABUF_OK)
		return error;
	attributes->modifier = params->modifier;
	for (int i = 0; i < WLTEX_MAX_PLANES; i++) {
		attributes->planes[i] = params->planes[i];
		dmabuf->objects[i] = params->objects[i];
	}
	return wltex_dmabuf_check(attributes, dmabuf->objects);
}

struct wltex_dmabuf *wltex_params_create_dmabuf(struct wltex_params *params, int32_t width,
	int32_t height, uint32_t format, uint32_t flags, enum wltex_dmabuf_error *error)
{
	struct wltex_dmabuf *dmabuf = calloc(1, sizeof(*dmabuf));
	enum wltex_dmabuf_error result = WLTEX_DMABUF_NO_MEMORY;

	if (dmabuf != NULL) {
		wltex_list_init(&dmabuf->users);
		dmabuf->attributes = (struct wltex_dmabuf_attributes){
			.width = width,
			.height = height,
			.format = format,
			.flags = flags,
		};
		result = fill(dmabuf, params);
	}
	params->used = true;
	if (result == WLTEX_DMABUF_OK) {
		forget_fds(params);
	} else {
		wltex_params_finish(params);
		free(dmabuf);
		dmabuf = NULL;
	}
	if (error != NULL)
		*error = result;
	return dmabuf;
}
