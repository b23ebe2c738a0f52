/* SPDX-License-Identifier: MIT */
#ifndef CLI_INFO_INFO_H
#define CLI_INFO_INFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/cli.h"

struct wltex_context;
struct memory;
struct memory_request;

#define INFO_MAX_ALLOCATORS 8
#define INFO_MAX_ADVICE 8

struct info_allocator {
	const char *name;
	/* It makes kernel dmabufs; it makes memory; EGL makes a texture of that. */
	bool dmabuf, works, imports;
	/* Why it does not work, or is not imported. */
	struct cli_reason reason;
};

/* What this machine can do, found by trying it. */
struct info {
	/* NULL: no EGL and GL that could be used, for this reason. */
	struct wltex_context *context;
	struct cli_reason egl_reason;
	/* The render node that EGL runs on, or "" for the surfaceless platform. */
	char render_node[64];

	struct info_allocator allocators[INFO_MAX_ALLOCATORS];
	size_t allocator_count;

	/* Content sums: the kernel, and how many bytes it sums in a second. */
	const char *kernel;
	double sum_rate;

	/* Those of the GPU: whether they work, in software, and how many bytes in a second; 0:
	 * too quick to be told from an upload. */
	bool gpu_sums, gpu_software;
	double gpu_sum_rate;
	struct cli_reason gpu_reason;

	/*
	 * The module: where the compositor that runs it has it from, or else where it is
	 * installed or built, or ""; and that compositor.
	 */
	char module[256];
	bool module_installed;
	bool running;
	struct cli_reason running_reason;
	int compositor_pid;
	uint64_t compositor_clients;
	bool compositor_textures;

	/* What to do about what is missing. */
	struct cli_reason advice[INFO_MAX_ADVICE];
	size_t advice_count;
};

void info_finish(struct info *info);

void info_find_egl(struct info *info);
/* Try what the allocators make, each in a process of its own: drivers may crash. */
void info_find_allocators(struct info *info);
void info_measure_sums(struct info *info);
/* After info_find_egl(). */
void info_measure_gpu(struct info *info);
void info_find_module(struct info *info, const char *socket);
void info_give_advice(struct info *info);

/*
 * Make a texture of the memory in a GL context made for that. Returns 0, or a negative errno
 * with *reason set.
 */
int info_import(const struct memory *memory, const struct memory_request *request,
	struct cli_reason *reason);

void info_print_text(const struct info *info, bool all_formats);
/* Returns 0 or -ENOMEM. */
int info_print_json(const struct info *info);

#endif
