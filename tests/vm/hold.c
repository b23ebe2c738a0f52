/* SPDX-License-Identifier: MIT */
/*
 * Usage: hold PID
 * Take a copy of every dmabuf fd of a process, and keep them until there is something to read
 * on stdin: what leak checks must not overlook.
 */
#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#define MAX_FDS 256

static int is_dmabuf(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == DMA_BUF_MAGIC;
}

int main(int argc, char *argv[])
{
	int pidfd = argc == 2 ? (int)syscall(SYS_pidfd_open, atoi(argv[1]), 0) : -1;
	int held = 0;
	char byte;

	if (pidfd < 0) {
		fprintf(stderr, "hold: %s\n", argc == 2 ? strerror(errno) : "no PID");
		return 1;
	}
	for (int i = 0; i < MAX_FDS; i++) {
		int fd = (int)syscall(SYS_pidfd_getfd, pidfd, i, 0);

		if (fd < 0)
			continue;
		if (is_dmabuf(fd))
			held++;
		else
			close(fd);
	}
	printf("holding %d\n", held);
	fflush(stdout);
	return read(STDIN_FILENO, &byte, 1) < 0 || held == 0;
}
