/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cli/report/html.h"
#include "util/text.h"

static const char *escape(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void html_text(FILE *file, const char *text)
{
	char clean[2048];

	wltex_text_clean(clean, sizeof(clean), text);
	for (const char *c = clean; *c != '\0'; c++) {
		const char *escaped = escape(*c);

		if (escaped != NULL)
			fputs(escaped, file);
		else
			fputc(*c, file);
	}
}

void html_cell(FILE *file, const char *text)
{
	fputs("<td>", file);
	html_text(file, text != NULL && text[0] != '\0' ? text : "\u2013");
	fputs("</td>", file);
}

void html_no_figure(FILE *file)
{
	fputs("<td class=\"n\" data-v=\"-1\">\u2013</td>", file);
}

void html_figure(FILE *file, uint64_t value, const char *text)
{
	fprintf(file, "<td class=\"n\" data-v=\"%ju\">", (uintmax_t)value);
	html_text(file, text);
	fputs("</td>", file);
}

static void print_title(FILE *file, const char *title, size_t length)
{
	if (title[0] == '#')
		fprintf(file, "<th scope=\"col\" class=\"n\">%.*s</th>", (int)length - 1,
			title + 1);
	else
		fprintf(file, "<th scope=\"col\">%.*s</th>", (int)length, title);
}

void html_begin_table(FILE *file, const char *class, const char *caption, const char *titles)
{
	size_t length;

	fprintf(file,
		"<div class=\"scroll\"><table class=\"%s\"><caption>%s</caption>\n<thead><tr>",
		class, caption);
	for (; *titles != '\0'; titles += length + (titles[length] == '|')) {
		length = strcspn(titles, "|");
		print_title(file, titles, length);
	}
	fputs("</tr></thead>\n<tbody>\n", file);
}

void html_end_table(FILE *file)
{
	fputs("</tbody></table></div>\n", file);
}
