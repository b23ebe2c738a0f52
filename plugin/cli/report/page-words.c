/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <time.h>

#include "cli/report/figures.h"
#include "cli/report/html.h"
#include "cli/report/page.h"

static const char *get_plural(size_t count)
{
	return count == 1 ? "" : "s";
}

static void write_kinds(const struct page *page)
{
	const struct findings *findings = page->findings;
	const char *separator = "";

	for (unsigned int kind = 0; kind < FINDING_KINDS; kind++) {
		size_t count = 0;

		for (size_t i = 0; i < findings->count; i++)
			count += findings->list[i].kind == kind;
		if (count == 0)
			continue;
		fprintf(page->file, "%s<b>%s</b>", separator, finding_get_name(kind));
		if (count > 1)
			fprintf(page->file, " \u00d7\u00a0%zu", count);
		separator = ", ";
	}
	if (findings->count > 0)
		fputs(".<br>", page->file);
}

/* A trace that does not tell all. */
static void write_gaps(const struct page *page)
{
	const struct report_model *model = page->model;
	uint64_t left_out = model->clients_left_out + model->surfaces_left_out +
			    model->buffers_left_out + model->failures_left_out;

	if (model->lost > 0)
		fprintf(page->file,
			"<p class=\"note\">The recording lost %s records: figures are too low.</p>\n",
			figure_count(model->lost).text);
	if (model->is_damaged || model->is_cut)
		fprintf(page->file,
			"<p class=\"note\">The trace is %s: this is what could be read.</p>\n",
			model->is_damaged ? "damaged" : "cut off");
	if (left_out > 0 || page->findings->is_short)
		fprintf(page->file,
			"<p class=\"note\">There was no room for all: %s clients, surfaces, buffers or "
			"failures are left out.</p>\n",
			figure_count(left_out).text);
}

void page_write_summary(const struct page *page)
{
	size_t count = page->findings->count;

	fputs("<h1>wltex report of ", page->file);
	html_text(page->file, page->name);
	fputs("</h1>\n<p class=\"summary\">", page->file);
	if (count == 0)
		fputs("<span class=\"good\">No findings</span>", page->file);
	else
		fprintf(page->file, "<span class=\"bad\">%zu finding%s</span>", count,
			get_plural(count));
	fprintf(page->file, " in %s</p>\n<p>", figure_duration(model_duration(page->model)).text);
	write_kinds(page);
	fprintf(page->file, "%zu client%s with %zu surface%s held at most %s at once.</p>\n",
		page->n_clients, get_plural(page->n_clients), page->model->n_surfaces,
		get_plural(page->model->n_surfaces), figure_bytes(page_get_peak(page)).text);
	write_gaps(page);
}

static void write_finding(FILE *file, const struct finding *finding)
{
	fprintf(file, "<tr><td class=\"kind\">%s</td><td>", finding_get_name(finding->kind));
	page_write_who(file, finding->client, finding->surface);
	fputs("</td>", file);
	html_cell(file, finding->what);
	html_cell(file, finding->advice);
	fputs("</tr>\n", file);
}

void page_write_findings(const struct page *page)
{
	if (page->findings->count == 0) {
		fputs("<p>No client showed a sign of a leak. As far as that could be compared, none "
		      "claimed much more than it changed, or committed again and again what changed "
		      "nothing. No release was late, and no import failed.</p>\n",
			page->file);
		return;
	}
	html_begin_table(page->file, "findings", "The rules are those of wltex-report(1).",
		"Finding|Who|What was seen|What to do");
	for (size_t i = 0; i < page->findings->count; i++)
		write_finding(page->file, &page->findings->list[i]);
	html_end_table(page->file);
}

static void write_fact(const struct page *page, const char *name, const char *value)
{
	fprintf(page->file, "<dt>%s</dt><dd>", name);
	html_text(page->file, value);
	fputs("</dd>\n", page->file);
}

static void write_time(const struct page *page)
{
	const struct report_model *model = page->model;
	time_t seconds = (time_t)((model->real_offset_ns + model->clock.begin_ns) / 1000000000);
	char text[64] = "not known";
	struct tm parts;

	if (model->real_offset_ns != 0 && gmtime_r(&seconds, &parts) != NULL)
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &parts);
	write_fact(page, "Recorded from", text);
}

void page_write_trace(const struct page *page)
{
	const struct report_model *model = page->model;

	fputs("<dl>\n", page->file);
	write_fact(page, "File", page->name);
	write_time(page);
	write_fact(page, "Length", figure_duration(model_duration(model)).text);
	write_fact(page, "Lost records", figure_count(model->lost).text);
	write_fact(page, "Ended as asked", model->has_end ? "yes" : "no");
	write_fact(page, "Made by", "wltex report " WLTEX_VERSION);
	fputs("</dl>\n", page->file);
}
