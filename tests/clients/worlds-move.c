/* SPDX-License-Identifier: MIT */
/* The moves of a random world. */
#include <stdlib.h>

#include "worlds.h"

/* What waits for a parent's commit was not used by the repaint. */
static bool waits(const struct actor *actor)
{
	return actor->wl[0] != NULL && actor->sub[0] != NULL && actor->place >= 0 &&
	       !actor->hidden && (actor->synchronized || actor->parent >= SUBS);
}

static void note_repaint(void)
{
	for (int k = 0; k < N_PLACES; k++)
		world.places[k].fresh = false;
	for (int k = 0; k < N_ACTORS; k++) {
		if (waits(&world.actors[k]))
			world.places[world.actors[k].place].fresh = true;
	}
}

/* A repaint of all outputs, now and then of one only. */
void frame(void)
{
	struct twin *twin = &world.twin;

	if (twin->n_outputs > 1 && chance(40)) {
		int output = pick(twin->n_outputs);
		twin_show_output(twin, output);
		tell("frame of output %d", output);
		return;
	}
	twin_show(twin);
	note_repaint();
	tell("frame");
}

/* Attach, claim, commit; false if there is no buffer. */
static bool show(int number, int place, bool up)
{
	actor_attach(number, place);
	if (world.actors[number].attached < 0)
		return false;
	claim_some(number);
	actor_commit(number);
	if (up)
		actor_commit_up(number);
	return true;
}

/* A sub-surface is seen only if the window is. */
static void map_window(int number, int place)
{
	if (!world.actors[number].hidden)
		return;
	actor_attach(number, place);
	if (world.actors[number].attached < 0)
		return;
	claim_all(number);
	actor_commit(number);
}

static void draw_frame(void)
{
	int number = pick_actor(), place = pick_place(number);
	int window = number < SUBS ? number : WINDOWS + (number - SUBS) / 3;
	int other = pick_place(window);
	bool changes = pick(3) > 0, up = chance(60), map = chance(80);

	actor_need(number);
	place_need(place);
	if (window != number && map)
		map_window(window, other);
	if (changes)
		place_write_some(place);
	show(number, place, up);
}

/* What a promise says must stay true until the compositor has read it. */
static void promise(int number, int place)
{
	struct place *content = &world.places[place];
	struct actor *actor = &world.actors[number];
	struct twin_buffer buffer = {
		.spec = {.width = content->width, .height = content->height},
		.stride = content->stride,
		.bytes_per_pixel = (uint32_t)content->bytes_per_pixel,
		.pixels = content->memory->bytes + content->offset,
	};

	if (actor->watch == NULL || !world.avoid.late)
		return;
	wltex_surface_v1_set_content_sum(actor->watch, twin_buffer_sum(&buffer));
	tell("promise");
}

static void draw_with_promise(void)
{
	int number = pick_actor(), place = pick_place(number);
	bool changes = chance(60);

	actor_need(number);
	place_need(place);
	if (changes)
		place_write_some(place);
	promise(number, place);
	show(number, place, true);
}

/* The same content in another buffer, which is what the module looks for. */
static void show_again(int number, int place, int other, bool destroy)
{
	if (other == place)
		return;
	if (destroy)
		place_destroy(place);
	maybe_wait();
	place_need(other);
	if (world.places[other].memory != world.places[place].memory)
		place_copy(other, place);
	show(number, other, true);
}

/* Whatever may happen to a buffer soon after it was committed. */
static void endanger(void)
{
	int number = pick_actor(), place = pick_place(number), other = pick_place(number);
	int32_t kind = pick(4);

	actor_need(number);
	place_need(place);
	place_write_some(place);
	if (!show(number, place, true))
		return;
	maybe_wait();
	if (kind == 0)
		place_destroy(place);
	else if (kind == 1)
		place_write_some(place);
	else
		show_again(number, place, other, kind == 2);
}

static void make(void)
{
	place_make(pick(N_PLACES));
}

static void write_some(void)
{
	int place = pick(N_PLACES);

	if (world.places[place].memory != NULL)
		place_write_some(place);
}

