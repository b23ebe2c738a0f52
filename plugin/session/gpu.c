/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <wltex/gpu-sum.h>

#include "dmabuf/dmabuf.h"
#include "dmabuf/format.h"
#include "dmabuf/read.h"
#include "ledger/ledger.h"
#include "session/gpu.h"
#include "session/record.h"
#include "util/log.h"

/* Where no file descriptor tells of the end, it is asked for. */
#define POLL_MS 1
/* A GPU that takes longer than this hangs. */
#define MAX_LOOK_NS UINT64_C(500000000)

struct session_gpu {
	struct wltex_surface *surface;
	struct wltex_gpu_sum *sum;
	struct wl_event_source *timer, *fd; // fd: while one tells of the end

	enum {
		GPU_IDLE,
		GPU_AHEAD,
		GPU_OUTDATED, // ahead, of what is not shown any more, or was drawn already
		GPU_CHECK,
	} look;
	uint64_t begin_ns;
	/* What was committed last is to be looked at once the look under way is over; was it. */
	bool waiting, looked;
	pixman_region32_t trusted; // what is being checked, in buffer pixels
	/* The check was begun just now, and nothing is drawn yet; it found something else. */
	bool using, refuted;
};

/* What the surface shows now; NULL: no dmabuf. */
static struct wltex_dmabuf *get_dmabuf(const struct session_gpu *gpu)
{
	const struct session_buffer *buffer = gpu->surface->buffer;

	return buffer != NULL && buffer->track != NULL ? buffer->track->dmabuf : NULL;
}

void session_gpu_drop(struct wltex_surface *surface)
{
	struct session_gpu *gpu = surface->gpu;

	if (gpu == NULL)
		return;
	gpu->waiting = gpu->looked = false;
	if (gpu->look == GPU_AHEAD)
		gpu->look = GPU_OUTDATED;
}

static void stop_watching(struct session_gpu *gpu)
{
	wl_event_source_timer_update(gpu->timer, 0);
	if (gpu->fd != NULL)
		wl_event_source_remove(gpu->fd);
	gpu->fd = NULL;
}

/* What was left out without need for it is drawn now; changed: all of it, if NULL. */
static void draw_after_all(struct session_gpu *gpu, const pixman_region32_t *changed)
{
	struct wltex_surface *surface = gpu->surface;
	struct wltex_session *session = surface->session;
	struct wltex_record record = {
		.kind = WLTEX_RECORD_DAMAGE_KEPT,
		.message = changed != NULL ? "written after the commit" : "not confirmed",
	};

	wltex_surface_forget(surface, changed);
	/* Without memory it is too much, which is right. */
	if (changed != NULL)
		pixman_region32_intersect(
			&gpu->trusted, &gpu->trusted, (pixman_region32_t *)changed);
	if (!pixman_region32_not_empty(&gpu->trusted))
		return;
	record_emit_of_surface(surface, &record);
	if (session->host.late_verdict != NULL && surface->data != NULL)
		session->host.late_verdict(session->host_data, surface->data, &gpu->trusted);
}

static void refute(struct session_gpu *gpu, const pixman_region32_t *changed)
{
	gpu->refuted = true;
	if (!gpu->using)
		draw_after_all(gpu, changed);
}

static void end_check(struct session_gpu *gpu, int ret, const struct wltex_gpu_sum_result *result)
{
	if (ret < 0 || !result->compared)
		refute(gpu, NULL);
	else if (result->n_changed > 0)
		refute(gpu, result->changed);
	pixman_region32_clear(&gpu->trusted);
}

static void begin(struct session_gpu *gpu, bool check, int acquire_fence);

static void end(struct session_gpu *gpu, int ret, const struct wltex_gpu_sum_result *result)
{
	bool ahead = gpu->look == GPU_AHEAD, check = gpu->look == GPU_CHECK;

	stop_watching(gpu);
	gpu->look = GPU_IDLE;
	/* A fingerprint where EGL does not import the format with alpha. */
	gpu->looked = ahead && ret == 0 && result->kind == WLTEX_SUM_CRC32;
	if (check)
		end_check(gpu, ret, result);
	if (gpu->waiting)
		begin(gpu, false, -1);
}

/* See whether the look under way is over. */
static void poll_look(struct session_gpu *gpu)
{
	struct wltex_gpu_sum_result result;
	int ret;

	if (gpu->look == GPU_IDLE)
		return;
	ret = wltex_gpu_sum_finish(gpu->sum, &result);
	if (ret == -EAGAIN && wltex_now_ns() - gpu->begin_ns < MAX_LOOK_NS) {
		if (gpu->fd == NULL)
			wl_event_source_timer_update(gpu->timer, POLL_MS);
		return;
	}
	if (ret == -EAGAIN)
		wltex_gpu_sum_cancel(gpu->sum);
	end(gpu, ret, &result);
}

static int handle_timer(void *data)
{
	poll_look(data);
	return 0;
}

static int handle_fd(int fd, uint32_t mask, void *data)
{
	poll_look(data);
	return 0;
}

/* The timer watches over a fence that does not come, too. */
static void watch(struct session_gpu *gpu)
{
	struct wl_event_loop *loop = wl_display_get_event_loop(gpu->surface->session->display);
	int fd = wltex_gpu_sum_get_fd(gpu->sum);

	if (fd >= 0)
		gpu->fd = wl_event_loop_add_fd(loop, fd, WL_EVENT_READABLE, handle_fd, gpu);
	wl_event_source_timer_update(
		gpu->timer, gpu->fd != NULL ? (int)(MAX_LOOK_NS / 1000000) + 1 : POLL_MS);
}

