/* SPDX-License-Identifier: MIT */
/* A random world from its first move to its last, and the pictures of it. */
#include <drm_fourcc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "worlds.h"

/* Longer than any world takes, under valgrind too. */
#define PATIENCE_S 300

/* Streams of chance beside those of moves. */
#define MAKING 1000000
#define GROUPS 2000000

/* Filtered, a pixel's colour depends a little on the rectangle that it is drawn with: GL
 * interpolates from its corners. */
#define TOLERANCE 2

struct world world;

static void open_mover(void)
{
	struct actor *strip = &world.actors[STRIP], *mover = &world.actors[MOVER];

	actor_destroy(STRIP);
	actor_destroy(MOVER);
	actor_open_window(MOVER);
	both(wl_surface_attach(mover->wl[i], world.mover.wl[i], 0, 0));
	both(wl_surface_damage_buffer(mover->wl[i], 0, 0, 1, 1));
	/* The kiosk shell centres what it maps, with sub-surfaces; so there is none yet. */
	both(wl_surface_commit(mover->wl[i]));
	actor_open_surface(STRIP);
	for (int i = 0; i < 2; i++) {
		strip->sub[i] = wl_subcompositor_get_subsurface(
			world.twin.screens[i].subcompositor, strip->wl[i], mover->wl[i]);
		wl_subsurface_set_desync(strip->sub[i]);
		wl_surface_attach(strip->wl[i], world.strip.wl[i], 0, 0);
		wl_surface_damage_buffer(strip->wl[i], 0, 0, INT32_MAX, INT32_MAX);
		wl_surface_commit(strip->wl[i]);
	}
	world.commits += 3;
	move_strip(3 * world.twin.n_outputs * world.twin.width, 0);
}

/* Something passes above everything. */
static void expose(void)
{
	int32_t width = world.twin.width, n = 3 * world.twin.n_outputs;

	open_mover();
	for (int32_t k = 0; k < n; k++) {
		move_strip(k * width / 3, 0);
		twin_show(&world.twin);
	}
	move_strip(n * width, 0);
}

/* Everything is committed again, and claimed: children first. */
static void heal(void)
{
	for (int k = N_ACTORS - 1; k >= WINDOWS; k--) {
		const struct actor *actor = &world.actors[k];
		if (!actor_may_commit(k) || actor->place < 0 || actor->hidden ||
			(k >= SUBS && !actor_has_parent(actor)))
			continue;
		actor_attach(k, actor->place);
		claim_all(k);
		actor_commit(k);
	}
}

/* Edges of tiles are where mistakes would be made. */
static void choose_sizes(void)
{
	static const int32_t sides[] = {1, 7, 31, 40, 63, 64, 65, 100, 127, 128, 129, 150, 191, 200,
		233, 256, 260, 299, 300};

	for (int k = 0; k < N_SIZES; k++) {
		for (int j = 0; j < 2; j++)
			world.sizes[k][j] = chance(60) ? sides[pick(19)] : between(1, 300);
	}
}

static void choose_geometry(void)
{
	for (int k = WINDOWS; k < SUBS; k++) {
		int32_t *geometry = world.geometry[k];
		geometry[0] = between(-50, 50);
		geometry[1] = between(-50, 50);
		geometry[2] = between(1, 300);
		geometry[3] = between(1, 300);
	}
	for (int k = BASE; k <= MOVER; k++) {
		world.geometry[k][2] = world.twin.width;
		world.geometry[k][3] = world.twin.height;
	}
}

static void choose_everything(void)
{
	chance_begin(MAKING);
	world.n_windows = between(1, 3);
	for (int k = 0; k < 3; k++)
		world.n_subs[k] = pick(4);
	choose_sizes();
	for (int k = 0; k < N_COLOURS; k++)
		world.palette[k] = 0xff000000u | (uint32_t)pick(0x1000000);
	world.palette[4] = 0x80402010u;
	world.palette[5] = 0;
	choose_geometry();
}

static void make_base(void)
{
	const struct twin *twin = &world.twin;
	struct actor *base = &world.actors[BASE];

	place_init(&world.base, twin->width, twin->height, DRM_FORMAT_XRGB8888, 0xff202830);
	place_init(&world.mover, 1, 1, DRM_FORMAT_ARGB8888, 0);
	place_init(
		&world.strip, (twin->width + 2) / 3, twin->height, DRM_FORMAT_XRGB8888, 0xff805060);
	actor_open_window(BASE);
	both(wl_surface_attach(base->wl[i], world.base.wl[i], 0, 0));
	both(wl_surface_damage_buffer(base->wl[i], 0, 0, INT32_MAX, INT32_MAX));
	both(wl_surface_commit(base->wl[i]));
	world.commits++;
}

