/* SPDX-License-Identifier: MIT */
/* plugin/session/picture.c: PNGs that threads make, and readers of all kinds. */
#include <errno.h>
#include <poll.h>
#include <png.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wayland-server-core.h>

#include "fault.h"
#include "test.h"
#include "session/picture.h"

#define SIDE 600
#define MAX_BYTES (8u << 20)

FAULT_WRAP(int, socketpair, (int domain, int type, int protocol, int pair[2]),
	(domain, type, protocol, pair), FAULT_ERRNO(EMFILE, -1))
FAULT_WRAP(int, eventfd, (unsigned int value, int flags), (value, flags), FAULT_ERRNO(EMFILE, -1))
FAULT_WRAP(struct wl_event_source *, wl_event_loop_add_fd,
	(struct wl_event_loop * loop, int fd, uint32_t mask, wl_event_loop_fd_func_t func,
		void *data),
	(loop, fd, mask, func, data), FAULT_ERRNO(ENOMEM, NULL))

static uint8_t received[MAX_BYTES];
static size_t n_received;

/* Returns whether more may come. */
static bool receive_some(int fd)
{
	ssize_t n = read(fd, received + n_received, MAX_BYTES - n_received);

	check(n >= 0);
	n_received += (size_t)n;
	return n > 0;
}

/* Read what is left of it. Returns the pixels of all, or NULL if it is no whole PNG. */
static uint8_t *read_rest(int fd, uint32_t width, uint32_t height)
{
	png_image image = {.version = PNG_IMAGE_VERSION};
	uint8_t *pixels = NULL;

	while (receive_some(fd))
		continue;
	close(fd);
	if (n_received > 12 && memcmp(received + n_received - 8, "IEND", 4) == 0 &&
		png_image_begin_read_from_memory(&image, received, n_received)) {
		check_int(image.width, width);
		check_int(image.height, height);
		image.format = PNG_FORMAT_RGBA;
		pixels = malloc(PNG_IMAGE_SIZE(image));
		check(png_image_finish_read(&image, NULL, pixels, 0, NULL));
	}
	png_image_free(&image);
	return pixels;
}

static uint8_t *read_picture(int fd, uint32_t width, uint32_t height)
{
	n_received = 0;
	return read_rest(fd, width, height);
}

/* Until all threads are gone. */
static void dispatch(struct pictures *pictures)
{
	while (!wl_list_empty(&pictures->list))
		check(wl_event_loop_dispatch(pictures->loop, 60000) == 0);
}

/* Opaque pixels that hardly get smaller: more than fits into a socket. */
static uint8_t *make_noise(uint32_t seed)
{
	uint8_t *pixels = malloc(SIDE * SIDE * 4);

	check(pixels != NULL);
	for (size_t i = 0; i < SIDE * SIDE * 4; i++) {
		seed = seed * 1664525 + 1013904223;
		pixels[i] = i % 4 == 3 ? 255 : (uint8_t)(seed >> 24);
	}
	return pixels;
}

static bool is_noise(const uint8_t *pixels, uint32_t seed)
{
	uint8_t *noise = make_noise(seed);
	bool same = pixels != NULL && memcmp(pixels, noise, SIDE * SIDE * 4) == 0;

	free(noise);
	return same;
}

static void setup(struct pictures *pictures)
{
	pictures_init(pictures, wl_event_loop_create());
	check(pictures->loop != NULL);
}

static void teardown(struct pictures *pictures)
{
	pictures_finish(pictures);
	check(wl_list_empty(&pictures->list));
	wl_event_loop_destroy(pictures->loop);
}

TEST(alpha_is_straight)
{
	static const uint8_t premultiplied[2 * 3 * 4] = {
		10,
		20,
		30,
		255,
		0,
		0,
		0,
		0,
		99,
		99,
		99,
		99, //
		64,
		32,
		0,
		128,
		200,
		200,
		200,
		100,
		1,
		1,
		1,
		1,
	};
	static const uint8_t straight[2 * 3 * 4] = {
		10,
		20,
		30,
		255,
		0,
		0,
		0,
		0,
		255,
		255,
		255,
		99,
		/* More than the alpha is none of premultiplied colors. */
		128,
		64,
		0,
		128,
		255,
		255,
		255,
		100,
		255,
		255,
		255,
		1,
	};
	uint8_t *pixels = malloc(sizeof(premultiplied));
	struct pictures pictures;
	int fd;

	setup(&pictures);
	memcpy(pixels, premultiplied, sizeof(premultiplied));
	fd = pictures_send(&pictures, pixels, 3, 2);
	check(fd >= 0);
	pixels = read_picture(fd, 3, 2);
	check(pixels != NULL && memcmp(pixels, straight, sizeof(straight)) == 0);
	free(pixels);
	dispatch(&pictures);
	teardown(&pictures);
}

