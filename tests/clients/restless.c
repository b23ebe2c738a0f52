/* SPDX-License-Identifier: MIT */
/*
 * A client that claims again and again all of what has not changed, while its compositors
 * change how it is shown: see tests/weston/restless-module.c. WLTEX_RESTLESS_STEPS says how
 * often, WLTEX_RESTLESS_SEED what.
 */
#include <drm_fourcc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "twin.h"

/* Longer than it takes, under ASan too. */
#define PATIENCE_S 300

/* Filtered, a colour depends a little on the rectangle that is drawn. */
#define TOLERANCE 2

#define N_SURFACES 5

/* Two buffers with the same picture. */
struct player {
	struct twin_surface *surface;
	struct twin_buffer *buffers[2];
	int32_t width, height;
};

static struct twin twin;
static struct player players[N_SURFACES];
static uint64_t random_state;

static int32_t pick(int32_t n)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (int32_t)((random_state >> 33) % (uint64_t)n);
}

static unsigned long get_number(const char *variable, unsigned long fallback)
{
	const char *value = getenv(variable);

	return value != NULL ? strtoul(value, NULL, 10) : fallback;
}

/* Smooth, so that what is scaled depends little on the rectangle that is drawn. */
static void paint(struct player *player, struct twin_buffer *buffer, uint32_t kind)
{
	for (int32_t y = 0; y < player->height; y++) {
		for (int32_t x = 0; x < player->width; x++)
			twin_buffer_fill(buffer, x, y, 1, 1,
				0xff000000u | (uint32_t)x * 2 / 3 << 16 | (uint32_t)y * 2 / 3 << 8 |
					kind * 40);
	}
}

static void make_buffers(struct player *player, enum twin_memory memory, uint32_t kind)
{
	if (!twin_takes(&twin, memory, DRM_FORMAT_XRGB8888))
		memory = TWIN_SHM;
	for (int k = 0; k < 2; k++) {
		player->buffers[k] =
			twin_buffer_create(&twin, &(struct twin_buffer_spec){
							  .width = player->width,
							  .height = player->height,
							  .format = DRM_FORMAT_XRGB8888,
							  .memory = memory,
						  });
		paint(player, player->buffers[k], kind);
	}
}

static void open_window(struct player *player, struct twin_surface *parent)
{
	player->surface = twin_surface_create(&twin);
	twin_surface_map(&twin, player->surface);
	if (parent != NULL)
		both(xdg_toplevel_set_parent(player->surface->toplevel[i], parent->toplevel[i]));
	both(xdg_surface_set_window_geometry(
		player->surface->xdg[i], 0, 0, player->width, player->height));
}

static void open_subsurface(struct player *player, struct player *parent, int32_t x, int32_t y)
{
	player->surface = twin_subsurface_create(&twin, parent->surface, x, y);
	both(wl_subsurface_set_desync(player->surface->sub[i]));
	twin_commit(parent->surface);
}

static void open_players(void)
{
	players[0] = (struct player){.width = twin.width, .height = twin.height};
	players[1] = (struct player){.width = 150, .height = 130};
	for (int k = 2; k < N_SURFACES; k++)
		players[k] = (struct player){.width = 65 + 20 * k, .height = 129 - 20 * k};
	open_window(&players[0], NULL);
	open_window(&players[1], players[0].surface);
	open_subsurface(&players[2], &players[0], 10, 20);
	open_subsurface(&players[3], &players[1], 70, 60);
	open_subsurface(&players[4], &players[0], 40, 60);
	for (int k = 0; k < N_SURFACES; k++) {
		make_buffers(&players[k], k % 2 == 0 ? TWIN_SHM : TWIN_DMABUF, (uint32_t)k + 1);
		twin_present(players[k].surface, players[k].buffers[0]);
	}
	twin_show(&twin);
}

/* Now and then there is something new. */
static void change(struct player *player)
{
	int32_t x = pick(player->width), y = pick(player->height);
	uint32_t colour = 0xff000000u | (uint32_t)pick(0x1000000);

	for (int k = 0; k < 2; k++)
		twin_buffer_fill(player->buffers[k], x, y, 30, 30, colour);
}

/* The client restacks, too: with its parent's next commit. */
static void restack(void)
{
	struct twin_surface *surface = players[4].surface, *other = players[pick(2) * 2].surface;

	if (pick(2) == 0)
		both(wl_subsurface_place_above(surface->sub[i], other->wl[i]));
	else
		both(wl_subsurface_place_below(surface->sub[i], other->wl[i]));
}

static void commit_some(void)
{
	if (pick(6) == 0)
		restack();
	for (int32_t n = pick(4); n > 0; n--) {
		struct player *player = &players[pick(N_SURFACES)];
		if (pick(8) == 0)
			change(player);
		twin_present(player->surface, player->buffers[pick(2)]);
	}
}

/*
 * A surface without a role that goes is the sign for the compositors. What comes after a repaint
 * is as interesting as what comes with it.
 */
static void disturb(void)
{
	for (int32_t n = pick(3); n >= 0; n--) {
		twin_surface_destroy(twin_surface_create(&twin));
		if (pick(4) == 0)
			twin_show(&twin);
	}
}

/* Alpha that changes is not always drawn well by Weston itself: that is no difference. */
static void look(unsigned long step, unsigned long *wrong)
{
	int right_without, right_with;

	twin_show(&twin);
	if (twin_looks_equal(&twin))
		return;
	twin_judge(&twin, &right_without, &right_with);

	if (right_without > 0)
		test_fail(__FILE__, __LINE__, "step %lu: %d pixels are stale", step, right_without);
	++*wrong;
}

/* Nobody commits anything, and it looks different all the same. */
static void check_disturbed(void)
{
	const struct twin_output *output = &twin.screens[TWIN_TESTED].outputs[0];
	uint32_t *before = malloc(output->size);
	bool same = true;

	check(before != NULL);
	memcpy(before, output->pixels, output->size);
	for (int k = 0; k < 30 && same; k++) {
		disturb();
		twin_show(&twin);
		same = memcmp(before, output->pixels, output->size) == 0;
	}
	check(!same);
	free(before);
}

TEST(restless)
{
	unsigned long steps = get_number("WLTEX_RESTLESS_STEPS", 150), wrong = 0;

	random_state = get_number("WLTEX_RESTLESS_SEED", 1);
	alarm(PATIENCE_S);
	twin_connect(&twin);
	twin.tolerance = TOLERANCE;
	open_players();
	check_disturbed();
	for (unsigned long step = 0; step < steps; step++) {
		commit_some();
		disturb();
		commit_some();
		look(step, &wrong);
	}
	printf("%lu pictures are the same, %lu are wrong without the module too\n", steps - wrong,
		wrong);
	twin_disconnect(&twin);
}
