/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <drm_fourcc.h>

#include "dmabuf-files.h"
#include "dmabuf/check.h"
#include "dmabuf/dmabuf.h"
#include "dmabuf/params.h"

/* Closing what is closed could hit the fd of somebody else: libc's function is replaced. */
int close(int fd_)
{
	int result = (int)syscall(SYS_close, fd_);

	if (result != 0)
		test_fail(__FILE__, __LINE__, "fd %d is closed twice", fd_);
	return result;
}

#define LINEAR DRM_FORMAT_MOD_LINEAR
#define SIZE (64 * 256)

static struct wltex_params params;
static int fd, fds;

static void begin(void)
{
	fd = make_memfd(SIZE, F_SEAL_SHRINK);
	fds = test_count_fds();
	wltex_params_init(&params);
	check_int(wltex_params_get_fd_count(&params), 0);
}

static void add_first(void)
{
	check_int(wltex_params_add(&params, fd, 0, 0, 256, LINEAR), WLTEX_DMABUF_OK);
}

static struct wltex_dmabuf *create(enum wltex_dmabuf_error *error)
{
	return wltex_params_create_dmabuf(&params, 64, 64, DRM_FORMAT_XRGB8888, 0, error);
}

static void check_create_fails(enum wltex_dmabuf_error expected)
{
	enum wltex_dmabuf_error error = WLTEX_DMABUF_OK;

	check(create(&error) == NULL);
	check_int(error, expected);
	check(params.used);
	check_int(wltex_params_get_fd_count(&params), 0);
	check_int(test_count_fds(), fds);
}

TEST(create)
{
	enum wltex_dmabuf_error error = WLTEX_DMABUF_NO_MEMORY;
	struct wltex_dmabuf *dmabuf;
	int own;

	begin();
	add_first();
	check_int(wltex_params_get_fd_count(&params), 1);
	check_int(test_count_fds(), fds + 1);
	own = params.planes[0].fd;
	check(own != fd);
	check_int(fcntl(own, F_GETFD), FD_CLOEXEC);

	/* The fd moves: it is not duplicated again. */
	dmabuf = create(&error);
	check(dmabuf != NULL);
	check_int(error, WLTEX_DMABUF_OK);
	check_int(wltex_dmabuf_get_attributes(dmabuf)->planes[0].fd, own);
	check_int(wltex_params_get_fd_count(&params), 0);
	check_int(test_count_fds(), fds + 1);
	wltex_params_finish(&params);
	check_int(fcntl(own, F_GETFD), FD_CLOEXEC);
	wltex_dmabuf_destroy(dmabuf);
	check_int(test_count_fds(), fds);
}

TEST(never_created)
{
	begin();
	add_first();
	check_int(wltex_params_add(&params, make_memfd(SIZE, 0), 2, 0, 256, LINEAR), 0);
	check_int(wltex_params_get_fd_count(&params), 2);
	check_int(test_count_fds(), fds + 3);
	wltex_params_finish(&params);
	check_int(test_count_fds(), fds + 1);
	wltex_params_finish(&params);
	check_int(test_count_fds(), fds + 1);
}

TEST(used_twice)
{
	struct wltex_dmabuf *dmabuf;

	begin();
	add_first();
	dmabuf = create(NULL);
	check(dmabuf != NULL);
	fds++;
	check_create_fails(WLTEX_DMABUF_ALREADY_USED);
	check_int(wltex_params_add(&params, fd, 1, 0, 256, LINEAR), WLTEX_DMABUF_ALREADY_USED);
	check_create_fails(WLTEX_DMABUF_ALREADY_USED);
	wltex_dmabuf_destroy(dmabuf);

	/* A refusal uses them up as well. */
	begin();
	check_create_fails(WLTEX_DMABUF_NO_PLANE);
	check_int(wltex_params_add(&params, fd, 0, 0, 256, LINEAR), WLTEX_DMABUF_ALREADY_USED);
	check_create_fails(WLTEX_DMABUF_ALREADY_USED);
}

