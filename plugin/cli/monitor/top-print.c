/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <float.h>
#include <json.h>
#include <math.h>
#include <string.h>

#include "cli/monitor/top.h"

#define LINE_SIZE 512

void top_print_table(const struct top_view *view, unsigned int width, bool colors, FILE *file)
{
	char line[LINE_SIZE];

	top_print_row(line, sizeof(line), view, NULL, width);
	fprintf(file, colors ? "\033[1m%s\033[m\n" : "%s\n", line);
	for (size_t i = 0; i < view->row_count; i++) {
		bool leaks = view->rows[i].client->leak_sign_count > 0;

		top_print_row(line, sizeof(line), view, &view->rows[i], width);
		fprintf(file, colors && leaks ? "\033[31m%s\033[m\n" : "%s\n", line);
	}
	if (view->row_count < 2)
		return;
	top_print_row(line, sizeof(line), view, &view->total, width);
	fprintf(file, colors ? "\033[1m%s\033[m\n" : "%s\n", line);
}

/* Returns 0 or -ENOMEM. Takes value. */
static int add(struct json_object *object, const char *name, struct json_object *value)
{
	if (value && json_object_object_add(object, name, value) == 0)
		return 0;
	json_object_put(value);
	return -ENOMEM;
}

/* Negative, or nothing that JSON has: null. */
static int add_number(struct json_object *object, const char *name, double value)
{
	char text[DBL_MAX_10_EXP + 8];

	if (value < 0 || !isfinite(value))
		return json_object_object_add(object, name, NULL) == 0 ? 0 : -ENOMEM;
	snprintf(text, sizeof(text), "%.3f", value);
	return add(object, name, json_object_new_double_s(value, text));
}

static int add_client(struct json_object *clients, const struct top_row *row)
{
	struct json_object *json = row->client->json;

	if (add_number(json, "commits_per_s", row->commits_per_s) < 0 ||
		add_number(json, "imports_per_s", row->imports_per_s) < 0 ||
		add_number(json, "reuse_percent", row->reuse_percent) < 0 ||
		add_number(json, "true_percent", row->true_percent) < 0 ||
		json_object_array_add(clients, json_object_get(json)) < 0)
		return -ENOMEM;
	return 0;
}

/* What the compositor sent stays as it is; what was computed is added to it. */
static struct json_object *make_json(const struct top_view *view)
{
	struct json_object *object = json_object_new_object();
	struct json_object *clients = json_object_new_array(), *total = NULL;

	json_object_object_get_ex(view->present.json, "total", &total);
	if (!object || add_number(object, "time_ms", view->present.time_ms) < 0 ||
		add_number(object, "seconds", view->seconds) < 0 ||
		add_number(object, "commits_per_s", view->commits_per_s) < 0 ||
		(total && add(object, "total", json_object_get(total)) < 0))
		goto error;
	for (size_t i = 0; clients && i < view->row_count; i++) {
		if (add_client(clients, &view->rows[i]) < 0)
			goto error;
	}
	if (add(object, "clients", clients) == 0)
		return object;
	clients = NULL;
error:
	json_object_put(clients);
	json_object_put(object);
	return NULL;
}

int top_print_json(const struct top_view *view, FILE *file)
{
	struct json_object *object = make_json(view);
	const char *text = NULL;

	if (object)
		text = json_object_to_json_string_ext(
			object, JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE);
	if (text)
		fprintf(file, "%s\n", text);
	json_object_put(object);
	return text ? 0 : -ENOMEM;
}
