/* SPDX-License-Identifier: MIT */
/*
 * Random worlds, see worlds.h, of legal and illegal moves; each picture at rest of the
 * compositor with the module is compared with that of the one without.
 *
 * A picture in which they differ counts if it does so again, and if two compositors without
 * the module never do: races do not. What is seen there is
 *   stale    a pixel is right without the module, and wrong with it: a mistake of ours
 *   fresher  a pixel is right with the module only: Weston's own stale pixel
 *   neither  both are wrong, differently
 *   not-again  the two do not differ when it is played once more
 * "Right" is as it looks when all is drawn anew.
 *
 *   client-worlds random    play WORLDS_SEEDS worlds, the first of WORLDS_SEED
 *   client-worlds minimise  leave out moves of world WORLDS_SEED while its pictures differ,
 *                           and tell those that are left
 *
 * WORLDS_GROUPS=N   groups of moves in each world (12)
 * WORLDS_LOCKSTEP=1 the compositors repaint when captured only: nothing races
 * WORLDS_AVOID=LIST kinds of moves to leave out:
 *   small     claims that miss a change
 *   late      writing what the compositor may hold
 *   destroy   destroying a wl_buffer that no repaint has used
 *   gone      destroying any wl_buffer that is attached
 *   geometry, sub, hide
 *   resize    of pools: Weston 14's pixman renderer reads what was moved away
 *   alpha     buffers that let through: Weston's own pictures are wrong where opaque becomes
 *             not opaque
 *   formats   other formats than xrgb8888 and argb8888
 *   invert    buffers upside down: Weston 14 shows one row of them all over where it draws
 *             to a framebuffer object
 * WORLDS_STOP=1     end with the first stale world
 * WORLDS_VERBOSE=1  tell all moves
 */
#include <stdio.h>
#include <stdlib.h>

#include "worlds.h"

#define REPLAYS 3
#define CONTROLS 5
#define MAX_MOVES 4096

static struct outcome first, again;

static long get_number(const char *variable, long fallback)
{
	const char *value = getenv(variable);

	return value != NULL ? atol(value) : fallback;
}

static struct script make_script(long seed)
{
	return (struct script){
		.seed = (uint64_t)seed,
		.groups = (int)get_number("WORLDS_GROUPS", 12),
		.side = "WLTEX_TWIN_TESTED",
		.last = -1,
		.verbose = get_number("WORLDS_VERBOSE", 0) != 0,
	};
}

static int find_difference(const struct outcome *outcome)
{
	for (int k = 0; k < outcome->n_pictures; k++) {
		if (outcome->pictures[k].differs)
			return k;
	}
	return -1;
}

/* Where control is to be had. */
static void drop_races(const struct script *script)
{
	struct script control = *script;

	control.side = "WLTEX_TWIN_CONTROL";
	if (getenv(control.side) == NULL)
		return;
	for (int turn = 0; turn < CONTROLS && find_difference(&first) >= 0; turn++) {
		world_play(&control, &again);
		for (int k = 0; k < first.n_pictures; k++)
			first.pictures[k].differs &= !again.pictures[k].differs;
	}
}

/* What differs once only in some plays does so by chance. */
static void drop_chances(const struct script *script)
{
	bool differs[MAX_PICTURES] = {false};

	if (find_difference(&first) < 0)
		return;
	for (int turn = 0; turn < REPLAYS; turn++) {
		world_play(script, &again);
		for (int k = 0; k < again.n_pictures; k++)
			differs[k] |= again.pictures[k].differs;
	}
	for (int k = 0; k < first.n_pictures; k++)
		first.pictures[k].differs &= differs[k];
}

static const char *classify(const struct script *script, int picture)
{
	struct script last = *script;

	last.last = picture;
	world_play(&last, &again);
	if (!again.pictures[picture].differs)
		return "not-again";
	if (again.right_without > 0)
		return "stale";
	return again.right_with > 0 ? "fresher" : "neither";
}

