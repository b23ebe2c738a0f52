/* SPDX-License-Identifier: MIT */
/*
 * A client's way through params and dmabufs: the input is a row of operations, each a
 * byte and its arguments; see run(). Files of all kinds play the fds. After each input no
 * fd may be left but those of the files.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <drm_fourcc.h>

#include "dmabuf/dmabuf.h"
#include "dmabuf/format.h"
#include "dmabuf/params.h"
#include "dmabuf/read.h"
#include "fuzz.h"

#define MAX_FDS 128
#define MAX_DMABUFS 4

/* Half of the numbers small, so that they meet the sizes of the files. */
static uint32_t take_number(struct input *input)
{
	return (uint32_t)take(input, take(input, 1) & 1 ? 4 : 2);
}

static const uint32_t formats[] = {
	DRM_FORMAT_XRGB8888,
	DRM_FORMAT_ABGR16161616F,
	DRM_FORMAT_RGB565,
	DRM_FORMAT_RGB888,
	DRM_FORMAT_R8,
	DRM_FORMAT_NV12,
	DRM_FORMAT_NV15,
	DRM_FORMAT_P030,
	DRM_FORMAT_YUV420,
	DRM_FORMAT_YUV410,
	DRM_FORMAT_YUYV,
	0,
};

static uint32_t take_format(struct input *input)
{
	size_t i = take(input, 1) % (ARRAY_LENGTH(formats) + 1);

	return i < ARRAY_LENGTH(formats) ? formats[i] : (uint32_t)take(input, 4);
}

static uint64_t take_modifier(struct input *input)
{
	static const uint64_t modifiers[] = {
		DRM_FORMAT_MOD_LINEAR,
		DRM_FORMAT_MOD_INVALID,
		I915_FORMAT_MOD_X_TILED,
		I915_FORMAT_MOD_Y_TILED_CCS,
	};
	size_t i = take(input, 1) % (ARRAY_LENGTH(modifiers) + 1);

	return i < ARRAY_LENGTH(modifiers) ? modifiers[i] : take(input, 8);
}

static int make_memory(off_t size, int seals)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	expect(fd >= 0 && ftruncate(fd, size) == 0);
	expect(seals == 0 || fcntl(fd, F_ADD_SEALS, seals) == 0);
	return fd;
}

/* The same, without holes. */
static int make_full_memory(off_t size, int seals)
{
	static const uint8_t zeros[1 << 20];
	int fd = make_memory(size, 0);

	expect(pwrite(fd, zeros, (size_t)size, 0) == size);
	expect(fcntl(fd, F_ADD_SEALS, seals) == 0);
	return fd;
}

static int files[15];

