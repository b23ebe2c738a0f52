/* SPDX-License-Identifier: MIT */
/* What the linker puts between the code under test and the C library, and pixman. */
#include <fcntl.h>
#include <pixman.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "fault.h"

static int blocks;

int fault_blocks(void)
{
	return blocks;
}

static void change_blocks(int delta)
{
	blocks += delta;
	fault_blocks_changed(blocks);
}

void fault_count_block(const void *block)
{
	change_blocks(block != NULL);
}

static void *counted(void *block)
{
	change_blocks(block != NULL);
	return block;
}

#define WRAP_ALLOCATION(type, name, parameters, arguments) \
	type __real_##name parameters; \
	type __wrap_##name parameters; \
	type __wrap_##name parameters \
	{ \
		if (fault_now(#name)) \
			return FAULT_ERRNO(ENOMEM, NULL); \
		return counted(__real_##name arguments); \
	}

WRAP_ALLOCATION(void *, malloc, (size_t size), (size))
WRAP_ALLOCATION(void *, calloc, (size_t n, size_t size), (n, size))
WRAP_ALLOCATION(char *, strdup, (const char *text), (text))
/* The text is the caller's to free. */
WRAP_ALLOCATION(FILE *, open_memstream, (char **text, size_t *size), (text, size))

void *__real_reallocarray(void *old, size_t n, size_t size);
void *__wrap_reallocarray(void *old, size_t n, size_t size);

void *__wrap_reallocarray(void *old, size_t n, size_t size)
{
	void *block = fault_now("reallocarray") ? FAULT_ERRNO(ENOMEM, NULL)
						: __real_reallocarray(old, n, size);

	return old == NULL ? counted(block) : block;
}

void *__wrap_realloc(void *old, size_t size);

void *__wrap_realloc(void *old, size_t size)
{
	return __wrap_reallocarray(old, 1, size);
}

void __real_free(void *block);
void __wrap_free(void *block);

void __wrap_free(void *block)
{
	change_blocks(-(block != NULL));
	__real_free(block);
}

FAULT_WRAP(int, pthread_create,
	(pthread_t * thread, const pthread_attr_t *attributes, void *(*run)(void *), void *data),
	(thread, attributes, run, data), EAGAIN)
FAULT_WRAP(void *, mmap64, (void *at, size_t size, int prot, int flags, int fd, off_t offset),
	(at, size, prot, flags, fd, offset), FAULT_ERRNO(ENOMEM, MAP_FAILED))
FAULT_WRAP(int, mincore, (void *at, size_t size, unsigned char *pages), (at, size, pages),
	FAULT_ERRNO(ENOMEM, -1))
FAULT_WRAP(int, statx,
	(int dir, const char *path, int flags, unsigned int mask, struct statx *result),
	(dir, path, flags, mask, result), FAULT_ERRNO(ENOMEM, -1))

static int counted_asprintf(char **text, const char *format, va_list args)
{
	int n = fault_now("asprintf") ? FAULT_ERRNO(ENOMEM, -1) : vasprintf(text, format, args);

	change_blocks(n >= 0);
	return n;
}

int __wrap_asprintf(char **text, const char *format, ...);

int __wrap_asprintf(char **text, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = counted_asprintf(text, format, args);
	va_end(args);
	return n;
}

/* What it is with _FORTIFY_SOURCE, which some compilers define unasked. */
int __wrap___asprintf_chk(char **text, int flag, const char *format, ...);

int __wrap___asprintf_chk(char **text, int flag, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = counted_asprintf(text, format, args);
	va_end(args);
	return n;
}

int __real_fcntl64(int fd, int command, ...);
int __wrap_fcntl64(int fd, int command, ...);

int __wrap_fcntl64(int fd, int command, ...)
{
	va_list args;
	long arg;

	va_start(args, command);
	arg = va_arg(args, long);
	va_end(args);
	if (fault_now(command == F_DUPFD_CLOEXEC ? "dup" : "fcntl"))
		return FAULT_ERRNO(EMFILE, -1);
	return __real_fcntl64(fd, command, arg);
}

int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);

int __wrap_open64(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = (mode_t)va_arg(args, int);
	va_end(args);
	if (fault_now("open"))
		return FAULT_ERRNO(EMFILE, -1);
	return __real_open64(path, flags, mode);
}

/* What pixman leaves where it has no memory: a region that counts as empty. */
static pixman_bool_t broken(pixman_region32_t *region)
{
	pixman_region32_fini(region);
	pixman_region32_init(region);
	return false;
}

FAULT_WRAP(pixman_bool_t, pixman_region32_copy,
	(pixman_region32_t * to, const pixman_region32_t *from), (to, from), broken(to))
FAULT_WRAP(pixman_bool_t, pixman_region32_union,
	(pixman_region32_t * to, const pixman_region32_t *a, const pixman_region32_t *b),
	(to, a, b), broken(to))
FAULT_WRAP(pixman_bool_t, pixman_region32_intersect,
	(pixman_region32_t * to, const pixman_region32_t *a, const pixman_region32_t *b),
	(to, a, b), broken(to))
FAULT_WRAP(pixman_bool_t, pixman_region32_union_rect,
	(pixman_region32_t * to, const pixman_region32_t *from, int x, int y, unsigned int width,
		unsigned int height),
	(to, from, x, y, width, height), broken(to))
FAULT_WRAP(pixman_bool_t, pixman_region32_init_rects,
	(pixman_region32_t * to, const pixman_box32_t *boxes, int n), (to, boxes, n),
	(pixman_region32_init(to), false))
FAULT_WRAP(pixman_bool_t, pixman_region32_subtract,
	(pixman_region32_t * to, const pixman_region32_t *a, const pixman_region32_t *b),
	(to, a, b), broken(to))
FAULT_WRAP(pixman_bool_t, pixman_region32_intersect_rect,
	(pixman_region32_t * to, const pixman_region32_t *from, int x, int y, unsigned int width,
		unsigned int height),
	(to, from, x, y, width, height), broken(to))
