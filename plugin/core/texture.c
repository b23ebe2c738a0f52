/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "core/texture.h"
#include "core/upload.h"
#include "dmabuf/format.h"
#include "ledger/ledger.h"
#include "util/export.h"

/* A pair that goes has the sum of what it showed, any other event that of what is new. */
static void emit(struct wltex_texture *texture, enum wltex_state state, enum wltex_reason reason)
{
	const struct core_content *content = &texture->content;
	struct wltex_event event = {.state = state, .reason = reason};

	if (state == WLTEX_STATE_DESTROYED) {
		event.has_sum = texture->shown.has_sum;
		event.sum = texture->shown.sum;
	} else if (content->kind == CORE_CONTENT_PIXELS) {
		event.has_sum = true;
		event.sum = content->frame;
	}
	if (texture->listener != NULL && texture->listener->event != NULL)
		texture->listener->event(texture->data, texture, &event);
}

static bool has_pair(const struct wltex_texture *texture)
{
	return texture->pair.name != 0;
}

/*
 * Without its GL context (lost, or not to be had) the texture's name has to wait; the image
 * needs only the display.
 */
static void end_pair(struct wltex_texture *texture, bool with_gl)
{
	struct wltex_context *context = texture->context;

	if (!with_gl && !context->lost &&
		context->n_orphans < sizeof(context->orphans) / sizeof(context->orphans[0]))
		context->orphans[context->n_orphans++] = texture->pair.name;
	if (!with_gl)
		texture->pair.name = 0;
	core_pair_finish(&texture->pair, context);
	wltex_ledger_destroyed(texture->ledger, texture->owner, texture->bytes);
	texture->bytes = 0;
}

static void tell_destroying(struct wltex_texture *texture)
{
	if (texture->listener != NULL && texture->listener->destroying != NULL)
		texture->listener->destroying(texture->data, texture);
}

/* Destroy image and texture, if there are any. Returns 0, or -EPERM: untouched. */
static int destroy_pair(struct wltex_texture *texture, enum wltex_reason reason)
{
	struct core_guard guard;
	int ret;

	if (!has_pair(texture))
		return 0;
	ret = core_enter(&guard, texture->context);
	if (ret == -EPERM)
		return ret;
	/* Lost with its context, in this very moment. */
	if (!has_pair(texture))
		return 0;
	tell_destroying(texture);
	end_pair(texture, ret == 0);
	if (ret == 0)
		core_leave(&guard);
	emit(texture, WLTEX_STATE_DESTROYED, reason);
	return 0;
}

static void drop_source(struct wltex_texture *texture)
{
	if (texture->dmabuf != NULL)
		wltex_dmabuf_remove_user(&texture->user);
	texture->dmabuf = NULL;
	texture->pixels = (struct wltex_pixels){0};
}

static int release(struct wltex_texture *texture, enum wltex_reason reason)
{
	int ret = destroy_pair(texture, reason);

	if (ret < 0)
		return ret;
	drop_source(texture);
	return 0;
}

static void lose_pair(struct wltex_texture *texture)
{
	tell_destroying(texture);
	end_pair(texture, false);
	drop_source(texture);
	core_content_forget(&texture->content);
	texture->compared = false;
	emit(texture, WLTEX_STATE_DESTROYED, WLTEX_REASON_CONTEXT_LOST);
}

void core_texture_lose_all(struct wltex_context *context)
{
	struct wltex_list *link = context->textures.next;

	while (link != &context->textures) {
		struct wltex_texture *texture =
			wltex_container_of(link, struct wltex_texture, link);

		link = link->next;
		if (has_pair(texture))
			lose_pair(texture);
	}
}

static void dmabuf_destroyed(struct wltex_dmabuf_user *user)
{
	struct wltex_texture *texture = wltex_container_of(user, struct wltex_texture, user);

	/* On another thread the pair stays until the owner's own thread ends it. */
	if (release(texture, WLTEX_REASON_BUFFER_DESTROYED) < 0)
		drop_source(texture);
}

