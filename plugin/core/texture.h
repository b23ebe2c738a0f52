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
	struct wltex_texture_info shown; // while there is a pair
	struct core_content content;
	pixman_region32_t changed; // what the last wltex_attached.changed points to
};

static inline bool core_texture_has_pair(const struct wltex_texture *texture)
{
	return texture->pair.name != 0;
}

/*
 * Tell the listener. A pair that goes has the sum of what it showed, any other event that of
 * what is new.
 */
void core_texture_emit(
	struct wltex_texture *texture, enum wltex_state state, enum wltex_reason reason);

/* Destroy image and texture, if there are any. Returns 0, or -EPERM: untouched. */
int core_texture_destroy_pair(struct wltex_texture *texture, enum wltex_reason reason);
/* Forget the source, which has no pair. */
void core_texture_drop_source(struct wltex_texture *texture);
/* Both. Returns as the first. */
int core_texture_release(struct wltex_texture *texture, enum wltex_reason reason);

/* The context is lost: each texture object becomes empty, without GL, and tells so. */
void core_texture_lose_all(struct wltex_context *context);

/* The context goes and the caller forgot the texture: log it, destroy the pair. */
void core_texture_abandon(struct wltex_texture *texture);

#endif
