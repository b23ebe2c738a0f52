/* SPDX-License-Identifier: MIT */
/* Clients that vanish at any point, and clients that do anything. */
#include <drm_fourcc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "track-chaos.h"
#include "track-fixture.h"

/* Behind the ids that a compositor may have refused to make anything of. */
#define SHM_POOL 9
#define N_MESSAGES 15

/* The n-th message of a client's whole life; false behind the last. */
static bool send_message(struct fixture *f, bool immed, int n)
{
	struct peer *peer = &f->peer;

	switch (n) {
	case 0:
		return peer_request(peer, ID_COMPOSITOR, COMPOSITOR_CREATE_SURFACE, 6);
	case 1:
		return peer_request(peer, ID_DMABUF, DMABUF_CREATE_PARAMS, 7);
	case 2:
		return peer_send(peer, 7, PARAMS_ADD, (uint32_t[]){0, 0, 64, 0, 0}, 5, f->memory);
	case 3:
		return peer_send(
			peer, 7, PARAMS_ADD, (uint32_t[]){1, 4096, 64, 0, 0}, 5, f->memory);
	case 4:
		return immed ? peer_request(
				       peer, 7, PARAMS_CREATE_IMMED, 8, 64, 64, DRM_FORMAT_NV12, 0)
			     : peer_request(peer, 7, PARAMS_CREATE, 64, 64, DRM_FORMAT_NV12, 0);
	case 5:
		return peer_request(peer, 7, PARAMS_DESTROY);
	case 6:
		return peer_request(peer, 6, SURFACE_ATTACH, immed ? 8 : 0xff000000, 0, 0);
	case 7:
		return peer_request(peer, 6, SURFACE_DAMAGE_BUFFER, 0, 0, 64, 64);
	case 8:
		return peer_request(peer, 6, SURFACE_COMMIT);
	case 9:
		return peer_request(peer, immed ? 8 : 0xff000000, BUFFER_DESTROY);
	case 10:
		return peer_request(peer, 6, SURFACE_DESTROY);
	case 11:
		return peer_send(
			peer, ID_SHM, SHM_CREATE_POOL, (uint32_t[]){SHM_POOL, 4096}, 2, f->memory);
	case 12:
		return peer_request(
			peer, SHM_POOL, POOL_CREATE_BUFFER, SHM_POOL + 1, 0, 16, 16, 64, 0);
	case 13:
		return peer_request(peer, SHM_POOL, POOL_DESTROY);
	case 14:
		return peer_request(peer, SHM_POOL + 1, BUFFER_DESTROY);
	default:
		return false;
	}
}

enum end {
	HANG_UP,
	HALF_A_MESSAGE,
	KICKED_OUT,
	COMPOSITOR_ENDS,
	TRACKER_ENDS,
	N_ENDS
};

static void end_client(struct fixture *f, enum end end)
{
	uint32_t half[] = {ID_DISPLAY, 12u << 16};

	if (end == HALF_A_MESSAGE)
		peer_send_bytes(&f->peer, half, sizeof(half), f->memory);
	if (end == KICKED_OUT && f->peer.client != NULL)
		wl_client_destroy(f->peer.client);
	if (end == COMPOSITOR_ENDS)
		wl_display_destroy_clients(f->world.display);
	if (end == TRACKER_ENDS) {
		wltex_track_destroy(f->world.track);
		f->world.track = NULL;
	}
	peer_finish(&f->peer);
	check_int(f->world.fds, 0);
	check_int(f->world.n_clients, 0);
	check_int(f->world.n_surfaces, 0);
	check_int(f->world.n_buffers, 0);
	check_int(f->world.n_pools, 0);
	check_int(f->world.n_shm_buffers, 0);
	/* Both ends of the socket are gone, and all else that was opened since. */
	check_int(test_count_fds(), f->fds - f->peer_fds);
	close(f->memory);
	world_finish(&f->world);
}

static void vanish_after(int n, bool immed, enum answer answer, enum end end, bool at_once)
{
	struct fixture f;

	setup(&f);
	f.world.answer = answer;
	for (int i = 0; i < n; i++) {
		send_message(&f, immed, i);
		if (!at_once)
			dispatch(&f);
		check(f.world.fds <= 1);
	}
	end_client(&f, end);
}

TEST(vanishes_at_every_point)
{
	for (int n = 0; n <= N_MESSAGES; n++) {
		for (int answer = 0; answer < N_ANSWERS; answer++) {
			for (int end = 0; end < N_ENDS; end++) {
				for (int i = 0; i < 4; i++)
					vanish_after(n, i & 1, (enum answer)answer, (enum end)end,
						i & 2);
			}
		}
	}
}

static uint32_t choose(void *data, uint32_t bound)
{
	uint64_t *state = data;

	/* splitmix64: the same sequence everywhere. */
	uint64_t z = (*state += 0x9e3779b97f4a7c15);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return (uint32_t)((z ^ (z >> 31)) % bound);
}

static void run_chaos(uint64_t seed, int n_steps)
{
	struct chaos chaos = {.choose = choose, .data = &seed, .count_fds = test_count_fds};
	int before = test_count_fds();

	chaos_init(&chaos);
	for (int i = 0; i < n_steps; i++)
		chaos_step(&chaos);
	chaos_finish(&chaos);
	check_int(test_count_fds(), before);
}

/* WLTEX_TEST_SEED repeats a run. */
TEST(random_sequences)
{
	const char *given = getenv("WLTEX_TEST_SEED");
	uint64_t seed = given != NULL ? strtoull(given, NULL, 0) : (uint64_t)time(NULL);

	printf("WLTEX_TEST_SEED=%" PRIu64 "\n", seed);
	fflush(stdout);
	for (uint64_t i = 0; i < 40; i++)
		run_chaos(seed * 1000 + i, 2000);
}
