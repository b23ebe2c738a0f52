/* SPDX-License-Identifier: MIT */
/* More objects than can be walked over each time, and names that are not for reading. */
#include <drm_fourcc.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "attack.h"

#define SIDE 64
#define STRIDE (SIDE * 4)
#define SIZE (SIDE * STRIDE)
/* So many fds are under way at once at most: the kernel has a limit. */
#define FDS_UNDER_WAY 20
#define MAX_BUFFERS 2000

static struct wl_buffer *make_small(int fd)
{
	return attack_make_dmabuf(fd, 0, STRIDE, SIDE, SIDE);
}

static void commit_often(struct wl_surface *surface, struct wl_buffer *buffer, long commits)
{
	for (long i = 1; i <= commits; i++) {
		wl_surface_attach(surface, buffer, 0, 0);
		wl_surface_commit(surface);
		if (i % 1000 == 0)
			attack_sync();
	}
	attack_sync();
}

/*
 * ATTACK_COUNT surfaces, the last of which shows a dmabuf, and one more that is committed
 * ATTACK_COMMITS times without one.
 */
TEST(walk)
{
	long count = attack_get("ATTACK_COUNT", 5000), commits = attack_get("ATTACK_COMMITS", 1000);
	int fd = attack_make_file(SIZE, F_SEAL_SHRINK);
	struct wl_surface *surface;

	peer_connect(&attacker, "walk");
	surface = wl_compositor_create_surface(attacker.compositor);
	attack_make_surfaces(count);
	attack_show(wl_compositor_create_surface(attacker.compositor), make_small(fd));
	commit_often(surface, NULL, commits);
	commit_often(
		surface, attack_make_shm(fd, SIZE, SIDE, STRIDE, WL_SHM_FORMAT_XRGB8888), commits);
}

static void make_and_destroy_buffers(int fd, long count)
{
	static struct wl_buffer *buffers[MAX_BUFFERS];

	count = count < MAX_BUFFERS ? count : MAX_BUFFERS;
	for (long i = 0; i < count; i++) {
		buffers[i] = make_small(fd);
		if (i % FDS_UNDER_WAY == 0)
			attack_sync();
	}
	for (long i = 0; i < count; i++)
		wl_buffer_destroy(buffers[i]);
	attack_sync();
}

static void show_and_detach(struct wl_surface *surface, struct wl_buffer *buffer, long count)
{
	for (long i = 0; i < count; i++) {
		attack_show(surface, buffer);
		attack_show(surface, NULL);
		if (i % 100 == 0)
			attack_sync();
	}
	attack_sync();
}

/* ATTACK_COUNT surfaces and, beside them, ATTACK_COMMITS of everything else that a client does. */
TEST(manysurf)
{
	long count = attack_get("ATTACK_COUNT", 5000), commits = attack_get("ATTACK_COMMITS", 1000);
	int fd = attack_make_file(SIZE, F_SEAL_SHRINK);
	struct wl_surface *surface;

	peer_connect(&attacker, "manysurf");
	attack_make_surfaces(count);
	surface = wl_compositor_create_surface(attacker.compositor);
	commit_often(surface, NULL, commits);
	commit_often(
		surface, attack_make_shm(fd, SIZE, SIDE, STRIDE, WL_SHM_FORMAT_XRGB8888), commits);
	make_and_destroy_buffers(fd, commits);
	show_and_detach(surface, make_small(fd), commits < MAX_BUFFERS ? commits : MAX_BUFFERS);
}

/*
 * ATTACK_COUNT buffers of one pool of wl_shm, and ATTACK_COMMITS pools that nothing uses, half of
 * which are destroyed again.
 */
TEST(pools)
{
	long count = attack_get("ATTACK_COUNT", 20000), pools = attack_get("ATTACK_COMMITS", 5000);
	int fd = attack_make_file(SIZE, F_SEAL_SHRINK);
	struct wl_shm_pool *pool;

	peer_connect(&attacker, "pools");
	pool = wl_shm_create_pool(attacker.shm, fd, SIZE);
	for (long i = 0; i < count; i++) {
		wl_shm_pool_create_buffer(pool, 0, SIDE, SIDE, STRIDE, WL_SHM_FORMAT_XRGB8888);
		if (i % 1000 == 0)
			attack_sync();
	}
	for (long i = 0; i < pools; i++) {
		pool = wl_shm_create_pool(attacker.shm, fd, STRIDE);
		if (i % 2)
			wl_shm_pool_destroy(pool);
		if (i % FDS_UNDER_WAY == 0)
			attack_sync();
	}
	attack_sync();
}

/* One buffer on ATTACK_COUNT surfaces, and then on one of them ATTACK_COMMITS times more. */
TEST(one_buffer)
{
	long count = attack_get("ATTACK_COUNT", 3000), commits = attack_get("ATTACK_COMMITS", 1000);
	int fd = attack_make_file(SIZE, F_SEAL_SHRINK);
	struct wl_surface *surface = NULL;
	struct wl_buffer *buffer;

	peer_connect(&attacker, "one_buffer");
	buffer = attack_make_shm(fd, SIZE, SIDE, STRIDE, WL_SHM_FORMAT_XRGB8888);
	for (long i = 0; i < count; i++) {
		surface = wl_compositor_create_surface(attacker.compositor);
		attack_show(surface, buffer);
		if (i % 1000 == 0)
			attack_sync();
	}
	commit_often(surface, buffer, commits);
	wl_buffer_destroy(buffer);
	attack_sync();
}

