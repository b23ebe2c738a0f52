/* SPDX-License-Identifier: MIT */
#ifndef TESTS_CLIENTS_WORLDS_H
#define TESTS_CLIENTS_WORLDS_H

/*
 * A random world of windows and sub-surfaces, played from a seed in two compositors at once.
 * Nothing that is chosen depends on time or on events. Each move draws from a stream of
 * its own and names fixed places for buffers and surfaces, so that moves can be left out one
 * by one and the others stay what they are.
 */
#include "twin.h"

enum {
	N_PLACES = 8,
	N_SIZES = 3,
	N_COLOURS = 6,
	/* Actors: what is below everything, who passes over everything (a window with one
	 * sub-surface, the strip), up to three windows, and three sub-surfaces for each. */
	BASE = 0,
	MOVER = 1,
	STRIP = 2,
	WINDOWS = 3,
	SUBS = 6,
	N_ACTORS = 15,
};

/* Actor.attached, beside the numbers of places. */
enum {
	NOTHING_NEW = -2,
	NO_BUFFER = -1,
};

struct memory {
	int fd, users;
	size_t size;
	uint8_t *bytes, *saved;
	bool sealed; /* cannot shrink */
};

/* A place for a buffer, which may be made, destroyed and made again. */
struct place {
	struct wl_buffer *wl[2];
	struct wl_shm_pool *pool[2];
	struct memory *memory;
	bool shm;
	int32_t width, height;
	size_t stride, offset, bytes_per_pixel;
	uint32_t format; /* DRM fourcc */
	bool y_inverted;
	/* Attached since the last repaint. */
	bool fresh;
};

struct actor {
	struct wl_surface *wl[2];
	struct wl_subsurface *sub[2];
	struct xdg_surface *xdg[2];
	struct xdg_toplevel *toplevel[2];
	struct wp_viewport *viewport[2];
	struct wltex_surface_v1 *watch; /* at the tested one only */
	int configured;                 /* a bit for each compositor */
	bool synchronized;
	/* Shows nothing, or soon nothing. */
	bool hidden;
	/* Surfaces come and go: which one this is, and of which it is a child. */
	int generation, parent, parent_generation;
	int place;      /* attached last, or NO_BUFFER */
	int attached;   /* since the last commit */
	int32_t dx, dy; /* by which that moves the surface */
	int32_t width, height;
	/* The smallest side of all that was ever attached: no source reaches beyond. */
	int32_t least;
	int32_t scale, transform;
	bool has_source, has_destination;
	int32_t source_end;
	/* Content as of the last commit. */
	uint8_t *shown;
	int32_t shown_width, shown_height;
	size_t shown_bytes_per_pixel;
};

/* Kinds of moves to leave out, see worlds.c. */
struct avoid {
	bool small, late, destroy, gone, geometry, sub, hide, resize, alpha, formats, invert;
};

struct world {
	struct twin twin;
	uint64_t seed, random;
	struct avoid avoid;
	/* Repaints come when a picture is taken only. */
	bool lockstep;
	struct place places[N_PLACES], base, mover, strip;
	struct actor actors[N_ACTORS];
	int32_t geometry[N_ACTORS][4];
	int n_windows, n_subs[3], generation;
	int32_t sizes[N_SIZES][2];
	uint32_t palette[N_COLOURS];
	unsigned long commits;
	/* What the present move does, in words. */
	bool verbose;
	char story[4096];
	size_t story_length;
};

extern struct world world;

/* What to play. */
struct script {
	uint64_t seed;
	int groups;
	/* The variable of the compositor to compare with the reference. */
	const char *side;
	/* Moves to leave out, or NULL. */
	const bool *skipped;
	/* The picture to end with; the others are compared too. -1: all. */
	int last;
	bool verbose;
};

#define MAX_PICTURES 256

struct outcome {
	int moves, n_pictures;
	unsigned long commits;
	struct {
		/* G: after the moves of a group; E: after something passed over everything;
		 * H: after every surface was committed again, all of it claimed. */
		char what;
		int group;
		bool differs;
	} pictures[MAX_PICTURES];
	/* Of the last picture, where the two differ: pixels that are as they are when all is
	 * drawn anew. Counted only with script.last. */
	int right_without, right_with;
};

/* worlds-play.c */
void world_play(const struct script *script, struct outcome *outcome);

/* worlds-chance.c */
void chance_begin(uint64_t stream);
int32_t pick(int32_t n); /* 0..n-1 */
int32_t between(int32_t from, int32_t to);
bool chance(int percent);
void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* worlds-buffer.c */
uint8_t *place_get_row(const struct place *place, int32_t y);
void place_fill(
	struct place *place, int32_t x, int32_t y, int32_t width, int32_t height, uint32_t argb);
void place_make(int number);
/* Make sure that there is a buffer. */
void place_need(int number);
void place_destroy(int number);
/* Destroy the wl_buffer and make another over the same memory. */
void place_make_again(int number);
/* The pool of one place grows; another's buffer is made in what is new. */
void place_grow(int from, int to);
void place_write_some(int number);
void place_copy(int to, int from);
/* A buffer of one colour. */
void place_init(struct place *place, int32_t width, int32_t height, uint32_t format, uint32_t argb);
void place_finish(struct place *place);

/* worlds-surface.c */
/* Make sure that the surface is there, and may get a buffer. */
void actor_need(int number);
void actor_open_window(int number);
void actor_open_surface(int number);
void actor_give_role(int number);
void actor_destroy(int number);
bool actor_has_parent(const struct actor *actor);
bool actor_may_commit(int number);
void actor_attach(int number, int place);
void actor_commit(int number);
/* Commit all parents. */
void actor_commit_up(int number);
void actor_unset_viewport(struct actor *actor);
/* Whoever may be chosen. */
int pick_actor(void);
int pick_place(int actor);

/* worlds-claim.c */
enum claim {
	CLAIM_EXACT,
	CLAIM_TOO_LITTLE,
	CLAIM_NOTHING,
	CLAIM_ALL,
	CLAIM_OUTSIDE,
	CLAIM_MANY,
	CLAIM_WIDE,
};

struct box {
	int32_t x1, y1, x2, y2;
};

/* Where the content differs from what was committed last. */
bool find_change(const struct actor *actor, struct box *box);
void remember_content(struct actor *actor);
void claim_all(int number);
void claim_change(int number);
void claim(int number, enum claim what, bool in_buffer);
void claim_some(int number);

/* worlds-move.c */
void play_move(void);
void frame(void);
void move_strip(int32_t x, int32_t y);
/* worlds-pass.c: moves that hide, and let be seen again. */
void maybe_wait(void);
void hide(void);
void pass_over(void);
void destroy_surface(void);
void draw_curtain(void);

#endif
