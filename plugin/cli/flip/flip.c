/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <drm_fourcc.h>

#include <wltex/sum.h>

#include "wltex-v1-client.h"

#include "cli/flip/flip.h"

struct flip {
	struct flip_options options;
	struct flip_report report;
	struct client client;
	struct allocator allocator;
	const char *allocator_name;
	struct canvas canvas;
	/* Of the canvas; NULL if the sums are not promised. */
	struct wltex_sum *sum;
	struct flip_window window;
	struct flip_buffer buffers[FLIP_MAX_BUFFERS];
	uint32_t buffer_count;
	/* The buffer that was committed last. */
	uint32_t last;
	/* Stride and modifier of the buffers, for the report; owns nothing. */
	struct memory sample;
};

static bool is_over(const struct flip *flip)
{
	return flip->client.stopped || flip->window.closed;
}

/* Say what went wrong. Returns error. */
static int complain(const struct flip *flip, int error)
{
	struct cli_reason reason;

	client_explain(&flip->client, error, &reason);
	if (flip->report.frames > 0)
		cli_say("%s, after %llu frames", reason.text,
			(unsigned long long)flip->report.frames);
	else
		cli_say("%s", reason.text);
	return error;
}

static int check_format(const struct flip *flip)
{
	const struct dmabuf_formats *formats = &flip->client.formats;
	uint32_t fourcc = flip->options.canvas.format->fourcc;
	const struct wltex_format_info *format;
	char list[256] = "";
	size_t length;

	if (dmabuf_formats_has_pair(formats, fourcc, DRM_FORMAT_MOD_LINEAR) ||
		dmabuf_formats_has_pair(formats, fourcc, DRM_FORMAT_MOD_INVALID))
		return 0;
	for (size_t i = 0; (format = format_by_index(i)); i++) {
		if (!dmabuf_formats_has_pair(formats, format->fourcc, DRM_FORMAT_MOD_LINEAR) &&
			!dmabuf_formats_has_pair(formats, format->fourcc, DRM_FORMAT_MOD_INVALID))
			continue;
		length = strlen(list);
		snprintf(list + length, sizeof(list) - length, " %s", format->name);
	}
	cli_say("the compositor does not offer %s%s; of the formats that can be painted it offers%s",
		flip->options.canvas.format->name,
		dmabuf_formats_has(formats, fourcc) ? " in a linear layout" : "",
		list[0] ? list : " nothing");
	return -ENOTSUP;
}

static int try_allocator(
	struct flip *flip, const struct allocator_ops *ops, struct cli_reason *reason)
{
	const struct wltex_format_info *format = flip->options.canvas.format;
	const struct memory_request request = {
		.width = flip->options.canvas.width,
		.height = flip->options.canvas.height,
		.format = format->fourcc,
		.stride_padding = flip->options.stride_padding,
		.linear = dmabuf_formats_has_pair(
			&flip->client.formats, format->fourcc, DRM_FORMAT_MOD_LINEAR),
	};
	struct memory memory;
	int ret;

	flip->allocator = (struct allocator){
		.device = flip->options.device,
		.has_main_device = flip->client.formats.has_main_device,
		.main_device = flip->client.formats.main_device,
	};
	ret = allocator_open(&flip->allocator, ops, reason);
	if (ret < 0)
		return ret;
	ret = memory_init(&memory, &flip->allocator, &request, reason);
	if (ret < 0) {
		allocator_close(&flip->allocator);
		return ret;
	}
	flip->sample.stride = memory.stride;
	flip->sample.modifier = memory.modifier;
	flip->allocator_name = ops->name;
	memory_finish(&memory);
	return 0;
}

/* The first that works; *missing gets why those before it do not. */
static int try_allocators(struct flip *flip, char *missing, size_t size)
{
	const struct allocator_ops *ops;
	struct cli_reason reason;
	int ret = -ENOENT;

	missing[0] = '\0';
	for (size_t i = 0; ret < 0 && (ops = allocator_ops_by_index(i)); i++) {
		size_t length = strlen(missing);

		ret = try_allocator(flip, ops, &reason);
		if (ret < 0)
			snprintf(missing + length, size - length, "%s%s: %s",
				length > 0 ? "; " : "", ops->name, reason.text);
	}
	return ret;
}

static int choose_allocator(struct flip *flip)
{
	const struct allocator_ops *ops = flip->options.allocator;
	struct cli_reason reason;
	char missing[800] = "";
	int ret;

	if (ops) {
		ret = try_allocator(flip, ops, &reason);
		if (ret < 0)
			cli_say("no buffers from %s: %s", ops->name, reason.text);
	} else {
		ret = try_allocators(flip, missing, sizeof(missing));
		if (ret < 0)
			cli_say("no buffers: %s", missing);
	}
	if (ret < 0)
		return ret;
	if (!ops || !flip->allocator.ops->dmabuf)
		cli_say("buffers from %s%s%s%s%s", flip->allocator_name,
			flip->allocator.ops->dmabuf ? "" : ", for software renderers only",
			missing[0] ? " (" : "", missing, missing[0] ? ")" : "");
	return 0;
}

