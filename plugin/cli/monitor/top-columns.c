/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "cli/monitor/top.h"

#define MAX_TITLE 15
#define MIN_TITLE 6
/* Columns that are worth less go before the title gets shorter. */
#define TITLE_PRIORITY 13

#define COLUMN_COUNT(name, expression) \
	static double get_##name(const struct top_row *row) \
	{ \
		return (double)(expression); \
	}

COLUMN_COUNT(pid, row->client->pid)
COLUMN_COUNT(commits, row->commits_per_s)
COLUMN_COUNT(imports, row->imports_per_s)
COLUMN_COUNT(reuse, row->reuse_percent)
COLUMN_COUNT(truth, row->true_percent)
COLUMN_COUNT(live, row->client->counts.live_textures)
COLUMN_COUNT(bytes, row->client->bytes)
COLUMN_COUNT(buffers, (double)row->client->buffer_count + (double)row->client->buffers_left_out)
COLUMN_COUNT(params, row->client->params)
COLUMN_COUNT(shm, row->client->counts.shm_bytes)
COLUMN_COUNT(fds, row->client->counts.fds)
COLUMN_COUNT(release, row->release_ms)
COLUMN_COUNT(leaks, row->client->leak_sign_count)

/* What came within the looks that are remembered. */
static double get_bytes_grown(const struct top_row *row)
{
	const struct top_history *history = row->history;

	return history && history->count > 0
		       ? history->bytes[history->count - 1] - history->bytes[0]
		       : 0;
}

static const char *get_name(const struct top_row *row)
{
	return row->client->name;
}

static const char *get_title(const struct top_row *row)
{
	return row->client->title;
}

static const struct top_column columns[] = {
	{"PID", "pid", TOP_COLUMN_COUNT, 7, 0, get_pid, NULL},
	{"NAME", "name", TOP_COLUMN_TEXT, 15, 1, NULL, get_name},
	{"TITLE", "title", TOP_COLUMN_TEXT, MAX_TITLE, TITLE_PRIORITY, NULL, get_title},
	{"COMMITS/s", "commits", TOP_COLUMN_RATE, 9, 5, get_commits, NULL},
	{"IMPORT/s", "imports", TOP_COLUMN_RATE, 8, 6, get_imports, NULL},
	{"REUSE%", "reuse", TOP_COLUMN_PERCENT, 6, 7, get_reuse, NULL},
	{"TRUE%", "true", TOP_COLUMN_PERCENT, 6, 8, get_truth, NULL},
	{"LIVE", "live", TOP_COLUMN_COUNT, 5, 9, get_live, NULL},
	{"BYTES", "bytes", TOP_COLUMN_BYTES, 6, 2, get_bytes, NULL},
	{"SHM", "shm", TOP_COLUMN_BYTES, 6, 14, get_shm, NULL},
	{"BUFFERS", "buffers", TOP_COLUMN_COUNT, 7, 3, get_buffers, NULL},
	{"PARAMS", "params", TOP_COLUMN_COUNT, 6, 11, get_params, NULL},
	{"FDS", "fds", TOP_COLUMN_COUNT, 5, 10, get_fds, NULL},
	{"REL ms", "release", TOP_COLUMN_MS, 7, 12, get_release, NULL},
	{"BYTES TREND", "bytes-trend", TOP_COLUMN_BYTES_HISTORY, TOP_HISTORY, 15, get_bytes_grown,
		NULL},
	{"COMMIT TREND", "commits-trend", TOP_COLUMN_COMMITS_HISTORY, TOP_HISTORY, 16, get_commits,
		NULL},
	{"LEAK", "leak", TOP_COLUMN_LEAKS, 13, 4, get_leaks, NULL},
};

#define N_COLUMNS (sizeof(columns) / sizeof(columns[0]))
_Static_assert(N_COLUMNS <= TOP_MAX_COLUMNS, "a view has room for all of them");

const struct top_column *top_column_get(unsigned int index)
{
	return index < N_COLUMNS ? &columns[index] : NULL;
}

static int find_named(const char *name, size_t length)
{
	for (size_t i = 0; i < N_COLUMNS; i++) {
		if (strlen(columns[i].name) == length &&
			strncmp(columns[i].name, name, length) == 0)
			return (int)i;
	}
	return -1;
}

int top_column_find(const char *name)
{
	return find_named(name, strlen(name));
}

void top_column_list(char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < N_COLUMNS && used < size; i++)
		used += (size_t)snprintf(
			text + used, size - used, "%s%s", i == 0 ? "" : ", ", columns[i].name);
}

int top_column_choose(struct top_view *view, const char *list)
{
	size_t length;
	int column;

	for (view->column_count = 0;; list += length + 1) {
		length = strcspn(list, ",");
		column = find_named(list, length);
		if (column < 0 || view->column_count == TOP_MAX_COLUMNS)
			return -EINVAL;
		view->columns[view->column_count++] = (unsigned int)column;
		if (list[length] == '\0')
			return 0;
	}
}

void top_column_hide_histories(struct top_view *view)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < view->column_count; i++) {
		enum top_column_kind kind = columns[view->columns[i]].kind;

		if (kind != TOP_COLUMN_BYTES_HISTORY && kind != TOP_COLUMN_COMMITS_HISTORY)
			view->columns[count++] = view->columns[i];
	}
	view->column_count = count;
}

int top_column_compare(unsigned int column, const struct top_row *a, const struct top_row *b)
{
	const struct top_column *c = &columns[column];
	double x, y;

	if (c->text)
		return strcmp(c->text(a), c->text(b));
	x = c->value(a);
	y = c->value(b);
	return (x > y) - (x < y);
}

