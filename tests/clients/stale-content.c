/* SPDX-License-Identifier: MIT */
/* Stale pixels by what is committed: kinds and formats of memory, order and time of commits. */
#include <drm_fourcc.h>
#include <unistd.h>

#include "stale.h"

/* Commits that no repaint comes between: each claims its own part only. */
static void commits_before_a_repaint(enum twin_memory memory)
{
	set_up();
	struct twin_buffer *a = make(200, 200, memory), *b = make(200, 200, memory);
	struct twin_surface *surface = show(a, 10, 10);

	for (int round = 0; round < 5; round++) {
		uint32_t colour = 0xff00ff00 + (uint32_t)round * 40;
		twin_buffer_fill(b, 0, 0, 64, 64, colour);
		draw(surface, a, 0, 0, 64, 64, colour);
		twin_buffer_fill(a, 150, 150, 20, 20, colour);
		draw(surface, b, 150, 150, 20, 20, colour);
		twin_present(surface, a);
		check_equal(&twin);
	}
}

TEST(commits_before_a_repaint_dmabuf)
{
	commits_before_a_repaint(TWIN_DMABUF);
}

TEST(commits_before_a_repaint_shm)
{
	commits_before_a_repaint(TWIN_SHM);
}

/*
 * A client with a single buffer, which does not wait: when its first commit is looked at,
 * its second picture is there already.
 */
static void client_is_ahead(enum twin_memory memory)
{
	set_up();
	struct twin_buffer *buffer = make(100, 100, memory);
	struct twin_surface *surface = show(buffer, 10, 10);

	twin_buffer_fill(buffer, 0, 0, 20, 20, 0xff0000ff);
	twin_buffer_fill(buffer, 30, 30, 20, 20, 0xffff0000);
	twin_attach(surface, buffer);
	claim(surface, 0, 0, 20, 20);
	twin_commit(surface);
	twin_show(&twin);
	twin_attach(surface, buffer);
	claim(surface, 30, 30, 20, 20);
	twin_commit(surface);
	check_equal(&twin);
	check_int(twin_pixel(&twin, 45, 45), 0xff0000);
}

TEST(client_is_ahead_dmabuf)
{
	client_is_ahead(TWIN_DMABUF);
}

TEST(client_is_ahead_shm)
{
	client_is_ahead(TWIN_SHM);
}

TEST(memory_of_another_kind)
{
	set_up();
	struct twin_buffer *shm = make(150, 150, TWIN_SHM), *dmabuf = make(150, 150, TWIN_DMABUF);
	struct twin_buffer *unsealed = make(150, 150, TWIN_DMABUF_UNSEALED);
	struct twin_buffer *all[] = {
		shm, dmabuf, unsealed, dmabuf, unsealed, shm, unsealed, shm, shm, dmabuf, dmabuf};
	struct twin_surface *surface = show(shm, 10, 10);

	for (int32_t k = 0; k < (int32_t)(sizeof(all) / sizeof(all[0])); k++) {
		twin_buffer_fill(shm, 10 * k, 9 * k, 20, 20, 0xff00ff00);
		twin_buffer_fill(dmabuf, 10 * k, 9 * k, 20, 20, 0xff00ff00);
		twin_buffer_fill(unsealed, 10 * k, 9 * k, 20, 20, 0xff00ff00);
		twin_attach(surface, all[k]);
		claim(surface, 10 * k, 9 * k, 20, 20);
		twin_commit(surface);
		check_equal(&twin);
	}
}

/* The same bytes, of which the fourth means something or nothing. */
static void another_format(enum twin_memory memory)
{
	set_up();
	struct twin_buffer *formats[2];
	struct twin_buffer_spec spec = {.width = 100, .height = 100, .memory = memory};
	struct twin_surface *surface;

	for (int k = 0; k < 2; k++) {
		spec.format = k == 0 ? DRM_FORMAT_XRGB8888 : DRM_FORMAT_ARGB8888;
		formats[k] = twin_buffer_create(&twin, &spec);
		twin_buffer_fill(formats[k], 0, 0, 100, 100, 0x40102030);
	}
	surface = show(formats[0], 10, 10);
	for (int k = 1; k < 6; k++) {
		twin_present(surface, formats[k % 2]);
		check_equal(&twin);
	}
}

TEST(another_format_dmabuf)
{
	another_format(TWIN_DMABUF);
}

TEST(another_format_shm)
{
	another_format(TWIN_SHM);
}

