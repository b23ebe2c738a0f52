/* SPDX-License-Identifier: MIT */
/* Ways to a stale pixel that programs went, reduced to what matters. */
#include <stdio.h>
#include <unistd.h>

#include "moments.h"

/* Claimed, changed, committed; undone before the repaint, and drawn again after it. */
static void flicker(struct stage *stage)
{
	for (uint32_t k = 0; k < 4; k++) {
		uint32_t colour = k % 2 != 0 ? RED : GREEN;
		stage_paint(stage, FIRST, colour);
		stage_show(stage, FIRST, EVERYTHING);
		twin_sync(&stage->twin);
		stage_paint(stage, FIRST, BLUE);
		stage_frame(stage);
		stage_paint(stage, FIRST, colour);
		stage_show(stage, FIRST, EVERYTHING);
		stage_look(stage, "drawn again");
	}
}

/* Another buffer with too small a claim, something passes, the first one again. */
static void claims_too_little(struct stage *stage)
{
	stage_fill(stage, SECOND, RED);
	stage_show(stage, SECOND, CORNER);
	stage_frame(stage);
	stage_pass(stage);
	stage_show(stage, FIRST, EVERYTHING);
	stage_look(stage, "the first again");
}

/* The same, claimed only when it has been exposed in part. */
static void claims_later(struct stage *stage)
{
	stage_fill(stage, SECOND, RED);
	stage_show(stage, SECOND, NOTHING);
	stage_pass(stage);
	stage_show(stage, SECOND, EVERYTHING);
	stage_look(stage, "claimed at last");
	stage_show(stage, FIRST, NOTHING);
	stage_pass(stage);
	stage_show(stage, SECOND, EVERYTHING);
	stage_look(stage, "the second again");
}

/*
 * Written while it is held, exposed by something that passes, and so drawn; then written back, and
 * claimed.
 */
static void drawn_meanwhile(struct stage *stage)
{
	stage_paint(stage, FIRST, RED);
	stage_show(stage, FIRST, EVERYTHING);
	stage_frame(stage);
	for (int k = 0; k < 2; k++) {
		stage_paint(stage, FIRST, GREEN);
		stage_pass(stage);
		stage_frame(stage);
		stage_paint(stage, FIRST, RED);
		stage_show(stage, FIRST, EVERYTHING);
		stage_look(stage, "written back");
	}
}

/* A pending claim of everything, when another buffer comes that claims a corner. */
static void corner_after_all(struct stage *stage)
{
	stage_fill(stage, SECOND, RED);
	stage_fill(stage, THIRD, RED);
	stage_paint(stage, THIRD, GREEN);
	stage_show(stage, SECOND, EVERYTHING);
	stage_show(stage, THIRD, CORNER);
	stage_look(stage, "both drawn at once");
	stage_show(stage, FIRST, EVERYTHING);
	twin_sync(&stage->twin);
	stage_show(stage, SECOND, CORNER);
	stage_look(stage, "received one after the other");
}

/* A buffer that goes before it is drawn, and the same picture in another. */
static void gone_before_upload(struct stage *stage)
{
	stage_fill(stage, SECOND, RED);
	stage_fill(stage, THIRD, RED);
	stage_show(stage, SECOND, EVERYTHING);
	twin_buffer_give_up(stage->buffers[SECOND]);
	stage_frame(stage);
	for (int k = 0; k < 3; k++) {
		stage_show(stage, k % 2 == 0 ? THIRD : SECOND, EVERYTHING);
		stage_look(stage, "the same picture again");
	}
}

/* Drawn, then destroyed, then exposed by something that passes; and the same again. */
static void gone_when_exposed(struct stage *stage)
{
	stage_fill(stage, SECOND, RED);
	stage_fill(stage, THIRD, RED);
	stage_show(stage, SECOND, EVERYTHING);
	stage_frame(stage);
	twin_buffer_give_up(stage->buffers[SECOND]);
	stage_pass(stage);
	stage_look(stage, "exposed");
	stage_show(stage, THIRD, EVERYTHING);
	stage_look(stage, "the same picture again");
}

