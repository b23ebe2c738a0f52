/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <png.h>

#include "cli/monitor/snapshot.h"

/* A picture of the largest side that cannot be compressed. */
#define MAX_BYTES ((size_t)SNAPSHOT_MAX_SIDE * SNAPSHOT_MAX_SIDE * 5)
#define FIRST_ROOM (64u << 10)

static int make_room(struct snapshot_png *png, size_t *capacity)
{
	uint8_t *bytes;

	if (png->size < *capacity)
		return 0;
	if (png->size >= MAX_BYTES)
		return -EFBIG;
	*capacity = *capacity > 0 ? 2 * *capacity : FIRST_ROOM;
	bytes = realloc(png->bytes, *capacity);
	if (!bytes)
		return -ENOMEM;
	png->bytes = bytes;
	return 0;
}

static int receive(int fd, int timeout_ms, struct snapshot_png *png)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	size_t capacity = 0;

	for (;;) {
		ssize_t n;
		int ret = make_room(png, &capacity);

		if (ret < 0)
			return ret;
		ret = poll(&poll_fd, 1, timeout_ms);
		if (ret == 0)
			return -ETIMEDOUT;
		n = ret < 0 ? ret : read(fd, png->bytes + png->size, capacity - png->size);
		if (n == 0)
			return 0;
		if (n > 0)
			png->size += (size_t)n;
		else if (errno != EINTR && errno != EAGAIN)
			return -errno;
	}
}

int snapshot_png_receive(
	int fd, int timeout_ms, struct snapshot_png *png, struct cli_reason *reason)
{
	int ret = fd >= 0 ? receive(fd, timeout_ms, png) : -EBADF;

	if (ret == 0)
		return 0;
	cli_set_reason(reason, "the picture did not arrive: %s", strerror(-ret));
	snapshot_png_finish(png);
	return -1;
}

/* A PNG whose end is missing can have all of its pixels. */
static bool has_end(const struct snapshot_png *png)
{
	static const uint8_t end[] = {0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xae, 0x42, 0x60, 0x82};

	return png->size >= sizeof(end) &&
	       memcmp(png->bytes + png->size - sizeof(end), end, sizeof(end)) == 0;
}

static int decode(const struct snapshot_png *png, png_image *image, struct drawing_picture *picture)
{
	if (!has_end(png) || !png_image_begin_read_from_memory(image, png->bytes, png->size) ||
		image->width > SNAPSHOT_MAX_SIDE || image->height > SNAPSHOT_MAX_SIDE)
		return -1;
	image->format = PNG_FORMAT_RGBA;
	picture->pixels = malloc((size_t)image->width * image->height * 4);
	if (!picture->pixels)
		return -1;
	picture->width = image->width;
	picture->height = image->height;
	return png_image_finish_read(image, NULL, picture->pixels, 0, NULL) ? 0 : -1;
}

int snapshot_png_decode(
	const struct snapshot_png *png, struct drawing_picture *picture, struct cli_reason *reason)
{
	png_image image = {.version = PNG_IMAGE_VERSION};
	int ret;

	*picture = (struct drawing_picture){0};
	ret = decode(png, &image, picture);
	png_image_free(&image);
	if (ret == 0)
		return 0;
	free(picture->pixels);
	picture->pixels = NULL;
	cli_set_reason(reason, "the compositor's picture cannot be decoded");
	return -1;
}

int snapshot_png_write(const struct snapshot_png *png, const char *path, struct cli_reason *reason)
{
	FILE *file = fopen(path, "we");
	bool written = file && fwrite(png->bytes, 1, png->size, file) == png->size;

	if (file && fclose(file) == 0 && written)
		return 0;
	cli_set_reason(reason, "%s: %s", path, strerror(errno));
	return -1;
}

void snapshot_png_finish(struct snapshot_png *png)
{
	free(png->bytes);
	*png = (struct snapshot_png){0};
}
