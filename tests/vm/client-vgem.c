/* SPDX-License-Identifier: MIT */
/*
 * Clients with buffers of a real device, in a compositor that has a main device. While
 * a fence is pending nobody waits: not the compositor, not another client; and the content
 * counts as changed until it can be looked at.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "peer.h"
#include "vgem.h"

/* So small that nobody times how long it takes to look at: the processor is emulated. */
#define WIDTH 60
#define HEIGHT 50

static struct peer peer, other;
static struct peer_surface *surface;
static struct vgem_buffer memory;
static struct peer_buffer *buffer;

static struct peer_buffer *make_buffer(struct vgem_buffer *vgem)
{
	*vgem = vgem_buffer_create(WIDTH, HEIGHT);
	return peer_buffer_of_fd(&peer, vgem->fd, WIDTH, HEIGHT, vgem->stride);
}

static void begin(const char *name)
{
	peer_connect(&peer, name);
	surface = peer_surface(&peer, "");
	buffer = make_buffer(&memory);
	peer_buffer_fill(buffer, 1);
}

static void show(void)
{
	peer_surface_show(surface, buffer);
}

/* Another client flips two buffers of ordinary memory, and all of it happens in turn. */
static void let_other_flip(void)
{
	struct peer_surface *window;
	struct peer_buffer *buffers[2];

	peer_connect(&other, "other");
	window = peer_surface(&other, "");
	for (int i = 0; i < 2; i++) {
		buffers[i] = peer_buffer(&other, 64, 64);
		peer_buffer_fill(buffers[i], (uint32_t)i);
	}
	peer_surface_map(window);
	peer_surface_show(window, buffers[0]);
	check_events(&other, "imported/attached");
	for (int i = 1; i < 8; i++) {
		peer_surface_draw(window);
		peer_surface_show(window, buffers[i % 2]);
		check_events(&other, "destroyed/@(replaced|released) imported/attached");
		check_int(window->sum, peer_buffer_sum(buffers[i % 2]));
	}
}

/* What the fd is: the name that the kernel's exporter gave. */
static void check_exporter(int fd, const char *name)
{
	char path[64], line[256], expected[64];
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	snprintf(expected, sizeof(expected), "exp_name:\t%s\n", name);
	file = fopen(path, "re");
	check(file != NULL);
	while (fgets(line, sizeof(line), file) != NULL) {
		if (strncmp(line, "exp_name:", 9) != 0)
			continue;
		check_str(line, expected);
		found = true;
	}
	fclose(file);
	check(found);
}

TEST(contents)
{
	const char *exporter = getenv("WLTEX_TEST_EXPORTER");

	begin("contents");
	check(exporter != NULL);
	check_exporter(memory.fd, exporter);
	show();
	check_events(&peer, "imported/attached");
	check_int(surface->sum, peer_buffer_sum(buffer));
	show();
	check_events(&peer, "reused/attached");
	buffer->pixels[(HEIGHT - 1) * buffer->stride + 4 * WIDTH - 1] ^= 1;
	show();
	check_events(&peer, "destroyed/content_changed reimported/content_changed");
	check_int(surface->sum, peer_buffer_sum(buffer));
}

TEST(flips)
{
	struct vgem_buffer memory_b;
	struct peer_buffer *b;

	begin("vgem_flips");
	b = make_buffer(&memory_b);
	peer_buffer_fill(b, 2);
	peer_surface_map(surface);
	show();
	check_events(&peer, "imported/attached");
	for (int i = 0; i < 6; i++) {
		peer_surface_draw(surface);
		peer_surface_show(surface, i % 2 == 0 ? b : buffer);
		check_events(&peer, "destroyed/@(replaced|released) imported/attached");
		check_int(surface->sum, peer_buffer_sum(i % 2 == 0 ? b : buffer));
	}
}

/* The same buffer again, while it is drawn into. */
TEST(pending)
{
	uint32_t fence;

	begin("pending");
	show();
	check_events(&peer, "imported/attached");
	show();
	check_events(&peer, "reused/attached");
	fence = vgem_fence_attach(&memory, true);
	for (int i = 0; i < 3; i++) {
		show();
		check_events(&peer, "destroyed/content_changed reimported/content_changed");
		check_int(surface->sum, 0);
	}
	let_other_flip();
	check(vgem_is_busy(memory.fd));
	vgem_fence_signal(fence);

	/* Nothing is known to compare with, but from then on there is. */
	show();
	check_events(&peer, "destroyed/content_changed reimported/content_changed");
	check_int(surface->sum, peer_buffer_sum(buffer));
	show();
	check_events(&peer, "reused/attached");
}

/* A buffer that is drawn into when it is first shown, in a window that is drawn. */
TEST(pending_at_first)
{
	uint32_t fence;

	begin("pending_first");
	peer_surface_map(surface);
	fence = vgem_fence_attach(&memory, true);
	show();
	check_events(&peer, "imported/attached");
	check_int(surface->sum, 0);
	let_other_flip();
	check(vgem_is_busy(memory.fd));
	vgem_fence_signal(fence);
	show();
	check_events(&peer, "destroyed/content_changed reimported/content_changed");
	check_int(surface->sum, peer_buffer_sum(buffer));
	show();
	check_events(&peer, "reused/attached");
}

