/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>

#include "cli/report/figures.h"
#include "cli/report/html.h"
#include "cli/report/page-tables.h"

#define LANES_MAX 64
#define HEIGHT 36
/* More could not be told from each other. */
#define COLUMNS_MAX 256

static const struct {
	const char *words;
	unsigned int color;
} kinds[OUTCOME_COUNT] = {
	[OUTCOME_IMPORTED] = {"new texture for another buffer", 0},
	[OUTCOME_REIMPORTED] = {"made again, as pixels of the buffer changed", 1},
	[OUTCOME_REUSED] = {"kept, as nothing changed", 2},
	[OUTCOME_SHOWN] = {"another buffer, without a texture", 7},
	[OUTCOME_FAILED] = {"failed or refused", 5},
};

/* Counts of commits in columns, one above the other by their kind. */
struct lane {
	const struct report_surface *surface;
	unsigned int columns, slots_per_column;
	uint64_t highest;
	uint64_t below[COLUMNS_MAX];
};

static uint64_t get_count(const struct lane *lane, unsigned int kind, unsigned int column)
{
	const uint64_t *slots = lane->surface->lanes[kind].slots;
	uint64_t count = 0;

	for (unsigned int i = 0; i < lane->slots_per_column; i++)
		count += slots[column * lane->slots_per_column + i];
	return count;
}

static void find_highest(struct lane *lane)
{
	for (unsigned int column = 0; column < lane->columns; column++) {
		uint64_t sum = 0;

		for (unsigned int kind = 0; kind < OUTCOME_COUNT; kind++)
			sum += get_count(lane, kind, column);
		lane->highest = sum > lane->highest ? sum : lane->highest;
	}
}

static void write_bars(FILE *file, struct lane *lane, unsigned int kind)
{
	double scale = (double)HEIGHT / (double)lane->highest;

	for (unsigned int column = 0; column < lane->columns; column++) {
		uint64_t count = get_count(lane, kind, column);

		if (count == 0)
			continue;
		fprintf(file, "M%u %.1fh1v-%.1fh-1z", column,
			HEIGHT - (double)lane->below[column] * scale, (double)count * scale);
		lane->below[column] += count;
	}
}

static void write_kind(FILE *file, struct lane *lane, unsigned int kind)
{
	if (lane->surface->outcomes[kind] == 0)
		return;
	fprintf(file, "<path class=\"f%u\" d=\"", kinds[kind].color);
	write_bars(file, lane, kind);
	fprintf(file, "\"><title>%s: %s</title></path>\n", kinds[kind].words,
		figure_count(lane->surface->outcomes[kind]).text);
}

static uint64_t get_total(const struct report_surface *surface)
{
	uint64_t total = 0;

	for (unsigned int kind = 0; kind < OUTCOME_COUNT; kind++)
		total += surface->outcomes[kind];
	return total;
}

static void write_strip(FILE *file, struct lane *lane)
{
	fprintf(file,
		"<svg viewBox=\"0 0 %u %d\" preserveAspectRatio=\"none\" role=\"img\" "
		"shape-rendering=\"crispEdges\"><title>%s commits</title>\n",
		lane->columns, HEIGHT, figure_count(get_total(lane->surface)).text);
	for (unsigned int kind = 0; kind < OUTCOME_COUNT && lane->highest > 0; kind++)
		write_kind(file, lane, kind);
	fputs("</svg>", file);
}

static void write_lane(const struct page *page, const struct report_surface *surface)
{
	unsigned int slots = page_count_slots(page);
	struct lane lane = {.surface = surface, .slots_per_column = slots > COLUMNS_MAX ? 2 : 1};
	double column_s;

	lane.columns = (slots + lane.slots_per_column - 1) / lane.slots_per_column;
	find_highest(&lane);
	column_s = (double)page->model->clock.slot_ns * lane.slots_per_column / 1e9;
	fputs("<div class=\"lane\"><div>", page->file);
	page_write_who(page->file, surface->client, surface);
	fputs("</div>", page->file);
	write_strip(page->file, &lane);
	fprintf(page->file,
		"<div class=\"n\">%s<span class=\"sub\">up to %.0f/s</span></div></div>\n",
		figure_count(get_total(surface)).text, (double)lane.highest / column_s);
}

static void write_axis(const struct page *page)
{
	uint64_t ns = model_duration(page->model);

	fprintf(page->file,
		"<div class=\"lane axis\" aria-hidden=\"true\"><div></div><div class=\"n\">"
		"<span>0\u00a0s</span><span>%s</span><span>%s</span></div></div>\n",
		figure_duration(ns / 2).text, figure_duration(ns).text);
}

static void write_legend(FILE *file)
{
	fputs("<ul class=\"legend\">", file);
	for (unsigned int kind = 0; kind < OUTCOME_COUNT; kind++)
		fprintf(file, "<li><span class=\"swatch f%u\"></span>%s</li>", kinds[kind].color,
			kinds[kind].words);
	fputs("</ul>\n", file);
}

void page_write_lanes(const struct page *page)
{
	const struct report_surface *surface;
	size_t count = 0;

	write_legend(page->file);
	for (size_t i = 0; i < page->n_clients; i++) {
		wltex_list_for_each (surface, &page->clients[i]->surfaces, link) {
			if (get_total(surface) > 0 && count++ < LANES_MAX)
				write_lane(page, surface);
		}
	}
	write_axis(page);
	if (count > LANES_MAX)
		fprintf(page->file, "<p>%zu more are in the table alone.</p>\n", count - LANES_MAX);
	page_write_surfaces(page);
}
