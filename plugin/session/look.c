/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>

#include "core/content.h"
#include "dmabuf/dmabuf.h"
#include "dmabuf/format.h"
#include "dmabuf/read.h"
#include "ledger/ledger.h"
#include "session/gpu.h"
#include "session/look.h"
#include "session/record.h"
#include "session/shm.h"
#include "util/export.h"
#include "util/memory.h"

/* Of all surfaces of a client together: some hundred of the largest. */
#define MAX_SUM_BYTES ((size_t)64 << 20)

/*
 * Whether the client has finished drawing. A fence of the buffer itself is found when it is
 * read; but where a client gives one with the commit, the buffer may have none.
 */
bool session_look_is_drawn(const struct wltex_source *source)
{
	struct pollfd fence = {.fd = source->acquire_fence, .events = POLLIN};

	return fence.fd < 0 || (poll(&fence, 1, 0) == 1 && fence.revents == POLLIN);
}

/* What is to be looked at, as the host and the session see it. */
struct view {
	const struct wltex_source *source;
	struct wltex_track_buffer *tracked; // NULL: no dmabuf
	struct wltex_track_shm_buffer *shm; // NULL: none of wl_shm
	struct core_shown_look what;
};

static bool is_for_gpu(const struct wltex_surface *surface, const struct view *view)
{
	return view->tracked != NULL && view->tracked->dmabuf != NULL && !view->what.promised &&
	       session_gpu_is_for(surface, view->tracked->dmabuf);
}

static int look_at_dmabuf(
	struct wltex_surface *surface, const struct view *view, pixman_region32_t *changed)
{
	/* What a client wants shown on the display only is not for us to read. */
	if (view->tracked->dmabuf == NULL || view->source->scanout_only)
		return -ENOTSUP;
	if (is_for_gpu(surface, view))
		return session_gpu_look(surface, view->tracked->dmabuf, &view->what, changed);
	session_gpu_forget_unconfirmed(surface);
	if (surface->session->options.sum_method == SUM_METHOD_OFF && !view->what.promised)
		return -ENOTSUP;
	return core_shown_look_dmabuf(&surface->shown, view->tracked->dmabuf, &view->what, changed);
}

/*
 * The rows of a wl_shm buffer that a look may read: all between the first tile that is claimed and
 * the last. Rectangle by rectangle the same rows would be asked about again and again.
 */
static struct wltex_rows get_rows(
	const struct wltex_pixels *pixels, const struct core_shown_look *what)
{
	struct wltex_rows rows = {0, pixels->height};

	if (!what->others)
		rows = core_tile_rows(what->claimed);
	rows.end = rows.end < pixels->height ? rows.end : pixels->height;
	rows.first = rows.first < rows.end ? rows.first : rows.end;
	return rows;
}

/*
 * Whether what will be read is in memory: a look fills no holes, waits for no disk, and does not
 * meet the end of a file that was cut off. Otherwise it is left to Weston, which may never read
 * it.
 */
static bool is_resident(const struct wltex_pixels *pixels, uint32_t bytes_per_pixel,
	const struct core_shown_look *what)
{
	struct wltex_rows rows = get_rows(pixels, what);

	return what->promised ||
	       wltex_rows_are_resident((const uint8_t *)pixels->data + rows.first * pixels->stride,
		       pixels->stride, (size_t)pixels->width * bytes_per_pixel,
		       rows.end - rows.first);
}

/* Of wl_shm: libwayland's, or else one that is mapped here. */
static uint32_t get_shm_pixels(const struct view *view, struct wltex_pixels *pixels)
{
	return view->source->shm != NULL ? shm_get_pixels(view->source->shm, pixels)
					 : shm_get_mapped_pixels(view->shm, pixels);
}

static int look_at_shm(
	struct wltex_surface *surface, const struct view *view, pixman_region32_t *changed)
{
	struct wl_shm_buffer *shm = view->source->shm;
	struct wltex_pixels pixels;
	uint32_t bytes_per_pixel = get_shm_pixels(view, &pixels);
	int ret;

	if (bytes_per_pixel == 0)
		return -ENOTSUP;
	if (surface->client->track->has_foreign_pool)
		return -EPERM;
	session_gpu_forget_unconfirmed(surface);
	if (!is_resident(&pixels, bytes_per_pixel, &view->what))
		return -ENODATA;
	if (shm != NULL)
		wl_shm_buffer_begin_access(shm);
	ret = core_shown_look_pixels(
		&surface->shown, &pixels, bytes_per_pixel, &view->what, changed);
	if (shm != NULL)
		wl_shm_buffer_end_access(shm);
	return ret;
}

/* Look at the buffer, whatever it is. Returns as core_shown_look_dmabuf(). */
static int look_at_buffer(
	struct wltex_surface *surface, const struct view *view, pixman_region32_t *changed)
{
	if (view->tracked != NULL)
		return look_at_dmabuf(surface, view, changed);
	return look_at_shm(surface, view, changed);
}

