/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "cli/report/files.h"
#include "cli/report/html.h"
#include "cli/report/page.h"

unsigned int page_count_slots(const struct page *page)
{
	struct series_clock clock = page->model->clock;

	return clock.has_begun ? series_clock_find(&clock, page->model->end_ns) + 1 : 1;
}

uint64_t page_get_peak(const struct page *page)
{
	uint64_t peak = 0;

	for (unsigned int slot = 0; slot < page_count_slots(page); slot++) {
		uint64_t sum = 0;

		for (size_t i = 0; i < page->n_clients; i++)
			sum += page->clients[i]->bytes.slots[slot];
		peak = sum > peak ? sum : peak;
	}
	return peak;
}

void page_write_surface(FILE *file, const struct report_surface *surface)
{
	const char *name = surface->title[0] != '\0' ? surface->title : surface->app_id;

	if (name[0] != '\0') {
		fputs("\u201c", file);
		html_text(file, name);
		fputs("\u201d, ", file);
	}
	fprintf(file, "wl_surface@%u", surface->id);
}

void page_write_who(
	FILE *file, const struct report_client *client, const struct report_surface *surface)
{
	fputs("<b>", file);
	html_text(file, client->name[0] != '\0' ? client->name : "unnamed");
	fprintf(file, "</b><span class=\"sub\">process %d", client->pid);
	if (surface != NULL) {
		fputs(", ", file);
		page_write_surface(file, surface);
	}
	fputs("</span>", file);
}

static void put_lines(FILE *file, const char *const *lines)
{
	for (; *lines != NULL; lines++)
		fputs(*lines, file);
}

/* Nothing is loaded from anywhere, and no script runs but the page's own. */
static void write_policy(const struct page *page, const char *nonce)
{
	fprintf(page->file,
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		"style-src 'unsafe-inline'; script-src 'nonce-%s'\">\n",
		nonce);
}

static void write_script(const struct page *page, const char *nonce)
{
	fprintf(page->file, "<script nonce=\"%s\">\n", nonce);
	put_lines(page->file, page_js);
	fputs("</script>\n", page->file);
}

static void write_title(const struct page *page)
{
	fputs("<title>", page->file);
	html_text(page->file, page->name);
	fputs(" \u2013 wltex report</title>\n", page->file);
}

static void write_style(const struct page *page)
{
	put_lines(page->file, page_css);
}

/* What stands in the place of a line "@name". */
static const struct slot {
	const char *line;
	void (*write)(const struct page *page);
	void (*write_once)(const struct page *page, const char *nonce);
} slots[] = {
	{"@policy\n", NULL, write_policy},
	{"@title\n", write_title, NULL},
	{"@style\n", write_style, NULL},
	{"@summary\n", page_write_summary, NULL},
	{"@findings\n", page_write_findings, NULL},
	{"@memory\n", page_write_memory, NULL},
	{"@lanes\n", page_write_lanes, NULL},
	{"@tiles\n", page_write_tiles, NULL},
	{"@buffers\n", page_write_buffers, NULL},
	{"@trace\n", page_write_trace, NULL},
	{"@script\n", NULL, write_script},
};

static const struct slot *find_slot(const char *line)
{
	for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
		if (strcmp(slots[i].line, line) == 0)
			return &slots[i];
	}
	return NULL;
}

static void write_lines(const struct page *page, const char *nonce)
{
	for (const char *const *line = page_html; *line != NULL; line++) {
		const struct slot *slot = find_slot(*line);

		if (slot == NULL)
			fputs(*line, page->file);
		else if (slot->write != NULL)
			slot->write(page);
		else
			slot->write_once(page, nonce);
	}
}

static int compare_clients(const void *a, const void *b)
{
	const struct report_client *const *x = a, *const *y = b;
	uint64_t m = (*x)->gauges[GAUGE_BYTES].peak, n = (*y)->gauges[GAUGE_BYTES].peak;

	return (m < n) - (m > n);
}

/* Those to which anything happened. */
static int collect_clients(struct page *page)
{
	const struct report_client *client;

	page->clients = calloc(page->model->n_clients + 1, sizeof(*page->clients));
	if (page->clients == NULL)
		return -ENOMEM;
	wltex_list_for_each (client, &page->model->clients, link)
		page->clients[page->n_clients++] = client;
	qsort(page->clients, page->n_clients, sizeof(*page->clients), compare_clients);
	return 0;
}

static int get_nonce(char nonce[17])
{
	uint64_t number;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		return -errno;
	snprintf(nonce, 17, "%016jx", (uintmax_t)number);
	return 0;
}

int page_write(FILE *file, const char *name, const struct report_model *model,
	const struct findings *findings)
{
	struct page page = {.file = file, .name = name, .model = model, .findings = findings};
	char nonce[17];
	int ret = get_nonce(nonce);

	if (ret == 0)
		ret = collect_clients(&page);
	if (ret < 0)
		return ret;
	write_lines(&page, nonce);
	free(page.clients);
	return 0;
}
