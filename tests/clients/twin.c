/* SPDX-License-Identifier: MIT */
#include <drm_fourcc.h>
#include <png.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "twin.h"

#define N_ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

static void handle_ping(void *data, struct xdg_wm_base *wm_base, uint32_t serial)
{
	xdg_wm_base_pong(wm_base, serial);
}

static const struct xdg_wm_base_listener wm_base_listener = {.ping = handle_ping};

static void add_format(uint32_t *formats, int *n, uint32_t format)
{
	if (*n < 64)
		formats[(*n)++] = format;
}

static void handle_shm_format(void *data, struct wl_shm *shm, uint32_t format)
{
	struct twin_screen *screen = data;

	if (format == WL_SHM_FORMAT_ARGB8888)
		format = DRM_FORMAT_ARGB8888;
	else if (format == WL_SHM_FORMAT_XRGB8888)
		format = DRM_FORMAT_XRGB8888;
	add_format(screen->shm_formats, &screen->n_shm_formats, format);
}

static const struct wl_shm_listener shm_listener = {.format = handle_shm_format};

static void ignore_format(void *data, struct zwp_linux_dmabuf_v1 *dmabuf, uint32_t format)
{
}

static void handle_modifier(void *data, struct zwp_linux_dmabuf_v1 *dmabuf, uint32_t format,
	uint32_t modifier_hi, uint32_t modifier_lo)
{
	struct twin_screen *screen = data;

	if (((uint64_t)modifier_hi << 32 | modifier_lo) == DRM_FORMAT_MOD_LINEAR)
		add_format(screen->dmabuf_formats, &screen->n_dmabuf_formats, format);
}

static const struct zwp_linux_dmabuf_v1_listener dmabuf_listener = {
	.format = ignore_format,
	.modifier = handle_modifier,
};

static bool has_format(const uint32_t *formats, int n, uint32_t format)
{
	for (int k = 0; k < n; k++) {
		if (formats[k] == format)
			return true;
	}
	return false;
}

