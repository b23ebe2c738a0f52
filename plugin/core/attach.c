/* SPDX-License-Identifier: MIT */
/*
 * How a texture object gets its source: look at it, and import, import again or reuse; or
 * only remember it, until somebody asks.
 */
#include <errno.h>

#include "core/look.h"
#include "core/refusal.h"
#include "core/source.h"
#include "core/upload.h"
#include "dmabuf/format.h"
#include "ledger/ledger.h"
#include "util/export.h"

/* One attach, sync or late access, on its way through this file. */
struct request {
	struct wltex_attach attach;
	/* It is a commit by the owner, or one that was counted before as not asked for. */
	bool commit, late;
	struct core_source source;
	struct core_look look;
};

/* --- What comes of it. */

static void settle(struct wltex_texture *texture, const struct request *request)
{
	if (request->late)
		wltex_ledger_not_asked(texture->ledger, texture->owner, -1);
}

/* Nothing is shown, so there is nothing to compare the next source with. */
static int fail(struct wltex_texture *texture, struct request *request, int error)
{
	bool refused = error == -EINVAL || error == -ENOTSUP;

	if (error == -ENODEV)
		request->source.message = "the GL context is lost";
	else if (request->source.message == NULL)
		request->source.message = "EGL or GL failed";

	core_texture_lose_all(texture->context);
	core_texture_release(texture, WLTEX_REASON_RELEASED);
	core_content_forget(&texture->content);
	if (refused)
		wltex_ledger_refuse(texture->ledger, texture->owner);
	else
		wltex_ledger_failure(texture->ledger, texture->owner);
	core_texture_emit(texture, refused ? WLTEX_STATE_REFUSED : WLTEX_STATE_FAILED,
		refused ? WLTEX_REASON_INVALID : WLTEX_REASON_ATTACHED, request->source.message);
	return error;
}

/* The caller's mistake: nothing is touched, so nothing happened that could be told. */
static int deny(struct wltex_texture *texture, struct request *request, int error)
{
	request->source.message = "the GL context is in use on another thread";
	if (!request->late)
		wltex_ledger_failure(texture->ledger, texture->owner);
	return error;
}

static void note_dmabuf(struct wltex_texture *texture)
{
	const struct wltex_dmabuf_attributes *a = wltex_dmabuf_get_attributes(texture->dmabuf);

	texture->bytes = wltex_dmabuf_get_bytes(texture->dmabuf);
	texture->shown.width = a->width;
	texture->shown.height = a->height;
	texture->shown.format = a->format;
	texture->shown.y_inverted = a->flags & WLTEX_DMABUF_Y_INVERT;
}

static void note_pixels(struct wltex_texture *texture, const struct core_upload_format *upload)
{
	const struct wltex_pixels *pixels = &texture->pixels;

	texture->bytes = (uint64_t)pixels->width * pixels->height * upload->bytes_per_pixel;
	texture->shown.width = (int32_t)pixels->width;
	texture->shown.height = (int32_t)pixels->height;
	texture->shown.format = pixels->format;
}

/* There is another pair than before. */
static void note_pair(struct wltex_texture *texture, const struct request *request, bool again)
{
	const struct wltex_format_info *format;

	texture->shown = (struct wltex_texture_info){
		.name = texture->pair.name,
		.target = texture->pair.target,
	};
	if (texture->dmabuf != NULL)
		note_dmabuf(texture);
	else
		note_pixels(texture, request->source.upload);
	format = wltex_format_info_get(texture->shown.format);
	texture->shown.has_alpha = format != NULL && format->has_alpha;
	wltex_ledger_import(texture->ledger, texture->owner, texture->bytes, again);
}

static int succeed(
	struct wltex_texture *texture, const struct request *request, enum wltex_state state)
{
	bool again = state == WLTEX_STATE_REIMPORTED;

	if (state == WLTEX_STATE_REUSED)
		wltex_ledger_reuse(texture->ledger, texture->owner);
	else if (again && texture->dmabuf == NULL)
		wltex_ledger_upload(texture->ledger, texture->owner);
	else
		note_pair(texture, request, again);
	/* The pair shows the content that was looked at last. */
	texture->shown.content = texture->content.kind;
	texture->shown.has_sum = texture->content.kind == WLTEX_CONTENT_SUM;
	texture->shown.sum = texture->shown.has_sum ? texture->content.frame : 0;
	core_texture_emit(
		texture, state, again ? WLTEX_REASON_CONTENT_CHANGED : WLTEX_REASON_ATTACHED, NULL);
	return (int)state;
}

/* Count and tell what showing the source has come to. */
static int finish(struct wltex_texture *texture, struct request *request, int result)
{
	if (result == -EPERM)
		return deny(texture, request, result);
	settle(texture, request);
	return result < 0 ? fail(texture, request, result)
			  : succeed(texture, request, (enum wltex_state)result);
}

