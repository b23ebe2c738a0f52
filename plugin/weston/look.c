/* SPDX-License-Identifier: MIT */
#include "core/content.h"
#include "weston/look.h"

/* What is drawn of the surface may be anything: nothing is known. */
static void forget_all(struct module_surface *surface)
{
	wltex_surface_forget(surface->session, NULL);
}

void look_note_buffer_destroyed(struct module_surface *surface)
{
	struct look *look = &surface->look;

	look->buffer = NULL;
	look->other_buffer = true;
	/* Whether it is flushed without us is not seen. */
	if (wl_list_empty(&look->watched_link))
		look->left_over = surface->module->gl_renderer;
	/* pixman draws the surface no more from now on, though nothing tells so. */
	if (!surface->module->gl_renderer)
		forget_all(surface);
}

void look_init(struct look *look)
{
	wl_list_init(&look->watched_link);
	pixman_region32_init(&look->flushed);
	pixman_region32_init(&look->changed);
}

static void watch(struct module_surface *surface)
{
	if (wl_list_empty(&surface->look.watched_link))
		wl_list_insert(&surface->module->watched, &surface->look.watched_link);
}

static void unwatch(struct look *look)
{
	wl_list_remove(&look->watched_link);
	wl_list_init(&look->watched_link);
}

void look_finish(struct look *look)
{
	unwatch(look);
	pixman_region32_fini(&look->flushed);
	pixman_region32_fini(&look->changed);
}

/* Whether Weston reads the buffer each time that it draws, and not a copy. */
static bool is_read_directly(const struct module_surface *surface)
{
	const struct weston_buffer *buffer = surface->surface->buffer_ref.buffer;

	return !surface->module->gl_renderer || buffer == NULL || buffer->type != WESTON_BUFFER_SHM;
}

void look_note_commit(struct module_surface *surface, bool wanted)
{
	struct look *look = &surface->look;
	struct wl_resource *buffer = surface->surface->buffer_ref.buffer->resource;

	look_note_state(surface);
	if (wanted)
		watch(surface);
	if (look->buffer != buffer) {
		look->other_buffer = true;
		look->buffer = buffer;
	}
}

/* As deep as Weston itself goes into the same tree. NOLINTNEXTLINE(misc-no-recursion) */
static void forget_tree(struct weston_surface *weston)
{
	struct module_surface *surface = module_surface_from_weston(weston);
	struct weston_subsurface *sub;

	if (surface != NULL)
		forget_all(surface);
	wl_list_for_each (sub, &weston->subsurface_list, parent_link) {
		if (sub->surface != weston)
			forget_tree(sub->surface);
	}
}

void look_note_state(struct module_surface *surface)
{
	struct look *look = &surface->look;

	/*
	 * Weston redraws a sub-surface that changes places, but not what is seen in its place
	 * once it is lowered: that stays as it was until it is claimed.
	 */
	if (look->restacked)
		forget_tree(surface->surface);
	look->restacked = false;
	if (surface->surface->buffer_ref.buffer != NULL &&
		damage_geometry_update(&look->geometry, surface->surface))
		forget_all(surface);
}

/*
 * Whether to look at what is not claimed, too. Clients that claim nearly all of each of their
 * buffers in turn leave little to read; of others it is not worth it to know.
 */
static bool wants_others(const struct module_surface *surface, const pixman_region32_t *claimed)
{
	const struct weston_buffer *buffer = surface->surface->buffer_ref.buffer;
	uint64_t all = (uint64_t)buffer->width * (uint64_t)buffer->height;

	return surface->look.other_buffer && is_read_directly(surface) &&
	       core_region_area(claimed) >= all / 2 && wltex_surface_is_known(surface->session);
}

/*
 * Of a view that is more than moved, sub-surfaces' included, Weston draws all within the extents
 * of its damage.
 */
