/* SPDX-License-Identifier: MIT */
/* What two compositors show: captured, compared, reported. */
#include <drm_fourcc.h>
#include <png.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "twin.h"

static void handle_format(void *data, struct weston_capture_source_v1 *source, uint32_t format)
{
	((struct twin_output *)data)->format = format;
}

static void handle_size(
	void *data, struct weston_capture_source_v1 *source, int32_t width, int32_t height)
{
	struct twin_output *output = data;

	output->width = width;
	output->height = height;
}

static void handle_complete(void *data, struct weston_capture_source_v1 *source)
{
	((struct twin_output *)data)->state = TWIN_CAPTURED;
}

static void handle_retry(void *data, struct weston_capture_source_v1 *source)
{
	((struct twin_output *)data)->state = TWIN_FAILED;
}

static void handle_failed(void *data, struct weston_capture_source_v1 *source, const char *why)
{
	fprintf(stderr, "capture failed: %s\n", why != NULL ? why : "no reason");
	((struct twin_output *)data)->state = TWIN_FAILED;
}

static const struct weston_capture_source_v1_listener source_listener = {
	.format = handle_format,
	.size = handle_size,
	.complete = handle_complete,
	.retry = handle_retry,
	.failed = handle_failed,
};

static void ignore_geometry(void *data, struct wl_output *wl, int32_t x, int32_t y, int32_t width,
	int32_t height, int32_t subpixel, const char *make, const char *model, int32_t transform)
{
}

static void ignore_mode(
	void *data, struct wl_output *wl, uint32_t flags, int32_t w, int32_t h, int32_t refresh)
{
}

static void ignore_done(void *data, struct wl_output *wl)
{
}

static void handle_scale(void *data, struct wl_output *wl, int32_t scale)
{
	((struct twin_output *)data)->scale = scale;
}

static const struct wl_output_listener output_listener = {
	.geometry = ignore_geometry,
	.mode = ignore_mode,
	.done = ignore_done,
	.scale = handle_scale,
};

