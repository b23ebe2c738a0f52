/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <drm_fourcc.h>

#include "cli/flip/flip.h"
#include "cli/options.h"

#define MAX_RATE 1000
#define MAX_STRIDE_PADDING 65536
/* A larger buffer is a slip of the finger. */
#define MAX_BUFFER_BYTES (UINT64_C(1) << 30)

enum {
	OPT_ABANDON = 256,
	OPT_ALLOCATOR,
	OPT_APP_ID,
	OPT_ASYNC_CREATE,
	OPT_BUFFERS,
	OPT_CHANGE,
	OPT_CONTENT_SUM,
	OPT_DAMAGE,
	OPT_DETACH_EVERY,
	OPT_DEVICE,
	OPT_EVENTS,
	OPT_FORMAT,
	OPT_FRAMES,
	OPT_HELP,
	OPT_HOLD,
	OPT_JSON,
	OPT_NO_WAIT,
	OPT_PATTERN,
	OPT_RATE,
	OPT_RECREATE,
	OPT_SEED,
	OPT_SIZE,
	OPT_STRIDE_PADDING,
	OPT_TITLE,
};

static const struct option long_options[] = {
	{"abandon", no_argument, NULL, OPT_ABANDON},
	{"allocator", required_argument, NULL, OPT_ALLOCATOR},
	{"app-id", required_argument, NULL, OPT_APP_ID},
	{"async-create", no_argument, NULL, OPT_ASYNC_CREATE},
	{"buffers", required_argument, NULL, OPT_BUFFERS},
	{"change", required_argument, NULL, OPT_CHANGE},
	{"content-sum", no_argument, NULL, OPT_CONTENT_SUM},
	{"damage", required_argument, NULL, OPT_DAMAGE},
	{"detach-every", required_argument, NULL, OPT_DETACH_EVERY},
	{"device", required_argument, NULL, OPT_DEVICE},
	{"events", no_argument, NULL, OPT_EVENTS},
	{"format", required_argument, NULL, OPT_FORMAT},
	{"frames", required_argument, NULL, OPT_FRAMES},
	{"help", no_argument, NULL, OPT_HELP},
	{"hold", no_argument, NULL, OPT_HOLD},
	{"json", no_argument, NULL, OPT_JSON},
	{"no-wait", no_argument, NULL, OPT_NO_WAIT},
	{"pattern", required_argument, NULL, OPT_PATTERN},
	{"rate", required_argument, NULL, OPT_RATE},
	{"recreate", no_argument, NULL, OPT_RECREATE},
	{"seed", required_argument, NULL, OPT_SEED},
	{"size", required_argument, NULL, OPT_SIZE},
	{"stride-padding", required_argument, NULL, OPT_STRIDE_PADDING},
	{"title", required_argument, NULL, OPT_TITLE},
	{NULL, 0, NULL, 0},
};

static const char *const changes[] = {
	[CANVAS_CHANGE_NONE] = "none",
	[CANVAS_CHANGE_PIXEL] = "pixel",
	[CANVAS_CHANGE_TILE] = "tile",
	[CANVAS_CHANGE_FULL] = "full",
	NULL,
};

static const char *const patterns[] = {
	[CANVAS_GRADIENT] = "gradient",
	[CANVAS_CHECKER] = "checker",
	[CANVAS_BARS] = "bars",
	[CANVAS_NOISE] = "noise",
	NULL,
};

static const char *const damages[] = {"exact", "full", NULL};

