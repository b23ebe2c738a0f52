/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/monitor/top.h"

void top_view_init(struct top_view *view)
{
	*view = (struct top_view){.page = 1};
	view->sort = (unsigned int)top_column_find("bytes");
	while (top_column_get(view->column_count)) {
		view->columns[view->column_count] = view->column_count;
		view->column_count++;
	}
}

void top_view_finish(struct top_view *view)
{
	state_finish(&view->previous);
	state_finish(&view->present);
	free(view->rows);
	free(view->histories);
	top_tree_finish(&view->tree);
	view->rows = NULL;
	view->histories = NULL;
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

/* What a client did between two states. */
struct done {
	double commits, shm_commits, imports, reuses, claimed_px, true_px, releases, waited_ms;
};

static void get_done(
	const struct client_state *before, const struct client_state *now, struct done *done)
{
	const struct wltex_counts *a = &before->counts, *b = &now->counts;

	*done = (struct done){
		.commits = grown(a->commits, b->commits),
		.shm_commits = grown(a->shm_commits, b->shm_commits),
		.imports = grown(a->imports, b->imports) + grown(a->reimports, b->reimports),
		.reuses = grown(a->reuses, b->reuses),
		.claimed_px = grown(a->damage_claimed_px, b->damage_claimed_px),
		.true_px = grown(a->damage_true_px, b->damage_true_px),
		.releases = grown(before->releases, now->releases),
	};
	done->waited_ms = now->release_ms * (double)now->releases -
			  before->release_ms * (double)before->releases;
}

static void add_done(struct done *sum, const struct done *done)
{
	sum->commits += done->commits;
	sum->shm_commits += done->shm_commits;
	sum->imports += done->imports;
	sum->reuses += done->reuses;
	sum->claimed_px += done->claimed_px;
	sum->true_px += done->true_px;
	sum->releases += done->releases;
	sum->waited_ms += done->waited_ms;
}

static void set_ratios(struct top_row *row, const struct done *done)
{
	row->reuse_percent = percent(done->reuses, done->commits);
	row->true_percent = percent(done->true_px, done->claimed_px);
	row->release_ms = done->releases > 0 ? fmax(done->waited_ms, 0) / done->releases : -1;
}

static void count(const struct top_view *view, const struct client_state *client,
	struct top_row *row, struct done *done)
{
	static const struct client_state none;
	const struct client_state *before = state_find_client(&view->previous, client->id);
	double seconds = view->seconds;

	/* Not seen before: count from when it connected. */
	if (!before || before->pid != client->pid) {
		before = &none;
		seconds = client->age_ms / 1e3;
	}
	get_done(before, client, done);
	*row = (struct top_row){
		.client = client,
		.history =
			view->histories ? &view->histories[client - view->present.clients] : NULL,
	};
	set_ratios(row, done);
	if (seconds <= 0)
		return;
	row->commits_per_s = (done->commits + done->shm_commits) / seconds;
	row->imports_per_s = done->imports / seconds;
}

static void add_to_total(struct top_view *view, const struct top_row *row)
{
	const struct client_state *client = row->client;
	struct client_state *total = &view->total_client;

	total->counts.live_textures += client->counts.live_textures;
	total->counts.shm_bytes += client->counts.shm_bytes;
	total->counts.fds += client->counts.fds;
	total->bytes += client->bytes;
	total->buffers_left_out += client->buffer_count + client->buffers_left_out;
	total->params += client->params;
	view->total.commits_per_s += row->commits_per_s;
	view->total.imports_per_s += row->imports_per_s;
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
	const struct client_state *open;
	struct done done, all = {0};

	if (!rows)
		return -ENOMEM;
	free(view->rows);
	view->rows = rows;
	view->row_count = 0;
	view->total_client = (struct client_state){.name = "total", .title = ""};
	view->total = (struct top_row){.client = &view->total_client, .is_total = true};
	for (size_t i = 0; i < view->present.client_count; i++) {
		const struct client_state *client = &view->present.clients[i];

		if (!passes(view, client))
			continue;
		count(view, client, &rows[view->row_count], &done);
		add_to_total(view, &rows[view->row_count++]);
		add_done(&all, &done);
	}
	set_ratios(&view->total, &all);
	qsort_r(rows, view->row_count, sizeof(*rows), compare, view);
	follow_selected(view);
	open = top_view_get_open(view);
	return open ? top_tree_update(&view->tree, open) : 0;
}

/* Those of the clients that were there before go on. Returns 0 or -ENOMEM. */
static int move_histories(struct top_view *view, const struct compositor_state *next)
{
	struct top_history *histories = calloc(next->client_count + 1, sizeof(*histories));

	if (!histories)
		return -ENOMEM;
	for (size_t i = 0; view->histories && i < next->client_count; i++) {
		const struct client_state *before =
			state_find_client(&view->present, next->clients[i].id);

		if (before && before->pid == next->clients[i].pid)
			histories[i] = view->histories[before - view->present.clients];
	}
	free(view->histories);
	view->histories = histories;
	return 0;
}

/* With what the clients are now. */
static void extend_histories(struct top_view *view)
{
	struct top_row row;
	struct done done;

	for (size_t i = 0; i < view->present.client_count; i++) {
		const struct client_state *client = &view->present.clients[i];

		count(view, client, &row, &done);
		top_history_add(&view->histories[i], (double)client->bytes, row.commits_per_s);
	}
}

int top_view_update(struct top_view *view, struct json_object *reply)
{
	struct compositor_state next;

	if (state_init(&next, reply) < 0 || move_histories(view, &next) < 0) {
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
	extend_histories(view);
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
	top_tree_finish(&view->tree);
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
	struct top_tree *tree = &view->tree;
	long step;

	if (get_step(view, key, &step))
		tree->selected = move(tree->selected, step, tree->count);
	else if (key == KEY_ENTER)
		top_tree_toggle(tree);
	else if (key == '-' || key == '+')
		top_tree_fold_all(tree, key == '-');
	else if (key == KEY_ESCAPE || key == KEY_BACKSPACE || key == KEY_LEFT)
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