/* A producer that is not done when it commits: pixels arrive before the repaint. */
static void arrives_late(struct stage *stage)
{
	for (uint32_t k = 0; k < 4; k++) {
		int buffer = k % 2 == 0 ? SECOND : FIRST;
		stage_show(stage, buffer, EVERYTHING);
		twin_sync(&stage->twin);
		stage_paint(stage, buffer, k < 2 ? RED : GREEN);
		stage_look(stage, "arrived");
	}
}

/* In the frame in which the same buffer is committed again, it goes. */
static void gone_when_shown_again(struct stage *stage)
{
	stage_show(stage, FIRST, EVERYTHING);
	stage_frame(stage);
	stage_show(stage, FIRST, EVERYTHING);
	twin_buffer_give_up(stage->buffers[FIRST]);
	stage_look(stage, "gone");
	stage_show(stage, SECOND, EVERYTHING);
	stage_look(stage, "the same picture again");
}

/* Whatever is committed while nothing is drawn: the last picture counts. */
static void many_before_a_repaint(struct stage *stage)
{
	for (uint32_t k = 0; k < 12; k++) {
		int buffer = (int)(k % N_BUFFERS);
		if (k % 3 == 0)
			stage_paint(stage, buffer, k % 2 == 0 ? RED : GREEN);
		stage_show(stage, buffer, k % 5 == 0 ? CORNER : EVERYTHING);
		if (k % 4 == 1)
			twin_sync(&stage->twin);
		if (k % 6 == 5)
			stage_look(stage, "the last");
	}
}

/* Attached for nothing, hidden, and there again. */
static void hidden_and_back(struct stage *stage)
{
	if (stage->is_window)
		return;
	stage_fill(stage, SECOND, RED);
	twin_attach(stage->surface, NULL);
	twin_commit(stage->surface);
	stage_frame(stage);
	stage_show(stage, SECOND, CORNER);
	stage_look(stage, "back");
	twin_attach(stage->surface, NULL);
	twin_commit(stage->surface);
	stage_show(stage, FIRST, CORNER);
	stage_look(stage, "back in the same frame");
	stage_show(stage, SECOND, EVERYTHING);
	stage_look(stage, "the second again");
}

/* Everything of both is claimed again, while one is put below or above the other. */
static void restack(struct stage *stage, bool above, bool frame_between, bool child_first)
{
	if (above)
		both(wl_subsurface_place_above(stage->surface->sub[i], stage->window->wl[i]));
	else
		both(wl_subsurface_place_below(stage->surface->sub[i], stage->window->wl[i]));
	if (child_first)
		stage_show(stage, FIRST, EVERYTHING);
	both(wl_surface_damage(stage->window->wl[i], 0, 0, INT32_MAX, INT32_MAX));
	twin_commit(stage->window);
	if (frame_between)
		stage_frame(stage);
	if (!child_first)
		stage_show(stage, FIRST, EVERYTHING);
	stage_look(stage, above ? "above" : "below");
}

static void restacked(struct stage *stage)
{
	if (stage->is_window)
		return;
	for (int k = 0; k < 8; k++)
		restack(stage, k % 2 != 0, (k & 2) != 0, (k & 4) != 0);
	both(wl_subsurface_set_sync(stage->surface->sub[i]));
	for (int k = 0; k < 4; k++)
		restack(stage, k % 2 != 0, (k & 2) != 0, true);
}

/* The same with a sibling that it overlaps. */
static void restack_sibling(struct stage *stage, bool above, bool frame_between)
{
	struct wl_surface **sibling = stage->passer->wl;

	if (above)
		both(wl_subsurface_place_above(stage->surface->sub[i], sibling[i]));
	else
		both(wl_subsurface_place_below(stage->surface->sub[i], sibling[i]));
	if (frame_between)
		stage_frame(stage);
	stage_show(stage, FIRST, EVERYTHING);
	twin_present(stage->passer, stage->shade);
	twin_commit(stage->window);
	stage_look(stage, above ? "above" : "below");
}

