/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "cli/monitor/top.h"
#include "test.h"

static void update(struct top_view *view, const char *json)
{
	struct json_object *object = control_parse(json, strlen(json));

	check(object != NULL);
	check_int(top_view_update(view, object), 0);
}

/* Two surfaces; buffers of the first, of the second, of one that is gone, and of none. */
static const char tree_json[] =
	"{\"reply\": \"state\", \"clients\": [{\"id\": 1, \"pid\": 7, \"name\": \"c\","
	" \"surfaces\": [{\"id\": 3, \"buffer\": 11, \"title\": \"first\"}, {\"id\": 4}],"
	" \"surfaces_left_out\": 2, \"buffers_left_out\": 5, \"buffers\": ["
	"{\"id\": 10, \"surface\": 4, \"commits\": 1}, {\"id\": 11, \"surface\": 3, \"commits\": 1},"
	"{\"id\": 12, \"surface\": 9, \"commits\": 1}, {\"id\": 13}, "
	"{\"id\": 14, \"surface\": 3, \"commits\": 1}]}]}";

/* The lines as letters for their kinds, with the numbers of surfaces and buffers. */
static void check_tree(const struct top_view *view, const char *expected)
{
	char text[256] = "";

	for (size_t i = 0; i < view->tree.count; i++) {
		const struct top_line *line = &view->tree.lines[i];

		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%c%d",
			i > 0 ? " " : "", "SBRsb"[line->kind], (int)line -> id);
	}
	check_str(text, expected);
}

static void press(struct top_view *view, int key)
{
	top_view_handle_key(view, key);
	check_int(top_view_arrange(view), 0);
}

TEST(tree)
{
	struct top_view view;
	char line[512];

	top_view_init(&view);
	update(&view, tree_json);
	press(&view, KEY_ENTER);
	check_tree(&view, "S3 B11 B14 S4 B10 s0 R0 B12 B13 b0");
	top_tree_print_line(line, sizeof(line), view.present.clients, &view.tree.lines[0]);
	check(strncmp(line, "-       3 ", 10) == 0 && strstr(line, "first"));
	top_tree_print_line(line, sizeof(line), view.present.clients, &view.tree.lines[1]);
	check(strstr(line, " 11 ") && strstr(line, "shown"));
	top_tree_print_line(line, sizeof(line), view.present.clients, &view.tree.lines[8]);
	check(strstr(line, "never used"));
	/* Hide those of one surface; of a buffer there is nothing to hide. */
	press(&view, KEY_DOWN);
	press(&view, KEY_ENTER);
	check_int((long)view.tree.count, 10);
	press(&view, KEY_UP);
	press(&view, KEY_ENTER);
	check_tree(&view, "S3 S4 B10 s0 R0 B12 B13 b0");
	top_tree_print_line(line, sizeof(line), view.present.clients, &view.tree.lines[0]);
	check_int(line[0], '+');
	press(&view, '-');
	check_tree(&view, "S3 S4 s0 R0 B12 B13 b0");
	press(&view, KEY_END);
	press(&view, KEY_UP);
	/* The cursor stays on its buffer. */
	press(&view, '+');
	check_tree(&view, "S3 B11 B14 S4 B10 s0 R0 B12 B13 b0");
	check_int((long)view.tree.selected, 8);
	press(&view, KEY_ESCAPE);
	check(!view.is_open);
	top_view_finish(&view);
}

static const char two[] = "{\"reply\": \"state\", \"time_ms\": %d, \"clients\": ["
			  "{\"id\": 1, \"pid\": 7, \"name\": \"a\", \"age_ms\": 1000, \"bytes\": "
			  "%d, \"fds\": 2, \"shm_bytes\": 5, \"commits\": %d, \"reuses\": %d},"
			  "{\"id\": 2, \"pid\": 8, \"name\": \"b\", \"age_ms\": 1000, \"bytes\": "
			  "100, \"fds\": 1, \"shm_commits\": %d, \"commits\": %d}]}";

static void update_two(struct top_view *view, int second, int bytes)
{
	char json[512];

	snprintf(json, sizeof(json), two, second * 1000, bytes, second * 30, second * 15,
		second * 10, second * 10);
	update(view, json);
}

TEST(total)
{
	struct top_view view;
	char line[512];

	top_view_init(&view);
	update_two(&view, 1, 300);
	update_two(&view, 2, 300);
	check(view.total.commits_per_s == 50 && view.total.reuse_percent == 37.5);
	check_int((long)view.total_client.bytes, 400);
	top_print_row(line, sizeof(line), &view, &view.total, 400);
	check(strncmp(line, "          total ", 16) == 0);
	check(strstr(line, " 50.0 ") && strstr(line, " 400 "));
	/* Of those that are shown. */
	strcpy(view.filter, "7");
	check_int(top_view_arrange(&view), 0);
	check_int((long)view.total_client.bytes, 300);
	check_int((long)view.total_client.counts.fds, 2);
	top_view_finish(&view);
}

TEST(columns)
{
	static const char *const wrong[] = {
		"", "pid,", ",pid", "pid,,name", "nothing", "pid,nam", "name pid"};
	struct top_view view;
	char line[512];

	top_view_init(&view);
	update_two(&view, 1, 300);
	check_int(top_column_choose(&view, "name,bytes,pid"), 0);
	top_print_row(line, sizeof(line), &view, NULL, 200);
	check_str(line, "  NAME             BYTES     PID");
	top_print_row(line, sizeof(line), &view, &view.rows[0], 200);
	check_str(line, "  a                  300       7");
	top_print_row(line, sizeof(line), &view, &view.rows[0], 10);
	check_int((long)strlen(line) <= 10, 1);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		check_int(top_column_choose(&view, wrong[i]), -EINVAL);
	/* More than there are. */
	check_int(top_column_choose(&view,
			  "pid,pid,pid,pid,pid,pid,pid,pid,pid,pid,pid,pid,pid,pid,pid,pid,pid,pid,"
			  "pid,pid,pid,pid,pid,pid,pid"),
		-EINVAL);
	top_view_finish(&view);
}

TEST(history)
{
	struct top_view view;
	char line[512];

	top_view_init(&view);
	check_int(top_column_choose(&view, "bytes-trend"), 0);
	for (int i = 1; i <= TOP_HISTORY + 3; i++)
		update_two(&view, i, i <= 4 ? 0 : i * 100);
	check_int((long)view.rows[0].history->count, TOP_HISTORY);
	setlocale(LC_CTYPE, "C");
	top_print_row(line, sizeof(line), &view, &view.rows[0], 200);
	check_str(line, "   -==++**##@@");
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		test_skip("no locale C.UTF-8");
	top_print_row(line, sizeof(line), &view, &view.rows[0], 200);
	check(strstr(line, "\u2588"));
	/* What is as it was is as high as can be; nothing at all is not to be seen. */
	check_str(view.rows[1].client->name, "b");
	top_print_row(line, sizeof(line), &view, &view.rows[1], 200);
	check(strstr(line, "\u2588\u2588\u2588\u2588"));
	/* Another process with that number begins anew. */
	update(&view, "{\"reply\": \"state\", \"clients\": [{\"id\": 1, \"pid\": 9}]}");
	check_int((long)view.rows[0].history->count, 1);
	top_view_finish(&view);
}
