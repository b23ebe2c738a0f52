/* SPDX-License-Identifier: MIT */
#ifndef TRACK_PRIVATE_H
#define TRACK_PRIVATE_H

#include "dmabuf/params.h"
#include "track/track.h"
#include "util/log.h"

/* The messages that matter; everything else is MESSAGE_OTHER. */
enum message_kind {
	MESSAGE_OTHER,
	MESSAGE_SHM_CREATE_POOL,
	MESSAGE_POOL_CREATE_BUFFER,
	MESSAGE_POOL_RESIZE,
	MESSAGE_PARAMS_ADD,
	MESSAGE_PARAMS_CREATE,
	MESSAGE_PARAMS_CREATE_IMMED,
	MESSAGE_PARAMS_CREATED,
	MESSAGE_PARAMS_FAILED,
	MESSAGE_BUFFER_RELEASE,
	MESSAGE_SUBSURFACE_CREATE,
	MESSAGE_SUBSURFACE_PLACE,
	MESSAGE_SURFACE_ATTACH,
	MESSAGE_SURFACE_DAMAGE,
	MESSAGE_SURFACE_DAMAGE_BUFFER,
	MESSAGE_SURFACE_COMMIT,
};

#define N_MESSAGE_SLOTS 512

/*
 * Which message is of which kind, by the address of its description, so that a message is
 * known by one compare or two. Several copies of an interface can live in a process (each
 * module may bring its own), so addresses are learnt as they are met.
 */
struct message_table {
	struct message_slot {
		const struct wl_message *message;
		enum message_kind kind;
	} slots[N_MESSAGE_SLOTS];
};

enum message_kind message_table_learn(struct message_table *table, const char *class,
	enum wl_protocol_logger_type type, const struct wl_message *message);

/* The first slot for a message; the second is its neighbour, [slot ^ 1]. */
static inline size_t message_slot(const struct wl_message *message)
{
	return (uintptr_t)message / sizeof(void *) % N_MESSAGE_SLOTS;
}

static inline enum message_kind message_table_get(struct message_table *table,
	enum wl_protocol_logger_type type, const struct wl_protocol_logger_message *m)
{
	size_t slot = message_slot(m->message);

	if (table->slots[slot].message == m->message)
		return table->slots[slot].kind;
	if (table->slots[slot ^ 1].message == m->message)
		return table->slots[slot ^ 1].kind;
	return message_table_learn(table, wl_resource_get_class(m->resource), type, m->message);
}

enum expected_kind {
	EXPECT_NOTHING,
	EXPECT_DMABUF,
	EXPECT_POOL,
	EXPECT_SHM_BUFFER,
};

/* What a request has described, until the compositor makes a wl_buffer or wl_shm_pool of it. */
struct expected {
	enum expected_kind kind;
	struct client *client;
	uint32_t id;
	/* EXPECT_DMABUF: create_immed of these params. */
	struct params *params;
	struct wltex_dmabuf *dmabuf;
	enum wltex_dmabuf_error error;
	/* EXPECT_POOL: its size, and what it is of. */
	struct wltex_track_pool pool;
	bool pool_is_file;
	/* EXPECT_SHM_BUFFER: of this pool, and what it looks like. */
	struct pool *pool_of_buffer;
	struct wltex_track_shm_buffer shm_buffer;
};

struct wltex_track {
	struct wl_display *display; /* NULL once it is gone */
	struct wl_protocol_logger *protocol_logger;
	struct wl_listener display_destroy;
	struct wl_listener client_created;
	struct wl_list clients; /* client.link */
	struct message_table messages;
	/*
	 * One for all clients: a compositor makes the object while it handles the request, so
	 * the next request of any client ends the wait.
	 */
	struct expected expected;
	int client_fd_limit;
	/* The process has used up most of its fds where one gets this number, or a larger one. */
	int scarce_fd;
	/* Pools that are mapped, and whether others will be. */
	uint32_t n_maps;
	bool map_pools;
	/* For the trees of pools, and how many pools are of no file, so far. */
	uint64_t seed, n_alone;
	const struct wltex_track_interface *interface;
	void *data;
	const struct wltex_logger *logger;
};

struct client {
	struct wltex_track_client base;
	struct wltex_track *track;
	struct wl_list link; /* wltex_track.clients */
	bool started;        /* by the compositor, and its name is not known yet */
	struct wl_listener destroy;
	struct wl_listener resource_created;
	struct wl_list params;   /* params.link */
	struct wl_list buffers;  /* buffer.link */
	struct wl_list surfaces; /* surface.link */
	struct wl_list pools;    /* pool.link */
	struct pool *pool_tree;  /* all of them: see shm-bytes.c */
	uint32_t n_maps;         /* pools that are mapped */
	uint32_t n_queued;       /* commits that are not built into their surface */
};

/* A zwp_linux_buffer_params_v1. */
struct params {
	struct wl_resource *resource;
	struct client *client;
	struct wl_list link; /* client.params */
	struct wl_listener destroy;
	struct wltex_params planes;
	bool used;
	/* The first thing that was wrong with it. */
	enum wltex_dmabuf_error error;
	/* Creates that the compositor has not answered yet, and what the first made. */
	uint32_t n_unanswered;
	struct wltex_dmabuf *dmabuf;
	/* The buffer that create_immed made, in case that `failed` follows. */
	struct buffer *buffer;
};

struct buffer {
	struct wltex_track_buffer base;
	struct wl_list link; /* client.buffers */
	struct wl_listener destroy;
	struct params *params; /* whose .buffer this is, or NULL */
};

