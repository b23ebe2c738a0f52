/* SPDX-License-Identifier: MIT */
/*
 * Clients that do what no client should, one case a run: see tests/weston/hostile.sh, which
 * looks at the compositor after each. A case may lose its connection on the way. Surfaces
 * have no role where Weston itself would draw memory that is not there, and die of it.
 */
#include <drm_fourcc.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "peer.h"

#define WIDTH 64
#define HEIGHT 64
#define STRIDE (WIDTH * 4)
#define N_ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

static struct peer peer;

/* What one plane of XRGB8888 is described with. */
struct description {
	int32_t width, height;
	uint32_t offset, stride, format, flags;
	uint64_t modifier;
};

#define RIGHT \
	((struct description){ \
		WIDTH, HEIGHT, 0, STRIDE, DRM_FORMAT_XRGB8888, 0, DRM_FORMAT_MOD_LINEAR})

static struct wl_buffer *create(int fd, const struct description *d)
{
	struct zwp_linux_buffer_params_v1 *params = zwp_linux_dmabuf_v1_create_params(peer.dmabuf);
	struct wl_buffer *buffer;

	zwp_linux_buffer_params_v1_add(params, fd, 0, d->offset, d->stride,
		(uint32_t)(d->modifier >> 32), (uint32_t)d->modifier);
	buffer = zwp_linux_buffer_params_v1_create_immed(
		params, d->width, d->height, d->format, d->flags);
	zwp_linux_buffer_params_v1_destroy(params);
	return buffer;
}

static void show(struct wl_surface *surface, struct wl_buffer *buffer)
{
	wl_surface_attach(surface, buffer, 0, 0);
	wl_surface_damage_buffer(surface, 0, 0, INT32_MAX, INT32_MAX);
	wl_surface_commit(surface);
}

/* Show it twice in a connection of its own, which may break. */
static void try(int fd, const struct description *d)
{
	struct wl_surface *surface;

	peer_connect(&peer, "hostile");
	surface = wl_compositor_create_surface(peer.compositor);
	struct wl_buffer *buffer = create(fd, d);
	show(surface, buffer);
	peer_try_sync(&peer);
	show(surface, buffer);
	wl_buffer_destroy(buffer);
	peer_try_sync(&peer);
	wl_display_disconnect(peer.display);
}

static int memory(size_t size, int seals)
{
	int fd = memfd_create("wltex-test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	check(fd >= 0 && ftruncate(fd, (off_t)size) == 0);
	check(seals == 0 || fcntl(fd, F_ADD_SEALS, seals) == 0);
	return fd;
}

static int reopen(int fd, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, flags | O_CLOEXEC);
}

TEST(fds)
{
	int pipes[2], sockets[2], mine = memory(STRIDE * HEIGHT, F_SEAL_SHRINK);

	check(pipe2(pipes, O_CLOEXEC) == 0);
	check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) == 0);
	const int fds[] = {
		pipes[0],
		pipes[1],
		sockets[0],
		open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
		open("/dev/zero", O_RDWR | O_CLOEXEC),
		open("/dev/null", O_RDWR | O_CLOEXEC),
		open("/proc/self/mem", O_RDONLY | O_CLOEXEC),
		reopen(mine, O_WRONLY),
		reopen(mine, O_PATH),
		reopen(mine, O_RDONLY),
		memory(0, 0),
		memory(STRIDE * HEIGHT, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE),
		memory(STRIDE * HEIGHT - 1, F_SEAL_SHRINK),
	};

	for (size_t i = 0; i < N_ELEMENTS(fds); i++) {
		check(fds[i] >= 0);
		try(fds[i], &RIGHT);
	}
}

TEST(edges)
{
	static const uint32_t numbers[] = {0, 1, STRIDE - 1, 0x7fffffff, 0x80000000, 0xffffffff};
	int fd = memory(1 << 20, F_SEAL_SHRINK);

	for (size_t i = 0; i < N_ELEMENTS(numbers); i++) {
		struct description d[5] = {RIGHT, RIGHT, RIGHT, RIGHT, RIGHT};
		d[0].width = (int32_t)numbers[i];
		d[1].height = (int32_t)numbers[i];
		d[2].offset = numbers[i];
		d[3].stride = numbers[i];
		d[4].width = d[4].height = (int32_t)numbers[i];
		for (size_t k = 0; k < N_ELEMENTS(d); k++)
			try(fd, &d[k]);
	}
}