WLTEX_EXPORT struct wltex_texture *wltex_texture_create(struct wltex_context *context,
	struct wltex_owner *owner, const struct wltex_texture_listener *listener, void *data)
{
	struct wltex_texture *texture = calloc(1, sizeof(*texture));

	if (texture == NULL)
		return NULL;
	texture->context = context;
	texture->ledger = context->ledger;
	texture->owner = owner;
	texture->listener = listener;
	texture->data = data;
	texture->reading = !context->no_sums;
	pixman_region32_init(&texture->changed);
	texture->user.destroyed = dmabuf_destroyed;
	wltex_list_init(&texture->user.link);
	wltex_list_insert(&context->textures, &texture->link);
	return texture;
}

WLTEX_EXPORT void wltex_texture_destroy(struct wltex_texture *texture)
{
	if (texture == NULL)
		return;
	if (texture->context != NULL &&
		(!core_on_thread(texture->context, "wltex_texture_destroy") ||
			release(texture, WLTEX_REASON_SURFACE_DESTROYED) < 0))
		return;
	wltex_list_remove(&texture->link);
	core_content_finish(&texture->content);
	pixman_region32_fini(&texture->changed);
	free(texture);
}

void core_texture_abandon(struct wltex_texture *texture)
{
	if (has_pair(texture))
		wltex_error(&texture->context->logger,
			"texture %u of %s (pid %d) outlives its context: destroyed",
			texture->pair.name,
			texture->owner != NULL ? texture->owner->name : "no owner",
			texture->owner != NULL ? (int)texture->owner->pid : 0);
	if (release(texture, WLTEX_REASON_SURFACE_DESTROYED) < 0) {
		/* Its GL context is in use on another thread: now or never. */
		end_pair(texture, false);
		drop_source(texture);
		emit(texture, WLTEX_STATE_DESTROYED, WLTEX_REASON_SURFACE_DESTROYED);
	}
	wltex_list_remove(&texture->link);
	texture->context = NULL;
}

static uint64_t region_area(const pixman_region32_t *region)
{
	uint64_t area = 0;
	int n = 0;
	const pixman_box32_t *boxes = pixman_region32_rectangles(region, &n);

	for (int i = 0; i < n; i++)
		area += (uint64_t)(boxes[i].x2 - boxes[i].x1) *
			(uint64_t)(boxes[i].y2 - boxes[i].y1);
	return area;
}

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

/* count: the look was for a commit of the owner's. */
static void look_finish(struct look *look, struct wltex_texture *texture, bool count)
{
	uint64_t claimed_px = region_area(&look->claimed), true_px = claimed_px;

	texture->compared = (look->change == CORE_SAME || look->change == CORE_CHANGED) &&
			    pixman_region32_copy(&texture->changed, &look->changed);
	if (look->change != CORE_UNKNOWN &&
		pixman_region32_intersect(&look->changed, &look->changed, &look->claimed))
		true_px = region_area(&look->changed);
	if (count)
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
		emit(texture, WLTEX_STATE_REFUSED, WLTEX_REASON_INVALID);
	} else {
		wltex_ledger_failure(texture->ledger, texture->owner);
		emit(texture, WLTEX_STATE_FAILED, WLTEX_REASON_ATTACHED);
	}
	core_content_forget(&texture->content);
	texture->content.promised = false;
	texture->compared = false;
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
	emit(texture, again ? WLTEX_STATE_REIMPORTED : WLTEX_STATE_IMPORTED,
		again ? WLTEX_REASON_CONTENT_CHANGED : WLTEX_REASON_ATTACHED);
	return again ? WLTEX_STATE_REIMPORTED : WLTEX_STATE_IMPORTED;
}