struct totals {
	unsigned long commits;
	int worlds, pictures, undecided, differ, stale;
};

static int count_differences(const struct outcome *outcome)
{
	int n = 0;

	for (int k = 0; k < outcome->n_pictures; k++)
		n += outcome->pictures[k].differs;
	return n;
}

static void judge(const struct script *script, struct totals *totals)
{
	int n = count_differences(&first), picture;
	const char *label;

	if (n == 0)
		return;
	drop_races(script);
	drop_chances(script);
	totals->undecided += n - count_differences(&first);
	picture = find_difference(&first);
	if (picture < 0)
		return;
	label = classify(script, picture);
	totals->differ++;
	totals->stale += strcmp(label, "stale") == 0;
	printf("seed %ju: picture %c%d %s\n", (uintmax_t)script->seed, first.pictures[picture].what,
		first.pictures[picture].group, label);
}

static void play_and_judge(long seed, struct totals *totals)
{
	struct script script = make_script(seed);

	world_play(&script, &first);
	totals->worlds++;
	totals->commits += first.commits;
	totals->pictures += first.n_pictures;
	judge(&script, totals);
	fflush(stdout);
}

TEST(random)
{
	long seed = get_number("WORLDS_SEED", 1), seeds = get_number("WORLDS_SEEDS", 1);
	bool stops = getenv("WORLDS_STOP") != NULL;
	struct totals totals = {0};

	for (long k = 0; k < seeds && (totals.stale == 0 || !stops); k++)
		play_and_judge(seed + k, &totals);
	printf("%d worlds from %ld: %lu commits, %d pictures, %d undecided; %d worlds differ, %d "
	       "stale\n",
		totals.worlds, seed, totals.commits, totals.pictures, totals.undecided,
		totals.differ, totals.stale);
	if (totals.stale > 0)
		test_fail(__FILE__, __LINE__, "%d worlds are stale", totals.stale);
}

/* --- Minimising */

static bool skipped[MAX_MOVES];

static bool fails(struct script *script)
{
	int picture;

	world_play(script, &first);
	picture = find_difference(&first);
	if (picture < 0)
		return false;
	/* What comes later is of no interest. */
	script->groups = first.pictures[picture].group;
	return true;
}

static bool fails_at_all(struct script *script, long tries)
{
	for (long k = 0; k < tries; k++) {
		if (fails(script))
			return true;
	}
	return false;
}

/* Leave out SIZE moves at each place where it still fails then. */
static bool leave_out(struct script *script, int moves, int size)
{
	bool less = false, kept[MAX_MOVES];

	for (int from = 0; from < moves; from += size) {
		bool any = false;
		memcpy(kept, skipped, sizeof(kept));
		for (int k = from; k < from + size && k < moves; k++) {
			any |= !skipped[k];
			skipped[k] = true;
		}
		if (any && fails(script))
			less = true;
		else
			memcpy(skipped, kept, sizeof(kept));
	}
	return less;
}

static void minimise(struct script *script)
{
	int moves = first.moves, size = (moves + 1) / 2;

	check(moves < MAX_MOVES);
	script->skipped = skipped;
	for (;;) {
		bool less = leave_out(script, moves, size);
		if (size == 1 && !less)
			return;
		size = size > 1 ? (size + 1) / 2 : 1;
	}
}

TEST(minimise)
{
	long seed = get_number("WORLDS_SEED", 0);
	struct script script = make_script(seed);

	if (getenv("WORLDS_MINIMISE") == NULL)
		test_skip("WORLDS_MINIMISE is not set");
	if (!fails_at_all(&script, REPLAYS)) {
		printf("seed %ld does not fail\n", seed);
		return;
	}
	minimise(&script);
	script.verbose = true;
	if (!fails_at_all(&script, REPLAYS))
		test_fail(__FILE__, __LINE__, "it fails no more");
	printf("seed %ld: %s\n", seed, classify(&script, find_difference(&first)));
}
