/* SPDX-License-Identifier: MIT */
/*
 * Ways to a stale pixel by the moment at which something happens to a buffer. A line is
 * printed for each case:
 *   same                   both compositors show the same
 *   Weston's own is stale  the module helps: the claim was too small for plain Weston
 *   both are wrong         there is nothing to compare with
 *   STALE                  what Weston shows rightly is wrong with the module
 */
#include <stdio.h>

#include "moments.h"

/* Moments in the life of the second buffer. */
enum moment {
	ATTACHED,
	COMMITTED,
	RECEIVED,
	DRAWN,
	NEXT_ATTACHED,
	NEXT_COMMITTED,
	NEXT_DRAWN,
	N_MOMENTS,
};

static const char *const moment_names[] = {"when attached", "when committed", "when received",
	"when drawn", "when the next is attached", "when the next is committed",
	"when the next is drawn"};

enum deed {
	/* Destroy the wl_buffer. */
	DESTROY,
	/* Write in the middle, which is claimed when the buffer is shown again. */
	WRITE,
	/* Write what the compositor was shown before. */
	UNDO,
};

static const char *const deed_names[] = {"destroyed", "written", "undone"};

struct life {
	enum deed deed;
	enum moment moment;
	/* What is claimed for the second buffer, and whether the third has the same picture. */
	enum extent claimed;
	bool same;
};

static void reach(struct stage *stage, const struct life *life, enum moment moment)
{
	if (moment != life->moment)
		return;
	if (life->deed == DESTROY)
		twin_buffer_give_up(stage->buffers[SECOND]);
	else
		stage_paint(stage, SECOND, life->deed == WRITE ? GREEN : BLUE);
}

static void play_second(struct stage *stage, const struct life *life)
{
	stage_paint(stage, SECOND, RED);
	stage_attach(stage, SECOND);
	reach(stage, life, ATTACHED);
	stage_claim(stage, life->claimed);
	twin_commit(stage->surface);
	reach(stage, life, COMMITTED);
	twin_sync(&stage->twin);
	reach(stage, life, RECEIVED);
	stage_frame(stage);
	reach(stage, life, DRAWN);
	stage_look(stage, "after it");
}

static void play_third(struct stage *stage, const struct life *life)
{
	if (life->same)
		stage_paint(stage, THIRD, RED);
	stage_attach(stage, THIRD);
	reach(stage, life, NEXT_ATTACHED);
	stage_claim(stage, EVERYTHING);
	twin_commit(stage->surface);
	reach(stage, life, NEXT_COMMITTED);
	stage_frame(stage);
	reach(stage, life, NEXT_DRAWN);
	stage_look(stage, "after the next");
}

static void play_life(const struct life *life, enum twin_memory memory, bool is_window)
{
	static const char *const claims[] = {"nothing", "a corner", "all", "beyond"};
	struct stage stage;
	char name[128];

	if (!stage_open(&stage, memory, is_window))
		return;
	play_second(&stage, life);
	stage_pass(&stage);
	stage_look(&stage, "exposed");
	play_third(&stage, life);
	stage_pass(&stage);
	stage_look(&stage, "exposed after the next");
	stage_show(&stage, SECOND, EVERYTHING);
	stage_look(&stage, "shown again");
	stage_pass(&stage);
	stage_look(&stage, "exposed again");
	stage_show(&stage, FIRST, EVERYTHING);
	stage_look(&stage, "the first again");
	snprintf(name, sizeof(name), "%s %s, %s claimed, %s next", deed_names[life->deed],
		moment_names[life->moment], claims[life->claimed],
		life->same ? "the same" : "another");
	stage_close(&stage, name);
}

static void on_each_stage(
	void (*play)(const void *what, enum twin_memory memory, bool is_window), const void *what)
{
	play(what, TWIN_SHM, true);
	play(what, TWIN_SHM, false);
	play(what, TWIN_DMABUF, true);
	play(what, TWIN_DMABUF, false);
}

static void play_life_on(const void *life, enum twin_memory memory, bool is_window)
{
	play_life(life, memory, is_window);
}

static void check_cases(void)
{
	if (stale_cases > 0)
		test_fail(__FILE__, __LINE__, "%d cases are stale", stale_cases);
}

TEST(destroyed)
{
	for (enum moment moment = 0; moment < N_MOMENTS; moment++) {
		for (int same = 0; same < 2; same++)
			on_each_stage(play_life_on,
				&(struct life){DESTROY, moment, EVERYTHING, same != 0});
	}
	check_cases();
}

static void with_each_claim(enum deed deed, const enum extent *claims, size_t n)
{
	for (enum moment moment = 0; moment < N_MOMENTS; moment++) {
		for (size_t k = 0; k < n; k++)
			on_each_stage(play_life_on,
				&(struct life){deed, moment, claims[k], claims[k] == EVERYTHING});
	}
	check_cases();
}

TEST(written)
{
	with_each_claim(WRITE, (enum extent[]){NOTHING, CORNER, EVERYTHING, BEYOND}, 4);
}

TEST(undone)
{
	with_each_claim(UNDO, (enum extent[]){NOTHING, EVERYTHING}, 2);
}
