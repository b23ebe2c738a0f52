/* SPDX-License-Identifier: MIT */
#ifndef CLI_REPORT_TRACE_H
#define CLI_REPORT_TRACE_H

#include <stdio.h>

#include "cli/cli.h"
#include "cli/report/model.h"

/*
 * Tell a model what stands in a trace of `wltex record`; what other programs wrote into it is
 * left out. A trace that is cut off or damaged in parts is told as far as it goes, and the model
 * says so. Returns 0, or a negative errno with *reason set: there is nothing of wltex in it.
 */
int trace_read(FILE *stream, struct report_model *model, struct cli_reason *reason);

#endif
