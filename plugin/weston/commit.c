/* SPDX-License-Identifier: MIT */
#include <libweston/desktop.h>
#include <poll.h>

#include <string.h>

#include "core/content.h"
#include "ledger/ledger.h"
#include "weston/look.h"
#include "weston/shm.h"

/* For what a look will cost: of most buffers. */
#define BYTES_PER_PIXEL 4

/* What one commit brought, on its way through this file. */
struct content {
	struct weston_buffer *buffer;
	/* What the client claims, in buffer pixels. */
	pixman_region32_t claimed;
	/* The sum that the client says it has. */
	bool promised;
	uint32_t promise;
	/* Its damage is cut at the next repaint, which counts it, too. */
	bool trim;
	/* Whether a look may be taken, and pays. */
	bool look;
	/* Tiles that its texture found to have changed; NULL: not known. */
	const pixman_region32_t *changed;
};

/* A dmabuf that cannot become a texture here counts as refused; nothing is kept. */
static void refuse(struct module_surface *surface, enum wltex_reason reason, const char *message)
{
	struct module *module = surface->module;
	struct wltex_owner *owner = surface->client->owner;
	const struct wltex_event event = {
		.state = WLTEX_STATE_REFUSED,
		.reason = reason,
		.message = message,
	};

	if (surface->texture != NULL)
		wltex_texture_release(surface->texture, WLTEX_REASON_REPLACED);
	wltex_ledger_commit(module->ledger, owner);
	wltex_ledger_refuse(module->ledger, owner);
	module_surface_tell(surface, &event);
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

/* Whether the texture may look at the buffer, to find out whether it is to be made again. */
static bool may_read(const struct module_surface *surface, const struct content *content)
{
	const struct core_shown_look look = {.claimed = &content->claimed};
	const struct weston_buffer *buffer = content->buffer;
	/* Whoever wants a texture wants to know what changed, too. */
	bool wanted = content->look || policy_is_small(core_region_area(&content->claimed));

	return wanted && surface->module->options.content_sums && is_drawn(surface->surface) &&
	       budget_fits_share(&surface->module->budget, &surface->client->looks,
		       core_shown_get_look_bytes(&look, (uint32_t)buffer->width,
			       (uint32_t)buffer->height, BYTES_PER_PIXEL),
		       wltex_now_ns());
}

/* So many commits in a row that somebody asked for: the next will be asked for, too. */
#define ASKED_COMMITS 3

/* Whether somebody is known to want the texture of this commit. */
static bool is_wanted(struct module_surface *surface)
{
	struct module *module = surface->module;

	surface->asked_commits = surface->asked ? surface->asked_commits + 1 : 0;
	surface->asked = false;
	if (module->options.textures != TEXTURES_AUTO)
		return module->options.textures == TEXTURES_AT_COMMIT;
	return !wl_list_empty(&module->texture_created.listener_list) ||
	       surface->asked_commits >= ASKED_COMMITS ||
	       wltex_server_is_watched(surface->track->resource);
}

/* Attach the source, with what the commit says of it. */
static void attach(struct module_surface *surface, struct content *content,
	struct wltex_dmabuf *dmabuf, const struct wltex_pixels *pixels)
{
	const struct wltex_attach attach = {
		.dmabuf = dmabuf,
		.pixels = pixels,
		.damage = &content->claimed,
		.has_sum = content->promised,
		.sum = content->promise,
		.no_reading = !may_read(surface, content),
		.no_damage_count = true,
		.when = pixels != NULL || is_wanted(surface) ? WLTEX_AT_ATTACH : WLTEX_ON_ACCESS,
	};
	struct wltex_attached attached;

	wltex_texture_attach(surface->texture, &attach, &attached);
	content->changed = attached.changed;
	budget_spend_share(&surface->client->looks, attached.look_ns);
}

static void commit_dmabuf(
	struct module_surface *surface, struct wltex_track_buffer *buffer, struct content *content)
{
	/* What a client wants shown on the display only is not for GL to read. */
	if (buffer->dmabuf == NULL || content->buffer->direct_display) {
		refuse(surface, WLTEX_REASON_INVALID,
			buffer->dmabuf == NULL ? wltex_dmabuf_error_message(buffer->error)
					       : "for the display only");
		return;
	}
	if (!module_surface_has_texture(surface)) {
		refuse(surface, WLTEX_REASON_INVALID, "no textures are made here");
		return;
	}
	if (module_surface_is_over_limit(surface, buffer->user_data)) {
		refuse(surface, WLTEX_REASON_LIMIT, "over a limit");
		return;
	}
	attach(surface, content, buffer->dmabuf, NULL);
}

/* The texture of a wl_shm buffer: a copy, made only where the integrator asked for it. */
static void commit_shm_texture(struct module_surface *surface, struct content *content)
{
	struct wl_shm_buffer *shm = content->buffer->shm_buffer;
	struct wltex_pixels pixels;

	shm_get_pixels(shm, &pixels);
	wl_shm_buffer_begin_access(shm);
	attach(surface, content, NULL, &pixels);
	wl_shm_buffer_end_access(shm);
}

static bool is_excepted(const struct module_surface *surface)
{
	const char *names = surface->module->options.true_damage_except;
	struct weston_desktop_surface *desktop;

	if (names == NULL)
		return false;
	if (options_list_has(names, surface->track->client->name))
		return true;
	desktop = weston_surface_get_desktop_surface(
		weston_surface_get_main_surface(surface->surface));
	return desktop != NULL &&
	       (options_list_has(names, weston_desktop_surface_get_app_id(desktop)) ||
		       options_list_has(names, weston_desktop_surface_get_title(desktop)));
}

/* Make the texture, if the buffer gets one. */
static void commit_texture(struct module_surface *surface, struct content *content)
{
	struct wltex_track_buffer *tracked =
		wltex_track_get_buffer(surface->module->track, content->buffer->resource);
	bool shm = content->buffer->type == WESTON_BUFFER_SHM &&
		   content->buffer->shm_buffer != NULL && surface->module->options.shm_textures &&
		   !surface->track->client->has_foreign_pool;

	module_surface_set_buffer(surface, tracked != NULL ? tracked->user_data : NULL);
	if (tracked != NULL)
		commit_dmabuf(surface, tracked, content);
	else if (shm && module_surface_has_texture(surface))
		commit_shm_texture(surface, content);
	else if (surface->texture != NULL)
		wltex_texture_release(surface->texture, WLTEX_REASON_REPLACED);
}

/* Weston uploads and draws these in other ways, and there is little to be saved. */
static bool is_cursor(const struct weston_surface *surface)
{
	return surface->role_name != NULL && strcmp(surface->role_name, "wl_pointer-cursor") == 0;
}

/* What the texture found out counts where nobody looks at the repaint. */
static void note_commit(struct module_surface *surface, const struct content *content)
{
	struct look_commit commit = {
		.claimed_px = core_region_area(&content->claimed),
		.wanted = content->trim && content->look,
		.promised = content->promised,
		.promise = content->promise,
	};

	commit.true_px = look_get_true_px(content->changed, &content->claimed);
	commit.same = content->changed != NULL && commit.true_px == 0;
	if (!content->trim && content->look)
		policy_end(&surface->policy, content->changed != NULL, commit.claimed_px,
			commit.true_px, wltex_now_ns());
	look_note_commit(surface, &commit);
}

static void commit_content(struct module_surface *surface, struct content *content)
{
	const struct options *options = &surface->module->options;

	content->promised = wltex_server_take_sum(surface->track->resource, &content->promise);
	content->trim = options->content_sums && options->true_damage &&
			!is_cursor(surface->surface) && !is_excepted(surface);
	content->look =
		options->content_sums &&
		policy_begin(&surface->policy, core_region_area(&content->claimed), wltex_now_ns());
	commit_texture(surface, content);
	note_commit(surface, content);
}

static void detach(struct module_surface *surface)
{
	uint32_t sum;

	wltex_server_take_sum(surface->track->resource, &sum);
	module_surface_set_buffer(surface, NULL);
	if (surface->texture != NULL)
		wltex_texture_release(surface->texture, WLTEX_REASON_DETACHED);
	look_note_detach(surface);
	pixman_region32_clear(&surface->claimed);
}

/*
 * What is claimed in a commit without a buffer was written to the buffer all the same: it
 * counts for the next commit that has one. Without memory for it, everything is claimed.
 */
static void add_claim(struct module_surface *surface, struct wltex_track_commit *commit)
{
	pixman_region32_t *claimed = &surface->claimed;

	if (!pixman_region32_union(claimed, claimed, &commit->damage_buffer))
		pixman_region32_reset(claimed, &(pixman_box32_t){0, 0, INT32_MAX, INT32_MAX});
	damage_add_surface_region(claimed, surface->surface, &commit->damage_surface);
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

/*
 * The state counts now: this comes for the surface's own commits, and for those of a
 * synchronized sub-surface when its parent's are applied.
 */
void module_surface_commit(struct module_surface *surface)
{
	struct content content = {.buffer = surface->surface->buffer_ref.buffer};
	struct wltex_track_commit commit;

	pixman_region32_init(&content.claimed);
	wltex_track_surface_take_commit(surface->track, &commit);
	if (content.buffer != NULL)
		add_claim(surface, &commit);
	/* The wl_buffer may have been destroyed since it was attached. */
	if (commit.attached && (content.buffer == NULL || content.buffer->resource == NULL)) {
		detach(surface);
	} else if (commit.attached && content.buffer->resource == commit.buffer) {
		take_claim(surface, &content);
		commit_content(surface, &content);
	} else {
		look_note_state(surface);
	}
	wltex_track_commit_finish(&commit);
	pixman_region32_fini(&content.claimed);
}
