/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <drm_fourcc.h>
#include <wltex/texture.h>
#include <xf86drm.h>

#include "cli/alloc/alloc.h"
#include "cli/info/info.h"
#include "util/fd.h"

#define MAX_DEVICES 64

/* Keeps the first message: the cause. */
static void keep_message(void *data, enum wltex_log_level level, const char *format, va_list args)
{
	struct cli_reason *reason = data;

	if (reason->text[0] == '\0')
		vsnprintf(reason->text, sizeof(reason->text), format, args);
}

static struct wltex_context *create_context(int render_fd, struct cli_reason *reason)
{
	struct wltex_logger logger = {
		.log = keep_message, .data = reason, .level = WLTEX_LOG_WARNING};
	struct wltex_context_options options = {
		.mode = WLTEX_CONTEXT_OWN,
		.render_fd = render_fd,
		.logger = &logger,
	};
	struct wltex_context *context;

	reason->text[0] = '\0';
	context = wltex_context_create(&options);
	if (!context && reason->text[0] == '\0')
		cli_set_reason(reason, "%s", strerror(errno));
	return context;
}

/* The first render node that there is. Returns its fd, or -1. */
static int open_render_node(char *node, size_t size)
{
	drmDevice *devices[MAX_DEVICES];
	int fd = -1, count = drmGetDevices2(0, devices, MAX_DEVICES);

	for (int i = 0; i < count && fd < 0; i++) {
		if (!(devices[i]->available_nodes & 1 << DRM_NODE_RENDER))
			continue;
		fd = open(devices[i]->nodes[DRM_NODE_RENDER], O_RDWR | O_CLOEXEC);
		if (fd >= 0)
			snprintf(node, size, "%s", devices[i]->nodes[DRM_NODE_RENDER]);
	}
	if (count > 0)
		drmFreeDevices(devices, count);
	return fd;
}

static struct wltex_context *create_any_context(char *node, size_t size, struct cli_reason *reason)
{
	int fd = open_render_node(node, size);
	struct wltex_context *context = NULL;

	if (fd >= 0)
		context = create_context(fd, reason);
	wltex_fd_close(&fd);
	if (context)
		return context;
	node[0] = '\0';
	return create_context(-1, reason);
}

void info_find_egl(struct info *info)
{
	info->context =
		create_any_context(info->render_node, sizeof(info->render_node), &info->egl_reason);
}

static int attach(
	struct wltex_context *context, struct wltex_dmabuf *dmabuf, struct cli_reason *reason)
{
	struct wltex_texture *texture = wltex_texture_create(context, NULL, NULL, NULL);
	int ret = -ENOMEM;

	reason->text[0] = '\0';
	if (texture)
		ret = wltex_texture_attach_dmabuf(texture, dmabuf, NULL);
	if (ret < 0 && reason->text[0] == '\0')
		cli_set_reason(reason, "no texture can be made of it: %s", strerror(-ret));
	if (texture)
		wltex_texture_destroy(texture);
	return ret;
}

int info_import(const struct memory *memory, const struct memory_request *request,
	struct cli_reason *reason)
{
	const struct wltex_dmabuf_attributes attributes = {
		.width = (int32_t)request->width,
		.height = (int32_t)request->height,
		.format = request->format,
		.modifier = memory->modifier,
		.n_planes = 1,
		.planes = {{memory->fd, memory->offset, memory->stride}},
	};
	enum wltex_dmabuf_error error;
	struct wltex_context *context;
	struct wltex_dmabuf *dmabuf;
	char node[64];
	int ret;

	context = create_any_context(node, sizeof(node), reason);
	if (!context)
		return -ENOTSUP;
	dmabuf = wltex_dmabuf_create(&attributes, &error);
	if (dmabuf) {
		ret = attach(context, dmabuf, reason);
		wltex_dmabuf_destroy(dmabuf);
	} else {
		ret = -EINVAL;
		cli_set_reason(reason, "%s", wltex_dmabuf_error_message(error));
	}
	wltex_context_destroy(context);
	return ret;
}