/* The window is drawn all the same. */
TEST(pending_in_window)
{
	uint32_t fence;

	begin("pending_window");
	peer_surface_map(surface);
	show();
	peer_surface_draw(surface);
	check_events(&peer, "imported/attached");
	fence = vgem_fence_attach(&memory, true);
	show();
	peer_surface_draw(surface);
	check_events(&peer, "destroyed/content_changed reimported/content_changed");
	check(vgem_is_busy(memory.fd));
	vgem_fence_signal(fence);
	show();
	check_events(&peer, "destroyed/content_changed reimported/content_changed");
	show();
	check_events(&peer, "reused/attached");
}

/* Whoever only reads holds up no other reader. */
TEST(pending_reader)
{
	uint32_t fence;

	begin("pending_reader");
	show();
	check_events(&peer, "imported/attached");
	fence = vgem_fence_attach(&memory, false);
	show();
	check_events(&peer, "reused/attached");
	check_int(surface->sum, peer_buffer_sum(buffer));
	vgem_fence_signal(fence);
}

/* What is promised needs no look, so nobody minds the fence. */
TEST(pending_with_promise)
{
	uint32_t fence, sum;

	begin("pending_promise");
	sum = peer_buffer_sum(buffer);
	show();
	check_events(&peer, "imported/attached");
	fence = vgem_fence_attach(&memory, true);
	wltex_surface_v1_set_content_sum(surface->watch, sum);
	show();
	check_events(&peer, "reused/attached");
	check_int(surface->sum, sum);
	check(vgem_is_busy(memory.fd));
	vgem_fence_signal(fence);
}

/* Replaced, detached and destroyed while the fence is pending: each ends the texture at once. */
TEST(pending_and_gone)
{
	struct peer_buffer *plain;
	uint32_t fence;

	begin("pending_gone");
	plain = peer_buffer(&peer, 64, 64);
	fence = vgem_fence_attach(&memory, true);
	show();
	check_events(&peer, "imported/attached");
	peer_surface_show(surface, plain);
	check_events(&peer, "destroyed/@(replaced|released) imported/attached");
	show();
	check_events(&peer, "destroyed/@(replaced|released) imported/attached");
	peer_surface_show(surface, NULL);
	check_events(&peer, "destroyed/@(detached|released)");
	show();
	check_events(&peer, "imported/attached");
	peer_buffer_destroy(buffer);
	check_events(&peer, "destroyed/buffer_destroyed");
	check(vgem_is_busy(memory.fd));
	vgem_fence_signal(fence);
}

/* To be killed, or to exit, with the fence pending: see vgem.sh. */
TEST(abandon_pending)
{
	begin("abandon_pending");
	vgem_fence_attach(&memory, true);
	show();
	check_events(&peer, "imported/attached");
	check(vgem_is_busy(memory.fd));
}

struct feedback {
	dev_t device;
	bool done;
};

static void handle_done(void *data, struct zwp_linux_dmabuf_feedback_v1 *object)
{
	struct feedback *feedback = data;

	feedback->done = true;
}

static void handle_table(
	void *data, struct zwp_linux_dmabuf_feedback_v1 *object, int32_t fd, uint32_t size)
{
	check(size > 0 && size % 16 == 0);
	close(fd);
}

static void handle_main_device(
	void *data, struct zwp_linux_dmabuf_feedback_v1 *object, struct wl_array *device)
{
	struct feedback *feedback = data;

	check_int(device->size, sizeof(feedback->device));
	memcpy(&feedback->device, device->data, sizeof(feedback->device));
}

static void ignore(void *data, struct zwp_linux_dmabuf_feedback_v1 *object)
{
}

static void ignore_array(
	void *data, struct zwp_linux_dmabuf_feedback_v1 *object, struct wl_array *array)
{
}

static void ignore_flags(void *data, struct zwp_linux_dmabuf_feedback_v1 *object, uint32_t flags)
{
}

static const struct zwp_linux_dmabuf_feedback_v1_listener feedback_listener = {
	.done = handle_done,
	.format_table = handle_table,
	.main_device = handle_main_device,
	.tranche_done = ignore,
	.tranche_target_device = ignore_array,
	.tranche_formats = ignore_array,
	.tranche_flags = ignore_flags,
};

static void bind_dmabuf(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version)
{
	struct zwp_linux_dmabuf_v1 **dmabuf = data;

	if (strcmp(interface, zwp_linux_dmabuf_v1_interface.name) != 0)
		return;
	check_int(version, 5);
	*dmabuf = wl_registry_bind(registry, name, &zwp_linux_dmabuf_v1_interface, version);
}

static void ignore_remove(void *data, struct wl_registry *registry, uint32_t name)
{
}

static const struct wl_registry_listener registry_listener = {
	.global = bind_dmabuf,
	.global_remove = ignore_remove,
};

/* The compositor renders on vgem, and says so. */
TEST(feedback)
{
	struct zwp_linux_dmabuf_v1 *dmabuf = NULL;
	struct zwp_linux_dmabuf_feedback_v1 *object;
	struct feedback feedback = {0};
	struct wl_registry *registry;
	struct stat node;

	peer_connect(&peer, "feedback");
	registry = wl_display_get_registry(peer.display);
	wl_registry_add_listener(registry, &registry_listener, &dmabuf);
	check(wl_display_roundtrip(peer.display) >= 0 && dmabuf != NULL);
	object = zwp_linux_dmabuf_v1_get_default_feedback(dmabuf);
	zwp_linux_dmabuf_feedback_v1_add_listener(object, &feedback_listener, &feedback);
	check(wl_display_roundtrip(peer.display) >= 0 && feedback.done);
	check_int(stat("/dev/dri/renderD128", &node), 0);
	check_int(feedback.device, node.st_rdev);
}
