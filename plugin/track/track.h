/* SPDX-License-Identifier: MIT */
#ifndef TRACK_TRACK_H
#define TRACK_TRACK_H

/*
 * What the clients of a wl_display do with their buffers, seen from outside of the
 * compositor's own code: the parameters of zwp_linux_dmabuf_v1, the pools of wl_shm, the
 * wl_buffers that come of both, and every wl_surface. Only libwayland-server's public
 * interface is used: a protocol logger, and listeners for clients and resources that come
 * and go. So wl_shm may as well be the compositor's own.
 *
 * Everything runs on the thread that dispatches the display. Nothing blocks. Where memory
 * runs out the object concerned is not tracked, and an error is logged.
 */
#include <pixman.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <wayland-server-core.h>
#include <wltex/dmabuf.h>
#include <wltex/log.h>

struct wltex_track;

/* Bytes of a name with its NUL: "started by " and what /proc/PID/comm has. */
#define WLTEX_TRACK_NAME_SIZE 32

struct wltex_track_client {
	struct wl_client *client;
	/*
	 * By the socket's credentials: the process that connected. Of a client that the
	 * compositor started itself, which has the compositor's credentials: the process that
	 * was started. 0 if it is not known.
	 */
	pid_t pid;
	/*
	 * Its name when it connected; may be any bytes but NUL, empty if not known. One that
	 * was started is "started by weston", say, until its first request: before that it may
	 * not have executed its program yet.
	 */
	char name[WLTEX_TRACK_NAME_SIZE];
	/* For the user; NULL at first. */
	void *user_data;
	/* Living objects of each kind that are tracked. */
	uint32_t n_params, n_buffers, n_surfaces;
	/* Of wl_shm: buffers, and pools whose memory is there still. */
	uint32_t n_pools, n_shm_buffers;
	/*
	 * Bytes of these pools, as large as the compositor maps them, however many buffers they
	 * have. Where several are of one file it counts once, as large as the largest of them.
	 */
	uint64_t shm_bytes;
	/* File descriptors that are held for it now. */
	int fds;
	/*
	 * A wl_shm pool that it made is not a file in memory, or is not known to be one: any file
	 * will do that can be mapped, also one whose pages come from a file system of the client's
	 * own. Who reads such a buffer can be kept waiting. Once set it stays, as the buffers of
	 * a pool outlive it.
	 */
	bool has_foreign_pool;
};

struct wltex_track_buffer {
	struct wl_resource *resource;
	struct wltex_track_client *client;
	/* Owned by the tracker; NULL where our checks refuse what the compositor accepted. */
	struct wltex_dmabuf *dmabuf;
	/* Why dmabuf is NULL, else WLTEX_DMABUF_OK. */
	enum wltex_dmabuf_error error;
	/* For the user; NULL at first. */
	void *user_data;
};

/*
 * Memory that a client shares through wl_shm: from the time that its wl_shm_pool is made until
 * that and all wl_buffers of it are destroyed. No fd of it is held.
 */
struct wltex_track_pool {
	/* NULL once the wl_shm_pool is destroyed: then buffers keep the memory. */
	struct wl_resource *resource;
	struct wltex_track_client *client;
	/* What the client gave when it made the pool; 0 if the kernel does not say. */
	dev_t dev;
	ino_t ino;
	/* Bytes; follows wl_shm_pool.resize, which can only make it larger. */
	uint32_t size;
	/*
	 * All of it, mapped to be read; NULL if it is not: see wltex_track_map_pools(). Another one
	 * after a resize. Nobody can take pages away that are in memory; others may not be there.
	 */
	const uint8_t *data;
	/* Living wl_buffers of it. */
	uint32_t n_buffers;
	/* For the user; NULL at first. */
	void *user_data;
};

/* A wl_buffer of wl_shm, as its client describes it: the compositor has accepted it. */
struct wltex_track_shm_buffer {
	struct wl_resource *resource;
	struct wltex_track_client *client;
	/* Stays as long as the buffer. */
	struct wltex_track_pool *pool;
	/* In bytes, and in pixels. */
	int32_t offset, width, height, stride;
	/* enum wl_shm_format. */
	uint32_t format;
	/* For the user; NULL at first. */
	void *user_data;
};

