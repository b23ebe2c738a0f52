/* SPDX-License-Identifier: MIT */
#ifndef TESTS_TRACK_WORLD_H
#define TESTS_TRACK_WORLD_H

/*
 * A small compositor with a tracker on its wl_display, and clients ("peers") that write the
 * wire protocol by themselves, so that they can do what libwayland-client would not. Both
 * ends run in one process, one after the other. The unit tests, the fuzz target and the
 * benchmark of the tracker use it.
 */
#ifdef NDEBUG
#error "tests need assertions"
#endif

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server.h>

#include "track/track.h"

/* How the compositor answers create and create_immed. */
enum answer {
	ACCEPT,
	FAIL,
	/* With a protocol error. */
	REJECT,
	/* Not at all: create_immed leaves its id without an object. */
	SILENT,
	/* create: when world_answer() is called. create_immed: as ACCEPT. */
	LATER,
	/* create_immed: make the wl_buffer, then send failed. create: as FAIL. */
	ACCEPT_THEN_FAIL,
	N_ANSWERS
};

#define MAX_LATER 16

struct world {
	struct wl_display *display; /* NULL once destroyed */
	struct wltex_track *track;
	enum answer answer;
	/* What is made of requests; tests may set copies of their own. */
	const struct wl_interface *dmabuf_interface, *params_interface, *surface_interface;
	struct later {
		struct wl_resource *params;
		struct wl_listener destroy;
	} later[MAX_LATER];
	/* Which resource the compositor made last; not to be used for destroyed ones. */
	struct wl_resource *last_surface, *last_wl_buffer, *last_params;

	/* What the tracker has told: "client+ buffer+7 released7 buffer-7 ...". */
	char log[8192];
	bool record;
	int n_clients, n_named, n_buffers, n_surfaces, fds;
	uint32_t n_pools, n_shm_buffers;
	uint64_t shm_bytes;
	struct wltex_track_client *last_client;
	struct wltex_track_buffer *last_buffer;
	struct wltex_track_pool *last_pool;
	struct wltex_track_shm_buffer *last_shm_buffer;
	/* The error of the last buffer that was created. */
	enum wltex_dmabuf_error last_error;
	/* Called from inside of the tracker's callbacks, for tests of their own. */
	void (*buffer_destroyed)(struct world *world, struct wltex_track_buffer *buffer);
};

struct peer {
	struct world *world;
	struct wl_client *client; /* NULL once the compositor has dropped it */
	struct wl_listener destroy;
	int fd;
	/* The code of the last wl_display.error, or -1; and the id of the last `created`. */
	int64_t error;
	uint32_t created_id;
	struct peer_global {
		uint32_t name;
		char interface[32];
	} globals[16];
	int n_globals;
};

/* Ids of a peer's objects. Further ids must be used in order, from ID_FREE on. */
enum {
	ID_DISPLAY = 1,
	ID_REGISTRY,
	ID_COMPOSITOR,
	ID_DMABUF,
	ID_SHM,
	ID_FREE,
};

enum {
	COMPOSITOR_CREATE_SURFACE = 0,
	DMABUF_CREATE_PARAMS = 1,
	PARAMS_DESTROY = 0,
	PARAMS_ADD = 1,
	PARAMS_CREATE = 2,
	PARAMS_CREATE_IMMED = 3,
	BUFFER_DESTROY = 0,
	SURFACE_DESTROY = 0,
	SURFACE_ATTACH = 1,
	SURFACE_DAMAGE = 2,
	SURFACE_COMMIT = 6,
	SURFACE_DAMAGE_BUFFER = 9,
	SHM_CREATE_POOL = 0,
	POOL_CREATE_BUFFER = 0,
	POOL_DESTROY = 1,
	POOL_RESIZE = 2,
};

/* Without a tracker: world_track() starts one. */
void world_init(struct world *world);
void world_track(struct world *world);
/* Destroys the clients, the display and the tracker, where they still are. */
void world_finish(struct world *world);
/* A global whose objects ignore all requests. */
void world_add_global(struct world *world, const struct wl_interface *interface, int version);
/* Handle everything that peers have sent, and flush. */
void world_dispatch(struct world *world);
/* Answer all that waits for it. */
void world_answer(struct world *world, bool accept);
/* What was recorded since the last call. */
const char *world_take_log(struct world *world);

/* Connects and binds; the version is that of zwp_linux_dmabuf_v1. */
void peer_init(struct peer *peer, struct world *world, uint32_t version);
/* Hang up and let the compositor notice. */
void peer_finish(struct peer *peer);
/* Send a request. fd is borrowed; -1 for none. false if the compositor has hung up. */
bool peer_send(struct peer *peer, uint32_t object, uint32_t opcode, const uint32_t *args, size_t n,
	int fd);
bool peer_send_bytes(struct peer *peer, const void *bytes, size_t size, int fd);
/* Bind the last global of that interface that the peer has heard of. */
void peer_bind(struct peer *peer, const char *interface, uint32_t version, uint32_t id);
/* Read what the compositor has sent, after world_dispatch(). */
void peer_receive(struct peer *peer);

/* words: the opcode and the arguments. */
bool peer_send_words(struct peer *peer, uint32_t object, const uint32_t *words, size_t n);

#define peer_request(peer, object, ...) \
	peer_send_words(peer, object, (uint32_t[]){__VA_ARGS__}, \
		sizeof((uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

/* params.add with modifier LINEAR. */
void peer_add(struct peer *peer, uint32_t params, int fd, uint32_t plane, uint32_t offset,
	uint32_t stride);
/* create_params, add one plane of XRGB8888, create_immed. */
void peer_make_buffer(
	struct peer *peer, uint32_t params, uint32_t buffer, int fd, int32_t width, int32_t height);

/* wl_shm.create_pool. */
void peer_make_pool(struct peer *peer, uint32_t pool, int fd, int32_t size);
/* A buffer of 16x16 pixels at the start of the pool. */
void peer_make_shm_buffer(struct peer *peer, uint32_t pool, uint32_t buffer);

/* A memfd that can play a dmabuf. */
int make_memory(size_t size);

#endif
