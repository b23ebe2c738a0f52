/* SPDX-License-Identifier: MIT */
/*
 * What the headers say of NULL, of numbers that there are not, and of what is done twice: refused,
 * and nothing touched.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>

#include <wltex/dmabuf.h>
#include <wltex/ledger.h>
#include <wltex/sum.h>

#include "test.h"

TEST(nothing_to_destroy)
{
	wltex_dmabuf_destroy(NULL);
	wltex_sum_destroy(NULL);
	wltex_owner_destroy(NULL);
	wltex_ledger_destroy(NULL);
}

TEST(dmabufs)
{
	enum wltex_dmabuf_error error = WLTEX_DMABUF_BAD_FD;

	errno = 0;
	check(wltex_dmabuf_create(NULL, &error) == NULL);
	check_int(errno, EINVAL);
	check(error != WLTEX_DMABUF_OK && error != WLTEX_DMABUF_BAD_FD);
	check(wltex_dmabuf_get_attributes(NULL) == NULL);
	check_int(wltex_dmabuf_get_fd_count(NULL), 0);
	check(wltex_dmabuf_get_bytes(NULL) == 0);
}

TEST(ledgers)
{
	struct wltex_ledger *ledger = wltex_ledger_create();

	errno = 0;
	check(wltex_owner_create(NULL, 0, "x") == NULL);
	check_int(errno, EINVAL);
	check(wltex_ledger_get_counts(NULL) == NULL && wltex_owner_get_counts(NULL) == NULL);
	check_int(wltex_ledger_print_json(NULL, stdout), -EINVAL);
	check_int(wltex_ledger_print_json(ledger, NULL), -EINVAL);
	wltex_ledger_destroy(ledger);
}

TEST(sums)
{
	static const uint8_t data[64 * 4];
	struct wltex_sum_pixels pixels = {.data = data, .stride = 64 * 4};
	struct wltex_sum *sum = wltex_sum_create(64, 1, 4);
	uint32_t rows = 9;

	check_int((long)wltex_sum_update(sum, &pixels, NULL, NULL), 1);
	uint32_t frame = wltex_sum_get_frame(sum);
	pixels.stride = 0;
	errno = 0;
	check(wltex_sum_update(sum, &pixels, NULL, NULL) == SIZE_MAX && errno == EINVAL);
	pixels.stride = 64 * 4 - 1;
	check(wltex_sum_update(sum, &pixels, NULL, NULL) == SIZE_MAX);
	pixels = (struct wltex_sum_pixels){.stride = 64 * 4};
	check(wltex_sum_update(sum, &pixels, NULL, NULL) == SIZE_MAX);
	check(wltex_sum_update(sum, NULL, NULL, NULL) == SIZE_MAX);
	/* What was before stands. */
	check(wltex_sum_get_frame(sum) == frame && wltex_sum_get_tile(sum, 0, 0) == frame);
	errno = 0;
	check(wltex_sum_get_tile(sum, 1, 0) == 0 && errno == EINVAL);
	check(wltex_sum_get_tile(sum, 0, UINT32_MAX) == 0);
	wltex_sum_get_grid(sum, NULL, &rows);
	check_int(rows, 1);
	check_int(wltex_sum_set_threads(sum, 0), 1);
	check_int(wltex_sum_set_threads(NULL, 2), -EINVAL);
	check(wltex_sum_bytes(7, NULL, 10) == 7 && wltex_sum_bytes(7, data, 0) == 7);
	wltex_sum_destroy(sum);
}
