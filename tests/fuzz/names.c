/* SPDX-License-Identifier: MIT */
/*
 * What clients are called, and whatever else a compositor may say, on its way to terminals,
 * Prometheus and files. The input is a row of operations, each a byte and its arguments;
 * see run(): replies as they stand, replies whose strings are any bytes, ledgers whose
 * owners are called anything, keys and sizes of the terminal. After each, all that is
 * printed must be what its reader can take: see check_screen() and check_all().
 */
#include <ctype.h>
#include <json.h>
#include <locale.h>
#include <string.h>
#include <wchar.h>

#include "cli/monitor/export.h"
#include "cli/monitor/top.h"
#include "fuzz.h"
#include "ledger/ledger.h"
#include "util/text.h"

#define MAX_DEPTH 16
#define MAX_OPERATIONS 24
#define MAX_OWNERS 4

struct world {
	struct top_view view;
	struct terminal terminal;
	struct wltex_ledger *ledger;
	struct wltex_owner *owners[MAX_OWNERS];
};

/* What the terminal knows. */
static bool is_utf8;

/* Whether all of it is one value as JSON has it; NaN is let through if the compositor's was. */
static struct json_object *parse(const char *text, size_t size, bool strict)
{
	struct json_tokener *tokener = json_tokener_new_ex(MAX_DEPTH);
	struct json_object *object;

	if (strict)
		json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	object = json_tokener_parse_ex(tokener, text, (int)size);
	if (json_tokener_get_error(tokener) != json_tokener_success ||
		(strict && !wltex_text_is_utf8(text, size))) {
		json_object_put(object);
		object = NULL;
	}
	json_tokener_free(tokener);
	return object;
}

/* --- What readers can take. */

/* The length of one of our own sequences at text, or 0. */
static size_t sequence_length(const char *text)
{
	static const char *const sequences[] = {"\033[H", "\033[K", "\033[m", "\033[1m",
		"\033[1;36m", "\033[7m", "\033[1;31m", "\033[31m", "\033[7;31m", "\033[7;1m",
		"\033[1;33m"};

	for (size_t i = 0; i < ARRAY_LENGTH(sequences); i++) {
		if (strncmp(text, sequences[i], strlen(sequences[i])) == 0)
			return strlen(sequences[i]);
	}
	return 0;
}

/* A character that only shows: plain ASCII, or what the locale knows. Returns its length. */
static size_t check_character(const char *text, unsigned int *width)
{
	char clean[16], copy[8] = "";
	uint32_t character;
	size_t length = wltex_text_decode(text, &character);

	expect(length > 0 && character >= 0x20 && !(character >= 0x7f && character <= 0x9f));
	expect(length == 1 || is_utf8);
	expect(!(character >= 0x2028 && character <= 0x202e));
	memcpy(copy, text, length);
	expect(strcmp(wltex_text_clean(clean, sizeof(clean), copy), copy) == 0);
	*width = length == 1                       ? 1
		 : wcwidth((wchar_t)character) < 0 ? 2
						   : (unsigned)wcwidth((wchar_t)character);
	return length;
}

/* In lines that fit. */
static void check_terminal(const char *text, unsigned int columns, unsigned int rows)
{
	unsigned int column = 0, row = 0, width;

	while (*text != '\0') {
		size_t sequence = *text == '\033' ? sequence_length(text) : 0;
		if (sequence > 0) {
			text += sequence;
			continue;
		}
		if (text[0] == '\r' && text[1] == '\n')
			text++;
		if (*text == '\n') {
			column = 0;
			row++;
			text++;
			continue;
		}
		text += check_character(text, &width);
		column += width;
		expect(column <= columns);
	}
	expect(row <= rows);
}

static const char *skip_name(const char *text)
{
	expect(isalpha((unsigned char)*text) || *text == '_');
	while (isalnum((unsigned char)*text) || *text == '_')
		text++;
	return text;
}

