/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "util/fd.h"

int wltex_fd_dup(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);

	return copy < 0 ? -errno : copy;
}

void wltex_fd_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

bool wltex_fd_same(int a, int b)
{
	/* What the kernel knows by itself: a file system in user space could keep us waiting. */
	int flags = AT_EMPTY_PATH | AT_STATX_DONT_SYNC;
	struct statx sa, sb;

	if (a == b)
		return true;
	return statx(a, "", flags, STATX_INO, &sa) == 0 &&
	       statx(b, "", flags, STATX_INO, &sb) == 0 && sa.stx_dev_major == sb.stx_dev_major &&
	       sa.stx_dev_minor == sb.stx_dev_minor && sa.stx_ino == sb.stx_ino;
}

bool wltex_fd_tells_residency(int fd)
{
	struct stat stat;

	return (fstat(fd, &stat) == 0 && stat.st_uid == geteuid()) ||
	       faccessat(fd, "", W_OK, AT_EMPTY_PATH | AT_EACCESS) == 0;
}

bool wltex_fd_stays_whole(int fd, uint64_t size)
{
	int seals = fcntl(fd, F_GET_SEALS);
	struct statfs fs;
	struct stat stat;

	if (seals < 0 || !(seals & F_SEAL_SHRINK))
		return false;
	/* Huge pages can be punched out of the file, and then none be left for the reader. */
	if (fstatfs(fd, &fs) != 0 || fs.f_type != TMPFS_MAGIC)
		return false;
	/* Only now: without the seal the size says nothing. */
	return fstat(fd, &stat) == 0 && stat.st_size >= 0 && (uint64_t)stat.st_size >= size;
}
