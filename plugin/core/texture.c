/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "core/texture.h"
#include "ledger/ledger.h"
#include "util/export.h"

void core_texture_emit(struct wltex_texture *texture, enum wltex_state state,
	enum wltex_reason reason, const char *message)
{
	const struct core_content *content = &texture->content;
	struct wltex_event event = {.state = state, .reason = reason, .message = message};

	if (state == WLTEX_STATE_DESTROYED) {
		event.content = texture->shown.content;
		event.has_sum = texture->shown.has_sum;
		event.sum = texture->shown.sum;
	} else {
		event.content = content->kind;
		event.has_sum = content->kind == WLTEX_CONTENT_SUM;
		event.sum = event.has_sum ? content->frame : 0;
	}
	if (texture->listener != NULL && texture->listener->event != NULL)
		texture->listener->event(texture->data, texture, &event);
}

/* Without its GL context (lost, or not to be had) the texture's name has to wait. */
static void keep_name(struct wltex_texture *texture)
{
	struct wltex_context *context = texture->context;

	if (!context->lost &&
		context->n_orphans < sizeof(context->orphans) / sizeof(context->orphans[0]))
		context->orphans[context->n_orphans++] = texture->pair.name;
	texture->pair.name = 0;
}

static void tell_destroying(struct wltex_texture *texture)
{
	if (texture->listener != NULL && texture->listener->destroying != NULL)
		texture->listener->destroying(texture->data, texture);
}

void core_texture_end_pair(
	struct wltex_texture *texture, enum wltex_reason reason, struct core_guard *guard)
{
	if (!core_texture_has_pair(texture))
		return;
	if (guard != NULL && texture->listener != NULL)
		core_note(guard);
	tell_destroying(texture);
	/* The image needs only the display. */
	if (guard == NULL || core_resume(guard) < 0)
		keep_name(texture);
	core_pair_finish(&texture->pair, texture->context);
	wltex_ledger_destroyed(texture->ledger, texture->owner, texture->bytes);
	texture->bytes = 0;
	core_texture_emit(texture, WLTEX_STATE_DESTROYED, reason, NULL);
}

static int destroy_pair(struct wltex_texture *texture, enum wltex_reason reason)
{
	struct wltex_context *context = texture->context;
	struct core_guard guard;
	int ret;

	if (!core_texture_has_pair(texture))
		return 0;
	ret = core_enter_to_delete(&guard, context);
	if (ret == -EPERM)
		return ret;
	core_texture_lose_all(context);
	core_texture_end_pair(texture, reason, ret == 0 ? &guard : NULL);
	if (ret == 0)
		core_leave(&guard);
	core_texture_lose_all(context);
	return 0;
}

/* Of several textures that show the dmabuf, one counts its fds. */
static void count_fds(struct wltex_texture *texture)
{
	if (texture->dmabuf->fds_counted)
		return;
	texture->dmabuf->fds_counted = true;
	texture->n_fds = wltex_dmabuf_get_fd_count(texture->dmabuf);
	wltex_ledger_fds(texture->ledger, texture->owner, texture->n_fds);
}

/* If another shows it, that one counts them from now on. */
static void uncount_fds(struct wltex_texture *texture)
{
	struct wltex_dmabuf *dmabuf = texture->dmabuf;

	if (texture->n_fds == 0)
		return;
	wltex_ledger_fds(texture->ledger, texture->owner, -texture->n_fds);
	texture->n_fds = 0;
	dmabuf->fds_counted = false;
	if (!wltex_list_empty(&dmabuf->users))
		count_fds(wltex_container_of(dmabuf->users.next, struct wltex_texture, user.link));
}

void core_texture_set_dmabuf(struct wltex_texture *texture, struct wltex_dmabuf *dmabuf)
{
	texture->dmabuf = dmabuf;
	wltex_dmabuf_add_user(dmabuf, &texture->user);
	count_fds(texture);
}

void core_texture_drop_source(struct wltex_texture *texture)
{
	if (texture->dmabuf != NULL) {
		wltex_dmabuf_remove_user(&texture->user);
		uncount_fds(texture);
	}
	texture->dmabuf = NULL;
	texture->pixels = (struct wltex_pixels){0};
	texture->waiting = false;
}

int core_texture_release(struct wltex_texture *texture, enum wltex_reason reason)
{
	bool waiting = texture->waiting;
	int ret;

	/* Whoever hears of the end cannot ask for more. */
	texture->waiting = false;
	ret = destroy_pair(texture, reason);
	if (ret < 0) {
		texture->waiting = waiting;
		return ret;
	}
	core_texture_drop_source(texture);
	return 0;
}

static void lose(struct wltex_texture *texture)
{
	texture->waiting = false;
	core_texture_end_pair(texture, WLTEX_REASON_CONTEXT_LOST, NULL);
	core_texture_drop_source(texture);
	core_content_forget(&texture->content);
}

