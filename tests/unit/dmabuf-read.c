/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <drm_fourcc.h>
#include <xf86drm.h>
#include <xf86drmMode.h>

#include "dmabuf-files.h"
#include "dmabuf/dmabuf.h"
#include "dmabuf/read.h"

#define SIZE (64 * 256)

static struct wltex_dmabuf_view view;

static struct wltex_dmabuf *create(const struct wltex_dmabuf_attributes *attributes)
{
	enum wltex_dmabuf_error error;
	struct wltex_dmabuf *dmabuf = wltex_dmabuf_create(attributes, &error);

	if (dmabuf == NULL)
		test_fail(__FILE__, __LINE__, "%s", wltex_dmabuf_error_message(error));
	return dmabuf;
}

/* 60x64 pixels of 4 bytes in rows of 256. */
static struct wltex_dmabuf *create_image(int fd, uint64_t modifier)
{
	struct wltex_dmabuf_attributes a = {
		.width = 60,
		.height = 64,
		.format = DRM_FORMAT_XRGB8888,
		.modifier = modifier,
		.n_planes = 1,
		.planes = {{.fd = fd, .stride = 256}},
	};

	return create(&a);
}

/* A byte at each place that tells where it is. */
static void fill(int fd, size_t size)
{
	uint8_t *bytes = malloc(size);

	check(bytes != NULL);
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(i * 7 + (i >> 8));
	check_int(pwrite(fd, bytes, size, 0), (ssize_t)size);
	free(bytes);
}

static bool is_filled(const uint8_t *data, size_t offset, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (data[i] != (uint8_t)((offset + i) * 7 + ((offset + i) >> 8)))
			return false;
	}
	return true;
}

/* Lines of this process's memory map that are about the inode of fd. */
static int count_maps(int fd)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long inode;
	char line[512];
	struct stat stat;
	int n = 0;

	check(maps != NULL && fstat(fd, &stat) == 0);
	while (fgets(line, sizeof(line), maps) != NULL)
		n += sscanf(line, "%*s %*s %*s %*s %lu", &inode) == 1 && inode == stat.st_ino;
	fclose(maps);
	return n;
}

static void check_unreadable(struct wltex_dmabuf *dmabuf, int expected)
{
	int fds = test_count_fds();

	check_int(wltex_dmabuf_begin_read(dmabuf, &view), expected);
	check_int(test_count_fds(), fds);
	check_int(count_maps(wltex_dmabuf_get_attributes(dmabuf)->planes[0].fd), 0);
	wltex_dmabuf_destroy(dmabuf);
	check_int(test_count_fds(), fds - 1);
}

TEST(pixels)
{
	static const uint64_t modifiers[] = {DRM_FORMAT_MOD_LINEAR, DRM_FORMAT_MOD_INVALID};
	int fd = make_full_memfd(SIZE, F_SEAL_SHRINK);

	fill(fd, SIZE);
	for (size_t i = 0; i < ARRAY_LENGTH(modifiers); i++) {
		struct wltex_dmabuf *dmabuf = create_image(fd, modifiers[i]);
		check_int(wltex_dmabuf_begin_read(dmabuf, &view), 0);
		check_int(view.layout, WLTEX_LAYOUT_PIXELS);
		check_int(view.bytes_per_pixel, 4);
		check_int(view.n_planes, 1);
		check_int(view.planes[0].stride, 256);
		check_int(view.planes[0].row_bytes, 240);
		check_int(view.planes[0].rows, 64);
		check(is_filled(view.planes[0].data, 0, SIZE));
		wltex_dmabuf_end_read(dmabuf);
		wltex_dmabuf_destroy(dmabuf);
	}
}

TEST(offset_and_last_row)
{
	struct wltex_dmabuf_attributes a = {
		.width = 3,
		.height = 5,
		.format = DRM_FORMAT_RGB565,
		.modifier = DRM_FORMAT_MOD_LINEAR,
		.n_planes = 1,
		.planes = {{.fd = make_full_memfd(8192, F_SEAL_SHRINK),
			.offset = 8192 - 35,
			.stride = 7}},
	};
	struct wltex_dmabuf *dmabuf = create(&a);

	fill(a.planes[0].fd, 8192);
	check_int(wltex_dmabuf_begin_read(dmabuf, &view), 0);
	check_int(view.layout, WLTEX_LAYOUT_PIXELS);
	check_int(view.bytes_per_pixel, 2);
	check_int(view.planes[0].row_bytes, 6);
	check_int(view.planes[0].rows, 5);
	check(is_filled(view.planes[0].data, 8192 - 35, 35));
	wltex_dmabuf_end_read(dmabuf);
	wltex_dmabuf_destroy(dmabuf);
}

