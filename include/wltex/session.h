/* SPDX-License-Identifier: MIT */
/**
 * \file
 * A session: all that wltex does for a compositor, whatever compositor that is. It follows every
 * client of a wl_display, makes textures of dmabufs that die on time, knows which part of what
 * is claimed did change, keeps the ledger, checks limits, sees signs of leaks, offers wltex-v1
 * and answers `wltex top`, `watch`, `snapshot` and `export` through the control socket.
 *
 * The compositor tells facts, and gets what came of them:
 *
 *	session = wltex_session_create(&(struct wltex_session_options){.display = display});
 *	...
 *	wltex_surface_apply(surface, &applied, &verdict);	a commit counts from now on
 *	wltex_surface_look(surface, &look, changed);		it is about to be drawn: what changed?
 *	wltex_surface_settle(surface, NULL);			it was drawn
 *	...
 *	wltex_session_destroy(session);
 *
 * Everything runs on the thread that dispatches the display, and nothing blocks. Link with
 * libwltex-server (pkg-config wltex-server), which has all of libwltex in it.
 */
#ifndef WLTEX_SESSION_H
#define WLTEX_SESSION_H

#include <pixman.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wayland-server-core.h>

#include <wltex/ledger.h>
#include <wltex/log.h>
#include <wltex/texture.h>

