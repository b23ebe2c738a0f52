/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_FUSE_FILE_H
#define TESTS_UNIT_FUSE_FILE_H

/*
 * A client can send the fd of a file whose file system it implements itself, and then
 * never answer. Whoever asks that file system anything waits for ever.
 */
#include <sys/types.h>

/*
 * Mount a file system that is one regular file, and open that for reading and writing; or skip
 * the test. *server answers for it, as far as it does; it gives up after ten seconds.
 */
int fuse_file_open(pid_t *server);

/*
 * Start a process that asks for the size of the file, and see that it waits: otherwise a test
 * would show nothing. Returns who waits.
 */
pid_t fuse_file_wait(int fd);

#endif
