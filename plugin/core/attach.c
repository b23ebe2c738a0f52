/* SPDX-License-Identifier: MIT */
/*
 * How a texture object gets its source: look at it, and import, import again or reuse.
 */
#include <errno.h>

#include "core/texture.h"
#include "core/upload.h"
#include "dmabuf/format.h"
#include "ledger/ledger.h"
#include "util/clock.h"
#include "util/export.h"

/* One attach, or one sync, on its way through this file. */
struct request {
	const struct wltex_attach *attach;
	bool commit; // it is one of the owner's, and counted
	struct wltex_attached result;
};

/* One look at the source: what was claimed, and what changed. */
struct look {
	pixman_region32_t claimed, changed;
	enum core_change change;
};

static void look_init(
	struct look *look, uint32_t width, uint32_t height, const pixman_region32_t *damage)
{
	pixman_region32_init_rect(&look->claimed, 0, 0, width, height);
	/* Without memory: too much is right, too little is not. */
	if (damage != NULL && !pixman_region32_intersect(&look->claimed, &look->claimed, damage)) {
		pixman_region32_fini(&look->claimed);
		pixman_region32_init_rect(&look->claimed, 0, 0, width, height);
	}
	pixman_region32_init(&look->changed);
	look->change = CORE_UNKNOWN;
}

static void look_finish(struct look *look, struct wltex_texture *texture, struct request *request)
{
	uint64_t claimed_px = core_region_area(&look->claimed), true_px = claimed_px;

	if ((look->change == CORE_SAME || look->change == CORE_CHANGED) &&
		pixman_region32_copy(&texture->changed, &look->changed))
		request->result.changed = &texture->changed;
	if (look->change != CORE_UNKNOWN &&
		pixman_region32_intersect(&look->changed, &look->changed, &look->claimed))
		true_px = core_region_area(&look->changed);
	if (request->commit && !request->attach->no_damage_count)
		wltex_ledger_damage(texture->ledger, texture->owner, claimed_px, true_px,
			look->change == CORE_SAME);
	pixman_region32_fini(&look->claimed);
	pixman_region32_fini(&look->changed);
}

/* Nothing is shown, so there is nothing to compare the next source with. */
static int fail(struct wltex_texture *texture, int error)
{
	if (error == -EINVAL || error == -ENOTSUP) {
		wltex_ledger_refuse(texture->ledger, texture->owner);
		core_texture_emit(texture, WLTEX_STATE_REFUSED, WLTEX_REASON_INVALID);
	} else {
		wltex_ledger_failure(texture->ledger, texture->owner);
		core_texture_emit(texture, WLTEX_STATE_FAILED, WLTEX_REASON_ATTACHED);
	}
	core_content_forget(&texture->content);
	return error;
}

/* The caller's mistake: nothing is touched, so nothing happened that could be told. */
static int deny(struct wltex_texture *texture, int error)
{
	wltex_ledger_failure(texture->ledger, texture->owner);
	return error;
}

/* The pair shows the content that was looked at last. */
static void note_sum(struct wltex_texture *texture)
{
	texture->shown.has_sum = texture->content.kind == CORE_CONTENT_PIXELS;
	texture->shown.sum = texture->shown.has_sum ? texture->content.frame : 0;
}

static void note_shown(struct wltex_texture *texture, const struct wltex_dmabuf_attributes *a)
{
	const struct wltex_format_info *format = wltex_format_info_get(a->format);

	texture->shown = (struct wltex_texture_info){
		.name = texture->pair.name,
		.target = texture->pair.target,
		.width = a->width,
		.height = a->height,
		.format = a->format,
		.y_inverted = a->flags & WLTEX_DMABUF_Y_INVERT,
		.has_alpha = format != NULL && format->has_alpha,
	};
	note_sum(texture);
}

