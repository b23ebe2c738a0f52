/* SPDX-License-Identifier: MIT */
/*
 * Hold memory of random sizes, shared as dmabufs or through wl_shm, until the standard input ends;
 * HOLD_SEED decides. Each file is held open, so that /proc tells what the compositor should tell.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "peer.h"

#define MAX_FILES 6

static struct peer peer;

static int make_file(size_t size)
{
	int fd = memfd_create("wltex-hold", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	check(fd >= 0 && ftruncate(fd, (off_t)size) == 0);
	check_int(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	return fd;
}

static uint32_t get_rows(void)
{
	return 1 + (uint32_t)(random() % 200);
}

static void begin(const char *name)
{
	const char *seed = getenv("HOLD_SEED");

	srandom(seed ? (unsigned)strtoul(seed, NULL, 10) : 1);
	peer_connect(&peer, name);
}

/* The compositor needs so many fds for it. */
static void hold(int fds)
{
	char byte;

	peer_sync(&peer);
	printf("holding %d\n", fds);
	fflush(stdout);
	alarm(0);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
}

/* A page is 1024 pixels: one row. Some files are two buffers. */
TEST(dmabuf)
{
	int fds = 0;

	begin("hold-dmabuf");
	for (long n = 1 + random() % MAX_FILES; n > 0; n--) {
		uint32_t rows = get_rows();
		int fd = make_file(4096 * (size_t)rows);
		for (long k = random() % 2; k >= 0; k--) {
			int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
			check(copy >= 0);
			peer_buffer_of_fd(&peer, copy, 1024, rows, 4096);
			peer_sync(&peer);
			fds++;
		}
	}
	hold(fds);
}

/* Pools that grow, that go before their buffers, that have no buffer, and two of one file. */
TEST(shm)
{
	begin("hold-shm");
	for (long n = 1 + random() % MAX_FILES; n > 0; n--) {
		uint32_t rows = get_rows(), more = get_rows();
		int fd = make_file(4096 * (size_t)(rows + more));
		struct wl_shm_pool *pool = wl_shm_create_pool(peer.shm, fd, (int32_t)rows * 4096);
		for (long k = random() % 4; k > 0; k--)
			wl_shm_pool_create_buffer(
				pool, 0, 1024, (int32_t)rows, 4096, WL_SHM_FORMAT_XRGB8888);
		if (random() % 2)
			wl_shm_create_pool(peer.shm, fd, 4096);
		wl_shm_pool_resize(pool, (int32_t)(rows + more) * 4096);
		wl_shm_pool_create_buffer(pool, 0, 1024, 1, 4096, WL_SHM_FORMAT_XRGB8888);
		if (random() % 2)
			wl_shm_pool_destroy(pool);
	}
	hold(0);
}
