/* SPDX-License-Identifier: MIT */
#include <drm_fourcc.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "twin.h"

static void handle_release(void *data, struct wl_buffer *wl_buffer)
{
	struct twin_buffer *buffer = data;

	both(buffer->busy[i] = buffer->busy[i] && buffer->wl_buffers[i] != wl_buffer);
}

static const struct wl_buffer_listener buffer_listener = {.release = handle_release};

static struct wl_buffer *make_shm(struct twin_screen *screen, struct twin_buffer *buffer)
{
	uint32_t format = buffer->spec.format;
	struct wl_shm_pool *pool;
	struct wl_buffer *wl_buffer;

	if (format == DRM_FORMAT_ARGB8888)
		format = WL_SHM_FORMAT_ARGB8888;
	else if (format == DRM_FORMAT_XRGB8888)
		format = WL_SHM_FORMAT_XRGB8888;
	pool = wl_shm_create_pool(screen->shm, buffer->fd, (int32_t)buffer->size);
	wl_buffer = wl_shm_pool_create_buffer(
		pool, 0, buffer->spec.width, buffer->spec.height, (int32_t)buffer->stride, format);
	wl_shm_pool_destroy(pool);
	return wl_buffer;
}

static struct wl_buffer *make_dmabuf(struct twin_screen *screen, struct twin_buffer *buffer)
{
	const struct twin_buffer_spec *spec = &buffer->spec;
	struct zwp_linux_buffer_params_v1 *params =
		zwp_linux_dmabuf_v1_create_params(screen->dmabuf);
	struct wl_buffer *wl_buffer;

	zwp_linux_buffer_params_v1_add(params, buffer->fd, 0, 0, (uint32_t)buffer->stride,
		DRM_FORMAT_MOD_LINEAR >> 32, DRM_FORMAT_MOD_LINEAR & 0xffffffff);
	wl_buffer = zwp_linux_buffer_params_v1_create_immed(params, spec->width, spec->height,
		spec->format, spec->y_inverted ? ZWP_LINUX_BUFFER_PARAMS_V1_FLAGS_Y_INVERT : 0);
	zwp_linux_buffer_params_v1_destroy(params);
	return wl_buffer;
}

static void allocate(struct twin_buffer *buffer)
{
	buffer->fd = memfd_create("wltex-twin", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	check(buffer->fd >= 0 && ftruncate(buffer->fd, (off_t)buffer->size) == 0);
	if (buffer->spec.memory == TWIN_DMABUF)
		check_int(fcntl(buffer->fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW), 0);
	buffer->pixels =
		mmap(NULL, buffer->size, PROT_READ | PROT_WRITE, MAP_SHARED, buffer->fd, 0);
	check(buffer->pixels != MAP_FAILED);
}

struct twin_buffer *twin_buffer_create(struct twin *twin, const struct twin_buffer_spec *spec)
{
	struct twin_buffer *buffer = calloc(1, sizeof(*buffer));

	check(buffer != NULL);
	buffer->twin = twin;
	buffer->next = twin->buffers;
	twin->buffers = buffer;
	buffer->spec = *spec;
	buffer->bytes_per_pixel = spec->format == DRM_FORMAT_RGB565 ? 2 : 4;
	/* Padding, which belongs to no picture. */
	buffer->stride = ((size_t)spec->width * buffer->bytes_per_pixel + 16) & ~(size_t)15;
	buffer->size = buffer->stride * (size_t)spec->height;
	allocate(buffer);
	twin_buffer_renew(buffer);
	return buffer;
}

void twin_buffer_renew(struct twin_buffer *buffer)
{
	for (int i = 0; i < 2; i++) {
		struct twin_screen *screen = &buffer->twin->screens[i];
		buffer->wl_buffers[i] = buffer->spec.memory == TWIN_SHM
						? make_shm(screen, buffer)
						: make_dmabuf(screen, buffer);
		wl_buffer_add_listener(buffer->wl_buffers[i], &buffer_listener, buffer);
	}
}

void twin_buffer_give_up(struct twin_buffer *buffer)
{
	for (int i = 0; i < 2; i++) {
		if (buffer->wl_buffers[i] != NULL)
			wl_buffer_destroy(buffer->wl_buffers[i]);
		buffer->wl_buffers[i] = NULL;
		buffer->busy[i] = false;
	}
}

void twin_buffer_destroy(struct twin_buffer *buffer)
{
	struct twin_buffer **link;

	if (buffer == NULL)
		return;
	for (link = &buffer->twin->buffers; *link != buffer;)
		link = &(*link)->next;
	*link = buffer->next;
	twin_buffer_give_up(buffer);
	munmap(buffer->pixels, buffer->size);
	close(buffer->fd);
	free(buffer);
}

bool twin_buffer_is_busy(const struct twin_buffer *buffer)
{
	return buffer->busy[0] || buffer->busy[1];
}

static uint8_t *get_row(struct twin_buffer *buffer, int32_t y)
{
	int32_t row = buffer->spec.y_inverted ? buffer->spec.height - 1 - y : y;

	return buffer->pixels + (size_t)row * buffer->stride;
}

static void put_pixel(struct twin_buffer *buffer, uint8_t *row, int32_t x, uint32_t argb)
{
	uint16_t rgb565 =
		(uint16_t)((argb >> 8 & 0xf800) | (argb >> 5 & 0x07e0) | (argb >> 3 & 0x1f));

	if (buffer->bytes_per_pixel == 2)
		memcpy(row + (size_t)x * 2, &rgb565, 2);
	else
		memcpy(row + (size_t)x * 4, &argb, 4);
}

void twin_buffer_fill(struct twin_buffer *buffer, int32_t x, int32_t y, int32_t width,
	int32_t height, uint32_t argb)
{
	int32_t x2 = x + width < buffer->spec.width ? x + width : buffer->spec.width;
	int32_t y2 = y + height < buffer->spec.height ? y + height : buffer->spec.height;

	for (int32_t row = y > 0 ? y : 0; row < y2; row++) {
		for (int32_t column = x > 0 ? x : 0; column < x2; column++)
			put_pixel(buffer, get_row(buffer, row), column, argb);
	}
}

void twin_buffer_write(struct twin_buffer *buffer, const uint32_t *pixels)
{
	size_t width = (size_t)buffer->spec.width;

	for (int32_t y = 0; y < buffer->spec.height; y++) {
		const uint32_t *from = pixels + (size_t)y * width;
		if (buffer->bytes_per_pixel == 4)
			memcpy(get_row(buffer, y), from, width * 4);
		for (int32_t x = 0; x < buffer->spec.width && buffer->bytes_per_pixel == 2; x++)
			put_pixel(buffer, get_row(buffer, y), x, from[x]);
	}
}

void twin_buffer_paint(struct twin_buffer *buffer, uint32_t seed)
{
	uint32_t state = seed * 2654435761u + 1;

	for (int32_t y = 0; y < buffer->spec.height; y++) {
		for (int32_t x = 0; x < buffer->spec.width; x++) {
			state = state * 1664525u + 1013904223u;
			put_pixel(buffer, get_row(buffer, y), x, 0xff000000u | state >> 8);
		}
	}
}

uint32_t twin_buffer_sum(const struct twin_buffer *buffer)
{
	const struct twin_buffer_spec *spec = &buffer->spec;
	uLong sum = crc32(0, NULL, 0);

	for (int32_t y = 0; y < spec->height; y++)
		sum = crc32(sum, buffer->pixels + (size_t)y * buffer->stride,
			(uInt)spec->width * buffer->bytes_per_pixel);
	return (uint32_t)sum;
}