void core_texture_lose_all(struct wltex_context *context)
{
	struct wltex_list *link = context->textures.next;

	if (!context->lost || context->lost_told || context->depth > 0)
		return;
	context->lost_told = true;
	while (link != &context->textures) {
		struct wltex_texture *texture =
			wltex_container_of(link, struct wltex_texture, link);

		link = link->next;
		lose(texture);
	}
}

static void dmabuf_destroyed(struct wltex_dmabuf_user *user)
{
	struct wltex_texture *texture = wltex_container_of(user, struct wltex_texture, user);

	/* On another thread the pair stays until the owner's own thread ends it. */
	if (core_texture_release(texture, WLTEX_REASON_BUFFER_DESTROYED) < 0)
		core_texture_drop_source(texture);
}

/* Whether a texture can count for owner. Returns 0 or an errno. */
static int check_owner(const struct wltex_context *context, const struct wltex_owner *owner)
{
	if (context == NULL)
		return EINVAL;
	if (!core_on_thread(context, "wltex_texture_create"))
		return EPERM;
	if (owner != NULL && (owner->ledger != context->ledger || owner->destroyed))
		return EINVAL;
	return 0;
}

WLTEX_EXPORT struct wltex_texture *wltex_texture_create(struct wltex_context *context,
	struct wltex_owner *owner, const struct wltex_texture_listener *listener, void *data)
{
	struct wltex_texture *texture;
	int error = check_owner(context, owner);

	if (error != 0) {
		errno = error;
		return NULL;
	}
	texture = calloc(1, sizeof(*texture));
	if (texture == NULL)
		return NULL;
	texture->context = context;
	texture->ledger = context->ledger;
	texture->owner = owner;
	wltex_owner_add_user(owner);
	texture->listener = listener;
	texture->data = data;
	pixman_region32_init(&texture->changed);
	pixman_region32_init(&texture->unseen);
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
			core_texture_release(texture, WLTEX_REASON_SURFACE_DESTROYED) < 0))
		return;
	wltex_list_remove(&texture->link);
	wltex_owner_remove_user(texture->owner);
	core_content_finish(&texture->content);
	pixman_region32_fini(&texture->changed);
	pixman_region32_fini(&texture->unseen);
	free(texture);
}

void core_texture_abandon(struct wltex_texture *texture)
{
	if (core_texture_has_pair(texture))
		wltex_error(&texture->context->logger,
			"texture %u of %s (pid %d) outlives its context: destroyed",
			texture->pair.name,
			texture->owner != NULL ? texture->owner->name : "no owner",
			texture->owner != NULL ? (int)texture->owner->pid : 0);
	if (core_texture_release(texture, WLTEX_REASON_SURFACE_DESTROYED) < 0) {
		/* Its GL context is in use on another thread: now or never. */
		core_texture_end_pair(texture, WLTEX_REASON_SURFACE_DESTROYED, NULL);
		core_texture_drop_source(texture);
	}
	wltex_list_remove(&texture->link);
	texture->context = NULL;
}

static bool is_reason(enum wltex_reason reason)
{
	return (unsigned)reason <= WLTEX_REASON_CONTEXT_LOST;
}

WLTEX_EXPORT int wltex_texture_release(struct wltex_texture *texture, enum wltex_reason reason)
{
	if (texture == NULL || !is_reason(reason))
		return -EINVAL;
	if (texture->context == NULL)
		return 0;
	if (!core_on_thread(texture->context, "wltex_texture_release"))
		return -EPERM;
	if (reason != WLTEX_REASON_RELEASED && reason != WLTEX_REASON_BUFFER_DESTROYED)
		core_content_forget(&texture->content);
	return core_texture_release(texture, reason);
}

WLTEX_EXPORT int wltex_dmabuf_release(struct wltex_dmabuf *dmabuf, enum wltex_reason reason)
{
	struct wltex_list *link;
	int ret = 0;

	if (dmabuf == NULL || !is_reason(reason))
		return -EINVAL;
	link = dmabuf->users.next;
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

WLTEX_EXPORT bool wltex_texture_peek(
	const struct wltex_texture *texture, struct wltex_texture_info *info)
{
	if (texture == NULL || !core_texture_has_pair(texture) ||
		!core_on_thread(texture->context, "wltex_texture_get"))
		return false;
	if (info == NULL)
		return true;
	*info = texture->shown;
	info->out_of_date = texture->waiting;
	return true;
}

WLTEX_EXPORT bool wltex_texture_get(struct wltex_texture *texture, struct wltex_texture_info *info)
{
	return texture != NULL && core_texture_catch_up(texture) >= 0 &&
	       wltex_texture_peek(texture, info);
}
