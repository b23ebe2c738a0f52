/* SPDX-License-Identifier: MIT */
#ifndef TESTS_CLIENTS_MOMENTS_H
#define TESTS_CLIENTS_MOMENTS_H

/*
 * What may happen to a buffer's pixels at each moment of its life, one thing at a time; and
 * what both compositors show at rest.
 */
#include "twin.h"

/* Buffers of a case, as large as the surface. */
enum {
	FIRST,
	SECOND,
	THIRD,
	FOURTH,
	N_BUFFERS,
};

enum extent {
	NOTHING,
	CORNER,
	EVERYTHING,
	BEYOND, /* more than there is */
};

/* A surface on its stage: a window itself, or a sub-surface in it. */
struct stage {
	struct twin twin;
	struct twin_surface *window, *surface, *passer;
	struct twin_buffer *buffers[N_BUFFERS], *shade;
	enum twin_memory memory;
	bool is_window;
	/* Of the pictures so far, whether one was wrong; and in which Weston's own was. */
	int pictures;
	bool stale, fresher, neither;
	char where[64];
};

#define BLUE 0xff0000ff
#define RED 0xffff0000
#define GREEN 0xff00ff00

/* False if the compositors take no buffers of that memory. */
bool stage_open(struct stage *stage, enum twin_memory memory, bool is_window);
/* Print a line on the case, and count if a pixel was stale. */
void stage_close(struct stage *stage, const char *name);

void stage_attach(struct stage *stage, int buffer);
void stage_claim(struct stage *stage, enum extent extent);
/* Attach, claim, commit. */
void stage_show(struct stage *stage, int buffer, enum extent extent);
/* In the middle of the surface. */
void stage_paint(struct stage *stage, int buffer, uint32_t argb);
void stage_fill(struct stage *stage, int buffer, uint32_t argb);
/* A repaint. */
void stage_frame(struct stage *stage);
/* Compare what is shown at rest. */
void stage_look(struct stage *stage, const char *when);
/* Something comes over the surface, and goes. */
void stage_pass(struct stage *stage);

extern int stale_cases;

#endif
