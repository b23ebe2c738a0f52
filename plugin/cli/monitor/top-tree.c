/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/monitor/shown.h"
#include "cli/monitor/top-tree.h"
#include "cli/monitor/top.h"

const char top_surface_head[] = "  SURFACE SIZE        COMMITS TRUE% SUM      STATE   TITLE";
const char top_buffer_head[] =
	"     BUFFER SIZE        COMMITS AGE s FMT   BYTES KIND          INODE STATE"
	"                   MODIFIER";

void top_tree_finish(struct top_tree *tree)
{
	free(tree->lines);
	free(tree->folded);
	*tree = (struct top_tree){0};
}

static bool is_folded(const struct top_tree *tree, uint64_t id)
{
	for (size_t i = 0; i < tree->folded_count; i++) {
		if (tree->folded[i] == id)
			return true;
	}
	return false;
}

/* What the lines are made from: numbers alone, so that the reply is read once. */
struct source {
	const struct client_state *client;
	/* Of each buffer: itself, and the surface that it is below. */
	uint64_t *ids, *surfaces;
};

static void finish_source(struct source *source)
{
	free(source->ids);
	free(source->surfaces);
}

static int init_source(struct source *source, const struct client_state *client)
{
	struct buffer_state buffer;

	*source = (struct source){
		.client = client,
		.ids = calloc(client->buffer_count + 1, sizeof(*source->ids)),
		.surfaces = calloc(client->buffer_count + 1, sizeof(*source->surfaces)),
	};
	if (!source->ids || !source->surfaces) {
		finish_source(source);
		return -ENOMEM;
	}
	for (size_t i = 0; i < client->buffer_count; i++) {
		state_get_buffer(client, i, &buffer);
		source->ids[i] = buffer.id;
		source->surfaces[i] = buffer.surface;
	}
	return 0;
}

static void add_line(struct top_tree *tree, enum top_line_kind kind, size_t index, uint64_t id)
{
	tree->lines[tree->count++] = (struct top_line){.kind = kind, .index = index, .id = id};
}

/* Add the buffers that are below the surface, and take them out of the source. */
static size_t add_buffers(
	struct top_tree *tree, struct source *source, uint64_t surface, bool hidden)
{
	size_t count = 0;

	for (size_t i = 0; i < source->client->buffer_count; i++) {
		if (source->ids[i] == 0 || source->surfaces[i] != surface)
			continue;
		if (!hidden)
			add_line(tree, TOP_LINE_BUFFER, i, source->ids[i]);
		source->ids[i] = 0;
		count++;
	}
	return count;
}

static void add_surfaces(struct top_tree *tree, struct source *source)
{
	struct surface_state surface;

	for (size_t i = 0; i < source->client->surface_count; i++) {
		size_t at = tree->count;
		bool folded;

		state_get_surface(source->client, i, &surface);
		folded = is_folded(tree, surface.id);
		add_line(tree, TOP_LINE_SURFACE, i, surface.id);
		tree->lines[at].folded = folded;
		/* Number 0 is what buffers of no surface have. */
		if (surface.id != 0)
			tree->lines[at].buffer_count =
				add_buffers(tree, source, surface.id, folded);
	}
	if (source->client->surfaces_left_out > 0)
		add_line(tree, TOP_LINE_MORE_SURFACES, 0, 0);
}

static void add_rest(struct top_tree *tree, struct source *source)
{
	size_t head = tree->count;

	add_line(tree, TOP_LINE_REST, 0, 0);
	for (size_t i = 0; i < source->client->buffer_count; i++) {
		if (source->ids[i] != 0)
			add_line(tree, TOP_LINE_BUFFER, i, source->ids[i]);
	}
	if (tree->count == head + 1)
		tree->count = head;
	if (source->client->buffers_left_out > 0)
		add_line(tree, TOP_LINE_MORE_BUFFERS, 0, 0);
}

/* The cursor stays on its surface or buffer, or where it was. */
static void follow(struct top_tree *tree, const struct top_line *line)
{
	for (size_t i = 0; i < tree->count; i++) {
		if (tree->lines[i].kind == line->kind && tree->lines[i].id == line->id) {
			tree->selected = i;
			return;
		}
	}
	if (tree->selected >= tree->count)
		tree->selected = tree->count > 0 ? tree->count - 1 : 0;
}

int top_tree_update(struct top_tree *tree, const struct client_state *client)
{
	struct top_line selected = {0}, *lines;
	struct source source;

	if (init_source(&source, client) < 0)
		return -ENOMEM;
	lines = calloc(client->surface_count + client->buffer_count + 3, sizeof(*lines));
	if (!lines) {
		finish_source(&source);
		return -ENOMEM;
	}
	if (tree->selected < tree->count)
		selected = tree->lines[tree->selected];
	free(tree->lines);
	tree->lines = lines;
	tree->count = 0;
	add_surfaces(tree, &source);
	add_rest(tree, &source);
	finish_source(&source);
	follow(tree, &selected);
	return 0;
}

static void fold(struct top_tree *tree, uint64_t id)
{
	uint64_t *folded = realloc(tree->folded, (tree->folded_count + 1) * sizeof(*tree->folded));

	/* Out of memory: they stay in sight. */
	if (!folded)
		return;
	tree->folded = folded;
	tree->folded[tree->folded_count++] = id;
}

