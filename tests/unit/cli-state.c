/* SPDX-License-Identifier: MIT */
/* What is shown of a compositor's state, whatever it may be. */
#include <json.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/monitor/control-client.h"
#include "cli/monitor/export.h"
#include "cli-reply.h"
#include "cli/monitor/top.h"
#include "test.h"

static struct json_object *parse(const char *text)
{
	return control_parse(text, strlen(text));
}

TEST(state)
{
	struct compositor_state state;
	struct buffer_state buffer;
	struct surface_state surface;
	const struct client_state *client;

	check_int(state_init(&state, parse(good)), 0);
	check(state.textures && state.client_count == 1);
	check_int(state.total.reuses, 15);
	check_int(state.total.not_asked, 4);
	check(!state_find_client(&state, 8));
	client = state_find_client(&state, 7);
	check_int(client->pid, 4242);
	check_str(client->name, "te\"st\\er");
	check_str(client->title, "Title");
	check_int(client->bytes, 393216);
	check_int(client->counts.not_asked, 4);
	check_int(client->leak_sign_count, 2);
	check_str(state_get_leak_sign(client, 1), "not-released");
	state_get_buffer(client, 0, &buffer);
	check(buffer.unreleased_ms == 7 && buffer.inode == 99);
	check_str(buffer.modifier, "LINEAR");
	state_get_buffer(client, 1, &buffer);
	check(buffer.unreleased_ms < 0);
	check_str(buffer.error, "no plane");
	state_get_surface(client, 0, &surface);
	check(surface.mapped && surface.has_texture && surface.has_sum && surface.buffer == 13);
	/* What is not there is nothing. */
	state_get_buffer(client, 2, &buffer);
	check(buffer.id == 0 && buffer.format[0] == '\0');
	check_str(state_get_leak_sign(client, 2), "?");
	state_finish(&state);
}

/* Rates of a view that saw the good state, and one a second later. */
TEST(rates)
{
	struct top_view view;
	struct json_object *later = parse(good), *client, *object;
	const struct {
		const char *name;
		int64_t value;
	} values[] = {{"commits", 130}, {"imports", 40}, {"reuses", 85}, {"releases", 18},
		{"damage_claimed_px", 2000}, {"damage_true_px", 500}};

	top_view_init(&view);
	check_int(top_view_update(&view, parse(good)), 0);
	/* At first: since it came, two seconds ago. */
	check(view.rows[0].commits_per_s == 15 && view.rows[0].imports_per_s == 7.5);
	check(view.rows[0].reuse_percent == 50 && view.rows[0].true_percent == 25);
	json_object_object_get_ex(later, "clients", &object);
	client = json_object_array_get_idx(object, 0);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		json_object_object_add(
			client, values[i].name, json_object_new_int64(values[i].value));
	json_object_object_add(client, "release_ms", json_object_new_double(5));
	json_object_object_add(later, "time_ms", json_object_new_double(2000.5));
	check_int(top_view_update(&view, later), 0);
	check(view.seconds == 1 && view.rows[0].commits_per_s == 100);
	check(view.rows[0].imports_per_s == 30 && view.rows[0].reuse_percent == 70);
	check(view.rows[0].true_percent == 25);
	/* 18 * 5 ms - 8 * 4.5 ms, for 10 more. */
	check(view.rows[0].release_ms > 5.39 && view.rows[0].release_ms < 5.41);
	/* A compositor that was started anew counts from 0. */
	check_int(top_view_update(&view, parse(good)), 0);
	check(view.rows[0].commits_per_s == 0 && view.rows[0].reuse_percent == -1);
	top_view_finish(&view);
}

TEST(rows_fit)
{
	struct top_view view;
	char line[512];

	top_view_init(&view);
	check_int(top_view_update(&view, parse(good)), 0);
	for (unsigned int width = 1; width < 200; width++) {
		top_print_row(line, sizeof(line), &view, &view.rows[0], width);
		check(strlen(line) <= width);
		check(line[0] == '!');
		if (width >= 40)
			check(strstr(line, "4242") && strstr(line, "te\"st\\er") &&
				strstr(line, "384.0K"));
	}
	check(strstr(line, "buffers-grow,not-released"));
	top_view_finish(&view);
}

/* The title gets shorter, down to 6 characters, before it goes. */
TEST(title_gets_shorter)
{
	struct top_view view;
	struct json_object *reply = parse(good), *clients, *surfaces;
	char line[512];
	unsigned int shown = 15;

	json_object_object_get_ex(reply, "clients", &clients);
	json_object_object_get_ex(json_object_array_get_idx(clients, 0), "surfaces", &surfaces);
	json_object_object_add(json_object_array_get_idx(surfaces, 0), "title",
		json_object_new_string("abcdefghijklmnopq"));
	top_view_init(&view);
	check_int(top_view_update(&view, reply), 0);
	for (unsigned int width = 200; width > 80; width--) {
		const char *found;
		unsigned int now;

		top_print_row(line, sizeof(line), &view, &view.rows[0], width);
		found = strstr(line, " abc");
		now = found ? (unsigned int)strspn(found + 1, "abcdefghijklmnopq") : 0;
		check(now == shown || now + 1 == shown || (now == 0 && shown == 6));
		/* Nothing else goes before it. */
		check(now == 0 || strstr(line, "15.0") != NULL);
		shown = now;
		top_print_row(line, sizeof(line), &view, NULL, width);
		check((strstr(line, "TITLE") != NULL) == (now > 0));
		check(now == 0 || strstr(line, "REL ms") != NULL);
	}
	check_int(shown, 0);
	top_view_finish(&view);
}

