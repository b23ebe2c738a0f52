/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_DMABUF_ATTRIBUTES_H
#define TESTS_UNIT_DMABUF_ATTRIBUTES_H

#include <errno.h>
#include <sys/syscall.h>

#include <drm_fourcc.h>

#include "dmabuf-files.h"
#include "dmabuf/dmabuf.h"

/* For one file of a program: what dmabufs are made of, and whether they are. */

/* Closing what is closed could hit the fd of somebody else: libc's function is replaced. */
int close(int fd_)
{
	int result = (int)syscall(SYS_close, fd_);

	if (result != 0)
		test_fail(__FILE__, __LINE__, "fd %d is closed twice", fd_);
	return result;
}

/* XR24, 64x64, in a file that is exactly as large as that. */
static inline struct wltex_dmabuf_attributes good_attributes(void)
{
	return (struct wltex_dmabuf_attributes){
		.width = 64,
		.height = 64,
		.format = DRM_FORMAT_XRGB8888,
		.modifier = DRM_FORMAT_MOD_LINEAR,
		.n_planes = 1,
		.planes = {{.fd = make_memfd(64 * 256, F_SEAL_SHRINK), .stride = 256}},
	};
}

/* NV12, 63x63: luma of 63 rows and chroma of 32 rows, in one file. */
static inline struct wltex_dmabuf_attributes good_nv12(void)
{
	int fd = make_memfd(63 * 64 + 32 * 64, F_SEAL_SHRINK);

	return (struct wltex_dmabuf_attributes){
		.width = 63,
		.height = 63,
		.format = DRM_FORMAT_NV12,
		.modifier = DRM_FORMAT_MOD_LINEAR,
		.n_planes = 2,
		.planes = {{.fd = fd, .stride = 64}, {.fd = fd, .offset = 63 * 64, .stride = 64}},
	};
}

static inline void check_refused(const char *file, int line,
	const struct wltex_dmabuf_attributes *attributes, enum wltex_dmabuf_error expected,
	int expected_errno)
{
	enum wltex_dmabuf_error error = WLTEX_DMABUF_OK;
	int fds = test_count_fds();

	errno = 0;
	if (wltex_dmabuf_create(attributes, &error) != NULL)
		test_fail(file, line, "accepted, not refused with %d", expected);
	if (error != expected || errno != expected_errno)
		test_fail(file, line, "refused with %d (%s), errno %d, not with %d, errno %d",
			error, wltex_dmabuf_error_message(error), errno, expected, expected_errno);
	if (test_count_fds() != fds)
		test_fail(file, line, "%d fds are left", test_count_fds() - fds);
}

static inline void check_accepted(
	const char *file, int line, const struct wltex_dmabuf_attributes *attributes, int n_fds)
{
	enum wltex_dmabuf_error error = WLTEX_DMABUF_NO_MEMORY;
	struct wltex_dmabuf *dmabuf;
	int fds = test_count_fds();

	dmabuf = wltex_dmabuf_create(attributes, &error);
	if (dmabuf == NULL || error != WLTEX_DMABUF_OK)
		test_fail(file, line, "refused with %d: %s", error,
			wltex_dmabuf_error_message(error));
	if (wltex_dmabuf_get_fd_count(dmabuf) != n_fds || test_count_fds() != fds + n_fds)
		test_fail(file, line, "it has %d fds by its count, %d really, not %d",
			wltex_dmabuf_get_fd_count(dmabuf), test_count_fds() - fds, n_fds);
	wltex_dmabuf_destroy(dmabuf);
	if (test_count_fds() != fds)
		test_fail(file, line, "%d fds are left", test_count_fds() - fds);
}

#define refused(attributes, error) check_refused(__FILE__, __LINE__, attributes, error, EINVAL)
#define accepted(attributes) check_accepted(__FILE__, __LINE__, attributes, 1)

#endif
