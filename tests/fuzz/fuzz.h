/* SPDX-License-Identifier: MIT */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

/* What the targets share: what must be, and the input as a row of numbers. */
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define ARRAY_LENGTH(a) (sizeof(a) / sizeof((a)[0]))

#define expect(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

struct input {
	const uint8_t *data;
	size_t left;
};

/* Bytes of the input as a number, the lowest first; zeros behind its end. */
static inline uint64_t take(struct input *input, size_t bytes)
{
	uint64_t value = 0;

	for (size_t i = 0; i < bytes && input->left > 0; i++, input->left--)
		value |= (uint64_t)*input->data++ << (8 * i);
	return value;
}

/* The same of at most four bytes. */
static inline uint32_t take32(struct input *input, size_t bytes)
{
	return (uint32_t)take(input, bytes);
}

/* Up to size bytes as they are; returns how many there are. */
static inline size_t take_bytes(struct input *input, size_t size, const uint8_t **bytes)
{
	*bytes = input->data;
	if (size > input->left)
		size = input->left;
	input->data += size;
	input->left -= size;
	return size;
}

/* Open fds of which the number is below that. */
static inline int count_fds(int below)
{
	int n = 0;

	for (int fd = 0; fd < below; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
