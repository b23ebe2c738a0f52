/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <drm_fourcc.h>

#include "dmabuf/params.h"
#include "fuse-file.h"
#include "test.h"
#include "util/fd.h"

TEST(silent_file_system)
{
	struct wltex_params params;
	pid_t server, waiting;
	int fd = fuse_file_open(&server), other = dup(fd);

	waiting = fuse_file_wait(fd);
	wltex_params_init(&params);
	check_int(wltex_params_add(&params, fd, 0, 0, 256, DRM_FORMAT_MOD_LINEAR),
		WLTEX_DMABUF_BAD_FD);
	check_int(wltex_params_get_fd_count(&params), 0);
	check(wltex_fd_same(fd, other));
	/* The server has not given up yet: nothing of this waited for it. */
	check_int(waitpid(waiting, NULL, WNOHANG), 0);
	check_int(waitpid(server, NULL, WNOHANG), 0);

	kill(server, SIGKILL);
	check_int(waitpid(server, NULL, 0), server);
	check_int(waitpid(waiting, NULL, 0), waiting);
	close(fd);
	close(other);
}
