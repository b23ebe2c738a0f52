/* SPDX-License-Identifier: MIT */
#ifndef UTIL_FD_H
#define UTIL_FD_H

#include <stdbool.h>
#include <stdint.h>

/* Duplicate fd with CLOEXEC. Returns the new fd, or a negative errno. */
int wltex_fd_dup(int fd);

/* Close *fd unless it is -1, and set it to -1. Keeps errno. */
void wltex_fd_close(int *fd);

/* Whether both fds are the same kernel object: same st_dev and st_ino. Never blocks. */
bool wltex_fd_same(int a, int b);

/*
 * Whether the kernel tells us which pages of a file in memory are there. Of a file that we
 * neither own nor may write, mincore() says that all are, so as to tell nothing. Asks the
 * file system: only for what is known to be a file in memory.
 */
bool wltex_fd_tells_residency(int fd);

/* Whether nobody can take away the first size bytes of a file in memory under a reader. */
bool wltex_fd_stays_whole(int fd, uint64_t size);

#endif
