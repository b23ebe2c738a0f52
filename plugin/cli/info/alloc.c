/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <drm_fourcc.h>

#include "cli/alloc/alloc.h"
#include "cli/info/info.h"

/* A driver may hang as well as crash. */
#define TRIAL_MS 20000

static const struct memory_request request = {
	.width = 64,
	.height = 64,
	.format = DRM_FORMAT_XRGB8888,
	.linear = true,
};

/* As a client does, that draws: memory that was never written is not read. */
static void draw(struct memory *memory)
{
	uint32_t stride;
	uint8_t *bytes = memory_begin(memory, &stride);

	if (!bytes)
		return;
	memset(bytes, 0, (size_t)stride * request.height);
	memory_end(memory);
}

static void try_here(struct info_allocator *result, const struct allocator_ops *ops)
{
	struct allocator allocator = {0};
	struct memory memory;

	if (allocator_open(&allocator, ops, &result->reason) < 0)
		return;
	if (memory_init(&memory, &allocator, &request, &result->reason) == 0) {
		result->works = true;
		draw(&memory);
		result->imports = info_import(&memory, &request, &result->reason) >= 0;
		memory_finish(&memory);
	}
	allocator_close(&allocator);
}

/* Read all of the result, unless the child ends or hangs before that. */
static bool read_result(int fd, struct info_allocator *result)
{
	double left_ms, end_ms = cli_now_ms() + TRIAL_MS;
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	size_t size = 0;
	ssize_t n;

	while (size < sizeof(*result)) {
		left_ms = end_ms - cli_now_ms();
		if (left_ms < 0 || (poll(&poll_fd, 1, (int)left_ms + 1) < 0 && errno != EINTR))
			return false;
		if (!poll_fd.revents)
			continue;
		n = read(fd, (char *)result + size, sizeof(*result) - size);
		if (n <= 0)
			return false;
		size += (size_t)n;
	}
	return true;
}

static void wait_for_child(pid_t pid, struct info_allocator *result, bool complete)
{
	int status = 0;

	if (!complete)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (complete)
		return;
	/* Only what makes memory gets as far as the driver. */
	result->works = true;
	result->imports = false;
	if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
		cli_set_reason(&result->reason, "the driver crashed (SIG%s)",
			sigabbrev_np(WTERMSIG(status)));
	else
		cli_set_reason(&result->reason, "the driver hung or exited");
}

static void try_allocator(struct info_allocator *result, const struct allocator_ops *ops)
{
	struct info_allocator copy = *result;
	bool complete;
	int fds[2];
	pid_t pid;

	if (pipe(fds) < 0) {
		cli_set_reason(&result->reason, "pipe: %s", strerror(errno));
		return;
	}
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		ssize_t n;

		close(fds[0]);
		try_here(&copy, ops);
		n = write(fds[1], &copy, sizeof(copy));
		/* Not exit(): what the driver registered may crash as well. */
		_exit(n == (ssize_t)sizeof(copy) ? EXIT_SUCCESS : EXIT_FAILURE);
	}
	close(fds[1]);
	if (pid < 0) {
		cli_set_reason(&result->reason, "fork: %s", strerror(errno));
	} else {
		complete = read_result(fds[0], &copy);
		if (complete)
			*result = copy;
		wait_for_child(pid, result, complete);
	}
	close(fds[0]);
}

void info_find_allocators(struct info *info)
{
	const struct allocator_ops *ops;

	for (size_t i = 0; (ops = allocator_ops_by_index(i)) && i < INFO_MAX_ALLOCATORS; i++) {
		struct info_allocator *result = &info->allocators[info->allocator_count++];

		result->name = ops->name;
		result->dmabuf = ops->dmabuf;
		try_allocator(result, ops);
	}
}
