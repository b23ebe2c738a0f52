/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <drm_fourcc.h>

#include "dmabuf-files.h"
#include "dmabuf/dmabuf.h"

/* Closing what is closed could hit the fd of somebody else: libc's function is replaced. */
int close(int fd_)
{
	int result = (int)syscall(SYS_close, fd_);

	if (result != 0)
		test_fail(__FILE__, __LINE__, "fd %d is closed twice", fd_);
	return result;
}

/* XR24, 64x64, in a file that is exactly as large as that. */
static struct wltex_dmabuf_attributes good_attributes(void)
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
static struct wltex_dmabuf_attributes good_nv12(void)
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

static void check_refused(const char *file, int line,
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

static void check_accepted(
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

TEST(create_and_destroy)
{
	struct wltex_dmabuf_attributes a = good_attributes();
	const struct wltex_dmabuf_attributes *copy;
	struct wltex_dmabuf *dmabuf;
	int fds = test_count_fds();

	a.flags = WLTEX_DMABUF_Y_INVERT | WLTEX_DMABUF_INTERLACED | WLTEX_DMABUF_BOTTOM_FIRST;
	dmabuf = wltex_dmabuf_create(&a, NULL);
	check(dmabuf != NULL);
	copy = wltex_dmabuf_get_attributes(dmabuf);
	check_int(copy->width, 64);
	check_int(copy->height, 64);
	check_int(copy->format, DRM_FORMAT_XRGB8888);
	check_int(copy->modifier, DRM_FORMAT_MOD_LINEAR);
	check_int(copy->flags, 7);
	check_int(copy->n_planes, 1);
	check_int(copy->planes[0].stride, 256);
	check(copy->planes[0].fd != a.planes[0].fd);
	check_int(fcntl(copy->planes[0].fd, F_GETFD), FD_CLOEXEC);
	for (int i = 1; i < WLTEX_MAX_PLANES; i++)
		check_int(copy->planes[i].fd, -1);
	check_int(wltex_dmabuf_get_bytes(dmabuf), 64 * 256);
	check_int(wltex_dmabuf_get_fd_count(dmabuf), 1);

	/* The copy outlives the caller's fd. */
	close(a.planes[0].fd);
	check_int(test_count_fds(), fds);
	check_int(fcntl(copy->planes[0].fd, F_GETFD), FD_CLOEXEC);
	wltex_dmabuf_destroy(dmabuf);
	check_int(test_count_fds(), fds - 1);
	wltex_dmabuf_destroy(NULL);
}

TEST(refusal_without_a_reason)
{
	struct wltex_dmabuf_attributes a = good_attributes();

	a.width = 0;
	check(wltex_dmabuf_create(&a, NULL) == NULL);
	check_int(errno, EINVAL);
}

TEST(errors_have_words_and_codes)
{
	static const int codes[] = {
		[WLTEX_DMABUF_OK] = -1,
		[WLTEX_DMABUF_ALREADY_USED] = 0,
		[WLTEX_DMABUF_PLANE_INDEX] = 1,
		[WLTEX_DMABUF_PLANE_SET_TWICE] = 2,
		[WLTEX_DMABUF_MODIFIER_MISMATCH] = 4,
		[WLTEX_DMABUF_NO_PLANE] = 3,
		[WLTEX_DMABUF_PLANE_GAP] = 3,
		[WLTEX_DMABUF_DIMENSIONS] = 5,
		[WLTEX_DMABUF_FLAGS] = 7,
		[WLTEX_DMABUF_PLANE_COUNT] = 3,
		[WLTEX_DMABUF_STRIDE_ZERO] = 6,
		[WLTEX_DMABUF_STRIDE_SHORT] = 6,
		[WLTEX_DMABUF_ROW_OVERFLOW] = 6,
		[WLTEX_DMABUF_PLANE_OVERFLOW] = 6,
		[WLTEX_DMABUF_OFFSET_BEYOND_END] = 6,
		[WLTEX_DMABUF_ROW_BEYOND_END] = 6,
		[WLTEX_DMABUF_PLANE_BEYOND_END] = 6,
		[WLTEX_DMABUF_BAD_FD] = 7,
		[WLTEX_DMABUF_NO_FDS] = -1,
		[WLTEX_DMABUF_NO_MEMORY] = -1,
	};
	int n = (int)ARRAY_LENGTH(codes);

	for (int i = 0; i < n; i++) {
		const char *message = wltex_dmabuf_error_message((enum wltex_dmabuf_error)i);
		check(message != NULL && strlen(message) > 5);
		for (int k = 0; k < i; k++)
			check(strcmp(message,
				      wltex_dmabuf_error_message((enum wltex_dmabuf_error)k)) != 0);
		check_int(wltex_dmabuf_error_protocol_code((enum wltex_dmabuf_error)i), codes[i]);
	}
	check_str(wltex_dmabuf_error_message((enum wltex_dmabuf_error)n), "unknown error");
	check_str(wltex_dmabuf_error_message((enum wltex_dmabuf_error) - 1), "unknown error");
	check_int(wltex_dmabuf_error_protocol_code((enum wltex_dmabuf_error)n), -1);
	check_int(wltex_dmabuf_error_protocol_code((enum wltex_dmabuf_error) - 1), -1);
}

TEST(plane_numbers)
{
	struct wltex_dmabuf_attributes a = good_nv12();

	accepted(&a);
	a.n_planes = 0;
	refused(&a, WLTEX_DMABUF_NO_PLANE);
	a.n_planes = -1;
	refused(&a, WLTEX_DMABUF_NO_PLANE);
	a.n_planes = WLTEX_MAX_PLANES + 1;
	refused(&a, WLTEX_DMABUF_PLANE_INDEX);
	a.n_planes = INT32_MAX;
	refused(&a, WLTEX_DMABUF_PLANE_INDEX);

	a = good_nv12();
	a.planes[0].fd = -1;
	refused(&a, WLTEX_DMABUF_PLANE_GAP);
	a.planes[1].fd = -1;
	refused(&a, WLTEX_DMABUF_NO_PLANE);

	a = good_nv12();
	a.planes[1].fd = -1;
	refused(&a, WLTEX_DMABUF_PLANE_GAP);
	a.n_planes = 4;
	a.planes[2] = a.planes[3] = a.planes[0];
	refused(&a, WLTEX_DMABUF_PLANE_GAP);
}

TEST(dimensions)
{
	struct wltex_dmabuf_attributes a = good_attributes();

	a.width = a.height = 1;
	accepted(&a);
	a.width = 0;
	refused(&a, WLTEX_DMABUF_DIMENSIONS);
	a.width = INT32_MIN;
	refused(&a, WLTEX_DMABUF_DIMENSIONS);
	a.width = 1;
	a.height = 0;
	refused(&a, WLTEX_DMABUF_DIMENSIONS);
	a.height = -1;
	refused(&a, WLTEX_DMABUF_DIMENSIONS);
}

TEST(flags)
{
	struct wltex_dmabuf_attributes a = good_attributes();

	a.flags = 7;
	accepted(&a);
	for (int bit = 3; bit < 32; bit++) {
		a.flags = 1u << bit;
		refused(&a, WLTEX_DMABUF_FLAGS);
	}
}

TEST(plane_count)
{
	struct wltex_dmabuf_attributes a = good_attributes();

	a.planes[1] = a.planes[2] = a.planes[3] = a.planes[0];
	a.n_planes = 2;
	refused(&a, WLTEX_DMABUF_PLANE_COUNT);
	a.modifier = DRM_FORMAT_MOD_INVALID;
	refused(&a, WLTEX_DMABUF_PLANE_COUNT);
	/* Compression state has planes of its own. */
	a.modifier = I915_FORMAT_MOD_Y_TILED_CCS;
	accepted(&a);
	a.n_planes = 4;
	accepted(&a);
	/* Nothing is known about an unknown format. */
	a.modifier = DRM_FORMAT_MOD_LINEAR;
	a.format = fourcc_code('?', '?', '?', '?');
	accepted(&a);

	a = good_nv12();
	a.n_planes = 1;
	refused(&a, WLTEX_DMABUF_PLANE_COUNT);
	a.modifier = I915_FORMAT_MOD_Y_TILED;
	refused(&a, WLTEX_DMABUF_PLANE_COUNT);
	a.n_planes = 2;
	accepted(&a);
}

TEST(stride)
{
	struct wltex_dmabuf_attributes a = good_attributes();

	a.planes[0].stride = 0;
	refused(&a, WLTEX_DMABUF_STRIDE_ZERO);
	a.planes[0].stride = 255;
	refused(&a, WLTEX_DMABUF_STRIDE_SHORT);
	/* In a memory file the implicit layout is linear. */
	a.modifier = DRM_FORMAT_MOD_INVALID;
	refused(&a, WLTEX_DMABUF_STRIDE_SHORT);
	/* What a stride means is the modifier's business, what 0 means is not. */
	a.modifier = I915_FORMAT_MOD_X_TILED;
	accepted(&a);
	a.planes[0].stride = 0;
	refused(&a, WLTEX_DMABUF_STRIDE_ZERO);

	a = good_attributes();
	a.planes[0].stride = 1;
	a.format = fourcc_code('?', '?', '?', '?');
	accepted(&a);

	/* width * 4 does not fit 32 bits. */
	a = good_attributes();
	a.width = INT32_MAX;
	refused(&a, WLTEX_DMABUF_STRIDE_SHORT);

	/* 63 pixels have 32 samples of chroma. */
	a = good_nv12();
	a.planes[1].stride = 63;
	refused(&a, WLTEX_DMABUF_STRIDE_SHORT);
	a.planes[1].stride = 0;
	refused(&a, WLTEX_DMABUF_STRIDE_ZERO);
	a.planes[0].stride = 63;
	a.planes[1].stride = 64;
	accepted(&a);
	a.planes[0].stride = 62;
	refused(&a, WLTEX_DMABUF_STRIDE_SHORT);
}

TEST(overflow_of_a_row)
{
	struct wltex_dmabuf_attributes a = good_attributes();
	int large = make_memfd(5ll << 30, F_SEAL_SHRINK);

	a.height = 1;
	a.planes[0].fd = large;
	a.planes[0].offset = UINT32_MAX - 256;
	accepted(&a);
	a.planes[0].offset++;
	refused(&a, WLTEX_DMABUF_ROW_OVERFLOW);
	a.modifier = I915_FORMAT_MOD_X_TILED;
	refused(&a, WLTEX_DMABUF_ROW_OVERFLOW);
	a.planes[0].offset = 256;
	a.planes[0].stride = UINT32_MAX - 256;
	accepted(&a);
	a.planes[0].stride++;
	refused(&a, WLTEX_DMABUF_ROW_OVERFLOW);

	a = good_nv12();
	a.planes[1].fd = large;
	a.height = 2;
	a.planes[1].offset = UINT32_MAX - 64;
	check_accepted(__FILE__, __LINE__, &a, 2);
	a.planes[1].offset++;
	refused(&a, WLTEX_DMABUF_ROW_OVERFLOW);
}

TEST(overflow_of_a_plane)
{
	struct wltex_dmabuf_attributes a = good_attributes();
	int large = make_memfd(5ll << 30, F_SEAL_SHRINK);

	a.planes[0].fd = large;
	a.height = 65535;
	a.planes[0].stride = 65536;
	a.planes[0].offset = 65535;
	accepted(&a);
	a.planes[0].offset++;
	refused(&a, WLTEX_DMABUF_PLANE_OVERFLOW);
	a.modifier = I915_FORMAT_MOD_X_TILED;
	refused(&a, WLTEX_DMABUF_PLANE_OVERFLOW);

	/* stride * height is 2^32: nothing in 32 bits. */
	a.planes[0].offset = 0;
	a.height = 65536;
	refused(&a, WLTEX_DMABUF_PLANE_OVERFLOW);
	a.height = INT32_MAX;
	a.planes[0].stride = UINT32_MAX;
	refused(&a, WLTEX_DMABUF_PLANE_OVERFLOW);

	/* The chroma plane has half the rows. */
	a = good_nv12();
	a.planes[0].fd = a.planes[1].fd = large;
	a.height = 131070;
	a.planes[0].stride = 63;
	a.planes[1].stride = 65536;
	a.planes[1].offset = 65535;
	accepted(&a);
	a.planes[1].offset++;
	refused(&a, WLTEX_DMABUF_PLANE_OVERFLOW);
}

TEST(end_of_the_file)
{
	struct wltex_dmabuf_attributes a = good_attributes();

	a.height = 1;
	a.planes[0].offset = 63 * 256;
	accepted(&a);
	a.planes[0].offset++;
	refused(&a, WLTEX_DMABUF_ROW_BEYOND_END);
	a.planes[0].offset = 64 * 256 - 1;
	refused(&a, WLTEX_DMABUF_ROW_BEYOND_END);
	a.planes[0].offset = 64 * 256;
	refused(&a, WLTEX_DMABUF_OFFSET_BEYOND_END);

	a = good_attributes();
	a.planes[0].offset = 1;
	refused(&a, WLTEX_DMABUF_PLANE_BEYOND_END);
	a.planes[0].offset = 0;
	a.planes[0].stride = 257;
	refused(&a, WLTEX_DMABUF_PLANE_BEYOND_END);
	a.planes[0].stride = 256;
	a.height = 65;
	refused(&a, WLTEX_DMABUF_PLANE_BEYOND_END);
	a.modifier = I915_FORMAT_MOD_X_TILED;
	refused(&a, WLTEX_DMABUF_PLANE_BEYOND_END);
	a.format = fourcc_code('?', '?', '?', '?');
	refused(&a, WLTEX_DMABUF_PLANE_BEYOND_END);

	a = good_attributes();
	a.planes[0].fd = make_memfd(0, F_SEAL_SHRINK);
	refused(&a, WLTEX_DMABUF_OFFSET_BEYOND_END);
}

TEST(end_of_the_file_of_other_planes)
{
	struct wltex_dmabuf_attributes a = good_nv12();

	a.planes[1].offset++;
	refused(&a, WLTEX_DMABUF_PLANE_BEYOND_END);
	/* How far tiles of a second plane reach is not known, but a row there must be. */
	a.modifier = I915_FORMAT_MOD_Y_TILED;
	accepted(&a);
	a.planes[1].offset = (63 + 32) * 64 - 63;
	refused(&a, WLTEX_DMABUF_ROW_BEYOND_END);
	a.planes[1].offset = (63 + 32) * 64;
	refused(&a, WLTEX_DMABUF_OFFSET_BEYOND_END);

	/* As with Intel's clear colour: 64 bytes behind everything else. */
	a = good_attributes();
	a.planes[0].fd = make_memfd(64 * 256 + 4096 + 64, F_SEAL_SHRINK);
	a.modifier = I915_FORMAT_MOD_Y_TILED_GEN12_RC_CCS_CC;
	a.n_planes = 3;
	a.planes[1] = a.planes[2] = a.planes[0];
	a.planes[1].offset = 64 * 256;
	a.planes[2].offset = 64 * 256 + 4096;
	a.planes[2].stride = 64;
	accepted(&a);
	a.planes[2].stride = 65;
	refused(&a, WLTEX_DMABUF_ROW_BEYOND_END);
}

/* Each plane of the format that has most of them is checked, not only the first. */
TEST(every_plane_is_checked)
{
	for (int i = 0; i < 3; i++) {
		struct wltex_dmabuf_attributes a = {
			.width = 16,
			.height = 16,
			.format = DRM_FORMAT_YUV444,
			.modifier = DRM_FORMAT_MOD_LINEAR,
			.n_planes = 3,
		};
		for (int k = 0; k < 3; k++)
			a.planes[k] = (struct wltex_dmabuf_plane){
				.fd = make_memfd(256, F_SEAL_SHRINK),
				.stride = 16,
			};
		check_accepted(__FILE__, __LINE__, &a, 3);
		a.planes[i].stride = 0;
		refused(&a, WLTEX_DMABUF_STRIDE_ZERO);
		a.planes[i].stride = 15;
		refused(&a, WLTEX_DMABUF_STRIDE_SHORT);
		a.planes[i].stride = 17;
		refused(&a, WLTEX_DMABUF_PLANE_BEYOND_END);
		a.planes[i].stride = 257;
		refused(&a, WLTEX_DMABUF_ROW_BEYOND_END);
		a.planes[i].stride = UINT32_MAX;
		refused(&a, WLTEX_DMABUF_PLANE_OVERFLOW);
		a.planes[i].offset = 1;
		refused(&a, WLTEX_DMABUF_ROW_OVERFLOW);
		a.planes[i].stride = 16;
		refused(&a, WLTEX_DMABUF_PLANE_BEYOND_END);
		a.planes[i].offset = 256;
		refused(&a, WLTEX_DMABUF_OFFSET_BEYOND_END);
		a.planes[i].fd = 1000;
		check_refused(__FILE__, __LINE__, &a, WLTEX_DMABUF_BAD_FD, EBADF);
	}
}

static void refused_fd(const char *what, int fd)
{
	struct wltex_dmabuf_attributes a = good_attributes();
	enum wltex_dmabuf_error error = WLTEX_DMABUF_OK;
	int fds = test_count_fds();

	a.planes[0].fd = fd;
	if (wltex_dmabuf_create(&a, &error) != NULL || error != WLTEX_DMABUF_BAD_FD ||
		errno != EBADF)
		test_fail(__FILE__, __LINE__, "%s: error %d, errno %d", what, error, errno);
	check_int(test_count_fds(), fds);
}

TEST(fds_of_other_kinds)
{
	struct wltex_dmabuf_attributes a = good_attributes();
	int sockets[2], pipes[2];
	FILE *file = tmpfile();

	check(file != NULL && ftruncate(fileno(file), 64 * 256) == 0);
	check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), 0);
	check_int(pipe2(pipes, O_CLOEXEC), 0);
	refused_fd("closed", 1000);
	refused_fd("negative", -2);
	refused_fd("huge", INT32_MAX);
	refused_fd("socket", sockets[0]);
	refused_fd("pipe, read end", pipes[0]);
	refused_fd("pipe, write end", pipes[1]);
	refused_fd("directory", open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	refused_fd("/dev/zero", open("/dev/zero", O_RDWR | O_CLOEXEC));
	refused_fd("/dev/null", open("/dev/null", O_RDWR | O_CLOEXEC));
	refused_fd("/proc/self/maps", open("/proc/self/maps", O_RDONLY | O_CLOEXEC));
	refused_fd("program", open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
	refused_fd("eventfd", eventfd(0, EFD_CLOEXEC));
	refused_fd("epoll", epoll_create1(EPOLL_CLOEXEC));
	refused_fd("O_PATH", reopen(a.planes[0].fd, O_PATH));
	/* No trailing effect on an fd that is good. */
	accepted(&a);
	fclose(file);
}

TEST(fds_of_memory)
{
	struct wltex_dmabuf_attributes a = good_attributes();
	int fd = a.planes[0].fd;

	/* Whether the content can be read is asked when it is. */
	a.planes[0].fd = reopen(fd, O_RDONLY);
	accepted(&a);
	a.planes[0].fd = reopen(fd, O_WRONLY);
	accepted(&a);
	a.planes[0].fd = make_memfd(64 * 256, 0);
	accepted(&a);
	a.planes[0].fd = memfd_create("unsealable", MFD_CLOEXEC);
	check_int(ftruncate(a.planes[0].fd, 64 * 256), 0);
	accepted(&a);
}

/* The owner shares the file position with us: it must stay where it was. */
TEST(file_position_stays)
{
	struct wltex_dmabuf_attributes a = good_attributes();

	check_int(lseek(a.planes[0].fd, 123, SEEK_SET), 123);
	accepted(&a);
	check_int(lseek(a.planes[0].fd, 0, SEEK_CUR), 123);
}

TEST(planes_share_an_fd)
{
	struct wltex_dmabuf_attributes a = good_nv12();
	const struct wltex_dmabuf_attributes *copy;
	struct wltex_dmabuf *dmabuf;

	/* Another fd, another open file, but the same kernel object. */
	a.planes[1].fd = reopen(a.planes[0].fd, O_RDWR);
	accepted(&a);
	dmabuf = wltex_dmabuf_create(&a, NULL);
	check(dmabuf != NULL);
	copy = wltex_dmabuf_get_attributes(dmabuf);
	check_int(copy->planes[0].fd, copy->planes[1].fd);
	check_int(copy->planes[1].offset, 63 * 64);
	check_int(wltex_dmabuf_get_bytes(dmabuf), (63 + 32) * 64);
	wltex_dmabuf_destroy(dmabuf);

	a.planes[1].fd = make_memfd((63 + 32) * 64 + 1, F_SEAL_SHRINK);
	check_accepted(__FILE__, __LINE__, &a, 2);
	dmabuf = wltex_dmabuf_create(&a, NULL);
	check(dmabuf != NULL);
	check_int(wltex_dmabuf_get_bytes(dmabuf), 2 * (63 + 32) * 64 + 1);
	wltex_dmabuf_destroy(dmabuf);
}

TEST(bytes_do_not_overflow)
{
	struct wltex_dmabuf_attributes a = {
		.width = 1,
		.height = 1,
		.format = DRM_FORMAT_YUV444,
		.modifier = DRM_FORMAT_MOD_LINEAR,
		.n_planes = 3,
	};
	struct wltex_dmabuf *dmabuf;

	for (int i = 0; i < 3; i++)
		a.planes[i] = (struct wltex_dmabuf_plane){
			.fd = make_memfd(INT64_MAX, 0),
			.stride = 1,
		};
	dmabuf = wltex_dmabuf_create(&a, NULL);
	check(dmabuf != NULL);
	check(wltex_dmabuf_get_bytes(dmabuf) == UINT64_MAX);
	wltex_dmabuf_destroy(dmabuf);
}

TEST(out_of_fds)
{
	struct wltex_dmabuf_attributes a = good_nv12();
	struct rlimit limit;
	int last;

	a.planes[1].fd = make_memfd((63 + 32) * 64, F_SEAL_SHRINK);
	last = fcntl(a.planes[0].fd, F_DUPFD_CLOEXEC, 0);
	close(last);
	check_int(getrlimit(RLIMIT_NOFILE, &limit), 0);
	for (int spare = 0; spare < 2; spare++) {
		enum wltex_dmabuf_error error = WLTEX_DMABUF_OK;
		limit.rlim_cur = (rlim_t)(last + spare);
		check_int(setrlimit(RLIMIT_NOFILE, &limit), 0);
		check(wltex_dmabuf_create(&a, &error) == NULL);
		check_int(errno, EMFILE);
		check_int(error, WLTEX_DMABUF_NO_FDS);
		/* The fd of plane 0, made before, is gone again. */
		check_int(fcntl(last, F_GETFD), -1);
	}
	limit.rlim_cur = (rlim_t)(last + 3);
	check_int(setrlimit(RLIMIT_NOFILE, &limit), 0);
	check_accepted(__FILE__, __LINE__, &a, 2);
}

struct user {
	struct wltex_dmabuf_user base;
	struct wltex_dmabuf *dmabuf;
	/* Removed, added when this one is called. */
	struct user *removes, *adds;
	int calls;
};

static void user_destroyed(struct wltex_dmabuf_user *base)
{
	struct user *user = wltex_container_of(base, struct user, base);

	user->calls++;
	/* The dmabuf is still whole. */
	check_int(fcntl(wltex_dmabuf_get_attributes(user->dmabuf)->planes[0].fd, F_GETFD),
		FD_CLOEXEC);
	wltex_dmabuf_remove_user(base);
	if (user->removes != NULL)
		wltex_dmabuf_remove_user(&user->removes->base);
	if (user->adds != NULL)
		wltex_dmabuf_add_user(user->dmabuf, &user->adds->base);
}

static void user_frees_itself(struct wltex_dmabuf_user *base)
{
	free(wltex_container_of(base, struct user, base));
}

TEST(users_are_told)
{
	struct wltex_dmabuf_attributes a = good_attributes();
	struct wltex_dmabuf *dmabuf = wltex_dmabuf_create(&a, NULL);
	struct user users[5], *heap = calloc(1, sizeof(*heap));

	check(dmabuf != NULL && heap != NULL);
	for (int i = 0; i < 5; i++) {
		users[i] = (struct user){.base.destroyed = user_destroyed, .dmabuf = dmabuf};
		/* The last one comes later. */
		if (i < 4)
			wltex_dmabuf_add_user(dmabuf, &users[i].base);
	}
	heap->base.destroyed = user_frees_itself;
	wltex_dmabuf_add_user(dmabuf, &heap->base);
	/* Whichever of 0 and 1 comes first takes the other away. */
	users[0].removes = &users[1];
	users[1].removes = &users[0];
	users[2].adds = &users[4];
	wltex_dmabuf_remove_user(&users[3].base);
	wltex_dmabuf_remove_user(&users[3].base);

	wltex_dmabuf_destroy(dmabuf);
	check_int(users[0].calls + users[1].calls, 1);
	check_int(users[2].calls, 1);
	check_int(users[3].calls, 0);
	check_int(users[4].calls, 1);
	/* Harmless after it, too. */
	wltex_dmabuf_remove_user(&users[4].base);
}

TEST(kernel_dmabuf)
{
	struct wltex_dmabuf_attributes a = good_attributes();
	int memory;

	a.planes[0].fd = make_udmabuf(64 * 256, &memory);
	accepted(&a);
	a.planes[0].stride = 255;
	refused(&a, WLTEX_DMABUF_STRIDE_SHORT);
	/* Implicit: the exporter may tile. */
	a.modifier = DRM_FORMAT_MOD_INVALID;
	accepted(&a);
	a.planes[0].stride = 257;
	refused(&a, WLTEX_DMABUF_PLANE_BEYOND_END);
	a.planes[0].stride = 256;
	a.planes[0].offset = 1;
	refused(&a, WLTEX_DMABUF_PLANE_BEYOND_END);
	a.planes[0].fd = reopen(a.planes[0].fd, O_PATH);
	check_refused(__FILE__, __LINE__, &a, WLTEX_DMABUF_BAD_FD, EBADF);

	/* Two dmabufs of the same memory are two kernel objects. */
	a = good_nv12();
	a.planes[0].fd = make_udmabuf(8192, &memory);
	a.planes[1].fd = make_udmabuf(8192, &memory);
	check_accepted(__FILE__, __LINE__, &a, 2);
	a.planes[1].fd = dup(a.planes[0].fd);
	accepted(&a);
}
