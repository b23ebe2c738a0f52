/* SPDX-License-Identifier: MIT */
#include "core/look.h"
#include "dmabuf/format.h"
#include "ledger/ledger.h"
#include "util/clock.h"

/* Of more rectangles than this, only the extents are kept. */
#define MAX_UNSEEN 64

void core_look_init(struct core_look *look)
{
	*look = (struct core_look){.change = CORE_UNKNOWN};
	pixman_region32_init(&look->claimed);
	pixman_region32_init(&look->both);
	pixman_region32_init(&look->changed);
}

void core_look_finish(struct core_look *look)
{
	pixman_region32_fini(&look->claimed);
	pixman_region32_fini(&look->both);
	pixman_region32_fini(&look->changed);
}

/* What is in the picture of source; NULL: all. Without memory too much is right, too little not. */
static void clip(
	pixman_region32_t *region, uint32_t width, uint32_t height, const pixman_region32_t *source)
{
	pixman_region32_fini(region);
	pixman_region32_init_rect(region, 0, 0, width, height);
	if (source != NULL && !pixman_region32_intersect(region, region, source)) {
		pixman_region32_fini(region);
		pixman_region32_init_rect(region, 0, 0, width, height);
	}
}

/* Returns what is to be looked at; NULL: all. */
static const pixman_region32_t *claim(struct core_look *look, struct wltex_texture *texture,
	uint32_t width, uint32_t height, const pixman_region32_t *damage)
{
	clip(&look->claimed, width, height, damage);
	look->suspect = &look->claimed;
	if (damage == NULL || !pixman_region32_not_empty(&texture->unseen)) {
		pixman_region32_clear(&texture->unseen);
		return damage != NULL ? look->suspect : NULL;
	}
	clip(&look->both, width, height, &texture->unseen);
	pixman_region32_clear(&texture->unseen);
	look->suspect = &look->both;
	if (pixman_region32_union(&look->both, &look->both, &look->claimed))
		return look->suspect;
	clip(&look->both, width, height, NULL);
	return NULL;
}

/* Once, and not at each commit. */
static void log_content(const struct wltex_texture *texture, enum wltex_content before)
{
	enum wltex_content now = texture->content.kind;

	if (now != before && now != WLTEX_CONTENT_SUM)
		wltex_debug(&texture->context->logger, "content of %s, %ux%u, of %s: %s",
			fourcc_to_text(texture->content.format).text, texture->content.width,
			texture->content.height,
			texture->owner != NULL ? texture->owner->name : "no owner",
			wltex_content_message(now));
}

static bool may_read(const struct wltex_texture *texture, const struct wltex_attach *attach)
{
	return !attach->no_reading && !texture->context->no_sums;
}

void core_look_at_dmabuf(
	struct core_look *look, struct wltex_texture *texture, const struct wltex_attach *attach)
{
	struct wltex_dmabuf *dmabuf = attach->dmabuf;
	const struct wltex_dmabuf_attributes *a = wltex_dmabuf_get_attributes(dmabuf);
	const pixman_region32_t *damage =
		claim(look, texture, (uint32_t)a->width, (uint32_t)a->height, attach->damage);
	enum wltex_content before = texture->content.kind;
	uint64_t begin_ns;

	if (attach->has_sum) {
		look->change = core_content_promise_dmabuf(
			&texture->content, dmabuf, attach->sum, &look->changed);
	} else if (may_read(texture, attach)) {
		if (dmabuf->cost.too_slow)
			wltex_ledger_slow(texture->ledger, texture->owner);
		begin_ns = wltex_now_ns();
		look->change = core_content_update_dmabuf(
			&texture->content, dmabuf, damage, &look->changed);
		look->ns = wltex_now_ns() - begin_ns;
		log_content(texture, before);
	} else {
		core_content_forget(&texture->content);
	}
}

void core_look_at_pixels(struct core_look *look, struct wltex_texture *texture,
	const struct wltex_attach *attach, uint32_t bytes_per_pixel)
{
	const struct wltex_pixels *pixels = attach->pixels;
	const pixman_region32_t *damage =
		claim(look, texture, pixels->width, pixels->height, attach->damage);
	uint64_t begin_ns;

	if (attach->has_sum) {
		look->change = core_content_promise_pixels(
			&texture->content, pixels, attach->sum, &look->changed);
	} else if (may_read(texture, attach)) {
		begin_ns = wltex_now_ns();
		look->change = core_content_update_pixels(
			&texture->content, pixels, bytes_per_pixel, damage, &look->changed);
		look->ns = wltex_now_ns() - begin_ns;
	} else {
		core_content_forget(&texture->content);
	}
}

void core_look_count(const struct core_look *look, struct wltex_texture *texture)
{
	uint64_t claimed_px = core_region_area(&look->claimed), true_px = claimed_px;
	pixman_region32_t both;

	if (look->change != CORE_UNKNOWN) {
		pixman_region32_init(&both);
		if (pixman_region32_intersect(&both, &look->changed, &look->claimed))
			true_px = core_region_area(&both);
		pixman_region32_fini(&both);
	}
	wltex_ledger_damage(
		texture->ledger, texture->owner, claimed_px, true_px, look->change == CORE_SAME);
}

const pixman_region32_t *core_look_get_changed(
	const struct core_look *look, struct wltex_texture *texture)
{
	if (look->change != CORE_SAME && look->change != CORE_CHANGED)
		return NULL;
	return pixman_region32_copy(&texture->changed, &look->changed) ? &texture->changed : NULL;
}

/* In another shape, nothing of what was seen is left to compare with. */
static void expect(
	struct core_look *look, struct wltex_texture *texture, const struct wltex_attach *attach)
{
	const struct wltex_dmabuf_attributes *a;

	if (attach->dmabuf != NULL) {
		a = wltex_dmabuf_get_attributes(attach->dmabuf);
		core_content_expect_dmabuf(&texture->content, attach->dmabuf);
		clip(&look->claimed, (uint32_t)a->width, (uint32_t)a->height, attach->damage);
	} else {
		core_content_expect_pixels(&texture->content, attach->pixels);
		clip(&look->claimed, attach->pixels->width, attach->pixels->height, attach->damage);
	}
}

void core_look_postpone(
	struct core_look *look, struct wltex_texture *texture, const struct wltex_attach *attach)
{
	static const pixman_box32_t all = {0, 0, INT32_MAX, INT32_MAX};
	pixman_region32_t *unseen = &texture->unseen;

	expect(look, texture, attach);
	if (!pixman_region32_union(unseen, unseen, &look->claimed))
		pixman_region32_reset(unseen, &all);
	else if (pixman_region32_n_rects(unseen) > MAX_UNSEEN)
		pixman_region32_reset(unseen, pixman_region32_extents(unseen));
}
