/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <libweston/libweston.h>
#include <stdlib.h>

#include "weston/compat.h"
#include "weston/look.h"
#include "weston/repaint.h"

/*
 * Swap chains: what a frame draws are also the changes of those since the same buffer was drawn
 * to last.
 */
#define MAX_BUFFER_AGE 3

struct repaint_output {
	struct wl_list link; // module.outputs
	struct module *module;
	struct weston_output *output;
	struct wl_listener frame, latch, destroy;
	/* What was there before. */
	void (*prepare_repaint)(struct weston_output *output);
	int (*repaint)(struct weston_output *output);
	/* What the last frames drew, the newest first; all of it, where that is not known. */
	pixman_region32_t drawn[MAX_BUFFER_AGE];
};

static void set_all(pixman_region32_t *region)
{
	pixman_region32_reset(
		region, &(pixman_box32_t){INT16_MIN, INT16_MIN, INT32_MAX, INT32_MAX});
}

static void handle_frame(struct wl_listener *listener, void *data)
{
	struct repaint_output *output = wl_container_of(listener, output, frame);
	pixman_region32_t *damage = data;

	if (pixman_region32_n_rects(damage) > DAMAGE_MAX_RECTS ||
		!pixman_region32_union(&output->drawn[0], &output->drawn[0], damage))
		set_all(&output->drawn[0]);
}

static void handle_destroy(struct wl_listener *listener, void *data)
{
	struct repaint_output *output = wl_container_of(listener, output, destroy);
	struct module_surface *surface;

	wl_list_for_each (surface, &output->module->watched, look.watched_link)
		look_output_gone(surface, output->output);
	wl_list_remove(&output->latch.link);
	wl_list_remove(&output->destroy.link);
	wl_list_remove(&output->link);
	for (int i = 0; i < MAX_BUFFER_AGE; i++)
		pixman_region32_fini(&output->drawn[i]);
	free(output);
}

static struct repaint_output *find_output(struct weston_output *weston)
{
	struct wl_listener *listener = wl_signal_get(&weston->destroy_signal, handle_destroy);
	struct repaint_output *output;

	return listener != NULL ? wl_container_of(listener, output, destroy) : NULL;
}

static void look_at_surfaces(struct repaint_output *output)
{
	struct module *module = output->module;
	struct module_surface *surface, *next;

	wltex_session_begin_repaint(module->session);
	wl_list_for_each_safe (surface, next, &module->watched, look.watched_link)
		look_prepare(surface, output->output);
}

static void handle_latch(struct wl_listener *listener, void *data)
{
	struct repaint_output *output = wl_container_of(listener, output, latch);

	look_at_surfaces(output);
}

static void prepare_repaint(struct weston_output *weston)
{
	struct repaint_output *output = find_output(weston);

	assert(output != NULL);
	look_at_surfaces(output);
	if (output->prepare_repaint != NULL)
		output->prepare_repaint(weston);
}

/* Whether frames are drawn to several buffers in turn, and what older ones drew is drawn again. */
static bool has_swap_chain(const struct weston_output *weston)
{
	enum weston_compositor_backend backend = weston_get_backend_type(weston->backend);

	return backend != WESTON_BACKEND_HEADLESS && backend != WESTON_BACKEND_RDP;
}

/* What this repaint may have drawn, with what older ones left to it. */
static void sum_up(struct repaint_output *output, pixman_region32_t *drawn)
{
	int n = has_swap_chain(output->output) ? MAX_BUFFER_AGE : 1;
	pixman_region32_t last = output->drawn[MAX_BUFFER_AGE - 1];
	bool complete = true;

	for (int i = 0; i < n && complete; i++)
		complete = pixman_region32_union(drawn, drawn, &output->drawn[i]);
	if (!complete)
		set_all(drawn);
	for (int i = MAX_BUFFER_AGE - 1; i > 0; i--)
		output->drawn[i] = output->drawn[i - 1];
	pixman_region32_clear(&last);
	output->drawn[0] = last;
}

