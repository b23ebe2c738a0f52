/* SPDX-License-Identifier: MIT */
#ifndef TRACK_PROCESS_H
#define TRACK_PROCESS_H

/*
 * Which process is at the other end of a socket, where the socket itself does not tell: the
 * credentials of a socketpair are those of whoever made it, and for a client that the
 * compositor starts that is the compositor.
 */
#include <stddef.h>
#include <sys/types.h>

/*
 * The child of this process that holds the other end of fd, a socket of socketpair(); 0 if none
 * is found. Only children among the last processes that the kernel made are looked at, so it is
 * to be called soon after the fork, and the work is bounded. Never blocks.
 */
pid_t process_find_peer(int fd);

/*
 * What the process is called, as in /proc/PID/comm; cut to size. Returns 0, or -1 and "" if it is
 * gone.
 */
int process_read_name(pid_t pid, char *name, size_t size);

#endif
