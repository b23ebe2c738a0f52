/* SPDX-License-Identifier: MIT */
#include <libweston/desktop.h>
#include <string.h>

#include "session/session.h"
#include "weston/look.h"
#include "weston/module.h"

static bool is_excepted(const struct module_surface *surface)
{
	const char *names = surface->module->session->options.true_damage_except;
	struct weston_desktop_surface *desktop;

	if (names == NULL)
		return false;
	if (options_list_has(names, surface->session->track->client->name))
		return true;
	desktop = weston_surface_get_desktop_surface(
		weston_surface_get_main_surface(surface->surface));
	return desktop != NULL &&
	       (options_list_has(names, weston_desktop_surface_get_app_id(desktop)) ||
		       options_list_has(names, weston_desktop_surface_get_title(desktop)));
}

/* Weston uploads and draws these in other ways, and there is little to be saved. */
static bool is_cursor(const struct weston_surface *surface)
{
	return surface->role_name != NULL && strcmp(surface->role_name, "wl_pointer-cursor") == 0;
}

static bool may_trim(const struct module_surface *surface)
{
	const struct options *options = &surface->module->session->options;

	return options->content_sums && options->true_damage && !is_cursor(surface->surface) &&
	       !is_excepted(surface);
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

/* The claim, cut to the buffer; nothing is claimed any more then. */
static void take_claim(struct module_surface *surface, const struct wltex_source *source,
	pixman_region32_t *claimed)
{
	if (!pixman_region32_intersect_rect(claimed, &surface->claimed, 0, 0,
		    (unsigned)source->width, (unsigned)source->height))
		pixman_region32_reset(
			claimed, &(pixman_box32_t){0, 0, source->width, source->height});
	pixman_region32_clear(&surface->claimed);
}

static void apply(struct module_surface *surface, const struct wltex_source *source)
{
	struct wltex_applied applied = {.source = *source, .trim = may_trim(surface)};
	struct wltex_verdict verdict;
	pixman_region32_t claimed;

	pixman_region32_init(&claimed);
	take_claim(surface, source, &claimed);
	applied.claimed = &claimed;
	wltex_surface_apply(surface->session, &applied, &verdict);
	look_note_commit(surface, verdict.look);
	pixman_region32_fini(&claimed);
}

static void detach(struct module_surface *surface)
{
	const struct wltex_applied nothing = {.source = {.acquire_fence = -1}};
	struct wltex_verdict verdict;

	wltex_surface_apply(surface->session, &nothing, &verdict);
	pixman_region32_clear(&surface->claimed);
}

/*
 * The state counts now: this comes for the surface's own commits, and for those of a
 * synchronized sub-surface when its parent's are applied.
 */
void module_surface_commit(struct module_surface *surface)
{
	const struct wltex_source source = module_surface_get_source(surface);
	struct wltex_track_commit commit;

	wltex_track_surface_take_applied(surface->session->track, source.buffer, &commit);
	if (surface->surface->buffer_ref.buffer != NULL)
		add_claim(surface, &commit);
	/* The wl_buffer may have been destroyed since it was attached. */
	if (commit.attached && source.buffer == NULL)
		detach(surface);
	else if (commit.attached && source.buffer == commit.buffer)
		apply(surface, &source);
	else
		look_note_state(surface);
	wltex_track_commit_finish(&commit);
}