TEST(mapping_is_kept)
{
	int fd = make_full_memfd(SIZE, F_SEAL_SHRINK);
	struct wltex_dmabuf *dmabuf = create_image(fd, DRM_FORMAT_MOD_LINEAR);
	const uint8_t *data;

	check_int(count_maps(fd), 0);
	check_int(wltex_dmabuf_begin_read(dmabuf, &view), 0);
	data = view.planes[0].data;
	check_int(data[0], 0);
	wltex_dmabuf_end_read(dmabuf);
	check_int(count_maps(fd), 1);

	/* Later writes are seen. Reads nest. */
	fill(fd, SIZE);
	check_int(wltex_dmabuf_begin_read(dmabuf, &view), 0);
	check_int(wltex_dmabuf_begin_read(dmabuf, &view), 0);
	check(view.planes[0].data == data);
	check(is_filled(data, 0, SIZE));
	wltex_dmabuf_end_read(dmabuf);
	wltex_dmabuf_end_read(dmabuf);
	check_int(count_maps(fd), 1);
	wltex_dmabuf_destroy(dmabuf);
	check_int(count_maps(fd), 0);
}

TEST(planes_of_one_object)
{
	int fd = make_full_memfd(SIZE, F_SEAL_SHRINK);
	struct wltex_dmabuf_attributes a = {
		.width = 63,
		.height = 63,
		.format = DRM_FORMAT_NV12,
		.modifier = DRM_FORMAT_MOD_LINEAR,
		.n_planes = 2,
		/* Chroma first. */
		.planes = {{.fd = fd, .offset = 4096, .stride = 80}, {.fd = fd, .stride = 64}},
	};
	struct wltex_dmabuf *dmabuf = create(&a);

	fill(fd, SIZE);
	check_int(wltex_dmabuf_begin_read(dmabuf, &view), 0);
	check_int(view.layout, WLTEX_LAYOUT_BYTES);
	check_int(view.n_planes, 2);
	check_int(view.planes[0].row_bytes, 63);
	check_int(view.planes[0].rows, 63);
	check(is_filled(view.planes[0].data, 4096, 63 * 80));
	check_int(view.planes[1].row_bytes, 64);
	check_int(view.planes[1].rows, 32);
	check(is_filled(view.planes[1].data, 0, 32 * 64));
	check_int(count_maps(fd), 1);
	wltex_dmabuf_end_read(dmabuf);
	wltex_dmabuf_destroy(dmabuf);
	check_int(count_maps(fd), 0);
}

