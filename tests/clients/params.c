/* SPDX-License-Identifier: MIT */
/*
 * Wrong dmabuf parameters: what Weston accepts all the same is refused, and nothing of it
 * ever becomes a texture.
 */
#include <drm_fourcc.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "peer.h"

#define WIDTH 32
#define HEIGHT 16
#define STRIDE (WIDTH * 4)

static struct peer peer;

struct plane {
	uint32_t index, offset, stride;
	uint64_t modifier;
};

struct attributes {
	int32_t width, height;
	uint32_t format, flags;
	struct plane planes[4];
	int n_planes;
};

/* Everything right; cases change one thing. */
#define RIGHT \
	.width = WIDTH, .height = HEIGHT, .format = DRM_FORMAT_XRGB8888, .n_planes = 1, \
	.planes = {{.stride = STRIDE}}

static struct peer_buffer *create(const struct attributes *a, struct peer_buffer *memory)
{
	struct zwp_linux_buffer_params_v1 *params = zwp_linux_dmabuf_v1_create_params(peer.dmabuf);

	for (int i = 0; i < a->n_planes; i++) {
		const struct plane *plane = &a->planes[i];

		zwp_linux_buffer_params_v1_add(params, memory->fd, plane->index, plane->offset,
			plane->stride, (uint32_t)(plane->modifier >> 32),
			(uint32_t)plane->modifier);
	}
	memory->wl_buffer = zwp_linux_buffer_params_v1_create_immed(
		params, a->width, a->height, a->format, a->flags);
	return memory;
}

/* Weston takes it for a buffer; wltex knows better. */
static void check_refused(const char *name, const struct attributes *attributes)
{
	peer_connect(&peer, name);
	/* Large enough for anything that Weston might do with it. */
	struct peer_buffer *buffer = create(attributes, peer_memory(&peer, 1 << 20));
	struct peer_surface *surface = peer_surface(&peer, "");

	peer_surface_map(surface);
	peer_surface_show(surface, buffer);
	check_events(&peer, "refused/invalid");
	check_int(surface->sum, 0);
	peer_surface_draw(surface);
	peer_surface_show(surface, buffer);
	check_events(&peer, "refused/invalid");
	/* A right one is taken, and is gone when the wrong one comes. */
	struct peer_buffer *right = peer_buffer(&peer, WIDTH, HEIGHT);
	peer_surface_show(surface, right);
	check_events(&peer, "imported/attached");
	peer_surface_show(surface, buffer);
	check_events(&peer, "destroyed/@(replaced|released) refused/invalid");
	peer_buffer_destroy(buffer);
	check_events(&peer, "");
}

/* Weston itself ends the connection. */
static void check_error_of(const char *name, const struct attributes *attributes, uint32_t code)
{
	peer_connect(&peer, name);
	struct peer_buffer *buffer = create(attributes, peer_memory(&peer, 1 << 20));

	peer_surface_show(peer_surface(&peer, ""), buffer);
	check_error(&peer, &zwp_linux_buffer_params_v1_interface, code);
}

TEST(stride_short)
{
	struct attributes a = {RIGHT};

	a.planes[0].stride = STRIDE - 4;
	check_refused("stride_short", &a);
}

/* Messages are for people: one client cannot bury them, or fill a disk. */
TEST(noise)
{
	struct attributes a = {RIGHT};

	peer_connect(&peer, "noise");
	struct peer_buffer *memory = peer_memory(&peer, 1 << 20);
	a.planes[0].stride = STRIDE - 4;
	for (int i = 0; i < 500; i++)
		wl_buffer_destroy(create(&a, memory)->wl_buffer);
	check_events(&peer, "");
}

/* The size of all but the first plane is not checked by Weston 14. */
TEST(plane_beyond_end)
{
	peer_connect(&peer, "plane_beyond");
	const struct attributes a = {
		.width = WIDTH,
		.height = HEIGHT,
		.format = DRM_FORMAT_NV12,
		.n_planes = 2,
		.planes = {{.stride = WIDTH},
			{.index = 1, .offset = 4096 - 2 * WIDTH, .stride = WIDTH}},
	};
	struct peer_buffer *buffer = create(&a, peer_memory(&peer, 4096));

	/* Not in a window: Weston itself would draw what is not there. */
	peer_surface_show(peer_surface(&peer, ""), buffer);
	check_events(&peer, "refused/invalid");
}

TEST(flags)
{
	struct attributes a = {RIGHT};

	a.flags = 1u << 7;
	check_error_of("flags", &a, ZWP_LINUX_BUFFER_PARAMS_V1_ERROR_INVALID_WL_BUFFER);
}

TEST(interlaced)
{
	struct attributes a = {RIGHT};

	a.flags = ZWP_LINUX_BUFFER_PARAMS_V1_FLAGS_INTERLACED;
	check_error_of("interlaced", &a, ZWP_LINUX_BUFFER_PARAMS_V1_ERROR_INVALID_WL_BUFFER);
}

TEST(plane_count)
{
	struct attributes a = {RIGHT};

	a.planes[1] = (struct plane){.index = 1, .stride = STRIDE};
	a.n_planes = 2;
	check_error_of("plane_count", &a, ZWP_LINUX_BUFFER_PARAMS_V1_ERROR_INVALID_WL_BUFFER);
}

TEST(plane_index)
{
	struct attributes a = {RIGHT};

	a.planes[0].index = 4;
	check_error_of("plane_index", &a, ZWP_LINUX_BUFFER_PARAMS_V1_ERROR_PLANE_IDX);
}