/* --- The source. */

/* Whether the texture object has this source already; of pixels, one of the same kind. */
static bool is_source(const struct wltex_texture *texture, const struct wltex_attach *attach)
{
	const struct wltex_pixels *old = &texture->pixels, *new = attach->pixels;

	if (new == NULL)
		return texture->dmabuf == attach->dmabuf;
	return old->data != NULL && old->width == new->width && old->height == new->height &&
	       old->format == new->format;
}

/* The pair that there was has gone. */
static void set_source(struct wltex_texture *texture, const struct wltex_attach *attach)
{
	if (!is_source(texture, attach)) {
		core_texture_drop_source(texture);
		if (attach->dmabuf != NULL)
			core_texture_set_dmabuf(texture, attach->dmabuf);
	}
	if (attach->pixels != NULL)
		texture->pixels = *attach->pixels;
}

/* --- Showing it: these return the state that it is in then, or a negative errno. */

/*
 * Enter, and end the pair that is there. Returns 0; -EIO: there is no guard, but the pair
 * has gone; -EPERM, -ENODEV: nothing happened.
 */
static int begin(struct wltex_texture *texture, enum wltex_reason reason, struct core_guard *guard)
{
	int ret = core_enter(guard, texture->context);

	if (ret == -EPERM || ret == -ENODEV) {
		/* What was seen is not what is shown. */
		core_content_forget(&texture->content);
		return ret;
	}
	core_texture_end_pair(texture, reason, ret == 0 ? guard : NULL);
	return ret;
}

/* In the guard, which a listener may have left for another context. */
static int import_dmabuf(
	struct wltex_texture *texture, struct request *request, struct core_guard *guard)
{
	struct wltex_context *context = texture->context;
	struct wltex_dmabuf *dmabuf = request->attach.dmabuf;
	struct core_failure failure;
	int ret = core_resume(guard);

	if (ret < 0)
		return ret;
	/* Mesa leaks memory for each import of memory that is too small. */
	if (!wltex_dmabuf_is_whole(dmabuf))
		return core_source_reject(&request->source, -EIO, "its memory has shrunk");
	ret = core_pair_import(&texture->pair, context, wltex_dmabuf_get_attributes(dmabuf),
		request->source.format, &failure);
	if (ret == 0) {
		core_refusal_clear(context, request->source.format);
		return 0;
	}
	if (ret == -EIO)
		core_refusal_note(context, dmabuf, request->source.format, &failure);
	return core_source_reject(&request->source, ret, failure.reason);
}

static int show_dmabuf(struct wltex_texture *texture, struct request *request)
{
	bool again = is_source(texture, &request->attach) && core_texture_has_pair(texture);
	struct core_guard guard;
	int ret;

	core_look_at_dmabuf(&request->look, texture, &request->attach);
	if (again && request->look.change == CORE_SAME)
		return WLTEX_STATE_REUSED;
	ret = begin(texture, again ? WLTEX_REASON_CONTENT_CHANGED : WLTEX_REASON_REPLACED, &guard);
	if (ret < 0)
		return ret;
	set_source(texture, &request->attach);
	ret = import_dmabuf(texture, request, &guard);
	core_leave(&guard);
	if (ret < 0)
		return ret;
	return again ? WLTEX_STATE_REIMPORTED : WLTEX_STATE_IMPORTED;
}

static int make_from_pixels(struct wltex_texture *texture, struct request *request)
{
	struct core_guard guard;
	int ret = begin(texture, WLTEX_REASON_REPLACED, &guard);

	if (ret < 0)
		return ret;
	set_source(texture, &request->attach);
	ret = core_resume(&guard);
	if (ret == 0)
		ret = core_upload_make(&texture->pair, texture->context, request->source.upload,
			request->attach.pixels);
	core_leave(&guard);
	return ret < 0 ? ret : WLTEX_STATE_IMPORTED;
}

static int update_from_pixels(struct wltex_texture *texture, struct request *request)
{
	const struct core_look *look = &request->look;
	struct core_guard guard;
	int ret;

	if (look->change == CORE_SAME) {
		set_source(texture, &request->attach);
		return WLTEX_STATE_REUSED;
	}
	ret = core_enter(&guard, texture->context);
	if (ret < 0) {
		core_content_forget(&texture->content);
		return ret;
	}
	set_source(texture, &request->attach);
	ret = core_upload_region(&texture->pair, texture->context, request->source.upload,
		request->attach.pixels,
		look->change == CORE_UNKNOWN ? look->suspect : &look->changed);
	core_leave(&guard);
	return ret < 0 ? ret : WLTEX_STATE_REIMPORTED;
}

