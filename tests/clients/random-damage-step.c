/* SPDX-License-Identifier: MIT */
#include "random-damage.h"

static void redraw(struct world *world, struct actor *actor)
{
	for (int32_t k = random_below(world, 4); k > 0; k--)
		actor_draw(world, actor);
	actor_commit(world, actor);
}

static void show_again(struct world *world, struct actor *actor)
{
	actor_commit(world, actor);
}

static void commit_nothing(struct world *world, struct actor *actor)
{
	actor_commit_state(world, actor, false);
}

static void hide(struct world *world, struct actor *actor)
{
	if (actor->parent != NULL)
		actor_commit_state(world, actor, true);
}

static void resize(struct world *world, struct actor *actor)
{
	int32_t scale = actor->scale;

	if (actor->parent == NULL || actor->has_viewport)
		return;
	actor_set_size(world, actor, scale * random_from(world, 1, 240 / scale),
		scale * random_from(world, 1, 240 / scale));
	actor_commit(world, actor);
}

static void change_buffers(struct world *world, struct actor *actor)
{
	actor_retire_buffers(world, actor);
	redraw(world, actor);
}

static void set_viewport(struct world *world, struct actor *actor, bool set)
{
	struct wp_viewport **viewports = twin_surface_get_viewports(&world->twin, actor->surface);
	bool turned = actor->transform & 1;
	/* The source counts in surface coordinates before the viewport. */
	int32_t width = (turned ? actor->spec.height : actor->spec.width) / actor->scale;
	int32_t height = (turned ? actor->spec.width : actor->spec.height) / actor->scale;
	wl_fixed_t x = 0, y = 0, w = wl_fixed_from_int(-1), h = w;
	int32_t to_width = -1, to_height = -1;

	if (set && world->filters && one_in(world, 2)) {
		to_width = random_from(world, 1, 250);
		to_height = random_from(world, 1, 250);
		w = random_from(world, width < 4 ? 256 : 1024, width * 256);
		h = random_from(world, height < 4 ? 256 : 1024, height * 256);
	} else if (set) {
		w = wl_fixed_from_int(random_from(world, 1, width));
		h = wl_fixed_from_int(random_from(world, 1, height));
	}
	if (set) {
		x = random_below(world, width * 256 - w + 1);
		y = random_below(world, height * 256 - h + 1);
	}
	if (!world->filters) {
		x &= ~255;
		y &= ~255;
	}
	/* Weston 14 keeps the height when the source is unset, and then minds its fraction. */
	both(wp_viewport_set_source(
		viewports[i], 0, 0, wl_fixed_from_int(1), wl_fixed_from_int(1)));
	both(wp_viewport_set_source(viewports[i], set ? x : w, set ? y : h, w, h));
	both(wp_viewport_set_destination(viewports[i], to_width, to_height));
	actor->has_viewport = set;
	tell(world, actor, "viewport %.2f,%.2f %.2fx%.2f to %dx%d", wl_fixed_to_double(x),
		wl_fixed_to_double(y), wl_fixed_to_double(w), wl_fixed_to_double(h), to_width,
		to_height);
}

static void change_viewport(struct world *world, struct actor *actor)
{
	if (actor->parent == NULL)
		return;
	set_viewport(world, actor, !one_in(world, 3));
	actor->all_dirty = true;
	actor_commit(world, actor);
}

static void transform(struct world *world, struct actor *actor)
{
	int32_t scale = !world->filters || one_in(world, 2) ? 1 : random_from(world, 1, 3);

	if (actor->parent == NULL)
		return;
	if (actor->has_viewport)
		set_viewport(world, actor, false);
	actor->transform = one_in(world, 3) ? 0 : random_below(world, 8);
	actor->scale = scale;
	both(wl_surface_set_buffer_transform(actor->surface->wl[i], actor->transform));
	both(wl_surface_set_buffer_scale(actor->surface->wl[i], scale));
	tell(world, actor, "transform %d, scale %d", actor->transform, scale);
	actor_set_size(world, actor, scale * random_from(world, 1, 240 / scale),
		scale * random_from(world, 1, 240 / scale));
	actor_commit(world, actor);
}

