/* SPDX-License-Identifier: MIT */
#include <libweston/desktop.h>
#include <poll.h>

#include "ledger/ledger.h"
#include "weston/module.h"
#include "weston/shm.h"

/* What one commit brought, on its way through this file. */
struct content {
	struct weston_buffer *buffer;
	/* What the client claims, in buffer pixels. */
	pixman_region32_t claimed;
	/* Tiles that did change; NULL if there was nothing to compare with, or it is not known. */
	const pixman_region32_t *changed;
	pixman_region32_t shm_changed;
	uint64_t look_ns; // what it took to look at it
};

/* How much of the claim did change, as far as is known. */
static uint64_t get_true_px(const struct content *content)
{
	pixman_region32_t region;
	uint64_t area;

	if (content->changed == NULL)
		return core_region_area(&content->claimed);
	pixman_region32_init(&region);
	if (pixman_region32_intersect(&region, &content->claimed, content->changed))
		area = core_region_area(&region);
	else
		area = core_region_area(&content->claimed);
	pixman_region32_fini(&region);
	return area;
}

/* A dmabuf that cannot become a texture here counts as refused; nothing is kept. */
static void refuse(struct module_surface *surface, enum wltex_reason reason)
{
	struct module *module = surface->module;
	struct wltex_owner *owner = surface->client->owner;
	const struct wltex_event event = {
		.state = WLTEX_STATE_REFUSED,
		.reason = reason,
	};

	if (surface->texture != NULL)
		wltex_texture_release(surface->texture, WLTEX_REASON_REPLACED);
	wltex_ledger_commit(module->ledger, owner);
	wltex_ledger_refuse(module->ledger, owner);
	module_surface_tell(surface, &event);
}

/* Whether the client has a texture more than it may, with one of this surface's. */
static bool is_over_limit(struct module_surface *surface, const struct module_buffer *buffer)
{
	struct module_client *client = surface->client;
	struct wltex_texture_info info;
	uint64_t others;

	if (buffer != NULL && buffer->over_limit)
		return true;
	if (client->owner == NULL)
		return false;
	others = client->owner->counts.live_textures - wltex_texture_get(surface->texture, &info);
	return limit_check(client, LIMIT_TEXTURES, others + 1);
}

static void commit_dmabuf(struct module_surface *surface, struct wltex_track_buffer *buffer,
	const struct wltex_attach *options, struct content *content)
{
	struct wltex_attach attach = *options;
	struct wltex_attached attached;

	/* What a client wants shown on the display only is not for GL to read. */
	if (surface->texture == NULL || buffer->dmabuf == NULL || content->buffer->direct_display) {
		refuse(surface, WLTEX_REASON_INVALID);
		return;
	}
	if (is_over_limit(surface, buffer->user_data)) {
		refuse(surface, WLTEX_REASON_LIMIT);
		return;
	}
	attach.dmabuf = buffer->dmabuf;
	wltex_texture_attach(surface->texture, &attach, &attached);
	content->changed = attached.changed;
	content->look_ns = attached.look_ns;
}

/* The texture of a wl_shm buffer: a copy, made only where the integrator asked for it. */
static void commit_shm_texture(
	struct module_surface *surface, const struct wltex_attach *options, struct content *content)
{
	struct wl_shm_buffer *shm = content->buffer->shm_buffer;
	struct wltex_attach attach = *options;
	struct wltex_attached attached;
	struct wltex_pixels pixels;

	shm_get_pixels(shm, &pixels);
	attach.pixels = &pixels;
	wl_shm_buffer_begin_access(shm);
	wltex_texture_attach(surface->texture, &attach, &attached);
	content->changed = attached.changed;
	content->look_ns = attached.look_ns;
	wl_shm_buffer_end_access(shm);
}

static void commit_shm(
	struct module_surface *surface, const struct wltex_attach *options, struct content *content)
{
	struct module *module = surface->module;
	struct wl_shm_buffer *shm = content->buffer->shm_buffer;
	struct wltex_pixels pixels;
	uint32_t bytes_per_pixel = shm_get_pixels(shm, &pixels);
	enum core_change change;
	uint64_t begin_ns;

	if (bytes_per_pixel == 0 || (options->no_reading && !options->has_sum)) {
		core_content_forget(&surface->shm);
		return;
	}
	begin_ns = wltex_now_ns();
	wl_shm_buffer_begin_access(shm);
	change = options->has_sum
			 ? core_content_promise_pixels(
				   &surface->shm, &pixels, options->sum, &content->shm_changed)
			 : core_content_update_pixels(&surface->shm, &pixels, bytes_per_pixel,
				   &content->claimed, &content->shm_changed);
	wl_shm_buffer_end_access(shm);
	content->look_ns = wltex_now_ns() - begin_ns;
	if (change == CORE_SAME || change == CORE_CHANGED)
		content->changed = &content->shm_changed;
	wltex_ledger_damage(module->ledger, surface->client->owner,
		core_region_area(&content->claimed), get_true_px(content), change == CORE_SAME);
}

