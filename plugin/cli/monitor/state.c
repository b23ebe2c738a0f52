/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <json.h>
#include <math.h>
#include <stdlib.h>

#include "cli/monitor/state.h"

static struct json_object *get(struct json_object *object, const char *name, enum json_type type)
{
	struct json_object *member;

	if (!json_object_is_type(object, json_type_object) ||
		!json_object_object_get_ex(object, name, &member) ||
		!json_object_is_type(member, type))
		return NULL;
	return member;
}

static uint64_t get_count(struct json_object *object, const char *name)
{
	struct json_object *member = get(object, name, json_type_int);
	int64_t value = member ? json_object_get_int64(member) : 0;

	if (value == INT64_MAX)
		return json_object_get_uint64(member);
	return value > 0 ? (uint64_t)value : 0;
}

static double get_number(struct json_object *object, const char *name, double fallback)
{
	struct json_object *member = get(object, name, json_type_double);
	double value;

	if (!member)
		member = get(object, name, json_type_int);
	value = member ? json_object_get_double(member) : fallback;
	return isfinite(value) ? value : fallback;
}

static const char *get_string(struct json_object *object, const char *name)
{
	struct json_object *member = get(object, name, json_type_string);

	return member ? json_object_get_string(member) : "";
}

static bool get_bool(struct json_object *object, const char *name)
{
	return json_object_get_boolean(get(object, name, json_type_boolean));
}

static size_t get_length(struct json_object *object, const char *name)
{
	struct json_object *array = get(object, name, json_type_array);

	return array ? json_object_array_length(array) : 0;
}

static struct json_object *get_element(struct json_object *object, const char *name, size_t index)
{
	struct json_object *array = get(object, name, json_type_array);

	return array ? json_object_array_get_idx(array, index) : NULL;
}

static void get_counts(struct json_object *object, struct wltex_counts *counts)
{
	*counts = (struct wltex_counts){
#define COUNT(name, kind, help) .name = get_count(object, #name),
#include "ledger/counts.def"
#undef COUNT
	};
}

static const char *find_title(const struct client_state *client)
{
	struct surface_state surface;

	for (size_t i = 0; i < client->surface_count; i++) {
		state_get_surface(client, i, &surface);
		if (surface.title[0] || surface.app_id[0])
			return surface.title[0] ? surface.title : surface.app_id;
	}
	return "";
}

static void get_client(struct json_object *object, struct client_state *client)
{
	*client = (struct client_state){
		.json = object,
		.name = get_string(object, "name"),
		.id = get_count(object, "id"),
		.pid = get_count(object, "pid"),
		.age_ms = get_number(object, "age_ms", 0),
		.params = get_count(object, "params"),
		.buffers_made = get_count(object, "buffers_made"),
		.bytes = get_count(object, "bytes"),
		.releases = get_count(object, "releases"),
		.release_ms = get_number(object, "release_ms", 0),
		.release_max_ms = get_number(object, "release_max_ms", 0),
		.buffer_count = get_length(object, "buffers"),
		.surface_count = get_length(object, "surfaces"),
		.buffers_left_out = get_count(object, "buffers_left_out"),
		.surfaces_left_out = get_count(object, "surfaces_left_out"),
		.leak_sign_count = get_length(object, "leak_signs"),
	};
	get_counts(object, &client->counts);
	client->title = find_title(client);
}

static int compare_ids(const void *a, const void *b)
{
	const struct client_state *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

int state_init(struct compositor_state *state, struct json_object *reply)
{
	size_t count = get_length(reply, "clients");

	*state = (struct compositor_state){
		.json = reply,
		.time_ms = get_number(reply, "time_ms", 0),
		.textures = get_bool(reply, "textures"),
		.clients_left_out = get_count(reply, "clients_left_out"),
	};
	get_counts(get(reply, "total", json_type_object), &state->total);
	state->clients = calloc(count > 0 ? count : 1, sizeof(*state->clients));
	if (!state->clients)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		struct json_object *client = get_element(reply, "clients", i);

		if (json_object_is_type(client, json_type_object))
			get_client(client, &state->clients[state->client_count++]);
	}
	qsort(state->clients, state->client_count, sizeof(*state->clients), compare_ids);
	return 0;
}

void state_finish(struct compositor_state *state)
{
	json_object_put(state->json);
	free(state->clients);
	*state = (struct compositor_state){0};
}

const struct client_state *state_find_client(const struct compositor_state *state, uint64_t id)
{
	struct client_state key = {.id = id};

	if (state->client_count == 0)
		return NULL;
	return bsearch(
		&key, state->clients, state->client_count, sizeof(*state->clients), compare_ids);
}

void state_get_buffer(const struct client_state *client, size_t index, struct buffer_state *buffer)
{
	struct json_object *object = get_element(client->json, "buffers", index);

	*buffer = (struct buffer_state){
		.format = get_string(object, "format"),
		.modifier = get_string(object, "modifier"),
		.kind = get_string(object, "kind"),
		.exporter = get_string(object, "exporter"),
		.error = get_string(object, "error"),
		.id = get_count(object, "id"),
		.commits = get_count(object, "commits"),
		.number = get_count(object, "number"),
		.surface = get_count(object, "surface"),
		.bytes = get_count(object, "bytes"),
		.inode = get_count(object, "inode"),
		.width = get_count(object, "width"),
		.height = get_count(object, "height"),
		.planes = get_count(object, "planes"),
		.fds = get_count(object, "fds"),
		.age_ms = get_number(object, "age_ms", 0),
		.unreleased_ms = get_number(object, "unreleased_ms", -1),
	};
}

void state_get_surface(
	const struct client_state *client, size_t index, struct surface_state *surface)
{
	struct json_object *object = get_element(client->json, "surfaces", index);
	struct json_object *texture = get(object, "texture", json_type_object);

	*surface = (struct surface_state){
		.app_id = get_string(object, "app_id"),
		.title = get_string(object, "title"),
		.role = get_string(object, "role"),
		.sums = get_string(object, "sums"),
		.why_not = get_string(object, "why_not"),
		.id = get_count(object, "id"),
		.number = get_count(object, "number"),
		.commits = get_count(object, "commits"),
		.width = get_count(object, "width"),
		.height = get_count(object, "height"),
		.redundant_commits = get_count(object, "redundant_commits"),
		.damage_claimed_px = get_count(object, "damage_claimed_px"),
		.damage_true_px = get_count(object, "damage_true_px"),
		.mapped = get_bool(object, "mapped"),
		.has_buffer = get(object, "buffer", json_type_int) != NULL,
		.has_texture = texture != NULL,
		.has_sum = get(texture, "sum", json_type_string) != NULL,
		.buffer = get_count(object, "buffer"),
		.texture = get_count(texture, "name"),
		.sum = get_string(texture, "sum"),
		.no_sum = get_string(texture, "no_sum"),
	};
}

const char *state_get_leak_sign(const struct client_state *client, size_t index)
{
	struct json_object *sign = get_element(client->json, "leak_signs", index);

	return json_object_is_type(sign, json_type_string) ? json_object_get_string(sign) : "?";
}
