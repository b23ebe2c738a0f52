/* SPDX-License-Identifier: MIT */
/* Surfaces of a random world: made, given a role, attached to, committed. */
#include <stdlib.h>

#include "worlds.h"

static void handle_configure(void *data, struct xdg_surface *xdg_surface, uint32_t serial)
{
	struct actor *actor = data;

	xdg_surface_ack_configure(xdg_surface, serial);
	actor->configured |= xdg_surface == actor->xdg[0] ? 1 : 2;
}

static const struct xdg_surface_listener xdg_surface_listener = {.configure = handle_configure};

static void ignore_configure(void *data, struct xdg_toplevel *toplevel, int32_t width,
	int32_t height, struct wl_array *states)
{
}

static void ignore_close(void *data, struct xdg_toplevel *toplevel)
{
}

static const struct xdg_toplevel_listener toplevel_listener = {
	.configure = ignore_configure,
	.close = ignore_close,
};

void actor_open_surface(int number)
{
	struct actor *actor = &world.actors[number];
	struct wltex_manager_v1 *manager = world.twin.screens[TWIN_TESTED].wltex;

	*actor = (struct actor){
		.generation = ++world.generation,
		.hidden = true,
		.place = NO_BUFFER,
		.attached = NOTHING_NEW,
		.parent = -1,
		.scale = 1,
		.least = INT32_MAX,
	};
	both(actor->wl[i] = wl_compositor_create_surface(world.twin.screens[i].compositor));
	if (manager != NULL)
		actor->watch = wltex_manager_v1_get_surface(manager, actor->wl[TWIN_TESTED]);
}

/* A window above the others: a child of what is below everything. */
static void make_toplevel(int number, int i)
{
	struct actor *actor = &world.actors[number], *base = &world.actors[BASE];
	const int32_t *geometry = world.geometry[number];

	actor->xdg[i] = xdg_wm_base_get_xdg_surface(world.twin.screens[i].wm_base, actor->wl[i]);
	xdg_surface_add_listener(actor->xdg[i], &xdg_surface_listener, actor);
	actor->toplevel[i] = xdg_surface_get_toplevel(actor->xdg[i]);
	xdg_toplevel_add_listener(actor->toplevel[i], &toplevel_listener, actor);
	if (number != BASE && base->toplevel[i] != NULL)
		xdg_toplevel_set_parent(actor->toplevel[i], base->toplevel[i]);
	xdg_surface_set_window_geometry(
		actor->xdg[i], geometry[0], geometry[1], geometry[2], geometry[3]);
	wl_surface_commit(actor->wl[i]);
}

void actor_open_window(int number)
{
	struct actor *actor = &world.actors[number];

	actor_open_surface(number);
	both(make_toplevel(number, i));
	world.commits++;
	while (actor->configured != 3)
		twin_sync(&world.twin);
}

bool actor_has_parent(const struct actor *actor)
{
	return actor->sub[0] != NULL && actor->parent >= 0 &&
	       world.actors[actor->parent].wl[0] != NULL &&
	       world.actors[actor->parent].generation == actor->parent_generation;
}

static int get_window(int number)
{
	return WINDOWS + (number - SUBS) / 3;
}

void actor_give_role(int number)
{
	struct actor *actor = &world.actors[number];
	int parent = get_window(number);
	int32_t x = between(-60, world.twin.n_outputs * 260 - 60), y = between(-60, 200);
	bool desynchronized = chance(50), nested = chance(25);

	if (nested && (number - SUBS) % 3 > 0 && actor_has_parent(actor - 1))
		parent = number - 1;
	if (world.actors[parent].wl[0] == NULL)
		return;
	actor->parent = parent;
	actor->parent_generation = world.actors[parent].generation;
	actor->synchronized = !desynchronized;
	for (int i = 0; i < 2; i++) {
		actor->sub[i] = wl_subcompositor_get_subsurface(world.twin.screens[i].subcompositor,
			actor->wl[i], world.actors[parent].wl[i]);
		wl_subsurface_set_position(actor->sub[i], x, y);
		if (desynchronized)
			wl_subsurface_set_desync(actor->sub[i]);
	}
	tell("s%d is a sub-surface of s%d at %d,%d%s", number, parent, x, y,
		desynchronized ? "" : ", synchronized");
}

void actor_need(int number)
{
	struct actor *actor = &world.actors[number];

	if (number < SUBS) {
		if (actor->wl[0] == NULL)
			actor_open_window(number);
		return;
	}
	if (world.actors[get_window(number)].wl[0] == NULL)
		actor_open_window(get_window(number));
	if (actor->wl[0] == NULL)
		actor_open_surface(number);
	if (actor_has_parent(actor))
		return;
	if (actor->sub[0] != NULL)
		both(wl_subsurface_destroy(actor->sub[i]));
	both(actor->sub[i] = NULL);
	actor_give_role(number);
}

