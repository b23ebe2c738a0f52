/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "viewporter-client.h"
#include "wltex-v1-client.h"
#include "xdg-shell-client.h"

#include "cli/flip/flip.h"

/* How long to wait for a configure that the protocol promises and some compositors do not send. */
#define RECONFIGURE_TIMEOUT_MS 500

static void handle_texture(void *data, struct wltex_surface_v1 *watch, uint32_t serial,
	uint32_t state, uint32_t reason, uint32_t sum)
{
	struct flip_window *window = data;

	flip_report_texture(window->report, window->options, serial, state, reason, sum);
}

static const struct wltex_surface_v1_listener watch_listener = {.texture = handle_texture};

static void handle_frame_done(void *data, struct wl_callback *callback, uint32_t time)
{
	struct flip_window *window = data;

	wl_callback_destroy(callback);
	window->frame = NULL;
}

static const struct wl_callback_listener frame_listener = {.done = handle_frame_done};

static void handle_configure(void *data, struct xdg_surface *xdg_surface, uint32_t serial)
{
	struct flip_window *window = data;

	xdg_surface_ack_configure(xdg_surface, serial);
	window->configured = true;
}

static const struct xdg_surface_listener xdg_surface_listener = {.configure = handle_configure};

static void handle_toplevel_configure(void *data, struct xdg_toplevel *toplevel, int32_t width,
	int32_t height, struct wl_array *states)
{
	struct flip_window *window = data;
	const uint32_t *state;

	window->width = width;
	window->height = height;
	window->must_fill = false;
	window->must_fit = false;
	wl_array_for_each(state, states)
	{
		if (*state == XDG_TOPLEVEL_STATE_MAXIMIZED)
			window->must_fill = true;
		else if (*state == XDG_TOPLEVEL_STATE_FULLSCREEN)
			window->must_fit = true;
	}
}

static void handle_close(void *data, struct xdg_toplevel *toplevel)
{
	struct flip_window *window = data;

	window->closed = true;
}

static const struct xdg_toplevel_listener toplevel_listener = {
	.configure = handle_toplevel_configure,
	.close = handle_close,
};

static int wait_until_configured(struct flip_window *window, double timeout_ms)
{
	double end = cli_now_ms() + timeout_ms;
	int ret = 0;

	while (!window->configured && !window->closed && !window->client->stopped && ret == 0) {
		double left = end - cli_now_ms();

		if (timeout_ms >= 0 && left <= 0)
			return -ETIMEDOUT;
		ret = client_dispatch(window->client, timeout_ms < 0 ? -1 : (int)left + 1);
	}
	return ret;
}

/*
 * The picture's size is what was asked for on the command line. Only where the state of
 * the window forbids that size is it scaled.
 */
static void fit(struct flip_window *window)
{
	int32_t width = (int32_t)window->options->canvas.width;
	int32_t height = (int32_t)window->options->canvas.height;
	bool larger = width > window->width || height > window->height;
	bool scale = window->width > 0 && window->height > 0 &&
		     (window->must_fill || (window->must_fit && larger));

	width = scale ? window->width : -1;
	height = scale ? window->height : -1;
	/* Weston 16 draws all of a window anew for each request, even for what it knows already. */
	if (!window->viewport || (width == window->scaled_width && height == window->scaled_height))
		return;
	wp_viewport_set_destination(window->viewport, width, height);
	window->scaled_width = width;
	window->scaled_height = height;
}

int flip_window_init(struct flip_window *window, struct client *client,
	const struct flip_options *options, struct flip_report *report)
{
	*window = (struct flip_window){.client = client,
		.options = options,
		.report = report,
		.scaled_width = -1,
		.scaled_height = -1};
	window->surface = wl_compositor_create_surface(client->compositor);
	if (client->viewporter)
		window->viewport = wp_viewporter_get_viewport(client->viewporter, window->surface);
	if (client->wltex && (options->json || options->events || options->content_sum)) {
		window->watch = wltex_manager_v1_get_surface(client->wltex, window->surface);
		wltex_surface_v1_add_listener(window->watch, &watch_listener, window);
	}
	window->xdg_surface = xdg_wm_base_get_xdg_surface(client->wm_base, window->surface);
	xdg_surface_add_listener(window->xdg_surface, &xdg_surface_listener, window);
	window->toplevel = xdg_surface_get_toplevel(window->xdg_surface);
	xdg_toplevel_add_listener(window->toplevel, &toplevel_listener, window);
	xdg_toplevel_set_title(window->toplevel, options->title);
	xdg_toplevel_set_app_id(window->toplevel, options->app_id);
	wl_surface_commit(window->surface);
	return wait_until_configured(window, -1);
}

static void claim_damage(struct flip_window *window, const pixman_region32_t *damage)
{
	const struct canvas_options *canvas = &window->options->canvas;
	int count;
	const pixman_box32_t *boxes;

	if (window->options->full_damage) {
		wl_surface_damage_buffer(
			window->surface, 0, 0, (int32_t)canvas->width, (int32_t)canvas->height);
		return;
	}
	boxes = pixman_region32_rectangles((pixman_region32_t *)damage, &count);
	for (int i = 0; i < count; i++)
		wl_surface_damage_buffer(window->surface, boxes[i].x1, boxes[i].y1,
			boxes[i].x2 - boxes[i].x1, boxes[i].y2 - boxes[i].y1);
}

void flip_window_commit(
	struct flip_window *window, struct wl_buffer *buffer, const pixman_region32_t *damage)
{
	fit(window);
	wl_surface_attach(window->surface, buffer, 0, 0);
	claim_damage(window, damage);
	if (!window->options->no_wait && !window->frame) {
		window->frame = wl_surface_frame(window->surface);
		wl_callback_add_listener(window->frame, &frame_listener, window);
	}
	wl_surface_commit(window->surface);
	window->report->frames++;
}

int flip_window_detach(struct flip_window *window)
{
	int ret;

	wl_surface_attach(window->surface, NULL, 0, 0);
	wl_surface_commit(window->surface);
	window->report->detaches++;
	/* The surface is as new now: the next buffer needs another configure. */
	window->configured = false;
	xdg_toplevel_set_title(window->toplevel, window->options->title);
	xdg_toplevel_set_app_id(window->toplevel, window->options->app_id);
	wl_surface_commit(window->surface);
	if (window->keeps_configured) {
		ret = client_roundtrip(window->client);
	} else {
		ret = wait_until_configured(window, RECONFIGURE_TIMEOUT_MS);
		if (ret == -ETIMEDOUT) {
			/* Weston is like that; what was configured before still counts. */
			window->keeps_configured = true;
			ret = 0;
		}
	}
	window->configured = true;
	return ret == -EINTR ? 0 : ret;
}

void flip_window_unmap(struct flip_window *window)
{
	if (window->frame)
		wl_callback_destroy(window->frame);
	window->frame = NULL;
	if (window->viewport)
		wp_viewport_destroy(window->viewport);
	window->viewport = NULL;
	if (window->toplevel)
		xdg_toplevel_destroy(window->toplevel);
	window->toplevel = NULL;
	if (window->xdg_surface)
		xdg_surface_destroy(window->xdg_surface);
	window->xdg_surface = NULL;
	if (window->surface)
		wl_surface_destroy(window->surface);
	window->surface = NULL;
}

void flip_window_finish(struct flip_window *window)
{
	flip_window_unmap(window);
	if (window->watch)
		wltex_surface_v1_destroy(window->watch);
	window->watch = NULL;
}