static bool is_drawn_to_extents(const struct module_surface *surface)
{
	const struct weston_view *view;

	if (pixman_region32_n_rects((pixman_region32_t *)&surface->look.flushed) == 1 ||
		!is_read_directly(surface))
		return false;
	wl_list_for_each (view, &surface->surface->views, surface_link) {
		if (view->transform.enabled)
			return true;
	}
	return false;
}

/* What Weston is going to read, in buffer pixels. */
static void get_claim(const struct module_surface *surface, pixman_region32_t *claimed)
{
	pixman_region32_t *flushed = (pixman_region32_t *)&surface->look.flushed;
	pixman_region32_t extents;

	if (!is_drawn_to_extents(surface)) {
		damage_add_surface_region(claimed, surface->surface, flushed);
		return;
	}
	pixman_region32_init_with_extents(&extents, pixman_region32_extents(flushed));
	damage_add_surface_region(claimed, surface->surface, &extents);
	pixman_region32_fini(&extents);
}

/* Whether region reaches beyond other, as far as is known. */
static bool reaches_beyond(const pixman_region32_t *region, const pixman_region32_t *other)
{
	pixman_region32_t rest;
	bool result;

	pixman_region32_init(&rest);
	result = !pixman_region32_subtract(
			 &rest, (pixman_region32_t *)region, (pixman_region32_t *)other) ||
		 pixman_region32_not_empty(&rest);
	pixman_region32_fini(&rest);
	return result;
}

/*
 * Cut the damage down to where the change is seen. Where a change beyond the claim would be
 * drawn, the claim is as it was: cut, it might be drawn no more.
 */
static void cut_damage(struct module_surface *surface)
{
	struct weston_surface *weston = surface->surface;
	struct look *look = &surface->look;
	pixman_region32_t cut;

	if (is_drawn_to_extents(surface) && reaches_beyond(&look->changed, &look->flushed))
		return;
	pixman_region32_init(&cut);
	if (!pixman_region32_intersect(&cut, &look->changed, &weston->damage)) {
		pixman_region32_fini(&cut);
		return;
	}
	/* Moved, not copied: Weston's own region is never one that failed. */
	pixman_region32_fini(&weston->damage);
	weston->damage = cut;
}

static bool is_inside(const pixman_region32_t *region, const struct weston_surface *surface)
{
	const pixman_box32_t *box = pixman_region32_extents((pixman_region32_t *)region);

	return box->x1 >= 0 && box->y1 >= 0 && box->x2 <= surface->width &&
	       box->y2 <= surface->height;
}

/* Why there is no way from the damage to the pixels and back; NULL: there is one. */
static const char *why_not(const struct module_surface *surface)
{
	const struct weston_surface *weston = surface->surface;
	const struct weston_buffer *buffer = weston->buffer_ref.buffer;

	if (buffer == NULL || buffer->resource == NULL)
		return "the buffer is gone";
	/*
	 * gl-renderer draws these wrongly where it draws to a framebuffer object: one row of
	 * them everywhere.
	 */
	if (buffer->buffer_origin != ORIGIN_TOP_LEFT)
		return "upside down";
	if (!damage_is_mapped(weston))
		return "size out of all proportion";
	/* Claimed before the size became another one. */
	if (!is_inside(&surface->look.flushed, weston))
		return "damage beyond the surface";
	if (pixman_region32_n_rects((pixman_region32_t *)&weston->damage) > DAMAGE_MAX_RECTS)
		return "too many rectangles";
	return NULL;
}

static bool take_look(struct module_surface *surface)
{
	struct look *look = &surface->look;
	pixman_region32_t claimed, changed;
	struct wltex_look what = {
		.source = module_surface_get_source(surface),
		.claimed = &claimed,
	};
	int ret;

	pixman_region32_init(&claimed);
	pixman_region32_init(&changed);
	get_claim(surface, &claimed);
	what.others = wants_others(surface, &claimed);
	ret = wltex_surface_look(surface->session, &what, &changed);
	if (ret >= 0)
		damage_add_buffer_region(
			&look->changed, surface->surface, look->geometry.filtered, &changed);
	if (ret > 0)
		cut_damage(surface);
	pixman_region32_fini(&claimed);
	pixman_region32_fini(&changed);
	return ret >= 0;
}

