/* SPDX-License-Identifier: MIT */
/* Memory that is not there, more of it than can be read, and shapes that cost too much. */
#include <drm_fourcc.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "attack.h"

#define MEBIBYTE (1l << 20)
/* Of the large images, in bytes: 4096 pixels. */
#define STRIDE 16384
#define SIDE 64

static size_t get_size(long mebibytes)
{
	size_t size = (size_t)attack_get("ATTACK_SIZE", mebibytes) * MEBIBYTE;

	check(size > 0 && size < UINT32_MAX);
	return size;
}

/*
 * A small image at the end of ATTACK_SIZE MiB of nothing, ATTACK_COUNT times: the file is as
 * empty afterwards.
 */
TEST(hole)
{
	size_t size = get_size(256), offset = size - SIDE * SIDE * 4;

	peer_connect(&attacker, "hole");
	for (long i = attack_get("ATTACK_COUNT", 3); i > 0; i--) {
		int fd = attack_make_file(size, F_SEAL_SHRINK);
		struct wl_surface *surface = wl_compositor_create_surface(attacker.compositor);
		struct wl_buffer *buffer =
			attack_make_dmabuf(fd, (uint32_t)offset, SIDE * 4, SIDE, SIDE);

		attack_show(surface, buffer);
		attack_sync();
		check_int(attack_count_blocks(fd), 0);
		wl_surface_destroy(surface);
		wl_buffer_destroy(buffer);
		close(fd);
	}
	attack_sync();
}

/* A wl_shm buffer of ATTACK_SIZE MiB, all a hole, on ATTACK_COUNT surfaces that nobody draws. */
TEST(bigshm)
{
	size_t size = get_size(128);
	int fd = attack_make_file(size, 0);
	struct wl_buffer *buffer;

	peer_connect(&attacker, "bigshm");
	buffer = attack_make_shm(fd, size, STRIDE / 4, STRIDE, WL_SHM_FORMAT_XRGB8888);
	for (long i = attack_get("ATTACK_COUNT", 3); i > 0; i--) {
		attack_show(wl_compositor_create_surface(attacker.compositor), buffer);
		attack_sync();
		check_int(attack_count_blocks(fd), 0);
	}
}

/* A window, and on it a sub-surface of whatever is large: hardly anything of it is on the output. */
static struct peer_surface *make_window_with(struct wl_surface *large)
{
	struct peer_surface *window = peer_surface(&attacker, "");
	struct wl_subsurface *subsurface =
		wl_subcompositor_get_subsurface(attacker.subcompositor, large, window->wl_surface);

	/* Half of the window is still seen, and has frames. */
	wl_subsurface_set_position(subsurface, SIDE / 2, 0);
	wl_subsurface_set_desync(subsurface);
	peer_surface_map(window);
	xdg_surface_set_window_geometry(window->xdg_surface, 0, 0, SIDE, SIDE);
	wl_surface_attach(
		window->wl_surface, peer_shm_buffer(&attacker, SIDE, SIDE)->wl_buffer, 0, 0);
	peer_surface_draw(window);
	return window;
}

/*
 * A sub-surface of 16 MiB of nothing, drawn ATTACK_COMMITS times: what is not on the output stays
 * nothing.
 */
TEST(drawn_hole)
{
	const size_t size = 16 * MEBIBYTE;
	const blkcnt_t half = (blkcnt_t)(size / 2 / 512);
	struct wl_surface *large;
	struct peer_surface *window;
	struct wl_buffer *buffer;
	int fd = attack_make_file(size, F_SEAL_SHRINK);

	peer_connect(&attacker, "drawn_hole");
	large = wl_compositor_create_surface(attacker.compositor);
	window = make_window_with(large);
	buffer = attack_make_dmabuf(fd, 0, 1024, 256, (int32_t)(size / 1024));
	for (long i = attack_get("ATTACK_COMMITS", 5); i > 0; i--) {
		attack_show(large, buffer);
		peer_surface_draw(window);
		check(attack_count_blocks(fd) < half);
	}
}

