/* SPDX-License-Identifier: MIT */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

/*
 * A small test harness. A program holds the cases of one module:
 *
 *	TEST(empty_region)
 *	{
 *		check(region_is_empty(&r));
 *		check_int(region_area(&r), 0);
 *	}
 *
 * "program CASE" runs one case, "program" all of them, each in a process of its own.
 * "program --expect CASE..." fails unless exactly these cases exist, so that the list
 * in meson.build cannot miss one.
 */
#ifdef NDEBUG
#error "tests need assertions"
#endif

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

void test_register(const char *name, void (*run)(void));
void test_fail(const char *file, int line, const char *format, ...)
	__attribute__((noreturn, format(printf, 3, 4)));
/* End the case as skipped (exit status 77) with the reason in one line. */
void test_skip(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* Number of open fds of this process: for leak checks. */
int test_count_fds(void);

#define TEST(name) \
	static void test_##name(void); \
	__attribute__((constructor)) static void register_##name(void) \
	{ \
		test_register(#name, test_##name); \
	} \
	static void test_##name(void)

#define check(condition) \
	do { \
		if (!(condition)) \
			test_fail(__FILE__, __LINE__, "%s", #condition); \
	} while (0)

#define check_int(actual, expected) \
	do { \
		intmax_t actual_ = (intmax_t)(actual), expected_ = (intmax_t)(expected); \
		if (actual_ != expected_) \
			test_fail(__FILE__, __LINE__, "%s is %jd (%#jx), not %jd (%#jx)", #actual, \
				actual_, (uintmax_t)actual_, expected_, (uintmax_t)expected_); \
	} while (0)

#define check_str(actual, expected) \
	do { \
		const char *actual_ = (actual), *expected_ = (expected); \
		if (actual_ == NULL || strcmp(actual_, expected_) != 0) \
			test_fail(__FILE__, __LINE__, "%s is \"%s\", not \"%s\"", #actual, \
				actual_ ? actual_ : "(null)", expected_); \
	} while (0)

#endif
