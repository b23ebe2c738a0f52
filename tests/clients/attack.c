/* SPDX-License-Identifier: MIT */
#include <drm_fourcc.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "attack.h"

struct peer attacker;

long attack_get(const char *variable, long otherwise)
{
	const char *text = getenv(variable);

	return text != NULL ? strtol(text, NULL, 10) : otherwise;
}

void attack_sync(void)
{
	if (!peer_try_sync(&attacker)) {
		printf("disconnected\n");
		exit(EXIT_SUCCESS);
	}
	/* Nobody reads it. */
	attacker.log[0] = '\0';
}

int attack_make_file(size_t size, int seals)
{
	int fd = memfd_create("wltex-attack", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	check(fd >= 0 && ftruncate(fd, (off_t)size) == 0);
	check(seals == 0 || fcntl(fd, F_ADD_SEALS, seals) == 0);
	return fd;
}

blkcnt_t attack_count_blocks(int fd)
{
	struct stat stat;

	check_int(fstat(fd, &stat), 0);
	return stat.st_blocks;
}

struct wl_buffer *attack_make_dmabuf(
	int fd, uint32_t offset, uint32_t stride, int32_t width, int32_t height)
{
	struct zwp_linux_buffer_params_v1 *params =
		zwp_linux_dmabuf_v1_create_params(attacker.dmabuf);
	struct wl_buffer *buffer;

	zwp_linux_buffer_params_v1_add(params, fd, 0, offset, stride, 0, 0);
	buffer = zwp_linux_buffer_params_v1_create_immed(
		params, width, height, DRM_FORMAT_XRGB8888, 0);
	zwp_linux_buffer_params_v1_destroy(params);
	return buffer;
}

struct wl_buffer *attack_make_shm(
	int fd, size_t size, int32_t width, int32_t stride, uint32_t format)
{
	struct wl_shm_pool *pool = wl_shm_create_pool(attacker.shm, fd, (int32_t)size);
	struct wl_buffer *buffer =
		wl_shm_pool_create_buffer(pool, 0, width, (int32_t)size / stride, stride, format);

	wl_shm_pool_destroy(pool);
	return buffer;
}

void attack_make_surfaces(long count)
{
	for (long i = 0; i < count; i++) {
		wl_compositor_create_surface(attacker.compositor);
		if (i % 1000 == 0)
			attack_sync();
	}
	attack_sync();
}

void attack_show(struct wl_surface *surface, struct wl_buffer *buffer)
{
	wl_surface_attach(surface, buffer, 0, 0);
	wl_surface_damage_buffer(surface, 0, 0, INT32_MAX, INT32_MAX);
	wl_surface_commit(surface);
}

void attack_hold(void)
{
	char byte;

	printf("holding\n");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
}

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/*
 * No attacker but who suffers: asks for an answer all the time, until it is killed, and prints
 * how many milliseconds each took.
 */
TEST(witness)
{
	struct timespec pause = {.tv_nsec = 2000000};

	setvbuf(stdout, NULL, _IOLBF, 0);
	peer_connect(&attacker, "witness");
	alarm(0);
	for (;;) {
		double begin = now_ms();
		peer_sync(&attacker);
		printf("%.2f\n", now_ms() - begin);
		attacker.log[0] = '\0';
		nanosleep(&pause, NULL);
	}
}