struct wltex_track_surface {
	struct wl_resource *resource;
	struct wltex_track_client *client;
	/* wl_surface.commit requests seen so far, those not yet applied included. */
	uint32_t commits;
	/* The number of the last one that the user took; 0: it takes none. */
	uint32_t taken;
	/* The last of them came with a wl_surface.attach of a buffer or of NULL. */
	bool attaching;
	/* For the user; NULL at first. */
	void *user_data;
};

/*
 * The way to the outside; each may be NULL. A callback must neither destroy the tracker
 * nor a wl_client, and must not create or destroy tracked resources. What it is handed
 * is freed after the matching ..._destroyed.
 */
struct wltex_track_interface {
	/* Also for clients that were there already, from inside of wltex_track_create(). */
	void (*client_created)(void *data, struct wltex_track_client *client);
	/* Its name, and perhaps its pid, are known only now: the compositor started it. */
	void (*client_named)(void *data, struct wltex_track_client *client);
	/* After all of its surfaces, then all of its buffers, then its pools were destroyed. */
	void (*client_destroyed)(void *data, struct wltex_track_client *client);
	/* client->n_params has grown by one. */
	void (*params_created)(void *data, struct wltex_track_client *client);
	/* With create_immed the compositor has not set up the wl_resource yet. */
	void (*buffer_created)(void *data, struct wltex_track_buffer *buffer);
	/* The compositor sends wl_buffer.release. */
	void (*buffer_released)(void *data, struct wltex_track_buffer *buffer);
	/* Right before its dmabuf is destroyed. */
	void (*buffer_destroyed)(void *data, struct wltex_track_buffer *buffer);
	/* The compositor has taken the memory, but not set up the wl_resource yet. */
	void (*pool_created)(void *data, struct wltex_track_pool *pool);
	/* pool->size has grown. */
	void (*pool_resized)(void *data, struct wltex_track_pool *pool);
	/* Its memory is let go: pool->resource is NULL, and no buffer is left. */
	void (*pool_destroyed)(void *data, struct wltex_track_pool *pool);
	/* As with create_immed, the compositor has not set up the wl_resource yet. */
	void (*shm_buffer_created)(void *data, struct wltex_track_shm_buffer *buffer);
	void (*shm_buffer_released)(void *data, struct wltex_track_shm_buffer *buffer);
	/* Its pool is there still; if nothing else keeps that, pool_destroyed is next. */
	void (*shm_buffer_destroyed)(void *data, struct wltex_track_shm_buffer *buffer);
	void (*surface_created)(void *data, struct wltex_track_surface *surface);
	/* wl_surface.commit was requested; the compositor has not applied it yet. */
	void (*surface_commit)(void *data, struct wltex_track_surface *surface);
	void (*surface_destroyed)(void *data, struct wltex_track_surface *surface);
	/* wl_subsurface.place_above or place_below was requested, and is not handled yet. */
	void (*subsurface_placed)(void *data, struct wl_resource *subsurface);
	/* client->fds has changed by delta. */
	void (*fds_changed)(void *data, struct wltex_track_client *client, int delta);
	/* client->shm_bytes has changed by delta. */
	void (*shm_bytes_changed)(void *data, struct wltex_track_client *client, int64_t delta);
	/* One fd more was not taken: see wltex_track_set_client_fd_limit(). */
	void (*fd_limit_reached)(void *data, struct wltex_track_client *client);
};

/* What a compositor applies at once: one commit, or several on top of each other. */
struct wltex_track_commit {
	/* wl_surface.attach was among it, with a buffer or with NULL. */
	bool attached;
	/*
	 * What the last attach named, to be compared only: it may be gone. A compositor that
	 * shows another living buffer has not applied that attach but dropped it, as with
	 * the role of a synchronized sub-surface.
	 */
	const struct wl_resource *buffer;
	/* wltex_track_surface.commits as of the last commit in it. */
	uint32_t serial;
	/*
	 * Claimed damage, in surface and in buffer coordinates, cut to 0..INT32_MAX. At most
	 * WLTEX_TRACK_MAX_RECTS rectangles, else their extents: always a superset.
	 */
	pixman_region32_t damage_surface, damage_buffer;
};

#define WLTEX_TRACK_MAX_RECTS 64

/*
 * Commits of a surface that are kept apart until they are applied. With one more, and where
 * memory runs out or a client has very many of them, the oldest two become one.
 */
#define WLTEX_TRACK_MAX_COMMITS 16

/* What a client can hold however few fds are left. */
#define WLTEX_TRACK_FEW_FDS 64

