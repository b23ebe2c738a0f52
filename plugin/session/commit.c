/* SPDX-License-Identifier: MIT */
#include "core/content.h"
#include "ledger/ledger.h"
#include "session/buffer.h"
#include "session/gpu.h"
#include "session/limit.h"
#include "session/look.h"
#include "session/record.h"
#include "session/shm.h"
#include "session/surface.h"
#include "util/export.h"

/* For what a look will cost: of most buffers. */
#define BYTES_PER_PIXEL 4

/* What one commit brought, on its way through this file. */
struct content {
	const struct wltex_applied *applied;
	/* The sum that the client says it has. */
	bool promised;
	uint32_t promise;
	/* Whether a look may be taken, and pays. */
	bool look;
	/* Tiles that its texture found to have changed; NULL: not known. */
	const pixman_region32_t *changed;
	/* What came of it: as struct wltex_verdict. */
	int state;
};

/* A dmabuf that cannot become a texture here counts as refused; nothing is kept. */
static int refuse(struct wltex_surface *surface, enum wltex_reason reason, const char *message)
{
	struct wltex_session *session = surface->session;
	struct wltex_owner *owner = surface->client->owner;
	const struct wltex_event event = {
		.state = WLTEX_STATE_REFUSED,
		.reason = reason,
		.message = message,
	};

	if (surface->texture != NULL)
		wltex_texture_release(surface->texture, WLTEX_REASON_REPLACED);
	wltex_ledger_commit(session->ledger, owner);
	wltex_ledger_refuse(session->ledger, owner);
	session_surface_tell(surface, &event);
	return WLTEX_STATE_REFUSED;
}

/* Whether the texture may look at the buffer, to find out whether it is to be made again. */
static bool may_read(const struct wltex_surface *surface, const struct content *content)
{
	const struct wltex_source *source = &content->applied->source;
	const struct core_shown_look look = {.claimed = content->applied->claimed};
	/* Whoever wants a texture wants to know what changed, too. */
	bool wanted = content->look || policy_is_small(core_region_area(look.claimed));

	return wanted && surface->session->options.content_sums && session_look_is_drawn(source) &&
	       budget_fits_share(&surface->session->budget, &surface->client->looks,
		       core_shown_get_look_bytes(&look, (uint32_t)source->width,
			       (uint32_t)source->height, BYTES_PER_PIXEL),
		       wltex_now_ns());
}

/* So many commits in a row that somebody asked for: the next will be asked for, too. */
#define ASKED_COMMITS 3

/* Whether somebody is known to want the texture of this commit. */
static bool is_wanted(struct wltex_surface *surface)
{
	struct wltex_session *session = surface->session;

	surface->asked_commits = surface->asked ? surface->asked_commits + 1 : 0;
	surface->asked = false;
	if (session->options.textures != TEXTURES_AUTO)
		return session->options.textures == TEXTURES_AT_COMMIT;
	return (session->host.wants_textures != NULL &&
		       session->host.wants_textures(session->host_data)) ||
	       surface->asked_commits >= ASKED_COMMITS ||
	       wltex_server_is_watched(surface->track->resource);
}

/* Where none can be made, those who want one are refused, and nobody else. */
static int go_without_texture(struct wltex_surface *surface)
{
	static const char why[] = "no textures are made here";
	struct wltex_ledger *ledger = surface->session->ledger;

	if (is_wanted(surface))
		return refuse(surface, WLTEX_REASON_INVALID, why);
	wltex_ledger_commit(ledger, surface->client->owner);
	wltex_ledger_not_asked(ledger, surface->client->owner, 1);
	surface->why_not = why;
	return WLTEX_STATE_NOT_ASKED;
}

/* Attach the source, with what the commit says of it. */
static int attach(struct wltex_surface *surface, struct content *content,
	struct wltex_dmabuf *dmabuf, const struct wltex_pixels *pixels)
{
	const struct wltex_attach attach = {
		.dmabuf = dmabuf,
		.pixels = pixels,
		.damage = content->applied->claimed,
		.has_sum = content->promised,
		.sum = content->promise,
		.no_reading = !may_read(surface, content),
		.no_damage_count = true,
		.when = pixels != NULL || is_wanted(surface) ? WLTEX_AT_ATTACH : WLTEX_ON_ACCESS,
	};
	struct wltex_attached attached;
	int ret = wltex_texture_attach(surface->texture, &attach, &attached);

	content->changed = attached.changed;
	budget_spend_share(&surface->client->looks, attached.look_ns);
	return ret;
}

static int apply_dmabuf(
	struct wltex_surface *surface, struct wltex_track_buffer *buffer, struct content *content)
{
	/* What a client wants shown on the display only is not for GL to read. */
	if (buffer->dmabuf == NULL || content->applied->source.scanout_only)
		return refuse(surface, WLTEX_REASON_INVALID,
			buffer->dmabuf == NULL ? wltex_dmabuf_error_message(buffer->error)
					       : "for the display only");
	if (!session_surface_has_texture(surface))
		return go_without_texture(surface);
	if (session_surface_is_over_limit(surface, buffer->user_data))
		return refuse(surface, WLTEX_REASON_LIMIT, "over a limit");
	return attach(surface, content, buffer->dmabuf, NULL);
}

