/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <drm_fourcc.h>
#include <zlib.h>

#include "memory.h"
#include "peer.h"

static void handle_release(void *data, struct wl_buffer *wl_buffer)
{
	struct peer_buffer *buffer = data;

	buffer->releases++;
}

static const struct wl_buffer_listener buffer_listener = {.release = handle_release};

static void listen(struct peer_buffer *buffer)
{
	wl_buffer_add_listener(buffer->wl_buffer, &buffer_listener, buffer);
}

/* fd becomes the peer's. */
static struct peer_buffer *adopt(struct peer *peer, int fd, size_t size)
{
	struct peer_buffer *buffer = peer->buffers;

	while (buffer->fd >= 0 && buffer < peer->buffers + PEER_MAX_BUFFERS - 1)
		buffer++;
	check_int(buffer->fd, -1);
	buffer->size = size;
	buffer->fd = fd;
	buffer->pixels = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	check(buffer->pixels != MAP_FAILED);
	return buffer;
}

struct peer_buffer *peer_memory(struct peer *peer, size_t size)
{
	return adopt(peer, test_memory_create(size), size);
}

void peer_memory_free(struct peer_buffer *buffer)
{
	munmap(buffer->pixels, buffer->size);
	close(buffer->fd);
	*buffer = (struct peer_buffer){.fd = -1};
}

static void set_layout(struct peer_buffer *buffer, uint32_t width, uint32_t height, uint32_t stride,
	uint32_t format)
{
	buffer->width = width;
	buffer->height = height;
	buffer->stride = stride;
	buffer->format = format;
}

static struct peer_buffer *make(
	struct peer *peer, uint32_t width, uint32_t height, uint32_t stride, uint32_t format)
{
	struct peer_buffer *buffer = peer_memory(peer, (size_t)stride * height);

	set_layout(buffer, width, height, stride, format);
	return buffer;
}

static struct zwp_linux_buffer_params_v1 *make_params(
	struct peer *peer, const struct peer_buffer *buffer)
{
	struct zwp_linux_buffer_params_v1 *params;

	check(peer->dmabuf != NULL);
	params = zwp_linux_dmabuf_v1_create_params(peer->dmabuf);
	zwp_linux_buffer_params_v1_add(params, buffer->fd, 0, 0, buffer->stride,
		DRM_FORMAT_MOD_LINEAR >> 32, DRM_FORMAT_MOD_LINEAR & 0xffffffff);
	return params;
}

static struct peer_buffer *create_immed(
	struct peer *peer, struct peer_buffer *buffer, uint32_t flags)
{
	struct zwp_linux_buffer_params_v1 *params = make_params(peer, buffer);

	buffer->wl_buffer = zwp_linux_buffer_params_v1_create_immed(
		params, (int32_t)buffer->width, (int32_t)buffer->height, buffer->format, flags);
	zwp_linux_buffer_params_v1_destroy(params);
	listen(buffer);
	return buffer;
}

struct peer_buffer *peer_buffer_of_format(
	struct peer *peer, uint32_t width, uint32_t height, uint32_t stride, uint32_t format)
{
	return create_immed(peer, make(peer, width, height, stride, format), 0);
}

struct peer_buffer *peer_buffer_of_fd(
	struct peer *peer, int fd, uint32_t width, uint32_t height, uint32_t stride)
{
	struct peer_buffer *buffer = adopt(peer, fd, (size_t)stride * height);

	set_layout(buffer, width, height, stride, DRM_FORMAT_XRGB8888);
	return create_immed(peer, buffer, 0);
}

struct peer_buffer *peer_buffer_upside_down(struct peer *peer, uint32_t width, uint32_t height)
{
	return create_immed(peer, make(peer, width, height, width * 4, DRM_FORMAT_XRGB8888),
		ZWP_LINUX_BUFFER_PARAMS_V1_FLAGS_Y_INVERT);
}

struct peer_buffer *peer_buffer(struct peer *peer, uint32_t width, uint32_t height)
{
	return peer_buffer_of_format(peer, width, height, width * 4, DRM_FORMAT_XRGB8888);
}

static void handle_created(
	void *data, struct zwp_linux_buffer_params_v1 *params, struct wl_buffer *wl_buffer)
{
	struct peer_buffer *buffer = data;

	buffer->wl_buffer = wl_buffer;
	listen(buffer);
}

static void handle_failed(void *data, struct zwp_linux_buffer_params_v1 *params)
{
}

static const struct zwp_linux_buffer_params_v1_listener params_listener = {
	.created = handle_created,
	.failed = handle_failed,
};

struct peer_buffer *peer_buffer_async(
	struct peer *peer, uint32_t width, uint32_t height, uint32_t format)
{
	struct peer_buffer *buffer = make(peer, width, height, width * 4, format);
	struct zwp_linux_buffer_params_v1 *params = make_params(peer, buffer);

	zwp_linux_buffer_params_v1_add_listener(params, &params_listener, buffer);
	zwp_linux_buffer_params_v1_create(
		params, (int32_t)width, (int32_t)height, buffer->format, 0);
	check(wl_display_roundtrip(peer->display) >= 0);
	zwp_linux_buffer_params_v1_destroy(params);
	return buffer;
}

struct peer_buffer *peer_shm_buffer(struct peer *peer, uint32_t width, uint32_t height)
{
	size_t size = (size_t)width * 4 * height;
	struct peer_buffer *buffer =
		adopt(peer, test_memory_create_file(size, F_SEAL_SHRINK | F_SEAL_GROW), size);
	struct wl_shm_pool *pool = wl_shm_create_pool(peer->shm, buffer->fd, (int32_t)buffer->size);

	set_layout(buffer, width, height, width * 4, DRM_FORMAT_XRGB8888);
	buffer->wl_buffer = wl_shm_pool_create_buffer(pool, 0, (int32_t)width, (int32_t)height,
		(int32_t)buffer->stride, WL_SHM_FORMAT_XRGB8888);
	wl_shm_pool_destroy(pool);
	listen(buffer);
	return buffer;
}

void peer_buffer_destroy(struct peer_buffer *buffer)
{
	wl_buffer_destroy(buffer->wl_buffer);
	buffer->wl_buffer = NULL;
}

void peer_buffer_fill(struct peer_buffer *buffer, uint32_t seed)
{
	/* An xorshift: any state but 0 goes round through all others. */
	uint32_t x = seed * 2654435761u + 1;

	if (x == 0)
		x = 1;
	for (size_t i = 0; i < buffer->size; i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		buffer->pixels[i] = (uint8_t)(x >> 11);
	}
}

static size_t get_row_bytes(const struct peer_buffer *buffer)
{
	switch (buffer->format) {
	case DRM_FORMAT_RGB565:
		return (size_t)buffer->width * 2;
	case DRM_FORMAT_XBGR16161616F:
	case DRM_FORMAT_ABGR16161616F:
		return (size_t)buffer->width * 8;
	default:
		return (size_t)buffer->width * 4;
	}
}

uint32_t peer_buffer_sum(const struct peer_buffer *buffer)
{
	uLong sum = crc32_z(0, NULL, 0);

	for (uint32_t y = 0; y < buffer->height; y++)
		sum = crc32_z(
			sum, buffer->pixels + (size_t)y * buffer->stride, get_row_bytes(buffer));
	return (uint32_t)sum;
}