static void begin(struct session_gpu *gpu, bool check, int acquire_fence)
{
	const struct wltex_gpu_look look = {
		.dmabuf = get_dmabuf(gpu),
		.has_acquire_fence = acquire_fence >= 0,
		.acquire_fence = acquire_fence,
	};

	gpu->waiting = gpu->looked = false;
	if (wltex_gpu_sum_start(gpu->sum, &look) < 0)
		return;
	gpu->look = check ? GPU_CHECK : GPU_AHEAD;
	gpu->begin_ns = wltex_now_ns();
	watch(gpu);
}

static struct session_gpu *create(struct wltex_surface *surface)
{
	struct wl_event_loop *loop = wl_display_get_event_loop(surface->session->display);
	struct session_gpu *gpu = calloc(1, sizeof(*gpu));

	if (gpu == NULL)
		return NULL;
	gpu->surface = surface;
	pixman_region32_init(&gpu->trusted);
	gpu->timer = wl_event_loop_add_timer(loop, handle_timer, gpu);
	gpu->sum = wltex_gpu_sum_create(surface->session->context);
	surface->gpu = gpu;
	if (gpu->timer != NULL && gpu->sum != NULL)
		return gpu;
	/* It is not tried again and again. */
	if (gpu->sum == NULL && errno != ENOMEM) {
		surface->session->no_gpu_sums = true;
		wltex_warning(&surface->session->logger,
			"the GPU cannot sum dmabufs (%s): the processor does, as far as it can",
			strerror(errno));
	}
	session_gpu_finish(surface);
	return NULL;
}

/* Of fingerprints and content sums only the latter have a place in struct core_shown. */
static bool has_content_sums(const struct wltex_dmabuf *dmabuf)
{
	const struct wltex_format_info *format = wltex_format_info_get(dmabuf->attributes.format);

	if (format == NULL || format->n_planes != 1)
		return false;
	for (int i = 0; i < 4; i++) {
		if (format->bits[i] != 8)
			return false;
	}
	return true;
}

bool session_gpu_is_for(const struct wltex_surface *surface, const struct wltex_dmabuf *dmabuf)
{
	const struct wltex_session *session = surface->session;
	enum sum_method method = session->options.sum_method;

	if (session->context == NULL || session->no_gpu_sums || !has_content_sums(dmabuf) ||
		(method != SUM_METHOD_GPU && method != SUM_METHOD_AUTO))
		return false;
	return method == SUM_METHOD_GPU ||
	       (!wltex_context_get_capabilities(session->context)->software &&
		       (wltex_dmabuf_get_read_cost(dmabuf) == 0 || dmabuf->cost.too_slow));
}

void session_gpu_look_ahead(struct wltex_surface *surface, int acquire_fence)
{
	struct session_gpu *gpu = surface->gpu != NULL ? surface->gpu : create(surface);

	if (gpu == NULL)
		return;
	session_gpu_drop(surface);
	poll_look(gpu);
	/* The fence would have to be kept for the time when there can be another look. */
	if (gpu->look != GPU_IDLE)
		gpu->waiting = acquire_fence < 0;
	else
		begin(gpu, false, acquire_fence);
}

/* By what the look ahead found. */
static int use(
	struct session_gpu *gpu, const struct core_shown_look *what, pixman_region32_t *changed)
{
	const struct wltex_sum *sums = wltex_gpu_sum_read(gpu->sum);
	int ret;

	if (sums == NULL)
		return -EIO;
	ret = core_shown_look_sums(&gpu->surface->shown, get_dmabuf(gpu), sums, what, changed);
	if (ret < 0)
		return ret;
	begin(gpu, true, -1);
	if (gpu->look != GPU_CHECK || !pixman_region32_copy(&gpu->trusted, what->claimed))
		return -EIO;
	/* Software renderers have done it already: then there is nothing to be drawn after all. */
	gpu->refuted = false;
	gpu->using = true;
	poll_look(gpu);
	gpu->using = false;
	return gpu->refuted ? -EAGAIN : ret;
}

int session_gpu_look(struct wltex_surface *surface, struct wltex_dmabuf *dmabuf,
	const struct core_shown_look *what, pixman_region32_t *changed)
{
	struct session_gpu *gpu = surface->gpu;
	bool in_time;
	int ret = -ENOTSUP;

	if (gpu == NULL)
		return ret;
	poll_look(gpu);
	in_time = gpu->looked && get_dmabuf(gpu) == dmabuf;
	if (in_time || gpu->look != GPU_IDLE) {
		wltex_ledger_late_verdict(
			surface->session->ledger, surface->client->owner, in_time);
		ret = -ETIME;
	}
	if (in_time)
		ret = use(gpu, what, changed);
	/* What is under way is of what is drawn without it. */
	session_gpu_drop(surface);
	if (ret < 0)
		core_shown_forget(&surface->shown, NULL);
	return ret;
}

void session_gpu_forget_unconfirmed(struct wltex_surface *surface)
{
	if (surface->gpu != NULL && surface->gpu->look == GPU_CHECK)
		core_shown_forget(&surface->shown, NULL);
}

void session_gpu_finish(struct wltex_surface *surface)
{
	struct session_gpu *gpu = surface->gpu;

	if (gpu == NULL)
		return;
	surface->gpu = NULL;
	if (gpu->fd != NULL)
		wl_event_source_remove(gpu->fd);
	if (gpu->timer != NULL)
		wl_event_source_remove(gpu->timer);
	wltex_gpu_sum_destroy(gpu->sum);
	pixman_region32_fini(&gpu->trusted);
	free(gpu);
}
