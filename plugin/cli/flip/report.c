/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include "cli/flip/flip.h"

static const char *const state_names[FLIP_TEXTURE_STATES] = {
	"imported",
	"reimported",
	"reused",
	"destroyed",
	"failed",
	"refused",
};

static const char *const reason_names[FLIP_TEXTURE_REASONS] = {
	"attached",
	"content_changed",
	"replaced",
	"released",
	"detached",
	"buffer_destroyed",
	"surface_destroyed",
	"invalid",
	"limit",
	"context_lost",
};

void flip_report_texture(struct flip_report *report, const struct flip_options *options,
	uint32_t serial, uint32_t state, uint32_t reason, uint32_t sum)
{
	/* A later version of the protocol may know more. */
	const char *state_name = state < FLIP_TEXTURE_STATES ? state_names[state] : "unknown";
	const char *reason_name = reason < FLIP_TEXTURE_REASONS ? reason_names[reason] : "unknown";

	report->states[state < FLIP_TEXTURE_STATES ? state : FLIP_TEXTURE_STATES]++;
	if (!options->events)
		return;
	if (options->json)
		printf("{\"serial\": %" PRIu32 ", \"state\": \"%s\", \"reason\": \"%s\", "
		       "\"sum\": \"%08" PRIx32 "\"}\n",
			serial, state_name, reason_name, sum);
	else
		printf("%" PRIu32 " %s %s %08" PRIx32 "\n", serial, state_name, reason_name, sum);
	fflush(stdout);
}

static double get_seconds(const struct flip_report *report)
{
	return (report->ended_ms - report->started_ms) / 1e3;
}

static double get_fps(const struct flip_report *report)
{
	double seconds = get_seconds(report);

	return seconds > 0 ? (double)report->frames / seconds : 0;
}

static void print_json(const struct flip_report *report, const struct flip_options *options,
	const struct memory *memory, const char *allocator, bool has_events)
{
	const struct canvas_options *canvas = &options->canvas;

	printf("{\"frames\": %" PRIu64 ", \"detaches\": %" PRIu64 ", \"seconds\": %.3f, "
	       "\"fps\": %.2f, \"releases\": %" PRIu64 ", \"buffers\": %" PRIu64 ", ",
		report->frames, report->detaches, get_seconds(report), get_fps(report),
		report->releases, report->buffers);
	printf("\"allocator\": \"%s\", \"format\": \"%s\", \"modifier\": \"%s\", "
	       "\"width\": %" PRIu32 ", \"height\": %" PRIu32 ", \"stride\": %" PRIu32 ", ",
		allocator, canvas->format->name, modifier_to_text(memory->modifier).text,
		canvas->width, canvas->height, memory->stride);
	if (!has_events) {
		printf("\"textures\": null}\n");
		return;
	}
	printf("\"textures\": {");
	for (unsigned int i = 0; i < FLIP_TEXTURE_STATES; i++)
		printf("%s\"%s\": %" PRIu64, i > 0 ? ", " : "", state_names[i], report->states[i]);
	printf("}}\n");
}

void flip_report_print(const struct flip_report *report, const struct flip_options *options,
	const struct memory *memory, const char *allocator, bool has_events)
{
	const struct canvas_options *canvas = &options->canvas;

	if (options->json)
		print_json(report, options, memory, allocator, has_events);
	else
		printf("%" PRIu64 " frames, %.2f fps, %" PRIu64 " releases, %" PRIu64
		       " buffers of %" PRIu32 "x%" PRIu32 " %s from %s\n",
			report->frames, get_fps(report), report->releases, report->buffers,
			canvas->width, canvas->height, canvas->format->name, allocator);
}