static void begin_flush(struct module_surface *surface, const struct weston_output *output)
{
	struct look *look = &surface->look;
	const char *why = why_not(surface);

	look->output = output;
	look->looked = why == NULL && take_look(surface);
	if (why != NULL)
		wltex_surface_skip_look(surface->session, why);
}

/* Add to what is claimed; without memory for it, all is. */
static void add_damage(struct weston_surface *weston, pixman_region32_t *region)
{
	pixman_region32_t whole;

	pixman_region32_init(&whole);
	if (pixman_region32_union(&whole, &weston->damage, region) &&
		pixman_region32_intersect_rect(
			&whole, &whole, 0, 0, (unsigned)weston->width, (unsigned)weston->height)) {
		pixman_region32_fini(&weston->damage);
		weston->damage = whole;
	} else {
		pixman_region32_fini(&whole);
		pixman_region32_fini(&weston->damage);
		pixman_region32_init_rect(
			&weston->damage, 0, 0, (unsigned)weston->width, (unsigned)weston->height);
	}
}

void look_draw_after_all(struct module_surface *surface, const pixman_region32_t *region)
{
	struct weston_surface *weston = surface->surface;
	struct weston_output *output;
	pixman_region32_t damage;

	if (weston->buffer_ref.buffer == NULL)
		return;
	pixman_region32_init(&damage);
	damage_add_buffer_region(&damage, weston, surface->look.geometry.filtered, region);
	add_damage(weston, &damage);
	pixman_region32_fini(&damage);
	watch(surface);
	wl_list_for_each (output, &weston->compositor->output_list, link) {
		if (weston->output_mask & 1u << output->id)
			weston_output_schedule_repaint(output);
	}
}

/* The repaint that this was prepared for did not flush it: all of it is still to be drawn. */
static void put_back(struct module_surface *surface)
{
	forget_all(surface);
	if (surface->look.looked)
		add_damage(surface->surface, &surface->look.flushed);
}

static void end_flush(struct module_surface *surface)
{
	struct look *look = &surface->look;

	look->output = NULL;
	look->looked = look->other_buffer = false;
	wltex_surface_drop_look(surface->session);
	pixman_region32_clear(&look->flushed);
	pixman_region32_clear(&look->changed);
}

/* What is going to be flushed; it may be more, where nothing is going to be cut. */
static bool note_flushed(struct look *look, pixman_region32_t *damage)
{
	if (pixman_region32_n_rects(damage) <= DAMAGE_MAX_RECTS)
		return pixman_region32_copy(&look->flushed, damage);
	pixman_region32_reset(&look->flushed, pixman_region32_extents(damage));
	return true;
}

void look_prepare(struct module_surface *surface, const struct weston_output *output)
{
	struct weston_surface *weston = surface->surface;
	struct look *look = &surface->look;

	if (look->output == output) {
		put_back(surface);
		end_flush(surface);
	}
	if (look->output != NULL)
		return;
	/* Weston 15 and 16 do not draw what comes back to an output until it is claimed. */
	if (weston->output_mask & ~look->outputs)
		forget_all(surface);
	look->outputs = weston->output_mask;
	if (weston->output_mask == 0) {
		forget_all(surface);
		wltex_surface_end_looks(surface->session);
		unwatch(look);
		return;
	}
	if (!(weston->output_mask & 1u << output->id))
		return;
	if (!pixman_region32_not_empty(&weston->damage))
		wltex_surface_drawn_unchanged(surface->session);
	else if (note_flushed(look, &weston->damage))
		begin_flush(surface, output);
	else
		forget_all(surface);
	if (look->output == NULL && !wltex_surface_is_known(surface->session))
		unwatch(look);
}