static void open_world(const struct script *script)
{
	world = (struct world){.seed = script->seed, .verbose = script->verbose};
	for (int k = 0; k < N_ACTORS; k++)
		world.actors[k] = (struct actor){.place = NO_BUFFER, .attached = NOTHING_NEW};
	twin_connect_to(&world.twin, script->side);
	world.twin.tolerance = TOLERANCE;
	choose_everything();
	make_base();
	for (int k = 0; k < world.n_windows; k++) {
		actor_need(WINDOWS + k);
		for (int j = 0; j < world.n_subs[k]; j++)
			actor_need(SUBS + 3 * k + j);
	}
	open_mover();
	twin_show(&world.twin);
}

static void close_world(void)
{
	for (int k = N_ACTORS - 1; k >= 0; k--)
		actor_destroy(k);
	for (int k = 0; k < N_PLACES; k++)
		place_finish(&world.places[k]);
	place_finish(&world.base);
	place_finish(&world.mover);
	place_finish(&world.strip);
	twin_disconnect(&world.twin);
}

static void parse_avoid(const char *list)
{
	const struct {
		const char *name;
		bool *avoids;
	} kinds[] = {
		{"small", &world.avoid.small},
		{"late", &world.avoid.late},
		{"destroy", &world.avoid.destroy},
		{"gone", &world.avoid.gone},
		{"geometry", &world.avoid.geometry},
		{"sub", &world.avoid.sub},
		{"hide", &world.avoid.hide},
		{"resize", &world.avoid.resize},
		{"alpha", &world.avoid.alpha},
		{"formats", &world.avoid.formats},
		{"invert", &world.avoid.invert},
	};

	for (size_t k = 0; list != NULL && k < sizeof(kinds) / sizeof(kinds[0]); k++)
		*kinds[k].avoids = strstr(list, kinds[k].name) != NULL;
}

static void end_move(int move)
{
	if (world.verbose)
		fprintf(stderr, "%4d:%s\n", move, world.story);
}

static void settle(void)
{
	twin_sync(&world.twin);
	frame();
	twin_show(&world.twin);
}

static void note_picture(const struct script *script, struct outcome *outcome, char what, int group)
{
	int n = outcome->n_pictures++;
	struct twin *twin = &world.twin;

	check(n < MAX_PICTURES);
	outcome->pictures[n].what = what;
	outcome->pictures[n].group = group;
	outcome->pictures[n].differs = !twin_looks_equal(twin);
	if (n == script->last)
		twin_judge(twin, &outcome->right_without, &outcome->right_with);
	tell("-- picture %c%d%s", what, group, outcome->pictures[n].differs ? " differs" : "");
}

/* The moves of a group, then pictures; all may be left out. */
struct play {
	const struct script *script;
	struct outcome *outcome;
	int move, group;
};

static bool is_over(const struct play *play)
{
	return play->script->last >= 0 && play->outcome->n_pictures > play->script->last;
}

/* Whether the next move is to be played. */
static bool begin_move(struct play *play)
{
	const bool *skipped = play->script->skipped;
	int move = play->move++;

	if (is_over(play) || (skipped != NULL && skipped[move]))
		return false;
	chance_begin((uint64_t)move);
	return true;
}

static void take_picture(struct play *play, char what, void (*prepare)(void))
{
	if (!begin_move(play))
		return;
	if (prepare != NULL)
		prepare();
	settle();
	note_picture(play->script, play->outcome, what, play->group);
	end_move(play->move - 1);
}

static void play_group(struct play *play)
{
	int n;
	bool exposes, heals;

	chance_begin(GROUPS + (uint64_t)play->group);
	n = between(3, 11);
	exposes = chance(30);
	heals = chance(20);
	while (n-- > 0) {
		if (!begin_move(play))
			continue;
		play_move();
		end_move(play->move - 1);
	}
	take_picture(play, 'G', NULL);
	if (exposes)
		take_picture(play, 'E', expose);
	if (heals)
		take_picture(play, 'H', heal);
}

void world_play(const struct script *script, struct outcome *outcome)
{
	struct play play = {.script = script, .outcome = outcome};

	*outcome = (struct outcome){0};
	alarm(PATIENCE_S);
	open_world(script);
	parse_avoid(getenv("WORLDS_AVOID"));
	world.lockstep = getenv("WORLDS_LOCKSTEP") != NULL;
	for (play.group = 1; play.group <= script->groups; play.group++)
		play_group(&play);
	outcome->moves = play.move;
	outcome->commits = world.commits;
	close_world();
}
