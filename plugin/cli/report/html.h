/* SPDX-License-Identifier: MIT */
#ifndef CLI_REPORT_HTML_H
#define CLI_REPORT_HTML_H

#include <stdint.h>
#include <stdio.h>

/*
 * Text of anybody, as text between tags or in quotation marks: what would act upon the reader is
 * written out, as util/text.h says, and nothing in it is HTML.
 */
void html_text(FILE *file, const char *text);

/* A cell of a table with such a text; NULL or "": a dash. */
void html_cell(FILE *file, const char *text);
/* A cell of a column of figures, without one. */
void html_no_figure(FILE *file);
/* A cell with a figure; value is what the column is sorted by. */
void html_figure(FILE *file, uint64_t value, const char *text);

/* The head of a table: titles are separated by "|", those of figures begin with "#". */
void html_begin_table(FILE *file, const char *class, const char *caption, const char *titles);
void html_end_table(FILE *file);

#endif
