/* SPDX-License-Identifier: MIT */
/* The tracker itself: when it comes and goes, foreign interfaces, no memory. */
#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "track-fixture.h"

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);

/* Allocations of ours until the one that fails, where positive. */
static int until_failure;

void *__wrap_calloc(size_t n, size_t size)
{
	if (until_failure > 0 && --until_failure == 0) {
		errno = ENOMEM;
		return NULL;
	}
	return __real_calloc(n, size);
}

TEST(starts_late)
{
	struct fixture f;

	world_init(&f.world);
	peer_init(&f.peer, &f.world, 3);
	f.memory = make_memory(64 * 64 * 4);
	peer_request(&f.peer, ID_COMPOSITOR, COMPOSITOR_CREATE_SURFACE, 6);
	peer_make_buffer(&f.peer, 7, 8, f.memory, 64, 64);
	peer_request(&f.peer, ID_DMABUF, DMABUF_CREATE_PARAMS, 9);
	peer_add(&f.peer, 9, f.memory, 0, 0, 256);
	dispatch(&f);
	world_track(&f.world);
	check_str(world_take_log(&f.world), "client+ surface+6");
	/* It may have come from a pool. */
	check(f.world.last_client->has_foreign_pool);
	/* What these params hold is not known: nothing is said about their buffer. */
	peer_request(&f.peer, 9, PARAMS_CREATE, 64, 64, 0x34325258, 0);
	peer_request(&f.peer, 6, SURFACE_COMMIT);
	peer_make_buffer(&f.peer, 10, 11, f.memory, 64, 64);
	dispatch(&f);
	check_str(world_take_log(&f.world), "commit6 fds+1 buffer+b");
	teardown(&f);
}

/* What a wl_shm pool is made of is not known any more; without one there is nothing to know. */
TEST(starts_after_a_pool)
{
	for (int with_pool = 0; with_pool < 2; with_pool++) {
		struct fixture f;

		world_init(&f.world);
		peer_init(&f.peer, &f.world, 3);
		f.memory = make_memory(64 * 64 * 4);
		peer_request(&f.peer, ID_COMPOSITOR, COMPOSITOR_CREATE_SURFACE, 6);
		if (with_pool)
			peer_send(&f.peer, ID_SHM, SHM_CREATE_POOL, (uint32_t[]){7, 4096}, 2,
				f.memory);
		dispatch(&f);
		world_track(&f.world);
		check_int(f.world.last_client->has_foreign_pool, with_pool);
		teardown(&f);
	}
}

TEST(one_tracker_a_display)
{
	static const struct wltex_track_interface nothing;
	struct fixture f;

	setup(&f);
	check(wltex_track_create(f.world.display, &nothing, NULL, NULL) == NULL);
	check_int(errno, EEXIST);
	wltex_track_destroy(f.world.track);
	/* With no callbacks at all. */
	f.world.track = wltex_track_create(f.world.display, &nothing, NULL, NULL);
	check(f.world.track != NULL);
	peer_make_buffer(&f.peer, 6, 7, f.memory, 64, 64);
	dispatch(&f);
	check(wltex_track_get_buffer(f.world.track, f.world.last_wl_buffer) != NULL);
	teardown(&f);
}

TEST(goes_before_clients)
{
	struct fixture f;

	setup(&f);
	peer_request(&f.peer, ID_COMPOSITOR, COMPOSITOR_CREATE_SURFACE, 6);
	peer_make_buffer(&f.peer, 7, 8, f.memory, 64, 64);
	peer_request(&f.peer, ID_DMABUF, DMABUF_CREATE_PARAMS, 9);
	peer_add(&f.peer, 9, f.memory, 0, 0, 256);
	peer_make_pool(&f.peer, 10, f.memory, 4096);
	peer_make_shm_buffer(&f.peer, 10, 11);
	dispatch(&f);
	world_take_log(&f.world);
	wltex_track_destroy(f.world.track);
	f.world.track = NULL;
	check_str(world_take_log(&f.world), "fds-1 surface-6 buffer-8 fds-1 shm-b pool- client-");
	check_int(test_count_fds(), f.fds);
	/* Nobody listens any more. */
	peer_request(&f.peer, 9, PARAMS_CREATE, 64, 64, 0x34325258, 0);
	peer_request(&f.peer, 8, BUFFER_DESTROY);
	peer_request(&f.peer, 6, SURFACE_DESTROY);
	peer_make_shm_buffer(&f.peer, 10, 12);
	peer_request(&f.peer, 11, BUFFER_DESTROY);
	peer_request(&f.peer, 10, POOL_DESTROY);
	dispatch(&f);
	check_str(world_take_log(&f.world), "");
	teardown(&f);
}

