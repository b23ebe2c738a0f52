/* SPDX-License-Identifier: MIT */
/*
 * A window that claims all of it with each frame, and changes one tile, all, or nothing; or claims
 * and changes one tile. After TILE_FRAMES (0: never) it stays as it is until the standard input
 * ends. TILE_SIZE is its size, as 640x480.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "peer.h"

#define TILE 64
#define BUFFERS 3

static struct peer peer;

struct window {
	struct peer_surface *surface;
	struct peer_buffer *buffers[BUFFERS];
	unsigned frames[BUFFERS]; // that are drawn into each
	unsigned releases[BUFFERS];
	bool used[BUFFERS];
	uint32_t width, height;
};

struct box {
	uint32_t x, y, width, height;
};

typedef struct box (*get_box_t)(const struct window *window, unsigned frame);

static void open_window(struct window *window, const char *name)
{
	const char *size = getenv("TILE_SIZE");

	*window = (struct window){.width = 640, .height = 480};
	check(!size || sscanf(size, "%ux%u", &window->width, &window->height) == 2);
	peer_connect(&peer, name);
	alarm(0);
	window->surface = peer_surface(&peer, "");
	peer_surface_map(window->surface);
	for (int i = 0; i < BUFFERS; i++) {
		window->buffers[i] = peer_shm_buffer(&peer, window->width, window->height);
		peer_buffer_fill(window->buffers[i], 1);
	}
}

/* A frame's own place. */
static struct box get_tile(const struct window *window, unsigned frame)
{
	uint32_t columns = window->width / TILE, rows = window->height / TILE;

	return (struct box){
		frame * 7 % columns * TILE + 5, frame * 11 % rows * TILE + 5, TILE - 10, TILE - 10};
}

static struct box get_all(const struct window *window, unsigned frame)
{
	return (struct box){0, 0, window->width, window->height};
}

static struct box get_nothing(const struct window *window, unsigned frame)
{
	return (struct box){0, 0, 0, 0};
}

static void fill(struct peer_buffer *buffer, struct box box, uint32_t color)
{
	for (uint32_t y = box.y; y < box.y + box.height; y++) {
		uint32_t *row = (uint32_t *)(void *)(buffer->pixels + (size_t)y * buffer->stride);
		for (uint32_t x = box.x; x < box.x + box.width; x++)
			row[x] = color;
	}
}

static bool is_free(const struct window *window, int i)
{
	return !window->used[i] || window->buffers[i]->releases > window->releases[i];
}

/* A buffer that the compositor does not hold. */
static int find_buffer(struct window *window)
{
	for (;;) {
		for (int i = 0; i < BUFFERS; i++) {
			if (is_free(window, i))
				return i;
		}
		check(wl_display_dispatch(peer.display) >= 0);
	}
}

/* What the buffer has missed, too. */
static void draw(struct window *window, int i, unsigned frame, get_box_t get_change)
{
	while (window->frames[i] < frame) {
		unsigned next = ++window->frames[i];
		fill(window->buffers[i], get_change(window, next), next * 2654435761u);
	}
}

static void show(struct window *window, unsigned frame, get_box_t get_change, get_box_t get_claim)
{
	int i = find_buffer(window);
	struct box claim = get_claim(window, frame);
	struct wl_surface *surface = window->surface->wl_surface;

	if (frame == 1)
		claim = get_all(window, frame);
	draw(window, i, frame, get_change);
	window->used[i] = true;
	window->releases[i] = window->buffers[i]->releases;
	wl_surface_attach(surface, window->buffers[i]->wl_buffer, 0, 0);
	wl_surface_damage_buffer(surface, (int32_t)claim.x, (int32_t)claim.y, (int32_t)claim.width,
		(int32_t)claim.height);
	peer_surface_draw(window->surface);
}

static void run(const char *name, get_box_t get_change, get_box_t get_claim)
{
	const char *frames = getenv("TILE_FRAMES");
	unsigned n = frames ? (unsigned)strtoul(frames, NULL, 10) : 0;
	struct window window;
	char byte;

	open_window(&window, name);
	for (unsigned frame = 1; n == 0 || frame <= n; frame++)
		show(&window, frame, get_change, get_claim);
	printf("at rest\n");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
}

TEST(tile)
{
	run("tile", get_tile, get_all);
}

TEST(nothing)
{
	run("nothing", get_nothing, get_all);
}

TEST(all)
{
	run("all", get_all, get_all);
}

TEST(exact)
{
	run("exact", get_tile, get_tile);
}