void top_print_bytes(char *text, size_t size, uint64_t bytes)
{
	static const char units[] = "BKMGTPE";
	double value = (double)bytes;
	size_t unit = 0;

	/* 999.9 and more would need another character. */
	while (value >= 999.95 && unit + 2 < sizeof(units)) {
		value /= 1024;
		unit++;
	}
	if (unit == 0)
		snprintf(text, size, "%" PRIu64, bytes);
	else
		snprintf(text, size, "%.1f%c", value, units[unit]);
}

static void print_leaks(char *text, size_t size, const struct client_state *client)
{
	size_t used = 0;
	char sign[32];

	text[0] = '\0';
	for (size_t i = 0; i < client->leak_sign_count && used + 1 < size; i++) {
		shown_clean(sign, sizeof(sign), state_get_leak_sign(client, i));
		used += (size_t)snprintf(text + used, size - used, "%s%s", i > 0 ? "," : "", sign);
	}
}

static void print_cell(
	const struct top_column *column, const struct top_row *row, char *text, size_t size)
{
	double value = column->value ? column->value(row) : 0;
	const struct top_history *history = row->history;

	text[0] = '\0';
	switch (column->kind) {
	case TOP_COLUMN_COUNT:
		snprintf(text, size, "%.0f", value);
		break;
	case TOP_COLUMN_RATE:
		snprintf(text, size, "%.1f", value);
		break;
	case TOP_COLUMN_PERCENT:
		snprintf(text, size, value < 0 ? "-" : "%.0f", value);
		break;
	case TOP_COLUMN_MS:
		snprintf(text, size, value < 0 ? "-" : "%.1f", value);
		break;
	case TOP_COLUMN_BYTES:
		top_print_bytes(text, size, (uint64_t)value);
		break;
	case TOP_COLUMN_TEXT:
		shown_clean(text, size, column->text(row));
		break;
	case TOP_COLUMN_LEAKS:
		print_leaks(text, size, row->client);
		break;
	case TOP_COLUMN_BYTES_HISTORY:
		if (history)
			top_history_print(text, history->bytes, history->count);
		break;
	case TOP_COLUMN_COMMITS_HISTORY:
		if (history)
			top_history_print(text, history->commits_per_s, history->count);
		break;
	}
}

/* Which columns fit, and how wide they are. */
struct layout {
	/* The priorities below this. */
	unsigned int limit;
	/* Of the title. */
	unsigned int title_width;
};

static unsigned int get_width(const struct layout *layout, const struct top_column *column)
{
	return column->text == get_title ? layout->title_width : column->width;
}

static unsigned int add_widths(const struct top_view *view, const struct layout *layout)
{
	unsigned int used = 2;

	for (unsigned int i = 0; i < view->column_count; i++) {
		const struct top_column *column = &columns[view->columns[i]];

		if (column->priority < layout->limit)
			used += get_width(layout, column) + 1;
	}
	return used;
}

/* The last one of those that are shown: it has what room there is. */
static const struct top_column *get_last(const struct top_view *view)
{
	return &columns[view->columns[view->column_count - 1]];
}

static struct layout find_layout(const struct top_view *view, unsigned int width)
{
	/* The signs of leaks can do with less: the mark says that there are some. */
	unsigned int less =
		get_last(view)->kind == TOP_COLUMN_LEAKS ? get_last(view)->width / 2 : 0;
	struct layout layout = {N_COLUMNS, MAX_TITLE};

	while (add_widths(view, &layout) > width + less + 1 && layout.limit > 1) {
		if (layout.title_width > MIN_TITLE && layout.limit == TITLE_PRIORITY + 1)
			layout.title_width--;
		else
			layout.limit--;
	}
	return layout;
}

/* The cell in a field of this width: text to the left, numbers to the right. */
static int print_field(char *text, size_t size, const struct top_column *column, unsigned int width,
	bool is_last, char *cell)
{
	bool is_text = column->kind == TOP_COLUMN_TEXT || column->kind >= TOP_COLUMN_LEAKS;
	/* Numbers are not cut. */
	unsigned int shown = shown_cut(cell, is_text && !is_last ? width : UINT_MAX);
	int padding = shown < width ? (int)(width - shown) : 0;

	return snprintf(text, size, "%*s%s%*s ", is_text ? 0 : padding, "", cell,
		is_text ? padding : 0, "");
}

/* All clients together have no PID. */
static bool is_blank(const struct top_column *column, const struct top_row *row)
{
	return row->is_total && column->value == get_pid;
}

void top_print_row(char *text, size_t size, const struct top_view *view, const struct top_row *row,
	unsigned int width)
{
	struct layout layout = find_layout(view, width);
	char cell[128];
	int used = snprintf(text, size, "%c ", row && row->client->leak_sign_count > 0 ? '!' : ' ');

	for (unsigned int i = 0; i < view->column_count && (size_t)used < size; i++) {
		const struct top_column *column = &columns[view->columns[i]];

		if (column->priority >= layout.limit)
			continue;
		if (!row)
			snprintf(cell, sizeof(cell), "%s", column->head);
		else if (is_blank(column, row))
			cell[0] = '\0';
		else
			print_cell(column, row, cell, sizeof(cell));
		used += print_field(text + used, size - (size_t)used, column,
			get_width(&layout, column), column == get_last(view), cell);
	}
	shown_cut(text, width);
	for (size_t n = strlen(text); n > 0 && text[n - 1] == ' '; n--)
		text[n - 1] = '\0';
}
