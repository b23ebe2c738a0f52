/* SPDX-License-Identifier: MIT */
/* What is shared through wl_shm need not be memory: who reads it could wait for ever. */
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "fuse-file.h"
#include "track-fixture.h"

TEST(pool_of_a_silent_file_system)
{
	pid_t server, waiting;
	struct fixture f;
	int fd = fuse_file_open(&server);

	/* Before there are connections that it would inherit. */
	waiting = fuse_file_wait(fd);
	setup(&f);
	peer_send(&f.peer, ID_SHM, SHM_CREATE_POOL, (uint32_t[]){6, 64 * 64 * 4}, 2, fd);
	peer_request(&f.peer, 6, POOL_CREATE_BUFFER, 7, 0, 64, 64, 256, 0);
	dispatch(&f);
	check_int(f.peer.error, -1);
	check(f.world.last_client->has_foreign_pool);
	check_int(f.world.last_client->shm_bytes, 64 * 64 * 4);
	check_int(f.world.last_client->n_shm_buffers, 1);
	/* The server has not given up yet: nothing of this waited for it. */
	check_int(waitpid(waiting, NULL, WNOHANG), 0);
	check_int(waitpid(server, NULL, WNOHANG), 0);
	teardown(&f);

	kill(server, SIGKILL);
	check_int(waitpid(server, NULL, 0), server);
	check_int(waitpid(waiting, NULL, 0), waiting);
	close(fd);
}