/*
 * The DRM backend does not draw at all where nothing is damaged, but only as long as nobody
 * listens to what is drawn. Where a surface has damage that will be drawn, there is no such
 * shortcut to be lost.
 */
static bool may_listen(const struct repaint_output *output)
{
	const struct module_surface *surface;

	if (weston_get_backend_type(output->output->backend) != WESTON_BACKEND_DRM)
		return true;
	wl_list_for_each (surface, &output->module->watched, look.watched_link) {
		if (look_is_drawn(surface, output->output))
			return true;
	}
	return false;
}

static int repaint(struct weston_output *weston)
{
	struct repaint_output *output = find_output(weston);
	struct module_surface *surface;
	pixman_region32_t drawn;
	bool listening;
	int ret;

	assert(output != NULL);
	listening = may_listen(output);
	if (listening)
		wl_signal_add(&weston->frame_signal, &output->frame);
	ret = output->repaint(weston);
	if (listening)
		wl_list_remove(&output->frame.link);
	else
		set_all(&output->drawn[0]);

	pixman_region32_init(&drawn);
	sum_up(output, &drawn);
	wl_list_for_each (surface, &output->module->watched, look.watched_link)
		look_settle(surface, weston, &drawn, ret == 0);
	pixman_region32_fini(&drawn);
	return ret;
}

/*
 * A backend sets these anew each time that it enables the output. What somebody else has chained
 * since leads here already.
 */
static void chain(struct repaint_output *output)
{
	struct weston_output *weston = output->output;

	if (compat_latch_signal(weston) == NULL &&
		weston->prepare_repaint == output->prepare_repaint)
		weston->prepare_repaint = prepare_repaint;
	if (weston->repaint == output->repaint)
		weston->repaint = repaint;
}

static struct repaint_output *create_output(struct module *module, struct weston_output *weston)
{
	struct repaint_output *output = calloc(1, sizeof(*output));
	struct wl_signal *latch = compat_latch_signal(weston);

	if (output == NULL)
		return NULL;
	output->module = module;
	output->output = weston;
	output->frame.notify = handle_frame;
	output->destroy.notify = handle_destroy;
	for (int i = 0; i < MAX_BUFFER_AGE; i++)
		pixman_region32_init(&output->drawn[i]);
	wl_list_insert(&module->outputs, &output->link);
	wl_signal_add(&weston->destroy_signal, &output->destroy);
	output->latch.notify = handle_latch;
	wl_list_init(&output->latch.link);
	if (latch != NULL)
		wl_signal_add(latch, &output->latch);
	output->prepare_repaint = weston->prepare_repaint;
	output->repaint = weston->repaint;
	return output;
}

static void follow(struct module *module, struct weston_output *weston)
{
	struct repaint_output *output = find_output(weston);

	if (output == NULL)
		output = create_output(module, weston);
	if (output != NULL)
		chain(output);
	else
		weston_log("wltex: out of memory: damage of an output stays as claimed\n");
}

static void handle_output_created(struct wl_listener *listener, void *data)
{
	struct module *module = wl_container_of(listener, module, output_created);

	follow(module, data);
}

void repaint_init(struct module *module)
{
	struct weston_output *weston;

	module->output_created.notify = handle_output_created;
	wl_signal_add(&module->compositor->output_created_signal, &module->output_created);
	wl_list_for_each (weston, &module->compositor->output_list, link)
		follow(module, weston);
}

void repaint_finish(struct module *module)
{
	struct repaint_output *output, *next;

	wl_list_remove(&module->output_created.link);
	wl_list_for_each_safe (output, next, &module->outputs, link) {
		struct weston_output *weston = output->output;

		if (weston->prepare_repaint == prepare_repaint)
			weston->prepare_repaint = output->prepare_repaint;
		if (weston->repaint == repaint)
			weston->repaint = output->repaint;
		handle_destroy(&output->destroy, weston);
	}
}