/* The last line of the screen holds whole keys only. */
TEST(keys_that_fit)
{
	static const char *const keys[] = {"q quit", "? help", "Enter buffers", "< > sort",
		"r reverse", "/ filter", "l leaks", "p pause"};
	struct top_view view;
	char line[512];

	top_view_init(&view);
	for (unsigned int width = 8; width < 120; width++) {
		size_t count = 0;
		char *rest;

		top_print_keys(line, sizeof(line), &view, width);
		check(strlen(line) <= width);
		check(strncmp(line, "by bytes", 8) == 0);
		for (rest = line + 8; *rest; rest += 2 + strlen(keys[count++]))
			check(strncmp(rest, "  ", 2) == 0 &&
				strncmp(rest + 2, keys[count], strlen(keys[count])) == 0);
		if (width >= 100)
			check_int(count, 8);
	}
	top_view_finish(&view);
}

/* The width of the line in a terminal, and that of what comes before the text. */
static unsigned int measure(const char *line, const char *text, unsigned int *before)
{
	char copy[512];
	const char *found = strstr(line, text);

	check(found != NULL);
	snprintf(copy, sizeof(copy), "%.*s", (int)(found - line), line);
	*before = shown_cut(copy, UINT_MAX);
	snprintf(copy, sizeof(copy), "%s", line);
	return shown_cut(copy, UINT_MAX);
}

/* Characters of two columns, of none, and of several bytes. */
static const char wide[] =
	"{\"reply\": \"state\", \"clients\": [{\"id\": 1, \"pid\": 7, \"name\": "
	"\"\xe6\x97\xa5\xe6\x9c\xac\", \"surfaces\": [{\"id\": 3, \"title\": \"e\xcc\x81t\xc3\xa9 "
	"\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\"}]}]}";

TEST(wide_characters)
{
	struct top_view view;
	char line[512], head[512];
	unsigned int title, commits, pid, before;

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		test_skip("no locale C.UTF-8");
	top_view_init(&view);
	check_int(top_view_update(&view, parse(wide)), 0);
	top_print_row(head, sizeof(head), &view, NULL, 200);
	top_print_row(line, sizeof(line), &view, &view.rows[0], 200);
	measure(head, "TITLE", &title);
	measure(head, "COMMITS/s", &commits);
	measure(line, "e\xcc\x81t", &before);
	check_int(before, title);
	/* Of the title five characters fit, and one column is left over. */
	check(strstr(line,
		"t\xc3\xa9 \xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5        0.0"));
	measure(line, "0.0", &before);
	check_int(before, commits + strlen("COMMITS/s") - strlen("0.0"));
	for (unsigned int width = 1; width < 200; width++) {
		top_print_row(line, sizeof(line), &view, &view.rows[0], width);
		check(measure(line, "", &pid) <= width);
	}
	/* What a terminal without UTF-8 is sent. */
	setlocale(LC_CTYPE, "C");
	top_print_row(line, sizeof(line), &view, &view.rows[0], 200);
	check(strstr(line, "\\u65e5\\u672c"));
	top_view_finish(&view);
}

TEST(bytes)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {{0, "0"}, {999, "999"}, {1000, "1.0K"}, {262144, "256.0K"},
		{1023 * 1024, "1.0M"}, {UINT64_C(5) << 40, "5.0T"}, {UINT64_MAX, "16.0E"}};
	char text[16];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		top_print_bytes(text, sizeof(text), cases[i].bytes);
		check_str(text, cases[i].text);
		check(strlen(text) <= 6);
	}
}

