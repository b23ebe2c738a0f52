/* SPDX-License-Identifier: MIT */
#ifndef CLI_REPORT_PAGE_H
#define CLI_REPORT_PAGE_H

#include <stdio.h>

#include "cli/report/findings.h"
#include "cli/report/model.h"

/* Colors that clients can have; those that hold least have the last one in common. */
#define PAGE_COLORS 8

struct page {
	FILE *file;
	/* What the trace is called. */
	const char *name;
	const struct report_model *model;
	const struct findings *findings;
	/* Who holds most comes first. */
	const struct report_client **clients;
	size_t n_clients;
};

/*
 * Write the report as one page of HTML that needs nothing else. Returns 0, or a negative errno:
 * -ENOMEM, or as getrandom(2); whether all was written, file says.
 */
int page_write(FILE *file, const char *name, const struct report_model *model,
	const struct findings *findings);

/* The parts of it. */
void page_write_summary(const struct page *page);
void page_write_findings(const struct page *page);
void page_write_memory(const struct page *page);
void page_write_lanes(const struct page *page);
void page_write_tiles(const struct page *page);
void page_write_buffers(const struct page *page);
void page_write_trace(const struct page *page);

/* The slots of all series that are in use. */
unsigned int page_count_slots(const struct page *page);
/* The most that all clients held at once. */
uint64_t page_get_peak(const struct page *page);

/* What a client is called; in two lines with its process and surface, NULL: none. */
void page_write_who(
	FILE *file, const struct report_client *client, const struct report_surface *surface);
/* What a surface is called: its title, else its app-id, else what it is. */
void page_write_surface(FILE *file, const struct report_surface *surface);

#endif