static void make_files(void)
{
	int pipes[2], n = 0;

	expect(pipe2(pipes, O_CLOEXEC) == 0);
	files[n++] = make_full_memory(1 << 20, F_SEAL_SHRINK);
	files[n++] = make_full_memory(65536, F_SEAL_SHRINK);
	files[n++] = make_full_memory(12288, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
	files[n++] = make_full_memory(4097, F_SEAL_SHRINK);
	files[n++] = make_full_memory(1, F_SEAL_SHRINK);
	files[n++] = make_memory(0, F_SEAL_SHRINK);
	files[n++] = make_memory(65536, 0);
	files[n++] = make_memory(INT64_MAX, F_SEAL_GROW);
	files[n++] = dup(files[1]);
	files[n++] = pipes[0];
	files[n++] = pipes[1];
	files[n++] = open("/dev/zero", O_RDWR | O_CLOEXEC);
	files[n++] = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	files[n++] = -1;
	files[n++] = make_memory(65536, F_SEAL_SHRINK);
	expect(n == (int)ARRAY_LENGTH(files));
}

static int take_file(struct input *input)
{
	size_t i = take(input, 1) % (ARRAY_LENGTH(files) + 1);

	/* A number that no file has. */
	return i < ARRAY_LENGTH(files) ? files[i] : MAX_FDS + 1;
}

static struct wltex_dmabuf *dmabufs[MAX_DMABUFS];
static unsigned int n_told;

static void told(struct wltex_dmabuf_user *user)
{
	n_told++;
}

static void destroy(struct wltex_dmabuf **dmabuf)
{
	struct wltex_dmabuf_user user = {.destroyed = told};
	unsigned int before = n_told;

	if (*dmabuf == NULL)
		return;
	wltex_dmabuf_add_user(*dmabuf, &user);
	wltex_dmabuf_destroy(*dmabuf);
	expect(n_told == before + 1);
	*dmabuf = NULL;
}

/* What every dmabuf that was let through must be. */
static void check_dmabuf(const struct wltex_dmabuf *dmabuf)
{
	const struct wltex_dmabuf_attributes *a = wltex_dmabuf_get_attributes(dmabuf);
	int fds = wltex_dmabuf_get_fd_count(dmabuf);

	expect(a->width > 0 && a->height > 0 && a->flags < 8);
	expect(a->n_planes >= 1 && a->n_planes <= WLTEX_MAX_PLANES);
	expect(fds >= 1 && fds <= a->n_planes);
	for (int i = 0; i < a->n_planes; i++) {
		const struct wltex_dmabuf_plane *plane = &a->planes[i];
		struct stat stat;
		expect(fcntl(plane->fd, F_GETFD) == FD_CLOEXEC);
		expect(fstat(plane->fd, &stat) == 0 && S_ISREG(stat.st_mode));
		expect(plane->stride > 0);
		expect((int64_t)plane->offset + plane->stride <= stat.st_size);
	}
	expect(wltex_dmabuf_get_bytes(dmabuf) > 0);
}

/* Of all that it is made of. */
static blkcnt_t count_blocks(const struct wltex_dmabuf *dmabuf)
{
	blkcnt_t blocks = 0;
	struct stat stat;

	for (int i = 0; i < dmabuf->attributes.n_planes; i++) {
		expect(fstat(dmabuf->attributes.planes[i].fd, &stat) == 0);
		blocks += stat.st_blocks;
	}
	return blocks;
}

static volatile uint8_t sink;

/*
 * Touch what the view offers: all of it is there, or this is the last that is heard. No hole
 * of a file gets filled.
 */
static void read_all(struct wltex_dmabuf *dmabuf)
{
	blkcnt_t blocks = count_blocks(dmabuf);
	struct wltex_dmabuf_view view;

	if (wltex_dmabuf_begin_read(dmabuf, &view) != 0)
		return;
	expect(wltex_dmabuf_get_read_cost(dmabuf) > 0);
	expect(view.n_planes >= 1 && view.n_planes <= WLTEX_MAX_PLANES);
	for (int i = 0; i < view.n_planes; i++) {
		const uint8_t *row = view.planes[i].data;
		expect(view.planes[i].rows >= 1);
		expect(view.planes[i].row_bytes >= 1);
		expect(view.planes[i].row_bytes <= view.planes[i].stride);
		expect((uint64_t)view.planes[i].stride * view.planes[i].rows <= 8u << 20);
		for (uint32_t y = 0; y < view.planes[i].rows; y++) {
			for (size_t x = 0; x < view.planes[i].row_bytes; x += 512)
				sink ^= row[x];
			sink ^= row[view.planes[i].row_bytes - 1];
			row += view.planes[i].stride;
		}
	}
	wltex_dmabuf_end_read(dmabuf);
	expect(count_blocks(dmabuf) == blocks);
}

static void add(struct input *input, struct wltex_params *params)
{
	int fd = take_file(input), before = wltex_params_get_fd_count(params);
	uint32_t plane = (uint32_t)take(input, 1) % 6;
	uint32_t offset = take_number(input), stride = take_number(input);
	uint64_t modifier = take_modifier(input);
	enum wltex_dmabuf_error error =
		wltex_params_add(params, fd, plane, offset, stride, modifier);
	int after = wltex_params_get_fd_count(params);

	expect(error == WLTEX_DMABUF_OK ? after == before || after == before + 1 : after == before);
	expect(error != WLTEX_DMABUF_NO_FDS && error != WLTEX_DMABUF_NO_MEMORY);
	expect(error == WLTEX_DMABUF_OK || params->error != WLTEX_DMABUF_OK);
}

static void create(struct input *input, struct wltex_params *params)
{
	struct wltex_dmabuf **slot = &dmabufs[take(input, 1) % MAX_DMABUFS];
	bool bad = params->used || params->error != WLTEX_DMABUF_OK;
	int32_t width = (int32_t)take_number(input), height = (int32_t)take_number(input);
	uint32_t format = take_format(input), flags = (uint32_t)take(input, 1) & 0xf;
	enum wltex_dmabuf_error error = WLTEX_DMABUF_NO_MEMORY;

	destroy(slot);
	*slot = wltex_params_create_dmabuf(params, width, height, format, flags, &error);
	expect((*slot != NULL) == (error == WLTEX_DMABUF_OK));
	expect(*slot == NULL || !bad);
	expect(params->used && wltex_params_get_fd_count(params) == 0);
	if (*slot != NULL)
		check_dmabuf(*slot);
}

static void create_from_attributes(struct input *input)
{
	struct wltex_dmabuf **slot = &dmabufs[take(input, 1) % MAX_DMABUFS];
	enum wltex_dmabuf_error error = WLTEX_DMABUF_NO_MEMORY;
	struct wltex_dmabuf_attributes a = {
		.n_planes = (int)take(input, 1) % 7 - 1,
		.width = (int32_t)take_number(input),
		.height = (int32_t)take_number(input),
		.format = take_format(input),
		.modifier = take_modifier(input),
		.flags = (uint32_t)take(input, 1) & 0xf,
	};

	for (int i = 0; i < WLTEX_MAX_PLANES; i++) {
		a.planes[i].fd = take_file(input);
		a.planes[i].offset = take_number(input);
		a.planes[i].stride = take_number(input);
	}
	destroy(slot);
	*slot = wltex_dmabuf_create(&a, &error);
	expect((*slot != NULL) == (error == WLTEX_DMABUF_OK));
	expect(*slot != NULL || errno == EINVAL || errno == EBADF);
	if (*slot != NULL)
		check_dmabuf(*slot);
}

static void run(struct input *input)
{
	struct wltex_params params;

	wltex_params_init(&params);
	while (input->left > 0) {
		switch (take(input, 1) % 6) {
		case 0:
			add(input, &params);
			break;
		case 1:
			create(input, &params);
			break;
		case 2:
			wltex_params_finish(&params);
			wltex_params_init(&params);
			break;
		case 3:
			create_from_attributes(input);
			break;
		case 4: {
			struct wltex_dmabuf *dmabuf = dmabufs[take(input, 1) % MAX_DMABUFS];
			if (dmabuf != NULL)
				read_all(dmabuf);
			break;
		}
		case 5:
			destroy(&dmabufs[take(input, 1) % MAX_DMABUFS]);
			break;
		}
	}
	wltex_params_finish(&params);
	for (int i = 0; i < MAX_DMABUFS; i++)
		destroy(&dmabufs[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {.data = data, .left = size};
	static int fds;

	if (fds == 0) {
		make_files();
		fds = count_fds(MAX_FDS);
	}
	run(&input);
	expect(count_fds(MAX_FDS) == fds);
	return 0;
}