/* A wl_shm_pool, or what its buffers keep of it. */
struct pool {
	struct wltex_track_pool base;
	struct wl_list link;    /* client.pools */
	struct wl_list buffers; /* shm_buffer.link */
	struct wl_listener destroy;
	/* Not 0: of no file, so that nobody else has this memory. */
	uint64_t alone;
	/* In client.pool_tree. */
	uint64_t priority;
	struct pool *before, *after;
};

struct shm_buffer {
	struct wltex_track_shm_buffer base;
	struct wl_list link; /* pool.buffers */
	struct wl_listener destroy;
};

/* The double-buffered part of a surface. */
struct surface_state {
	bool attached;
	const struct wl_resource *buffer; /* to compare only: it may be gone */
	pixman_region32_t damage_surface, damage_buffer;
};

/* A commit, or several that are merged, and surface.base.commits as of the last of them. */
struct queued {
	struct wl_list link; /* surface.commits */
	struct surface_state state;
	uint32_t serial;
};

/* Of all surfaces of a client, beyond the first of each: some 2 KiB each. */
#define MAX_QUEUED 512

struct surface {
	struct wltex_track_surface base;
	struct wl_list link; /* client.surfaces */
	struct wl_listener destroy;
	struct surface_state pending;
	struct wl_list commits; /* queued.link, oldest first */
	struct queued built_in; /* one of them, where built_in_used */
	bool built_in_used;
	bool may_merge; /* is or was a sub-surface, as a role is for ever, or may be one */
	uint32_t n_commits;
	/* The wl_buffer that was shown when the last commit was applied, to compare only. */
	bool shown_known;
	const struct wl_resource *shown;
};

/* Call a callback of the user's if there is one. */
#define track_emit(track, callback, ...) \
	do { \
		if ((track)->interface->callback != NULL) \
			(track)->interface->callback((track)->data, __VA_ARGS__); \
	} while (0)

/* Account for fds that are held for the client from now on, or no more. */
void client_change_fds(struct client *client, int delta);
/* Destroy *dmabuf, set it to NULL and account for its fds. */
void client_drop_dmabuf(struct client *client, struct wltex_dmabuf **dmabuf);

/* It has a wl_shm pool that is not memory, or may not be. */
void client_add_foreign_pool(struct client *client);

/* wl_shm.create_pool, and requests to pools. */
void pool_handle_create(
	struct wltex_track *track, const struct wl_protocol_logger_message *message);
void pool_handle_message(enum message_kind kind, const struct wl_protocol_logger_message *message);
/* The compositor has made what was expected. */
void pool_create(struct expected *expected, struct wl_resource *resource);
/* The pool goes, if neither its resource nor a buffer is left. */
void pool_settle(struct pool *pool);
/* It goes with all buffers. */
void pool_end(struct pool *pool);

void shm_buffer_create(const struct expected *expected, struct wl_resource *resource);
/* Its pool stays, whatever is left of it. */
void shm_buffer_destroy(struct shm_buffer *buffer);

/* Map what the client gave, where that is wanted and allowed. */
void pool_map_create(struct wltex_track_pool *pool, int fd);
/* Before pool->size becomes size. */
void pool_map_resize(struct wltex_track_pool *pool, uint32_t size);
void pool_map_destroy(struct wltex_track_pool *pool);

/* Count the pool's bytes in client.shm_bytes, or no more; between the two its size stays. */
void shm_bytes_add(struct client *client, struct pool *pool);
void shm_bytes_remove(struct client *client, struct pool *pool);
uint64_t shm_bytes_make_seed(const struct wltex_track *track);

void params_create(struct client *client, struct wl_resource *resource);
void params_destroy(struct params *params);
void params_handle_message(struct wltex_track *track, enum message_kind kind,
	const struct wl_protocol_logger_message *message);
/* The compositor has made the wl_buffer that was expected. */
void params_match(const struct expected *expected, struct wl_resource *resource);

/* Forget what a request has described. */
void expected_drop(struct expected *expected);
/* A wl_buffer or wl_shm_pool was made: track it if it is the expected one. */
void expected_match(struct expected *expected, struct client *client, struct wl_resource *resource);

/* Takes the dmabuf, also when it fails. NULL if out of memory. */
struct buffer *buffer_create(struct client *client, struct wl_resource *resource,
	struct wltex_dmabuf *dmabuf, enum wltex_dmabuf_error error);
void buffer_destroy(struct buffer *buffer);
struct buffer *buffer_from_resource(struct wl_resource *resource);

/* What is found only now may have any role. */
void surface_create(struct client *client, struct wl_resource *resource, bool found);
void surface_destroy(struct surface *surface);
void surface_handle_message(struct wltex_track *track, enum message_kind kind,
	const struct wl_protocol_logger_message *message);

/* wl_subcompositor.get_subsurface. */
void surface_handle_role(struct wltex_track *track, const union wl_argument *args);

void state_init(struct surface_state *state);
void state_finish(struct surface_state *state);
/* One rectangle more, as in a request. */
void region_add(pixman_region32_t *region, const union wl_argument *args);
/* What was committed before counts, too. It is empty then, but not finished. */
void state_add_older(struct surface_state *state, struct surface_state *older);
/* Anything in the buffer may have changed. */
void state_claim_all(struct surface_state *state);

/* What is pending is committed. */
void queue_add(struct surface *surface);
void queue_finish(struct surface *surface);

static inline struct client *client_from_base(struct wltex_track_client *base)
{
	struct client *client = wl_container_of(base, client, base);

	return client;
}

#endif