TEST(planes_of_two_objects)
{
	struct wltex_dmabuf_attributes a = {
		.width = 64,
		.height = 64,
		.format = DRM_FORMAT_NV12,
		.modifier = DRM_FORMAT_MOD_LINEAR,
		.n_planes = 2,
		.planes = {{.fd = make_full_memfd(4096, F_SEAL_SHRINK), .stride = 64},
			{.fd = make_full_memfd(SIZE, F_SEAL_SHRINK), .offset = 100, .stride = 64}},
	};
	struct wltex_dmabuf *dmabuf = create(&a);

	fill(a.planes[0].fd, 4096);
	fill(a.planes[1].fd, SIZE);
	check_int(wltex_dmabuf_begin_read(dmabuf, &view), 0);
	check(is_filled(view.planes[0].data, 0, 4096));
	check(is_filled(view.planes[1].data, 100, 32 * 64));
	wltex_dmabuf_end_read(dmabuf);
	wltex_dmabuf_destroy(dmabuf);

	/* Both must be safe to read. */
	a.planes[1].fd = make_full_memfd(SIZE, 0);
	dmabuf = create(&a);
	check_int(wltex_dmabuf_begin_read(dmabuf, &view), -EPERM);
	check_int(fcntl(a.planes[1].fd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	check_int(wltex_dmabuf_begin_read(dmabuf, &view), 0);
	wltex_dmabuf_end_read(dmabuf);
	wltex_dmabuf_destroy(dmabuf);
	check_int(count_maps(a.planes[0].fd) + count_maps(a.planes[1].fd), 0);
}

/* Tiles stick out below the last row: all of the object counts. */
TEST(layouts_that_are_not_linear)
{
	int fd = make_full_memfd(SIZE, F_SEAL_SHRINK), other = make_full_memfd(8000, F_SEAL_SHRINK);
	struct wltex_dmabuf_attributes a = {
		.width = 60,
		.height = 50,
		.format = DRM_FORMAT_XRGB8888,
		.modifier = I915_FORMAT_MOD_Y_TILED_CCS,
		.n_planes = 3,
		.planes = {{.fd = fd, .offset = 200, .stride = 256},
			{.fd = other, .offset = 5, .stride = 64}, {.fd = fd, .stride = 64}},
	};
	struct wltex_dmabuf *dmabuf = create(&a);

	fill(fd, SIZE);
	fill(other, 8000);
	check_int(wltex_dmabuf_begin_read(dmabuf, &view), 0);
	check_int(view.layout, WLTEX_LAYOUT_BYTES);
	check_int(view.bytes_per_pixel, 0);
	check_int(view.n_planes, 2);
	check_int(view.planes[0].rows, 1);
	check_int(view.planes[0].row_bytes, SIZE);
	check(is_filled(view.planes[0].data, 0, SIZE));
	check_int(view.planes[1].rows, 1);
	check_int(view.planes[1].row_bytes, 8000 - 5);
	check(is_filled(view.planes[1].data, 5, 8000 - 5));
	wltex_dmabuf_end_read(dmabuf);
	wltex_dmabuf_destroy(dmabuf);
}

TEST(formats_of_pixels)
{
	static const struct {
		uint32_t format;
		enum wltex_layout layout;
		uint32_t bytes_per_pixel;
	} expected[] = {
		{DRM_FORMAT_R8, WLTEX_LAYOUT_PIXELS, 1},
		{DRM_FORMAT_RGB565, WLTEX_LAYOUT_PIXELS, 2},
		{DRM_FORMAT_ABGR2101010, WLTEX_LAYOUT_PIXELS, 4},
		{DRM_FORMAT_XBGR16161616F, WLTEX_LAYOUT_PIXELS, 8},
		/* No power of two. */
		{DRM_FORMAT_RGB888, WLTEX_LAYOUT_BYTES, 0},
		/* Pairs of pixels. */
		{DRM_FORMAT_YUYV, WLTEX_LAYOUT_BYTES, 0},
	};

	for (size_t i = 0; i < ARRAY_LENGTH(expected); i++) {
		struct wltex_dmabuf_attributes a = {
			.width = 16,
			.height = 16,
			.format = expected[i].format,
			.n_planes = 1,
			.planes = {{.fd = make_full_memfd(4096, F_SEAL_SHRINK), .stride = 128}},
		};
		struct wltex_dmabuf *dmabuf = create(&a);
		check_int(wltex_dmabuf_begin_read(dmabuf, &view), 0);
		check_int(view.layout, expected[i].layout);
		check_int(view.bytes_per_pixel, expected[i].bytes_per_pixel);
		check_int(view.planes[0].rows, 16);
		wltex_dmabuf_end_read(dmabuf);
		wltex_dmabuf_destroy(dmabuf);
	}
}

TEST(seals)
{
	static const struct {
		int seals, result;
	} expected[] = {
		{0, -EPERM},
		{F_SEAL_GROW, -EPERM},
		{F_SEAL_SEAL, -EPERM},
		{F_SEAL_GROW | F_SEAL_SEAL, -EPERM},
		{F_SEAL_SHRINK, 0},
		{F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL, 0},
	};

	for (size_t i = 0; i < ARRAY_LENGTH(expected); i++) {
		int fd = make_full_memfd(SIZE, expected[i].seals);
		struct wltex_dmabuf *dmabuf = create_image(fd, DRM_FORMAT_MOD_LINEAR);
		int result = wltex_dmabuf_begin_read(dmabuf, &view);
		check_int(result, expected[i].result);
		check_int(count_maps(fd), result == 0);
		if (result == 0)
			wltex_dmabuf_end_read(dmabuf);
		wltex_dmabuf_destroy(dmabuf);
	}
}

TEST(sealed_later)
{
	int fd = make_full_memfd(SIZE, 0);
	struct wltex_dmabuf *dmabuf = create_image(fd, DRM_FORMAT_MOD_LINEAR);

	check_int(wltex_dmabuf_begin_read(dmabuf, &view), -EPERM);
	check_int(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	check_int(wltex_dmabuf_begin_read(dmabuf, &view), 0);
	wltex_dmabuf_end_read(dmabuf);
	wltex_dmabuf_destroy(dmabuf);
}

/* The size was right when the dmabuf was made, and the seal is there now, but no memory. */
TEST(truncated_before_the_seal)
{
	int fd = make_full_memfd(SIZE, 0);
	struct wltex_dmabuf *dmabuf = create_image(fd, DRM_FORMAT_MOD_LINEAR);

	check_int(ftruncate(fd, SIZE - 1), 0);
	check_int(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	check_unreadable(dmabuf, -EPERM);
}

TEST(truncated_without_seals)
{
	int fd = make_full_memfd(SIZE, 0);
	struct wltex_dmabuf *dmabuf = create_image(fd, DRM_FORMAT_MOD_LINEAR);

	check_int(ftruncate(fd, 0), 0);
	check_unreadable(dmabuf, -EPERM);
}

/* Memory that is taken out of a sealed file while it is read reads as zeros. */
TEST(punched_hole)
{
	int fd = make_full_memfd(SIZE, F_SEAL_SHRINK);
	struct wltex_dmabuf *dmabuf = create_image(fd, DRM_FORMAT_MOD_LINEAR);

	fill(fd, SIZE);
	check_int(wltex_dmabuf_begin_read(dmabuf, &view), 0);
	check_int(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, SIZE), 0);
	for (size_t i = 0; i < SIZE; i++)
		check_int(view.planes[0].data[i], 0);
	wltex_dmabuf_end_read(dmabuf);
	wltex_dmabuf_destroy(dmabuf);
}

#define PAGE 4096
/* Six pages, of which the image covers the middle part of the second to the fifth. */
#define HOLES_SIZE (6 * PAGE)
#define HOLES_OFFSET (PAGE + 100)

static struct wltex_dmabuf *create_in_the_middle(int fd)
{
	struct wltex_dmabuf_attributes a = {
		.width = 32,
		.height = 3 * PAGE / 128,
		.format = DRM_FORMAT_XRGB8888,
		.modifier = DRM_FORMAT_MOD_LINEAR,
		.n_planes = 1,
		.planes = {{.fd = fd, .offset = HOLES_OFFSET, .stride = 128}},
	};

	return create(&a);
}

static blkcnt_t count_blocks(int fd)
{
	struct stat stat;

	check_int(fstat(fd, &stat), 0);
	return stat.st_blocks;
}

static void punch(int fd, off_t page)
{
	check_int(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, page * PAGE, PAGE), 0);
}

/* A read fills no hole, and holes beside the image are nothing to it. */
TEST(holes)
{
	if (sysconf(_SC_PAGESIZE) != PAGE)
		test_skip("pages of another size");
	for (off_t hole = 0; hole < 6; hole++) {
		int fd = make_memfd(HOLES_SIZE, F_SEAL_SHRINK);
		struct wltex_dmabuf *dmabuf = create_in_the_middle(fd);
		bool in_image = hole >= 1 && hole <= 4;
		blkcnt_t blocks;

		fill(fd, HOLES_SIZE);
		check_int(lseek(fd, 77, SEEK_SET), 77);
		/* Pages allocated behind the end do not make up for it. */
		check_int(fallocate(fd, FALLOC_FL_KEEP_SIZE, HOLES_SIZE, HOLES_SIZE), 0);
		punch(fd, hole);
		blocks = count_blocks(fd);
		check_int(wltex_dmabuf_begin_read(dmabuf, &view), in_image ? -ENODATA : 0);
		if (!in_image) {
			check(is_filled(view.planes[0].data, HOLES_OFFSET, 3 * PAGE));
			check_int(dmabuf->mappings[0].size, 4 * PAGE);
			wltex_dmabuf_end_read(dmabuf);
			/* Not even if it was read before. */
			punch(fd, 3);
			blocks = count_blocks(fd);
			check_int(wltex_dmabuf_begin_read(dmabuf, &view), -ENODATA);
		}
		check_int(count_blocks(fd), blocks);
		check_int(count_maps(fd), 0);
		check_int(lseek(fd, 0, SEEK_CUR), 77);
		/* What is there again is read again. */
		fill(fd, HOLES_SIZE);
		check_int(wltex_dmabuf_begin_read(dmabuf, &view), 0);
		check(is_filled(view.planes[0].data, HOLES_OFFSET, 3 * PAGE));
		wltex_dmabuf_end_read(dmabuf);
		wltex_dmabuf_destroy(dmabuf);
		close(fd);
	}
}

/* Of an image of pixels only the rows that are to be read need to be there; of others, all. */
TEST(holes_beside_the_rows)
{
	static const struct {
		struct wltex_rows rows;
		bool touch;
	} cases[] = {
		/* The hole begins in row 31 and ends in row 63. */
		{{0, 31}, false}, {{0, 32}, true}, {{40, 41}, true}, {{63, 64}, true},
		{{64, 96}, false}, {{64, UINT32_MAX}, false}, {{63, UINT32_MAX}, true},
		{{0, 0}, false}, {{1000, 2000}, true}, /* there are none, so all */
	};
	int fd = make_memfd(HOLES_SIZE, F_SEAL_SHRINK);
	struct wltex_dmabuf *dmabuf = create_in_the_middle(fd);
	blkcnt_t blocks;

	if (sysconf(_SC_PAGESIZE) != PAGE)
		test_skip("pages of another size");
	fill(fd, HOLES_SIZE);
	punch(fd, 2);
	blocks = count_blocks(fd);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int ret = wltex_dmabuf_begin_read_rows(dmabuf, cases[i].rows, &view);
		check_int(ret, cases[i].touch ? -ENODATA : 0);
		if (ret == 0)
			wltex_dmabuf_end_read(dmabuf);
	}
	check_int(wltex_dmabuf_begin_read(dmabuf, &view), -ENODATA);
	wltex_dmabuf_destroy(dmabuf);

	check_int(count_blocks(fd), blocks);

	/* Of what is in no order of rows, all. */
	fill(fd, HOLES_SIZE);
	dmabuf = create_image(fd, I915_FORMAT_MOD_X_TILED);
	check_int(wltex_dmabuf_begin_read_rows(dmabuf, (struct wltex_rows){0, 1}, &view), 0);
	check_int(view.layout, WLTEX_LAYOUT_BYTES);
	wltex_dmabuf_end_read(dmabuf);
	punch(fd, 2);
	check_int(wltex_dmabuf_begin_read_rows(dmabuf, (struct wltex_rows){0, 1}, &view), -ENODATA);
	check_int(count_blocks(fd), blocks);
	wltex_dmabuf_destroy(dmabuf);
}

/* The end of 4 GiB of nothing. */
TEST(hole_before_the_image)
{
	uint32_t offset = UINT32_MAX / PAGE * PAGE - SIZE;
	int fd = make_memfd((off_t)offset + SIZE, F_SEAL_SHRINK);
	struct wltex_dmabuf_attributes a = {
		.width = 60,
		.height = 64,
		.format = DRM_FORMAT_XRGB8888,
		.modifier = DRM_FORMAT_MOD_LINEAR,
		.n_planes = 1,
		.planes = {{.fd = fd, .offset = offset, .stride = 256}},
	};
	struct wltex_dmabuf *dmabuf = create(&a);

	check_int(wltex_dmabuf_begin_read(dmabuf, &view), -ENODATA);
	check_int(count_blocks(fd), 0);
	check_int(fallocate(fd, 0, offset, SIZE), 0);
	check_int(wltex_dmabuf_begin_read(dmabuf, &view), -ENODATA);
	write_zeros(fd, offset, SIZE);
	check_int(pwrite(fd, "?", 1, offset), 1);
	check_int(wltex_dmabuf_begin_read(dmabuf, &view), 0);
	check_int(view.planes[0].data[0], '?');
	check_int(dmabuf->mappings[0].size, SIZE);
	check_int(count_blocks(fd), SIZE / 512);
	wltex_dmabuf_end_read(dmabuf);
	wltex_dmabuf_destroy(dmabuf);
}

/* Two planes at the two ends of a file, and rows that are far apart. */
TEST(holes_between_what_is_read)
{
	int fd = make_memfd(1 << 24, F_SEAL_SHRINK);
	struct wltex_dmabuf_attributes a = {
		.width = 64,
		.height = 64,
		.format = DRM_FORMAT_NV12,
		.modifier = DRM_FORMAT_MOD_LINEAR,
		.n_planes = 2,
		.planes = {{.fd = fd, .stride = 64},
			{.fd = fd, .offset = (1 << 24) - 2048, .stride = 64}},
	};
	struct wltex_dmabuf *dmabuf = create(&a);
	blkcnt_t blocks;

	write_zeros(fd, 0, PAGE);
	check_int(wltex_dmabuf_begin_read(dmabuf, &view), -ENODATA);
	write_zeros(fd, (1 << 24) - 2048, 2048);
	blocks = count_blocks(fd);
	check_int(wltex_dmabuf_begin_read(dmabuf, &view), 0);
	wltex_dmabuf_end_read(dmabuf);
	check_int(count_blocks(fd), blocks);
	wltex_dmabuf_destroy(dmabuf);

	a.n_planes = 1;
	a.format = DRM_FORMAT_XRGB8888;
	a.height = 16;
	a.planes[0].stride = 1 << 20;
	dmabuf = create(&a);
	for (int i = 0; i < 16; i++) {
		check_int(wltex_dmabuf_begin_read(dmabuf, &view), -ENODATA);
		write_zeros(fd, i << 20, 256);
	}
	/* The first was there. */
	blocks = count_blocks(fd);
	check_int(wltex_dmabuf_begin_read(dmabuf, &view), 0);
	wltex_dmabuf_end_read(dmabuf);
	check_int(count_blocks(fd), blocks);
	wltex_dmabuf_destroy(dmabuf);
}

/* Somebody else's file that we may not write: the kernel does not tell what is there. */
TEST(residency_is_not_told)
{
	int fd = make_memfd(SIZE, F_SEAL_SHRINK);
	struct wltex_dmabuf *dmabuf;

	if (geteuid() != 0)
		test_skip("cannot become another user");
	/* Who is listed here may not write, others may. */
	check_int(fchmod(fd, 0700), 0);
	check_int(seteuid(65534), 0);
	dmabuf = create_image(fd, DRM_FORMAT_MOD_LINEAR);
	check_int(wltex_dmabuf_begin_read(dmabuf, &view), -ENODATA);
	check_int(count_blocks(fd), 0);
	check_int(seteuid(0), 0);
	check_int(fchmod(fd, 0777), 0);
	write_zeros(fd, 0, SIZE);
	check_int(seteuid(65534), 0);
	check_int(wltex_dmabuf_begin_read(dmabuf, &view), 0);
	wltex_dmabuf_end_read(dmabuf);
	check_int(seteuid(0), 0);
	wltex_dmabuf_destroy(dmabuf);
}

TEST(cost_of_a_read)
{
	static const struct {
		int32_t width, height;
		uint32_t stride;
		uint64_t cost;
	} expected[] = {
		{64, 64, 256, SIZE},
		/* Padding is read along. */
		{60, 64, 256, SIZE},
		/* A line of memory for each row. */
		{1, 1000, 4, 64 * 1000},
		{2, 64, 256, SIZE},
		/* A page for each. */
		{1, 100, 1 << 20, (4096 + 4) * 100},
		{2048, 1, 8192, 8192},
	};
	struct wltex_dmabuf_attributes a = {
		.format = DRM_FORMAT_XRGB8888,
		.modifier = DRM_FORMAT_MOD_LINEAR,
		.n_planes = 1,
		.planes = {{.fd = make_memfd(1 << 27, F_SEAL_SHRINK)}},
	};

	for (size_t i = 0; i < ARRAY_LENGTH(expected); i++) {
		a.width = expected[i].width;
		a.height = expected[i].height;
		a.planes[0].stride = expected[i].stride;
		struct wltex_dmabuf *dmabuf = create(&a);
		check_int(wltex_dmabuf_get_read_cost(dmabuf), expected[i].cost);
		wltex_dmabuf_destroy(dmabuf);
	}
	check_int(count_maps(a.planes[0].fd), 0);
}

TEST(cost_of_other_layouts)
{
	int fd = make_memfd(SIZE, F_SEAL_SHRINK);
	struct wltex_dmabuf_attributes a = {
		.width = 64,
		.height = 64,
		.format = DRM_FORMAT_NV12,
		.modifier = DRM_FORMAT_MOD_LINEAR,
		.n_planes = 2,
		.planes = {{.fd = fd, .stride = 64}, {.fd = fd, .offset = 4096, .stride = 64}},
	};
	struct wltex_dmabuf *dmabuf = create(&a);

	check_int(wltex_dmabuf_get_read_cost(dmabuf), 96 * 64);
	wltex_dmabuf_destroy(dmabuf);
	/* All of the object, from where the image begins. */
	a.modifier = I915_FORMAT_MOD_X_TILED;
	dmabuf = create(&a);
	check_int(wltex_dmabuf_get_read_cost(dmabuf), SIZE);
	wltex_dmabuf_destroy(dmabuf);
	/* What is not read costs nothing. */
	dmabuf = create_image(fd, fourcc_mod_code(INTEL, 10));
	check_int(wltex_dmabuf_get_read_cost(dmabuf), 0);
	wltex_dmabuf_destroy(dmabuf);
}

TEST(read_only)
{
	int fd = make_full_memfd(SIZE, F_SEAL_SHRINK);
	struct wltex_dmabuf *dmabuf = create_image(reopen(fd, O_RDONLY), DRM_FORMAT_MOD_LINEAR);

	check_int(wltex_dmabuf_begin_read(dmabuf, &view), 0);
	wltex_dmabuf_end_read(dmabuf);
	wltex_dmabuf_destroy(dmabuf);
}

/* The pool of huge pages can run dry under a reader. */
TEST(huge_pages)
{
	int fd = memfd_create("wltex-test", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB);

	if (fd < 0)
		test_skip("no memfd of huge pages: %s", strerror(errno));
	check_int(ftruncate(fd, 2 << 20), 0);
	check_int(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	check_unreadable(create_image(fd, DRM_FORMAT_MOD_LINEAR), -EPERM);
}

TEST(unknown_content)
{
	struct wltex_dmabuf_attributes a = {
		.width = 60,
		.height = 64,
		.format = fourcc_code('?', '?', '?', '?'),
		.n_planes = 1,
		.planes = {{.fd = make_full_memfd(SIZE, F_SEAL_SHRINK), .stride = 256}},
	};

	check_unreadable(create(&a), -ENOTSUP);
	/* Compression state that no CPU sees. */
	check_unreadable(create_image(a.planes[0].fd, fourcc_mod_code(INTEL, 10)), -ENOTSUP);
}

TEST(object_far_too_large)
{
	off_t most = 2 * SIZE + (4 << 20);
	struct wltex_dmabuf *dmabuf;
	int fd;

	check_unreadable(
		create_image(make_memfd(INT64_MAX, F_SEAL_SHRINK), I915_FORMAT_MOD_X_TILED),
		-EFBIG);
	check_unreadable(
		create_image(make_memfd(most + 1, F_SEAL_SHRINK), I915_FORMAT_MOD_X_TILED), -EFBIG);
	fd = make_full_memfd(most, F_SEAL_SHRINK);
	dmabuf = create_image(fd, I915_FORMAT_MOD_X_TILED);
	check_int(wltex_dmabuf_begin_read(dmabuf, &view), 0);
	check_int(view.planes[0].row_bytes, most);
	wltex_dmabuf_end_read(dmabuf);
	wltex_dmabuf_destroy(dmabuf);

	/* Of a linear one only the image is mapped, however large the file is. */
	fd = make_memfd(INT64_MAX, F_SEAL_SHRINK);
	fill(fd, SIZE);
	dmabuf = create_image(fd, DRM_FORMAT_MOD_LINEAR);
	check_int(wltex_dmabuf_begin_read(dmabuf, &view), 0);
	check_int(dmabuf->mappings[0].size, SIZE);
	wltex_dmabuf_end_read(dmabuf);
	wltex_dmabuf_destroy(dmabuf);
}

TEST(many_dmabufs)
{
	int fd = make_full_memfd(SIZE, F_SEAL_SHRINK), fds = test_count_fds();

	for (int i = 0; i < 20000; i++) {
		struct wltex_dmabuf *dmabuf = create_image(fd, DRM_FORMAT_MOD_LINEAR);
		check_int(wltex_dmabuf_begin_read(dmabuf, &view), 0);
		wltex_dmabuf_end_read(dmabuf);
		wltex_dmabuf_destroy(dmabuf);
	}
	check_int(count_maps(fd), 0);
	check_int(test_count_fds(), fds);
}

TEST(kernel_dmabuf)
{
	struct wltex_dmabuf *dmabuf;
	int memory, fd = make_udmabuf(SIZE, &memory);

	fill(memory, SIZE);
	dmabuf = create_image(fd, DRM_FORMAT_MOD_LINEAR);
	check_int(wltex_dmabuf_begin_read(dmabuf, &view), 0);
	check_int(view.layout, WLTEX_LAYOUT_PIXELS);
	check(is_filled(view.planes[0].data, 0, SIZE));
	wltex_dmabuf_end_read(dmabuf);
	wltex_dmabuf_destroy(dmabuf);

	/* Implicit: nobody knows where which pixel is. */
	dmabuf = create_image(fd, DRM_FORMAT_MOD_INVALID);
	check_int(wltex_dmabuf_begin_read(dmabuf, &view), 0);
	check_int(view.layout, WLTEX_LAYOUT_BYTES);
	check_int(view.planes[0].row_bytes, SIZE);
	check(is_filled(view.planes[0].data, 0, SIZE));
	wltex_dmabuf_end_read(dmabuf);
	wltex_dmabuf_destroy(dmabuf);
	check_int(count_maps(fd), 0);
}

/* The ioctls of vgem: its header is not installed everywhere. */
#define VGEM_FENCE_WRITE 1

struct vgem_fence_attach {
	uint32_t handle, flags, out_fence, pad;
};

struct vgem_fence_signal {
	uint32_t fence, flags;
};

#define IOCTL_VGEM_FENCE_ATTACH DRM_IOWR(DRM_COMMAND_BASE + 1, struct vgem_fence_attach)
#define IOCTL_VGEM_FENCE_SIGNAL DRM_IOW(DRM_COMMAND_BASE + 2, struct vgem_fence_signal)

static int open_vgem(void)
{
	for (int i = 0; i < 16; i++) {
		drmVersionPtr version;
		char path[32];
		bool found;
		int fd;

		snprintf(path, sizeof(path), "/dev/dri/card%d", i);
		fd = open(path, O_RDWR | O_CLOEXEC);
		version = fd < 0 ? NULL : drmGetVersion(fd);
		found = version != NULL && strcmp(version->name, "vgem") == 0;
		drmFreeVersion(version);
		if (found)
			return fd;
		if (fd >= 0)
			close(fd);
	}
	test_skip("no vgem device to make a fence with");
}

/* While somebody draws, the content is not known and nobody waits for it. */
TEST(pending_fence)
{
	struct vgem_fence_attach attach = {.flags = VGEM_FENCE_WRITE};
	struct vgem_fence_signal signal = {0};
	int device = open_vgem(), fd;
	struct wltex_dmabuf *dmabuf;
	uint32_t pitch;
	uint64_t size;

	check_int(drmModeCreateDumbBuffer(device, 64, 64, 32, 0, &attach.handle, &pitch, &size), 0);
	check_int(pitch, 256);
	check_int(drmPrimeHandleToFD(device, attach.handle, DRM_CLOEXEC | DRM_RDWR, &fd), 0);
	dmabuf = create_image(fd, DRM_FORMAT_MOD_LINEAR);
	check_int(drmIoctl(device, IOCTL_VGEM_FENCE_ATTACH, &attach), 0);
	for (int i = 0; i < 1000; i++)
		check_int(wltex_dmabuf_begin_read(dmabuf, &view), -EAGAIN);
	check_int(count_maps(fd), 0);
	signal.fence = attach.out_fence;
	check_int(drmIoctl(device, IOCTL_VGEM_FENCE_SIGNAL, &signal), 0);
	check_int(wltex_dmabuf_begin_read(dmabuf, &view), 0);
	check_int(view.planes[0].data[SIZE - 1], 0);
	wltex_dmabuf_end_read(dmabuf);
	wltex_dmabuf_destroy(dmabuf);
}