/*
 * Of what was looked at, the claims are read now. Where a change is seen beyond them, there is a
 * mix of old and new.
 */
static void settle(struct module_surface *surface)
{
	struct look *look = &surface->look;
	pixman_region32_t beyond, buffer;

	wltex_surface_settle(surface->session);
	pixman_region32_init(&beyond);
	pixman_region32_init(&buffer);
	if (pixman_region32_subtract(&beyond, &look->changed, &look->flushed)) {
		damage_add_surface_region(&buffer, surface->surface, &beyond);
		wltex_surface_forget(surface->session, &buffer);
	} else {
		forget_all(surface);
	}
	/* Of another buffer, what was not looked at may be anything. */
	if (look->other_buffer && is_read_directly(surface)) {
		pixman_region32_reset(&buffer, &(pixman_box32_t){0, 0, INT32_MAX, INT32_MAX});
		wltex_surface_forget_unlooked(surface->session, &buffer);
	}
	pixman_region32_fini(&beyond);
	pixman_region32_fini(&buffer);
}

/* What was flushed without a look is not known. */
static void forget_flushed(struct module_surface *surface)
{
	pixman_region32_t buffer;

	if (surface->surface->buffer_ref.buffer == NULL) {
		forget_all(surface);
		return;
	}
	pixman_region32_init(&buffer);
	damage_add_surface_region(&buffer, surface->surface, &surface->look.flushed);
	wltex_surface_forget(surface->session, &buffer);
	pixman_region32_fini(&buffer);
	/* The buffer is another one, and was not looked at. */
	if (is_read_directly(surface))
		forget_all(surface);
}

/* What Weston read of the buffer itself, without our having looked at it, is not known. */
static void forget_drawn(struct module_surface *surface, const pixman_region32_t *drawn)
{
	pixman_region32_t buffer;
	struct weston_view *view;

	if (!is_read_directly(surface) || !wltex_surface_is_known(surface->session))
		return;
	if (surface->surface->buffer_ref.buffer == NULL) {
		forget_all(surface);
		return;
	}
	pixman_region32_init(&buffer);
	wl_list_for_each (view, &surface->surface->views, surface_link)
		damage_add_global_region(&buffer, view, drawn);
	wltex_surface_forget_unlooked(surface->session, &buffer);
	pixman_region32_fini(&buffer);
}

/* The renderer has taken what was flushed; what it made of it is known where we looked. */
static void end_upload(struct module_surface *surface)
{
	const struct weston_buffer *buffer = surface->surface->buffer_ref.buffer;
	struct look *look = &surface->look;
	bool gone = buffer == NULL || buffer->resource == NULL;

	if (look->looked && !look->left_over)
		settle(surface);
	else
		forget_flushed(surface);
	if (look->left_over)
		forget_all(surface);
	look->left_over = gone && surface->module->gl_renderer;
}

void look_settle(struct module_surface *surface, const struct weston_output *output,
	const pixman_region32_t *drawn, bool done)
{
	struct look *look = &surface->look;
	bool flushed = !pixman_region32_not_empty(&surface->surface->damage);

	if (look->output == output) {
		if (!flushed)
			put_back(surface);
		else if (!done)
			forget_all(surface);
		else
			end_upload(surface);
	}
	if (surface->surface->output_mask & 1u << output->id)
		forget_drawn(surface, drawn);
	if (look->output == output)
		end_flush(surface);
}

void look_output_gone(struct module_surface *surface, const struct weston_output *output)
{
	if (surface->look.output != output)
		return;
	put_back(surface);
	end_flush(surface);
}

bool look_is_drawn(const struct module_surface *surface, const struct weston_output *output)
{
	const struct look *look = &surface->look;

	return look->output == output &&
	       (!look->looked || pixman_region32_not_empty((pixman_region32_t *)&look->changed));
}
