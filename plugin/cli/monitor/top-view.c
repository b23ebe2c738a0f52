/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/monitor/top.h"

void top_view_init(struct top_view *view)
{
	*view = (struct top_view){.page = 1};
	view->sort = (unsigned int)top_column_find("bytes");
}

void top_view_finish(struct top_view *view)
{
	state_finish(&view->previous);
	state_finish(&view->present);
	free(view->rows);
	view->rows = NULL;
	view->row_count = 0;
}

/* Counts of a compositor that was restarted, or that is broken, may be lower. */
static double grown(uint64_t before, uint64_t now)
{
	return now > before ? (double)(now - before) : 0;
}

static double percent(double part, double whole)
{
	return whole > 0 ? (part < whole ? part / whole * 100 : 100) : -1;
}

static void count(
	const struct top_view *view, const struct client_state *client, struct top_row *row)
{
	static const struct client_state none;
	const struct client_state *before = state_find_client(&view->previous, client->id);
	const struct wltex_counts *a, *b = &client->counts;
	double seconds = view->seconds, commits, reuses, releases, waited;

	/* Not seen before: count from when it connected. */
	if (!before || before->pid != client->pid) {
		before = &none;
		seconds = client->age_ms / 1e3;
	}
	a = &before->counts;
	commits = grown(a->commits, b->commits);
	reuses = grown(a->reuses, b->reuses);
	releases = grown(before->releases, client->releases);
	waited = client->release_ms * (double)client->releases -
		 before->release_ms * (double)before->releases;
	*row = (struct top_row){
		.client = client,
		.reuse_percent = percent(reuses, commits),
		.true_percent = percent(grown(a->damage_true_px, b->damage_true_px),
			grown(a->damage_claimed_px, b->damage_claimed_px)),
		.release_ms = releases > 0 ? (waited > 0 ? waited / releases : 0) : -1,
	};
	if (seconds <= 0)
		return;
	row->commits_per_s = (commits + grown(a->shm_commits, b->shm_commits)) / seconds;
	row->imports_per_s =
		(grown(a->imports, b->imports) + grown(a->reimports, b->reimports)) / seconds;
}

/* Of dmabufs and of wl_shm. */
static uint64_t count_commits(const struct wltex_counts *counts)
{
	return counts->commits + counts->shm_commits;
}

static bool passes(const struct top_view *view, const struct client_state *client)
{
	char pid[24];

	if (view->leaks_only && client->leak_sign_count == 0)
		return false;
	snprintf(pid, sizeof(pid), "%ju", (uintmax_t)client->pid);
	return strcasestr(client->name, view->filter) || strcasestr(client->title, view->filter) ||
	       strcmp(pid, view->filter) == 0;
}

static int compare(const void *a, const void *b, void *data)
{
	const struct top_view *view = data;
	const struct top_row *x = a, *y = b;
	int order = top_column_compare(view->sort, x, y);

	/* Numbers: the most first. */
	if (top_column_get(view->sort)->value && view->sort > 0)
		order = -order;
	if (view->reverse)
		order = -order;
	return order != 0 ? order
			  : (x->client->id > y->client->id) - (x->client->id < y->client->id);
}

/*
 * The cursor stays on its client, wherever that is now. It stays where it is if the client is
 * gone, or on the first row: whoever looks there wants to see what comes first.
 */
static void follow_selected(struct top_view *view)
{
	for (size_t i = 0; i < view->row_count && view->selected > 0; i++) {
		if (view->rows[i].client->id == view->selected_id)
			view->selected = i;
	}
	if (view->selected >= view->row_count)
		view->selected = view->row_count > 0 ? view->row_count - 1 : 0;
	if (view->row_count > 0)
		view->selected_id = view->rows[view->selected].client->id;
}

int top_view_arrange(struct top_view *view)
{
	struct top_row *rows = calloc(view->present.client_count + 1, sizeof(*rows));

	if (!rows)
		return -ENOMEM;
	free(view->rows);
	view->rows = rows;
	view->row_count = 0;
	for (size_t i = 0; i < view->present.client_count; i++) {
		const struct client_state *client = &view->present.clients[i];

		if (passes(view, client))
			count(view, client, &rows[view->row_count++]);
	}
	qsort_r(rows, view->row_count, sizeof(*rows), compare, view);
	follow_selected(view);
	return 0;
}

