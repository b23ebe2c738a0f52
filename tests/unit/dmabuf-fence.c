/* SPDX-License-Identifier: MIT */
/*
 * Whose fence never comes makes nobody wait. Real ones need a kernel device (see
 * dmabuf-read.c); here a memory file counts as a dmabuf, and poll asks a pipe about it. With
 * WLTEX_BREAK=fence it waits whatever it was told, for broken@fence.
 */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <drm_fourcc.h>
#include <linux/dma-buf.h>

#include "dmabuf/dmabuf.h"
#include "dmabuf/read.h"
#include "memory.h"
#include "test.h"

#define SIDE 64

static int fence[2], interruptions, begins, ends;

int __real_poll(struct pollfd *fds, nfds_t n, int timeout_ms);
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout_ms);
int __wrap_ioctl(int fd, unsigned long request, ...);

int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
	struct pollfd pipe = {.fd = fence[0], .events = POLLIN};
	const char *broken = getenv("WLTEX_BREAK");
	int ready;

	if (interruptions > 0) {
		interruptions--;
		errno = EINTR;
		return -1;
	}
	if (broken != NULL && strcmp(broken, "fence") == 0)
		timeout_ms = -1;
	ready = __real_poll(&pipe, 1, timeout_ms);
	fds[0].revents = pipe.revents;
	return ready;
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	struct dma_buf_sync *sync;
	va_list args;

	check(request == DMA_BUF_IOCTL_SYNC);
	va_start(args, request);
	sync = va_arg(args, struct dma_buf_sync *);
	va_end(args);
	if (sync->flags & DMA_BUF_SYNC_END)
		ends++;
	else
		begins++;
	return 0;
}

static struct wltex_dmabuf *create(void)
{
	struct wltex_dmabuf_attributes attributes = {
		.width = SIDE,
		.height = SIDE,
		.format = DRM_FORMAT_XRGB8888,
		.modifier = DRM_FORMAT_MOD_LINEAR,
		.n_planes = 1,
		.planes = {{.fd = test_memory_create((size_t)SIDE * SIDE * 4), .stride = SIDE * 4}},
	};
	struct wltex_dmabuf *dmabuf = wltex_dmabuf_create(&attributes, NULL);

	check(dmabuf != NULL);
	close(attributes.planes[0].fd);
	dmabuf->objects[0].kind = WLTEX_OBJECT_DMABUF;
	check_int(pipe(fence), 0);
	/* Longer than anything here takes that does not wait. */
	alarm(5);
	return dmabuf;
}

TEST(never_comes)
{
	struct wltex_dmabuf *dmabuf = create();
	struct wltex_dmabuf_view view;

	for (int i = 0; i < 1000; i++)
		check_int(wltex_dmabuf_begin_read(dmabuf, &view), -EAGAIN);
	check_int(begins, 0);
	wltex_dmabuf_destroy(dmabuf);
}

TEST(comes_late)
{
	struct wltex_dmabuf *dmabuf = create();
	struct wltex_dmabuf_view view;

	check_int(wltex_dmabuf_begin_read(dmabuf, &view), -EAGAIN);
	check_int(write(fence[1], "", 1), 1);
	check_int(wltex_dmabuf_begin_read(dmabuf, &view), 0);
	check_int(begins, 1);
	check_int(view.planes[0].data[0], 0);
	wltex_dmabuf_end_read(dmabuf);
	check_int(ends, 1);
	wltex_dmabuf_destroy(dmabuf);
}

/* Signals, however many, neither fail it nor keep it. */
TEST(interrupted)
{
	struct wltex_dmabuf *dmabuf = create();
	struct wltex_dmabuf_view view;

	check_int(write(fence[1], "", 1), 1);
	interruptions = 1;
	check_int(wltex_dmabuf_begin_read(dmabuf, &view), 0);
	wltex_dmabuf_end_read(dmabuf);
	interruptions = 1000000;
	check_int(wltex_dmabuf_begin_read(dmabuf, &view), -EAGAIN);
	check_int(begins, ends);
	wltex_dmabuf_destroy(dmabuf);
}
