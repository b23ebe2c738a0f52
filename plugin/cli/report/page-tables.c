/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>

#include "cli/report/figures.h"
#include "cli/report/html.h"
#include "cli/report/page-tables.h"

/* Rows of buffers. */
#define BUFFERS_MAX 100

static void write_bytes(FILE *file, uint64_t bytes)
{
	html_figure(file, bytes, figure_bytes(bytes).text);
}

static void write_count(FILE *file, uint64_t count)
{
	html_figure(file, count, figure_count(count).text);
}

static void write_client(const struct page *page, size_t i)
{
	const struct report_client *client = page->clients[i];
	FILE *file = page->file;

	fprintf(file, "<tr><td><span class=\"swatch f%zu\"></span>",
		i < PAGE_COLORS - 1 ? i : PAGE_COLORS - 1);
	html_text(file, client->name[0] != '\0' ? client->name : "unnamed");
	fprintf(file, "</td><td class=\"n\" data-v=\"%d\">%d</td>", client->pid, client->pid);
	write_bytes(file, client->gauges[GAUGE_BYTES].peak);
	write_bytes(file, client->gauges[GAUGE_BYTES].now);
	write_bytes(file, client->gauges[GAUGE_SHM_BYTES].now);
	write_count(file, client->buffers_made);
	write_count(file, client->gauges[GAUGE_BUFFERS].peak);
	write_count(file, client->gauges[GAUGE_BUFFERS].now);
	write_count(file, client->gauges[GAUGE_FDS].now);
	write_count(file, client->gauges[GAUGE_TEXTURES].peak);
	fputs("</tr>\n", file);
}

void page_write_clients(const struct page *page)
{
	html_begin_table(page->file, "clients", "Clients, by the most that each held.",
		"Client|#Process|#Held at most|#At the end|#Of it wl_shm|#Buffers made|#Buffers "
		"at most|#At the end|#Fds|#Textures");
	for (size_t i = 0; i < page->n_clients; i++)
		write_client(page, i);
	html_end_table(page->file);
}

static void write_share(FILE *file, uint64_t part, uint64_t whole)
{
	if (whole == 0)
		html_no_figure(file);
	else
		html_figure(file, part * 1000 / whole, figure_share(part, whole).text);
}

static void write_surface(FILE *file, const struct report_surface *surface)
{
	uint64_t claimed = surface->claimed_px + surface->vain_px;

	fputs("<tr><td>", file);
	page_write_who(file, surface->client, surface);
	fprintf(file, "</td><td class=\"n\" data-v=\"%" PRIu64 "\">%u\u202f\u00d7\u202f%u</td>",
		(uint64_t)surface->width * surface->height, surface->width, surface->height);
	for (unsigned int i = 0; i < OUTCOME_COUNT; i++)
		write_count(file, surface->outcomes[i]);
	html_figure(file, claimed, figure_pixels(claimed).text);
	write_share(file, surface->true_px, claimed);
	write_share(file, surface->unchanged, surface->looks);
	write_count(file, surface->releases.late);
	fputs("</tr>\n", file);
}

void page_write_surfaces(const struct page *page)
{
	const struct report_surface *surface;

	html_begin_table(page->file, "surfaces",
		"Surfaces: size in pixels, commits by what became of their texture, damage.",
		"Surface|#Pixels|#New|#Again|#Kept|#None|#Failed|#Claimed|#True|#Unchanged|#Late");
	for (size_t i = 0; i < page->n_clients; i++) {
		wltex_list_for_each (surface, &page->clients[i]->surfaces, link)
			write_surface(page->file, surface);
	}
	html_end_table(page->file);
}

static int compare_ages(const void *a, const void *b)
{
	const struct report_buffer *const *x = a, *const *y = b;

	return ((*x)->made_ns > (*y)->made_ns) - ((*x)->made_ns < (*y)->made_ns);
}

/* All that are there, the oldest first; NULL if there is no memory. */
static const struct report_buffer **sort_buffers(const struct page *page)
{
	const struct report_buffer **buffers = calloc(page->model->n_buffers + 1, sizeof(*buffers)),
				   *buffer;
	size_t count = 0;

	if (buffers == NULL)
		return NULL;
	for (size_t i = 0; i < page->n_clients; i++) {
		wltex_list_for_each (buffer, &page->clients[i]->buffers, link)
			buffers[count++] = buffer;
	}
	qsort(buffers, count, sizeof(*buffers), compare_ages);
	return buffers;
}

static void write_state(FILE *file, const struct report_buffer *buffer, uint64_t now_ns)
{
	if (buffer->is_shown)
		html_cell(file, "shown");
	else if (buffer->replaced_ns != 0)
		html_cell(file, "replaced, not released");
	else
		html_cell(file, buffer->shown_ns != 0 ? "released" : "never shown");
	if (buffer->is_shown || buffer->shown_ns == 0)
		html_no_figure(file);
	else
		html_figure(file, now_ns - buffer->shown_ns,
			figure_duration(now_ns - buffer->shown_ns).text);
}

static void write_buffer(const struct page *page, const struct report_buffer *buffer)
{
	uint64_t now_ns = page->model->end_ns;
	FILE *file = page->file;

	fputs("<tr><td>", file);
	html_text(file, buffer->client->name[0] != '\0' ? buffer->client->name : "unnamed");
	fprintf(file, " %d</td>", buffer->client->pid);
	fprintf(file, "<td class=\"n\" data-v=\"%u\">wl_buffer@%u</td>", buffer->id, buffer->id);
	html_cell(file, buffer->kind);
	html_cell(file, buffer->format);
	fprintf(file, "<td class=\"n\" data-v=\"%" PRIu64 "\">%u\u202f\u00d7\u202f%u</td>",
		(uint64_t)buffer->width * buffer->height, buffer->width, buffer->height);
	write_bytes(file, buffer->bytes);
	html_figure(file, now_ns - buffer->made_ns, figure_duration(now_ns - buffer->made_ns).text);
	write_state(file, buffer, now_ns);
	fputs("</tr>\n", file);
}

static void write_rows(const struct page *page, const struct report_buffer **buffers)
{
	size_t count = page->model->n_buffers;

	fprintf(page->file,
		"<p>%s buffer%s there when the recording ended.</p>\n"
		"<details><summary>%s as a table</summary>\n",
		figure_count(count).text, count == 1 ? " was" : "s were",
		count > BUFFERS_MAX ? "The oldest of them" : "Buffers");
	html_begin_table(page->file, "buffers", "The oldest first.",
		"Client|#Buffer|Kind|Format|#Pixels|#Size|#Age|State|#Last shown before");
	for (size_t i = 0; i < count && i < BUFFERS_MAX; i++)
		write_buffer(page, buffers[i]);
	html_end_table(page->file);
	fputs("</details>\n", page->file);
}

void page_write_buffers(const struct page *page)
{
	const struct report_buffer **buffers = sort_buffers(page);

	if (buffers == NULL || page->model->n_buffers == 0)
		fputs("<p>No buffers were there when the recording ended.</p>\n", page->file);
	else
		write_rows(page, buffers);
	free(buffers);
}
