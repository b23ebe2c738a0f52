/* SPDX-License-Identifier: MIT */
#ifndef TESTS_CLIENTS_TWIN_H
#define TESTS_CLIENTS_TWIN_H

/*
 * A client of two compositors at once, which does the same to both and compares what they
 * show: the one at WLTEX_TWIN_REFERENCE runs without the module, the one at
 * WLTEX_TWIN_TESTED with it. Buffers are in memory that both compositors share. Whatever
 * goes wrong ends the test.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <wayland-client.h>

#include "linux-dmabuf-v1-client.h"
#include "test.h"
#include "viewporter-client.h"
#include "weston-output-capture-client.h"
#include "wltex-v1-client.h"
#include "xdg-shell-client.h"

#define TWIN_REFERENCE 0
#define TWIN_TESTED 1

#define TWIN_MAX_OUTPUTS 2

/* Make the same request at both: "i" is the number of the compositor. */
#define both(request) \
	do { \
		for (int i = 0; i < 2; i++) \
			request; \
	} while (0)

struct twin_output {
	struct wl_output *wl;
	struct weston_capture_source_v1 *source;
	int32_t scale;
	/* What the compositor says of captured pictures, and the last of them. */
	int32_t width, height;
	uint32_t format;
	struct wl_buffer *picture;
	uint32_t *pixels;
	size_t size;
	enum {
		TWIN_IDLE,
		TWIN_CAPTURING,
		TWIN_CAPTURED,
		TWIN_FAILED
	} state;
};

struct twin_screen {
	struct wl_display *display;
	pid_t pid;
	struct wl_registry *registry;
	struct wl_compositor *compositor;
	struct wl_subcompositor *subcompositor;
	struct wl_shm *shm;
	struct xdg_wm_base *wm_base;
	struct zwp_linux_dmabuf_v1 *dmabuf;
	struct wp_viewporter *viewporter;
	struct wltex_manager_v1 *wltex;
	struct weston_capture_v1 *capture;
	struct twin_output outputs[TWIN_MAX_OUTPUTS];
	int n_outputs;
	/* DRM fourccs. */
	uint32_t shm_formats[64], dmabuf_formats[64];
	int n_shm_formats, n_dmabuf_formats;
};

struct twin {
	struct twin_screen screens[2];
	/* Of the first output, as clients count. */
	int32_t width, height;
	int n_outputs;
	/* Greatest difference of a colour channel that is not one. */
	int tolerance;
	/* Whatever the test does not destroy itself goes with the connections. */
	struct twin_surface *surfaces;
	struct twin_buffer *buffers;
	/* Pictures in which the reference was stale. */
	unsigned long stale;
	/* Where pictures that differ are written; NULL: nowhere. */
	const char *pictures;
};

enum twin_memory {
	TWIN_SHM,
	TWIN_DMABUF,
	/* The module cannot read it: its owner could shrink it. */
	TWIN_DMABUF_UNSEALED,
};

struct twin_buffer_spec {
	int32_t width, height;
	uint32_t format; /* DRM fourcc */
	enum twin_memory memory;
	bool y_inverted;
};

struct twin_buffer {
	struct twin *twin;
	struct twin_buffer *next; /* twin.buffers */
	struct twin_buffer_spec spec;
	int fd;
	size_t stride, size;
	uint32_t bytes_per_pixel;
	uint8_t *pixels;
	struct wl_buffer *wl_buffers[2];
	/* Attached and not released yet. */
	bool busy[2];
};

struct twin_surface {
	struct twin *twin;
	struct twin_surface *next; /* twin.surfaces */
	struct wl_surface *wl[2];
	struct wl_subsurface *sub[2];
	struct wp_viewport *viewport[2];
	struct xdg_surface *xdg[2];
	struct xdg_toplevel *toplevel[2];
	struct wltex_surface_v1 *watch; /* at the tested one only */
	int configured;
};

