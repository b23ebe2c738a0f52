/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <drm_fourcc.h>
#include <json-c/json.h>

#include <wltex/sum.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "cli/sum/gpu.h"
#include "cli/sum/picture.h"

enum {
	OPT_BRIEF = 256,
	OPT_DIFF,
	OPT_FORMAT,
	OPT_HELP,
	OPT_JSON,
	OPT_METHOD,
	OPT_PNG,
	OPT_SIZE,
	OPT_STRIDE,
};

static const struct option long_options[] = {
	{"brief", no_argument, NULL, OPT_BRIEF},
	{"diff", no_argument, NULL, OPT_DIFF},
	{"format", required_argument, NULL, OPT_FORMAT},
	{"help", no_argument, NULL, OPT_HELP},
	{"json", no_argument, NULL, OPT_JSON},
	{"method", required_argument, NULL, OPT_METHOD},
	{"png", required_argument, NULL, OPT_PNG},
	{"size", required_argument, NULL, OPT_SIZE},
	{"stride", required_argument, NULL, OPT_STRIDE},
	{NULL, 0, NULL, 0},
};

static const char help[] =
	"Usage: wltex sum [OPTION]... FILE...\n"
	"       wltex sum --diff [OPTION]... FILE FILE\n"
	"Print the content sum and the tile sums of pictures, or which tiles differ.\n"
	"FILE - is standard input.\n"
	"\n"
	"      --size=WxH           files are raw frames of this size instead of PNGs\n"
	"      --stride=BYTES       bytes from row to row of raw frames (default: no padding)\n"
	"      --format=FORMAT      DRM format by fourcc or name: what raw frames are, and what\n"
	"                           PNGs are turned into (default AR24)\n"
	"      --brief              print only the content sum\n"
	"      --method=cpu|gpu     what sums: the processor (default), or the GPU, whose sums are\n"
	"                           compared with zlib's\n"
	"      --diff               print which tiles of the second picture differ from the first\n"
	"      --png=FILE           with --diff: write the second picture with these painted red\n"
	"      --json               print JSON, one line for each file\n"
	"      --help               print this\n";

struct options {
	struct sum_picture_options picture;
	const char *png;
	bool brief, diff, json, gpu;
};

/* A picture that was read and summed. */
struct summed {
	const char *path;
	struct sum_picture picture;
	struct wltex_sum *sum;
	/* What is printed: these, or what the GPU says. */
	const struct wltex_sum *shown;
	uint32_t frame;
	/* Of the GPU's. */
	struct sum_zlib zlib;
};

static struct wltex_sum_pixels get_pixels(const struct summed *summed)
{
	return (struct wltex_sum_pixels){
		.data = summed->picture.pixels,
		.stride = summed->picture.stride,
	};
}

static void finish(struct summed *summed)
{
	wltex_sum_destroy(summed->sum);
	sum_picture_finish(&summed->picture);
}

static int read_file(struct summed *summed, const char *path, const struct options *options)
{
	struct cli_reason reason;
	struct wltex_sum_pixels pixels;

	*summed = (struct summed){.path = path};
	if (sum_picture_read(&summed->picture, path, &options->picture, &reason) < 0) {
		cli_say("%s: %s", path, reason.text);
		return -1;
	}
	summed->sum = wltex_sum_create(summed->picture.width, summed->picture.height,
		format_bytes(summed->picture.format));
	if (summed->sum == NULL) {
		cli_say("%s: out of memory", path);
		finish(summed);
		return -1;
	}
	pixels = get_pixels(summed);
	wltex_sum_update(summed->sum, &pixels, NULL, NULL);
	summed->shown = summed->sum;
	summed->frame = wltex_sum_get_frame(summed->shown);
	return 0;
}

/* Let the GPU sum the picture again. */
static int ask_gpu(struct summed *summed, struct sum_gpu *gpu)
{
	struct cli_reason reason;

	summed->shown = sum_gpu_look(gpu, &summed->picture, &reason);
	if (summed->shown == NULL) {
		cli_say("%s: %s", summed->path, reason.text);
		return -1;
	}
	summed->frame = wltex_sum_get_frame(summed->shown);
	summed->zlib = sum_compare_with_zlib(&summed->picture, summed->shown);
	return 0;
}

/* Of what the processor says that is not asked. */
static bool equals_zlib(const struct summed *summed)
{
	return summed->shown == summed->sum ||
	       (summed->zlib.frame == summed->frame &&
		       summed->zlib.equal_tiles == summed->zlib.tiles);
}

static struct json_object *hex(uint32_t sum)
{
	char text[9];

	snprintf(text, sizeof(text), "%08" PRIx32, sum);
	return json_object_new_string(text);
}

static void print_object(struct json_object *object)
{
	puts(json_object_to_json_string_ext(
		object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}

static struct json_object *describe_picture(const struct summed *summed)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "file", json_object_new_string(summed->path));
	json_object_object_add(object, "sum", hex(summed->frame));
	json_object_object_add(object, "width", json_object_new_int64(summed->picture.width));
	json_object_object_add(object, "height", json_object_new_int64(summed->picture.height));
	json_object_object_add(
		object, "format", json_object_new_string(summed->picture.format->long_name));
	return object;
}

