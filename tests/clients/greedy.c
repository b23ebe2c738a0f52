/* SPDX-License-Identifier: MIT */
/*
 * A client that takes ever more of one thing, one case a run: see tests/weston/greedy.sh.
 *
 *	GREEDY_COUNT=1000000 client-greedy params
 *
 * Then it says "alive" or "disconnected", and how many it asked for; if it lives, it holds
 * what it has until its standard input ends.
 */
#include <drm_fourcc.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "peer.h"

#define SIZE 64
#define STRIDE (SIZE * 4)
/* Of buffers that are alive at once; each costs the compositor some fds. */
#define MAX_ALIVE 1000
/* So many fds are under way at once at most: the kernel has a limit. */
#define FDS_UNDER_WAY 20
/* Of the case "listed". */
#define LISTED_BUFFERS 300

static struct peer peer;

static int memory(void)
{
	int fd = memfd_create("wltex-greedy", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	check(fd >= 0 && ftruncate(fd, (off_t)STRIDE * SIZE) == 0);
	check(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) == 0);
	return fd;
}

/* Call take() for each, until they are all had or the connection breaks. */
static void be_greedy(void (*take)(long i, int fd), long under_way)
{
	const char *text = getenv("GREEDY_COUNT");
	long count = text != NULL ? strtol(text, NULL, 10) : 1000, i = 0;
	int fd = memory();
	bool alive = true;
	char byte;

	peer_connect(&peer, "greedy");
	while (i < count && alive) {
		take(i++, fd);
		if (i % under_way == 0 || i == count)
			alive = peer_try_sync(&peer);
		/* Nobody reads it. */
		peer.log[0] = '\0';
	}
	printf("%s %ld\n", alive ? "alive" : "disconnected", i);
	fflush(stdout);
	while (alive && read(STDIN_FILENO, &byte, 1) > 0)
		;
	exit(EXIT_SUCCESS);
}

static void take_params(long i, int fd)
{
	zwp_linux_dmabuf_v1_create_params(peer.dmabuf);
}

/* Params that no buffer is ever made of. */
TEST(params)
{
	be_greedy(take_params, 1000);
}

static void take_fd(long i, int fd)
{
	struct zwp_linux_buffer_params_v1 *params = zwp_linux_dmabuf_v1_create_params(peer.dmabuf);

	zwp_linux_buffer_params_v1_add(params, fd, 0, 0, STRIDE, 0, 0);
}

/* The same, each of which holds an fd. */
TEST(fds)
{
	be_greedy(take_fd, FDS_UNDER_WAY);
}

static void take_buffer(long i, int fd)
{
	static struct wl_buffer *buffers[MAX_ALIVE];
	static struct wl_surface *surface;
	struct wl_buffer **buffer = &buffers[i % MAX_ALIVE];
	struct zwp_linux_buffer_params_v1 *params = zwp_linux_dmabuf_v1_create_params(peer.dmabuf);

	if (surface == NULL)
		surface = wl_compositor_create_surface(peer.compositor);
	if (*buffer != NULL)
		wl_buffer_destroy(*buffer);
	zwp_linux_buffer_params_v1_add(params, fd, 0, 0, STRIDE, 0, 0);
	*buffer =
		zwp_linux_buffer_params_v1_create_immed(params, SIZE, SIZE, DRM_FORMAT_XRGB8888, 0);
	zwp_linux_buffer_params_v1_destroy(params);
	wl_surface_attach(surface, *buffer, 0, 0);
	wl_surface_damage_buffer(surface, 0, 0, SIZE, SIZE);
	wl_surface_commit(surface);
}

/* A new buffer for each commit, all in one memory; the oldest go. */
TEST(buffers)
{
	be_greedy(take_buffer, FDS_UNDER_WAY);
}

/* A window with a title that is as long as the protocol lets it be. */
static struct wl_surface *make_window(void)
{
	struct wl_surface *surface = wl_compositor_create_surface(peer.compositor);
	struct xdg_surface *xdg = xdg_wm_base_get_xdg_surface(peer.wm_base, surface);
	struct xdg_toplevel *toplevel = xdg_surface_get_toplevel(xdg);
	char title[4000];

	memset(title, '"', sizeof(title) - 1);
	title[sizeof(title) - 1] = '\0';
	xdg_toplevel_set_title(toplevel, title);
	xdg_toplevel_set_app_id(toplevel, title);
	wl_surface_commit(surface);
	return surface;
}

static void take_listed(long i, int fd)
{
	static struct wl_surface *window;
	struct zwp_linux_buffer_params_v1 *params;
	struct wl_surface *surface = wl_compositor_create_surface(peer.compositor);

	if (window == NULL)
		window = make_window();
	wl_subcompositor_get_subsurface(peer.subcompositor, surface, window);
	/* A surface that never commits is not listed. */
	wl_surface_commit(surface);
	if (i >= LISTED_BUFFERS)
		return;
	params = zwp_linux_dmabuf_v1_create_params(peer.dmabuf);
	zwp_linux_buffer_params_v1_add(params, fd, 0, 0, STRIDE, 0, 0);
	zwp_linux_buffer_params_v1_create_immed(params, SIZE, SIZE, DRM_FORMAT_XRGB8888, 0);
	zwp_linux_buffer_params_v1_destroy(params);
}

/* What makes the state long: sub-surfaces, and to begin with a buffer with each. */
TEST(listed)
{
	be_greedy(take_listed, FDS_UNDER_WAY);
}