/* twin-picture.c: make ready to capture outputs that are bound. */
void twin_capture_init(struct twin_screen *screen);
void twin_capture_finish(struct twin_screen *screen);

/* Connect to both. Skips the test if a compositor cannot be captured. */
void twin_connect(struct twin *twin);
/* The same with another tested one: its display's variable, as WLTEX_TWIN_TESTED. */
void twin_connect_to(struct twin *twin, const char *variable);
void twin_disconnect(struct twin *twin);
/* Wait until both have handled everything. */
void twin_sync(struct twin *twin);
/* Read what comes, but wait no longer than this. */
void twin_dispatch(struct wl_display *display, int timeout_ms);
/* Send what was requested; read what has come. Does not wait. */
void twin_flush(struct twin *twin);

/*
 * Capture all outputs of both when all that was requested is shown. False if they differ, unless
 * the reference would show the same if it drew everything anew: then what it does show is
 * stale. This is counted.
 */
bool twin_equal(struct twin *twin, const char *name);
#define check_equal(twin) \
	do { \
		if (!twin_equal((twin), "stale")) \
			test_fail(__FILE__, __LINE__, "the pictures differ"); \
	} while (0)
/* Capture both, compare nothing: all that was requested was shown. */
void twin_show(struct twin *twin);
/* The same with one of the outputs only. */
void twin_show_output(struct twin *twin, int output);
/* Whether the pictures that were captured last are the same, to the tolerance. */
bool twin_looks_equal(const struct twin *twin);
/*
 * Of the pixels in which these differ, count those of the reference, and those of the tested
 * one, that are as the reference shows them when it has drawn everything anew.
 */
void twin_judge(struct twin *twin, int *right_reference, int *right_tested);
/* A pixel of the tested one's last captured picture of the first output. */
uint32_t twin_pixel(const struct twin *twin, int32_t x, int32_t y);

/* Whether both take buffers of the format, without a modifier or with the linear one. */
bool twin_takes(const struct twin *twin, enum twin_memory memory, uint32_t format);
/* Zeros at first. */
struct twin_buffer *twin_buffer_create(struct twin *twin, const struct twin_buffer_spec *spec);
void twin_buffer_destroy(struct twin_buffer *buffer);
/* Destroy the wl_buffers, and make others over the same memory. */
void twin_buffer_give_up(struct twin_buffer *buffer);
void twin_buffer_renew(struct twin_buffer *buffer);
bool twin_buffer_is_busy(const struct twin_buffer *buffer);
/* Fill a rectangle, which is cut to the buffer; rows count from the top of the picture. */
void twin_buffer_fill(struct twin_buffer *buffer, int32_t x, int32_t y, int32_t width,
	int32_t height, uint32_t argb);
/* Write all of it: width * height pixels of ARGB (or of the format's own order of bytes). */
void twin_buffer_write(struct twin_buffer *buffer, const uint32_t *pixels);
/* A picture in which no two places look alike. */
void twin_buffer_paint(struct twin_buffer *buffer, uint32_t seed);
/* The content sum as wltex-v1 defines it. */
uint32_t twin_buffer_sum(const struct twin_buffer *buffer);

struct twin_surface *twin_surface_create(struct twin *twin);
struct twin_surface *twin_subsurface_create(
	struct twin *twin, struct twin_surface *parent, int32_t x, int32_t y);
/* Make it a window, which then waits for its first buffer. */
void twin_surface_map(struct twin *twin, struct twin_surface *surface);
void twin_surface_destroy(struct twin_surface *surface);
struct wp_viewport **twin_surface_get_viewports(struct twin *twin, struct twin_surface *surface);
void twin_attach(struct twin_surface *surface, struct twin_buffer *buffer);
void twin_commit(struct twin_surface *surface);
/* Attach, claim everything, commit. */
void twin_present(struct twin_surface *surface, struct twin_buffer *buffer);

#endif