bool twin_takes(const struct twin *twin, enum twin_memory memory, uint32_t format)
{
	for (int i = 0; i < 2; i++) {
		const struct twin_screen *screen = &twin->screens[i];
		bool shm = memory == TWIN_SHM;
		if (!has_format(shm ? screen->shm_formats : screen->dmabuf_formats,
			    shm ? screen->n_shm_formats : screen->n_dmabuf_formats, format))
			return false;
	}
	return true;
}

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version)
{
	struct twin_screen *screen = data;
	const struct {
		const struct wl_interface *interface;
		uint32_t version;
		void *object;
	} globals[] = {
		{&wl_compositor_interface, 4, &screen->compositor},
		{&wl_subcompositor_interface, 1, &screen->subcompositor},
		{&wl_shm_interface, 1, &screen->shm},
		{&wl_output_interface, 1, &screen->output},
		{&xdg_wm_base_interface, 1, &screen->wm_base},
		{&zwp_linux_dmabuf_v1_interface, 3, &screen->dmabuf},
		{&wp_viewporter_interface, 1, &screen->viewporter},
		{&wltex_manager_v1_interface, 1, &screen->wltex},
		{&weston_capture_v1_interface, 1, &screen->capture},
	};

	for (size_t i = 0; i < N_ELEMENTS(globals); i++) {
		if (strcmp(interface, globals[i].interface->name) != 0)
			continue;
		void *object =
			wl_registry_bind(registry, name, globals[i].interface, globals[i].version);
		memcpy(globals[i].object, &object, sizeof(object));
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name)
{
}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

static void handle_format(void *data, struct weston_capture_source_v1 *source, uint32_t format)
{
	((struct twin_screen *)data)->format = format;
}

static void handle_size(
	void *data, struct weston_capture_source_v1 *source, int32_t width, int32_t height)
{
	struct twin_screen *screen = data;

	screen->width = width;
	screen->height = height;
}

static void handle_complete(void *data, struct weston_capture_source_v1 *source)
{
	((struct twin_screen *)data)->state = TWIN_CAPTURED;
}

static void handle_retry(void *data, struct weston_capture_source_v1 *source)
{
	((struct twin_screen *)data)->state = TWIN_FAILED;
}

static void handle_failed(void *data, struct weston_capture_source_v1 *source, const char *why)
{
	fprintf(stderr, "capture failed: %s\n", why != NULL ? why : "no reason");
	((struct twin_screen *)data)->state = TWIN_FAILED;
}

static const struct weston_capture_source_v1_listener source_listener = {
	.format = handle_format,
	.size = handle_size,
	.complete = handle_complete,
	.retry = handle_retry,
	.failed = handle_failed,
};

static void make_picture(struct twin_screen *screen)
{
	int32_t stride = screen->width * 4;
	struct wl_shm_pool *pool;
	int fd = memfd_create("wltex-picture", MFD_CLOEXEC);

	screen->size = (size_t)stride * (size_t)screen->height;
	check(fd >= 0 && ftruncate(fd, (off_t)screen->size) == 0);
	screen->pixels = mmap(NULL, screen->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	check(screen->pixels != MAP_FAILED);
	pool = wl_shm_create_pool(screen->shm, fd, (int32_t)screen->size);
	screen->picture = wl_shm_pool_create_buffer(pool, 0, screen->width, screen->height, stride,
		screen->format == DRM_FORMAT_ARGB8888   ? WL_SHM_FORMAT_ARGB8888
		: screen->format == DRM_FORMAT_XRGB8888 ? WL_SHM_FORMAT_XRGB8888
							: screen->format);
	wl_shm_pool_destroy(pool);
	close(fd);
}

static void connect_screen(struct twin_screen *screen, const char *variable, const char *pid)
{
	const char *path = getenv(variable);

	if (path == NULL)
		test_skip("%s is not set: run it by tests/weston/twins.sh", variable);
	screen->pid = getenv(pid) != NULL ? atoi(getenv(pid)) : 0;
	screen->display = wl_display_connect(path);
	if (screen->display == NULL)
		test_fail(__FILE__, __LINE__, "cannot connect to %s", path);
	screen->registry = wl_display_get_registry(screen->display);
	wl_registry_add_listener(screen->registry, &registry_listener, screen);
	check(wl_display_roundtrip(screen->display) >= 0);
	check(screen->compositor != NULL && screen->subcompositor != NULL && screen->shm != NULL);
	check(screen->wm_base != NULL && screen->viewporter != NULL && screen->output != NULL);
	if (screen->capture == NULL)
		test_skip("this Weston has no weston_capture_v1");
	xdg_wm_base_add_listener(screen->wm_base, &wm_base_listener, NULL);
	wl_shm_add_listener(screen->shm, &shm_listener, screen);
	if (screen->dmabuf != NULL)
		zwp_linux_dmabuf_v1_add_listener(screen->dmabuf, &dmabuf_listener, screen);
	screen->source = weston_capture_v1_create(
		screen->capture, screen->output, WESTON_CAPTURE_V1_SOURCE_FRAMEBUFFER);
	weston_capture_source_v1_add_listener(screen->source, &source_listener, screen);
	check(wl_display_roundtrip(screen->display) >= 0);
	check(screen->width > 0 && screen->height > 0);
	make_picture(screen);
}

void twin_connect(struct twin *twin)
{
	*twin = (struct twin){.pictures = getenv("WLTEX_TWIN_PICTURES")};
	connect_screen(
		&twin->screens[TWIN_REFERENCE], "WLTEX_TWIN_REFERENCE", "WLTEX_TWIN_REFERENCE_PID");
	connect_screen(&twin->screens[TWIN_TESTED], "WLTEX_TWIN_TESTED", "WLTEX_TWIN_TESTED_PID");
	check_int(twin->screens[0].size, twin->screens[1].size);
	check_int(twin->screens[0].format, twin->screens[1].format);
	twin->width = twin->screens[0].width;
	twin->height = twin->screens[0].height;
}

static void disconnect_screen(struct twin_screen *screen)
{
	if (screen->wltex != NULL)
		wltex_manager_v1_destroy(screen->wltex);
	if (screen->dmabuf != NULL)
		zwp_linux_dmabuf_v1_destroy(screen->dmabuf);
	weston_capture_source_v1_destroy(screen->source);
	weston_capture_v1_destroy(screen->capture);
	wl_buffer_destroy(screen->picture);
	munmap(screen->pixels, screen->size);
	wp_viewporter_destroy(screen->viewporter);
	xdg_wm_base_destroy(screen->wm_base);
	wl_output_destroy(screen->output);
	wl_shm_destroy(screen->shm);
	wl_subcompositor_destroy(screen->subcompositor);
	wl_compositor_destroy(screen->compositor);
	wl_registry_destroy(screen->registry);
	wl_display_disconnect(screen->display);
}

void twin_disconnect(struct twin *twin)
{
	/* Those on top of others come first. */
	while (twin->surfaces != NULL)
		twin_surface_destroy(twin->surfaces);
	while (twin->buffers != NULL)
		twin_buffer_destroy(twin->buffers);
	both(disconnect_screen(&twin->screens[i]));
}

static void report_error(struct wl_display *display)
{
	const struct wl_interface *interface = NULL;
	uint32_t id = 0, code;

	if (wl_display_get_error(display) == 0)
		return;
	code = wl_display_get_protocol_error(display, &interface, &id);
	test_fail(__FILE__, __LINE__, "the connection broke: %s, error %u of %s@%u",
		strerror(wl_display_get_error(display)), code,
		interface != NULL ? interface->name : "nothing", id);
}

void twin_sync(struct twin *twin)
{
	both({
		wl_display_roundtrip(twin->screens[i].display);
		report_error(twin->screens[i].display);
	});
}

static void dispatch(struct wl_display *display, int timeout_ms)
{
	struct pollfd pollfd = {.fd = wl_display_get_fd(display), .events = POLLIN};

	wl_display_flush(display);
	while (wl_display_prepare_read(display) < 0)
		wl_display_dispatch_pending(display);
	if (poll(&pollfd, 1, timeout_ms) > 0)
		wl_display_read_events(display);
	else
		wl_display_cancel_read(display);
	wl_display_dispatch_pending(display);
	report_error(display);
}

void twin_flush(struct twin *twin)
{
	both(wl_display_flush(twin->screens[i].display));
	both(dispatch(twin->screens[i].display, 0));
}

void twin_show(struct twin *twin)
{
	for (int i = 0; i < 2; i++) {
		struct twin_screen *screen = &twin->screens[i];
		screen->state = TWIN_CAPTURING;
		weston_capture_source_v1_capture(screen->source, screen->picture);
		wl_display_flush(screen->display);
	}
	for (int i = 0; i < 2; i++) {
		while (twin->screens[i].state == TWIN_CAPTURING)
			dispatch(twin->screens[i].display, 1000);
		check_int(twin->screens[i].state, TWIN_CAPTURED);
	}
	/* Buffers that this released are known to be free. */
	twin_sync(twin);
}

uint32_t twin_pixel(const struct twin *twin, int32_t x, int32_t y)
{
	return twin->screens[TWIN_TESTED].pixels[y * twin->width + x] & 0xffffff;
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

static void write_picture(
	const struct twin *twin, const uint32_t *pixels, const char *name, const char *suffix)
{
	char path[512];
	png_image image = {
		.version = PNG_IMAGE_VERSION,
		.width = (png_uint_32)twin->width,
		.height = (png_uint_32)twin->height,
		.format = PNG_FORMAT_BGRA,
	};
	uint32_t *opaque = malloc(twin->screens[0].size);

	check(opaque != NULL);
	for (int32_t k = 0; k < twin->width * twin->height; k++)
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

static void report_difference(const struct twin *twin, const char *name, const struct difference *d)
{
	const uint32_t *reference = twin->screens[TWIN_REFERENCE].pixels;
	const uint32_t *tested = twin->screens[TWIN_TESTED].pixels;
	int32_t first = d->first;

	fprintf(stderr,
		"%d pixels differ, by up to %d, in %d,%d to %d,%d, the first at %d,%d: %06x "
		"without the module, %06x with it\n",
		d->n, d->greatest, d->x1, d->y1, d->x2, d->y2, first % twin->width,
		first / twin->width, reference[first] & 0xffffff, tested[first] & 0xffffff);
	if (twin->pictures == NULL)
		return;
	write_picture(twin, reference, name, "without");
	write_picture(twin, tested, name, "with");
}

static int32_t smaller(int32_t a, int32_t b)
{
	return a < b ? a : b;
}

static int32_t greater(int32_t a, int32_t b)
{
	return a > b ? a : b;
}

static void add_pixel(struct difference *d, const struct twin *twin, int32_t place, int by)
{
	int32_t x = place % twin->width, y = place / twin->width;

	if (d->n++ == 0)
		*d = (struct difference){1, by, place, x, y, x, y};
	d->greatest = greater(d->greatest, by);
	d->x1 = smaller(d->x1, x);
	d->y1 = smaller(d->y1, y);
	d->x2 = greater(d->x2, x);
	d->y2 = greater(d->y2, y);
}

static void compare(const struct twin *twin, const uint32_t *tested, struct difference *found)
{
	const uint32_t *reference = twin->screens[TWIN_REFERENCE].pixels;

	*found = (struct difference){0};
	for (int32_t k = 0; k < twin->width * twin->height; k++) {
		int by = difference(reference[k], tested[k]);
		if (by > twin->tolerance)
			add_pixel(found, twin, k, by);
	}
}

/* What the reference would show, where it shows something else than the tested one. */
static void draw_reference(struct twin *twin, uint32_t *before[2])
{
	struct twin_screen *reference = &twin->screens[TWIN_REFERENCE];

	check(reference->pid > 0);
	both(check_int(kill(twin->screens[i].pid, SIGUSR1), 0));
	twin_show(twin);
	for (int32_t k = 0; k < twin->width * twin->height; k++) {
		if (difference(before[TWIN_REFERENCE][k], before[TWIN_TESTED][k]) <=
			twin->tolerance)
			reference->pixels[k] = before[TWIN_REFERENCE][k];
	}
}

bool twin_equal(struct twin *twin, const char *name)
{
	size_t size = twin->screens[0].size;
	struct difference found;
	uint32_t *before[2];

	twin_show(twin);
	compare(twin, twin->screens[TWIN_TESTED].pixels, &found);
	if (found.n == 0)
		return true;
	both(check((before[i] = malloc(size)) != NULL));
	both(memcpy(before[i], twin->screens[i].pixels, size));
	draw_reference(twin, before);
	compare(twin, before[TWIN_TESTED], &found);
	memcpy(twin->screens[TWIN_TESTED].pixels, before[TWIN_TESTED], size);
	if (found.n > 0)
		report_difference(twin, name, &found);
	both(free(before[i]));
	twin->stale++;
	return found.n == 0;
}
