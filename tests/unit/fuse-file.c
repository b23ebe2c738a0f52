/* SPDX-License-Identifier: MIT */
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

#include "fuse-file.h"
#include "test.h"

static void answer(int device, uint64_t request, int error, void *data, size_t size)
{
	struct fuse_out_header header = {
		.len = (uint32_t)(sizeof(header) + size),
		.error = error,
		.unique = request,
	};
	struct iovec parts[] = {{&header, sizeof(header)}, {data, size}};

	check(writev(device, parts, 2) > 0);
}

/* Lets the file be opened and closed, and is silent about everything else. */
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
			answer(device, header->unique, 0, &init_out, sizeof(init_out));
		} else if (header->opcode == FUSE_OPEN) {
			answer(device, header->unique, 0, &open_out, sizeof(open_out));
		} else if (header->opcode == FUSE_FLUSH) {
			answer(device, header->unique, -ENOSYS, NULL, 0);
		}
	}
	_exit(EXIT_SUCCESS);
}

int fuse_file_open(pid_t *server)
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

pid_t fuse_file_wait(int fd)
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