static struct json_object *describe_zlib(const struct sum_zlib *zlib)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "sum", hex(zlib->frame));
	json_object_object_add(
		object, "equal_tiles", json_object_new_int64((int64_t)zlib->equal_tiles));
	return object;
}

static void print_sums_json(const struct summed *summed, bool brief)
{
	struct json_object *object = describe_picture(summed);
	struct json_object *tiles;
	uint32_t columns, rows;

	wltex_sum_get_grid(summed->shown, &columns, &rows);
	if (!brief) {
		tiles = json_object_new_array();
		for (uint32_t y = 0; y < rows; y++) {
			struct json_object *row = json_object_new_array();

			for (uint32_t x = 0; x < columns; x++) {
				json_object_array_add(
					row, hex(wltex_sum_get_tile(summed->shown, x, y)));
			}
			json_object_array_add(tiles, row);
		}
		json_object_object_add(object, "tiles", tiles);
	}
	if (summed->shown != summed->sum)
		json_object_object_add(object, "zlib", describe_zlib(&summed->zlib));
	print_object(object);
}

static void print_frame(const struct summed *summed)
{
	printf("%08" PRIx32 "  %ux%u %s  %s\n", summed->frame, summed->picture.width,
		summed->picture.height, summed->picture.format->long_name, summed->path);
}

static void print_sums(const struct summed *summed, bool brief)
{
	uint32_t columns, rows;

	print_frame(summed);
	wltex_sum_get_grid(summed->shown, &columns, &rows);
	for (uint32_t y = 0; y < rows && !brief; y++) {
		for (uint32_t x = 0; x < columns; x++) {
			printf("%s%08" PRIx32, x == 0 ? "  " : " ",
				wltex_sum_get_tile(summed->shown, x, y));
		}
		putchar('\n');
	}
	if (summed->shown != summed->sum)
		printf("%08" PRIx32 "  zlib; %zu of %zu tiles equal\n", summed->zlib.frame,
			summed->zlib.equal_tiles, summed->zlib.tiles);
}

static int sum_file(const char *path, struct sum_gpu *gpu, const struct options *options)
{
	struct summed summed;
	int ret = read_file(&summed, path, options);

	if (ret < 0)
		return ret;
	if (options->gpu)
		ret = ask_gpu(&summed, gpu);
	if (ret == 0 && options->json)
		print_sums_json(&summed, options->brief);
	else if (ret == 0)
		print_sums(&summed, options->brief);
	if (ret == 0 && !equals_zlib(&summed))
		ret = -1;
	finish(&summed);
	return ret;
}

static int sum_files(int count, char *paths[], const struct options *options)
{
	struct sum_gpu gpu = {0};
	int status = CLI_OK;

	for (int i = 0; i < count; i++) {
		if (sum_file(paths[i], &gpu, options) < 0)
			status = CLI_FAILED;
	}
	sum_gpu_finish(&gpu);
	if (cli_finish() != CLI_OK)
		status = CLI_FAILED;
	return status;
}

static void print_diff_json(const struct summed pictures[2], size_t tiles, size_t changed,
	const pixman_box32_t *boxes, int count)
{
	struct json_object *object = json_object_new_object();
	struct json_object *list = json_object_new_array();

	for (int i = 0; i < count; i++) {
		struct json_object *box = json_object_new_array();

		json_object_array_add(box, json_object_new_int(boxes[i].x1));
		json_object_array_add(box, json_object_new_int(boxes[i].y1));
		json_object_array_add(box, json_object_new_int(boxes[i].x2 - boxes[i].x1));
		json_object_array_add(box, json_object_new_int(boxes[i].y2 - boxes[i].y1));
		json_object_array_add(list, box);
	}
	json_object_object_add(object, "before", describe_picture(&pictures[0]));
	json_object_object_add(object, "after", describe_picture(&pictures[1]));
	json_object_object_add(object, "tiles", json_object_new_int64((int64_t)tiles));
	json_object_object_add(object, "changed_tiles", json_object_new_int64((int64_t)changed));
	json_object_object_add(object, "changed", list);
	print_object(object);
}

static void print_diff(const struct summed pictures[2], size_t changed,
	const pixman_region32_t *region, const struct options *options)
{
	uint32_t columns, rows;
	int count;
	const pixman_box32_t *boxes =
		pixman_region32_rectangles((pixman_region32_t *)region, &count);

	wltex_sum_get_grid(pictures[0].sum, &columns, &rows);
	if (options->json) {
		print_diff_json(pictures, (size_t)columns * rows, changed, boxes, count);
		return;
	}
	print_frame(&pictures[0]);
	print_frame(&pictures[1]);
	printf("%zu of %zu tiles changed\n", changed, (size_t)columns * rows);
	for (int i = 0; i < count && !options->brief; i++) {
		printf("  %d,%d %dx%d\n", boxes[i].x1, boxes[i].y1, boxes[i].x2 - boxes[i].x1,
			boxes[i].y2 - boxes[i].y1);
	}
}

