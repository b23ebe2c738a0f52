/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <xf86drm.h>

#include "cli/context.h"
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

struct wltex_context *cli_context_create(char *node, size_t size, struct cli_reason *reason)
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