/* To find out whether all pages of a memory file are there costs about this, as read bytes. */
static uint64_t get_dmabuf_residency(const struct wltex_dmabuf *dmabuf, uint32_t bytes_per_pixel)
{
	const struct wltex_dmabuf_attributes *a = &dmabuf->attributes;

	return dmabuf->objects[0].kind == WLTEX_OBJECT_MEMORY
		       ? wltex_rows_get_residency_cost(a->planes[0].stride,
				 (size_t)a->width * bytes_per_pixel, (uint32_t)a->height)
		       : 0;
}

static uint64_t get_shm_residency(const struct wltex_pixels *pixels, uint32_t bytes_per_pixel,
	const struct core_shown_look *what)
{
	struct wltex_rows rows = get_rows(pixels, what);

	return wltex_rows_get_residency_cost(
		pixels->stride, (size_t)pixels->width * bytes_per_pixel, rows.end - rows.first);
}

/* What the look will read. */
static uint64_t get_bytes(const struct view *view)
{
	const struct wltex_source *source = view->source;
	const struct wltex_track_buffer *tracked = view->tracked;
	const struct wltex_format_info *format = NULL;
	struct wltex_pixels pixels;
	uint32_t bytes_per_pixel = 0;
	uint64_t residency = 0;

	if (view->what.promised)
		return 0;
	if (tracked != NULL && tracked->dmabuf != NULL) {
		format = wltex_format_info_get(tracked->dmabuf->attributes.format);
		if (format == NULL || format->yuv || format->n_planes > 1)
			return wltex_dmabuf_get_read_cost(tracked->dmabuf);
		bytes_per_pixel = format->bytes_per_pixel[0];
		residency = get_dmabuf_residency(tracked->dmabuf, bytes_per_pixel);
	} else {
		bytes_per_pixel = get_shm_pixels(view, &pixels);
		if (bytes_per_pixel != 0)
			residency = get_shm_residency(&pixels, bytes_per_pixel, &view->what);
	}
	return core_shown_get_look_bytes(&view->what, (uint32_t)source->width,
		       (uint32_t)source->height, bytes_per_pixel) +
	       residency;
}

/* Look, if that fits in what looks may take. Returns as wltex_surface_look(). */
static int take_look(
	struct wltex_surface *surface, const struct view *view, pixman_region32_t *changed)
{
	struct wltex_session *session = surface->session;
	struct budget_share *share = &surface->client->looks;
	uint64_t claimed_px = core_region_area(view->what.claimed);
	uint64_t bytes = is_for_gpu(surface, view) ? 0 : get_bytes(view);
	size_t sums = core_shown_get_size(&surface->shown);
	uint64_t begin_ns = wltex_now_ns();
	int ret;

	if (!budget_fits(&session->budget, share, bytes, begin_ns)) {
		policy_refuse(&surface->policy, claimed_px, begin_ns);
		return -EBUSY;
	}
	ret = look_at_buffer(surface, view, changed);
	budget_spend(&session->budget, share, ret >= 0 ? bytes : 0, wltex_now_ns() - begin_ns);
	/* To find out that it cannot be read takes time as well. */
	if (ret < 0 && ret != -EAGAIN)
		policy_refuse(&surface->policy, claimed_px, begin_ns);
	/* The sums' memory counts for the client, whether there is more or less of it now. */
	surface->client->sum_bytes += core_shown_get_size(&surface->shown) - sums;
	return ret;
}

/* Tell the ledger of the commits since the last time: how much changed, and how many did not. */
static void account(struct wltex_surface *surface, uint64_t true_px, uint64_t same)
{
	struct session_pending *pending = &surface->pending;

	if (pending->commits == 0)
		return;
	if (true_px > pending->claimed_px)
		true_px = pending->claimed_px;
	wltex_ledger_damage(surface->session->ledger, surface->client->owner, pending->claimed_px,
		true_px, same);
	surface->claimed_px += pending->claimed_px;
	surface->true_px += true_px;
	surface->redundant += same;
	pending->commits = pending->claimed_px = pending->true_px = pending->same = 0;
}

/* There is no look at them: what is known is what their textures found. */
static void account_unlooked(struct wltex_surface *surface)
{
	account(surface, surface->pending.true_px, surface->pending.same);
}

uint64_t session_look_get_true_px(
	const pixman_region32_t *changed, const pixman_region32_t *claimed)
{
	pixman_region32_t both;
	uint64_t area;

	if (changed == NULL)
		return core_region_area(claimed);
	pixman_region32_init(&both);
	area = pixman_region32_intersect(
		       &both, (pixman_region32_t *)changed, (pixman_region32_t *)claimed)
		       ? core_region_area(&both)
		       : core_region_area(claimed);
	pixman_region32_fini(&both);
	return area;
}