TEST(goes_after_the_display)
{
	for (int with_clients = 0; with_clients < 2; with_clients++) {
		struct fixture f;
		struct wl_display *display;

		setup(&f);
		peer_make_buffer(&f.peer, 6, 7, f.memory, 64, 64);
		dispatch(&f);
		display = f.world.display;
		if (!with_clients)
			wl_display_destroy_clients(display);
		else
			/* The client, too, but after the tracker has heard of the display. */
			wl_list_remove(&f.peer.destroy.link);
		wl_display_destroy(display);
		f.world.display = NULL;
		check_int(f.world.n_clients, 0);
		check_int(f.world.fds, 0);
		peer_finish(&f.peer);
		close(f.memory);
		world_finish(&f.world);
		/* libwayland itself leaks the client then. */
		if (with_clients)
			_exit(EXIT_SUCCESS);
	}
}

/* Copies of interfaces, as when each module brings generated code of its own. */
TEST(copies_of_interfaces)
{
	struct fixture f;
	const struct wl_interface *original_params, *original_surface;
	struct wl_interface params, surface;
	struct wl_message *requests, *events, *surface_requests;

	setup(&f);
	original_params = f.world.params_interface;
	original_surface = f.world.surface_interface;
	params = *original_params;
	surface = *original_surface;
	requests = calloc((size_t)params.method_count, sizeof(*requests));
	events = calloc((size_t)params.event_count, sizeof(*events));
	surface_requests = calloc((size_t)surface.method_count, sizeof(*surface_requests));
	memcpy(requests, params.methods, (size_t)params.method_count * sizeof(*requests));
	memcpy(events, params.events, (size_t)params.event_count * sizeof(*events));
	memcpy(surface_requests, surface.methods,
		(size_t)surface.method_count * sizeof(*surface_requests));
	params.methods = requests;
	params.events = events;
	surface.methods = surface_requests;
	for (uint32_t i = 0; i < 10; i++) {
		uint32_t id = ID_FREE + 2 * i;

		peer_request(&f.peer, ID_DMABUF, DMABUF_CREATE_PARAMS, id);
		peer_add(&f.peer, id, f.memory, 0, 0, 256);
		peer_request(&f.peer, id, PARAMS_CREATE, 64, 64, 0x34325258, 0);
		peer_request(&f.peer, ID_COMPOSITOR, COMPOSITOR_CREATE_SURFACE, id + 1);
		peer_request(&f.peer, id + 1, SURFACE_COMMIT);
		dispatch(&f);
		check_int(f.world.n_buffers, i + 1);
		check_int(wltex_track_get_surface(f.world.track, f.world.last_surface)->commits, 1);
		/* The two take turns. */
		f.world.params_interface = i % 2 == 0 ? &params : original_params;
		f.world.surface_interface = i % 3 == 0 ? &surface : original_surface;
	}
	teardown(&f);
	free(requests);
	free(events);
	free(surface_requests);
}

/* Names that we know, with other arguments or in other places. */
static const struct wl_message foreign_requests[] = {
	{"attach", "", NULL},
	{"damage", "u", NULL},
	{"damage_buffer", "iii", NULL},
	{"commit", "u", NULL},
	{"add", "uuuuuu", NULL},
	{"create", "", NULL},
	{"create_immed", "uiiuu", NULL},
	{"created", "n", NULL},
	{"failed", "", NULL},
	{"release", "", NULL},
	{"create_pool", "uii", NULL},
	{"create_buffer", "uiiii", NULL},
	{"resize", "u", NULL},
};
static const struct wl_message foreign_events[] = {
	{"created", "u", NULL},
	{"failed", "u", NULL},
	{"release", "u", NULL},
	{"commit", "", NULL},
	{"attach", "uii", NULL},
};
#define N_FOREIGN (int)(sizeof(foreign_requests) / sizeof(foreign_requests[0]))
static const struct wl_interface foreign_interfaces[] = {
	{"wl_surface", 1, N_FOREIGN, foreign_requests, 5, foreign_events},
	{"wl_buffer", 1, N_FOREIGN, foreign_requests, 5, foreign_events},
	{"zwp_linux_buffer_params_v1", 1, N_FOREIGN, foreign_requests, 5, foreign_events},
	{"wl_shm", 1, N_FOREIGN, foreign_requests, 5, foreign_events},
	{"wl_shm_pool", 1, N_FOREIGN, foreign_requests, 5, foreign_events},
	{"wl_surfaces", 1, N_FOREIGN, foreign_requests, 5, foreign_events},
	{"", 1, N_FOREIGN, foreign_requests, 5, foreign_events},
};

