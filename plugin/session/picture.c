/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <png.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/fd.h"
#include "session/picture.h"

#define MAX_PICTURES 4
#define PATIENCE_S 10
#define COMPRESSION 3 // of zlib's 1 to 9: rather soon than small

struct picture {
	struct wl_list link; // pictures.list
	uint8_t *pixels;
	int width, height;
	int fd, readers_fd;             // a socket pair
	int done_fd;                    // an eventfd: the thread is about to end
	struct wl_event_source *source; // of done_fd
	pthread_t thread;
	bool running;
	atomic_bool stop;
};

/* PNGs have straight alpha. */
static void unpremultiply(uint8_t *pixel, int width)
{
	for (int x = 0; x < width; x++, pixel += 4) {
		unsigned alpha = pixel[3];

		for (int i = 0; i < 3 && alpha < 255; i++) {
			unsigned value = alpha > 0 ? (pixel[i] * 255u + alpha / 2) / alpha : 0;
			pixel[i] = (uint8_t)(value < 255 ? value : 255);
		}
	}
}

static void write_bytes(png_structp png, png_bytep bytes, size_t size)
{
	struct picture *picture = png_get_io_ptr(png);

	while (size > 0) {
		ssize_t n = send(picture->fd, bytes, size, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			png_error(png, "nobody reads it");
		bytes += n;
		size -= (size_t)n;
	}
}

/* What is written goes out at once. */
static void flush(png_structp png)
{
}

/* libpng itself would print them. */
static void on_error(png_structp png, png_const_charp message)
{
	longjmp(png_jmpbuf(png), 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
}

static void write_png(struct picture *picture, png_structp png, png_infop info)
{
	size_t stride = 4 * (size_t)picture->width;

	if (setjmp(png_jmpbuf(png)) != 0)
		return;
	png_set_write_fn(png, picture, write_bytes, flush);
	png_set_IHDR(png, info, (png_uint_32)picture->width, (png_uint_32)picture->height, 8,
		PNG_COLOR_TYPE_RGBA, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
		PNG_FILTER_TYPE_DEFAULT);
	png_set_compression_level(png, COMPRESSION);
	png_write_info(png, info);
	for (int y = 0; y < picture->height && !picture->stop; y++) {
		uint8_t *row = picture->pixels + stride * (size_t)y;
		unpremultiply(row, picture->width);
		png_write_row(png, row);
	}
	if (!picture->stop)
		png_write_end(png, info);
}

static void *run(void *data)
{
	struct picture *picture = data;
	png_structp png;
	png_infop info = NULL;
	ssize_t ret;

	/* The compositor's threads go first. */
	setpriority(PRIO_PROCESS, (id_t)gettid(), 19);
	png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, on_error, on_warning);
	if (png != NULL)
		info = png_create_info_struct(png);
	if (info != NULL)
		write_png(picture, png, info);
	png_destroy_write_struct(&png, &info);
	shutdown(picture->fd, SHUT_RDWR);
	do
		ret = write(picture->done_fd, &(uint64_t){1}, sizeof(uint64_t));
	while (ret < 0 && errno == EINTR);
	return NULL;
}

static void picture_destroy(struct picture *picture)
{
	if (picture->running) {
		picture->stop = true;
		shutdown(picture->fd, SHUT_RDWR);
		pthread_join(picture->thread, NULL);
	}
	if (picture->source != NULL)
		wl_event_source_remove(picture->source);
	wltex_fd_close(&picture->fd);
	wltex_fd_close(&picture->readers_fd);
	wltex_fd_close(&picture->done_fd);
	wl_list_remove(&picture->link);
	free(picture->pixels);
	free(picture);
}

static int handle_done(int fd, uint32_t mask, void *data)
{
	picture_destroy(data);
	return 0;
}

static int open_fds(struct picture *picture, const struct pictures *pictures)
{
	struct timeval patience = {.tv_sec = pictures->patience_s};
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	picture->fd = pair[0];
	picture->readers_fd = pair[1];
	setsockopt(picture->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	picture->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (picture->done_fd < 0)
		return -errno;
	picture->source = wl_event_loop_add_fd(
		pictures->loop, picture->done_fd, WL_EVENT_READABLE, handle_done, picture);
	return picture->source != NULL ? 0 : -ENOMEM;
}

static int start(struct picture *picture)
{
	sigset_t all, before;
	int error;

	/* Signals are for the compositor's threads. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&picture->thread, NULL, run, picture);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	picture->running = error == 0;
	return -error;
}

int pictures_send(struct pictures *pictures, uint8_t *pixels, int width, int height)
{
	struct picture *picture = NULL;
	int ret = -EBUSY;

	if (wl_list_length(&pictures->list) < MAX_PICTURES) {
		picture = calloc(1, sizeof(*picture));
		ret = -ENOMEM;
	}
	if (picture == NULL) {
		free(pixels);
		return ret;
	}
	picture->pixels = pixels;
	picture->width = width;
	picture->height = height;
	picture->fd = picture->readers_fd = picture->done_fd = -1;
	wl_list_insert(&pictures->list, &picture->link);
	ret = open_fds(picture, pictures);
	if (ret == 0)
		ret = start(picture);
	if (ret < 0) {
		picture_destroy(picture);
		return ret;
	}
	ret = picture->readers_fd;
	picture->readers_fd = -1;
	return ret;
}

void pictures_init(struct pictures *pictures, struct wl_event_loop *loop)
{
	pictures->loop = loop;
	pictures->patience_s = PATIENCE_S;
	wl_list_init(&pictures->list);
}

void pictures_finish(struct pictures *pictures)
{
	struct picture *picture, *next;

	wl_list_for_each_safe (picture, next, &pictures->list, link)
		picture_destroy(picture);
}
