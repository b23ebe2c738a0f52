/* SPDX-License-Identifier: MIT */
#ifndef CLI_CONTEXT_H
#define CLI_CONTEXT_H

#include <stddef.h>

#include <wltex/texture.h>

#include "cli/cli.h"

/*
 * A context of its own on the first render node, whose path is copied to node, of size bytes;
 * or on the surfaceless platform, where that is "". NULL with the reason if there is neither.
 */
struct wltex_context *cli_context_create(char *node, size_t size, struct cli_reason *reason);

#endif