static void destroy_objects(struct actor *actor, int i)
{
	if (actor->viewport[i] != NULL)
		wp_viewport_destroy(actor->viewport[i]);
	if (actor->sub[i] != NULL)
		wl_subsurface_destroy(actor->sub[i]);
	if (actor->toplevel[i] != NULL)
		xdg_toplevel_destroy(actor->toplevel[i]);
	if (actor->xdg[i] != NULL)
		xdg_surface_destroy(actor->xdg[i]);
	wl_surface_destroy(actor->wl[i]);
}

void actor_destroy(int number)
{
	struct actor *actor = &world.actors[number];

	if (actor->wl[0] == NULL)
		return;
	if (actor->watch != NULL)
		wltex_surface_v1_destroy(actor->watch);
	both(destroy_objects(actor, i));
	free(actor->shown);
	*actor = (struct actor){.place = NO_BUFFER, .attached = NOTHING_NEW};
}

bool actor_may_commit(int number)
{
	const struct actor *actor = &world.actors[number];

	return actor->wl[0] != NULL && (number >= SUBS || actor->configured == 3);
}

void actor_unset_viewport(struct actor *actor)
{
	if (actor->viewport[0] != NULL) {
		/* Weston 14 keeps the height when the source is unset, and minds its fraction. */
		both(wp_viewport_set_source(actor->viewport[i], 0, 0, 256, 256));
		both(wp_viewport_set_source(actor->viewport[i], -256, -256, -256, -256));
		both(wp_viewport_set_destination(actor->viewport[i], -1, -1));
	}
	actor->has_source = actor->has_destination = false;
}

/* What would be an error with this buffer goes. */
static void fit_state(struct actor *actor)
{
	if ((actor->width | actor->height) & 1 && actor->scale != 1) {
		actor->scale = 1;
		both(wl_surface_set_buffer_scale(actor->wl[i], 1));
		tell("scale 1");
	}
	if (actor->has_source && actor->source_end * 2 > actor->least) {
		actor_unset_viewport(actor);
		tell("no viewport");
	}
}

static void attach_place(struct actor *actor, int number)
{
	struct place *place = &world.places[number];
	int32_t smaller = place->width < place->height ? place->width : place->height;

	both(wl_surface_attach(actor->wl[i], place->wl[i], actor->dx, actor->dy));
	place->fresh = true;
	actor->place = number;
	actor->width = place->width;
	actor->height = place->height;
	if (smaller < actor->least)
		actor->least = smaller;
	fit_state(actor);
}

/* Now and then the surface moves with its buffer. */
static void choose_offset(int number)
{
	struct actor *actor = &world.actors[number];
	int32_t dx = between(-3, 3), dy = between(-3, 3);
	bool moves = chance(4) && number >= SUBS && !world.avoid.geometry;

	actor->dx = moves ? dx : 0;
	actor->dy = moves ? dy : 0;
	if (moves)
		tell("move s%d by %d,%d", number, dx, dy);
}

void actor_attach(int number, int place)
{
	struct actor *actor = &world.actors[number];

	if (place == NO_BUFFER) {
		both(wl_surface_attach(actor->wl[i], NULL, 0, 0));
		tell("attach s%d nothing", number);
	} else {
		place_need(place);
		if (world.places[place].wl[0] == NULL)
			return;
		choose_offset(number);
		attach_place(actor, place);
		tell("attach s%d b%d", number, place);
	}
	actor->attached = place;
}

static void forget_content(struct actor *actor)
{
	free(actor->shown);
	actor->shown = NULL;
	actor->place = NO_BUFFER;
}

void actor_commit(int number)
{
	struct actor *actor = &world.actors[number];

	if (world.avoid.small && actor->attached != NO_BUFFER)
		claim_change(number);
	both(wl_surface_commit(actor->wl[i]));
	world.commits++;
	if (actor->attached != NOTHING_NEW)
		actor->hidden = actor->attached == NO_BUFFER;
	if (actor->attached == NO_BUFFER)
		forget_content(actor);
	else
		remember_content(actor);
	actor->attached = NOTHING_NEW;
	actor->dx = actor->dy = 0;
	tell("commit s%d", number);
}

void actor_commit_up(int number)
{
	while (actor_has_parent(&world.actors[number])) {
		number = world.actors[number].parent;
		actor_commit(number);
	}
}

int pick_actor(void)
{
	int all[N_ACTORS], n = 0;

	for (int k = 0; k < world.n_windows; k++) {
		all[n++] = WINDOWS + k;
		for (int j = 0; j < world.n_subs[k]; j++)
			all[n++] = SUBS + 3 * k + j;
	}
	return all[pick(n)];
}

/* One of the size that the surface has had, mostly. */
int pick_place(int actor)
{
	int place = pick(N_PLACES), k = pick(N_PLACES);

	return chance(78) ? (actor % N_SIZES + N_SIZES * k) % 9 % N_PLACES : place;
}