static const char help[] =
	"Usage: wltex flip [OPTION]...\n"
	"Flip dmabuf buffers at a Wayland compositor.\n"
	"\n"
	"      --frames=N           commits to make; 0: go on until killed (default 300)\n"
	"      --size=WxH           size of the buffers in pixels (default 256x256)\n"
	"      --buffers=N          buffers to flip; 1: the same one again and again (default 3)\n"
	"      --change=WHAT        what differs from frame to frame: none, pixel, tile or full\n"
	"                           (default full)\n"
	"      --damage=WHAT        what the commits claim as changed: exact or full\n"
	"                           (default exact)\n"
	"      --format=FORMAT      DRM format by fourcc or name (default XR24)\n"
	"      --pattern=NAME       picture: gradient, checker, bars or noise (default gradient)\n"
	"      --seed=N             seed of the noise and of the choice of pixels (default 1)\n"
	"      --allocator=NAME     gbm, udmabuf, dma-heap, memfd, or auto: the first that works\n"
	"      --device=NODE        device node for gbm or dma-heap\n"
	"      --stride-padding=N   bytes to add to each row, a multiple of 16\n"
	"      --recreate           a new buffer for each frame\n"
	"      --async-create       let the compositor confirm each buffer\n"
	"      --detach-every=N     detach the buffer after every N frames\n"
	"      --abandon            exit without destroying anything\n"
	"      --hold               stay after the last frame, until killed or closed\n"
	"      --rate=HZ            at most this many frames a second\n"
	"      --no-wait            do not wait for frame callbacks\n"
	"      --content-sum        promise the content sum of each commit\n"
	"      --events             print what became of the textures\n"
	"      --json               print JSON\n"
	"      --title=TEXT         title of the window (default wltex flip)\n"
	"      --app-id=TEXT        application ID of the window (default wltex-flip)\n"
	"      --help               print this\n";

static const char *option_name(int option)
{
	for (const struct option *o = long_options; o->name; o++) {
		if (o->val == option)
			return o->name;
	}
	return "?";
}

static int number(int option, uint32_t min, uint32_t max, uint32_t *value)
{
	if (cli_parse_number(optarg, min, max, value) == 0)
		return 0;
	return cli_usage_error(
		"--%s=%s: not a number from %u to %u", option_name(option), optarg, min, max);
}

static int choice(int option, const char *const names[], unsigned int *value)
{
	char list[64] = "";

	for (unsigned int i = 0; names[i]; i++) {
		if (strcmp(optarg, names[i]) == 0) {
			*value = i;
			return 0;
		}
		strncat(list, i > 0 ? ", " : "", sizeof(list) - strlen(list) - 1);
		strncat(list, names[i], sizeof(list) - strlen(list) - 1);
	}
	return cli_usage_error("--%s=%s: not one of %s", option_name(option), optarg, list);
}

static int parse_size(struct flip_options *options)
{
	if (cli_parse_size(
		    optarg, FLIP_MAX_SIZE, &options->canvas.width, &options->canvas.height) == 0)
		return 0;
	return cli_usage_error(
		"--size=%s: not WIDTHxHEIGHT, each from 1 to %d", optarg, FLIP_MAX_SIZE);
}

static int parse_format(struct flip_options *options)
{
	options->canvas.format = format_by_name(optarg);
	if (options->canvas.format)
		return 0;
	cli_usage_error("--format=%s: not a format that can be painted", optarg);
	format_list(stderr);
	return CLI_USAGE;
}

static int parse_allocator(struct flip_options *options)
{
	options->allocator = NULL;
	if (strcmp(optarg, "auto") == 0)
		return 0;
	options->allocator = allocator_ops_by_name(optarg);
	if (options->allocator)
		return 0;
	if (strcmp(optarg, "gbm") == 0) {
		cli_say("--allocator=gbm: this wltex was built without GBM");
		return CLI_FAILED;
	}
	return cli_usage_error(
		"--allocator=%s: not one of auto, gbm, udmabuf, dma-heap, memfd", optarg);
}

static int parse_stride_padding(struct flip_options *options)
{
	int ret = number(OPT_STRIDE_PADDING, 0, MAX_STRIDE_PADDING, &options->stride_padding);

	if (ret == 0 && options->stride_padding % 16 != 0)
		return cli_usage_error("--stride-padding=%s: not a multiple of 16", optarg);
	return ret;
}