/* The texture of a wl_shm buffer: a copy, made only where the integrator asked for it. */
static int apply_shm(struct wltex_surface *surface, struct content *content)
{
	struct wl_shm_buffer *shm = content->applied->source.shm;
	struct wltex_pixels pixels;
	int ret;

	shm_get_pixels(shm, &pixels);
	wl_shm_buffer_begin_access(shm);
	ret = attach(surface, content, NULL, &pixels);
	wl_shm_buffer_end_access(shm);
	return ret;
}

/* A commit of which nothing else is told: nobody wants a texture of it, or it gets none. */
static void tell_not_asked(const struct wltex_surface *surface, const struct wltex_source *source)
{
	const struct wltex_event event = {
		.state = WLTEX_STATE_NOT_ASKED,
		.reason = WLTEX_REASON_ATTACHED,
		.message = source->shm != NULL ? "wl_shm" : surface->why_not,
	};
	struct wltex_record record = {
		.kind = WLTEX_RECORD_TEXTURE,
		.event = &event,
		.message = event.message,
	};

	record_emit_of_surface(surface, &record);
}

/* Make the texture, if the buffer gets one. */
static int apply_texture(struct wltex_surface *surface, struct content *content)
{
	const struct wltex_source *source = &content->applied->source;
	struct session_buffer *buffer = session_buffer_find(surface->session, source->buffer);
	struct wltex_track_buffer *tracked =
		wltex_track_get_buffer(surface->session->track, source->buffer);
	bool shm = source->shm != NULL && surface->session->options.shm_textures &&
		   !surface->track->client->has_foreign_pool;

	session_surface_set_buffer(surface, buffer, true);
	if (source->shm != NULL)
		wltex_track_map_pools(surface->session->track, false);
	if (buffer != NULL && buffer->shm != NULL)
		wltex_ledger_shm_commit(surface->session->ledger, surface->client->owner);
	if (tracked != NULL)
		return apply_dmabuf(surface, tracked, content);
	if (shm && session_surface_has_texture(surface))
		return apply_shm(surface, content);
	if (surface->texture != NULL)
		wltex_texture_release(surface->texture, WLTEX_REASON_REPLACED);
	tell_not_asked(surface, source);
	return 0;
}

/* What will be looked at when it is drawn the GPU has to look at from now on. */
static void look_ahead(struct wltex_surface *surface, const struct wltex_source *source)
{
	struct wltex_track_buffer *tracked =
		wltex_track_get_buffer(surface->session->track, source->buffer);

	if (surface->pending.look && !surface->pending.promised && surface->buffer != NULL &&
		tracked != NULL && tracked->dmabuf != NULL && !source->scanout_only &&
		session_gpu_is_for(surface, tracked->dmabuf))
		session_gpu_look_ahead(surface, source->acquire_fence);
}

/* What the texture found out counts where nobody looks when it is drawn. */
static void note(struct wltex_surface *surface, const struct content *content)
{
	struct session_pending *pending = &surface->pending;
	uint64_t claimed_px = core_region_area(content->applied->claimed);
	uint64_t true_px = session_look_get_true_px(content->changed, content->applied->claimed);

	if (!content->applied->trim && content->look)
		policy_end(&surface->policy, content->changed != NULL, claimed_px, true_px,
			wltex_now_ns());
	pending->look = content->applied->trim && content->look;
	pending->promised = content->promised;
	pending->promise = content->promise;
	pending->commits++;
	pending->claimed_px += claimed_px;
	pending->true_px += true_px;
	pending->same += content->changed != NULL && true_px == 0;
	if (!pending->look && !core_shown_is_known(&surface->shown))
		wltex_surface_end_looks(surface);
}

/* What the client promised of the content that counts from now on. */
static bool take_promise(const struct wltex_surface *surface, uint32_t *promise)
{
	const struct wltex_track_surface *track = surface->track;

	/* Who does not take commits as they are applied has them applied at once. */
	return wltex_server_take_sum(
		track->resource, track->taken != 0 ? track->taken : track->commits, promise);
}

static void apply_content(struct wltex_surface *surface, struct content *content)
{
	content->promised = take_promise(surface, &content->promise);
	content->look = surface->session->options.content_sums &&
			policy_begin(&surface->policy, core_region_area(content->applied->claimed),
				wltex_now_ns());
	content->state = apply_texture(surface, content);
	if (content->state == WLTEX_STATE_NOT_ASKED)
		tell_not_asked(surface, &content->applied->source);
	note(surface, content);
	look_ahead(surface, &content->applied->source);
	session_surface_tell_name(surface);
}

static void detach(struct wltex_surface *surface)
{
	uint32_t sum;

	take_promise(surface, &sum);
	session_surface_set_buffer(surface, NULL, false);
	if (surface->texture != NULL)
		wltex_texture_release(surface->texture, WLTEX_REASON_DETACHED);
	surface->pending.promised = false;
	wltex_surface_forget(surface, NULL);
}

WLTEX_EXPORT void wltex_surface_apply(struct wltex_surface *surface,
	const struct wltex_applied *applied, struct wltex_verdict *verdict)
{
	struct content content = {.applied = applied};

	if (applied->source.buffer != NULL)
		apply_content(surface, &content);
	else
		detach(surface);
	*verdict = (struct wltex_verdict){
		.state = content.state,
		.look = applied->source.buffer != NULL && surface->pending.look,
	};
}
