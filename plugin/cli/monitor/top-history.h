/* SPDX-License-Identifier: MIT */
#ifndef CLI_MONITOR_TOP_HISTORY_H
#define CLI_MONITOR_TOP_HISTORY_H

#include <stdint.h>

/* Looks that are remembered of each client. */
#define TOP_HISTORY 12

/* What a client was at the last looks, the oldest first. */
struct top_history {
	unsigned int count;
	double bytes[TOP_HISTORY], commits_per_s[TOP_HISTORY];
};

void top_history_add(struct top_history *history, double bytes, double commits_per_s);

/*
 * Values as a line of bars, one column each, from 0 to the highest of them; in ASCII where the
 * locale has no UTF-8. Text is to have TOP_HISTORY * 3 + 1 bytes.
 */
void top_history_print(char *text, const double *values, unsigned int count);

#endif