/* Sort, filter and cursor over many clients. */
TEST(keys)
{
	struct top_view view;
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	fputs("{\"reply\": \"state\", \"clients\": [", file);
	for (int i = 0; i < 200; i++)
		fprintf(file, "%s{\"id\": %d, \"pid\": %d, \"name\": \"c%d\", \"bytes\": %d}",
			i > 0 ? ", " : "", i + 1, 1000 + i, i % 10, i * 7919 % 200);
	fputs("]}", file);
	fclose(file);
	top_view_init(&view);
	view.page = 10;
	check_int(top_view_update(&view, parse(text)), 0);
	check_int(view.row_count, 200);
	for (size_t i = 1; i < 200; i++)
		check(view.rows[i - 1].client->bytes >= view.rows[i].client->bytes);
	top_view_handle_key(&view, KEY_END);
	check_int(view.selected, 199);
	top_view_handle_key(&view, KEY_DOWN);
	check_int(view.selected, 199);
	top_view_handle_key(&view, KEY_PAGE_UP);
	check_int(view.selected, 190);
	/* The cursor stays on its client. */
	uint64_t id = view.selected_id;
	top_view_handle_key(&view, 'r');
	check_int(top_view_arrange(&view), 0);
	check_int(view.selected, 9);
	check_int(view.selected_id, id);
	top_view_handle_key(&view, '/');
	top_view_handle_key(&view, 'c');
	top_view_handle_key(&view, 'q');
	top_view_handle_key(&view, KEY_BACKSPACE);
	top_view_handle_key(&view, '3');
	top_view_handle_key(&view, KEY_ENTER);
	check(!view.quit);
	check_int(top_view_arrange(&view), 0);
	check_int(view.row_count, 20);
	for (int i = 0; i < 60; i++) {
		top_view_handle_key(&view, i % 2 ? '<' : KEY_LEFT);
		check_int(top_view_arrange(&view), 0);
	}
	top_view_handle_key(&view, 'l');
	check_int(top_view_arrange(&view), 0);
	check_int(view.row_count, 0);
	top_view_handle_key(&view, KEY_ENTER);
	check(!view.is_open);
	top_view_handle_key(&view, KEY_ESCAPE);
	check_int(top_view_arrange(&view), 0);
	check_int(view.row_count, 200);
	top_view_handle_key(&view, KEY_ENTER);
	check(top_view_get_open(&view));
	/* The client goes while it is looked at. */
	check_int(top_view_update(&view, parse("{\"reply\": \"state\"}")), 0);
	check(!view.is_open && view.row_count == 0);
	top_view_handle_key(&view, 'q');
	check(view.quit);
	top_view_finish(&view);
	free(text);
}

/* Through all that is shown of a state. */
static void show(const char *text, size_t size, FILE *file)
{
	struct json_object *object = control_parse(text, size);
	char line[256];
	struct cli_reason reason;
	struct top_view view;

	if (!object)
		return;
	control_is_reply(object, "state");
	control_get_error(object, &reason);
	top_view_init(&view);
	check_int(top_view_update(&view, object), 0);
	top_print_table(&view, 100, true, file);
	check_int(top_print_json(&view, file), 0);
	export_print(&view.present, file);
	for (size_t i = 0; i < view.row_count; i++) {
		const struct client_state *client = view.rows[i].client;

		check_int(top_tree_update(&view.tree, client), 0);
		for (size_t k = 0; k < view.tree.count; k++)
			top_tree_print_line(line, sizeof(line), client, &view.tree.lines[k]);
	}
	top_view_finish(&view);
}

static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

TEST(damaged_states)
{
	static const char *const pieces[] = {"null", "{}", "[]", "-1", "1e308",
		"18446744073709551616", "\"\\u0000\"", "\"\\ud800\"", "true", "-0.0", "NaN",
		"Infinity", "{\"a\":[]}", "9e999"};
	FILE *file = fopen("/dev/null", "we");
	char text[2 * sizeof(good)];
	uint32_t random = 1;

	show(good, strlen(good), file);
	for (int i = 0; i < 6000; i++) {
		size_t size = strlen(good), at, end;

		memcpy(text, good, sizeof(good));
		for (uint32_t k = next_random(&random) % 4; k > 0; k--)
			text[next_random(&random) % size] = (char)next_random(&random);
		/* Another value instead of one that was there. */
		at = next_random(&random) % size;
		at += strcspn(text + at, ":");
		if (at < size) {
			const char *piece =
				pieces[next_random(&random) % (sizeof(pieces) / sizeof(pieces[0]))];

			end = at + 1 + strcspn(text + at + 1, ",}]");
			memmove(text + at + 1 + strlen(piece), text + end, size - end);
			memcpy(text + at + 1, piece, strlen(piece));
			size = size - (end - at - 1) + strlen(piece);
		}
		show(text, i % 7 == 0 ? size / 2 : size, file);
	}
	fclose(file);
}

TEST(labels_are_escaped)
{
	static const char text[] =
		"{\"reply\": \"state\", \"clients\": [{\"id\": 1, \"pid\": 2, \"name\": "
		"\"a\\\"b\\\\c\\nd\\u00e9\\u001b[31m\"}]}";
	struct compositor_state state;
	char *out = NULL;
	size_t size;
	FILE *file = open_memstream(&out, &size);

	check_int(state_init(&state, parse(text)), 0);
	export_print(&state, file);
	fclose(file);
	check(strstr(out, "name=\"a\\\"b\\\\c\\\\x0ad\xc3\xa9\\\\x1b[31m\"} 0\n"));
	check(!strchr(out, '\033'));
	state_finish(&state);
	free(out);
}
