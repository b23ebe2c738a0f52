/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "cli/monitor/export.h"
#include "util/text.h"

/*
 * What is counted both in total and for each client. What only grows is called ..._total, and
 * pixels are written out.
 */
enum kind {
	COUNTER,
	GAUGE,
};

static const struct {
	const char *name, *help;
	enum kind kind;
	size_t offset;
} counts[] = {
#define COUNT(name, kind, help) {#name, help, kind, offsetof(struct wltex_counts, name)},
#include "ledger/counts.def"
#undef COUNT
};

static void make_name(char *name, size_t size, size_t index)
{
	const char *member = counts[index].name;
	size_t length = strlen(member);
	bool pixels = length > 3 && strcmp(member + length - 3, "_px") == 0;

	snprintf(name, size, "%.*s%s%s", (int)(pixels ? length - 3 : length), member,
		pixels ? "_pixels" : "", counts[index].kind == COUNTER ? "_total" : "");
}

static const char *get_type(size_t index)
{
	return counts[index].kind == COUNTER ? "counter" : "gauge";
}

static void print_head(
	FILE *file, const char *prefix, const char *name, const char *type, const char *text)
{
	fprintf(file, "# HELP wltex_%s%s %s\n# TYPE wltex_%s%s %s\n", prefix, name, text, prefix,
		name, type);
}

static uint64_t get(const struct wltex_counts *values, size_t index)
{
	uint64_t value;

	memcpy(&value, (const char *)values + counts[index].offset, sizeof(value));
	return value;
}

/* As UTF-8, clean, with a backslash before each backslash and quotation mark. */
static void print_label(FILE *file, const char *value)
{
	char clean[256];

	wltex_text_clean(clean, sizeof(clean), value);
	for (const char *c = clean; *c != '\0'; c++) {
		if (*c == '"' || *c == '\\')
			fputc('\\', file);
		fputc(*c, file);
	}
}

static void print_client_labels(FILE *file, const struct client_state *client)
{
	fprintf(file, "{client=\"%" PRIu64 "\",pid=\"%" PRIu64 "\",name=\"", client->id,
		client->pid);
	print_label(file, client->name);
	fputc('"', file);
}

static void print_sample(FILE *file, const char *name, const struct client_state *client)
{
	fprintf(file, "wltex_client_%s", name);
	print_client_labels(file, client);
	fputs("} ", file);
}

static void print_totals(FILE *file, const struct compositor_state *state)
{
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		char name[64];
		make_name(name, sizeof(name), i);
		print_head(file, "", name, get_type(i), counts[i].help);
		fprintf(file, "wltex_%s %" PRIu64 "\n", name, get(&state->total, i));
	}
	print_head(file, "", "clients", "gauge", "Clients that are connected.");
	fprintf(file, "wltex_clients %" PRIu64 "\n", state->client_count + state->clients_left_out);
}

static void print_client_counts(FILE *file, const struct compositor_state *state)
{
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		char name[64];
		make_name(name, sizeof(name), i);
		print_head(file, "client_", name, get_type(i), counts[i].help);
		for (size_t k = 0; k < state->client_count; k++) {
			print_sample(file, name, &state->clients[k]);
			fprintf(file, "%" PRIu64 "\n", get(&state->clients[k].counts, i));
		}
	}
}

static uint64_t get_buffers(const struct client_state *client)
{
	return client->buffer_count + client->buffers_left_out;
}

static uint64_t get_buffers_made(const struct client_state *client)
{
	return client->buffers_made;
}

static uint64_t get_bytes(const struct client_state *client)
{
	return client->bytes;
}

static uint64_t get_params(const struct client_state *client)
{
	return client->params;
}

static void print_client_buffers(FILE *file, const struct compositor_state *state)
{
	static const struct {
		const char *name, *type, *help;
		uint64_t (*get)(const struct client_state *client);
	} metrics[] = {
		{"buffers", "gauge", "Buffers that exist.", get_buffers},
		{"buffers_made_total", "counter", "Buffers that were ever made.", get_buffers_made},
		{"buffer_bytes", "gauge", "Bytes of memory behind all buffers.", get_bytes},
		{"params", "gauge", "Buffer params that exist.", get_params},
	};

	for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++) {
		print_head(file, "client_", metrics[i].name, metrics[i].type, metrics[i].help);
		for (size_t k = 0; k < state->client_count; k++) {
			print_sample(file, metrics[i].name, &state->clients[k]);
			fprintf(file, "%" PRIu64 "\n", metrics[i].get(&state->clients[k]));
		}
	}
}

static void print_latencies(FILE *file, const struct compositor_state *state)
{
	print_head(file, "client_", "release_latency_seconds", "summary",
		"Time from the commit of the next buffer to wl_buffer.release.");
	for (size_t i = 0; i < state->client_count; i++) {
		const struct client_state *client = &state->clients[i];

		print_sample(file, "release_latency_seconds_sum", client);
		fprintf(file, "%.6f\n", client->release_ms / 1e3 * (double)client->releases);
		print_sample(file, "release_latency_seconds_count", client);
		fprintf(file, "%" PRIu64 "\n", client->releases);
	}
}

static void print_leak_signs(FILE *file, const struct compositor_state *state)
{
	print_head(file, "client_", "leak_sign", "gauge", "1 for each sign of a leak.");
	for (size_t i = 0; i < state->client_count; i++) {
		const struct client_state *client = &state->clients[i];

		for (size_t k = 0; k < client->leak_sign_count; k++) {
			fputs("wltex_client_leak_sign", file);
			print_client_labels(file, client);
			fputs(",sign=\"", file);
			print_label(file, state_get_leak_sign(client, k));
			fputs("\"} 1\n", file);
		}
	}
}

void export_print(const struct compositor_state *state, FILE *file)
{
	print_head(file, "", "up", "gauge", "Whether a compositor with the wltex module answers.");
	fprintf(file, "wltex_up %d\n", state ? 1 : 0);
	if (!state)
		return;
	print_totals(file, state);
	print_client_counts(file, state);
	print_client_buffers(file, state);
	print_latencies(file, state);
	print_leak_signs(file, state);
}
