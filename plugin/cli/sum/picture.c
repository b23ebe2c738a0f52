/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cli/sum/picture.h"

int sum_picture_allocate(struct sum_picture *picture, size_t stride, struct cli_reason *reason)
{
	size_t row_bytes = (size_t)picture->width * format_bytes(picture->format);

	picture->stride = stride > 0 ? stride : row_bytes;
	if ((uint64_t)picture->stride * picture->height > SUM_PICTURE_MAX_BYTES) {
		cli_set_reason(reason, "%ux%u %s is too large", picture->width, picture->height,
			picture->format->long_name);
		return -1;
	}
	picture->pixels = calloc(picture->height, picture->stride);
	if (picture->pixels == NULL) {
		cli_set_reason(reason, "%s", strerror(errno));
		return -1;
	}
	return 0;
}

void sum_picture_finish(struct sum_picture *picture)
{
	free(picture->pixels);
	picture->pixels = NULL;
}

/* What is left in the file. There may be padding after the last row, or not. */
static int read_rows(struct sum_picture *picture, FILE *file, struct cli_reason *reason)
{
	size_t row_bytes = (size_t)picture->width * format_bytes(picture->format);
	size_t most = picture->stride * picture->height;
	size_t least = most - picture->stride + row_bytes;
	size_t size = fread(picture->pixels, 1, most, file);

	if (ferror(file)) {
		cli_set_reason(reason, "%s", strerror(errno));
		return -1;
	}
	if (size < least) {
		cli_set_reason(reason, "%zu bytes are too few for %ux%u %s: that is %zu", size,
			picture->width, picture->height, picture->format->long_name, least);
		return -1;
	}
	if (size == most && fgetc(file) != EOF) {
		cli_set_reason(reason, "it has more than the %zu bytes of %ux%u %s", most,
			picture->width, picture->height, picture->format->long_name);
		return -1;
	}
	return 0;
}

static int read_raw(struct sum_picture *picture, FILE *file,
	const struct sum_picture_options *options, struct cli_reason *reason)
{
	picture->width = options->width;
	picture->height = options->height;
	if (sum_picture_allocate(picture, options->stride, reason) < 0)
		return -1;
	return read_rows(picture, file, reason);
}

int sum_picture_read(struct sum_picture *picture, const char *path,
	const struct sum_picture_options *options, struct cli_reason *reason)
{
	bool is_input = strcmp(path, "-") == 0;
	FILE *file = is_input ? stdin : fopen(path, "rbe");
	int ret;

	*picture = (struct sum_picture){.format = options->format};
	if (file == NULL) {
		cli_set_reason(reason, "%s", strerror(errno));
		return -1;
	}
	if (options->width > 0)
		ret = read_raw(picture, file, options, reason);
	else
		ret = sum_picture_read_png(picture, file, reason);
	if (!is_input)
		fclose(file);
	if (ret < 0)
		sum_picture_finish(picture);
	return ret;
}
