/* SPDX-License-Identifier: MIT */
/*
 * A Weston module that looks for stale pixels, whatever client there is. After each repaint
 * it lets all of the output be drawn anew: that must look the same. And it reads back what
 * Weston has uploaded of each wl_shm buffer: that must be what is in the buffer.
 *
 * At the end it writes "REPAINTS STALE UPLOADS STALE PIXELS" to the file
 * WLTEX_REPAINT_REPORT; the last is how many pixels were damaged.
 * To be loaded first: to others, that all is drawn anew is part of the same repaint.
 */
#include <GLES2/gl2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libweston/libweston.h>

/* Filtered, a colour depends a little on the rectangle that is drawn. */
#define TOLERANCE 2

struct checker {
	struct weston_compositor *compositor;
	struct weston_output *output;
	int (*repaint)(struct weston_output *output);
	struct wl_list surfaces; /* surface.link */
	struct wl_listener create_surface, compositor_destroy, frame;
	size_t size;
	uint8_t *partial, *full;
	/* Where the next frame is written. */
	uint8_t *target;
	unsigned int repaints, stale_repaints, uploads, stale_uploads;
	unsigned long damaged;
};

/* What a surface's buffer was like when it was committed, until it is checked. */
struct surface {
	struct checker *checker;
	struct weston_surface *surface;
	struct wl_list link;
	struct wl_listener commit, destroy;
	uint32_t *pixels;
	int width, height;
};

/* output->repaint has no argument for it. */
static struct checker *checker;

/* weston/weston.h declares it, in a package of its own. */
WL_EXPORT int wet_module_init(struct weston_compositor *compositor, int *argc, char *argv[]);

static bool differ(const uint8_t *a, const uint8_t *b, size_t n, int tolerance)
{
	for (size_t i = 0; i < n; i++) {
		if (i % 4 < 3 && abs(a[i] - b[i]) > tolerance)
			return true;
	}
	return false;
}

static void forget_pixels(struct surface *surface)
{
	free(surface->pixels);
	surface->pixels = NULL;
}

static void copy_pixels(struct surface *surface, struct wl_shm_buffer *buffer)
{
	const uint8_t *data = wl_shm_buffer_get_data(buffer);
	size_t stride = (size_t)wl_shm_buffer_get_stride(buffer), row;

	surface->width = wl_shm_buffer_get_width(buffer);
	surface->height = wl_shm_buffer_get_height(buffer);
	row = (size_t)surface->width * 4;
	surface->pixels = malloc(row * (size_t)surface->height);
	if (surface->pixels == NULL)
		return;
	wl_shm_buffer_begin_access(buffer);
	for (int y = 0; y < surface->height; y++)
		memcpy((uint8_t *)surface->pixels + row * (size_t)y, data + stride * (size_t)y,
			row);
	wl_shm_buffer_end_access(buffer);
}

static void handle_commit(struct wl_listener *listener, void *data)
{
	struct surface *surface = wl_container_of(listener, surface, commit);
	struct weston_buffer *buffer = surface->surface->buffer_ref.buffer;
	uint32_t format;

	forget_pixels(surface);
	if (buffer == NULL || buffer->type != WESTON_BUFFER_SHM || buffer->shm_buffer == NULL)
		return;
	format = wl_shm_buffer_get_format(buffer->shm_buffer);
	if (format == WL_SHM_FORMAT_ARGB8888 || format == WL_SHM_FORMAT_XRGB8888)
		copy_pixels(surface, buffer->shm_buffer);
}

static void handle_surface_destroy(struct wl_listener *listener, void *data)
{
	struct surface *surface = wl_container_of(listener, surface, destroy);

	forget_pixels(surface);
	wl_list_remove(&surface->commit.link);
	wl_list_remove(&surface->destroy.link);
	wl_list_remove(&surface->link);
	free(surface);
}

static void handle_create_surface(struct wl_listener *listener, void *data)
{
	struct surface *surface = calloc(1, sizeof(*surface));

	if (surface == NULL)
		return;
	surface->checker = checker;
	surface->surface = data;
	surface->commit.notify = handle_commit;
	wl_signal_add(&surface->surface->commit_signal, &surface->commit);
	surface->destroy.notify = handle_surface_destroy;
	wl_signal_add(&surface->surface->destroy_signal, &surface->destroy);
	wl_list_insert(&checker->surfaces, &surface->link);
}

