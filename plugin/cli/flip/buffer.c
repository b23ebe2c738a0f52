/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include <drm_fourcc.h>

#include "linux-dmabuf-v1-client.h"

#include "cli/flip/flip.h"

/* What lies between the rows: whoever takes it for pixels is found out. */
#define PADDING_BYTE 0xa5

struct creation {
	struct wl_buffer *buffer;
	bool done;
};

static void handle_release(void *data, struct wl_buffer *wl_buffer)
{
	struct flip_buffer *buffer = data;

	buffer->busy = false;
	buffer->report->releases++;
}

static const struct wl_buffer_listener buffer_listener = {.release = handle_release};

static void handle_created(
	void *data, struct zwp_linux_buffer_params_v1 *params, struct wl_buffer *buffer)
{
	struct creation *creation = data;

	creation->buffer = buffer;
	creation->done = true;
}

static void handle_failed(void *data, struct zwp_linux_buffer_params_v1 *params)
{
	struct creation *creation = data;

	creation->done = true;
}

static const struct zwp_linux_buffer_params_v1_listener params_listener = {
	.created = handle_created,
	.failed = handle_failed,
};

/* The way that lets the compositor refuse a buffer without ending the client. */
static int create_and_wait(struct flip_buffer *buffer, struct client *client,
	struct zwp_linux_buffer_params_v1 *params, const struct canvas_options *canvas,
	struct cli_reason *reason)
{
	struct creation creation = {0};
	int ret = 0;

	zwp_linux_buffer_params_v1_add_listener(params, &params_listener, &creation);
	zwp_linux_buffer_params_v1_create(
		params, (int32_t)canvas->width, (int32_t)canvas->height, canvas->format->fourcc, 0);
	while (!creation.done && ret == 0) {
		ret = client_dispatch(client, -1);
		if (ret == 0 && !creation.done && client->stopped)
			ret = -EINTR;
	}
	if (ret < 0) {
		client_explain(client, ret, reason);
	} else if (!creation.buffer) {
		ret = -EINVAL;
		cli_set_reason(reason, "the compositor did not take the buffer");
	}
	buffer->buffer = creation.buffer;
	return ret;
}

static int create_wl_buffer(struct flip_buffer *buffer, struct client *client,
	const struct flip_options *options, struct cli_reason *reason)
{
	const struct memory *memory = &buffer->memory;
	const struct canvas_options *canvas = &options->canvas;
	struct zwp_linux_buffer_params_v1 *params =
		zwp_linux_dmabuf_v1_create_params(client->dmabuf);
	int ret = 0;

	zwp_linux_buffer_params_v1_add(params, memory->fd, 0, memory->offset, memory->stride,
		(uint32_t)(memory->modifier >> 32), (uint32_t)memory->modifier);
	if (options->async_create || zwp_linux_dmabuf_v1_get_version(client->dmabuf) <
					     ZWP_LINUX_BUFFER_PARAMS_V1_CREATE_IMMED_SINCE_VERSION)
		ret = create_and_wait(buffer, client, params, canvas, reason);
	else
		buffer->buffer = zwp_linux_buffer_params_v1_create_immed(params,
			(int32_t)canvas->width, (int32_t)canvas->height, canvas->format->fourcc, 0);
	zwp_linux_buffer_params_v1_destroy(params);
	if (ret == 0)
		wl_buffer_add_listener(buffer->buffer, &buffer_listener, buffer);
	return ret;
}

int flip_buffer_init(struct flip_buffer *buffer, struct client *client, struct allocator *allocator,
	const struct flip_options *options, struct flip_report *report, struct cli_reason *reason)
{
	const struct canvas_options *canvas = &options->canvas;
	struct memory_request request = {
		.width = canvas->width,
		.height = canvas->height,
		.format = canvas->format->fourcc,
		.stride_padding = options->stride_padding,
		.linear = dmabuf_formats_has_pair(
			&client->formats, canvas->format->fourcc, DRM_FORMAT_MOD_LINEAR),
	};
	int ret;

	*buffer = (struct flip_buffer){.report = report};
	ret = memory_init(&buffer->memory, allocator, &request, reason);
	if (ret < 0)
		return ret;
	if (buffer->memory.map)
		memset(buffer->memory.map, PADDING_BYTE, buffer->memory.size);
	ret = create_wl_buffer(buffer, client, options, reason);
	if (ret < 0) {
		memory_finish(&buffer->memory);
		return ret;
	}
	pixman_region32_init_rect(&buffer->stale, 0, 0, canvas->width, canvas->height);
	report->buffers++;
	return 0;
}

void flip_buffer_finish(struct flip_buffer *buffer)
{
	if (!buffer->buffer)
		return;
	wl_buffer_destroy(buffer->buffer);
	memory_finish(&buffer->memory);
	pixman_region32_fini(&buffer->stale);
	*buffer = (struct flip_buffer){0};
}

int flip_buffer_update(struct flip_buffer *buffer, const struct canvas *canvas)
{
	uint32_t stride;
	uint8_t *pixels;

	if (!pixman_region32_not_empty(&buffer->stale))
		return 0;
	pixels = memory_begin(&buffer->memory, &stride);
	if (!pixels)
		return errno ? -errno : -EIO;
	canvas_copy(canvas, &buffer->stale, pixels, stride);
	memory_end(&buffer->memory);
	pixman_region32_clear(&buffer->stale);
	return 0;
}
