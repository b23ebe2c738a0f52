/* SPDX-License-Identifier: MIT */
/*
 * A client can send the fd of a file whose file system it implements itself, and then
 * never answer. Whoever asks that file system anything waits for ever.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <drm_fourcc.h>

#include "dmabuf/params.h"
#include "test.h"
#include "util/fd.h"

static void answer(int device, uint64_t request, void *data, size_t size)
{
	struct fuse_out_header header = {
		.len = (uint32_t)(sizeof(header) + size),
		.unique = request,
	};
	struct iovec parts[] = {{&header, sizeof(header)}, {data, size}};

	check(writev(device, parts, 2) > 0);
}

/* Lets the file be opened, and is silent about everything else. */
static void serve(int device)
{
	static uint8_t buffer[1 << 20];
	const struct fuse_in_header *header = (const void *)buffer;
	const struct fuse_init_in *init = (const void *)(header + 1);
	struct fuse_init_out init_out = {.major = FUSE_KERNEL_VERSION, .max_write = 4096};
	struct fuse_open_out open_out = {0};

	/* Nothing else frees who waits, not even a signal. */
	alarm(10);
	while (read(device, buffer, sizeof(buffer)) > 0 || errno == EINTR) {
		if (header->opcode == FUSE_INIT) {
			init_out.minor = init->minor;
			answer(device, header->unique, &init_out, sizeof(init_out));
		} else if (header->opcode == FUSE_OPEN) {
			answer(device, header->unique, &open_out, sizeof(open_out));
		}
	}
	_exit(EXIT_SUCCESS);
}

/* A file system that is one regular file. */
static int open_file(pid_t *server)
{
	int device = open("/dev/fuse", O_RDWR | O_CLOEXEC), fd;
	char options[128], path[] = "/tmp/wltex-fuse-XXXXXX";

	if (device < 0 || unshare(CLONE_NEWNS) != 0 ||
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		test_skip("cannot mount a FUSE file system: %s", strerror(errno));
	fd = mkstemp(path);
	check(fd >= 0);
	close(fd);
	snprintf(options, sizeof(options), "fd=%d,rootmode=100644,user_id=0,group_id=0", device);
	if (mount("wltex-test", path, "fuse", MS_NOSUID | MS_NODEV, options) != 0)
		test_skip("cannot mount a FUSE file system: %s", strerror(errno));
	*server = fork();
	if (*server == 0)
		serve(device);
	close(device);
	fd = open(path, O_RDWR | O_CLOEXEC);
	check(fd >= 0);
	check_int(umount2(path, MNT_DETACH), 0);
	unlink(path);
	return fd;
}

/* Otherwise the test would show nothing. Returns who waits. */
static pid_t check_silent(int fd)
{
	struct stat st;
	pid_t pid = fork();

	if (pid == 0) {
		fstat(fd, &st);
		_exit(EXIT_SUCCESS);
	}
	usleep(300000);
	check_int(waitpid(pid, NULL, WNOHANG), 0);
	return pid;
}

TEST(silent_file_system)
{
	struct wltex_params params;
	pid_t server, waiting;
	int fd = open_file(&server), other = dup(fd);

	waiting = check_silent(fd);
	wltex_params_init(&params);
	check_int(wltex_params_add(&params, fd, 0, 0, 256, DRM_FORMAT_MOD_LINEAR),
		WLTEX_DMABUF_BAD_FD);
	check_int(wltex_params_get_fd_count(&params), 0);
	check(wltex_fd_same(fd, other));
	/* The server has not given up yet: nothing of this waited for it. */
	check_int(waitpid(waiting, NULL, WNOHANG), 0);
	check_int(waitpid(server, NULL, WNOHANG), 0);

	/* Closing asks as well: first end the file system. */
	kill(server, SIGKILL);
	check_int(waitpid(server, NULL, 0), server);
	check_int(waitpid(waiting, NULL, 0), waiting);
	close(fd);
	close(other);
}