static void set_opaque(struct world *world, struct actor *actor)
{
	/* Of the rest it would be a lie. */
	if (has_alpha(actor->spec.format))
		return;
	for (int i = 0; i < 2; i++) {
		struct wl_region *region =
			wl_compositor_create_region(world->twin.screens[i].compositor);
		wl_region_add(region, 10, 10, 60, 70);
		wl_surface_set_opaque_region(actor->surface->wl[i], region);
		wl_region_destroy(region);
	}
	tell(world, actor, "opaque region");
	actor->all_dirty = true;
	actor_commit(world, actor);
	both(wl_surface_set_opaque_region(actor->surface->wl[i], NULL));
}

static void move(struct world *world, struct actor *actor)
{
	int32_t x = random_from(world, -50, world->twin.width);
	int32_t y = random_from(world, -50, world->twin.height);

	if (actor->parent == NULL)
		return;
	both(wl_subsurface_set_position(actor->surface->sub[i], x, y));
	tell(world, actor, "to %d,%d", x, y);
	if (one_in(world, 2))
		actor_commit_state(world, actor->parent, false);
}

static void restack(struct world *world, struct actor *actor)
{
	struct actor *other = &world->actors[random_from(world, 0, MAX_SURFACES - 1)];

	if (actor->parent == NULL || other == actor ||
		(other != actor->parent && other->parent != actor->parent))
		return;
	if (one_in(world, 2))
		both(wl_subsurface_place_above(actor->surface->sub[i], other->surface->wl[i]));
	else
		both(wl_subsurface_place_below(actor->surface->sub[i], other->surface->wl[i]));
	tell(world, actor, "restacked");
	if (one_in(world, 2))
		actor_commit_state(world, actor->parent, false);
}

static void change_mode(struct world *world, struct actor *actor)
{
	if (actor->parent == NULL)
		return;
	actor->synchronized = !actor->synchronized;
	if (actor->synchronized)
		both(wl_subsurface_set_sync(actor->surface->sub[i]));
	else
		both(wl_subsurface_set_desync(actor->surface->sub[i]));
	tell(world, actor, actor->synchronized ? "synchronized" : "desynchronized");
}

static void commit_window(struct world *world, struct actor *actor)
{
	actor_commit_state(world, &world->actors[0], false);
}

static bool has_children(const struct world *world, const struct actor *actor)
{
	for (int k = 0; k < MAX_SURFACES; k++) {
		if (world->actors[k].parent == actor)
			return true;
	}
	return false;
}

static void replace(struct world *world, struct actor *actor)
{
	struct actor *parent = actor->parent;

	if (parent == NULL || has_children(world, actor) || one_in(world, 2))
		return;
	actor_destroy(world, actor);
	actor_create(world, actor, parent);
	actor_commit(world, actor);
	if (one_in(world, 2))
		actor_commit_state(world, parent, false);
}

/* A second window comes in front of everything, and goes. */
static void draw_curtain(struct world *world, struct actor *actor)
{
	if (world->curtain != NULL) {
		actor_destroy(world, world->curtain);
		world->curtain = NULL;
		return;
	}
	world->curtain = &world->curtain_memory;
	actor_create(world, world->curtain, NULL);
	actor_map(world, world->curtain);
}

static void redraw_curtain(struct world *world, struct actor *actor)
{
	if (world->curtain != NULL)
		redraw(world, world->curtain);
}

static void frame(struct world *world, struct actor *actor)
{
	both(wl_callback_destroy(wl_surface_frame(actor->surface->wl[i])));
	actor_commit_state(world, actor, false);
}

static const struct {
	void (*act)(struct world *world, struct actor *actor);
	int32_t weight;
} acts[] = {
	{redraw, 80},
	{show_again, 30},
	{commit_nothing, 6},
	{hide, 5},
	{resize, 8},
	{change_buffers, 8},
	{change_viewport, 10},
	{transform, 10},
	{set_opaque, 4},
	{move, 14},
	{restack, 10},
	{change_mode, 10},
	{commit_window, 16},
	{replace, 4},
	{draw_curtain, 1},
	{redraw_curtain, 4},
	{frame, 4},
};

#define N_ACTS (sizeof(acts) / sizeof(acts[0]))

void world_step(struct world *world)
{
	struct actor *actor = &world->actors[random_below(world, MAX_SURFACES)];
	int32_t total = 0, dice;
	size_t k;

	for (k = 0; k < N_ACTS; k++)
		total += acts[k].weight;
	dice = random_below(world, total);
	for (k = 0; dice >= acts[k].weight; k++)
		dice -= acts[k].weight;
	acts[k].act(world, actor);
}