/* As above, but all of 64 MiB is there: what cannot be read in time is not begun to be read. */
TEST(drawn_large)
{
	const size_t size = 64 * MEBIBYTE;
	struct wl_surface *large;
	struct peer_surface *window;
	struct wl_buffer *buffer;
	int fd = attack_make_file(size, F_SEAL_SHRINK);

	check(posix_fallocate(fd, 0, (off_t)size) == 0);
	peer_connect(&attacker, "drawn_large");
	large = wl_compositor_create_surface(attacker.compositor);
	window = make_window_with(large);
	buffer = attack_make_dmabuf(fd, 0, STRIDE, STRIDE / 4, (int32_t)(size / STRIDE));
	for (long i = attack_get("ATTACK_COMMITS", 5); i > 0; i--) {
		attack_show(large, buffer);
		peer_surface_draw(window);
	}
}

/* Many thin claims of rows that are far apart: to ask for the memory of each takes longest. */
TEST(drawn_columns)
{
	const size_t stride = 8192, size = 16384 * stride;
	int fd = attack_make_file(size, F_SEAL_SHRINK);
	struct wl_surface *surface;
	struct peer_surface *window;
	struct wl_buffer *buffer;

	check(posix_fallocate(fd, 0, (off_t)size) == 0);
	peer_connect(&attacker, "drawn_columns");
	surface = wl_compositor_create_surface(attacker.compositor);
	window = make_window_with(surface);
	buffer = attack_make_shm(fd, size, 250, (int32_t)stride, WL_SHM_FORMAT_RGB565);
	for (long i = attack_get("ATTACK_COMMITS", 5); i > 0; i--) {
		wl_surface_attach(surface, buffer, 0, 0);
		for (int32_t x = 0; x < 240; x += 2)
			wl_surface_damage_buffer(surface, x, 0, 1, INT32_MAX);
		wl_surface_commit(surface);
		peer_surface_draw(window);
	}
}

/* ATTACK_COMMITS commits as fast as they go, each of which claims all of a large buffer. */
static void flood(struct wl_buffer *buffer)
{
	struct wl_surface *surface = wl_compositor_create_surface(attacker.compositor);
	long commits = attack_get("ATTACK_COMMITS", 3000);

	for (long i = 1; i <= commits; i++) {
		attack_show(surface, buffer);
		if (i % 300 == 0)
			attack_sync();
	}
	attack_sync();
}

TEST(flood_shm)
{
	size_t size = get_size(64);

	peer_connect(&attacker, "flood_shm");
	flood(attack_make_shm(attack_make_file(size, F_SEAL_SHRINK), size, STRIDE / 4, STRIDE,
		WL_SHM_FORMAT_XRGB8888));
}

TEST(flood_dmabuf)
{
	size_t size = get_size(64);

	peer_connect(&attacker, "flood_dmabuf");
	flood(attack_make_dmabuf(attack_make_file(size, F_SEAL_SHRINK), 0, STRIDE, STRIDE / 4,
		(int32_t)(size / STRIDE)));
}

/* The format with the smallest pixels that wl_shm offers. */
static uint32_t smallest_format = WL_SHM_FORMAT_XRGB8888;
static int32_t bytes_per_pixel = 4;

static void handle_format(void *data, struct wl_shm *shm, uint32_t format)
{
	if (format == DRM_FORMAT_R8) {
		smallest_format = format;
		bytes_per_pixel = 1;
	} else if (format == DRM_FORMAT_RGB565 && bytes_per_pixel > 2) {
		smallest_format = format;
		bytes_per_pixel = 2;
	}
}

static const struct wl_shm_listener shm_listener = {.format = handle_format};

/*
 * ATTACK_SIZE MiB of real memory as one column of pixels, on ATTACK_COUNT surfaces: sums of its
 * tiles take much memory for each of them.
 */
TEST(tilemem)
{
	size_t size = get_size(8);
	int fd = attack_make_file(size, F_SEAL_SHRINK);
	void *data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	struct wl_buffer *buffer;

	check(data != MAP_FAILED);
	memset(data, 1, size);
	peer_connect(&attacker, "tilemem");
	/* A listener that comes late hears nothing: another object hears all. */
	attacker.shm = NULL;
	wl_registry_add_listener(wl_display_get_registry(attacker.display),
		wl_proxy_get_listener((struct wl_proxy *)attacker.registry), &attacker);
	attack_sync();
	check(attacker.shm != NULL);
	wl_shm_add_listener(attacker.shm, &shm_listener, NULL);
	attack_sync();
	buffer = attack_make_shm(fd, size, 1, bytes_per_pixel, smallest_format);
	for (long i = attack_get("ATTACK_COUNT", 20); i > 0; i--) {
		attack_show(wl_compositor_create_surface(attacker.compositor), buffer);
		attack_sync();
	}
}
