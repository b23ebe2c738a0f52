/* SPDX-License-Identifier: MIT */
#ifndef CLI_MONITOR_TOP_H
#define CLI_MONITOR_TOP_H

#include <stdio.h>

#include "cli/monitor/control-client.h"
#include "cli/monitor/shown.h"
#include "cli/monitor/state.h"
#include "cli/monitor/terminal.h"

/* One client in the table, with what it did between two states. */
struct top_row {
	const struct client_state *client;
	double commits_per_s, imports_per_s;
	/* Of what was committed and claimed between the states; negative if nothing was. */
	double reuse_percent, true_percent, release_ms;
};

enum top_column_kind {
	TOP_COLUMN_COUNT,
	TOP_COLUMN_RATE,
	TOP_COLUMN_PERCENT,
	TOP_COLUMN_BYTES,
	TOP_COLUMN_MS,
	TOP_COLUMN_TEXT,
	TOP_COLUMN_LEAKS,
};

struct top_column {
	/* In the head of the column, and for --sort. */
	const char *head, *name;
	enum top_column_kind kind;
	unsigned int width;
	/* Where there is no room, the columns with the highest number go first. */
	unsigned int priority;
	double (*value)(const struct top_row *row);
	/* Instead of value, for TOP_COLUMN_TEXT. */
	const char *(*text)(const struct top_row *row);
};

/* What is shown, and how. */
struct top_view {
	/* The first is what rates are counted from. */
	struct compositor_state previous, present;
	/* Between them, and commits in it. */
	double seconds, commits_per_s;
	/* Those that pass the filter, sorted. Owned. */
	struct top_row *rows;
	size_t row_count;

	unsigned int sort;
	bool reverse;
	/* Part of the name, or the PID; "" for all. */
	char filter[32];
	bool leaks_only;

	/* For the terminal: the client under the cursor, and the first row on screen. */
	size_t selected, first;
	uint64_t selected_id;
	/* The client whose buffers are shown, and the first line of them. */
	bool is_open;
	uint64_t open_id;
	size_t open_first;
	/* Lines of the table or of the list of buffers that fit. */
	size_t page;
	bool editing, paused, help, quit;
	char notice[256];
};

void top_view_init(struct top_view *view);
void top_view_finish(struct top_view *view);

/* Take the next reply. Returns 0 or -ENOMEM. */
int top_view_update(struct top_view *view, struct json_object *reply);
/* Choose and sort the rows anew. Returns 0 or -ENOMEM. */
int top_view_arrange(struct top_view *view);
/* The client whose buffers are shown, or NULL. */
const struct client_state *top_view_get_open(const struct top_view *view);
/* Lines of the list of the open client's surfaces and buffers. */
size_t top_view_count_open_lines(const struct client_state *client);
/* Whether one of these lines is the head of surfaces or buffers. */
bool top_view_is_open_head(const struct client_state *client, size_t index);
void top_view_handle_key(struct top_view *view, int key);

/* NULL after the last one. */
const struct top_column *top_column_get(unsigned int index);
/* The column's number, or -1. */
int top_column_find(const char *name);
/* The names of all columns, for people. */
void top_column_list(char *text, size_t size);
int top_column_compare(unsigned int column, const struct top_row *a, const struct top_row *b);
/* Bytes in few characters, e.g. "12.5M". */
void top_print_bytes(char *text, size_t size, uint64_t bytes);
/* The row in text, cut to width; without a row, the heads. */
void top_print_row(char *text, size_t size, const struct top_row *row, unsigned int width);

/* The table as plain text. */
void top_print_table(const struct top_view *view, unsigned int width, bool colors, FILE *file);
/* All of it as one line. Returns 0 or -ENOMEM. */
int top_print_json(const struct top_view *view, FILE *file);

/* Draw the view. Returns 0 or a negative errno. */
int top_draw(struct top_view *view, struct terminal *terminal, const char *title);
/* How the table is sorted and what keys there are: as many whole ones as width has room for. */
void top_print_keys(char *text, size_t size, const struct top_view *view, unsigned int width);
/* A line of the list of the open client's surfaces and buffers. */
void top_print_open_line(char *text, size_t size, const struct client_state *client, size_t index);

#endif