static void make_picture(struct wl_shm *shm, struct twin_output *output)
{
	int32_t stride = output->width * 4;
	uint32_t format = output->format;
	struct wl_shm_pool *pool;
	int fd = memfd_create("wltex-picture", MFD_CLOEXEC);

	if (format == DRM_FORMAT_ARGB8888)
		format = WL_SHM_FORMAT_ARGB8888;
	else if (format == DRM_FORMAT_XRGB8888)
		format = WL_SHM_FORMAT_XRGB8888;
	output->size = (size_t)stride * (size_t)output->height;
	check(fd >= 0 && ftruncate(fd, (off_t)output->size) == 0);
	output->pixels = mmap(NULL, output->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	check(output->pixels != MAP_FAILED);
	pool = wl_shm_create_pool(shm, fd, (int32_t)output->size);
	output->picture =
		wl_shm_pool_create_buffer(pool, 0, output->width, output->height, stride, format);
	wl_shm_pool_destroy(pool);
	close(fd);
}

void twin_capture_init(struct twin_screen *screen)
{
	for (int k = 0; k < screen->n_outputs; k++) {
		struct twin_output *output = &screen->outputs[k];
		output->scale = 1;
		wl_output_add_listener(output->wl, &output_listener, output);
		output->source = weston_capture_v1_create(
			screen->capture, output->wl, WESTON_CAPTURE_V1_SOURCE_FRAMEBUFFER);
		weston_capture_source_v1_add_listener(output->source, &source_listener, output);
	}
	check(wl_display_roundtrip(screen->display) >= 0);
	for (int k = 0; k < screen->n_outputs; k++) {
		check(screen->outputs[k].width > 0 && screen->outputs[k].height > 0);
		make_picture(screen->shm, &screen->outputs[k]);
	}
}

void twin_capture_finish(struct twin_screen *screen)
{
	for (int k = 0; k < screen->n_outputs; k++) {
		struct twin_output *output = &screen->outputs[k];
		weston_capture_source_v1_destroy(output->source);
		wl_buffer_destroy(output->picture);
		munmap(output->pixels, output->size);
		wl_output_destroy(output->wl);
	}
}

static void capture(struct twin *twin, int first, int last)
{
	for (int i = 0; i < 2; i++) {
		for (int k = first; k <= last; k++) {
			struct twin_output *output = &twin->screens[i].outputs[k];
			output->state = TWIN_CAPTURING;
			weston_capture_source_v1_capture(output->source, output->picture);
		}
		wl_display_flush(twin->screens[i].display);
	}
	for (int i = 0; i < 2; i++) {
		for (int k = first; k <= last; k++) {
			while (twin->screens[i].outputs[k].state == TWIN_CAPTURING)
				twin_dispatch(twin->screens[i].display, 1000);
			check_int(twin->screens[i].outputs[k].state, TWIN_CAPTURED);
		}
	}
	/* Buffers that this released are known to be free. */
	twin_sync(twin);
}

void twin_show(struct twin *twin)
{
	capture(twin, 0, twin->n_outputs - 1);
}

void twin_show_output(struct twin *twin, int output)
{
	capture(twin, output, output);
}

uint32_t twin_pixel(const struct twin *twin, int32_t x, int32_t y)
{
	const struct twin_output *output = &twin->screens[TWIN_TESTED].outputs[0];

	return output->pixels[y * output->scale * output->width + x * output->scale] & 0xffffff;
}

static int difference(uint32_t a, uint32_t b)
{
	int greatest = 0;

	for (int shift = 0; shift < 24; shift += 8) {
		int d = abs((int)(a >> shift & 0xff) - (int)(b >> shift & 0xff));
		greatest = d > greatest ? d : greatest;
	}
	return greatest;
}

static void write_picture(const struct twin *twin, const struct twin_output *output,
	const uint32_t *pixels, const char *name, const char *suffix)
{
	char path[512];
	png_image image = {
		.version = PNG_IMAGE_VERSION,
		.width = (png_uint_32)output->width,
		.height = (png_uint_32)output->height,
		.format = PNG_FORMAT_BGRA,
	};
	uint32_t *opaque = malloc(output->size);

	check(opaque != NULL);
	for (size_t k = 0; k < output->size / 4; k++)
		opaque[k] = pixels[k] | 0xff000000u;
	snprintf(path, sizeof(path), "%s/%s-%s.png", twin->pictures, name, suffix);
	if (png_image_write_to_file(&image, path, 0, opaque, 0, NULL))
		fprintf(stderr, "wrote %s\n", path);
	free(opaque);
}

struct difference {
	int n, greatest;
	int32_t first, x1, y1, x2, y2;
};

static void report_difference(
	const struct twin *twin, int number, const char *name, const struct difference *d)
{
	const struct twin_output *reference = &twin->screens[TWIN_REFERENCE].outputs[number];
	const struct twin_output *tested = &twin->screens[TWIN_TESTED].outputs[number];
	int32_t first = d->first;

	fprintf(stderr,
		"output %d: %d pixels differ, by up to %d, in %d,%d to %d,%d, the first at %d,%d: "
		"%06x without the module, %06x with it\n",
		number, d->n, d->greatest, d->x1, d->y1, d->x2, d->y2, first % reference->width,
		first / reference->width, reference->pixels[first] & 0xffffff,
		tested->pixels[first] & 0xffffff);
	if (twin->pictures == NULL)
		return;
	write_picture(twin, reference, reference->pixels, name, "without");
	write_picture(twin, tested, tested->pixels, name, "with");
}

static int32_t smaller(int32_t a, int32_t b)
{
	return a < b ? a : b;
}

static int32_t greater(int32_t a, int32_t b)
{
	return a > b ? a : b;
}

static void add_pixel(struct difference *d, int32_t place, int32_t width, int by)
{
	int32_t x = place % width, y = place / width;

	if (d->n++ == 0)
		*d = (struct difference){1, by, place, x, y, x, y};
	d->greatest = greater(d->greatest, by);
	d->x1 = smaller(d->x1, x);
	d->y1 = smaller(d->y1, y);
	d->x2 = greater(d->x2, x);
	d->y2 = greater(d->y2, y);
}

static bool compare(const struct twin *twin, int number, struct difference *found)
{
	const struct twin_output *reference = &twin->screens[TWIN_REFERENCE].outputs[number];
	const struct twin_output *tested = &twin->screens[TWIN_TESTED].outputs[number];

	*found = (struct difference){0};
	for (int32_t k = 0; k < reference->width * reference->height; k++) {
		int by = difference(reference->pixels[k], tested->pixels[k]);
		if (by > twin->tolerance)
			add_pixel(found, k, reference->width, by);
	}
	return found->n == 0;
}

struct before {
	uint32_t *pixels[2][TWIN_MAX_OUTPUTS];
};

static void keep_pictures(const struct twin *twin, struct before *before)
{
	for (int i = 0; i < 2; i++) {
		for (int k = 0; k < twin->n_outputs; k++) {
			const struct twin_output *output = &twin->screens[i].outputs[k];
			before->pixels[i][k] = malloc(output->size);
			check(before->pixels[i][k] != NULL);
			memcpy(before->pixels[i][k], output->pixels, output->size);
		}
	}
}

/*
 * Of the reference, what it would show, where it shows something else than the tested one;
 * of the tested one, what it did show.
 */
static void merge_pictures(struct twin *twin, const struct before *before, int k)
{
	uint32_t *reference = twin->screens[TWIN_REFERENCE].outputs[k].pixels;
	const struct twin_output *tested = &twin->screens[TWIN_TESTED].outputs[k];

	for (size_t n = 0; n < tested->size / 4; n++) {
		uint32_t was = before->pixels[TWIN_REFERENCE][k][n];
		if (difference(was, before->pixels[TWIN_TESTED][k][n]) <= twin->tolerance)
			reference[n] = was;
	}
	memcpy(tested->pixels, before->pixels[TWIN_TESTED][k], tested->size);
	both(free(before->pixels[i][k]));
}

static void draw_anew(struct twin *twin)
{
	for (int i = 0; i < 2; i++) {
		check(twin->screens[i].pid > 0);
		check_int(kill(twin->screens[i].pid, SIGUSR1), 0);
	}
	twin_show(twin);
}

static bool is_equal_or_stale(struct twin *twin, const char *name)
{
	struct before before;
	struct difference found;
	bool equal = true;

	keep_pictures(twin, &before);
	draw_anew(twin);
	for (int k = 0; k < twin->n_outputs; k++) {
		merge_pictures(twin, &before, k);
		if (compare(twin, k, &found))
			continue;
		report_difference(twin, k, name, &found);
		equal = false;
	}
	twin->stale++;
	return equal;
}

bool twin_looks_equal(const struct twin *twin)
{
	struct difference found;
	bool equal = true;

	for (int k = 0; k < twin->n_outputs; k++)
		equal = compare(twin, k, &found) && equal;
	return equal;
}

bool twin_equal(struct twin *twin, const char *name)
{
	twin_show(twin);
	return twin_looks_equal(twin) || is_equal_or_stale(twin, name);
}

static void judge_output(const struct twin *twin, const struct before *before, int k, int right[2])
{
	const struct twin_output *truth = &twin->screens[TWIN_REFERENCE].outputs[k];
	uint32_t *const was[2] = {before->pixels[0][k], before->pixels[1][k]};

	for (size_t n = 0; n < truth->size / 4; n++) {
		if (difference(was[0][n], was[1][n]) <= twin->tolerance)
			continue;
		both(right[i] += difference(was[i][n], truth->pixels[n]) <= twin->tolerance);
	}
	both(free(before->pixels[i][k]));
}

void twin_judge(struct twin *twin, int *right_reference, int *right_tested)
{
	struct before before;
	int right[2] = {0};

	keep_pictures(twin, &before);
	draw_anew(twin);
	for (int k = 0; k < twin->n_outputs; k++)
		judge_output(twin, &before, k, right);
	*right_reference = right[TWIN_REFERENCE];
	*right_tested = right[TWIN_TESTED];
}