static const char *skip_labels(const char *text)
{
	do {
		text = skip_name(text + 1);
		expect(text[0] == '=' && text[1] == '"');
		for (text += 2; *text != '"'; text++) {
			expect((unsigned char)*text >= 0x20 && *text != 0x7f);
			if (*text == '\\')
				expect(*++text == '\\' || *text == '"');
		}
		text++;
	} while (*text == ',');
	expect(*text == '}');
	return text + 1;
}

/* Whether all of it is UTF-8. */
static bool is_text(const char *text)
{
	uint32_t character;
	size_t length = 1;

	for (; *text != '\0' && length > 0; text += length)
		length = wltex_text_decode(text, &character);
	return length > 0;
}

/* Prometheus' text format. */
static void check_metrics(const char *text)
{
	expect(is_text(text));
	for (const char *end; *text != '\0'; text = end + 1) {
		end = strchr(text, '\n');
		expect(end != NULL);
		if (*text == '#') {
			expect(strncmp(text, "# HELP wltex_", 13) == 0 ||
				strncmp(text, "# TYPE wltex_", 13) == 0);
			continue;
		}
		char *behind;
		text = skip_name(text);
		if (*text == '{')
			text = skip_labels(text);
		expect(*text == ' ');
		strtod(text + 1, &behind);
		expect(behind == end);
	}
}

int terminal_write(struct terminal *terminal, const char *text, size_t size)
{
	expect(strlen(text) == size);
	check_terminal(text, terminal->columns, terminal->rows);
	return 0;
}

/* Returns what print writes, to be freed. */
static char *get_text(void (*print)(struct world *world, FILE *file), struct world *world)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	expect(file != NULL);
	print(world, file);
	expect(fclose(file) == 0);
	return text;
}

static void print_table(struct world *world, FILE *file)
{
	top_print_table(&world->view, world->terminal.columns, world->terminal.colors, file);
}

static void print_metrics(struct world *world, FILE *file)
{
	export_print(&world->view.present, file);
}

static void print_json(struct world *world, FILE *file)
{
	expect(top_print_json(&world->view, file) == 0);
}

static void check_screen(struct world *world)
{
	char *text = get_text(print_table, world);

	check_terminal(text, world->terminal.columns, UINT32_MAX);
	free(text);
	expect(top_draw(&world->view, &world->terminal, "title") == 0);
}

/* After something was said. */
static void check_all(struct world *world)
{
	char *text = get_text(print_metrics, world);
	struct json_object *json;

	check_metrics(text);
	free(text);
	text = get_text(print_json, world);
	json = parse(text, strlen(text), false);
	expect(json_object_is_type(json, json_type_object));
	json_object_put(json);
	free(text);
}

/* --- What is said. */

static void take_reply(struct world *world, struct input *input)
{
	const uint8_t *bytes;
	size_t size = take_bytes(input, take(input, 2), &bytes);
	struct json_object *reply = parse((const char *)bytes, size, false);

	if (json_object_is_type(reply, json_type_object))
		expect(top_view_update(&world->view, reply) == 0);
	else
		json_object_put(reply);
}

static void add_string(struct json_object *object, const char *name, struct input *input)
{
	const uint8_t *bytes;
	size_t size = take_bytes(input, take(input, 1) % 200, &bytes);

	json_object_object_add(
		object, name, json_object_new_string_len((const char *)bytes, (int)size));
}

static void add_number(struct json_object *object, const char *name, struct input *input)
{
	json_object_object_add(object, name, json_object_new_uint64(take(input, 8)));
}

static struct json_object *make_row(struct input *input, const char *const names[])
{
	struct json_object *array = json_object_new_array();
	struct json_object *object = json_object_new_object();

	add_number(object, "id", input);
	for (size_t i = 0; names[i] != NULL; i++)
		add_string(object, names[i], input);
	json_object_array_add(array, object);
	return array;
}

