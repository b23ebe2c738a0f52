/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "ledger/ledger.h"
#include "util/export.h"
#include "util/json.h"

/* As many as there can be, each of them written out. */
#define NAME_BYTES ((size_t)4 * LEDGER_NAME_SIZE)

static const struct {
	const char *name;
	size_t offset;
} fields[] = {
#define COUNT(name, kind, help) {#name, offsetof(struct wltex_counts, name)},
#include "ledger/counts.def"
#undef COUNT
};

_Static_assert(sizeof(fields) / sizeof(fields[0]) * sizeof(uint64_t) == sizeof(struct wltex_counts),
	"each count is reported");

void wltex_counts_print(const struct wltex_counts *counts, struct wltex_json *json)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		uint64_t value;
		memcpy(&value, (const char *)counts + fields[i].offset, sizeof(value));
		wltex_json_print(json, fields[i].name, "%" PRIu64, value);
	}
}

static void print_owner(const struct wltex_owner *owner, bool live, struct wltex_json *json)
{
	wltex_json_begin(json, NULL, '{');
	wltex_json_print(json, "pid", "%jd", (intmax_t)owner->pid);
	wltex_json_string(json, "name", owner->name, NAME_BYTES);
	wltex_json_print(json, "live", live ? "true" : "false");
	wltex_counts_print(&owner->counts, json);
	wltex_json_end(json, '}');
}

/* Within it there are no lines. */
static void print_line(const struct wltex_owner *owner, bool live, struct wltex_json *json)
{
	struct wltex_json line = {.file = json->file};

	if (json->goes_on)
		fputs(json->separator, json->file);
	print_owner(owner, live, &line);
	json->goes_on = true;
}

/* One line for each client, and for each count of the whole. */
WLTEX_EXPORT int wltex_ledger_print_json(const struct wltex_ledger *ledger, FILE *file)
{
	struct wltex_json json = {.file = file, .separator = ",\n"};
	const struct wltex_owner *owner;

	if (ledger == NULL || file == NULL)
		return -EINVAL;
	wltex_json_begin(&json, NULL, '{');
	wltex_counts_print(&ledger->total, &json);
	wltex_json_begin(&json, "clients", '[');
	wltex_list_for_each (owner, &ledger->owners, link)
		print_line(owner, !owner->destroyed, &json);
	wltex_list_for_each (owner, &ledger->gone, link)
		print_line(owner, false, &json);
	wltex_json_end(&json, ']');
	wltex_json_end(&json, '}');
	fputc('\n', file);
	if (fflush(file) != 0 || ferror(file))
		return -EIO;
	return 0;
}