static void unfold(struct top_tree *tree, uint64_t id)
{
	for (size_t i = 0; i < tree->folded_count; i++) {
		if (tree->folded[i] == id)
			tree->folded[i--] = tree->folded[--tree->folded_count];
	}
}

void top_tree_toggle(struct top_tree *tree)
{
	const struct top_line *line = &tree->lines[tree->selected];

	if (tree->selected >= tree->count || line->kind != TOP_LINE_SURFACE)
		return;
	if (is_folded(tree, line->id))
		unfold(tree, line->id);
	else
		fold(tree, line->id);
}

void top_tree_fold_all(struct top_tree *tree, bool folded)
{
	tree->folded_count = 0;
	for (size_t i = 0; folded && i < tree->count; i++) {
		if (tree->lines[i].kind == TOP_LINE_SURFACE)
			fold(tree, tree->lines[i].id);
	}
}

static char get_mark(const struct top_line *line)
{
	if (line->buffer_count == 0)
		return ' ';
	return line->folded ? '+' : '-';
}

static void print_surface(
	char *text, size_t size, const struct client_state *client, const struct top_line *line)
{
	struct surface_state s;
	char extent[32], title[64], app_id[64], sum[16], why_not[128], truth[8] = "-";

	state_get_surface(client, line->index, &s);
	snprintf(extent, sizeof(extent), "%" PRIu64 "x%" PRIu64, s.width, s.height);
	if (s.damage_claimed_px > 0)
		snprintf(truth, sizeof(truth), "%.0f",
			(double)s.damage_true_px / (double)s.damage_claimed_px * 100);
	snprintf(text, size, "%c %7" PRIu64 " %-11s %7" PRIu64 " %5s %-8s %-7s %s %s%s%s%s%s%s",
		get_mark(line), s.id, extent, s.commits, truth,
		s.has_texture ? shown_clean(sum, sizeof(sum), s.has_sum ? s.sum : "unknown") : "-",
		s.mapped ? "mapped" : "hidden", shown_clean(title, sizeof(title), s.title),
		s.app_id[0] ? "(" : "", shown_clean(app_id, sizeof(app_id), s.app_id),
		s.app_id[0] ? ")" : "", strcmp(s.sums, "looking") == 0 ? "" : " sums rest",
		s.why_not[0]  ? " no texture: "
		: s.no_sum[0] ? " no sum: "
			      : "",
		shown_clean(why_not, sizeof(why_not), s.why_not[0] ? s.why_not : s.no_sum));
}

/* Whether a surface shows the buffer. */
static bool is_shown(const struct client_state *client, uint64_t id)
{
	struct surface_state surface;

	for (size_t i = 0; i < client->surface_count; i++) {
		state_get_surface(client, i, &surface);
		if (surface.has_buffer && surface.buffer == id)
			return true;
	}
	return false;
}

static void print_status(char *text, size_t size, const struct client_state *client,
	const struct buffer_state *buffer)
{
	if (buffer->error[0])
		shown_clean(text, size, buffer->error);
	else if (buffer->unreleased_ms >= 0)
		snprintf(text, size, "not released for %.1f s", buffer->unreleased_ms / 1e3);
	else if (is_shown(client, buffer->id))
		snprintf(text, size, "shown");
	else
		snprintf(text, size, buffer->commits == 0 ? "never used" : "idle");
}

static void print_buffer(char *text, size_t size, const struct client_state *client, size_t index)
{
	struct buffer_state b;
	char extent[32], bytes[16], format[8], modifier[48], status[96], kind[9];

	state_get_buffer(client, index, &b);
	print_status(status, sizeof(status), client, &b);
	snprintf(extent, sizeof(extent), "%" PRIu64 "x%" PRIu64, b.width, b.height);
	top_print_bytes(bytes, sizeof(bytes), b.bytes);
	snprintf(text, size,
		"    %7" PRIu64 " %-11s %7" PRIu64 " %5.0f %-4s %6s %-8s %10" PRIu64 " %-22s  %s",
		b.id, extent, b.commits, b.age_ms / 1e3,
		shown_clean(format, sizeof(format), b.format), bytes,
		shown_clean(kind, sizeof(kind), b.exporter[0] ? b.exporter : b.kind), b.inode,
		status, shown_clean(modifier, sizeof(modifier), b.modifier));
}

void top_tree_print_line(
	char *text, size_t size, const struct client_state *client, const struct top_line *line)
{
	switch (line->kind) {
	case TOP_LINE_SURFACE:
		print_surface(text, size, client, line);
		break;
	case TOP_LINE_BUFFER:
		print_buffer(text, size, client, line->index);
		break;
	case TOP_LINE_REST:
		snprintf(text, size, "  on no surface:");
		break;
	case TOP_LINE_MORE_SURFACES:
		snprintf(text, size, "  and %" PRIu64 " more surfaces", client->surfaces_left_out);
		break;
	case TOP_LINE_MORE_BUFFERS:
		snprintf(text, size, "  and %" PRIu64 " more buffers", client->buffers_left_out);
		break;
	}
}