/*
 * ATTACK_COUNT sub-surfaces of a window with a long title, held until the input ends: somebody
 * asks for the state meanwhile.
 */
TEST(state)
{
	static char title[4000];
	struct peer_surface *window;

	peer_connect(&attacker, "state");
	window = peer_surface(&attacker, "");
	peer_surface_map(window);
	memset(title, '\\', sizeof(title) - 1);
	xdg_toplevel_set_title(window->toplevel, title);
	xdg_toplevel_set_app_id(window->toplevel, title);
	for (long i = attack_get("ATTACK_COUNT", 500); i > 0; i--) {
		wl_subcompositor_get_subsurface(attacker.subcompositor,
			wl_compositor_create_surface(attacker.compositor), window->wl_surface);
		if (i % 500 == 0)
			attack_sync();
	}
	attack_sync();
	alarm(0);
	attack_hold();
}

/*
 * The name of a process, a title and an app-id that are orders to a terminal, or no text at all;
 * and some buffers, so that a limit can be met and the log names the process.
 */
TEST(inject)
{
	static const char *const names[] = {
		"\033[31m\033]0;x\007",
		"a\"b\\c\nd{}=,",
		"\xff\xfe\xc3(",
		"\033[2J\033[H",
		"\xe2\x80\xae\xe6\x97\xa5\xe6\x9c\xac",
	};
	static char title[4000] = "\033[31mT\"\\\n\t\x7f\xc2\x9b";
	size_t name = (size_t)attack_get("ATTACK_NAME", 0) % (sizeof(names) / sizeof(names[0]));
	int fd = attack_make_file(SIZE, F_SEAL_SHRINK);
	struct peer_surface *window;

	peer_connect(&attacker, names[name]);
	window = peer_surface(&attacker, "");
	peer_surface_map(window);
	memset(title + strlen(title), 'A', sizeof(title) - strlen(title) - 1);
	xdg_toplevel_set_title(window->toplevel, title);
	xdg_toplevel_set_app_id(window->toplevel, "app\033]52;c;ZXZpbA==\007\"id\\\n\x9b");
	attack_show(window->wl_surface, make_small(fd));
	attack_sync();
	for (int i = 0; i < 10; i++)
		make_small(fd);
	attack_sync();
	attack_hold();
}

static void fill(struct peer_buffer *buffer, uint32_t colour)
{
	for (size_t i = 0; i < buffer->size / 4; i++)
		memcpy(buffer->pixels + 4 * i, &colour, 4);
}

/*
 * Promises the sum of a commit that is refused (with WLTEX_LIMIT_BUFFERS=2 and
 * WLTEX_LIMIT_ACTION=refuse): no other commit is believed to have it.
 */
TEST(promise)
{
	struct peer_buffer *buffers[3];
	struct peer_surface *surface;
	uint32_t green;

	peer_connect(&attacker, "promise");
	surface = peer_surface(&attacker, "");
	peer_surface_map(surface);
	for (int i = 0; i < 3; i++)
		buffers[i] = peer_buffer(&attacker, SIDE, SIDE);
	fill(buffers[0], 0xffff0000);
	fill(buffers[1], 0xff00ff00);
	fill(buffers[2], 0xff00ff00);
	green = peer_buffer_sum(buffers[2]);
	wltex_surface_v1_set_content_sum(surface->watch, green);
	peer_surface_show(surface, buffers[2]);
	check_events(&attacker, "refused/limit");
	/* Red, and nothing is promised. */
	peer_surface_show(surface, buffers[0]);
	check_events(&attacker, "imported/attached");
	check(surface->sum != green);
	wltex_surface_v1_set_content_sum(surface->watch, green);
	peer_surface_show(surface, buffers[1]);
	check_events(&attacker, "*imported/attached");
	check_int(surface->sum, green);
}

/* A window of which so many single pixels are claimed at once: as many rectangles for a region. */
TEST(rectangles)
{
	long count = attack_get("ATTACK_COUNT", 3000);
	struct peer_surface *window;
	struct peer_buffer *buffer;

	peer_connect(&attacker, "rectangles");
	window = peer_surface(&attacker, "");
	peer_surface_map(window);
	buffer = peer_shm_buffer(&attacker, 400, 300);
	for (long i = attack_get("ATTACK_COMMITS", 4); i > 0; i--) {
		for (int32_t k = 0; k < count; k++)
			wl_surface_damage_buffer(
				window->wl_surface, k * 2 % 400, k * 2 / 400 * 2 % 300, 1, 1);
		wl_surface_attach(window->wl_surface, buffer->wl_buffer, 0, 0);
		peer_surface_draw(window);
	}
}
