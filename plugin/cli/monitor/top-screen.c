/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/monitor/top.h"

#define LINE_SIZE 512

enum style {
	STYLE_PLAIN,
	STYLE_TITLE,
	STYLE_HEAD,
	STYLE_SELECTED,
	STYLE_LEAK,
	STYLE_LEAK_SELECTED,
	STYLE_NOTICE,
};

/* Inverse video is not a color: without it the cursor could not be seen. */
static const char *const styles[][2] = {
	[STYLE_PLAIN] = {"", ""},
	[STYLE_TITLE] = {"\033[1m", ""},
	[STYLE_HEAD] = {"\033[1;36m", "\033[1m"},
	[STYLE_SELECTED] = {"\033[7m", "\033[7m"},
	[STYLE_LEAK] = {"\033[1;31m", "\033[1m"},
	[STYLE_LEAK_SELECTED] = {"\033[7;31m", "\033[7;1m"},
	[STYLE_NOTICE] = {"\033[1;33m", "\033[7m"},
};

struct screen {
	FILE *file;
	const struct terminal *terminal;
	unsigned int row;
};

/* The next line of the screen, if there is one left. */
__attribute__((format(printf, 3, 4))) static void draw(
	struct screen *screen, enum style style, const char *format, ...)
{
	unsigned int columns = screen->terminal->columns;
	const char *on = styles[style][screen->terminal->colors ? 0 : 1];
	char line[LINE_SIZE];
	va_list args;

	if (screen->row >= screen->terminal->rows)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	shown_cut(line, columns);
	/* No newline after the last line: it would scroll. Clearing comes first: after the
	 * last column it would erase the last character. */
	fprintf(screen->file, "%s\033[K%s%s%s", screen->row > 0 ? "\r\n" : "", on, line,
		on[0] ? "\033[m" : "");
	screen->row++;
}

static unsigned int rows_left(const struct screen *screen)
{
	/* The last line is for the keys. */
	return screen->terminal->rows > screen->row + 1 ? screen->terminal->rows - screen->row - 1
							: 0;
}

static void draw_totals(struct screen *screen, const struct top_view *view, const char *title)
{
	const struct wltex_counts *total = &view->present.total;
	char live[16], peak[16], shm[16];

	top_print_bytes(live, sizeof(live), total->live_bytes);
	top_print_bytes(peak, sizeof(peak), total->peak_live_bytes);
	top_print_bytes(shm, sizeof(shm), total->shm_bytes);
	draw(screen, STYLE_TITLE,
		"wltex top%s  %" PRIu64 " clients  %" PRIu64 " textures  %.1f commits/s  %s",
		view->paused ? " (paused)" : "",
		view->present.client_count + view->present.clients_left_out, total->live_textures,
		view->commits_per_s, title);
	if (screen->terminal->rows < 8)
		return;
	draw(screen, STYLE_PLAIN,
		"live %s (peak %s)  shm %s  fds %" PRIu64 "  imports %" PRIu64
		"  reimports %" PRIu64 "  reuses %" PRIu64 "  destroys %" PRIu64 "  failed %" PRIu64
		"  refused %" PRIu64 "  not asked %" PRIu64,
		live, peak, shm, total->fds, total->imports, total->reimports, total->reuses,
		total->destroys, total->failures, total->refused, total->not_asked);
}

/* The first of count lines to show, moved from first so that the cursor is seen. */
static size_t scroll(size_t first, size_t cursor, size_t count, size_t page)
{
	if (cursor < first)
		first = cursor;
	if (page > 0 && cursor >= first + page)
		first = cursor - page + 1;
	if (first + page > count)
		first = count > page ? count - page : 0;
	return first;
}

/* A line with the cursor on it is as wide as the screen. */
static void draw_row(struct screen *screen, const char *line, enum style style, enum style selected,
	bool is_selected)
{
	unsigned int width = screen->terminal->columns;

	if (is_selected && width < LINE_SIZE)
		draw(screen, selected, "%-*s", (int)width, line);
	else
		draw(screen, is_selected ? selected : style, "%s", line);
}

static void draw_table(struct screen *screen, struct top_view *view)
{
	unsigned int width = screen->terminal->columns;
	/* All together stand below them, where there is room. */
	bool has_total = view->row_count > 1 && screen->terminal->rows >= 8;
	char line[LINE_SIZE];

	top_print_row(line, sizeof(line), view, NULL, width);
	draw(screen, STYLE_HEAD, "%s", line);
	view->page = rows_left(screen) - has_total;
	view->first = scroll(view->first, view->selected, view->row_count, view->page);
	for (size_t i = view->first; i < view->row_count && i < view->first + view->page; i++) {
		bool leaks = view->rows[i].client->leak_sign_count > 0;

		top_print_row(line, sizeof(line), view, &view->rows[i], width);
		draw_row(screen, line, leaks ? STYLE_LEAK : STYLE_PLAIN,
			leaks ? STYLE_LEAK_SELECTED : STYLE_SELECTED, i == view->selected);
	}
	if (has_total) {
		top_print_row(line, sizeof(line), view, &view->total, width);
		draw(screen, STYLE_TITLE, "%s", line);
	}
	if (view->row_count == 0 && view->present.client_count > 0)
		draw(screen, STYLE_PLAIN, "  no client matches the filter");
}

