/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "dmabuf-attributes.h"

static void refused_fd_as(const char *what, int fd, enum wltex_dmabuf_error expected)
{
	struct wltex_dmabuf_attributes a = good_attributes();
	enum wltex_dmabuf_error error = WLTEX_DMABUF_OK;
	int fds = test_count_fds();

	a.planes[0].fd = fd;
	if (wltex_dmabuf_create(&a, &error) != NULL || error != expected || errno != EBADF)
		test_fail(__FILE__, __LINE__, "%s: error %d, errno %d", what, error, errno);
	check_int(test_count_fds(), fds);
}

static void refused_fd(const char *what, int fd)
{
	refused_fd_as(what, fd, WLTEX_DMABUF_BAD_FD);
}

TEST(fds_of_other_kinds)
{
	struct wltex_dmabuf_attributes a = good_attributes();
	int sockets[2], pipes[2];
	FILE *file = tmpfile();

	check(file != NULL && ftruncate(fileno(file), 64 * 256) == 0);
	check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), 0);
	check_int(pipe2(pipes, O_CLOEXEC), 0);
	refused_fd_as("closed", 1000, WLTEX_DMABUF_CLOSED_FD);
	refused_fd_as("negative", -2, WLTEX_DMABUF_CLOSED_FD);
	refused_fd_as("huge", INT32_MAX, WLTEX_DMABUF_CLOSED_FD);
	refused_fd("socket", sockets[0]);
	refused_fd("pipe, read end", pipes[0]);
	refused_fd_as("pipe, write end", pipes[1], WLTEX_DMABUF_UNREADABLE_FD);
	refused_fd("directory", open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	refused_fd("/dev/zero", open("/dev/zero", O_RDWR | O_CLOEXEC));
	refused_fd("/dev/null", open("/dev/null", O_RDWR | O_CLOEXEC));
	refused_fd("/proc/self/maps", open("/proc/self/maps", O_RDONLY | O_CLOEXEC));
	refused_fd("program", open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
	refused_fd("eventfd", eventfd(0, EFD_CLOEXEC));
	refused_fd("epoll", epoll_create1(EPOLL_CLOEXEC));
	refused_fd_as("O_PATH", reopen(a.planes[0].fd, O_PATH), WLTEX_DMABUF_UNREADABLE_FD);
	refused_fd_as("O_WRONLY", reopen(a.planes[0].fd, O_WRONLY), WLTEX_DMABUF_UNREADABLE_FD);
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