static bool is_excepted(const struct module_surface *surface)
{
	const char *names = surface->module->options.true_damage_except;
	struct weston_surface *main = weston_surface_get_main_surface(surface->surface);
	struct weston_desktop_surface *desktop;

	if (names == NULL)
		return false;
	if (options_list_has(names, surface->track->client->name))
		return true;
	desktop = weston_surface_get_desktop_surface(main);
	return desktop != NULL &&
	       (options_list_has(names, weston_desktop_surface_get_app_id(desktop)) ||
		       options_list_has(names, weston_desktop_surface_get_title(desktop)));
}

static void trim_damage(struct module_surface *surface, const struct content *content)
{
	struct module *module = surface->module;
	uint64_t request = wltex_track_is_committing(module->track) ? module->commit_requests : 0;
	const char *kept = damage_commit_applied(
		&surface->damage, surface->surface, request, content->changed);

	if (kept != NULL)
		module_surface_log(surface, "damage kept: %s", kept);
	else
		module_surface_log(surface, "damage of %ju px is %ju px",
			(uintmax_t)core_region_area(&content->claimed),
			(uintmax_t)get_true_px(content));
}

/*
 * Whether the client has finished drawing. A fence of the buffer itself is found when it is
 * read; but where a client gives one with the commit, the buffer may have none.
 */
static bool is_drawn(const struct weston_surface *surface)
{
	struct pollfd fence = {.fd = surface->acquire_fence_fd, .events = POLLIN};

	return fence.fd < 0 || (poll(&fence, 1, 0) == 1 && fence.revents == POLLIN);
}

/* Make the texture, if the buffer gets one, and find out what changed. */
static void look_at_content(struct module_surface *surface, bool look, struct content *content)
{
	struct wltex_track_buffer *tracked =
		wltex_track_get_buffer(surface->module->track, content->buffer->resource);
	bool shm =
		content->buffer->type == WESTON_BUFFER_SHM && content->buffer->shm_buffer != NULL;
	bool has_texture = surface->texture != NULL &&
			   (tracked != NULL || (shm && surface->module->options.shm_textures));
	struct wltex_attach options = {.damage = &content->claimed, .no_reading = !look};

	options.has_sum = wltex_server_take_sum(surface->track->resource, &options.sum);
	/* Texture and SHM content have sums of their own: those not used now go out of date. */
	if (surface->texture != NULL && !has_texture)
		wltex_texture_release(surface->texture, WLTEX_REASON_REPLACED);
	if (!shm || has_texture)
		core_content_forget(&surface->shm);

	module_surface_set_buffer(surface, tracked != NULL ? tracked->user_data : NULL);
	if (tracked != NULL) {
		commit_dmabuf(surface, tracked, &options, content);
	} else if (has_texture) {
		commit_shm_texture(surface, &options, content);
	} else if (shm) {
		commit_shm(surface, &options, content);
	}
}

/* Look at what was committed, if that pays, and pass the damage on. */
static void commit_content(struct module_surface *surface, struct content *content)
{
	const struct options *options = &surface->module->options;
	const struct policy_budget budget = {
		.commit_ns = (uint64_t)options->sum_budget_us * 1000,
		.second_ns = (uint64_t)options->sum_budget_percent * 10000000,
	};
	bool shm = content->buffer->type == WESTON_BUFFER_SHM;
	bool trim = options->true_damage && !is_excepted(surface);
	bool look = options->content_sums && (!shm || trim) && is_drawn(surface->surface) &&
		    policy_begin(&surface->policy);
	uint64_t claimed_px = core_region_area(&content->claimed), true_px;

	look_at_content(surface, look, content);
	true_px = get_true_px(content);
	if (look)
		policy_end(&surface->policy, &budget, content->changed != NULL, claimed_px, true_px,
			wltex_now_ns(), content->look_ns);
	surface->claimed_px += claimed_px;
	surface->true_px += true_px;
	surface->redundant += content->changed != NULL && true_px == 0;
	if (trim)
		trim_damage(surface, content);
	else
		damage_forget(&surface->damage);
}