static void emit_kept(struct wltex_surface *surface, const char *why)
{
	struct wltex_record record = {.kind = WLTEX_RECORD_DAMAGE_KEPT, .message = why};

	record_emit_of_surface(surface, &record);
}

/* What the look found, for those who count, and for whether to look again. */
static void report(struct wltex_surface *surface, bool compared, const pixman_region32_t *changed,
	const pixman_region32_t *claimed)
{
	struct wltex_record record = {
		.kind = WLTEX_RECORD_DAMAGE,
		.claimed_px = core_region_area(claimed),
		.true_px = session_look_get_true_px(changed, claimed),
		.claimed = claimed,
		.changed = compared ? changed : NULL,
	};
	bool same = compared && record.true_px == 0;

	policy_end(&surface->policy, compared, record.claimed_px, record.true_px, wltex_now_ns());
	account(surface, record.true_px, same ? surface->pending.commits : surface->pending.same);
	if (compared)
		record_emit_of_surface(surface, &record);
	else
		emit_kept(surface, "first content");
}

/* Why the surface cannot be looked at now; NULL if it can. */
static const char *why_not(const struct wltex_surface *surface, const struct wltex_source *source)
{
	if (!surface->pending.look)
		return "not looked at";
	if (source->buffer == NULL)
		return "the buffer is gone";
	/* Its end would not be seen. */
	if (surface->buffer == NULL)
		return "the buffer is not followed";
	if (!session_look_is_drawn(source))
		return "not drawn yet";
	return surface->client->sum_bytes > MAX_SUM_BYTES ? "too many sums" : NULL;
}

static int look_at(
	struct wltex_surface *surface, const struct wltex_look *look, pixman_region32_t *changed)
{
	const struct view view = {
		.source = &look->source,
		.tracked = wltex_track_get_buffer(surface->session->track, look->source.buffer),
		.shm = wltex_track_get_shm_buffer(surface->session->track, look->source.buffer),
		.what =
			{
				.claimed = look->claimed,
				.others = look->others,
				.promised = surface->pending.promised,
				.promise = surface->pending.promise,
			},
	};
	int ret = take_look(surface, &view, changed);

	if (ret >= 0)
		report(surface, ret > 0, changed, look->claimed);
	else
		emit_kept(surface, ret == -EBUSY
					   ? "over the budget"
					   : wltex_content_message(core_content_get_reason(ret)));
	return ret;
}

WLTEX_EXPORT int wltex_surface_look(
	struct wltex_surface *surface, const struct wltex_look *look, pixman_region32_t *changed)
{
	const char *why = why_not(surface, &look->source);
	int ret = -EAGAIN;

	if (why == NULL)
		ret = look_at(surface, look, changed);
	else
		emit_kept(surface, why);
	wltex_surface_end_looks(surface);
	return ret;
}

WLTEX_EXPORT void wltex_surface_skip_look(struct wltex_surface *surface, const char *why)
{
	emit_kept(surface, surface->pending.look ? why : "not looked at");
	wltex_surface_end_looks(surface);
}

WLTEX_EXPORT void wltex_surface_end_looks(struct wltex_surface *surface)
{
	surface->pending.look = surface->pending.promised = false;
	account_unlooked(surface);
}

WLTEX_EXPORT void wltex_surface_drawn_unchanged(struct wltex_surface *surface)
{
	struct session_pending *pending = &surface->pending;

	account(surface, 0,
		core_shown_is_known(&surface->shown) ? pending->commits : pending->same);
}

WLTEX_EXPORT void wltex_surface_settle(struct wltex_surface *surface)
{
	core_shown_settle(&surface->shown);
}

WLTEX_EXPORT void wltex_surface_drop_look(struct wltex_surface *surface)
{
	core_shown_drop_look(&surface->shown);
}

WLTEX_EXPORT void wltex_surface_forget(
	struct wltex_surface *surface, const pixman_region32_t *region)
{
	core_shown_forget(&surface->shown, region);
}

WLTEX_EXPORT void wltex_surface_forget_unlooked(
	struct wltex_surface *surface, const pixman_region32_t *region)
{
	core_shown_forget_unlooked(&surface->shown, region);
}

WLTEX_EXPORT bool wltex_surface_is_known(const struct wltex_surface *surface)
{
	return core_shown_is_known(&surface->shown);
}

WLTEX_EXPORT void wltex_session_begin_repaint(struct wltex_session *session)
{
	budget_begin_repaint(&session->budget);
}

void session_look_finish(struct wltex_surface *surface)
{
	account_unlooked(surface);
	surface->client->sum_bytes -= core_shown_get_size(&surface->shown);
	core_shown_finish(&surface->shown);
}
