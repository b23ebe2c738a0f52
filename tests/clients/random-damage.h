/* SPDX-License-Identifier: MIT */
#ifndef TESTS_CLIENTS_RANDOM_DAMAGE_H
#define TESTS_CLIENTS_RANDOM_DAMAGE_H

#include "twin.h"

#define MAX_SURFACES 6
#define MAX_BUFFERS 4
#define MAX_RECTS 8
#define MAX_SIZE 300

struct rect {
	int32_t x, y, width, height;
};

struct retired {
	struct twin_buffer *buffer;
	struct retired *next;
};

/* A surface of the random world, and what its client believes that it shows. */
struct actor {
	struct twin_surface *surface;
	struct actor *parent; /* NULL: the window */
	struct twin_buffer *buffers[MAX_BUFFERS], *attached;
	int n_buffers;
	/* Of each new buffer. */
	struct twin_buffer_spec spec;
	bool mixes_memory;
	uint32_t pixels[MAX_SIZE * MAX_SIZE];
	struct rect dirty[MAX_RECTS];
	int n_dirty;
	/* Size, transform, ... changed: all of it is to be claimed. */
	bool all_dirty;
	int32_t scale, transform;
	bool has_viewport, synchronized;
	/* Committed since the last picture was taken. */
	bool in_flight;
};

struct world {
	struct twin twin;
	uint64_t random;
	/* Repaints come at any time: clients wait for their buffers, and claim all they cause. */
	bool timed;
	/* Surfaces may be scaled, and shown by fractions of pixels. */
	bool filters;
	struct actor actors[MAX_SURFACES];
	struct actor *curtain; /* a second window in front, or NULL */
	struct actor curtain_memory;
	struct retired *retired;
	unsigned long commits, pictures;
	/* What was done since the last picture. */
	char *story;
	size_t story_size;
	bool verbose;
};

/* 0..n-1 */
int32_t random_below(struct world *world, int32_t n);
static inline bool one_in(struct world *world, int32_t n)
{
	return random_below(world, n) == 0;
}
/* from..to */
int32_t random_from(struct world *world, int32_t from, int32_t to);
void tell(struct world *world, const struct actor *actor, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

bool has_alpha(uint32_t format);

/* A sub-surface; or without a parent what actor_map() makes a window that covers the output. */
void actor_create(struct world *world, struct actor *actor, struct actor *parent);
void actor_map(struct world *world, struct actor *actor);
void actor_destroy(struct world *world, struct actor *actor);
void actor_set_size(struct world *world, struct actor *actor, int32_t width, int32_t height);
/* Buffers of another kind from now on. */
void actor_retire_buffers(struct world *world, struct actor *actor);
void actor_draw(struct world *world, struct actor *actor);
/* Attach a buffer with the picture, claim, commit. */
void actor_commit(struct world *world, struct actor *actor);
/* No wl_surface.attach of a buffer; NULL may be. */
void actor_commit_state(struct world *world, struct actor *actor, bool detach);
/* Claims that say nothing, or nothing of sense. */
void actor_claim_junk(struct world *world, struct actor *actor);

/* Do one thing at random. */
void world_step(struct world *world);
/* Buffers that nobody uses any more. */
void world_free_retired(struct world *world, bool all);

#endif