static int succeed(struct wltex_texture *texture, const struct wltex_dmabuf_attributes *shown,
	uint64_t bytes, bool again)
{
	texture->bytes = bytes;
	note_shown(texture, shown);
	wltex_ledger_import(texture->ledger, texture->owner, bytes, again);
	core_texture_emit(texture, again ? WLTEX_STATE_REIMPORTED : WLTEX_STATE_IMPORTED,
		again ? WLTEX_REASON_CONTENT_CHANGED : WLTEX_REASON_ATTACHED);
	return again ? WLTEX_STATE_REIMPORTED : WLTEX_STATE_IMPORTED;
}

static int reuse(struct wltex_texture *texture)
{
	note_sum(texture);
	wltex_ledger_reuse(texture->ledger, texture->owner);
	core_texture_emit(texture, WLTEX_STATE_REUSED, WLTEX_REASON_ATTACHED);
	return WLTEX_STATE_REUSED;
}

/* Whether GL may be used for texture at all. */
static int check_usable(const struct wltex_texture *texture)
{
	if (texture->context == NULL)
		return -EPERM;
	return core_on_thread(texture->context, "attach") ? 0 : -EPERM;
}

static bool may_read(const struct wltex_texture *texture, const struct request *request)
{
	return !request->attach->no_reading && !texture->context->no_sums;
}

static void read_dmabuf(struct wltex_texture *texture, struct wltex_dmabuf *dmabuf,
	struct request *request, struct look *look)
{
	uint64_t begin_ns = wltex_now_ns();

	if (dmabuf->cost.too_slow)
		wltex_ledger_slow(texture->ledger, texture->owner);
	look->change = core_content_update_dmabuf(&texture->content, dmabuf,
		request->attach->damage != NULL ? &look->claimed : NULL, &look->changed);
	request->result.look_ns = wltex_now_ns() - begin_ns;
}

static enum core_change look_at_dmabuf(
	struct wltex_texture *texture, struct wltex_dmabuf *dmabuf, struct request *request)
{
	const struct wltex_dmabuf_attributes *a = wltex_dmabuf_get_attributes(dmabuf);
	enum core_change change;
	struct look look;

	look_init(&look, (uint32_t)a->width, (uint32_t)a->height, request->attach->damage);
	if (request->attach->has_sum)
		look.change = core_content_promise_dmabuf(
			&texture->content, dmabuf, request->attach->sum, &look.changed);
	else if (may_read(texture, request))
		read_dmabuf(texture, dmabuf, request, &look);
	else
		core_content_forget(&texture->content);
	change = look.change;
	look_finish(&look, texture, request);
	return change;
}

static int import_dmabuf(
	struct wltex_texture *texture, const struct wltex_format *format, bool again)
{
	const struct wltex_dmabuf_attributes *a = wltex_dmabuf_get_attributes(texture->dmabuf);
	struct core_guard guard;
	int ret = core_enter(&guard, texture->context);

	/* Mesa leaks memory for each import of memory that is too small. */
	if (ret == 0) {
		ret = wltex_dmabuf_is_whole(texture->dmabuf)
			      ? core_pair_import(&texture->pair, texture->context, a, format)
			      : -EIO;
		core_leave(&guard);
	}
	if (ret < 0) {
		core_texture_release(texture, WLTEX_REASON_RELEASED);
		return fail(texture, ret);
	}
	return succeed(texture, a, wltex_dmabuf_get_bytes(texture->dmabuf), again);
}

/* Rows and fields that only interlaced video has cannot be sampled as a picture. */
static const struct wltex_format *find_format(
	const struct wltex_texture *texture, const struct wltex_dmabuf *dmabuf)
{
	const struct wltex_dmabuf_attributes *a = wltex_dmabuf_get_attributes(dmabuf);
	const struct wltex_format *format;

	if (a->flags & ~WLTEX_DMABUF_Y_INVERT)
		return NULL;
	/* Before anything is read: a file can have holes of any size. */
	if (a->width > texture->context->capabilities.max_texture_size ||
		a->height > texture->context->capabilities.max_texture_size)
		return NULL;
	format = core_find_format(texture->context, a->format, a->modifier);
	if (format != NULL && format->external_only && !texture->context->capabilities.external)
		return NULL;
	return format;
}