/* ARGB in memory is BGRA by bytes, and what is read back RGBA. */
static bool is_uploaded(const struct surface *surface, const uint8_t *read)
{
	const uint8_t *pixels = (const uint8_t *)surface->pixels;

	for (size_t i = 0; i < (size_t)surface->width * (size_t)surface->height * 4; i += 4) {
		if (pixels[i] != read[i + 2] || pixels[i + 1] != read[i + 1] ||
			pixels[i + 2] != read[i])
			return false;
	}
	return true;
}

static void check_upload(struct surface *surface)
{
	size_t size = (size_t)surface->width * (size_t)surface->height * 4;
	uint8_t *read = malloc(size);

	if (read != NULL && weston_surface_copy_content(surface->surface, read, size, 0, 0,
				    surface->width, surface->height) == 0) {
		surface->checker->uploads++;
		if (!is_uploaded(surface, read)) {
			surface->checker->stale_uploads++;
			weston_log("stale upload of a buffer of %dx%d\n", surface->width,
				surface->height);
		}
	}
	free(read);
	forget_pixels(surface);
}

static unsigned long region_area(const pixman_region32_t *region)
{
	unsigned long area = 0;
	int n = 0;
	const pixman_box32_t *boxes = pixman_region32_rectangles(region, &n);

	for (int i = 0; i < n; i++)
		area += (unsigned long)(boxes[i].x2 - boxes[i].x1) *
			(unsigned long)(boxes[i].y2 - boxes[i].y1);
	return area;
}

static void handle_frame(struct wl_listener *listener, void *data)
{
	if (checker->target == checker->partial)
		checker->damaged += region_area(data);
	if (checker->target != NULL)
		glReadPixels(0, 0, checker->output->current_mode->width,
			checker->output->current_mode->height, GL_RGBA, GL_UNSIGNED_BYTE,
			checker->target);
}

static int repaint(struct weston_output *output)
{
	struct surface *surface;
	int ret;

	checker->target = checker->partial;
	ret = checker->repaint(output);
	if (ret != 0)
		return ret;
	checker->target = checker->full;
	output->full_repaint_needed = true;
	ret = checker->repaint(output);
	checker->target = NULL;
	checker->repaints++;
	if (differ(checker->partial, checker->full, checker->size, TOLERANCE)) {
		checker->stale_repaints++;
		weston_log("stale repaint %u\n", checker->repaints);
	}
	wl_list_for_each (surface, &checker->surfaces, link) {
		if (surface->pixels != NULL && weston_surface_is_mapped(surface->surface) &&
			surface->surface->output_mask & (1u << output->id))
			check_upload(surface);
	}
	return ret;
}

static void handle_compositor_destroy(struct wl_listener *listener, void *data)
{
	const char *path = getenv("WLTEX_REPAINT_REPORT");
	FILE *file = path != NULL ? fopen(path, "w") : NULL;
	struct surface *surface, *next;

	if (file != NULL) {
		fprintf(file, "%u %u %u %u %lu\n", checker->repaints, checker->stale_repaints,
			checker->uploads, checker->stale_uploads, checker->damaged);
		fclose(file);
	}
	wl_list_for_each_safe (surface, next, &checker->surfaces, link)
		handle_surface_destroy(&surface->destroy, NULL);
	checker->output->repaint = checker->repaint;
	wl_list_remove(&checker->create_surface.link);
	wl_list_remove(&checker->compositor_destroy.link);
	wl_list_remove(&checker->frame.link);
	free(checker->partial);
	free(checker->full);
	free(checker);
}

int wet_module_init(struct weston_compositor *compositor, int *argc, char *argv[])
{
	struct weston_output *output = wl_container_of(compositor->output_list.next, output, link);

	checker = calloc(1, sizeof(*checker));
	if (checker == NULL || wl_list_empty(&compositor->output_list))
		return -1;
	checker->size =
		(size_t)output->current_mode->width * (size_t)output->current_mode->height * 4;
	checker->partial = calloc(1, checker->size);
	checker->full = calloc(1, checker->size);
	if (checker->partial == NULL || checker->full == NULL)
		return -1;
	checker->compositor = compositor;
	checker->output = output;
	checker->repaint = output->repaint;
	output->repaint = repaint;
	wl_list_init(&checker->surfaces);
	checker->create_surface.notify = handle_create_surface;
	wl_signal_add(&compositor->create_surface_signal, &checker->create_surface);
	checker->compositor_destroy.notify = handle_compositor_destroy;
	wl_signal_add(&compositor->destroy_signal, &checker->compositor_destroy);
	checker->frame.notify = handle_frame;
	wl_signal_add(&output->frame_signal, &checker->frame);
	return 0;
}
