/* SPDX-License-Identifier: MIT */
#ifndef TESTS_CLIENTS_ATTACK_H
#define TESTS_CLIENTS_ATTACK_H

/*
 * Clients that let the compositor work for nothing, or tell it what is not so: one attack a
 * case, see tests/weston/attack.sh. How large each is comes from the environment:
 *
 *	ATTACK_SIZE=4095 ATTACK_COUNT=1 client-attack hole
 */
#include <sys/stat.h>

#include "peer.h"

extern struct peer attacker;

/* The number in an environment variable; unless it is set, otherwise. */
long attack_get(const char *variable, long otherwise);

/* Until all is handled. An attacker may be disconnected: then this ends it, which is fine. */
void attack_sync(void);

/* A file of so many bytes that is nothing but a hole. */
int attack_make_file(size_t size, int seals);
/* 512 bytes each. */
blkcnt_t attack_count_blocks(int fd);

/* XRGB8888 in a file. */
struct wl_buffer *attack_make_dmabuf(
	int fd, uint32_t offset, uint32_t stride, int32_t width, int32_t height);
/* All of a file, in rows of stride. */
struct wl_buffer *attack_make_shm(
	int fd, size_t size, int32_t width, int32_t stride, uint32_t format);

/* So many surfaces that show nothing. */
void attack_make_surfaces(long count);
/* Attach (NULL: nothing), claim everything, commit. */
void attack_show(struct wl_surface *surface, struct wl_buffer *buffer);

/* Wait for the end of the standard input. */
void attack_hold(void);

#endif
