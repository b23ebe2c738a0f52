/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FAULT_H
#define TESTS_FAULT_H

/*
 * Let calls fail, one after the other. The linker sends the calls that a program and the
 * static libraries in it make to a wrapper (--wrap, see the meson.build files), which asks
 * fault_now(). A test runs a scenario again and again:
 *
 *	FAULT_LOOP(way) {
 *		set_up();
 *		fault_arm();
 *		result = do_it();
 *		fault_disarm();
 *		check_result(result, fault_hit());
 *	}
 *
 * In the n-th turn the n-th call fails, once and then (the other way) with all that come
 * after it, until a turn in which none has failed: that one must have worked.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

enum fault_way {
	FAULT_ONCE,
	FAULT_FROM_THEN_ON,
	N_FAULT_WAYS
};

#define FAULT_LOOP(way) \
	for (enum fault_way way = FAULT_ONCE; way < N_FAULT_WAYS; way++) \
		for (fault_begin(way); fault_next();)

void fault_begin(enum fault_way way);
bool fault_next(void);

/* Calls count from now on / until now. The count goes on when armed again. */
void fault_arm(void);
void fault_disarm(void);

/* What failed first in this turn; NULL if nothing has, yet. */
const char *fault_hit(void);

/* How often a call of this name failed, in all turns so far. */
int fault_count(const char *name);

/* For wrappers: whether this call is to fail. */
bool fault_now(const char *name);

/* Blocks of memory that were allocated through the wrappers and not freed. */
int fault_blocks(void);

/* One more, which the code under test was given to free; NULL is none. */
void fault_count_block(const void *block);

/* For whoever decides what fails: tells how many there are now. */
void fault_blocks_changed(int blocks);

#define FAULT_WRAP(type, name, parameters, arguments, failure) \
	type __real_##name parameters; \
	type __wrap_##name parameters; \
	type __wrap_##name parameters \
	{ \
		return fault_now(#name) ? (failure) : __real_##name arguments; \
	}

/* An expression that sets errno. */
#define FAULT_ERRNO(error, value) (errno = (error), (value))

#endif
