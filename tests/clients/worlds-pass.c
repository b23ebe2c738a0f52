/* SPDX-License-Identifier: MIT */
/* Moves of a random world that hide what is there, or let it be seen again. */
#include <unistd.h>

#include "worlds.h"

/* Long enough for some repaints, where they come by themselves. */
static void nap(int ms)
{
	twin_flush(&world.twin);
	if (!world.lockstep)
		usleep((useconds_t)ms * 1000);
	tell("%d ms", ms);
}

void maybe_wait(void)
{
	int32_t dice = pick(100);

	if (dice < 40)
		return;
	if (dice < 60) {
		twin_flush(&world.twin);
		tell("flush");
	} else if (dice < 72) {
		twin_sync(&world.twin);
		tell("sync");
	} else if (dice < 76) {
		nap(between(1, 12));
	} else {
		frame();
	}
}

static void show_some(int number, int place, bool up)
{
	actor_attach(number, place);
	if (world.actors[number].attached >= 0) {
		claim_some(number);
		actor_commit(number);
	}
	if (up)
		actor_commit_up(number);
}

void hide(void)
{
	int number = pick_actor(), place = world.actors[number].place;
	bool up = chance(60), back = chance(60);

	if (!actor_may_commit(number) || world.avoid.hide)
		return;
	actor_attach(number, NO_BUFFER);
	actor_commit(number);
	if (up)
		actor_commit_up(number);
	maybe_wait();
	if (back && place >= 0)
		show_some(number, place, up);
}

/* The mover is a pixel in the middle. */
void move_strip(int32_t x, int32_t y)
{
	const struct twin *twin = &world.twin;

	both(wl_subsurface_set_position(
		world.actors[STRIP].sub[i], x - (twin->width - 1) / 2, y - (twin->height - 1) / 2));
	both(wl_surface_commit(world.actors[MOVER].wl[i]));
	world.commits++;
}

void pass_over(void)
{
	int32_t right = world.twin.width * world.twin.n_outputs;
	int32_t x = between(-world.twin.width / 2, right);
	int32_t y = between(-world.twin.height / 2, world.twin.height / 2);

	if (chance(30))
		x = 3 * right;
	move_strip(x, y);
	tell("strip to %d,%d", x, y);
	maybe_wait();
}

void destroy_surface(void)
{
	int number = pick_actor();

	if (world.actors[number].wl[0] == NULL || world.avoid.hide)
		return;
	actor_destroy(number);
	tell("s%d destroyed", number);
	maybe_wait();
	if (chance(50)) {
		actor_need(number);
		tell("s%d made anew", number);
	}
}

/* A window of its own hides everything, and goes. */
void draw_curtain(void)
{
	struct twin_surface *curtain;
	struct place *place = &world.places[pick(N_PLACES)];
	int number = pick_actor(), other = pick_place(number);

	if (place->wl[0] == NULL || world.avoid.hide)
		return;
	curtain = twin_surface_create(&world.twin);
	twin_surface_map(&world.twin, curtain);
	both(xdg_surface_set_window_geometry(curtain->xdg[i], 0, 0, 100, 100));
	both(wl_surface_attach(curtain->wl[i], place->wl[i], 0, 0));
	both(wl_surface_damage_buffer(curtain->wl[i], 0, 0, INT32_MAX, INT32_MAX));
	twin_commit(curtain);
	world.commits += 2;
	place->fresh = true;
	tell("curtain b%d", (int)(place - world.places));
	maybe_wait();
	if (world.actors[number].wl[0] != NULL && chance(60)) {
		actor_need(number);
		show_some(number, other, true);
		maybe_wait();
	}
	twin_surface_destroy(curtain);
	tell("curtain gone");
}