static void restacked_sibling(struct stage *stage)
{
	if (stage->is_window)
		return;
	twin_present(stage->passer, stage->shade);
	stage_frame(stage);
	for (int k = 0; k < 4; k++)
		restack_sibling(stage, k % 2 != 0, k < 2);
	both(wl_subsurface_set_sync(stage->surface->sub[i]));
	both(wl_subsurface_set_sync(stage->passer->sub[i]));
	for (int k = 0; k < 4; k++)
		restack_sibling(stage, k % 2 != 0, k < 2);
}

static const struct {
	const char *name;
	void (*play)(struct stage *stage);
} kinds[] = {
	{"undone before the repaint", flicker},
	{"another buffer claims too little", claims_too_little},
	{"claimed later", claims_later},
	{"drawn meanwhile", drawn_meanwhile},
	{"a corner after all", corner_after_all},
	{"gone before it is uploaded", gone_before_upload},
	{"gone when exposed", gone_when_exposed},
	{"gone when shown again", gone_when_shown_again},
	{"arrives late", arrives_late},
	{"many before a repaint", many_before_a_repaint},
	{"hidden and back", hidden_and_back},
	{"restacked", restacked},
	{"restacked beside another", restacked_sibling},
};

TEST(kinds)
{
	struct stage stage;

	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		for (int turn = 0; turn < 4; turn++) {
			if (!stage_open(&stage, turn < 2 ? TWIN_SHM : TWIN_DMABUF, turn % 2 == 0))
				continue;
			kinds[k].play(&stage);
			stage_close(&stage, kinds[k].name);
		}
	}
	if (stale_cases > 0)
		test_fail(__FILE__, __LINE__, "%d cases are stale", stale_cases);
}

/* Time for the GPU to answer: nobody hears of it. */
#define PAUSE_US 50000

/*
 * Looked at by the GPU when it is committed, then written, and left out of the repaint: seen by
 * the look that checks that, and drawn after all. To be run with a GPU that takes its time.
 */
TEST(late)
{
	struct stage stage;

	if (!stage_open(&stage, TWIN_DMABUF, true))
		test_skip("no dmabufs");
	for (int k = 0; k < 4; k++) {
		int buffer = k % 2 == 0 ? SECOND : FIRST;
		uint32_t colour = k < 2 ? RED : GREEN;

		stage_show(&stage, buffer, EVERYTHING);
		twin_sync(&stage.twin);
		usleep(PAUSE_US);
		stage_paint(&stage, buffer, colour);
		stage_frame(&stage);
		usleep(PAUSE_US);
		stage_look(&stage, "written late");
		stage_paint(&stage, buffer == FIRST ? SECOND : FIRST, colour);
	}
	stage_close(&stage, "written after its commit");
	if (stale_cases > 0)
		test_fail(__FILE__, __LINE__, "a pixel is stale");
}

/* What is promised of a commit that is refused is no promise of the next. */
static void show_promised(struct stage *stage, int buffer, uint32_t colour, bool promise)
{
	stage_fill(stage, buffer, colour);
	if (promise)
		wltex_surface_v1_set_content_sum(
			stage->surface->watch, twin_buffer_sum(stage->buffers[buffer]));
	stage_show(stage, buffer, EVERYTHING);
	stage_look(stage, promise ? "promised" : "not promised");
}

/* To be run with a limit of buffers that only those after the first ones exceed. */
TEST(promise)
{
	struct stage stage;

	if (!stage_open(&stage, TWIN_DMABUF, true) || stage.surface->watch == NULL)
		test_skip("no dmabufs, or the protocol is switched off");
	show_promised(&stage, FIRST, BLUE, true);
	show_promised(&stage, FOURTH, GREEN, true);
	show_promised(&stage, FIRST, RED, false);
	show_promised(&stage, SECOND, GREEN, true);
	stage_close(&stage, "promise of a commit that is refused");
	if (stale_cases > 0)
		test_fail(__FILE__, __LINE__, "a pixel is stale");
}
