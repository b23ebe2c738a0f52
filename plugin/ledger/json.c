/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "ledger/ledger.h"
#include "util/export.h"
#include "util/text.h"

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

void wltex_counts_print(const struct wltex_counts *counts, const char *separator, FILE *file)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		uint64_t value;
		memcpy(&value, (const char *)counts + fields[i].offset, sizeof(value));
		fprintf(file, "%s\"%s\": %" PRIu64, i > 0 ? separator : "", fields[i].name, value);
	}
}

static void print_owner(const struct wltex_owner *owner, bool live, bool first, FILE *file)
{
	fprintf(file, "%s\n    {\"pid\": %jd, \"name\": ", first ? "" : ",", (intmax_t)owner->pid);
	wltex_text_print_json(file, owner->name, NAME_BYTES);
	fprintf(file, ", \"live\": %s, ", live ? "true" : "false");
	wltex_counts_print(&owner->counts, ", ", file);
	fputc('}', file);
}

WLTEX_EXPORT int wltex_ledger_print_json(const struct wltex_ledger *ledger, FILE *file)
{
	const struct wltex_owner *owner;
	bool first = true;

	fputs("{\n  ", file);
	wltex_counts_print(&ledger->total, ",\n  ", file);
	fputs(",\n  \"clients\": [", file);
	wltex_list_for_each (owner, &ledger->owners, link) {
		print_owner(owner, true, first, file);
		first = false;
	}
	wltex_list_for_each (owner, &ledger->gone, link) {
		print_owner(owner, false, first, file);
		first = false;
	}
	fputs(first ? "]\n}\n" : "\n  ]\n}\n", file);
	if (fflush(file) != 0 || ferror(file))
		return -EIO;
	return 0;
}