static int reuse(struct wltex_texture *texture)
{
	note_sum(texture);
	wltex_ledger_reuse(texture->ledger, texture->owner);
	emit(texture, WLTEX_STATE_REUSED, WLTEX_REASON_ATTACHED);
	return WLTEX_STATE_REUSED;
}

/* Whether GL may be used for texture at all. */
static int check_usable(const struct wltex_texture *texture)
{
	if (texture->context == NULL)
		return -EPERM;
	return core_on_thread(texture->context, "attach") ? 0 : -EPERM;
}

static enum core_change look_at_dmabuf(struct wltex_texture *texture, struct wltex_dmabuf *dmabuf,
	const pixman_region32_t *damage, bool count)
{
	const struct wltex_dmabuf_attributes *a = wltex_dmabuf_get_attributes(dmabuf);
	enum core_change change;
	struct look look;

	look_init(&look, (uint32_t)a->width, (uint32_t)a->height, damage);
	if (!texture->reading && !texture->content.promised)
		core_content_forget(&texture->content);
	else if (dmabuf->cost.too_slow && !texture->content.promised)
		wltex_ledger_slow(texture->ledger, texture->owner);
	if (texture->reading || texture->content.promised)
		look.change = core_content_update_dmabuf(&texture->content, dmabuf,
			damage != NULL ? &look.claimed : NULL, &look.changed);
	change = look.change;
	look_finish(&look, texture, count);
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
		release(texture, WLTEX_REASON_RELEASED);
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

static int show_dmabuf(struct wltex_texture *texture, struct wltex_dmabuf *dmabuf,
	const pixman_region32_t *damage, bool count)
{
	bool again = texture->dmabuf == dmabuf && has_pair(texture);
	const struct wltex_format *format = find_format(texture, dmabuf);
	enum core_change change;
	int ret = again ? 0 : release(texture, WLTEX_REASON_REPLACED);

	if (ret < 0)
		return deny(texture, ret);
	if (format == NULL)
		return fail(
			texture, texture->context->capabilities.dmabuf_import ? -EINVAL : -ENOTSUP);

	change = look_at_dmabuf(texture, dmabuf, damage, count);
	if (again && change == CORE_SAME)
		return reuse(texture);
	if (again) {
		ret = destroy_pair(texture, WLTEX_REASON_CONTENT_CHANGED);
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
		drop_source(texture);
		return fail(texture, -ENODEV);
	}
	return import_dmabuf(texture, format, again);
}

WLTEX_EXPORT int wltex_texture_attach_dmabuf(
	struct wltex_texture *texture, struct wltex_dmabuf *dmabuf, const pixman_region32_t *damage)
{
	int ret = check_usable(texture);

	if (ret < 0)
		return ret;
	wltex_ledger_commit(texture->ledger, texture->owner);
	return show_dmabuf(texture, dmabuf, damage, true);
}

WLTEX_EXPORT void wltex_texture_promise_sum(struct wltex_texture *texture, uint32_t crc32)
{
	texture->content.promised = true;
	texture->content.promise = crc32;
}

WLTEX_EXPORT void wltex_texture_set_reading(struct wltex_texture *texture, bool reading)
{
	texture->reading = reading;
}

WLTEX_EXPORT const pixman_region32_t *wltex_texture_get_changed(const struct wltex_texture *texture)
{
	return texture->compared ? &texture->changed : NULL;
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
		release(texture, WLTEX_REASON_RELEASED);
		return fail(texture, ret);
	}
	note_sum(texture);
	wltex_ledger_upload(texture->ledger, texture->owner);
	emit(texture, WLTEX_STATE_REIMPORTED, WLTEX_REASON_CONTENT_CHANGED);
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

static int show_pixels(struct wltex_texture *texture, const struct wltex_pixels *pixels,
	const pixman_region32_t *damage, bool count)
{
	const struct core_upload_format *format =
		core_upload_find(texture->context, pixels->format);
	const struct wltex_pixels *old = &texture->pixels;
	bool again = has_pair(texture) && old->data != NULL && old->width == pixels->width &&
		     old->height == pixels->height && old->format == pixels->format;
	struct look look;
	int ret;

	if (!again)
		release(texture, WLTEX_REASON_REPLACED);
	if (!is_valid(texture, format, pixels)) {
		release(texture, WLTEX_REASON_REPLACED);
		return fail(texture, -EINVAL);
	}

	look_init(&look, pixels->width, pixels->height, damage);
	if (texture->reading || texture->content.promised)
		look.change = core_content_update_pixels(&texture->content, pixels,
			format->bytes_per_pixel, damage != NULL ? &look.claimed : NULL,
			&look.changed);
	else
		core_content_forget(&texture->content);
	ret = again ? update_from_pixels(texture, format, pixels, &look)
		    : make_from_pixels(texture, format, pixels);
	look_finish(&look, texture, count);
	if (ret < 0)
		texture->compared = false;
	return ret;
}

static int enter_and_show_pixels(struct wltex_texture *texture, const struct wltex_pixels *pixels,
	const pixman_region32_t *damage, bool count)
{
	struct core_guard guard;
	int ret = core_enter(&guard, texture->context);

	if (ret == -EPERM)
		return deny(texture, ret);
	if (ret < 0) {
		release(texture, WLTEX_REASON_RELEASED);
		return fail(texture, ret);
	}
	ret = show_pixels(texture, pixels, damage, count);
	core_leave(&guard);
	return ret;
}

WLTEX_EXPORT int wltex_texture_attach_pixels(struct wltex_texture *texture,
	const struct wltex_pixels *pixels, const pixman_region32_t *damage)
{
	int ret = check_usable(texture);

	if (ret < 0)
		return ret;
	wltex_ledger_commit(texture->ledger, texture->owner);
	return enter_and_show_pixels(texture, pixels, damage, true);
}

static int show_again(struct wltex_texture *texture, const pixman_region32_t *damage)
{
	const struct wltex_pixels pixels = texture->pixels;

	if (texture->dmabuf != NULL)
		return show_dmabuf(texture, texture->dmabuf, damage, false);
	if (pixels.data != NULL)
		return enter_and_show_pixels(texture, &pixels, damage, false);
	return -ENOENT;
}

WLTEX_EXPORT int wltex_texture_sync(struct wltex_texture *texture, const pixman_region32_t *damage)
{
	bool promised = texture->content.promised;
	int ret = check_usable(texture);

	if (ret < 0)
		return ret;
	/* A promise is of what is attached next. */
	texture->content.promised = false;
	ret = show_again(texture, damage);
	texture->content.promised = promised;
	return ret;
}

WLTEX_EXPORT int wltex_texture_release(struct wltex_texture *texture, enum wltex_reason reason)
{
	if (texture->context == NULL)
		return 0;
	if (!core_on_thread(texture->context, "wltex_texture_release"))
		return -EPERM;
	if (reason != WLTEX_REASON_RELEASED && reason != WLTEX_REASON_BUFFER_DESTROYED)
		core_content_forget(&texture->content);
	return release(texture, reason);
}

WLTEX_EXPORT int wltex_dmabuf_release(struct wltex_dmabuf *dmabuf, enum wltex_reason reason)
{
	struct wltex_list *link = dmabuf->users.next;
	int ret = 0;

	/* From the head again after each: a listener may have ended other textures too. */
	while (link != &dmabuf->users) {
		struct wltex_texture *texture =
			wltex_container_of(link, struct wltex_texture, user.link);
		if (wltex_texture_release(texture, reason) == 0) {
			link = dmabuf->users.next;
			continue;
		}
		ret = -EPERM;
		link = link->next;
	}
	return ret;
}

WLTEX_EXPORT bool wltex_texture_get(
	const struct wltex_texture *texture, struct wltex_texture_info *info)
{
	if (!has_pair(texture))
		return false;
	*info = texture->shown;
	return true;
}