static int parse_text(struct flip_options *options, int option)
{
	switch (option) {
	case OPT_APP_ID:
		options->app_id = optarg;
		return 0;
	case OPT_DEVICE:
		options->device = optarg;
		return 0;
	default:
		options->title = optarg;
		return 0;
	}
}

static int parse_flag(struct flip_options *options, int option)
{
	switch (option) {
	case OPT_ABANDON:
		options->abandon = true;
		return 0;
	case OPT_ASYNC_CREATE:
		options->async_create = true;
		return 0;
	case OPT_CONTENT_SUM:
		options->content_sum = true;
		return 0;
	case OPT_EVENTS:
		options->events = true;
		return 0;
	case OPT_HOLD:
		options->hold = true;
		return 0;
	case OPT_JSON:
		options->json = true;
		return 0;
	case OPT_NO_WAIT:
		options->no_wait = true;
		return 0;
	default:
		options->recreate = true;
		return 0;
	}
}

static int parse_choice(struct flip_options *options, int option)
{
	unsigned int value = 0;
	int ret;

	switch (option) {
	case OPT_CHANGE:
		ret = choice(option, changes, &value);
		options->canvas.change = value;
		return ret;
	case OPT_DAMAGE:
		ret = choice(option, damages, &value);
		options->full_damage = value == 1;
		return ret;
	default:
		ret = choice(option, patterns, &value);
		options->canvas.pattern = value;
		return ret;
	}
}

/* Returns 0 or an exit status. */
static int parse_option(struct flip_options *options, int option)
{
	switch (option) {
	case OPT_ALLOCATOR:
		return parse_allocator(options);
	case OPT_BUFFERS:
		return number(option, 1, FLIP_MAX_BUFFERS, &options->buffers);
	case OPT_CHANGE:
	case OPT_DAMAGE:
	case OPT_PATTERN:
		return parse_choice(options, option);
	case OPT_DETACH_EVERY:
		return number(option, 1, UINT32_MAX, &options->detach_every);
	case OPT_FORMAT:
		return parse_format(options);
	case OPT_FRAMES:
		return number(option, 0, UINT32_MAX, &options->frames);
	case OPT_RATE:
		return number(option, 1, MAX_RATE, &options->rate);
	case OPT_SEED:
		return number(option, 0, UINT32_MAX, &options->canvas.seed);
	case OPT_SIZE:
		return parse_size(options);
	case OPT_STRIDE_PADDING:
		return parse_stride_padding(options);
	case OPT_APP_ID:
	case OPT_DEVICE:
	case OPT_TITLE:
		return parse_text(options, option);
	default:
		return parse_flag(options, option);
	}
}

static int check(const struct flip_options *options)
{
	const struct canvas_options *canvas = &options->canvas;
	uint64_t bytes = (uint64_t)canvas->width * canvas->height * format_bytes(canvas->format) +
			 (uint64_t)options->stride_padding * canvas->height;

	if (bytes > MAX_BUFFER_BYTES)
		return cli_usage_error("buffers of %ux%u %s are too large", canvas->width,
			canvas->height, canvas->format->name);
	if (options->abandon && options->hold)
		return cli_usage_error("--abandon and --hold exclude each other");
	return -1;
}

int flip_options_parse(struct flip_options *options, int argc, char *argv[])
{
	int option = 0, status = 0;

	*options = (struct flip_options){
		.frames = 300,
		.buffers = 3,
		.canvas =
			{
				.width = 256,
				.height = 256,
				.format = wltex_format_info_get(DRM_FORMAT_XRGB8888),
				.change = CANVAS_CHANGE_FULL,
				.seed = 1,
			},
		.title = "wltex flip",
		.app_id = "wltex-flip",
	};
	/* 0 instead of 1: getopt starts afresh, whatever was parsed before. */
	optind = 0;
	while (status == 0 &&
		(option = cli_next_option(argc, argv, long_options, help, &status)) > 0)
		status = parse_option(options, option);
	if (option >= 0)
		return status;
	return check(options);
}
