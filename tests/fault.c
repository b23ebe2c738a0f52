/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <pixman.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "fault.h"
#include "test.h"

#define MAX_NAMES 64

static struct {
	enum fault_way way;
	int turn, calls, allowed;
	bool armed;
	const char *hit;
	struct {
		const char *name;
		int count;
	} names[MAX_NAMES];
} faults;

static void count(const char *name)
{
	int i = 0;

	while (faults.names[i].name != NULL && strcmp(faults.names[i].name, name) != 0)
		i++;
	check(i < MAX_NAMES - 1);
	faults.names[i].name = name;
	faults.names[i].count++;
}

int fault_count(const char *name)
{
	for (int i = 0; faults.names[i].name != NULL; i++) {
		if (strcmp(faults.names[i].name, name) == 0)
			return faults.names[i].count;
	}
	return 0;
}

void fault_begin(enum fault_way way)
{
	faults.way = way;
	faults.turn = 0;
}

bool fault_next(void)
{
	check(!faults.armed);
	if (faults.turn > 0 && faults.hit == NULL) {
		printf("# %d faults, %s\n", faults.turn - 1,
			faults.way == FAULT_ONCE ? "one at a time" : "and all after it");
		for (int i = 0; faults.way == FAULT_FROM_THEN_ON && faults.names[i].name; i++)
			printf("#   %s: %d\n", faults.names[i].name, faults.names[i].count);
		return false;
	}
	faults.turn++;
	check(faults.turn < 10000);
	faults.calls = 0;
	faults.hit = NULL;
	return true;
}

void fault_arm(void)
{
	faults.armed = true;
}

void fault_disarm(void)
{
	faults.armed = false;
}

const char *fault_hit(void)
{
	return faults.hit;
}

bool fault_now(const char *name)
{
	bool fails;

	if (!faults.armed)
		return false;
	faults.calls++;
	fails = faults.calls == faults.turn ||
		(faults.calls > faults.turn && faults.way == FAULT_FROM_THEN_ON);
	if (!fails)
		return false;
	if (faults.hit == NULL)
		faults.hit = name;
	count(name);
	return true;
}

static int blocks;

int fault_blocks(void)
{
	return blocks;
}

static void *counted(void *block)
{
	blocks += block != NULL;
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
	blocks -= block != NULL;
	__real_free(block);
}

FAULT_WRAP(int, pthread_create,
	(pthread_t * thread, const pthread_attr_t *attributes, void *(*run)(void *), void *data),
	(thread, attributes, run, data), EAGAIN)
FAULT_WRAP(void *, mmap64, (void *at, size_t size, int prot, int flags, int fd, off_t offset),
	(at, size, prot, flags, fd, offset), FAULT_ERRNO(ENOMEM, MAP_FAILED))
FAULT_WRAP(int, madvise, (void *at, size_t size, int advice), (at, size, advice),
	FAULT_ERRNO(ENOMEM, -1))
FAULT_WRAP(int, statx,
	(int dir, const char *path, int flags, unsigned int mask, struct statx *result),
	(dir, path, flags, mask, result), FAULT_ERRNO(ENOMEM, -1))

int __real_asprintf(char **text, const char *format, ...);
int __wrap_asprintf(char **text, const char *format, ...);

int __wrap_asprintf(char **text, const char *format, ...)
{
	va_list args;
	int n;

	if (fault_now("asprintf"))
		return FAULT_ERRNO(ENOMEM, -1);
	va_start(args, format);
	n = vasprintf(text, format, args);
	va_end(args);
	blocks += n >= 0;
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
