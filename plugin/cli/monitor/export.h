/* SPDX-License-Identifier: MIT */
#ifndef CLI_MONITOR_EXPORT_H
#define CLI_MONITOR_EXPORT_H

#include <stdio.h>

#include "cli/cli.h"
#include "cli/monitor/state.h"

/* Write the state in Prometheus' text format; NULL: that there is no compositor. */
void export_print(const struct compositor_state *state, FILE *file);

/*
 * Serve /metrics at address ([ADDR:]PORT), until a signal ends the program; get_text
 * returns the answer, to be freed, or NULL. Returns a negative errno with *reason set:
 * -EINVAL if that is no such address.
 */
int export_serve(const char *address, char *(*get_text)(void *data, size_t *size), void *data,
	struct cli_reason *reason);

#endif
