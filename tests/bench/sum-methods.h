/* SPDX-License-Identifier: MIT */
#ifndef TESTS_BENCH_SUM_METHODS_H
#define TESTS_BENCH_SUM_METHODS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sum/kernel.h"

/* Ways to look at a frame of 4-byte pixels without padding, in one of several buffers. */

struct frame {
	uint32_t width, height;
	const uint8_t *data, *other; // other has the same content
	size_t size;
	/* Of the kernel that is measured. */
	struct wltex_sum *sum;
};

struct method {
	const char *name, *what;
	/* NULL: no kernel of ours. */
	const struct sum_kernel *kernel;
	uint32_t threads;
	/* Only 256x256 pixels of the frame are looked at, somewhere else each time. */
	bool damage;
	/* Whatever depends on all bytes, so that nothing is optimised away. */
	uint64_t (*run)(const struct frame *frame);
};

#define MAX_METHODS 24

/* The first is the plain read, which the others are compared with. Returns their number. */
size_t get_methods(struct method methods[MAX_METHODS]);

uint64_t read_plain(const struct frame *frame);
#if HAVE_XXHASH
/* In a file of their own, which may use AVX2. */
uint64_t run_xxh3(const struct frame *frame);
uint64_t run_refinery(const struct frame *frame);
bool can_run_xxh3(void);
#endif
/* What this machine has of what the methods can use, separated by spaces. */
const char *get_cpu_features(void);

#endif
