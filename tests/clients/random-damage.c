/* SPDX-License-Identifier: MIT */
/*
 * A client that does at random whatever clients do, and compares what the compositor with
 * the module shows with what the one without it shows. What it does depends on WLTEX_SEED, the
 * first of WLTEX_SEEDS seeds, with WLTEX_COMMITS commits for each. WLTEX_TIMED=1 is for
 * compositors that repaint when they like, not only for a picture; WLTEX_VERBOSE=1 tells
 * everything that is done.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "random-damage.h"

/* Longer than any picture takes, under valgrind too. */
#define PATIENCE_S 100

static unsigned long get_number(const char *variable, unsigned long fallback)
{
	const char *value = getenv(variable);

	return value != NULL ? strtoul(value, NULL, 10) : fallback;
}

int32_t random_below(struct world *world, int32_t n)
{
	world->random ^= world->random << 13;
	world->random ^= world->random >> 7;
	world->random ^= world->random << 17;
	return (int32_t)((world->random * 0x2545f4914f6cdd1du >> 33) % (uint64_t)n);
}

int32_t random_from(struct world *world, int32_t from, int32_t to)
{
	return from + random_below(world, to - from + 1);
}

void tell(struct world *world, const struct actor *actor, const char *format, ...)
{
	FILE *file = open_memstream(&world->story, &world->story_size);
	long number = actor == world->curtain ? -1 : (long)(actor - world->actors);
	char *before = world->story;
	va_list args;

	check(file != NULL);
	fprintf(file, "%s", before != NULL ? before : "");
	fprintf(file, "  %ld ", number);
	va_start(args, format);
	vfprintf(file, format, args);
	va_end(args);
	fprintf(file, "\n");
	fclose(file);
	free(before);
}

static void forget_story(struct world *world)
{
	if (world->verbose && world->story != NULL)
		fprintf(stderr, "%s  -- a picture\n", world->story);
	free(world->story);
	world->story = NULL;
}

/* A buffer that goes while something may still be read from it is another story. */
void world_free_retired(struct world *world, bool all)
{
	struct retired **link = &world->retired;

	while (*link != NULL) {
		struct retired *retired = *link;
		if (!all && twin_buffer_is_busy(retired->buffer)) {
			link = &retired->next;
			continue;
		}
		*link = retired->next;
		twin_buffer_destroy(retired->buffer);
		free(retired);
	}
}

static void compare(struct world *world, uint64_t seed)
{
	char name[64];

	alarm(PATIENCE_S);
	world->pictures++;
	snprintf(name, sizeof(name), "seed-%ju", (uintmax_t)seed);
	if (!twin_equal(&world->twin, name)) {
		fprintf(stderr, "since the last picture:\n%s", world->story);
		test_fail(__FILE__, __LINE__, "seed %ju: wrong after %lu commits, %lu pictures",
			(uintmax_t)seed, world->commits, world->pictures);
	}
	forget_story(world);
	for (int k = 0; k < MAX_SURFACES; k++)
		world->actors[k].in_flight = false;
	world->curtain_memory.in_flight = false;
	world_free_retired(world, false);
}

static void set_up(struct world *world)
{
	struct actor *window = &world->actors[0];

	twin_connect(&world->twin);
	check(world->twin.width <= MAX_SIZE && world->twin.height <= MAX_SIZE);
	actor_create(world, window, NULL);
	actor_map(world, window);
	for (int k = 1; k < MAX_SURFACES; k++) {
		/* Two of them hang on another. */
		actor_create(world, &world->actors[k], &world->actors[k < 4 ? 0 : k - 3]);
		actor_commit(world, &world->actors[k]);
	}
	twin_commit(window->surface);
}

static void run(uint64_t seed, unsigned long commits, bool timed, bool verbose)
{
	static struct world world;

	world = (struct world){
		.random = seed * 0x9e3779b97f4a7c15u + 1,
		.timed = timed,
		.filters = seed % 2 == 0,
		.verbose = verbose,
	};
	set_up(&world);
	/*
	 * Filtered, a pixel's colour depends a little on the rectangle that it is drawn with:
	 * GL interpolates from its corners.
	 */
	world.twin.tolerance = world.filters ? 2 : 0;
	compare(&world, seed);
	while (world.commits < commits) {
		/* Now and then much happens between two pictures. */
		int32_t steps = one_in(&world, 4) ? 12 : 4;
		for (int32_t k = random_from(&world, 1, steps); k > 0; k--) {
			world_step(&world);
			if (timed && one_in(&world, 3)) {
				twin_flush(&world.twin);
				usleep((useconds_t)random_below(&world, 12000));
			}
		}
		compare(&world, seed);
	}
	printf("seed %ju: %lu commits, %lu pictures equal%s, %lu of them stale without "
	       "the module only\n",
		(uintmax_t)seed, world.commits, world.pictures, world.filters ? "" : " to the byte",
		world.twin.stale);
	fflush(stdout);
	for (int k = 0; k < MAX_SURFACES; k++)
		actor_retire_buffers(&world, &world.actors[k]);
	if (world.curtain != NULL)
		actor_retire_buffers(&world, world.curtain);
	world_free_retired(&world, true);
	forget_story(&world);
	twin_disconnect(&world.twin);
}

TEST(random)
{
	unsigned long seed = get_number("WLTEX_SEED", 1), seeds = get_number("WLTEX_SEEDS", 1);

	for (unsigned long k = 0; k < seeds; k++)
		run(seed + k, get_number("WLTEX_COMMITS", 1000), get_number("WLTEX_TIMED", 0) != 0,
			get_number("WLTEX_VERBOSE", 0) != 0);
}
