/* SPDX-License-Identifier: MIT */
/*
 * Damage in surface coordinates means the right pixels of the buffer, whatever lies between:
 * one changed pixel is seen, and the ledger tells how much was looked at (damage.sh).
 */
#include <stdlib.h>

#include "peer.h"

/* 3 x 2 tiles, the last ones narrow. */
#define WIDTH 160
#define HEIGHT 100

static struct peer peer;
static struct peer_surface *surface;
static struct peer_buffer *buffer;

static void begin(const char *name)
{
	peer_connect(&peer, name);
	surface = peer_surface(&peer, "");
	buffer = peer_buffer(&peer, WIDTH, HEIGHT);
	peer_buffer_fill(buffer, 1);
}

static void show_first(void)
{
	peer_surface_show(surface, buffer);
	check_events(&peer, "imported/attached");
}

static void change(uint32_t x, uint32_t y)
{
	buffer->pixels[(size_t)y * buffer->stride + (size_t)x * 4] ^= 1;
}

static void claim(int32_t x, int32_t y, int32_t width, int32_t height)
{
	wl_surface_attach(surface->wl_surface, buffer->wl_buffer, 0, 0);
	wl_surface_damage(surface->wl_surface, x, y, width, height);
	wl_surface_commit(surface->wl_surface);
}

/* A change at x, y of the buffer is claimed as this rectangle of the surface. */
static void check_seen(
	uint32_t buffer_x, uint32_t buffer_y, int32_t x, int32_t y, int32_t width, int32_t height)
{
	change(buffer_x, buffer_y);
	claim(x, y, width, height);
	check_events(&peer, "destroyed/content_changed reimported/content_changed");
	check_int(surface->sum, peer_buffer_sum(buffer));
	/* In the same place nothing changes any more. */
	claim(x, y, width, height);
	check_events(&peer, "reused/attached");
}

TEST(plain)
{
	begin("plain");
	show_first();
	check_seen(5, 90, 5, 90, 1, 1);
	check_seen(WIDTH - 1, HEIGHT - 1, WIDTH - 1, HEIGHT - 1, 1, 1);
	/* Cut to the surface. */
	check_seen(0, 0, -10, -10, 11, 11);
}

/* What is not claimed is the client's own fault, and shows that claims are used at all. */
TEST(elsewhere)
{
	begin("elsewhere");
	show_first();
	change(0, 0);
	claim(WIDTH - 1, HEIGHT - 1, 1, 1);
	check_events(&peer, "reused/attached");
	claim(0, 0, 1, 1);
	check_events(&peer, "destroyed/content_changed reimported/content_changed");
}

TEST(scale)
{
	begin("scale");
	wl_surface_set_buffer_scale(surface->wl_surface, 2);
	show_first();
	/* Surface pixel 70, 45 is buffer pixels 140..141, 90..91. */
	check_seen(141, 91, 70, 45, 1, 1);
	check_seen(0, 0, 0, 0, 1, 1);
}

TEST(transform_90)
{
	begin("transform_90");
	wl_surface_set_buffer_transform(surface->wl_surface, WL_OUTPUT_TRANSFORM_90);
	show_first();
	/* The buffer is the surface, 100 x 160, turned counter-clockwise. */
	check_seen(0, HEIGHT - 1, 0, 0, 1, 1);
	check_seen(WIDTH - 1, HEIGHT - 1, 0, WIDTH - 1, 1, 1);
	check_seen(0, 0, HEIGHT - 1, 0, 1, 1);
}

TEST(transform_flipped_270)
{
	begin("flipped_270");
	wl_surface_set_buffer_transform(surface->wl_surface, WL_OUTPUT_TRANSFORM_FLIPPED_270);
	wl_surface_set_buffer_scale(surface->wl_surface, 2);
	show_first();
	/* Mirrored at the diagonal that begins top right, and half as large. */
	check_seen(WIDTH - 1, HEIGHT - 1, 0, 0, 1, 1);
	check_seen(0, HEIGHT - 1, 0, WIDTH / 2 - 1, 1, 1);
	check_seen(0, 0, HEIGHT / 2 - 1, WIDTH / 2 - 1, 1, 1);
}

TEST(viewport)
{
	begin("viewport");
	struct wp_viewport *viewport =
		wp_viewporter_get_viewport(peer.viewporter, surface->wl_surface);

	/* The right half of the buffer, on a surface of a quarter of its size. */
	wp_viewport_set_source(viewport, wl_fixed_from_int(WIDTH / 2), 0,
		wl_fixed_from_int(WIDTH / 2), wl_fixed_from_int(HEIGHT));
	wp_viewport_set_destination(viewport, WIDTH / 4, HEIGHT / 4);
	show_first();
	/* A surface pixel is 2 x 4 buffer pixels. */
	check_seen(WIDTH / 2 + 1, 3, 0, 0, 1, 1);
	check_seen(WIDTH - 1, HEIGHT - 1, WIDTH / 4 - 1, HEIGHT / 4 - 1, 1, 1);
}

/* Damage counts rows from the top of the picture, the buffer from its bottom. */
TEST(upside_down)
{
	begin("upside_down");
	buffer = peer_buffer_upside_down(&peer, WIDTH, HEIGHT);
	show_first();
	check_int(surface->sum, peer_buffer_sum(buffer));
	check_seen(0, 0, 0, HEIGHT - 1, 1, 1);
	check_seen(WIDTH - 1, HEIGHT - 1, WIDTH - 1, 0, 1, 1);
	wl_surface_set_buffer_scale(surface->wl_surface, 2);
	check_seen(7, 3, 3, HEIGHT / 2 - 2, 1, 1);
}

/* A commit changes the transform and claims in the new coordinates. */
TEST(changed_transform)
{
	begin("changed");
	show_first();
	wl_surface_set_buffer_transform(surface->wl_surface, WL_OUTPUT_TRANSFORM_180);
	check_seen(0, 0, WIDTH - 1, HEIGHT - 1, 1, 1);
}

/* Both coordinates in one commit; nothing sums up to more than the buffer. */
TEST(everything)
{
	begin("everything");
	show_first();
	for (int i = 0; i < 200; i++) {
		wl_surface_damage(surface->wl_surface, i % WIDTH, i % HEIGHT, INT32_MAX, 1);
		wl_surface_damage_buffer(surface->wl_surface, i % WIDTH, i / 2, 3, INT32_MAX);
	}
	wl_surface_damage(surface->wl_surface, INT32_MIN, INT32_MIN, INT32_MAX, INT32_MAX);
	wl_surface_damage(surface->wl_surface, 5, 5, -1, -1);
	check_seen(0, 0, 0, 0, INT32_MAX, INT32_MAX);
}