TEST(foreign_interfaces)
{
	struct fixture f;
	uint32_t id = ID_FREE;

	setup(&f);
	peer_make_buffer(&f.peer, id, id + 1, f.memory, 64, 64);
	id += 2;
	for (size_t i = 0; i < sizeof(foreign_interfaces) / sizeof(foreign_interfaces[0]); i++) {
		struct wl_resource *resource;

		world_add_global(&f.world, &foreign_interfaces[i], 1);
		dispatch(&f);
		peer_bind(&f.peer, foreign_interfaces[i].name, 1, id);
		dispatch(&f);
		resource = wl_client_get_object(f.peer.client, id);
		check(resource != NULL);
		for (uint32_t opcode = 0; opcode < N_FOREIGN; opcode++) {
			size_t n = strlen(foreign_requests[opcode].signature);
			uint32_t args[6] = {100, 1, 1, 1, 1, 1};

			if (opcode == 7)
				args[0] = ++id;
			peer_send(&f.peer, wl_resource_get_id(resource), opcode, args, n, -1);
		}
		for (uint32_t opcode = 0; opcode < 5; opcode++)
			wl_resource_post_event(resource, opcode, 7, 7, 7);
		dispatch(&f);
		check_int(f.peer.error, -1);
		check(f.peer.client != NULL);
		id++;
	}
	check_int(f.world.n_buffers, 1);
	/* One of them is a wl_surface by its name, though it does nothing we know. */
	check_str(world_take_log(&f.world), "fds+1 buffer+7 surface+8");
	teardown(&f);
}

TEST(no_memory_at_all)
{
	struct fixture f;
	static const struct wltex_track_interface nothing;

	world_init(&f.world);
	until_failure = 1;
	check(wltex_track_create(f.world.display, &nothing, NULL, NULL) == NULL);
	check_int(errno, ENOMEM);
	check_int(until_failure, 0);
	world_track(&f.world);
	world_finish(&f.world);
}

static void do_everything(struct fixture *f)
{
	struct peer peer;

	peer_init(&peer, &f->world, 3);
	peer_request(&peer, ID_COMPOSITOR, COMPOSITOR_CREATE_SURFACE, 6);
	peer_make_buffer(&peer, 7, 8, f->memory, 64, 64);
	peer_request(&peer, ID_DMABUF, DMABUF_CREATE_PARAMS, 9);
	peer_add(&peer, 9, f->memory, 0, 0, 256);
	peer_request(&peer, 9, PARAMS_CREATE, 64, 64, 0x34325258, 0);
	peer_make_pool(&peer, 10, f->memory, 4096);
	peer_make_shm_buffer(&peer, 10, 11);
	peer_request(&peer, 10, POOL_RESIZE, 8192);
	peer_request(&peer, 10, POOL_DESTROY);
	peer_request(&peer, 6, SURFACE_ATTACH, 8, 0, 0);
	peer_request(&peer, 6, SURFACE_DAMAGE, 0, 0, 10, 10);
	peer_request(&peer, 6, SURFACE_COMMIT);
	world_dispatch(&f->world);
	peer_receive(&peer);
	/* Our want of memory is nothing to the client. */
	check_int(peer.error, -1);
	wl_buffer_send_release(f->world.last_wl_buffer);
	peer_request(&peer, 8, BUFFER_DESTROY);
	peer_finish(&peer);
}

/* Each allocation fails once. */
TEST(out_of_memory)
{
	struct fixture f;
	int n = 0;

	setup(&f);
	do {
		until_failure = ++n;
		do_everything(&f);
		check_int(f.world.n_clients, 1);
		check_int(f.world.fds, 0);
		check_int(test_count_fds(), f.fds);
		f.world.log[0] = '\0';
	} while (until_failure == 0);
	/* The client, the surface, the pool and its buffer, two each of params, dmabufs and buffers. */
	check_int(n, 11);
	until_failure = 0;
	teardown(&f);
}

/* Who holds many fds gets no more of the last quarter; others and the compositor do. */
TEST(fds_run_low)
{
	struct rlimit limit, low;
	struct fixture f;
	struct peer other;
	uint32_t id;

	check_int(getrlimit(RLIMIT_NOFILE, &limit), 0);
	low = limit;
	low.rlim_cur = 256;
	check_int(setrlimit(RLIMIT_NOFILE, &low), 0);
	setup(&f);
	peer_init(&other, &f.world, 3);
	for (id = 6; id < 1000; id += 2) {
		peer_make_buffer(&f.peer, id, id + 1, f.memory, 64, 64);
		dispatch(&f);
		if (f.world.last_error != WLTEX_DMABUF_OK)
			break;
	}
	check_int(f.world.last_error, WLTEX_DMABUF_NO_FDS);
	check(f.world.fds >= WLTEX_TRACK_FEW_FDS);
	check(test_count_fds() >= 190 && test_count_fds() <= 194);
	peer_make_buffer(&other, 6, 7, f.memory, 64, 64);
	dispatch(&f);
	check_int(f.world.last_error, WLTEX_DMABUF_OK);
	/* One less, and one can be had again. */
	peer_request(&f.peer, 7, BUFFER_DESTROY);
	peer_request(&f.peer, 9, BUFFER_DESTROY);
	peer_make_buffer(&f.peer, id + 2, id + 3, f.memory, 64, 64);
	dispatch(&f);
	check_int(f.world.last_error, WLTEX_DMABUF_OK);
	peer_finish(&other);
	teardown(&f);
	check_int(setrlimit(RLIMIT_NOFILE, &limit), 0);
}
