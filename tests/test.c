/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

#define EXIT_SKIP 77

static struct {
	const char *name;
	void (*run)(void);
} cases[256];
static int n_cases;

void test_register(const char *name, void (*run)(void))
{
	if (n_cases == (int)(sizeof(cases) / sizeof(cases[0])))
		abort();
	cases[n_cases].name = name;
	cases[n_cases].run = run;
	n_cases++;
}

void test_fail(const char *file, int line, const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fprintf(stderr, "%s:%d: ", file, line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	fflush(stderr);
	/* Not exit(): a failed case may have left anything behind. */
	_exit(EXIT_FAILURE);
}

void test_skip(const char *format, ...)
{
	va_list args;

	printf("SKIP: ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	exit(EXIT_SKIP);
}

int test_count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = -3; /* ".", ".." and the DIR's own */

	if (dir == NULL)
		abort();
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

static int find(const char *name)
{
	for (int i = 0; i < n_cases; i++) {
		if (strcmp(cases[i].name, name) == 0)
			return i;
	}
	return -1;
}

static int expect(int n, char *names[])
{
	int status = EXIT_SUCCESS;

	for (int i = 0; i < n; i++) {
		if (find(names[i]) < 0) {
			fprintf(stderr, "no such case: %s\n", names[i]);
			status = EXIT_FAILURE;
		}
	}
	for (int i = 0; i < n_cases; i++) {
		bool named = false;
		for (int k = 0; k < n; k++)
			named = named || strcmp(cases[i].name, names[k]) == 0;
		if (!named) {
			fprintf(stderr, "not in meson.build: %s\n", cases[i].name);
			status = EXIT_FAILURE;
		}
	}
	return status;
}

static int run_all(void)
{
	int failed = 0, skipped = 0;

	for (int i = 0; i < n_cases; i++) {
		int status = 0;
		fflush(NULL);
		pid_t pid = fork();
		if (pid == 0) {
			cases[i].run();
			exit(EXIT_SUCCESS);
		}
		waitpid(pid, &status, 0);
		bool skip = WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIP;
		bool ok = WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
		skipped += skip;
		failed += !ok && !skip;
		printf("%s: %s\n", cases[i].name, ok ? "ok" : skip ? "skipped" : "FAILED");
	}
	printf("%d passed, %d failed, %d skipped\n", n_cases - failed - skipped, failed, skipped);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char *argv[])
{
	if (argc > 1 && strcmp(argv[1], "--expect") == 0)
		return expect(argc - 2, argv + 2);
	if (argc == 1)
		return run_all();
	for (int i = 1; i < argc; i++) {
		int found = find(argv[i]);
		if (found < 0) {
			fprintf(stderr, "no such case: %s\n", argv[i]);
			return EXIT_FAILURE;
		}
		cases[found].run();
	}
	return EXIT_SUCCESS;
}
