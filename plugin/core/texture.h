/* SPDX-License-Identifier: MIT */
#ifndef CORE_TEXTURE_H
#define CORE_TEXTURE_H

#include "core/content.h"
#include "core/pair.h"
#include "dmabuf/dmabuf.h"

struct wltex_texture {
	struct wltex_context *context; // NULL once the context is gone
	struct wltex_list link;        // wltex_context.textures
	struct wltex_ledger *ledger;
	struct wltex_owner *owner;
	const struct wltex_texture_listener *listener;
	void *data;

	/* The source: a dmabuf, pixels in memory (pixels.data), or neither. */
	struct wltex_dmabuf *dmabuf;
	struct wltex_dmabuf_user user; // wltex_dmabuf.users, while dmabuf is set
	struct wltex_pixels pixels;

	struct core_pair pair;
	uint64_t bytes;                  // what the ledger was told of the pair
	int n_fds;                       // what it was told of the source
	struct wltex_texture_info shown; // while there is a pair
	struct core_content content;
	pixman_region32_t changed; // what the last wltex_attached.changed points to

	/*
	 * The last commit is one that nobody asked for yet: there is a source, but no pair, or
	 * one that is out of date. With these options, but for the source and the damage:
	 */
	bool waiting;
	struct wltex_attach late;
	/* What was claimed since the last look. */
	pixman_region32_t unseen;
};

static inline bool core_texture_has_pair(const struct wltex_texture *texture)
{
	return texture->pair.name != 0;
}

/*
 * Tell the listener. A pair that goes has the sum of what it showed, any other event that of
 * what is new. message: of what failed.
 */
void core_texture_emit(struct wltex_texture *texture, enum wltex_state state,
	enum wltex_reason reason, const char *message);

/*
 * Destroy image and texture, if there are any, and tell so. guard: what was entered, or NULL
 * where that failed: the texture's name waits until it can be.
 */
void core_texture_end_pair(
	struct wltex_texture *texture, enum wltex_reason reason, struct core_guard *guard);
/* The source is a dmabuf from now on: there was none. */
void core_texture_set_dmabuf(struct wltex_texture *texture, struct wltex_dmabuf *dmabuf);
/* Forget the source, which has no pair. */
void core_texture_drop_source(struct wltex_texture *texture);
/* Both. Returns 0, or -EPERM: untouched. */
int core_texture_release(struct wltex_texture *texture, enum wltex_reason reason);

/*
 * Show the commit that waits for somebody to ask, if there is one. Returns as an attach of it
 * does, or 0: none waits.
 */
int core_texture_catch_up(struct wltex_texture *texture);

/*
 * If the context was found to be lost: each texture object becomes empty, without GL, and
 * tells so, once. Nothing is done inside a guard, so that nobody is in the middle of
 * anything: whoever leaves the outermost one calls it.
 */
void core_texture_lose_all(struct wltex_context *context);

/* The context goes and the caller forgot the texture: log it, destroy the pair. */
void core_texture_abandon(struct wltex_texture *texture);

#endif
