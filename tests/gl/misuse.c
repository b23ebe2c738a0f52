/* SPDX-License-Identifier: MIT */
/* What texture.h says of NULL, and of values that there are not: refused, and nothing touched. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <wltex/texture.h>

#include "test.h"

TEST(nothing)
{
	struct wltex_attach attach = {0};
	struct wltex_attached attached;
	struct wltex_texture_info info;
	uint8_t pixel[4];

	wltex_context_destroy(NULL);
	wltex_texture_destroy(NULL);
	check_int(wltex_context_check(NULL), -EINVAL);
	check(wltex_context_get_ledger(NULL) == NULL);
	check(wltex_context_get_capabilities(NULL) == NULL);
	errno = 0;
	check(wltex_texture_create(NULL, NULL, NULL, NULL) == NULL && errno == EINVAL);
	check_int(wltex_texture_attach(NULL, &attach, &attached), -EINVAL);
	check_int(wltex_texture_attach_dmabuf(NULL, NULL, NULL), -EINVAL);
	check_int(wltex_texture_attach_pixels(NULL, NULL, NULL), -EINVAL);
	check_int(wltex_texture_sync(NULL, NULL), -EINVAL);
	check_int(wltex_texture_release(NULL, WLTEX_REASON_RELEASED), -EINVAL);
	check_int(wltex_dmabuf_release(NULL, WLTEX_REASON_RELEASED), -EINVAL);
	check(!wltex_texture_get(NULL, &info) && !wltex_texture_peek(NULL, &info));
	check_int(wltex_texture_read(NULL, pixel, 4), -EINVAL);
}

/* Zero is the default, so file 0 is no render node; what is none is refused with its reason. */
TEST(render_nodes)
{
	struct wltex_context_options options = {.mode = WLTEX_CONTEXT_OWN};
	struct wltex_context *context;
	struct wltex_texture *texture;
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	context = wltex_context_create(&options);
	check(context != NULL || errno == ENOTSUP);
	/* What works leaves errno alone. */
	errno = EDOM;
	texture = context ? wltex_texture_create(context, NULL, NULL, NULL) : NULL;
	check(errno == EDOM);
	wltex_texture_destroy(texture);
	wltex_context_destroy(context);
	options.render_fd = fd;
	check(wltex_context_create(&options) == NULL);
	check(errno == EINVAL || errno == ENOTSUP);
	options.render_fd = 1000;
	check(wltex_context_create(&options) == NULL);
	check(errno == EBADF || errno == ENOTSUP);
	options = (struct wltex_context_options){.mode = (enum wltex_context_mode)77};
	check(wltex_context_create(&options) == NULL && errno == EINVAL);
	options = (struct wltex_context_options){.mode = WLTEX_CONTEXT_OWN, .when = 77};
	check(wltex_context_create(&options) == NULL && errno == EINVAL);
	close(fd);
}
