/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <drm_fourcc.h>
#include <wltex/texture.h>

#include "cli/alloc/alloc.h"
#include "cli/context.h"
#include "cli/info/info.h"

void info_find_egl(struct info *info)
{
	info->context =
		cli_context_create(info->render_node, sizeof(info->render_node), &info->egl_reason);
}

static int attach(
	struct wltex_context *context, struct wltex_dmabuf *dmabuf, struct cli_reason *reason)
{
	struct wltex_texture *texture = wltex_texture_create(context, NULL, NULL, NULL);
	struct wltex_texture_info info;
	int ret = -ENOMEM;

	reason->text[0] = '\0';
	if (texture)
		ret = wltex_texture_attach_dmabuf(texture, dmabuf, NULL);
	if (ret < 0 && reason->text[0] == '\0')
		cli_set_reason(reason, "no texture can be made of it: %s", strerror(-ret));
	if (ret >= 0 && wltex_texture_peek(texture, &info) && !info.has_sum)
		cli_set_reason(reason, "%s", wltex_content_message(info.content));
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

	context = cli_context_create(node, sizeof(node), reason);
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
