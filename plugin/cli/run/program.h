/* SPDX-License-Identifier: MIT */
#ifndef CLI_RUN_PROGRAM_H
#define CLI_RUN_PROGRAM_H

/* What a program is, before it is run: whether an object can be preloaded into it. */
#include <stdbool.h>

#include "cli/cli.h"

struct program {
	char *path; // to be freed
	bool script;
	/* It or a library of it needs libwayland-server, as far as the dynamic linker tells. */
	bool uses_wayland;
};

/*
 * Find a program as a shell does, and look at it. Returns 0; or what a shell returns, 127 if
 * there is none or 126 if nothing can be preloaded into it or it cannot be run, and *reason:
 * then there is nothing to be freed.
 */
int program_find(struct program *program, const char *name, struct cli_reason *reason);

#endif