static int show(struct wltex_texture *texture, struct request *request)
{
	int ret;

	if (request->attach.dmabuf != NULL) {
		ret = show_dmabuf(texture, request);
	} else {
		bool again = is_source(texture, &request->attach) && core_texture_has_pair(texture);
		core_look_at_pixels(&request->look, texture, &request->attach,
			request->source.upload->bytes_per_pixel);
		ret = again ? update_from_pixels(texture, request)
			    : make_from_pixels(texture, request);
	}
	if (request->commit && !request->attach.no_damage_count)
		core_look_count(&request->look, texture);
	return ret;
}

/* --- The calls. */

static bool is_on_access(const struct wltex_texture *texture, const struct wltex_attach *attach)
{
	if (attach->when == WLTEX_WHEN_DEFAULT && attach->dmabuf != NULL)
		return texture->context->when == WLTEX_ON_ACCESS;
	return attach->when == WLTEX_ON_ACCESS;
}

/* Only what cannot wait: the pair of another source ends, and the claim is noted. */
static int postpone(struct wltex_texture *texture, struct request *request)
{
	const struct wltex_attach *attach = &request->attach;
	int ret = is_source(texture, attach) ? 0
					     : core_texture_release(texture, WLTEX_REASON_REPLACED);

	if (ret < 0)
		return deny(texture, request, ret);
	set_source(texture, attach);
	core_look_postpone(&request->look, texture, attach);
	if (!attach->no_damage_count)
		core_look_count(&request->look, texture);
	texture->waiting = true;
	texture->late = *attach;
	texture->late.dmabuf = NULL;
	texture->late.pixels = NULL;
	texture->late.damage = NULL;
	wltex_ledger_not_asked(texture->ledger, texture->owner, 1);
	return WLTEX_STATE_NOT_ASKED;
}

/* Nothing of it is shown. */
static int refuse(struct wltex_texture *texture, struct request *request, int error)
{
	int ret;

	if (error == -EINVAL)
		core_refusal_log(texture->context, &request->attach, request->source.message);
	ret = core_texture_release(texture, WLTEX_REASON_REPLACED);
	return ret < 0 ? deny(texture, request, ret) : fail(texture, request, error);
}

static int attach_source(struct wltex_texture *texture, struct request *request)
{
	int ret = core_source_check(texture->context, &request->attach, &request->source);
	bool waiting = texture->waiting;

	/* Nobody asked for the commit before this one, and nobody can any more. */
	texture->waiting = false;
	if (ret < 0)
		ret = refuse(texture, request, ret);
	else if (is_on_access(texture, &request->attach))
		ret = postpone(texture, request);
	else
		ret = finish(texture, request, show(texture, request));
	if (ret == -EPERM)
		texture->waiting = waiting;
	return ret;
}

WLTEX_EXPORT int wltex_texture_attach(struct wltex_texture *texture,
	const struct wltex_attach *attach, struct wltex_attached *attached)
{
	struct request request = {.commit = true};
	int ret = core_source_check_call(texture, attach, &request.source);

	core_look_init(&request.look);
	if (ret == 0) {
		request.attach = *attach;
		wltex_ledger_commit(texture->ledger, texture->owner);
		ret = attach_source(texture, &request);
	}
	if (attached != NULL)
		*attached = (struct wltex_attached){
			.changed = ret >= 0 ? core_look_get_changed(&request.look, texture) : NULL,
			.look_ns = request.look.ns,
			.message = request.source.message,
		};
	core_look_finish(&request.look);
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

/* Show the present source as it is now. */
static int show_present(struct wltex_texture *texture, struct request *request)
{
	const struct wltex_pixels pixels = texture->pixels;
	int ret;

	request->attach.dmabuf = texture->dmabuf;
	request->attach.pixels = texture->dmabuf == NULL ? &pixels : NULL;
	request->late = texture->waiting;
	texture->waiting = false;
	core_look_init(&request->look);
	ret = core_source_check(texture->context, &request->attach, &request->source);
	if (ret == 0)
		ret = show(texture, request);
	ret = finish(texture, request, ret);
	core_look_finish(&request->look);
	if (ret == -EPERM)
		texture->waiting = request->late;
	return ret;
}

int core_texture_catch_up(struct wltex_texture *texture)
{
	struct request request = {.attach = texture->late};
	pixman_region32_t nothing_more;
	int ret;

	if (!texture->waiting)
		return 0;
	ret = core_source_check_use(texture, &request.source);
	if (ret < 0)
		return ret;
	pixman_region32_init(&nothing_more);
	request.attach.damage = &nothing_more;
	ret = show_present(texture, &request);
	pixman_region32_fini(&nothing_more);
	return ret;
}

WLTEX_EXPORT int wltex_texture_sync(struct wltex_texture *texture, const pixman_region32_t *damage)
{
	struct request request = {.attach = {.damage = damage}};
	int ret = core_source_check_use(texture, &request.source);

	if (ret < 0)
		return ret;
	if (texture->dmabuf == NULL && texture->pixels.data == NULL)
		return -ENOENT;
	return show_present(texture, &request);
}
