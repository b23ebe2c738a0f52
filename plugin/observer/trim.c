/* SPDX-License-Identifier: MIT */
#include <wayland-server-protocol.h>

#include "core/content.h"
#include "dmabuf/dmabuf.h"
#include "observer/trim.h"
#include "session/session.h"

/* Of a tile, or a cursor, there is nothing to be saved. */
#define MIN_PX (UINT64_C(64) * 64 + 1)
/* Of more rectangles than that the claim is simpler. */
#define MAX_RECTS 64
/* A pixel may be seen beside its place: where it is scaled, by one. */
#define AROUND_PX 2
/* There is no telling when the compositor repaints. */
#define REPAINT_NS UINT64_C(16000000)

bool trim_is_wanted(const struct wltex_surface *surface)
{
	const struct options *options = &surface->session->options;

	return options->true_damage && options->content_sums &&
	       !options_list_has(options->true_damage_except, surface->track->client->name);
}

/* What it is, and whether the compositor has it still from a commit before. */
static void find_source(struct trim *trim, const struct surface *surface)
{
	struct wltex_track *track = surface->session->session->track;
	struct wl_resource *buffer = surface->pending.resource;
	struct wltex_track_buffer *dmabuf = wltex_track_get_buffer(track, buffer);
	struct wltex_track_shm_buffer *shm = wltex_track_get_shm_buffer(track, buffer);
	const struct session_buffer *listed = NULL;

	trim->source = (struct wltex_source){.buffer = buffer, .acquire_fence = -1};
	if (dmabuf != NULL && dmabuf->dmabuf != NULL) {
		trim->source.width = dmabuf->dmabuf->attributes.width;
		trim->source.height = dmabuf->dmabuf->attributes.height;
		listed = dmabuf->user_data;
	} else if (shm != NULL) {
		trim->source.shm = wl_shm_buffer_get(buffer);
		trim->source.width = shm->width;
		trim->source.height = shm->height;
		listed = shm->user_data;
	}
	trim->was_held = listed == NULL || listed->held;
}

void trim_init(struct trim *trim, const struct surface *surface)
{
	find_source(trim, surface);
	trim->geometry = (struct claim_geometry){
		.width = trim->source.width,
		.height = trim->source.height,
		.scale = surface->scale,
		.transform = surface->transform,
		.viewport = surface->objects[OBJECT_VIEWPORT].id != 0,
	};
	pixman_region32_init(&trim->claimed);
	trim->exact = claims_get_region(&surface->claims, &trim->geometry, &trim->claimed);
}

void trim_finish(struct trim *trim)
{
	pixman_region32_fini(&trim->claimed);
}

/* wl_surface.damage_buffer is there, or the same as damage. */
static bool can_tell(const struct trim *trim, const struct surface *surface)
{
	return wl_resource_get_version(surface->resource) >=
		       WL_SURFACE_DAMAGE_BUFFER_SINCE_VERSION ||
	       (trim->geometry.scale == 1 && trim->geometry.transform == 0 &&
		       !trim->geometry.viewport);
}

static bool is_excepted(const struct surface *surface)
{
	const char *names = surface->session->session->options.true_damage_except;

	return names != NULL && (options_list_has(names, surface->label.app_id) ||
					options_list_has(names, surface->label.title));
}

/* Clients that claim little are left alone: the rest would have to be looked at as well. */
static bool may_look(const struct trim *trim, const struct surface *surface)
{
	uint64_t claimed_px = core_region_area(&trim->claimed);
	uint64_t all_px = (uint64_t)trim->source.width * (uint64_t)trim->source.height;

	return trim->exact && claimed_px >= MIN_PX && claimed_px >= all_px / 2 && !trim->was_held &&
	       !surface->lost && surface->stirred == 0 && !surface->is_subsurface &&
	       !surface->explicit_sync && can_tell(trim, surface) &&
	       surface_holds_claims(surface) && !is_excepted(surface);
}

static void begin_repaint(struct observer *observer)
{
	uint64_t now_ns = wltex_now_ns();

	if (now_ns - observer->repaint_ns < REPAINT_NS)
		return;
	observer->repaint_ns = now_ns;
	wltex_session_begin_repaint(observer->session);
}

/* Of a tile that changed, what is not claimed is not read: it is a mix then. */
static void settle(
	struct wltex_surface *surface, const struct trim *trim, const pixman_region32_t *changed)
{
	pixman_region32_t rest;

	wltex_surface_settle(surface);
	wltex_surface_drop_look(surface);
	pixman_region32_init(&rest);
	if (!pixman_region32_subtract(
		    &rest, (pixman_region32_t *)changed, (pixman_region32_t *)&trim->claimed))
		wltex_surface_forget(surface, NULL);
	wltex_surface_forget(surface, &rest);
	pixman_region32_fini(&rest);
}

