/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>

#include "cli/report/figures.h"
#include "cli/report/html.h"
#include "cli/report/page.h"

/* In all that is drawn. */
#define CELLS_MAX 65536
#define ROWS_MAX 40
#define LEVELS 6
/* Pixels of the page. */
#define CELL_MAX 24
#define PICTURE_WIDTH 480

typedef uint32_t (*get_count)(const struct heat_cell *cell);

static uint32_t get_claimed(const struct heat_cell *cell)
{
	return cell->claimed;
}

static uint32_t get_changed(const struct heat_cell *cell)
{
	return cell->changed;
}

/* In words, for the legend. */
static const char *const level_words[LEVELS] = {
	"never", "in up to 5\u00a0%", "25\u00a0%", "50\u00a0%", "75\u00a0%", "100\u00a0% of looks"};

static unsigned int get_level(uint32_t count, uint64_t looks)
{
	static const unsigned int percents[] = {5, 25, 50, 75};
	unsigned int level = 1;

	if (count == 0)
		return 0;
	while (level < LEVELS - 1 && (uint64_t)count * 100 > looks * percents[level - 1])
		level++;
	return level;
}

static void write_level(
	FILE *file, const struct report_surface *surface, get_count get, unsigned int level)
{
	const struct heat *heat = &surface->heat;

	fprintf(file, "<path class=\"t%u\" d=\"", level);
	for (uint32_t i = 0; i < heat_size(heat); i++) {
		if (get_level(get(&heat->cells[i]), surface->looks) == level)
			fprintf(file, "M%u %uh.94v.94h-.94z", i % heat->columns, i / heat->columns);
	}
	fputs("\"/>", file);
}

static void write_picture(
	FILE *file, const struct report_surface *surface, get_count get, const char *what)
{
	const struct heat *heat = &surface->heat;
	uint32_t cell = PICTURE_WIDTH / heat->columns;

	cell = cell > CELL_MAX ? CELL_MAX : cell < 4 ? 4 : cell;
	fprintf(file,
		"<figure><figcaption>%s</figcaption><svg viewBox=\"0 0 %u %u\" width=\"%u\" "
		"height=\"%u\" role=\"img\"><title>%s tiles, %u columns, %u rows</title>",
		what, heat->columns, heat->rows, heat->columns * cell, heat->rows * cell, what,
		heat->columns, heat->rows);
	for (unsigned int level = 0; level < LEVELS; level++)
		write_level(file, surface, get, level);
	fputs("</svg></figure>\n", file);
}

/* Sorted by how often they were claimed without a change. */
static int compare_waste(const void *a, const void *b)
{
	const struct heat_cell *const *x = a, *const *y = b;
	int64_t m = (int64_t)(*x)->claimed - (*x)->changed;
	int64_t n = (int64_t)(*y)->claimed - (*y)->changed;

	if (m != n)
		return (m < n) - (m > n);
	return (*x > *y) - (*x < *y);
}

static const struct heat_cell **sort_cells(const struct heat *heat)
{
	const struct heat_cell **cells = calloc(heat_size(heat), sizeof(*cells));

	for (size_t i = 0; cells != NULL && i < heat_size(heat); i++)
		cells[i] = &heat->cells[i];
	if (cells != NULL)
		qsort(cells, heat_size(heat), sizeof(*cells), compare_waste);
	return cells;
}

static void write_cell(
	FILE *file, const struct report_surface *surface, const struct heat_cell *cell)
{
	size_t i = (size_t)(cell - surface->heat.cells);
	size_t x = i % surface->heat.columns, y = i / surface->heat.columns;

	fputs("<tr>", file);
	html_figure(file, x, figure_count(x * HEAT_TILE).text);
	html_figure(file, y, figure_count(y * HEAT_TILE).text);
	html_figure(file, cell->claimed, figure_count(cell->claimed).text);
	html_figure(file, cell->changed, figure_count(cell->changed).text);
	fputs("</tr>\n", file);
}

static void write_cells(FILE *file, const struct report_surface *surface)
{
	const struct heat_cell **cells = sort_cells(&surface->heat);

	fputs("<details><summary>Tiles as a table</summary>\n", file);
	html_begin_table(file, "tiles",
		"Those first that were claimed most often without a change.",
		"#X in pixels|#Y in pixels|#Claimed|#Changed");
	for (size_t i = 0; cells != NULL && i < heat_size(&surface->heat) && i < ROWS_MAX; i++) {
		if (cells[i]->claimed > 0 || cells[i]->changed > 0)
			write_cell(file, surface, cells[i]);
	}
	html_end_table(file);
	fputs("</details>\n", file);
	free(cells);
}

static void write_surface(FILE *file, const struct report_surface *surface)
{
	uint64_t claimed = surface->claimed_px + surface->vain_px;

	fputs("<h3>", file);
	html_text(file, surface->client->name);
	fputs(": ", file);
	page_write_surface(file, surface);
	fprintf(file,
		"</h3>\n<p>%s looks: claimed %s, changed %s (%s).</p>\n<div class=\"pair\">\n",
		figure_count(surface->looks).text, figure_pixels(claimed).text,
		figure_pixels(surface->true_px).text,
		figure_share(surface->true_px, claimed > 0 ? claimed : 1).text);
	write_picture(file, surface, get_claimed, "Claimed");
	write_picture(file, surface, get_changed, "Really changed");
	fputs("</div>\n", file);
	write_cells(file, surface);
}

static void write_legend(FILE *file)
{
	fputs("<ul class=\"legend\">", file);
	for (unsigned int level = 0; level < LEVELS; level++)
		fprintf(file, "<li><span class=\"swatch t%u\"></span>%s</li>", level,
			level_words[level]);
	fputs("</ul>\n", file);
}

/* The size of it, if it is drawn. */
static size_t get_size(const struct report_surface *surface)
{
	return surface->looks > 0 ? heat_size(&surface->heat) : 0;
}

void page_write_tiles(const struct page *page)
{
	const struct report_surface *surface;
	size_t cells = 0, left_out = 0;

	write_legend(page->file);
	for (size_t i = 0; i < page->n_clients; i++) {
		wltex_list_for_each (surface, &page->clients[i]->surfaces, link) {
			size_t size = get_size(surface);

			if (size > 0 && cells + size <= CELLS_MAX)
				write_surface(page->file, surface);
			else
				left_out++;
			cells += size;
		}
	}
	if (left_out > 0)
		fprintf(page->file,
			"<p>%zu surface%s left out: nobody could tell what changed, or there are too "
			"many.</p>\n",
			left_out, left_out == 1 ? " is" : "s are");
}
