/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "dmabuf/object.h"
#include "util/fd.h"

#ifndef DMA_BUF_MAGIC
#define DMA_BUF_MAGIC 0x444d4142
#endif

#define EXPORTER "\nexp_name:"

/* What the kernel says about the fd; only a dmabuf has an exporter. 0, 1 or an errno. */
static int read_exporter(int fd, char *name, size_t size)
{
	char path[64], text[1024];
	const char *found;
	ssize_t n;
	int info;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	info = open(path, O_RDONLY | O_CLOEXEC);
	if (info < 0)
		return -errno;
	n = read(info, text, sizeof(text) - 1);
	wltex_fd_close(&info);
	text[n < 0 ? 0 : n] = '\0';
	found = strstr(text, EXPORTER);
	if (found == NULL)
		return 0;
	found += strlen(EXPORTER);
	found += strspn(found, "\t ");
	snprintf(name, size, "%.*s", (int)strcspn(found, "\n"), found);
	return 1;
}

/*
 * fstatfs() asks the file system: one in user space could keep us waiting. A dmabuf's
 * inode has no type at all in most kernels, which no file of such a file system can
 * claim; where it has one, the kernel is asked for the exporter first.
 */
static int is_dmabuf(int fd, const struct statx *stat)
{
	struct statfs fs;
	char exporter[8];

	if ((stat->stx_mode & S_IFMT) != 0) {
		int result =
			S_ISREG(stat->stx_mode) ? read_exporter(fd, exporter, sizeof(exporter)) : 0;
		if (result != 1)
			return result;
	}
	return fstatfs(fd, &fs) == 0 && (unsigned int)fs.f_type == DMA_BUF_MAGIC;
}

int wltex_object_inspect(int fd, struct wltex_object *object)
{
	int flags = fcntl(fd, F_GETFL);
	struct statx stat;
	int seals, result;

	/* What cannot be read cannot be sampled: software GL would crash when it tries. */
	if (flags >= 0 && ((flags & O_PATH) || (flags & O_ACCMODE) == O_WRONLY))
		return -EACCES;
	if (flags < 0 ||
		statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_BASIC_STATS, &stat) != 0)
		return -EBADF;
	*object = (struct wltex_object){
		.kind = WLTEX_OBJECT_MEMORY,
		.dev = makedev(stat.stx_dev_major, stat.stx_dev_minor),
		.ino = (ino_t)stat.stx_ino,
		.size = (int64_t)stat.stx_size,
	};
	/* Only files in memory have seals, even if there are none. */
	seals = S_ISREG(stat.stx_mode) ? fcntl(fd, F_GET_SEALS) : -1;
	object->can_shrink = seals >= 0 && !(seals & F_SEAL_SHRINK);
	if (seals >= 0)
		return 0;
	result = is_dmabuf(fd, &stat);
	if (result != 1)
		return result == -EMFILE || result == -ENFILE ? result : -ENOTSUP;
	object->kind = WLTEX_OBJECT_DMABUF;
	/* Moves no file position: that of a dmabuf is always 0. */
	object->size = lseek(fd, 0, SEEK_END);
	return 0;
}

void wltex_object_get_exporter(int fd, char *name, size_t size)
{
	name[0] = '\0';
	read_exporter(fd, name, size);
}

bool wltex_object_same(const struct wltex_object *a, const struct wltex_object *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}
