/* SPDX-License-Identifier: MIT */
#ifndef TESTS_MEMORY_H
#define TESTS_MEMORY_H

#include <stddef.h>

/*
 * Memory that a client would share as a dmabuf: a new fd, of size bytes or a little more,
 * full of zeros. The environment variable WLTEX_TEST_MEMORY says what it is:
 *
 *	memfd     a sealed memory file, which software renderers take for one (the default)
 *	udmabuf   a dmabuf of the kernel's, made of such a file
 *	dma-heap  a dmabuf of the kernel's, from the system heap
 *
 * Anything that goes wrong ends the test. The kernel's own count of dmabufs shows the last
 * two as "wltex-test". Bytes are written through a mapping, without DMA_BUF_IOCTL_SYNC: on
 * the machines where these exist the CPU sees them as any other memory.
 */
int test_memory_create(size_t size);

/* Always a memory file: not sealed (seals 0) it can still be, and can shrink. */
int test_memory_create_file(size_t size, int seals);

#endif
