/* SPDX-License-Identifier: MIT */
#ifndef CLI_MONITOR_TOP_H
#define CLI_MONITOR_TOP_H

#include <stdio.h>

#include "cli/monitor/control-client.h"
#include "cli/monitor/shown.h"
#include "cli/monitor/state.h"
#include "cli/monitor/terminal.h"
#include "cli/monitor/top-history.h"
#include "cli/monitor/top-tree.h"

#define TOP_MAX_COLUMNS 24

/* One client in the table, or all that are shown, with what was done between two states. */
struct top_row {
	const struct client_state *client;
	bool is_total;
	/* NULL: none. */
	const struct top_history *history;
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
	TOP_COLUMN_BYTES_HISTORY,
	TOP_COLUMN_COMMITS_HISTORY,
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
	/* All of these together: a row for a client that has what they have. */
	struct top_row total;
	struct client_state total_client;
	/* Of each client of the present state. Owned. */
	struct top_history *histories;

	/* Which are shown, in this order. */
	unsigned int columns[TOP_MAX_COLUMNS], column_count;
	unsigned int sort;
	bool reverse;
	/* Part of the name, or the PID; "" for all. */
	char filter[32];
	bool leaks_only;

	/* For the terminal: the client under the cursor, and the first row on screen. */
	size_t selected, first;
	uint64_t selected_id;
	/* The client whose surfaces and buffers are shown. */
	bool is_open;
	uint64_t open_id;
	struct top_tree tree;
	/* Lines of the table or of the tree that fit. */
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
void top_view_handle_key(struct top_view *view, int key);

/* NULL after the last one. */
const struct top_column *top_column_get(unsigned int index);
/* The column's number, or -1. */
int top_column_find(const char *name);
/* The names of all columns, for people. */
void top_column_list(char *text, size_t size);
/* Show these columns, whose names stand in the list with commas. Returns 0 or -EINVAL. */
int top_column_choose(struct top_view *view, const char *list);
/* Without what the last looks showed: there is nothing to see of it in two. */
void top_column_hide_histories(struct top_view *view);
int top_column_compare(unsigned int column, const struct top_row *a, const struct top_row *b);
/* Bytes in few characters, e.g. "12.5M". */
void top_print_bytes(char *text, size_t size, uint64_t bytes);
/* The row in text, cut to width; without a row, the heads. */
void top_print_row(char *text, size_t size, const struct top_view *view, const struct top_row *row,
	unsigned int width);

/* The table as plain text. */
void top_print_table(const struct top_view *view, unsigned int width, bool colors, FILE *file);
/* All of it as one line. Returns 0 or -ENOMEM. */
int top_print_json(const struct top_view *view, FILE *file);

/* Draw the view. Returns 0 or a negative errno. */
int top_draw(struct top_view *view, struct terminal *terminal, const char *title);
/* How the table is sorted and what keys there are: as many whole ones as width has room for. */
void top_print_keys(char *text, size_t size, const struct top_view *view, unsigned int width);

#endif