static void attach(void)
{
	int number = pick_actor(), place = pick_place(number);
	int32_t dice = pick(100);
	const struct actor *actor = &world.actors[number];

	actor_need(number);
	if (dice < 12 && !world.avoid.hide) {
		if (number >= SUBS)
			actor_attach(number, NO_BUFFER);
	} else if (dice < 40 && actor->place >= 0) {
		actor_attach(number, actor->place);
	} else {
		actor_attach(number, place);
	}
}

static void claim_only(void)
{
	int number = pick_actor();

	if (world.actors[number].wl[0] != NULL && world.actors[number].place >= 0)
		claim_some(number);
}

static void commit_only(void)
{
	int number = pick_actor();
	int32_t times = chance(80) ? 1 : between(2, 4);

	while (actor_may_commit(number) && times-- > 0)
		actor_commit(number);
}

static void commit_parents(void)
{
	int number = pick_actor();

	if (world.actors[number].wl[0] != NULL)
		actor_commit_up(number);
}

static void destroy_buffer(void)
{
	place_destroy(pick(N_PLACES));
}

static void make_again(void)
{
	place_make_again(pick(N_PLACES));
}

static void grow_pool(void)
{
	int from = pick(N_PLACES), to = pick(N_PLACES);

	place_grow(from, to);
}

static void change_scale(int number)
{
	struct actor *actor = &world.actors[number];
	bool even = actor->place >= 0 && ((actor->width | actor->height) & 1) == 0;

	actor->scale = actor->scale == 1 && even && actor->attached != NO_BUFFER ? 2 : 1;
	if (actor->has_source)
		actor_unset_viewport(actor);
	both(wl_surface_set_buffer_scale(actor->wl[i], actor->scale));
	tell("scale of s%d %d", number, actor->scale);
}

static void change_transform(int number)
{
	struct actor *actor = &world.actors[number];
	int32_t transform = pick(8);

	actor->transform = chance(40) ? 0 : transform;
	if (actor->has_source)
		actor_unset_viewport(actor);
	both(wl_surface_set_buffer_transform(actor->wl[i], actor->transform));
	tell("transform of s%d %d", number, actor->transform);
}

/* Within what all buffers have had, scaled too. */
static void set_source(struct actor *actor)
{
	int32_t most = actor->least == INT32_MAX ? 0 : actor->least / 2;
	int32_t side = 1 + most / 2, where = pick(101);
	wl_fixed_t x = where * (most - side) / 101 * 256;

	if (most <= 2)
		return;
	if (chance(30) && x + (side + 1) * 256 <= most * 256)
		x += pick(256);
	actor->has_source = true;
	actor->source_end = (x + side * 256 + 255) / 256;
	both(wp_viewport_set_source(actor->viewport[i], x, x, side * 256, side * 256));
	tell("source %.2f %d", wl_fixed_to_double(x), side);
}

static void change_viewport(int number)
{
	struct actor *actor = &world.actors[number];
	bool unset = chance(35), source = chance(50), destination = chance(60);
	int32_t width = between(1, 200), height = between(1, 200);

	if (actor->viewport[0] == NULL)
		both(actor->viewport[i] = wp_viewporter_get_viewport(
			     world.twin.screens[i].viewporter, actor->wl[i]));
	tell("viewport of s%d", number);
	if (unset) {
		actor_unset_viewport(actor);
		return;
	}
	if (source)
		set_source(actor);
	if (actor->has_source && !destination)
		return;
	actor->has_destination = true;
	both(wp_viewport_set_destination(actor->viewport[i], width, height));
	tell("destination %dx%d", width, height);
}

/* It may be a lie. */
static void change_opaque_region(int number)
{
	int32_t x = between(-20, 80), y = between(-20, 80), width = pick(300), height = pick(300);
	bool empty = chance(30), unset = chance(15);

	for (int i = 0; i < 2; i++) {
		struct wl_region *region =
			wl_compositor_create_region(world.twin.screens[i].compositor);
		if (!empty)
			wl_region_add(region, x, y, width, height);
		wl_surface_set_opaque_region(world.actors[number].wl[i], unset ? NULL : region);
		wl_region_destroy(region);
	}
	tell("opaque region of s%d", number);
}