TEST(never_offered)
{
	int fd = memory(1 << 20, F_SEAL_SHRINK);
	struct description d = RIGHT;

	for (unsigned int bit = 0; bit < 32; bit++) {
		d.format = DRM_FORMAT_XRGB8888 ^ 1u << bit;
		try(fd, &d);
	}
	d = RIGHT;
	for (unsigned int bit = 0; bit < 64; bit += 5) {
		d.modifier = UINT64_C(1) << bit;
		try(fd, &d);
	}
}

/* All planes of a format in the very same bytes. */
TEST(planes_overlap)
{
	static const uint32_t formats[] = {DRM_FORMAT_NV12, DRM_FORMAT_YUV420};
	int fd = memory(WIDTH * HEIGHT, F_SEAL_SHRINK);

	for (size_t i = 0; i < N_ELEMENTS(formats); i++) {
		peer_connect(&peer, "hostile");
		struct zwp_linux_buffer_params_v1 *params =
			zwp_linux_dmabuf_v1_create_params(peer.dmabuf);
		for (uint32_t plane = 0; plane < 2 + i; plane++)
			zwp_linux_buffer_params_v1_add(params, fd, plane, 0, WIDTH, 0, 0);
		struct wl_buffer *buffer = zwp_linux_buffer_params_v1_create_immed(
			params, WIDTH, HEIGHT, formats[i], 0);
		show(wl_compositor_create_surface(peer.compositor), buffer);
		peer_try_sync(&peer);
		wl_display_disconnect(peer.display);
	}
}

TEST(truncated)
{
	/* Before the buffer is made, before the commit, between commits. */
	for (int when = 0; when < 3; when++) {
		int fd = memory(STRIDE * HEIGHT, 0);
		peer_connect(&peer, "hostile");
		struct wl_surface *surface = wl_compositor_create_surface(peer.compositor);
		if (when == 0)
			check(ftruncate(fd, 0) == 0);
		struct wl_buffer *buffer = create(fd, &RIGHT);
		peer_try_sync(&peer);
		if (when == 1)
			check(ftruncate(fd, 1) == 0);
		show(surface, buffer);
		peer_try_sync(&peer);
		check(ftruncate(fd, 0) == 0);
		show(surface, buffer);
		show(surface, buffer);
		peer_try_sync(&peer);
		wl_display_disconnect(peer.display);
		close(fd);
	}
}