TEST(plane_twice)
{
	struct attributes a = {RIGHT};

	a.planes[1] = a.planes[0];
	a.n_planes = 2;
	check_error_of("plane_twice", &a, ZWP_LINUX_BUFFER_PARAMS_V1_ERROR_PLANE_SET);
}

TEST(plane_gap)
{
	struct attributes a = {RIGHT};

	a.planes[1] = (struct plane){.index = 2, .stride = STRIDE};
	a.n_planes = 2;

	check_error_of("plane_gap", &a, ZWP_LINUX_BUFFER_PARAMS_V1_ERROR_INCOMPLETE);
}

TEST(no_plane)
{
	struct attributes a = {RIGHT};

	a.n_planes = 0;
	check_error_of("no_plane", &a, ZWP_LINUX_BUFFER_PARAMS_V1_ERROR_INCOMPLETE);
}

TEST(dimensions)
{
	struct attributes a = {RIGHT};

	a.height = -1;
	check_error_of("dimensions", &a, ZWP_LINUX_BUFFER_PARAMS_V1_ERROR_INVALID_DIMENSIONS);
}

TEST(modifier_mismatch)
{
	struct attributes a = {RIGHT};

	a.planes[1] = (struct plane){.index = 1, .stride = STRIDE, .modifier = 1};
	a.n_planes = 2;
	check_error_of("mismatch", &a, ZWP_LINUX_BUFFER_PARAMS_V1_ERROR_INVALID_FORMAT);
}

TEST(stride_zero)
{
	struct attributes a = {RIGHT};

	a.planes[0].stride = 0;
	check_error_of("stride_zero", &a, ZWP_LINUX_BUFFER_PARAMS_V1_ERROR_INVALID_WL_BUFFER);
}

TEST(row_overflow)
{
	struct attributes a = {RIGHT};

	a.planes[0].offset = UINT32_MAX;
	check_error_of("row_overflow", &a, ZWP_LINUX_BUFFER_PARAMS_V1_ERROR_OUT_OF_BOUNDS);
}

TEST(plane_overflow)
{
	struct attributes a = {RIGHT};

	a.planes[0].stride = UINT32_MAX / 2;
	check_error_of("plane_overflow", &a, ZWP_LINUX_BUFFER_PARAMS_V1_ERROR_OUT_OF_BOUNDS);
}

TEST(beyond_end)
{
	struct attributes a = {RIGHT};

	a.planes[0].offset = 1 << 20;
	check_error_of("beyond_end", &a, ZWP_LINUX_BUFFER_PARAMS_V1_ERROR_OUT_OF_BOUNDS);
}

TEST(unknown_format)
{
	struct attributes a = {RIGHT};

	a.format = fourcc_code('N', 'O', 'N', 'E');
	check_error_of("unknown_format", &a, ZWP_LINUX_BUFFER_PARAMS_V1_ERROR_INVALID_WL_BUFFER);
}

TEST(failed)
{
	peer_connect(&peer, "failed");
	/* 0 is no format. */
	check(peer_buffer_async(&peer, WIDTH, HEIGHT, 0)->wl_buffer == NULL);
	struct peer_buffer *buffer = peer_buffer_async(&peer, WIDTH, HEIGHT, DRM_FORMAT_ARGB8888);
	peer_surface_show(peer_surface(&peer, ""), buffer);
	check_events(&peer, "imported/attached");
}

TEST(params_never_used)
{
	peer_connect(&peer, "never_used");
	struct peer_buffer *memory = peer_memory(&peer, 4096);

	for (int i = 0; i < 50; i++) {
		struct zwp_linux_buffer_params_v1 *params =
			zwp_linux_dmabuf_v1_create_params(peer.dmabuf);

		zwp_linux_buffer_params_v1_add(params, memory->fd, 0, 0, 64, 0, 0);
		if (i % 2 == 0)
			zwp_linux_buffer_params_v1_destroy(params);
	}
	check_events(&peer, "");
}

/* Memory that its client can take away is not read: whether it changed is not known. */
TEST(unsealed_memory)
{
	peer_connect(&peer, "unsealed");
	struct peer_surface *surface = peer_surface(&peer, "");
	struct peer_buffer *buffer = peer_memory(&peer, STRIDE * HEIGHT);

	close(buffer->fd);
	buffer->fd = memfd_create("wltex-test", MFD_CLOEXEC);
	check(ftruncate(buffer->fd, STRIDE * HEIGHT) == 0);
	create(&(struct attributes){RIGHT}, buffer);
	peer_surface_show(surface, buffer);
	check_events(&peer, "imported/attached");
	check_int(surface->sum, 0);
	peer_surface_show(surface, buffer);
	check_events(&peer, "destroyed/content_changed reimported/content_changed");
	/* A promise needs no look. */
	wltex_surface_v1_set_content_sum(surface->watch, 5);
	peer_surface_show(surface, buffer);
	check_events(&peer, "destroyed/content_changed reimported/content_changed");
	wltex_surface_v1_set_content_sum(surface->watch, 5);
	peer_surface_show(surface, buffer);
	check_events(&peer, "reused/attached");
	check(ftruncate(buffer->fd, 0) == 0);
	peer_surface_show(surface, buffer);
	check_events(&peer, "destroyed/content_changed failed/attached");
	for (int i = 0; i < 5; i++) {
		peer_surface_show(surface, buffer);
		check_events(&peer, "failed/attached");
	}
	peer_buffer_destroy(buffer);
	check_events(&peer, "");
}
