/* SPDX-License-Identifier: MIT */
#ifndef CLI_MONITOR_TOP_TREE_H
#define CLI_MONITOR_TOP_TREE_H

#include "cli/monitor/state.h"

/*
 * A client's surfaces, and below each one the buffers that were committed to it last; at the
 * end those that were never committed, or whose surface is gone.
 */
enum top_line_kind {
	TOP_LINE_SURFACE,
	TOP_LINE_BUFFER,
	/* The head of the buffers that belong to no surface. */
	TOP_LINE_REST,
	/* How many the compositor left out. */
	TOP_LINE_MORE_SURFACES,
	TOP_LINE_MORE_BUFFERS,
};

struct top_line {
	enum top_line_kind kind;
	size_t index; // of the surface or buffer in the client's list
	uint64_t id;  // of the surface or buffer
	/* Of a surface: the buffers below it, and whether they are hidden. */
	size_t buffer_count;
	bool folded;
};

struct top_tree {
	/* Owned. */
	struct top_line *lines;
	size_t count;
	/* The line under the cursor, and the first on screen. */
	size_t selected, first;
	/* Surfaces whose buffers are hidden. Owned. */
	uint64_t *folded;
	size_t folded_count;
};

void top_tree_finish(struct top_tree *tree);

/* Make the lines anew; the cursor stays on what it is on. Returns 0 or -ENOMEM. */
int top_tree_update(struct top_tree *tree, const struct client_state *client);

/* Hide or show the buffers below the surface under the cursor. */
void top_tree_toggle(struct top_tree *tree);
/* The same below all surfaces. */
void top_tree_fold_all(struct top_tree *tree, bool folded);

/* The heads of the columns of surfaces and of buffers. */
extern const char top_surface_head[], top_buffer_head[];

void top_tree_print_line(
	char *text, size_t size, const struct client_state *client, const struct top_line *line);

#endif