static int add_buffer(struct flip *flip, struct flip_buffer *buffer)
{
	struct cli_reason reason;
	int ret = flip_buffer_init(
		buffer, &flip->client, &flip->allocator, &flip->options, &flip->report, &reason);

	if (ret < 0)
		cli_say("no buffer: %s", reason.text);
	return ret;
}

/* The next one in turn that the compositor is not reading, or NULL. */
static struct flip_buffer *find_buffer(struct flip *flip)
{
	if (flip->options.buffers == 1 && !flip->options.recreate)
		return &flip->buffers[0];
	for (uint32_t i = 1; i <= flip->buffer_count; i++) {
		struct flip_buffer *buffer = &flip->buffers[(flip->last + i) % flip->buffer_count];

		if (!buffer->busy)
			return buffer;
	}
	return NULL;
}

static void drop_released(struct flip *flip)
{
	for (uint32_t i = 0; i < flip->buffer_count; i++) {
		if (!flip->buffers[i].busy)
			flip_buffer_finish(&flip->buffers[i]);
	}
}

/* Handle events until the condition holds at the given time or later, or it is over. */
static int wait_for(struct flip *flip, bool (*condition)(struct flip *), double until_ms)
{
	int ret = client_dispatch(&flip->client, 0);

	while (ret == 0 && !is_over(flip)) {
		double left = until_ms - cli_now_ms();

		if (flip->options.recreate)
			drop_released(flip);
		if (left <= 0 && !flip->client.unsent && condition(flip))
			break;
		ret = client_dispatch(&flip->client, left > 0 ? (int)left + 1 : -1);
	}
	return ret;
}

static bool is_shown(struct flip *flip)
{
	return !flip->window.frame;
}

static bool is_ready(struct flip *flip)
{
	return is_shown(flip) && find_buffer(flip);
}

static bool is_never(struct flip *flip)
{
	return false;
}

/* When the frame after those committed so far may come. */
static double get_deadline(const struct flip *flip)
{
	if (flip->options.rate == 0 || flip->report.frames == 0)
		return 0;
	return flip->report.started_ms +
	       (double)flip->report.frames * 1e3 / (double)flip->options.rate;
}

static void promise_sum(struct flip *flip)
{
	const struct canvas *canvas = &flip->canvas;
	const struct wltex_sum_pixels pixels = {canvas->pixels, canvas->stride};

	wltex_sum_update(flip->sum, &pixels, &canvas->changed, NULL);
	wltex_surface_v1_set_content_sum(flip->window.watch, wltex_sum_get_frame(flip->sum));
}

static int commit_frame(struct flip *flip)
{
	struct flip_buffer *buffer = find_buffer(flip);
	int ret = 0;

	if (flip->report.frames == 0)
		flip->report.started_ms = cli_now_ms();
	canvas_draw(&flip->canvas);
	if (!buffer->buffer)
		ret = add_buffer(flip, buffer);
	if (ret < 0)
		return ret;
	for (uint32_t i = 0; i < flip->buffer_count; i++) {
		if (flip->buffers[i].buffer)
			pixman_region32_union(&flip->buffers[i].stale, &flip->buffers[i].stale,
				&flip->canvas.changed);
	}
	ret = flip_buffer_update(buffer, &flip->canvas);
	if (ret < 0) {
		cli_say("cannot write a buffer: %s", strerror(-ret));
		return ret;
	}
	if (flip->sum)
		promise_sum(flip);
	flip_window_commit(&flip->window, buffer->buffer, &flip->canvas.changed);
	buffer->busy = true;
	flip->last = (uint32_t)(buffer - flip->buffers);
	return 0;
}

static int detach(struct flip *flip)
{
	int ret = wait_for(flip, is_shown, 0);

	if (ret == 0 && !is_over(flip))
		ret = flip_window_detach(&flip->window);
	return ret < 0 ? complain(flip, ret) : 0;
}

