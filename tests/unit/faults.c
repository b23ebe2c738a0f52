/* SPDX-License-Identifier: MIT */
/* Each call of plugin/dmabuf, sum and ledger that can fail is made to, one after the other. */
#include <stdlib.h>

#include "dmabuf-files.h"
#include "dmabuf/dmabuf.h"
#include "dmabuf/read.h"
#include "fault.h"
#include "ledger/ledger.h"
#include "sum/grid.h"
#include "test.h"
#include <drm_fourcc.h>

#define WIDTH 64
#define HEIGHT 48

/* Mappings of files that the machine shows for this process. */
static int count_mappings(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];
	int n = 0;

	check(maps != NULL);
	while (fgets(line, sizeof(line), maps) != NULL)
		n += strstr(line, "wltex-test") != NULL;
	fclose(maps);
	return n;
}

struct files {
	int fds[2];
	struct wltex_dmabuf_attributes attributes;
};

/* NV12 in two files, which differ in their first bytes. */
static void files_init(struct files *files)
{
	for (int i = 0; i < 2; i++) {
		files->fds[i] = make_memfd(WIDTH * HEIGHT, F_SEAL_SHRINK);
		check_int(pwrite(files->fds[i], i == 0 ? "a" : "b", 1, 0), 1);
	}
	files->attributes = (struct wltex_dmabuf_attributes){
		.width = WIDTH,
		.height = HEIGHT,
		.format = DRM_FORMAT_NV12,
		.modifier = DRM_FORMAT_MOD_LINEAR,
		.n_planes = 2,
		.planes = {{.fd = files->fds[0], .stride = WIDTH},
			{.fd = files->fds[1], .stride = WIDTH}},
	};
}

static void files_finish(struct files *files)
{
	close(files->fds[0]);
	close(files->fds[1]);
}

/* Returns whether it was read; then what was read is right. */
static bool read_once(struct wltex_dmabuf *dmabuf)
{
	struct wltex_dmabuf_view view;

	if (wltex_dmabuf_begin_read(dmabuf, &view) < 0)
		return false;
	check_int(view.n_planes, 2);
	check_int(view.planes[0].data[0], 'a');
	check_int(view.planes[1].data[0], 'b');
	wltex_dmabuf_end_read(dmabuf);
	return true;
}

TEST(dmabuf)
{
	struct files files;

	files_init(&files);
	int fds = test_count_fds(), refused = 0, unread = 0;
	FAULT_LOOP(way)
	{
		enum wltex_dmabuf_error error = WLTEX_DMABUF_OK;
		struct wltex_dmabuf *dmabuf;
		bool was_read = false;

		fault_arm();
		dmabuf = wltex_dmabuf_create(&files.attributes, &error);
		if (dmabuf != NULL)
			was_read = read_once(dmabuf);
		fault_disarm();
		check_int(dmabuf == NULL, error != WLTEX_DMABUF_OK);
		if (dmabuf == NULL)
			check(errno == ENOMEM || errno == EMFILE || errno == EBADF);
		/* Afterwards everything can be had again. */
		if (dmabuf != NULL)
			check(read_once(dmabuf));
		check(was_read || fault_hit() != NULL);
		refused += dmabuf == NULL;
		unread += dmabuf != NULL && !was_read;
		wltex_dmabuf_destroy(dmabuf);
		check_int(test_count_fds(), fds);
		check_int(count_mappings(), 0);
	}
	check(refused > 0 && unread > 0);
	check(fault_count("calloc") > 0 && fault_count("dup") > 0 && fault_count("statx") > 0);
	check(fault_count("mmap64") > 0 && fault_count("mincore") > 0);
	files_finish(&files);
}

#define SUM_SIDE (20 * WLTEX_TILE_SIZE)

static uint8_t pixels[SUM_SIDE * SUM_SIDE];

static const struct wltex_sum_pixels sum_pixels = {pixels, SUM_SIDE};

/* Every second tile changes: many rectangles. */
static void change_pixels(void)
{
	for (size_t y = 0; y < SUM_SIDE; y += WLTEX_TILE_SIZE) {
		for (size_t x = y % (2 * WLTEX_TILE_SIZE); x < SUM_SIDE; x += 2 * WLTEX_TILE_SIZE)
			pixels[y * SUM_SIDE + x]++;
	}
}

/* All that changed is in the region, and the sum is right, whatever failed. */
static void check_update(const struct wltex_sum *sum, const pixman_region32_t *changed)
{
	check_int(wltex_sum_get_frame(sum), wltex_sum_bytes(0, pixels, sizeof(pixels)));
	for (int y = 0; y < SUM_SIDE; y += WLTEX_TILE_SIZE) {
		for (int x = y % (2 * WLTEX_TILE_SIZE); x < SUM_SIDE; x += 2 * WLTEX_TILE_SIZE)
			check(pixman_region32_contains_point(
				(pixman_region32_t *)changed, x, y, NULL));
	}
}

TEST(sum)
{
	pixman_region32_t changed;
	int before = 0;

	pixman_region32_init(&changed);
	wltex_sum_destroy(wltex_sum_create(SUM_SIDE, SUM_SIDE, 1));
	FAULT_LOOP(way)
	{
		struct wltex_sum *sum;
		int threads = 0;

		fault_disarm();
		pixman_region32_clear(&changed);
		before = fault_blocks();
		fault_arm();
		errno = 0;
		sum = wltex_sum_create(SUM_SIDE, SUM_SIDE, 1);
		fault_disarm();
		check(sum != NULL || (errno == ENOMEM && fault_hit() != NULL));
		if (sum != NULL) {
			fault_arm();
			threads = wltex_sum_set_threads(sum, 2);
			fault_disarm();
			check(threads > 0 || threads == -ENOMEM || threads == -EAGAIN);
			wltex_sum_update(sum, &sum_pixels, NULL, NULL);
			change_pixels();
			fault_arm();
			wltex_sum_update(sum, &sum_pixels, NULL, &changed);
			fault_disarm();
			check_update(sum, &changed);
		}
		wltex_sum_destroy(sum);
		pixman_region32_clear(&changed);
		check_int(fault_blocks(), before);
	}
	check(fault_count("calloc") >= 7);
	pixman_region32_fini(&changed);
}

TEST(ledger)
{
	static char text[1 << 16];
	int made = 0;

	FAULT_LOOP(way)
	{
		int before = fault_blocks();
		struct wltex_owner *owner = NULL;
		struct wltex_ledger *ledger;

		fault_arm();
		errno = 0;
		ledger = wltex_ledger_create();
		if (ledger != NULL)
			owner = wltex_owner_create(ledger, 1, "somebody");
		fault_disarm();
		check(owner != NULL || errno == ENOMEM);
		made += owner != NULL;
		/* An owner that could not be made counts in the totals only. */
		if (ledger != NULL) {
			FILE *file = fmemopen(text, sizeof(text), "w");

			wltex_ledger_commit(ledger, owner);
			wltex_ledger_import(ledger, owner, 100, false);
			wltex_ledger_destroyed(ledger, owner, 100);
			check_int(wltex_ledger_print_json(ledger, file), 0);
			fclose(file);
			check_int(wltex_ledger_get_counts(ledger)->destroys, 1);
		}
		wltex_owner_destroy(owner);
		wltex_ledger_destroy(ledger);
		check_int(fault_blocks(), before);
	}
	check_int(made, 2);
	check_int(fault_count("calloc"), 2 * 2);
}