/*
 * Start to watch the display. Surfaces and clients that exist already are tracked from
 * now on; params, pools and wl_buffers that exist already never are, as how they came to be
 * is not known (clients that have a pool or a wl_buffer get has_foreign_pool). *interface and
 * *logger (may be NULL) must stay until the end.
 *
 * Each fd that a client shares is held twice, by the compositor and here. While three quarters of
 * what RLIMIT_NOFILE allows now are in use, clients that have more than a few here get
 * WLTEX_DMABUF_NO_FDS for the next, so that the compositor does not run out of them sooner.
 *
 * \return NULL with errno ENOMEM, or EEXIST if the display is watched already.
 */
struct wltex_track *wltex_track_create(struct wl_display *display,
	const struct wltex_track_interface *interface, void *data,
	const struct wltex_logger *logger);

/*
 * Stop: every object goes as if its client had gone, with callbacks. Never from inside a
 * callback. The display may be gone before; then this only frees the tracker.
 */
void wltex_track_destroy(struct wltex_track *track);

/*
 * Hold at most this many fds for one client; 0, as at first, is no limit. Buffers that
 * would need more get WLTEX_DMABUF_NO_FDS. Fds held already stay.
 */
void wltex_track_set_client_fd_limit(struct wltex_track *track, int limit);

/*
 * Whether to map pools that are made from now on, where nobody can cut off their memory: for
 * compositors whose wl_shm is not libwayland's. At first they are not. Of a client and of all
 * together only so many are. false: those that are mapped are so no longer.
 */
void wltex_track_map_pools(struct wltex_track *track, bool map);

/* The dmabuf buffer behind a wl_buffer, or NULL if it is none or is not tracked. */
struct wltex_track_buffer *wltex_track_get_buffer(
	struct wltex_track *track, struct wl_resource *wl_buffer);

/* The buffer of wl_shm behind a wl_buffer, or NULL if it is none or is not tracked. */
struct wltex_track_shm_buffer *wltex_track_get_shm_buffer(
	struct wltex_track *track, struct wl_resource *wl_buffer);

struct wltex_track_surface *wltex_track_get_surface(
	struct wltex_track *track, struct wl_resource *wl_surface);

/* NULL if the client is not tracked. */
struct wltex_track_client *wltex_track_get_client(
	struct wltex_track *track, struct wl_client *client);

/*
 * What was committed since the last call, for the compositor's own "commit is applied now".
 * State that is pending (requested after the last commit) stays. *commit is set in every
 * case and must be given to wltex_track_commit_finish().
 *
 * \return false if nothing was committed since the last call: then *commit is empty and
 * carries the serial of the call before.
 */
bool wltex_track_surface_take_commit(
	struct wltex_track_surface *surface, struct wltex_track_commit *commit);

/*
 * The same for a compositor that may have several commits of a surface waiting (wp_fifo_v1,
 * wp_commit_timing_v1, locked or cached states): only what was applied now is taken, and what
 * came after it stays. To be called each time that state is applied. shown is the wl_buffer
 * whose content the surface has from now on: NULL if none, or if that wl_buffer is destroyed.
 *
 * Commits are applied in their order. Of a surface that never was a sub-surface it is the
 * next one; should that not lead to shown, then all up to the first that does. Of a
 * sub-surface as many as may have been cached and applied as one: all up to the last that
 * leads to shown, also those that the compositor goes on to apply by themselves if they show
 * the same wl_buffer again. A surface that is older than the tracker may be a sub-surface.
 *
 * Where no commit leads to shown (states that were dropped, applied out of order, or merged
 * here: see WLTEX_TRACK_MAX_COMMITS), all are taken, as in wltex_track_surface_take_commit();
 * and if shown is not what the surface showed at the last call either, then commit->buffer is
 * shown, attached, with damage everywhere. Where nothing is shown, because the wl_buffer of
 * the next commit was destroyed, only that commit is taken.
 *
 * So the damage is a superset for each wl_buffer that comes to be shown, whatever was applied.
 * Only what was committed without an attach, after a state that was dropped, may come as late
 * as with the next wl_buffer.
 *
 * \return false if nothing that was committed was applied, as far as can be told: *commit is
 * as above.
 */
bool wltex_track_surface_take_applied(struct wltex_track_surface *surface,
	const struct wl_resource *shown, struct wltex_track_commit *commit);

void wltex_track_commit_finish(struct wltex_track_commit *commit);

#endif