#ifdef __cplusplus
extern "C" {
#endif

struct wltex_session;
/** A client's wl_surface, as long as that lives. */
struct wltex_surface;

/** What a record is about. */
enum wltex_record_kind {
	WLTEX_RECORD_CLIENT_CREATED = 1,
	/** A client that the compositor started has the name of its program from now on. */
	WLTEX_RECORD_CLIENT_NAMED,
	WLTEX_RECORD_CLIENT_DESTROYED,
	/** Something became of a surface's texture: see event. */
	WLTEX_RECORD_TEXTURE,
	/** Of claimed_px, true_px changed. */
	WLTEX_RECORD_DAMAGE,
	/** All that was claimed is drawn; message says why. */
	WLTEX_RECORD_DAMAGE_KEPT,
	/** A dmabuf's buffer was made, or one of wl_shm committed for the first time: see buffer. */
	WLTEX_RECORD_BUFFER_CREATED,
	WLTEX_RECORD_BUFFER_DESTROYED,
	/** wl_buffer.release, and how long after another was shown in its place: unreleased_ns. */
	WLTEX_RECORD_BUFFER_RELEASED,
	/** A commit that shows a buffer counts from now on; surfaces show one at a time. */
	WLTEX_RECORD_ATTACHED,
	/** The surface shows nothing any more: NULL was attached, or its end has come. */
	WLTEX_RECORD_DETACHED,
	/** What the surface is called, title and app_id, is told now and then. */
	WLTEX_RECORD_SURFACE_NAMED,
};

/** What a record tells of a buffer. */
struct wltex_record_buffer {
	/** That no other buffer of the session has or had; from 1. */
	uint64_t number;
	/** The wl_buffer's id, which others can have had. */
	uint32_t id;
	/** 0: a dmabuf; 1: of wl_shm; 2: a memory file that came as a dmabuf. */
	uint32_t kind;
	/** In pixels; 0 for a buffer that was refused. */
	int32_t width, height;
	/** DRM FourCC, and modifier. */
	uint32_t format;
	uint64_t modifier;
	/** Of the kernel objects that it lies in or, of wl_shm, of itself. */
	uint64_t bytes;
};

/** One thing that happened. All that it refers to is borrowed, for the call. */
struct wltex_record {
	enum wltex_record_kind kind;
	/** CLOCK_MONOTONIC, in nanoseconds. */
	uint64_t time_ns;
	/** Number of the client in this session, from 1; process, 0 if not known; its name. */
	uint64_t client;
	int32_t pid;
	const char *name;
	/** Of a surface: the wl_surface's id, and its commits so far; else 0. */
	uint32_t surface, commit;
	/** That no other surface of the session has or had; 0: it is of no surface. */
	uint64_t surface_number;
	/** Of what is about a buffer, else NULL. */
	const struct wltex_record_buffer *buffer;
	/** Of WLTEX_RECORD_TEXTURE, else NULL. */
	const struct wltex_event *event;
	/** Static. NULL if there is none. */
	const char *message;
	/** Areas in buffer pixels. */
	uint64_t claimed_px, true_px;
	/** Of WLTEX_RECORD_DAMAGE, in buffer pixels; changed is NULL where that is not known. */
	const pixman_region32_t *claimed, *changed;
	/** Of WLTEX_RECORD_BUFFER_RELEASED, in nanoseconds; 0: no other was shown. */
	uint64_t unreleased_ns;
	/** Of WLTEX_RECORD_SURFACE_NAMED; app_id of others of a surface, too, where somebody at the
	 * control socket listens. Else NULL. */
	const char *title, *app_id;
};

/**
 * A record in words, as for a log, without a newline: "pid 12 wl_surface@3 commit 1: imported
 * attached, sum 0badcafe". What clients are called is printed clean.
 * \return its length, as snprintf(3).
 */
int wltex_record_print(const struct wltex_record *record, char *text, size_t size);

/** What is shown of a surface by `wltex top`; strings are borrowed until the next call, or NULL. */
struct wltex_description {
	/** In surface coordinates. */
	int32_t width, height;
	bool mapped;
	const char *app_id, *title, *role;
};

/**
 * What is asked of the compositor, and told to it; each may be NULL. data is the session
 * options', surface_data what wltex_surface_set_data() set. None of them may destroy the session
 * or a client.
 */
struct wltex_host {
	/** Value of an option as in wltex-weston(7), to be freed; NULL: not set. */
	char *(*get_option)(void *data, const char *key);
	/** Fill in what is known; all is zero before. */
	void (*describe)(void *data, void *surface_data, struct wltex_description *description);
	/** Whether somebody is there who wants each texture at its commit. */
	bool (*wants_textures)(void *data);
	/** A texture was made; one is valid for the last time. */
	void (*texture_created)(
		void *data, void *surface_data, const struct wltex_texture_info *info);
	void (*texture_destroying)(
		void *data, void *surface_data, const struct wltex_texture_info *info);
	/**
	 * A commit was requested, and is not handled yet, of a surface that has no surface_data:
	 * time to call wltex_session_get_surface(). Surfaces that never commit cost nothing.
	 */
	void (*first_commit)(void *data, struct wl_resource *wl_surface);
	/** The wl_surface goes: the last time that surface_data is used. Only if it is set. */
	void (*surface_destroyed)(void *data, void *surface_data);
	/** The wl_buffer that the surface shows is destroyed: it is gone when this returns. */
	void (*buffer_destroyed)(void *data, void *surface_data);
	/** wl_subsurface.place_above or place_below was requested, and is not handled yet. */
	void (*subsurface_placed)(void *data, struct wl_resource *subsurface);
	/**
	 * What wltex_surface_look() told to be unchanged was written after its commit: that region,
	 * in buffer pixels, is to be drawn again. With the option sum-method only. Without this
	 * function, such pixels are stale until they are claimed again.
	 */
	void (*late_verdict)(void *data, void *surface_data, const pixman_region32_t *region);
	/** Everything that happens, in its order. */
	void (*record)(void *data, const struct wltex_record *record);
};

struct wltex_session_options {
	struct wl_display *display;
	/**
	 * How textures are to be made; NULL: not at all, the ledger and true damage only. Ledger
	 * and logger in it are the session's.
	 */
	const struct wltex_context_options *gl;
	/** Borrowed, as long as the session lives; NULL: options come from the environment. */
	const struct wltex_host *host;
	void *data;
	/** Where messages go; NULL: nowhere. Its level is what the option log-level says. */
	const struct wltex_logger *logger;
	/** No control socket until wltex_session_listen(): the display has no name yet. */
	bool listen_later;
	/**
	 * The compositor's wl_shm may be its own. Where wltex_source.shm is NULL, buffers of wl_shm
	 * are looked at through mappings of the session's, if their pool is sealed against
	 * shrinking. Ends with the first source that has shm set.
	 */
	bool map_shm;
};

/**
 * Follow the clients of a display. Clients that are there already are followed from now on.
 * Options that the host does not know come from the environment, as WLTEX_SUM_BUDGET_US. The
 * control socket is at $XDG_RUNTIME_DIR/wltex.$WAYLAND_DISPLAY.sock, unless listen_later is set.
 *
 * Touches GL. Where no textures can be made, that is logged and everything else goes on.
 * \return NULL with errno set: EEXIST (the display has a session already), ENOMEM.
 */
struct wltex_session *wltex_session_create(const struct wltex_session_options *options);

/**
 * Write the ledger (option stats), and end: all textures are destroyed. To be called before the
 * display and the GL context that is shared with go. NULL is legal. Touches GL.
 */
void wltex_session_destroy(struct wltex_session *session);

/**
 * Make the control socket, $XDG_RUNTIME_DIR/wltex.DISPLAY_NAME.sock, unless the option control
 * says that there is to be none. Of a name that is a path, the last part counts.
 * \return 0 or a negative errno: -EALREADY (there is one), -ENOENT (no XDG_RUNTIME_DIR),
 * -ENAMETOOLONG, -EADDRINUSE, and what socket(2), bind(2) and listen(2) say.
 */
int wltex_session_listen(struct wltex_session *session, const char *display_name);

/** What is counted. Borrowed. */
struct wltex_ledger *wltex_session_get_ledger(struct wltex_session *session);

/**
 * What the session knows of a surface, from the first call on, until the wl_surface goes.
 * \return NULL if it is not followed: out of memory.
 */
struct wltex_surface *wltex_session_get_surface(
	struct wltex_session *session, struct wl_resource *wl_surface);

/** What the host's functions get. */
void wltex_surface_set_data(struct wltex_surface *surface, void *data);

/** The buffer that a surface shows. */
struct wltex_source {
	/** The wl_buffer; NULL if the surface shows none, or one that was destroyed. */
	struct wl_resource *buffer;
	/** Its size in pixels. */
	int32_t width, height;
	/** wl_shm's buffer, where that can be accessed; else NULL. */
	struct wl_shm_buffer *shm;
	/** Until that can be read, the client has not finished drawing; negative: there is none. */
	int acquire_fence;
	/** For the display only: neither read nor imported. */
	bool scanout_only;
};

/** A commit counts from now on. */
struct wltex_applied {
	struct wltex_source source;
	/** What the client says has changed, in buffer pixels. */
	const pixman_region32_t *claimed;
	/**
	 * The compositor will draw less where less has changed: before it draws the surface the
	 * next time it calls one of the functions from wltex_surface_look() on to
	 * wltex_surface_drawn_unchanged().
	 */
	bool trim;
};

struct wltex_verdict {
	/** enum wltex_state, or a negative errno as of wltex_texture_attach(); 0: nothing to tell. */
	int state;
	/** A look may be taken when this is drawn, and pays. */
	bool look;
};

/**
 * The surface shows source from now on: a buffer that was attached by the commits that are
 * applied (each commit counts once). Without one (source.buffer is NULL) the texture is gone when
 * this returns. Touches GL.
 */
void wltex_surface_apply(struct wltex_surface *surface, const struct wltex_applied *applied,
	struct wltex_verdict *verdict);

/** To look at what a surface shows. */
struct wltex_look {
	struct wltex_source source;
	/** What the compositor is about to read of it, in buffer pixels. */
	const pixman_region32_t *claimed;
	/**
	 * The buffer is another one than before, and the compositor reads it each time that it
	 * draws: also look at what is not claimed, where that is known of the other.
	 */
	bool others;
};

/**
 * Right before the compositor reads what a surface shows: what of it differs from what it has
 * read before. See plugin/weston/look.h for the rules of a renderer that wants to be right at
 * rest, whatever clients do.
 * \param changed initialised by the caller; what changed, in buffer pixels, whole tiles of 64x64.
 * \return 1; 0 if there was nothing to compare with; negative if nothing is known, and all that
 * is claimed is to be drawn: -EBUSY (there is no time for it), -EAGAIN (the client has not
 * finished drawing, or there is nothing to look at), -ENOTSUP, and others.
 */
int wltex_surface_look(
	struct wltex_surface *surface, const struct wltex_look *look, pixman_region32_t *changed);

/** All that is claimed is drawn without a look; why: static, in words. */
void wltex_surface_skip_look(struct wltex_surface *surface, const char *why);

/** What was applied is drawn nowhere, or will be drawn without a look. */
void wltex_surface_end_looks(struct wltex_surface *surface);

/** The compositor needs to read nothing of what was applied: nothing was claimed. */
void wltex_surface_drawn_unchanged(struct wltex_surface *surface);

/** The compositor has read what was claimed of what was looked at last: it is known now. */
void wltex_surface_settle(struct wltex_surface *surface);

/** The look is over, whatever came of it. */
void wltex_surface_drop_look(struct wltex_surface *surface);

/** What the compositor has read of a region, in buffer pixels, is not known; NULL: of all. */
void wltex_surface_forget(struct wltex_surface *surface, const pixman_region32_t *region);

/** The same, but for what was looked at since the last wltex_surface_drop_look(). */
void wltex_surface_forget_unlooked(struct wltex_surface *surface, const pixman_region32_t *region);

/** Whether anything is known of what the compositor has read. */
bool wltex_surface_is_known(const struct wltex_surface *surface);

/** An output is about to be repainted: looks have the time of one repaint from now on. */
void wltex_session_begin_repaint(struct wltex_session *session);

/**
 * The texture of what was applied last, made now if need be: see wltex_texture_get(). Valid until
 * the next apply, or the release or destruction of the buffer. Touches GL.
 * \return true and *info, or false: there is none, or it would be over a limit.
 */
bool wltex_surface_get_texture(struct wltex_surface *surface, struct wltex_texture_info *info);

#ifdef __cplusplus
}
#endif

#endif