int top_view_update(struct top_view *view, struct json_object *reply)
{
	struct compositor_state next;

	if (state_init(&next, reply) < 0) {
		state_finish(&next);
		return -ENOMEM;
	}
	state_finish(&view->previous);
	view->previous = view->present;
	view->present = next;
	view->seconds = view->previous.json ? (next.time_ms - view->previous.time_ms) / 1e3 : 0;
	view->commits_per_s = view->seconds > 0 ? grown(count_commits(&view->previous.total),
							  count_commits(&next.total)) /
							  view->seconds
						: 0;
	if (view->is_open && !top_view_get_open(view)) {
		view->is_open = false;
		snprintf(view->notice, sizeof(view->notice), "the client is gone");
	}
	return top_view_arrange(view);
}

const struct client_state *top_view_get_open(const struct top_view *view)
{
	return view->is_open ? state_find_client(&view->present, view->open_id) : NULL;
}

/* Move a position by a step, within 0 to count - 1. */
static size_t move(size_t position, long step, size_t count)
{
	if (step < 0)
		return position > (size_t)-step ? position - (size_t)-step : 0;
	position += (size_t)step;
	return position < count ? position : (count > 0 ? count - 1 : 0);
}

static bool get_step(const struct top_view *view, int key, long *step)
{
	long page = view->page > 1 ? (long)view->page - 1 : 1, far = 1L << 30;

	switch (key) {
	case KEY_UP:
	case 'k':
		*step = -1;
		return true;
	case KEY_DOWN:
	case 'j':
		*step = 1;
		return true;
	case KEY_PAGE_UP:
		*step = -page;
		return true;
	case KEY_PAGE_DOWN:
	case ' ':
		*step = page;
		return true;
	case KEY_HOME:
	case 'g':
		*step = -far;
		return true;
	case KEY_END:
	case 'G':
		*step = far;
		return true;
	default:
		return false;
	}
}

static void edit_filter(struct top_view *view, int key)
{
	size_t length = strlen(view->filter);

	if (key == KEY_ENTER) {
		view->editing = false;
	} else if (key == KEY_ESCAPE) {
		view->editing = false;
		view->filter[0] = '\0';
	} else if (key == KEY_BACKSPACE && length > 0) {
		view->filter[length - 1] = '\0';
	} else if (key >= ' ' && key <= '~' && length + 1 < sizeof(view->filter)) {
		view->filter[length] = (char)key;
		view->filter[length + 1] = '\0';
	}
}

static void sort_by_next(struct top_view *view, int step)
{
	unsigned int count = 0;

	do
		count++;
	while (top_column_get(count));
	view->sort = (view->sort + count + (unsigned int)step) % count;
	view->reverse = false;
}

static void open_selected(struct top_view *view)
{
	if (view->row_count == 0)
		return;
	view->is_open = true;
	view->open_id = view->selected_id;
	view->open_first = 0;
}

static void handle_table_key(struct top_view *view, int key)
{
	long step;

	if (get_step(view, key, &step)) {
		view->selected = move(view->selected, step, view->row_count);
		if (view->row_count > 0)
			view->selected_id = view->rows[view->selected].client->id;
	} else if (key == KEY_ENTER) {
		open_selected(view);
	} else if (key == '<' || key == KEY_LEFT || key == 'S') {
		sort_by_next(view, -1);
	} else if (key == '>' || key == KEY_RIGHT || key == 's') {
		sort_by_next(view, 1);
	} else if (key == 'r') {
		view->reverse = !view->reverse;
	} else if (key == 'l') {
		view->leaks_only = !view->leaks_only;
	} else if (key == '/') {
		view->editing = true;
	} else if (key == KEY_ESCAPE) {
		view->filter[0] = '\0';
		view->leaks_only = false;
	}
}

static void handle_open_key(struct top_view *view, int key)
{
	const struct client_state *client = top_view_get_open(view);
	size_t lines = client ? top_view_count_open_lines(client) : 0;
	long step;

	/* The last page is a full one. */
	if (get_step(view, key, &step))
		view->open_first = move(
			view->open_first, step, lines > view->page ? lines - view->page + 1 : 1);
	else if (key == KEY_ENTER || key == KEY_ESCAPE || key == KEY_BACKSPACE || key == KEY_LEFT)
		view->is_open = false;
}

void top_view_handle_key(struct top_view *view, int key)
{
	view->notice[0] = '\0';
	if (view->editing) {
		edit_filter(view, key);
	} else if (view->help) {
		view->help = false;
	} else if (key == 'q') {
		view->quit = true;
	} else if (key == '?' || key == 'h') {
		view->help = true;
	} else if (key == 'p') {
		view->paused = !view->paused;
	} else if (view->is_open) {
		handle_open_key(view, key);
	} else {
		handle_table_key(view, key);
	}
}