static void change_state(void)
{
	int number = pick_actor();
	int32_t kind = pick(5);

	actor_need(number);
	if (kind == 4)
		change_opaque_region(number);
	else if (world.avoid.geometry)
		return;
	else if (kind == 0)
		change_scale(number);
	else if (kind == 1)
		change_transform(number);
	else
		change_viewport(number);
	if (chance(50) && actor_may_commit(number))
		actor_commit(number);
}

static void restack(int number)
{
	struct actor *actor = &world.actors[number];
	int other = SUBS + (number - SUBS) / 3 * 3 + pick(3);
	bool above = chance(50);

	if (other == number || !actor_has_parent(&world.actors[other]) ||
		world.actors[other].parent != actor->parent)
		other = actor->parent;
	if (above)
		both(wl_subsurface_place_above(actor->sub[i], world.actors[other].wl[i]));
	else
		both(wl_subsurface_place_below(actor->sub[i], world.actors[other].wl[i]));
	tell("s%d %s s%d", number, above ? "above" : "below", other);
}

static void change_mode(int number)
{
	struct actor *actor = &world.actors[number];

	actor->synchronized = !actor->synchronized;
	if (actor->synchronized)
		both(wl_subsurface_set_sync(actor->sub[i]));
	else
		both(wl_subsurface_set_desync(actor->sub[i]));
	tell("s%d %s", number, actor->synchronized ? "synchronized" : "desynchronized");
}

static void change_role(int number)
{
	struct actor *actor = &world.actors[number];

	both(wl_subsurface_destroy(actor->sub[i]));
	both(actor->sub[i] = NULL);
	tell("role of s%d destroyed", number);
	maybe_wait();
	actor_give_role(number);
}

static void change_subsurface(void)
{
	int number = pick_actor();
	int32_t kind = pick(100);
	int32_t x = between(-60, world.twin.n_outputs * 280 - 60), y = between(-60, 220);
	bool up = chance(60);

	if (number < SUBS || world.avoid.sub)
		return;
	actor_need(number);
	if (!actor_has_parent(&world.actors[number]))
		return;
	if (kind < 35) {
		both(wl_subsurface_set_position(world.actors[number].sub[i], x, y));
		tell("s%d to %d,%d", number, x, y);
	} else if (kind < 65) {
		restack(number);
	} else if (kind < 85) {
		change_mode(number);
	} else {
		change_role(number);
	}
	if (up)
		actor_commit_up(number);
}

static void wait(void)
{
	int32_t dice = pick(100);

	if (dice < 25) {
		twin_flush(&world.twin);
		tell("flush");
	} else if (dice < 62) {
		twin_sync(&world.twin);
		tell("sync");
	} else {
		frame();
	}
}

static const struct {
	const char *name;
	int32_t weight;
	void (*play)(void);
} moves[] = {
	{"frame", 34, draw_frame},
	{"promise", 3, draw_with_promise},
	{"danger", 9, endanger},
	{"make", 6, make},
	{"write", 9, write_some},
	{"attach", 5, attach},
	{"claim", 3, claim_only},
	{"commit", 6, commit_only},
	{"parents", 5, commit_parents},
	{"destroy", 4, destroy_buffer},
	{"again", 3, make_again},
	{"state", 5, change_state},
	{"sub", 8, change_subsurface},
	{"hide", 3, hide},
	{"mover", 5, pass_over},
	{"wait", 16, wait},
	{"gone", 2, destroy_surface},
	{"resize", 2, grow_pool},
	{"curtain", 1, draw_curtain},
};

#define N_MOVES (sizeof(moves) / sizeof(moves[0]))

void play_move(void)
{
	int32_t total = 0, dice;
	size_t k;

	for (k = 0; k < N_MOVES; k++)
		total += moves[k].weight;
	dice = pick(total);
	for (k = 0; dice >= moves[k].weight; k++)
		dice -= moves[k].weight;
	tell("[%s]", moves[k].name);
	moves[k].play();
}