/* Add each of the boxes with what is around it. false: out of memory. */
static bool grow(pixman_region32_t *grown, const pixman_region32_t *region)
{
	int n = 0;
	const pixman_box32_t *boxes = pixman_region32_rectangles((pixman_region32_t *)region, &n);
	bool complete = n <= MAX_RECTS;

	for (int i = 0; i < n && complete; i++)
		complete = pixman_region32_union_rect(grown, grown, boxes[i].x1 - AROUND_PX,
			boxes[i].y1 - AROUND_PX,
			(unsigned)(boxes[i].x2 - boxes[i].x1 + 2 * AROUND_PX),
			(unsigned)(boxes[i].y2 - boxes[i].y1 + 2 * AROUND_PX));
	return complete;
}

/* Something is drawn then: one pixel that is claimed. */
static bool set_pixel(pixman_region32_t *damage, const pixman_region32_t *claimed)
{
	int n = 0;
	const pixman_box32_t *boxes = pixman_region32_rectangles((pixman_region32_t *)claimed, &n);

	return n > 0 && pixman_region32_union_rect(damage, damage, boxes[0].x1, boxes[0].y1, 1, 1);
}

/* What is claimed and changed. Returns 1, or 0 where the claim itself is as good. */
static int get_damage(const struct trim *trim, const struct surface *surface,
	const pixman_region32_t *changed, pixman_region32_t *damage)
{
	bool is_answered = surface->pending_frame.resource != NULL;
	pixman_region32_t *claimed = (pixman_region32_t *)&trim->claimed;

	if (!grow(damage, changed) || !pixman_region32_intersect(damage, damage, claimed))
		return 0;
	if (!pixman_region32_not_empty(damage) && !is_answered && !set_pixel(damage, claimed))
		return 0;
	return pixman_region32_n_rects(damage) <= MAX_RECTS &&
	       core_region_area(damage) < core_region_area(claimed);
}

static int look_at(const struct trim *trim, struct surface *surface, pixman_region32_t *damage)
{
	const struct wltex_look look = {
		.source = trim->source,
		.claimed = &trim->claimed,
		.others = true,
	};
	pixman_region32_t changed;
	int ret;

	begin_repaint(surface->observer);
	pixman_region32_init(&changed);
	ret = wltex_surface_look(surface->session, &look, &changed);
	if (ret >= 0) {
		settle(surface->session, trim, &changed);
	} else {
		wltex_surface_drop_look(surface->session);
		wltex_surface_forget(surface->session, NULL);
	}
	if (ret > 0)
		ret = get_damage(trim, surface, &changed, damage);
	pixman_region32_fini(&changed);
	return ret > 0;
}

/* What was claimed before, is not drawn, and is not claimed again; all of that, out of memory. */
static void get_owed(const struct trim *trim, struct surface *surface, pixman_region32_t *owed)
{
	if (surface->width != trim->source.width || surface->height != trim->source.height)
		pixman_region32_clear(&surface->owed);
	if (!trim->exact || !pixman_region32_subtract(
				    owed, &surface->owed, (pixman_region32_t *)&trim->claimed)) {
		pixman_region32_fini(owed);
		*owed = surface->owed;
		pixman_region32_init(&surface->owed);
	}
	pixman_region32_clear(&surface->owed);
}

/* The compositor is told less than is claimed; what is left is owed to it until it draws. */
static int owe(const struct trim *trim, struct surface *surface, pixman_region32_t *damage)
{
	if (pixman_region32_subtract(&surface->owed, (pixman_region32_t *)&trim->claimed, damage))
		return 1;
	pixman_region32_clear(&surface->owed);
	pixman_region32_clear(damage);
	return 0;
}

int trim_apply(struct trim *trim, struct surface *surface, pixman_region32_t *damage)
{
	struct wltex_applied applied = {.source = trim->source, .claimed = &trim->claimed};
	struct wltex_verdict verdict;

	get_owed(trim, surface, damage);
	applied.trim = may_look(trim, surface) && !pixman_region32_not_empty(damage) &&
		       worth_begin(&surface->worth, worth_get_cpu_ns());
	wltex_surface_apply(surface->session, &applied, &verdict);
	if (applied.trim && verdict.look) {
		if (look_at(trim, surface, damage))
			return owe(trim, surface, damage);
		pixman_region32_clear(damage);
		return 0;
	}
	wltex_surface_end_looks(surface->session);
	wltex_surface_forget(surface->session, NULL);
	return 0;
}