static int show_dmabuf(
	struct wltex_texture *texture, struct wltex_dmabuf *dmabuf, struct request *request)
{
	bool again = texture->dmabuf == dmabuf && core_texture_has_pair(texture);
	const struct wltex_format *format = find_format(texture, dmabuf);
	enum core_change change;
	int ret = again ? 0 : core_texture_release(texture, WLTEX_REASON_REPLACED);

	if (ret < 0)
		return deny(texture, ret);
	if (format == NULL)
		return fail(
			texture, texture->context->capabilities.dmabuf_import ? -EINVAL : -ENOTSUP);

	change = look_at_dmabuf(texture, dmabuf, request);
	if (again && change == CORE_SAME)
		return reuse(texture);
	if (again) {
		ret = core_texture_destroy_pair(texture, WLTEX_REASON_CONTENT_CHANGED);
	} else {
		texture->dmabuf = dmabuf;
		wltex_dmabuf_add_user(dmabuf, &texture->user);
	}
	if (ret < 0) {
		/* What was seen is not what is shown. */
		core_content_forget(&texture->content);
		return deny(texture, ret);
	}
	if (texture->context->lost) {
		core_texture_drop_source(texture);
		return fail(texture, -ENODEV);
	}
	return import_dmabuf(texture, format, again);
}

static int make_from_pixels(struct wltex_texture *texture, const struct core_upload_format *format,
	const struct wltex_pixels *pixels)
{
	const struct wltex_dmabuf_attributes shown = {
		.width = (int32_t)pixels->width,
		.height = (int32_t)pixels->height,
		.format = pixels->format,
	};
	int ret;

	ret = core_upload_make(&texture->pair, texture->context, format, pixels);
	if (ret < 0)
		return fail(texture, ret);
	texture->pixels = *pixels;
	return succeed(texture, &shown,
		(uint64_t)pixels->width * pixels->height * format->bytes_per_pixel, false);
}

static int update_from_pixels(struct wltex_texture *texture,
	const struct core_upload_format *format, const struct wltex_pixels *pixels,
	const struct look *look)
{
	int ret;

	texture->pixels = *pixels;
	if (look->change == CORE_SAME)
		return reuse(texture);
	ret = core_upload_region(&texture->pair, texture->context, format, pixels,
		look->change == CORE_UNKNOWN ? &look->claimed : &look->changed);
	if (ret < 0) {
		core_texture_release(texture, WLTEX_REASON_RELEASED);
		return fail(texture, ret);
	}
	note_sum(texture);
	wltex_ledger_upload(texture->ledger, texture->owner);
	core_texture_emit(texture, WLTEX_STATE_REIMPORTED, WLTEX_REASON_CONTENT_CHANGED);
	return WLTEX_STATE_REIMPORTED;
}

static bool is_valid(const struct wltex_texture *texture, const struct core_upload_format *format,
	const struct wltex_pixels *pixels)
{
	uint32_t max = (uint32_t)texture->context->capabilities.max_texture_size;

	return format != NULL && pixels->data != NULL && pixels->width >= 1 &&
	       pixels->width <= max && pixels->height >= 1 && pixels->height <= max &&
	       pixels->stride >= (size_t)pixels->width * format->bytes_per_pixel;
}

static void look_at_pixels(struct wltex_texture *texture, const struct wltex_pixels *pixels,
	uint32_t bytes_per_pixel, struct request *request, struct look *look)
{
	uint64_t begin_ns;

	look_init(look, pixels->width, pixels->height, request->attach->damage);
	if (request->attach->has_sum) {
		look->change = core_content_promise_pixels(
			&texture->content, pixels, request->attach->sum, &look->changed);
	} else if (may_read(texture, request)) {
		begin_ns = wltex_now_ns();
		look->change = core_content_update_pixels(&texture->content, pixels,
			bytes_per_pixel, request->attach->damage != NULL ? &look->claimed : NULL,
			&look->changed);
		request->result.look_ns = wltex_now_ns() - begin_ns;
	} else {
		core_content_forget(&texture->content);
	}
}