static int flip_frames(struct flip *flip)
{
	const struct flip_options *options = &flip->options;
	int ret;

	while (options->frames == 0 || flip->report.frames < options->frames) {
		ret = wait_for(flip, is_ready, get_deadline(flip));
		if (ret < 0)
			return complain(flip, ret);
		if (is_over(flip))
			break;
		ret = commit_frame(flip);
		if (ret < 0)
			return ret;
		if (options->detach_every > 0 && flip->report.frames % options->detach_every == 0) {
			ret = detach(flip);
			if (ret < 0)
				return ret;
		}
	}
	ret = wait_for(flip, is_shown, 0);
	flip->report.ended_ms = cli_now_ms();
	if (ret == 0 && options->hold && !is_over(flip)) {
		cli_say("holding after %llu frames", (unsigned long long)flip->report.frames);
		ret = wait_for(flip, is_never, 0);
	}
	return ret < 0 ? complain(flip, ret) : 0;
}

static int init_canvas(struct flip *flip)
{
	const struct canvas_options *options = &flip->options.canvas;
	int ret = canvas_init(&flip->canvas, options);

	if (ret == 0 && flip->options.content_sum) {
		flip->sum = wltex_sum_create(
			options->width, options->height, format_bytes(options->format));
		ret = flip->sum ? 0 : -errno;
	}
	if (ret < 0)
		cli_say("cannot make a picture: %s", strerror(-ret));
	return ret;
}

static int set_up(struct flip *flip)
{
	struct cli_reason reason;
	int ret = client_init(&flip->client, &reason);

	if (ret < 0) {
		cli_say("%s", reason.text);
		return ret;
	}
	if (!flip->client.wltex && (flip->options.events || flip->options.content_sum)) {
		cli_say("the compositor has no wltex_manager_v1: is the module loaded?");
		return -ENOTSUP;
	}
	ret = check_format(flip);
	if (ret < 0)
		return ret;
	ret = init_canvas(flip);
	if (ret < 0)
		return ret;
	ret = choose_allocator(flip);
	if (ret < 0)
		return ret;
	ret = flip_window_init(&flip->window, &flip->client, &flip->options, &flip->report);
	if (ret < 0)
		return complain(flip, ret);
	/* With a new buffer for each frame the one before is still being shown. */
	flip->buffer_count = flip->options.buffers;
	if (flip->options.recreate && flip->buffer_count < 2)
		flip->buffer_count = 2;
	for (uint32_t i = 0; i < flip->buffer_count && !flip->options.recreate && ret == 0; i++)
		ret = add_buffer(flip, &flip->buffers[i]);
	return ret;
}

/* Destroy everything in order, and hear what the compositor has to say about it. */
static int tear_down(struct flip *flip, int error)
{
	int ret = 0;

	for (uint32_t i = 0; i < flip->buffer_count; i++)
		flip_buffer_finish(&flip->buffers[i]);
	if (flip->window.client) {
		flip_window_unmap(&flip->window);
		if (error == 0)
			ret = client_roundtrip(&flip->client);
		flip_window_finish(&flip->window);
	}
	if (ret < 0)
		complain(flip, ret);
	return ret;
}

static void print_report(struct flip *flip)
{
	flip_report_print(&flip->report, &flip->options, &flip->sample, flip->allocator_name,
		flip->window.watch || flip->client.wltex);
}

static int get_status(const struct flip *flip, int error)
{
	if (cli_finish() != CLI_OK || error < 0)
		return CLI_FAILED;
	if (flip->report.frames < flip->options.frames) {
		cli_say("%s after %llu of %u frames", flip->window.closed ? "closed" : "stopped",
			(unsigned long long)flip->report.frames, flip->options.frames);
		return CLI_FAILED;
	}
	return CLI_OK;
}

static void finish(struct flip *flip)
{
	wltex_sum_destroy(flip->sum);
	canvas_finish(&flip->canvas);
	allocator_close(&flip->allocator);
	client_finish(&flip->client);
}

/* So that memory checkers do not call it lost: it was left on purpose. */
static struct flip *volatile abandoned;

__attribute__((noreturn)) static void abandon(struct flip *flip)
{
	/* The last requests arrive, but none that would destroy anything. */
	int ret = client_roundtrip(&flip->client);

	abandoned = flip;
	if (ret < 0)
		complain(flip, ret);
	print_report(flip);
	_exit(get_status(flip, ret));
}

int cli_flip(int argc, char *argv[])
{
	struct flip *flip = calloc(1, sizeof(*flip));
	int ret, status;

	if (!flip) {
		cli_say("out of memory");
		return CLI_FAILED;
	}
	status = flip_options_parse(&flip->options, argc, argv);
	if (status >= 0)
		goto out;
	ret = set_up(flip);
	if (ret == 0)
		ret = flip_frames(flip);
	if (ret == 0 && flip->options.abandon)
		abandon(flip);
	if (tear_down(flip, ret) < 0 && ret == 0)
		ret = -EIO;
	if (ret == 0)
		print_report(flip);
	status = get_status(flip, ret);
	finish(flip);
out:
	free(flip);
	return status;
}
