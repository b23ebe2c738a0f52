/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "cli/report/figures.h"
#include "cli/report/html.h"
#include "cli/report/page-tables.h"

#define LEFT 80
#define TOP 10
#define WIDTH 864
#define HEIGHT 270
/* Under the chart, for the times; to its right. */
#define BOTTOM 30
#define RIGHT 16
/* Areas that are lower at the end have no label. */
#define LABEL_HEIGHT 18

/* Areas one upon the other: bytes of all that were drawn so far, in each slot. */
struct stack {
	const struct page *page;
	unsigned int slots;
	uint64_t top;
	uint64_t below[SERIES_SLOTS], values[SERIES_SLOTS];
};

static double get_x(const struct stack *stack, unsigned int slot)
{
	return LEFT + (double)WIDTH * slot / stack->slots;
}

static double get_y(const struct stack *stack, uint64_t bytes)
{
	return TOP + HEIGHT * (1 - (double)bytes / (double)stack->top);
}

/* A power of two of which there are at most five up to the top. */
static uint64_t get_byte_step(uint64_t top)
{
	uint64_t step = 1;

	while (step < top / 5)
		step *= 2;
	return step;
}

static void write_byte_lines(const struct stack *stack, uint64_t step)
{
	FILE *file = stack->page->file;

	for (uint64_t bytes = 0; bytes <= stack->top; bytes += step) {
		double y = get_y(stack, bytes);

		fprintf(file, "<path class=\"grid\" d=\"M%d %.1fh%d\"/>", LEFT, y, WIDTH);
		fprintf(file, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n", LEFT - 8,
			y + 4, figure_bytes(bytes).text);
	}
}

/* 1, 2 or 5 times a power of ten of which there are at most eight in the time. */
static double get_time_step(double seconds)
{
	static const double factors[] = {2, 2.5, 2};
	double step = 1e-3;

	for (unsigned int i = 0; step < seconds / 8; i++)
		step *= factors[i % 3];
	return step;
}

static void write_times(const struct stack *stack, double seconds)
{
	double step = get_time_step(seconds);

	for (unsigned int i = 0; i * step <= seconds; i++)
		fprintf(stack->page->file,
			"<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%g\u00a0s</text>\n",
			LEFT + WIDTH * i * step / seconds, TOP + HEIGHT + 20, i * step);
}

/* Along the top of the area from left to right, and back along its bottom. */
static void write_outline(const struct stack *stack)
{
	FILE *file = stack->page->file;
	unsigned int last = stack->slots - 1;

	fprintf(file, "M%d %.1f", LEFT, get_y(stack, stack->below[0] + stack->values[0]));
	for (unsigned int i = 1; i <= last; i++) {
		uint64_t before = stack->below[i - 1] + stack->values[i - 1];
		uint64_t now = stack->below[i] + stack->values[i];

		if (now != before)
			fprintf(file, "H%.1fV%.1f", get_x(stack, i), get_y(stack, now));
	}
	fprintf(file, "H%d", LEFT + WIDTH);
	fprintf(file, "V%.1f", get_y(stack, stack->below[last]));
	for (unsigned int i = last; i > 0; i--) {
		if (stack->below[i] != stack->below[i - 1])
			fprintf(file, "H%.1fV%.1f", get_x(stack, i),
				get_y(stack, stack->below[i - 1]));
	}
	fprintf(file, "H%dz", LEFT);
}

static void write_values(const struct stack *stack)
{
	FILE *file = stack->page->file;

	fputs("\" data-values=\"", file);
	for (unsigned int i = 0; i < stack->slots; i++)
		fprintf(file, "%s%" PRIu64, i > 0 ? " " : "", stack->values[i]);
}

static uint64_t get_peak(const struct stack *stack)
{
	uint64_t peak = 0;

	for (unsigned int i = 0; i < stack->slots; i++)
		peak = stack->values[i] > peak ? stack->values[i] : peak;
	return peak;
}

static void write_name(const struct stack *stack, size_t first, size_t count)
{
	const struct page *page = stack->page;

	if (count > 1) {
		fprintf(page->file, "%zu others", count);
	} else {
		html_text(page->file, page->clients[first]->name);
		fprintf(page->file, " (%d)", page->clients[first]->pid);
	}
}

/* The name inside the area, where that is high enough. */
static void write_label(const struct stack *stack, size_t first, size_t count)
{
	unsigned int last = stack->slots - 1;
	double top = get_y(stack, stack->below[last] + stack->values[last]);
	double bottom = get_y(stack, stack->below[last]);

	if (bottom - top < LABEL_HEIGHT)
		return;
	fprintf(stack->page->file,
		"<text class=\"label\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\" aria-hidden=\"true\">",
		LEFT + WIDTH - 8, (top + bottom) / 2 + 4);
	write_name(stack, first, count);
	fputs("</text>\n", stack->page->file);
}

/* Of clients in their order; more than one are those that have a color in common. */
static void write_area(struct stack *stack, size_t first, size_t count)
{
	FILE *file = stack->page->file;
	unsigned int last = stack->slots - 1;

	for (unsigned int slot = 0; slot < stack->slots; slot++) {
		stack->values[slot] = 0;
		for (size_t i = first; i < first + count; i++)
			stack->values[slot] += stack->page->clients[i]->bytes.slots[slot];
	}
	fprintf(file, "<path class=\"area f%zu\" d=\"", first);
	write_outline(stack);
	write_values(stack);
	fputs("\"><title>", file);
	write_name(stack, first, count);
	fprintf(file, ": at most %s, %s at the end</title></path>\n",
		figure_bytes(get_peak(stack)).text, figure_bytes(stack->values[last]).text);
	write_label(stack, first, count);
	for (unsigned int slot = 0; slot < stack->slots; slot++)
		stack->below[slot] += stack->values[slot];
}

static void write_areas(struct stack *stack)
{
	size_t count = stack->page->n_clients;
	size_t alone = count <= PAGE_COLORS ? count : PAGE_COLORS - 1;

	for (size_t i = 0; i < alone; i++)
		write_area(stack, i, 1);
	if (count > alone)
		write_area(stack, alone, count - alone);
}

static void write_chart(struct stack *stack)
{
	FILE *file = stack->page->file;
	double seconds = (double)model_duration(stack->page->model) / 1e9;
	uint64_t step = get_byte_step(stack->top);

	stack->top = (stack->top + step - 1) / step * step;
	fprintf(file,
		"<figure><svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\" "
		"aria-labelledby=\"t-memory\" data-left=\"%d\" data-width=\"%d\" "
		"data-seconds=\"%.6f\">\n<title id=\"t-memory\">Bytes that clients held, over "
		"%s</title>\n",
		LEFT + WIDTH + RIGHT, TOP + HEIGHT + BOTTOM, LEFT, WIDTH, seconds,
		figure_duration(model_duration(stack->page->model)).text);
	write_byte_lines(stack, step);
	write_times(stack, seconds);
	write_areas(stack);
	fputs("</svg></figure>\n", file);
}

void page_write_memory(const struct page *page)
{
	struct stack stack = {
		.page = page,
		.slots = page_count_slots(page),
		.top = page_get_peak(page),
	};

	if (stack.top > 0 && model_duration(page->model) > 0)
		write_chart(&stack);
	else
		fputs("<p>No client held anything.</p>\n", page->file);
	page_write_clients(page);
}