TEST(many_at_once)
{
	struct pictures pictures;
	int fds[4], n = test_count_fds();

	setup(&pictures);
	for (uint32_t i = 0; i < 4; i++) {
		fds[i] = pictures_send(&pictures, make_noise(i), SIDE, SIDE);
		check(fds[i] >= 0);
	}
	check_int(pictures_send(&pictures, make_noise(4), SIDE, SIDE), -EBUSY);
	for (uint32_t i = 4; i-- > 0;) {
		uint8_t *pixels = read_picture(fds[i], SIDE, SIDE);
		check(is_noise(pixels, i));
		free(pixels);
	}
	dispatch(&pictures);
	fds[0] = pictures_send(&pictures, make_noise(4), SIDE, SIDE);
	check(fds[0] >= 0);
	close(fds[0]);
	teardown(&pictures);
	check_int(test_count_fds(), n);
}

/* Nobody reads it, or only a part. */
TEST(readers_that_go)
{
	struct pictures pictures;
	int n = test_count_fds();

	setup(&pictures);
	for (uint32_t i = 0; i < 20; i++) {
		int fd = pictures_send(&pictures, make_noise(i), SIDE, SIDE);
		check(fd >= 0);
		n_received = 0;
		while (n_received < 30000u * i && receive_some(fd))
			continue;
		close(fd);
		dispatch(&pictures);
	}
	teardown(&pictures);
	check_int(test_count_fds(), n);
}

/* Stopped at any time: what was read of it is no picture, or all of it. */
TEST(finish_meanwhile)
{
	int cut = 0, n = test_count_fds();

	for (uint32_t i = 0; i < 30; i++) {
		struct pictures pictures;
		uint8_t *pixels;
		int fd;

		setup(&pictures);
		fd = pictures_send(&pictures, make_noise(i), SIDE, SIDE);
		check(fd >= 0);
		n_received = 0;
		while (n_received < 50000u * i && receive_some(fd))
			continue;
		teardown(&pictures);
		/* What is left in the socket. */
		pixels = read_rest(fd, SIDE, SIDE);
		check(pixels == NULL || is_noise(pixels, i));
		cut += pixels == NULL;
		free(pixels);
	}
	check(cut > 10);
	check_int(test_count_fds(), n);
}

/* It keeps the fd and reads no more: that is not waited for without end. */
TEST(reader_that_stops)
{
	struct pictures pictures;
	uint8_t *pixels;
	int fd;

	setup(&pictures);
	pictures.patience_s = 1;
	fd = pictures_send(&pictures, make_noise(1), SIDE, SIDE);
	check(fd >= 0);
	n_received = 0;
	check(receive_some(fd));
	dispatch(&pictures);
	pixels = read_rest(fd, SIDE, SIDE);
	check(pixels == NULL);
	teardown(&pictures);
}

TEST(faults)
{
	int sent = 0, n = test_count_fds();

	FAULT_LOOP(way)
	{
		struct pictures pictures;
		uint8_t *pixels = make_noise(1);
		int blocks, fd;

		setup(&pictures);
		blocks = fault_blocks();
		fault_arm();
		fd = pictures_send(&pictures, pixels, SIDE, SIDE);
		fault_disarm();
		check((fd >= 0) == (fault_hit() == NULL));
		if (fd >= 0) {
			pixels = read_picture(fd, SIDE, SIDE);
			check(is_noise(pixels, 1));
			free(pixels);
			sent++;
		}
		dispatch(&pictures);
		/* The pixels went with it. */
		check_int(fault_blocks(), blocks - 1);
		teardown(&pictures);
		check_int(test_count_fds(), n);
	}
	check_int(sent, 2);
	check(fault_count("calloc") > 0 && fault_count("socketpair") > 0);
	check(fault_count("eventfd") > 0 && fault_count("wl_event_loop_add_fd") > 0);
	check(fault_count("pthread_create") > 0);
}
