/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_DMABUF_FILES_H
#define TESTS_UNIT_DMABUF_FILES_H

#include <fcntl.h>
#include <linux/udmabuf.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "test.h"

#define ARRAY_LENGTH(a) (sizeof(a) / sizeof((a)[0]))

/* The software "dmabuf": a memfd of size bytes with seals (0: it can still be sealed). */
static inline int make_memfd(off_t size, int seals)
{
	int fd = memfd_create("wltex-test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	check(fd >= 0);
	check_int(ftruncate(fd, size), 0);
	if (seals != 0)
		check_int(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

/* Write zeros: not even pages of fallocate() are there before something is written. */
static inline void write_zeros(int fd, off_t offset, off_t size)
{
	static const char zeros[65536];

	while (size > 0) {
		size_t n = size < (off_t)sizeof(zeros) ? (size_t)size : sizeof(zeros);
		check_int(pwrite(fd, zeros, n, offset), n);
		offset += (off_t)n;
		size -= (off_t)n;
	}
}

/* The same, without holes: all of its memory is there. */
static inline int make_full_memfd(off_t size, int seals)
{
	int fd = make_memfd(size, seals);

	write_zeros(fd, 0, size);
	return fd;
}

/* Another fd of the same object, opened with flags. */
static inline int reopen(int fd, int flags)
{
	char path[64];
	int other;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	other = open(path, flags | O_CLOEXEC);
	check(other >= 0);
	return other;
}

/*
 * A dmabuf of the kernel made of memory, or a skip where the machine cannot make one.
 * *memory gets the memfd, through which it can be written.
 */
static inline int make_udmabuf(size_t size, int *memory)
{
	int device = open("/dev/udmabuf", O_RDWR | O_CLOEXEC), fd;
	struct udmabuf_create create = {.flags = UDMABUF_FLAGS_CLOEXEC, .size = size};

	if (device < 0)
		test_skip("no /dev/udmabuf");
	*memory = make_memfd((off_t)size, F_SEAL_SHRINK);
	create.memfd = (uint32_t)*memory;
	fd = ioctl(device, UDMABUF_CREATE, &create);
	check(fd >= 0);
	close(device);
	return fd;
}

#endif