TEST(plane_index)
{
	begin();
	check_int(wltex_params_add(&params, fd, 3, 0, 256, LINEAR), WLTEX_DMABUF_OK);
	check_int(wltex_params_add(&params, fd, 4, 0, 256, LINEAR), WLTEX_DMABUF_PLANE_INDEX);
	check_create_fails(WLTEX_DMABUF_PLANE_INDEX);

	begin();
	check_int(wltex_params_add(&params, fd, UINT32_MAX, 0, 256, LINEAR),
		WLTEX_DMABUF_PLANE_INDEX);
	check_create_fails(WLTEX_DMABUF_PLANE_INDEX);
}

TEST(plane_set_twice)
{
	begin();
	add_first();
	check_int(wltex_params_add(&params, fd, 0, 0, 256, LINEAR), WLTEX_DMABUF_PLANE_SET_TWICE);
	check_create_fails(WLTEX_DMABUF_PLANE_SET_TWICE);
}

TEST(gap)
{
	begin();
	check_int(wltex_params_add(&params, fd, 1, 0, 256, LINEAR), WLTEX_DMABUF_OK);
	check_create_fails(WLTEX_DMABUF_PLANE_GAP);

	begin();
	add_first();
	check_int(wltex_params_add(&params, fd, 3, 0, 256, LINEAR), WLTEX_DMABUF_OK);
	check_create_fails(WLTEX_DMABUF_PLANE_GAP);

	begin();
	check_create_fails(WLTEX_DMABUF_NO_PLANE);
}

/* Planes may come in any order. */
TEST(any_order)
{
	struct wltex_dmabuf *dmabuf;

	begin();
	check_int(wltex_params_add(&params, fd, 1, 64, 64, LINEAR), WLTEX_DMABUF_OK);
	check_int(wltex_params_add(&params, fd, 0, 0, 64, LINEAR), WLTEX_DMABUF_OK);
	check_int(wltex_params_get_fd_count(&params), 1);
	dmabuf = wltex_params_create_dmabuf(&params, 64, 64, DRM_FORMAT_NV12, 0, NULL);
	check(dmabuf != NULL);
	check_int(wltex_dmabuf_get_attributes(dmabuf)->n_planes, 2);
	check_int(wltex_dmabuf_get_attributes(dmabuf)->planes[0].offset, 0);
	check_int(wltex_dmabuf_get_attributes(dmabuf)->planes[1].offset, 64);
	check_int(wltex_dmabuf_get_fd_count(dmabuf), 1);
	wltex_dmabuf_destroy(dmabuf);
	check_int(test_count_fds(), fds);
}

TEST(modifier_mismatch)
{
	/* 0 is LINEAR: a modifier like any other, in either order. */
	begin();
	add_first();
	check_int(wltex_params_add(&params, fd, 1, 0, 256, DRM_FORMAT_MOD_INVALID),
		WLTEX_DMABUF_MODIFIER_MISMATCH);
	check_create_fails(WLTEX_DMABUF_MODIFIER_MISMATCH);

	begin();
	check_int(wltex_params_add(&params, fd, 1, 0, 256, DRM_FORMAT_MOD_INVALID), 0);
	check_int(wltex_params_add(&params, fd, 0, 0, 256, LINEAR), WLTEX_DMABUF_MODIFIER_MISMATCH);
	check_create_fails(WLTEX_DMABUF_MODIFIER_MISMATCH);

	/* They differ in the upper half only. */
	begin();
	add_first();
	check_int(wltex_params_add(&params, fd, 1, 0, 256, 1ull << 32),
		WLTEX_DMABUF_MODIFIER_MISMATCH);
	check_create_fails(WLTEX_DMABUF_MODIFIER_MISMATCH);
}