static void detach(struct module_surface *surface)
{
	uint32_t sum;

	wltex_server_take_sum(surface->track->resource, &sum);
	module_surface_set_buffer(surface, NULL);
	if (surface->texture != NULL)
		wltex_texture_release(surface->texture, WLTEX_REASON_DETACHED);
	core_content_forget(&surface->shm);
	damage_forget(&surface->damage);
	pixman_region32_clear(&surface->claimed);
}

/*
 * What is claimed in a commit without a buffer was written to the buffer all the same: it
 * counts for the next commit that has one. Without memory for it, everything is claimed.
 */
static void add_claim(struct module_surface *surface, struct wltex_track_commit *commit)
{
	pixman_region32_t *claimed = &surface->claimed;

	if (!pixman_region32_union(claimed, claimed, &commit->damage_buffer) ||
		!damage_add_surface_region(claimed, surface->surface, &commit->damage_surface))
		pixman_region32_reset(claimed, &(pixman_box32_t){0, 0, INT32_MAX, INT32_MAX});
	if (pixman_region32_n_rects(claimed) > WLTEX_TRACK_MAX_RECTS)
		pixman_region32_reset(claimed, pixman_region32_extents(claimed));
}

static void take_claim(struct module_surface *surface, struct content *content)
{
	const struct weston_buffer *buffer = content->buffer;

	if (!pixman_region32_intersect_rect(&content->claimed, &surface->claimed, 0, 0,
		    (unsigned)buffer->width, (unsigned)buffer->height))
		pixman_region32_reset(
			&content->claimed, &(pixman_box32_t){0, 0, buffer->width, buffer->height});
	pixman_region32_clear(&surface->claimed);
}

/* Whether another order of sub-surfaces waits to be applied with the surface's next state. */
static bool is_restacked(const struct weston_surface *surface)
{
	const struct wl_list *now = surface->subsurface_list.next;
	const struct wl_list *then = surface->subsurface_list_pending.next;

	while (now != &surface->subsurface_list && then != &surface->subsurface_list_pending) {
		const struct weston_subsurface *a = wl_container_of(now, a, parent_link);
		const struct weston_subsurface *b = wl_container_of(then, b, parent_link_pending);
		if (a != b)
			return true;
		now = now->next;
		then = then->next;
	}
	return false;
}

/* As deep as Weston itself goes into the same tree. NOLINTNEXTLINE(misc-no-recursion) */
static void doubt_recursive(struct weston_surface *weston)
{
	struct module_surface *surface = module_surface_from_weston(weston);
	struct weston_subsurface *sub;

	if (surface != NULL)
		damage_doubt(&surface->damage, weston);
	wl_list_for_each (sub, &weston->subsurface_list, parent_link) {
		if (sub->surface != weston)
			doubt_recursive(sub->surface);
	}
}

/*
 * The state counts now: this comes for the surface's own commits, and for those of a
 * synchronized sub-surface when its parent's are applied.
 */
void module_surface_commit(struct module_surface *surface)
{
	struct content content = {.buffer = surface->surface->buffer_ref.buffer};
	struct wltex_track_commit commit;

	pixman_region32_init(&content.claimed);
	pixman_region32_init(&content.shm_changed);
	wltex_track_surface_take_commit(surface->track, &commit);
	if (is_restacked(surface->surface))
		doubt_recursive(surface->surface);
	if (content.buffer != NULL)
		add_claim(surface, &commit);
	/* The wl_buffer may have been destroyed since it was attached. */
	if (commit.attached && (content.buffer == NULL || content.buffer->resource == NULL)) {
		detach(surface);
	} else if (commit.attached && content.buffer->resource == commit.buffer) {
		take_claim(surface, &content);
		commit_content(surface, &content);
	} else {
		damage_state_applied(&surface->damage, surface->surface);
	}
	wltex_track_commit_finish(&commit);
	pixman_region32_fini(&content.claimed);
	pixman_region32_fini(&content.shm_changed);
}

/* As doubt_recursive. NOLINTNEXTLINE(misc-no-recursion) */
static void request_recursive(struct weston_surface *weston, struct module *module)
{
	struct module_surface *surface = module_surface_from_weston(weston);
	struct weston_subsurface *sub;

	/*
	 * Weston 14 damages a sub-surface that is restacked, but not what is seen in its place
	 * once it is lowered: that stays as it was until it is claimed.
	 */
	if (is_restacked(weston))
		doubt_recursive(weston);
	if (surface != NULL)
		damage_commit_requested(&surface->damage, weston, module->commit_requests);
	wl_list_for_each (sub, &weston->subsurface_list, parent_link) {
		if (sub->surface != weston)
			request_recursive(sub->surface, module);
	}
}

void module_surface_commit_requested(struct module_surface *surface)
{
	if (surface->module->options.true_damage)
		request_recursive(surface->surface, surface->module);
}
