/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <json.h>
#include <math.h>
#include <string.h>

#include "cli/monitor/top.h"

#define LINE_SIZE 512

void top_print_table(const struct top_view *view, unsigned int width, bool colors, FILE *file)
{
	char line[LINE_SIZE];

	top_print_row(line, sizeof(line), NULL, width);
	fprintf(file, colors ? "\033[1m%s\033[m\n" : "%s\n", line);
	for (size_t i = 0; i < view->row_count; i++) {
		bool leaks = view->rows[i].client->leak_sign_count > 0;

		top_print_row(line, sizeof(line), &view->rows[i], width);
		fprintf(file, colors && leaks ? "\033[31m%s\033[m\n" : "%s\n", line);
	}
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

/* The line after those of the surfaces, the last of which tells how many are not there. */
static size_t get_buffer_head(const struct client_state *client)
{
	return 1 + client->surface_count + (client->surfaces_left_out > 0);
}

size_t top_view_count_open_lines(const struct client_state *client)
{
	return get_buffer_head(client) + 1 + client->buffer_count + (client->buffers_left_out > 0);
}

bool top_view_is_open_head(const struct client_state *client, size_t index)
{
	return index == 0 || index == get_buffer_head(client);
}

static void print_surface_line(
	char *text, size_t size, const struct client_state *client, size_t index)
{
	struct surface_state s;
	char extent[32], title[64], app_id[64], sum[16], why_not[128];
	double truth = -1;

	state_get_surface(client, index, &s);
	snprintf(extent, sizeof(extent), "%" PRIu64 "x%" PRIu64, s.width, s.height);
	if (s.damage_claimed_px > 0)
		truth = (double)s.damage_true_px / (double)s.damage_claimed_px * 100;
	snprintf(text, size,
		truth < 0 ? "%7" PRIu64 " %-11s %7" PRIu64 "     -"
			  : "%7" PRIu64 " %-11s %7" PRIu64 " %5.0f",
		s.id, extent, s.commits, truth);
	snprintf(text + strlen(text), size - strlen(text), " %-8s %-7s %s %s%s%s%s%s%s",
		s.has_texture ? shown_clean(sum, sizeof(sum), s.has_sum ? s.sum : "unknown") : "-",
		s.mapped ? "mapped" : "hidden", shown_clean(title, sizeof(title), s.title),
		s.app_id[0] ? "(" : "", shown_clean(app_id, sizeof(app_id), s.app_id),
		s.app_id[0] ? ")" : "", strcmp(s.sums, "looking") == 0 ? "" : " sums rest",
		s.why_not[0] ? " no texture: " : "",
		shown_clean(why_not, sizeof(why_not), s.why_not));
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

static void print_buffer_line(
	char *text, size_t size, const struct client_state *client, size_t index)
{
	struct buffer_state b;
	char extent[32], bytes[16], format[8], modifier[48], status[96], kind[9];

	state_get_buffer(client, index, &b);
	if (b.error[0])
		shown_clean(status, sizeof(status), b.error);
	else if (b.unreleased_ms >= 0)
		snprintf(status, sizeof(status), "not released for %.1f s", b.unreleased_ms / 1e3);
	else
		snprintf(status, sizeof(status), "%s",
			is_shown(client, b.id) ? "shown"
			: b.commits == 0       ? "never used"
					       : "idle");
	snprintf(extent, sizeof(extent), "%" PRIu64 "x%" PRIu64, b.width, b.height);
	top_print_bytes(bytes, sizeof(bytes), b.bytes);
	snprintf(text, size,
		"%7" PRIu64 " %-11s %7" PRIu64 " %5.0f %-4s %6s %-8s %10" PRIu64 " %-22s  %s", b.id,
		extent, b.commits, b.age_ms / 1e3, shown_clean(format, sizeof(format), b.format),
		bytes, shown_clean(kind, sizeof(kind), b.exporter[0] ? b.exporter : b.kind),
		b.inode, status, shown_clean(modifier, sizeof(modifier), b.modifier));
}

void top_print_open_line(char *text, size_t size, const struct client_state *client, size_t index)
{
	size_t head = get_buffer_head(client);

	if (index == 0)
		snprintf(text, size, "SURFACE SIZE        COMMITS TRUE%% SUM      STATE   TITLE");
	else if (index <= client->surface_count)
		print_surface_line(text, size, client, index - 1);
	else if (index < head)
		snprintf(text, size, "        and %" PRIu64 " more", client->surfaces_left_out);
	else if (index == head)
		snprintf(text, size,
			" BUFFER SIZE        COMMITS AGE s FMT   BYTES KIND          INODE STATE      "
			"             MODIFIER");
	else if (index <= head + client->buffer_count)
		print_buffer_line(text, size, client, index - head - 1);
	else
		snprintf(text, size, "        and %" PRIu64 " more", client->buffers_left_out);
}