TEST(first_error_counts)
{
	begin();
	check_int(wltex_params_add(&params, 1000, 0, 0, 256, LINEAR), WLTEX_DMABUF_CLOSED_FD);
	check_int(wltex_params_add(&params, fd, 9, 0, 256, LINEAR), WLTEX_DMABUF_PLANE_INDEX);
	/* What comes right later does not make up for it. */
	add_first();
	check_create_fails(WLTEX_DMABUF_CLOSED_FD);
}

TEST(create_checks)
{
	enum wltex_dmabuf_error error = WLTEX_DMABUF_OK;

	begin();
	add_first();
	check(wltex_params_create_dmabuf(&params, 65, 64, DRM_FORMAT_XRGB8888, 0, &error) == NULL);
	check_int(error, WLTEX_DMABUF_STRIDE_SHORT);
	check_int(test_count_fds(), fds);

	begin();
	add_first();
	check(wltex_params_create_dmabuf(&params, 64, 64, DRM_FORMAT_XRGB8888, 8, &error) == NULL);
	check_int(error, WLTEX_DMABUF_FLAGS);
	check_int(test_count_fds(), fds);
}

TEST(initialised_again)
{
	begin();
	check_create_fails(WLTEX_DMABUF_NO_PLANE);
	wltex_params_init(&params);
	add_first();
	wltex_params_finish(&params);
	check_int(test_count_fds(), fds);
}

TEST(out_of_fds)
{
	struct rlimit limit;
	int spare, other = make_memfd(SIZE, F_SEAL_SHRINK);

	begin();
	spare = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	close(spare);
	check_int(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = (rlim_t)spare;
	check_int(setrlimit(RLIMIT_NOFILE, &limit), 0);
	check_int(wltex_params_add(&params, fd, 0, 0, 256, LINEAR), WLTEX_DMABUF_NO_FDS);
	wltex_params_finish(&params);

	/* A plane of the same object needs no other fd. */
	limit.rlim_cur++;
	check_int(setrlimit(RLIMIT_NOFILE, &limit), 0);
	wltex_params_init(&params);
	add_first();
	check_int(wltex_params_add(&params, fd, 1, 0, 256, LINEAR), WLTEX_DMABUF_OK);
	check_int(wltex_params_add(&params, other, 2, 0, 256, LINEAR), WLTEX_DMABUF_NO_FDS);
	wltex_params_finish(&params);
	check_int(fcntl(spare, F_GETFD), -1);
}

/* What the kernel objects are is given here: also those that this machine cannot make. */
TEST(checks_by_kind_of_object)
{
	struct wltex_dmabuf_attributes a = {
		.width = 64,
		.height = 64,
		.format = DRM_FORMAT_XRGB8888,
		.modifier = DRM_FORMAT_MOD_INVALID,
		.n_planes = 1,
		.planes = {{.fd = 0, .stride = 255}},
	};
	struct wltex_object object = {.kind = WLTEX_OBJECT_MEMORY, .size = SIZE};

	check_int(wltex_dmabuf_check(&a, &object), WLTEX_DMABUF_STRIDE_SHORT);
	/* What is implicit in a dmabuf may be tiled. */
	object.kind = WLTEX_OBJECT_DMABUF;
	check_int(wltex_dmabuf_check(&a, &object), WLTEX_DMABUF_OK);
	a.planes[0].stride = 257;
	check_int(wltex_dmabuf_check(&a, &object), WLTEX_DMABUF_PLANE_BEYOND_END);
	a.modifier = LINEAR;
	a.planes[0].stride = 255;
	check_int(wltex_dmabuf_check(&a, &object), WLTEX_DMABUF_STRIDE_SHORT);

	/* Without a size there is no end. */
	a.planes[0].stride = 1u << 20;
	check_int(wltex_dmabuf_check(&a, &object), WLTEX_DMABUF_ROW_BEYOND_END);
	object.size = -1;
	check_int(wltex_dmabuf_check(&a, &object), WLTEX_DMABUF_OK);
	a.planes[0].stride = 1u << 26;
	check_int(wltex_dmabuf_check(&a, &object), WLTEX_DMABUF_PLANE_OVERFLOW);
}