static int show_pixels(
	struct wltex_texture *texture, const struct wltex_pixels *pixels, struct request *request)
{
	const struct core_upload_format *format =
		core_upload_find(texture->context, pixels->format);
	const struct wltex_pixels *old = &texture->pixels;
	bool again = core_texture_has_pair(texture) && old->data != NULL &&
		     old->width == pixels->width && old->height == pixels->height &&
		     old->format == pixels->format;
	struct look look;
	int ret;

	if (!again)
		core_texture_release(texture, WLTEX_REASON_REPLACED);
	if (!is_valid(texture, format, pixels)) {
		core_texture_release(texture, WLTEX_REASON_REPLACED);
		return fail(texture, -EINVAL);
	}

	look_at_pixels(texture, pixels, format->bytes_per_pixel, request, &look);
	ret = again ? update_from_pixels(texture, format, pixels, &look)
		    : make_from_pixels(texture, format, pixels);
	look_finish(&look, texture, request);
	return ret;
}

static int enter_and_show_pixels(
	struct wltex_texture *texture, const struct wltex_pixels *pixels, struct request *request)
{
	struct core_guard guard;
	int ret = core_enter(&guard, texture->context);

	if (ret == -EPERM)
		return deny(texture, ret);
	if (ret < 0) {
		core_texture_release(texture, WLTEX_REASON_RELEASED);
		return fail(texture, ret);
	}
	ret = show_pixels(texture, pixels, request);
	core_leave(&guard);
	return ret;
}

WLTEX_EXPORT int wltex_texture_attach(struct wltex_texture *texture,
	const struct wltex_attach *attach, struct wltex_attached *attached)
{
	struct request request = {.attach = attach, .commit = true};
	int ret = check_usable(texture);

	if (ret == 0 && (attach->dmabuf == NULL) == (attach->pixels == NULL))
		ret = -EINVAL;
	if (ret == 0) {
		wltex_ledger_commit(texture->ledger, texture->owner);
		ret = attach->dmabuf != NULL
			      ? show_dmabuf(texture, attach->dmabuf, &request)
			      : enter_and_show_pixels(texture, attach->pixels, &request);
	}
	if (ret < 0)
		request.result.changed = NULL;
	if (attached != NULL)
		*attached = request.result;
	return ret;
}

WLTEX_EXPORT int wltex_texture_attach_dmabuf(
	struct wltex_texture *texture, struct wltex_dmabuf *dmabuf, const pixman_region32_t *damage)
{
	const struct wltex_attach attach = {.dmabuf = dmabuf, .damage = damage};

	return wltex_texture_attach(texture, &attach, NULL);
}

WLTEX_EXPORT int wltex_texture_attach_pixels(struct wltex_texture *texture,
	const struct wltex_pixels *pixels, const pixman_region32_t *damage)
{
	const struct wltex_attach attach = {.pixels = pixels, .damage = damage};

	return wltex_texture_attach(texture, &attach, NULL);
}

WLTEX_EXPORT int wltex_texture_sync(struct wltex_texture *texture, const pixman_region32_t *damage)
{
	const struct wltex_pixels pixels = texture->pixels;
	const struct wltex_attach attach = {.damage = damage};
	struct request request = {.attach = &attach};
	int ret = check_usable(texture);

	if (ret < 0)
		return ret;
	if (texture->dmabuf != NULL)
		return show_dmabuf(texture, texture->dmabuf, &request);
	if (pixels.data != NULL)
		return enter_and_show_pixels(texture, &pixels, &request);
	return -ENOENT;
}