/* The same memory, upside down; and damage counts from the top of the picture. */
TEST(upside_down)
{
	set_up();
	struct twin_buffer_spec spec = {.width = 100,
		.height = 150,
		.format = DRM_FORMAT_XRGB8888,
		.memory = TWIN_DMABUF,
		.y_inverted = true};
	struct twin_buffer *a = twin_buffer_create(&twin, &spec);
	struct twin_buffer *b = twin_buffer_create(&twin, &spec);
	struct twin_buffer *normal = make(100, 150, TWIN_DMABUF);
	struct twin_surface *surface;

	twin_buffer_paint(a, 3);
	memcpy(b->pixels, a->pixels, a->size);
	memcpy(normal->pixels, a->pixels, a->size);
	surface = show(a, 10, 10);
	draw(surface, b, 3, 5, 10, 10, 0xff00ff00);
	check_equal(&twin);
	twin_buffer_fill(a, 3, 5, 10, 10, 0xff00ff00);
	draw(surface, a, 90, 130, 10, 10, 0xff00ff00);
	check_equal(&twin);
	twin_present(surface, normal);
	check_equal(&twin);
	twin_present(surface, a);
	check_equal(&twin);
}

TEST(edges_of_tiles)
{
	set_up();
	struct twin_buffer *a = make(193, 129, TWIN_SHM), *b = make(193, 129, TWIN_DMABUF);
	struct twin_surface *surface = show(a, 10, 10), *other = show(b, 11, 100);
	static const int32_t places[] = {0, 63, 64, 127, 128, 191, 192};

	for (size_t x = 0; x < 7; x++) {
		for (size_t y = 0; y < 5; y++) {
			twin_buffer_fill(a, places[x], places[y], 1, 1, 0xffff0000);
			twin_present(surface, a);
			twin_buffer_fill(b, places[x], places[y], 1, 1, 0xffff0000);
			twin_present(other, b);
			check_equal(&twin);
		}
	}
}

static void detached(enum twin_memory memory)
{
	set_up();
	struct twin_buffer *buffer = make(100, 100, memory);
	struct twin_surface *surface = show(buffer, 10, 10);

	for (int32_t k = 0; k < 4; k++) {
		twin_attach(surface, NULL);
		twin_commit(surface);
		if (k != 2)
			check_equal(&twin);
		if (k == 3)
			twin_buffer_fill(buffer, 10, 10, 20, 20, 0xff00ff00);
		twin_present(surface, buffer);
		check_equal(&twin);
		draw(surface, buffer, 10 * k, 3, 20, 20, 0xff0000ff);
		check_equal(&twin);
	}
}

TEST(detached_dmabuf)
{
	detached(TWIN_DMABUF);
}

TEST(detached_shm)
{
	detached(TWIN_SHM);
}

/* A promise says what is there; between it and tiles there is nothing to compare. */
TEST(promises)
{
	set_up();
	struct twin_buffer *a = make(150, 150, TWIN_DMABUF), *b = make(150, 150, TWIN_DMABUF);
	struct twin_surface *surface = show(a, 10, 10);

	if (surface->watch == NULL)
		test_skip("the protocol is switched off");
	for (int32_t k = 0; k < 12; k++) {
		struct twin_buffer *buffer = k % 2 == 0 ? b : a;
		if (k % 3 != 2) {
			twin_buffer_fill(a, 10 * k, 5, 20, 20, 0xff0000ff);
			twin_buffer_fill(b, 10 * k, 5, 20, 20, 0xff0000ff);
		}
		if (k % 4 < 2)
			wltex_surface_v1_set_content_sum(surface->watch, twin_buffer_sum(buffer));
		twin_present(surface, buffer);
		check_equal(&twin);
	}
}

/* Until the surface is left alone, while it is, and when it is looked at again. */
TEST(rest_and_wake)
{
	set_up();
	struct twin_buffer *a = make(400, 300, TWIN_DMABUF), *b = make(400, 300, TWIN_SHM);
	struct twin_surface *surface = show(a, 10, 10), *other = show(b, 20, 50);

	for (uint32_t k = 0; k < 120; k++) {
		/* Everything changes for a while, then nothing but a corner. */
		bool calm = k > 20;
		twin_buffer_fill(a, 0, 0, calm ? 10 : 400, calm ? 10 : 300, 0xff000000 + k * 77);
		twin_buffer_fill(b, 0, 0, calm ? 10 : 400, calm ? 10 : 300, 0xff000000 + k * 99);
		twin_present(surface, a);
		twin_present(other, b);
		if (k % 2 == 0)
			check_equal(&twin);
	}
}

/* The file of a pool shrinks under the compositors: only the client may suffer. */
TEST(truncated_pool)
{
	set_up();
	struct twin_buffer *buffer = make(400, 400, TWIN_SHM);
	struct twin_surface *surface = show(buffer, 10, 10);

	check_int(ftruncate(buffer->fd, 4096), 0);
	twin_attach(surface, buffer);
	claim(surface, 0, 200, 400, 200);
	twin_commit(surface);
	/* Whoever is told is told of an invalid fd. */
	both(wl_display_roundtrip(twin.screens[i].display));
	twin_disconnect(&twin);
	set_up();
}