/* The size goes up and down all the while. */
TEST(truncated_meanwhile)
{
	int fd = memory(STRIDE * HEIGHT, 0);
	pid_t child = fork();

	if (child == 0) {
		alarm(60);
		for (;;) {
			check(ftruncate(fd, 0) == 0);
			check(ftruncate(fd, STRIDE * HEIGHT) == 0);
		}
	}
	for (int i = 0; i < 10; i++)
		try(fd, &RIGHT);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

/* What a session consists of; returns false at step n, where it breaks off. */
static bool session(int n, int fd)
{
#define STEP \
	if (n-- == 0) \
	return false
	STEP;
	struct wl_surface *surface = wl_compositor_create_surface(peer.compositor);
	STEP;
	struct wl_surface *child = wl_compositor_create_surface(peer.compositor);
	STEP;
	struct wl_subsurface *sub =
		wl_subcompositor_get_subsurface(peer.subcompositor, child, surface);
	STEP;
	struct wltex_surface_v1 *watch = wltex_manager_v1_get_surface(peer.wltex, surface);
	STEP;
	struct zwp_linux_buffer_params_v1 *params = zwp_linux_dmabuf_v1_create_params(peer.dmabuf);
	STEP;
	zwp_linux_buffer_params_v1_add(params, fd, 0, 0, STRIDE, 0, 0);
	STEP;
	struct wl_buffer *buffer = zwp_linux_buffer_params_v1_create_immed(
		params, WIDTH, HEIGHT, DRM_FORMAT_XRGB8888, 0);
	STEP;
	zwp_linux_buffer_params_v1_destroy(params);
	STEP;
	wltex_surface_v1_set_content_sum(watch, 7);
	STEP;
	wl_surface_attach(child, buffer, 0, 0);
	STEP;
	wl_surface_commit(child);
	STEP;
	wl_surface_attach(surface, buffer, 0, 0);
	STEP;
	wl_surface_damage_buffer(surface, -5, -5, INT32_MAX, 7);
	STEP;
	wl_surface_commit(surface);
	STEP;
	show(surface, buffer);
	STEP;
	wl_buffer_destroy(buffer);
	STEP;
	wl_surface_destroy(surface);
	STEP;
	wl_subsurface_destroy(sub);
	STEP;
	wl_surface_destroy(child);
	STEP;
	wltex_surface_v1_destroy(watch);
#undef STEP
	return true;
}

TEST(disconnect_everywhere)
{
	int fd = memory(STRIDE * HEIGHT, F_SEAL_SHRINK), steps = 0;

	for (bool whole = false; !whole; steps++) {
		/* What was sent is handled before the end of the connection, or not. */
		for (int wait = 0; wait < 2; wait++) {
			peer_connect(&peer, "hostile");
			whole = session(steps, fd);
			if (wait)
				peer_sync(&peer);
			wl_display_flush(peer.display);
			wl_display_disconnect(peer.display);
		}
	}
	check(steps > 15);
}

/* Each order of: attach, commit, destroy the buffer, destroy the surface. */
TEST(destroyed_in_every_order)
{
	for (unsigned int order = 0; order < 256; order++) {
		unsigned int done = 0;

		peer_connect(&peer, "hostile");
		struct peer_buffer *buffer = peer_buffer(&peer, WIDTH, HEIGHT);
		struct peer_surface *surface = peer_surface(&peer, "");
		for (unsigned int i = 0; i < 4; i++) {
			unsigned int act = order >> 2 * i & 3;
			bool alive = !(done & 1u << 3);
			if (act == 0 && alive)
				wl_surface_attach(surface->wl_surface,
					done & 1u << 2 ? NULL : buffer->wl_buffer, 0, 0);
			else if (act == 1 && alive)
				wl_surface_commit(surface->wl_surface);
			else if (act == 2 && !(done & 1u << 2))
				peer_buffer_destroy(buffer);
			else if (act == 3 && alive)
				wl_surface_destroy(surface->wl_surface);
			done |= 1u << act;
		}
		peer_sync(&peer);
		wl_display_disconnect(peer.display);
		peer_memory_free(buffer);
	}
}

/* libwayland hands out the id of what was destroyed last. */
TEST(ids_reused_at_once)
{
	int fd = memory(STRIDE * HEIGHT, F_SEAL_SHRINK);

	peer_connect(&peer, "hostile");
	struct wl_surface *surface = wl_compositor_create_surface(peer.compositor);
	for (int i = 0; i < 300; i++) {
		struct wl_buffer *buffer = create(fd, &RIGHT);
		show(surface, buffer);
		wl_buffer_destroy(buffer);
		if (i % 3 == 0) {
			wl_surface_destroy(surface);
			surface = wl_compositor_create_surface(peer.compositor);
		}
		if (i % 50 == 0)
			peer_sync(&peer);
	}
	peer_sync(&peer);
}

/* Every few requests the kernel's limit of fds in flight is given time. */
TEST(flood_of_params)
{
	int fd = memory(STRIDE * HEIGHT, F_SEAL_SHRINK);

	peer_connect(&peer, "hostile");
	for (int i = 0; i < 400; i++) {
		struct zwp_linux_buffer_params_v1 *params =
			zwp_linux_dmabuf_v1_create_params(peer.dmabuf);
		zwp_linux_buffer_params_v1_add(params, fd, 0, 0, STRIDE, 0, 0);
		if (i % 25 == 0 && !peer_try_sync(&peer))
			return;
	}
	peer_try_sync(&peer);
}

TEST(flood_of_buffers)
{
	int fd = memory(STRIDE * HEIGHT, F_SEAL_SHRINK);

	peer_connect(&peer, "hostile");
	for (int i = 0; i < 300; i++) {
		show(wl_compositor_create_surface(peer.compositor), create(fd, &RIGHT));
		if (i % 25 == 0 && !peer_try_sync(&peer))
			return;
	}
	peer_try_sync(&peer);
}

TEST(flood_of_commits)
{
	peer_connect(&peer, "hostile");
	struct peer_surface *surface = peer_surface(&peer, "");
	struct peer_buffer *buffer = peer_buffer(&peer, WIDTH, HEIGHT);
	for (int i = 0; i < 3000; i++) {
		wl_surface_attach(surface->wl_surface, buffer->wl_buffer, 0, 0);
		for (int k = 0; k < 10; k++)
			wl_surface_damage_buffer(surface->wl_surface, i * 7 % 64, k * 6, 1 + k, 1);
		wl_surface_damage(surface->wl_surface, INT32_MIN, INT32_MIN, -1, INT32_MAX);
		wl_surface_commit(surface->wl_surface);
		/* More events than the log of a peer holds: they are let go. */
		if (i % 20 == 0) {
			peer_sync(&peer);
			peer.log[0] = '\0';
		}
	}
	peer_sync(&peer);
}

/* A chain of sub-surfaces, synchronized all the way down. */
TEST(deep_tree)
{
	int fd = memory(STRIDE * HEIGHT, F_SEAL_SHRINK);
	struct wl_surface *surfaces[200];

	peer_connect(&peer, "hostile");
	struct wl_buffer *buffer = create(fd, &RIGHT);
	for (size_t i = 0; i < N_ELEMENTS(surfaces); i++) {
		surfaces[i] = wl_compositor_create_surface(peer.compositor);
		if (i > 0)
			wl_subcompositor_get_subsurface(
				peer.subcompositor, surfaces[i], surfaces[i - 1]);
	}
	for (size_t i = N_ELEMENTS(surfaces); i-- > 0;)
		show(surfaces[i], buffer);
	peer_sync(&peer);
	for (size_t i = 0; i < N_ELEMENTS(surfaces); i += 3)
		wl_surface_destroy(surfaces[i]);
	peer_sync(&peer);
}

/* Stops while the events of what it sent pile up; whoever started it kills it. */
TEST(stopped)
{
	int fd = memory(STRIDE * HEIGHT, F_SEAL_SHRINK);

	peer_connect(&peer, "hostile");
	struct peer_surface *surface = peer_surface(&peer, "");
	struct wl_buffer *buffer = create(fd, &RIGHT);
	for (int i = 0; i < 1000; i++)
		show(surface->wl_surface, buffer);
	wl_display_flush(peer.display);
	raise(SIGSTOP);
}

TEST(protocol_twice)
{
	peer_connect(&peer, "hostile");
	struct wl_surface *surface = wl_compositor_create_surface(peer.compositor);
	wltex_manager_v1_get_surface(peer.wltex, surface);
	wltex_manager_v1_get_surface(peer.wltex, surface);
	check_error(&peer, &wltex_manager_v1_interface, WLTEX_MANAGER_V1_ERROR_ALREADY_EXISTS);
}

TEST(protocol_churn)
{
	int fd = memory(STRIDE * HEIGHT, F_SEAL_SHRINK);

	peer_connect(&peer, "hostile");
	struct wl_surface *surface = wl_compositor_create_surface(peer.compositor);
	struct wl_buffer *buffer = create(fd, &RIGHT);
	for (uint32_t i = 0; i < 300; i++) {
		struct wltex_surface_v1 *watch = wltex_manager_v1_get_surface(peer.wltex, surface);
		wltex_surface_v1_set_content_sum(watch, i);
		wltex_surface_v1_set_content_sum(watch, ~i);
		if (i % 2 == 0)
			show(surface, buffer);
		wltex_surface_v1_destroy(watch);
		if (i % 2 == 1)
			show(surface, buffer);
		if (i % 25 == 0)
			peer_sync(&peer);
	}
	wltex_manager_v1_destroy(peer.wltex);
	peer_sync(&peer);
}

/*
 * One thing more each time. Not all at once: with requests that were not read yet a socket
 * is reset, and the words of the error are lost.
 */
TEST(limit)
{
	bool alive = true;

	peer_connect(&peer, "hostile");
	for (int i = 0; i < 40 && alive; i++) {
		struct zwp_linux_buffer_params_v1 *params =
			zwp_linux_dmabuf_v1_create_params(peer.dmabuf);
		int fd = memory(STRIDE * HEIGHT, F_SEAL_SHRINK);
		zwp_linux_buffer_params_v1_add(params, fd, 0, 0, STRIDE, 0, 0);
		close(fd);
		show(wl_compositor_create_surface(peer.compositor),
			zwp_linux_buffer_params_v1_create_immed(
				params, WIDTH, HEIGHT, DRM_FORMAT_XRGB8888, 0));
		alive = peer_try_sync(&peer);
	}
	printf("%s\n", alive ? "alive" : "disconnected");
}