static void draw_leak_signs(struct screen *screen, const struct client_state *client)
{
	char line[LINE_SIZE] = "", sign[64];
	size_t used = 0;

	for (size_t i = 0; i < client->leak_sign_count && used < sizeof(line); i++)
		used += (size_t)snprintf(line + used, sizeof(line) - used, " %s",
			shown_clean(sign, sizeof(sign), state_get_leak_sign(client, i)));
	if (used > 0)
		draw(screen, STYLE_LEAK, "! signs of a leak:%s", line);
	else
		draw(screen, STYLE_PLAIN, "no sign of a leak");
}

static void draw_tree(
	struct screen *screen, struct top_view *view, const struct client_state *client)
{
	struct top_tree *tree = &view->tree;
	char line[LINE_SIZE];

	draw(screen, STYLE_HEAD, "%s", top_surface_head);
	draw(screen, STYLE_HEAD, "%s", top_buffer_head);
	view->page = rows_left(screen);
	tree->first = scroll(tree->first, tree->selected, tree->count, view->page);
	for (size_t i = tree->first; i < tree->count && i < tree->first + view->page; i++) {
		top_tree_print_line(line, sizeof(line), client, &tree->lines[i]);
		draw_row(screen, line, STYLE_PLAIN, STYLE_SELECTED, i == tree->selected);
	}
}

static void draw_open(
	struct screen *screen, struct top_view *view, const struct client_state *client)
{
	char bytes[16], name[64];

	top_print_bytes(bytes, sizeof(bytes), client->bytes);
	draw(screen, STYLE_TITLE,
		"%" PRIu64 " %s  %" PRIu64 " buffers  %s  %" PRIu64 " fds  %" PRIu64
		" made  release %.1f ms, at most %.1f ms",
		client->pid, shown_clean(name, sizeof(name), client->name),
		client->buffer_count + client->buffers_left_out, bytes, client->counts.fds,
		client->buffers_made, client->release_ms, client->release_max_ms);
	draw_leak_signs(screen, client);
	draw_tree(screen, view, client);
}

static void draw_help(struct screen *screen)
{
	static const char *const lines[] = {
		"Up Down PgUp PgDn Home End  move",
		"Enter     the client's surfaces and buffers; there: hide a surface's buffers",
		"- +       there: hide or show those of all surfaces",
		"< >       sort by another column",
		"r         reverse the order",
		"/         filter by name, title or PID",
		"l         only clients with signs of a leak",
		"Esc       back, or drop the filter",
		"p         pause",
		"q         quit",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		draw(screen, STYLE_PLAIN, "%s", lines[i]);
}

void top_print_keys(char *text, size_t size, const struct top_view *view, unsigned int width)
{
	char *end;

	snprintf(text, size,
		"by %s%s%s%s%s  q quit  ? help  Enter buffers  < > sort  "
		"r reverse  / filter  l leaks  p pause",
		top_column_get(view->sort)->name, view->reverse ? " reversed" : "",
		view->filter[0] ? ", filter " : "", view->filter,
		view->leaks_only ? ", leaks only" : "");
	/* Two spaces are between them. */
	for (end = text + strlen(text); strlen(text) > width && end > text; end--) {
		if (end[-1] == ' ' && end[0] == ' ')
			end[-1] = '\0';
	}
}

static void draw_table_keys(struct screen *screen, const struct top_view *view)
{
	char line[LINE_SIZE];

	top_print_keys(line, sizeof(line), view, screen->terminal->columns);
	draw(screen, STYLE_PLAIN, "%s", line);
}

static void draw_keys(struct screen *screen, const struct top_view *view)
{
	while (screen->row + 1 < screen->terminal->rows)
		draw(screen, STYLE_PLAIN, "%s", "");
	if (view->editing)
		draw(screen, STYLE_NOTICE, "filter: %s_", view->filter);
	else if (view->notice[0])
		draw(screen, STYLE_NOTICE, "%s", view->notice);
	else if (view->help)
		draw(screen, STYLE_PLAIN, "any key: back");
	else if (view->is_open)
		draw(screen, STYLE_PLAIN,
			"Esc back  q quit  ? help  Enter fold  - + fold all  p pause");
	else
		draw_table_keys(screen, view);
}

static void draw_all(struct screen *screen, struct top_view *view, const char *title)
{
	const struct client_state *open = top_view_get_open(view);

	if (view->help) {
		draw_help(screen);
	} else if (open) {
		draw_open(screen, view, open);
	} else {
		draw_totals(screen, view, title);
		draw_table(screen, view);
	}
	draw_keys(screen, view);
}

int top_draw(struct top_view *view, struct terminal *terminal, const char *title)
{
	struct screen screen = {.terminal = terminal};
	char *text = NULL;
	size_t size = 0;
	int ret = -ENOMEM;

	screen.file = open_memstream(&text, &size);
	if (!screen.file)
		return ret;
	fputs("\033[H", screen.file);
	draw_all(&screen, view, title);
	if (fclose(screen.file) == 0)
		ret = terminal_write(terminal, text, size);
	free(text);
	return ret;
}
