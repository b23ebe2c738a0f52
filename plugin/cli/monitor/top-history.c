/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "cli/monitor/shown.h"
#include "cli/monitor/top-history.h"

#define LEVELS 8

void top_history_add(struct top_history *history, double bytes, double commits_per_s)
{
	if (history->count == TOP_HISTORY) {
		history->count--;
		memmove(history->bytes, history->bytes + 1, history->count * sizeof(double));
		memmove(history->commits_per_s, history->commits_per_s + 1,
			history->count * sizeof(double));
	}
	history->bytes[history->count] = bytes;
	history->commits_per_s[history->count++] = commits_per_s;
}

void top_history_print(char *text, const double *values, unsigned int count)
{
	static const char *const bars[][LEVELS + 1] = {
		{" ", ".", ":", "-", "=", "+", "*", "#", "@"},
		{" ", "\u2581", "\u2582", "\u2583", "\u2584", "\u2585", "\u2586", "\u2587",
			"\u2588"},
	};
	double highest = 0;

	text[0] = '\0';
	for (unsigned int i = 0; i < count; i++)
		highest = fmax(highest, values[i]);
	for (unsigned int i = 0; i < count; i++) {
		/* Anything at all can be seen. */
		int level = highest > 0 ? (int)ceil(values[i] / highest * LEVELS) : 0;

		text = stpcpy(text, bars[shown_is_utf8()][level]);
	}
}
