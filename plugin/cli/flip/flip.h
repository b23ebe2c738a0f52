/* SPDX-License-Identifier: MIT */
#ifndef CLI_FLIP_FLIP_H
#define CLI_FLIP_FLIP_H

#include <stdbool.h>
#include <stdint.h>

#include <wayland-client.h>

#include "cli/alloc/alloc.h"
#include "cli/flip/canvas.h"
#include "cli/flip/client.h"

#define FLIP_MAX_SIZE 16384
#define FLIP_MAX_BUFFERS 64
#define FLIP_TEXTURE_STATES 6
#define FLIP_TEXTURE_REASONS 10

struct xdg_surface;
struct xdg_toplevel;
struct wl_buffer;
struct wltex_surface_v1;
struct wp_viewport;

struct flip_options {
	struct canvas_options canvas;
	/* 0: until something ends it. */
	uint32_t frames;
	uint32_t buffers;
	/* 0: never. */
	uint32_t detach_every;
	/* Frames a second; 0: as the compositor's frame callbacks come. */
	uint32_t rate;
	uint32_t stride_padding;
	/* NULL: the first that works. */
	const struct allocator_ops *allocator;
	const char *device, *title, *app_id;
	bool full_damage;
	bool recreate, abandon, hold, no_wait, async_create, content_sum;
	bool json, events;
};

/* What the program says at its end. */
struct flip_report {
	/* Commits with a buffer, and with none to detach. */
	uint64_t frames, detaches;
	/* wl_buffer.release events, and wl_buffers made. */
	uint64_t releases, buffers;
	double started_ms, ended_ms;
	/* wltex_surface_v1.texture events by state; the last is for states unknown. */
	uint64_t states[FLIP_TEXTURE_STATES + 1];
};

/* The window: a surface with the role of a toplevel. */
struct flip_window {
	struct client *client;
	const struct flip_options *options;
	struct flip_report *report;
	struct wl_surface *surface;
	struct xdg_surface *xdg_surface;
	struct xdg_toplevel *toplevel;
	struct wp_viewport *viewport;
	struct wltex_surface_v1 *watch;
	/* Pending: the compositor has not shown the last frame yet. */
	struct wl_callback *frame;
	/* Size the compositor asks for, and whether it insists. */
	int32_t width, height;
	bool must_fill, must_fit;
	/* What the picture was scaled to last; -1: nothing. */
	int32_t scaled_width, scaled_height;
	bool configured, closed;
	/* The compositor sends no configure to a toplevel that was unmapped. */
	bool keeps_configured;
};

/* One wl_buffer and its memory. */
struct flip_buffer {
	struct flip_report *report;
	struct memory memory;
	struct wl_buffer *buffer;
	/* The compositor may read it. */
	bool busy;
	/* What differs from the canvas. */
	pixman_region32_t stale;
};

/*
 * Options of argv. Returns -1 to go on, or the exit status: --help was printed, or
 * something was wrong.
 */
int flip_options_parse(struct flip_options *options, int argc, char *argv[]);

/* Returns 0 or a negative errno; the window is to be finished in either case. */
int flip_window_init(struct flip_window *window, struct client *client,
	const struct flip_options *options, struct flip_report *report);
/* Show a buffer, of which damage has changed since the last one. */
void flip_window_commit(
	struct flip_window *window, struct wl_buffer *buffer, const pixman_region32_t *damage);
/* Take the picture away and get ready for the next one. Returns 0 or a negative errno. */
int flip_window_detach(struct flip_window *window);
/* Destroy everything except what still hears of the texture's end. */
void flip_window_unmap(struct flip_window *window);
void flip_window_finish(struct flip_window *window);

/*
 * Returns 0, or a negative errno with *reason set and nothing left to finish. -EINTR if a
 * signal came while waiting for the compositor's answer.
 */
int flip_buffer_init(struct flip_buffer *buffer, struct client *client, struct allocator *allocator,
	const struct flip_options *options, struct flip_report *report, struct cli_reason *reason);
void flip_buffer_finish(struct flip_buffer *buffer);
/* Bring the pixels up to date. Returns 0 or a negative errno. */
int flip_buffer_update(struct flip_buffer *buffer, const struct canvas *canvas);

/* Count and print one texture event. */
void flip_report_texture(struct flip_report *report, const struct flip_options *options,
	uint32_t serial, uint32_t state, uint32_t reason, uint32_t sum);
/* The one line, or the JSON object, about the whole run. */
void flip_report_print(const struct flip_report *report, const struct flip_options *options,
	const struct memory *memory, const char *allocator, bool has_events);

#endif