static int compare(struct summed pictures[2], const struct options *options)
{
	const struct sum_picture *before = &pictures[0].picture, *after = &pictures[1].picture;
	struct wltex_sum_pixels pixels = get_pixels(&pictures[1]);
	struct cli_reason reason;
	pixman_region32_t region;
	size_t changed;
	int status = CLI_OK;

	if (before->width != after->width || before->height != after->height) {
		cli_say("%s is %ux%u, %s is %ux%u", pictures[0].path, before->width, before->height,
			pictures[1].path, after->width, after->height);
		return CLI_FAILED;
	}
	pixman_region32_init(&region);
	changed = wltex_sum_update(pictures[0].sum, &pixels, NULL, &region);
	print_diff(pictures, changed, &region, options);
	if (options->png != NULL &&
		sum_picture_write_png(after, options->png, &region, &reason) < 0) {
		cli_say("%s: %s", options->png, reason.text);
		status = CLI_FAILED;
	}
	pixman_region32_fini(&region);
	if (cli_finish() != CLI_OK)
		status = CLI_FAILED;
	return status;
}

static int diff_files(char *paths[], const struct options *options)
{
	struct summed pictures[2];
	int status = CLI_FAILED;

	if (read_file(&pictures[0], paths[0], options) < 0)
		return status;
	if (read_file(&pictures[1], paths[1], options) == 0) {
		status = compare(pictures, options);
		finish(&pictures[1]);
	}
	finish(&pictures[0]);
	return status;
}

static int parse_format(struct options *options)
{
	options->picture.format = format_by_name(optarg);
	if (options->picture.format != NULL)
		return 0;
	cli_usage_error("--format=%s: unknown format", optarg);
	format_list(stderr);
	return CLI_USAGE;
}

static int parse_size(struct options *options)
{
	if (cli_parse_size(optarg, SUM_PICTURE_MAX_SIDE, &options->picture.width,
		    &options->picture.height) == 0)
		return 0;
	return cli_usage_error(
		"--size=%s: not WIDTHxHEIGHT, each from 1 to %d", optarg, SUM_PICTURE_MAX_SIDE);
}

static int parse_method(struct options *options)
{
	options->gpu = strcmp(optarg, "gpu") == 0;
	if (options->gpu || strcmp(optarg, "cpu") == 0)
		return 0;
	return cli_usage_error("--method=%s: neither cpu nor gpu", optarg);
}

/* Returns 0 or an exit status. */
static int parse_option(struct options *options, int option)
{
	switch (option) {
	case OPT_BRIEF:
		options->brief = true;
		return 0;
	case OPT_DIFF:
		options->diff = true;
		return 0;
	case OPT_FORMAT:
		return parse_format(options);
	case OPT_JSON:
		options->json = true;
		return 0;
	case OPT_METHOD:
		return parse_method(options);
	case OPT_PNG:
		options->png = optarg;
		return 0;
	case OPT_SIZE:
		return parse_size(options);
	default:
		if (cli_parse_number(optarg, 1, INT32_MAX, &options->picture.stride) == 0)
			return 0;
		return cli_usage_error("--stride=%s: not a number of bytes", optarg);
	}
}

/* Returns 0 or an exit status. */
static int check(const struct options *options, int files)
{
	const struct sum_picture_options *picture = &options->picture;

	if (options->diff ? files != 2 : files < 1)
		return cli_usage_error(
			options->diff ? "--diff compares two files" : "no file given");
	if (options->png != NULL && !options->diff)
		return cli_usage_error("--png needs --diff");
	if (options->diff && options->gpu)
		return cli_usage_error("--diff is a matter of the processor");
	if (picture->stride > 0 && picture->width == 0)
		return cli_usage_error("--stride needs --size");
	if (picture->stride > 0 &&
		picture->stride < (uint64_t)picture->width * format_bytes(picture->format))
		return cli_usage_error("--stride=%u: less than %u pixels of %s", picture->stride,
			picture->width, picture->format->long_name);
	return 0;
}

int cli_sum(int argc, char *argv[])
{
	struct options options = {.picture.format = wltex_format_info_get(DRM_FORMAT_ARGB8888)};
	int option = 0, status = 0;

	/* 0 instead of 1: getopt starts afresh, whatever was parsed before. */
	optind = 0;
	while (status == 0 && (option = cli_next_option_before_files(
				       argc, argv, long_options, help, &status)) > 0)
		status = parse_option(&options, option);
	if (option >= 0)
		return status;
	status = check(&options, argc - optind);
	if (status != 0)
		return status;
	if (options.diff)
		return diff_files(argv + optind, &options);
	return sum_files(argc - optind, argv + optind, &options);
}