/* A client of which all strings come from the input. */
static void make_reply(struct world *world, struct input *input)
{
	static const char *const surface_names[] = {"app_id", "title", "sums", NULL};
	static const char *const buffer_names[] = {"format", "modifier", "kind", "error", NULL};
	struct json_object *reply = json_object_new_object(), *signs = json_object_new_array();
	struct json_object *clients = make_row(input, (const char *const[]){"name", NULL});
	struct json_object *client = json_object_array_get_idx(clients, 0);
	struct json_object *sign = json_object_new_object();

	add_number(client, "pid", input);
	json_object_object_add(client, "surfaces", make_row(input, surface_names));
	json_object_object_add(client, "buffers", make_row(input, buffer_names));
	add_string(sign, "sign", input);
	json_object_array_add(signs, json_object_get(json_object_object_get(sign, "sign")));
	json_object_put(sign);
	json_object_object_add(client, "leak_signs", signs);
	json_object_object_add(reply, "clients", clients);
	expect(top_view_update(&world->view, reply) == 0);
}

static void print_ledger(struct world *world, FILE *file)
{
	expect(wltex_ledger_print_json(world->ledger, file) == 0);
}

static void change_owner(struct world *world, struct input *input)
{
	struct wltex_owner **owner = &world->owners[take(input, 1) % MAX_OWNERS];
	const uint8_t *bytes;
	size_t size = take_bytes(input, take(input, 1) % 80, &bytes);
	struct json_object *json;
	char name[81] = "", *text;

	wltex_owner_destroy(*owner);
	memcpy(name, bytes, size);
	*owner = wltex_owner_create(world->ledger, (pid_t)take(input, 1), name);
	expect(*owner != NULL);
	wltex_ledger_commit(world->ledger, *owner);
	wltex_ledger_refuse(world->ledger, *owner);

	text = get_text(print_ledger, world);
	json = parse(text, strlen(text), true);
	expect(json_object_is_type(json, json_type_object));
	free(text);
	expect(top_view_update(&world->view, json) == 0);
}

static void press_key(struct world *world, struct input *input)
{
	uint32_t key = take32(input, 1);

	/* From the first special key on, behind the characters. */
	if (key > '~')
		key = KEY_ENTER + (key - '~') % (KEY_UNKNOWN - KEY_ENTER + 1);
	if (key < ' ')
		key = KEY_ENTER;
	top_view_handle_key(&world->view, (int)key);
	expect(top_view_arrange(&world->view) == 0);
}

static void run(struct world *world, struct input *input)
{
	uint32_t what;

	switch (take(input, 1) % 5) {
	case 0:
		take_reply(world, input);
		check_all(world);
		break;
	case 1:
		make_reply(world, input);
		check_all(world);
		break;
	case 2:
		change_owner(world, input);
		check_all(world);
		break;
	case 3:
		press_key(world, input);
		break;
	case 4:
		world->terminal.columns = 1 + take32(input, 2) % 600;
		world->terminal.rows = 1 + take32(input, 1) % 60;
		what = take32(input, 1);
		world->terminal.colors = what & 1;
		is_utf8 = (what & 2) != 0 && setlocale(LC_CTYPE, "C.UTF-8") != NULL;
		if (!is_utf8)
			setlocale(LC_CTYPE, "C");
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	struct world world = {.terminal = {.columns = 80, .rows = 24, .colors = true}};

	is_utf8 = false;
	setlocale(LC_CTYPE, "C");
	world.ledger = wltex_ledger_create();
	expect(world.ledger != NULL);
	top_view_init(&world.view);
	for (int i = 0; i < MAX_OPERATIONS && input.left > 0; i++) {
		run(&world, &input);
		check_screen(&world);
	}
	top_view_finish(&world.view);
	for (int i = 0; i < MAX_OWNERS; i++)
		wltex_owner_destroy(world.owners[i]);
	wltex_ledger_destroy(world.ledger);
	return 0;
}
