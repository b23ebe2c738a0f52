/* SPDX-License-Identifier: MIT */
#include <sys/mman.h>
#include <unistd.h>

#include "util/memory.h"

/* What the processor reads at once, at least. */
#define CACHE_LINE 64
/* The page that a row far from the last one costs, wherever pages are larger too. */
#define COST_PAGE 4096

/* Pages that are asked about at once. */
#define MAX_PAGES 1024

static bool are_resident(const unsigned char *pages, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!(pages[i] & 1))
			return false;
	}
	return true;
}

static bool is_resident(const void *data, size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uintptr_t at = (uintptr_t)data / page * page;
	size_t left = ((uintptr_t)data + size - at + page - 1) / page;
	unsigned char pages[MAX_PAGES];

	while (left > 0) {
		size_t n = left < MAX_PAGES ? left : MAX_PAGES;
		/* Memory that is not mapped is an error. */
		if (mincore((void *)at, n * page, pages) != 0 || !are_resident(pages, n))
			return false;
		at += n * page;
		left -= n;
	}
	return true;
}

bool wltex_rows_are_resident(const void *data, size_t stride, size_t row_bytes, uint32_t rows)
{
	const uint8_t *row = data;

	if (rows == 0 || row_bytes == 0)
		return true;
	/* In one go, unless that would ask about pages that nobody reads. */
	if (stride <= row_bytes + COST_PAGE)
		return is_resident(data, stride * (rows - 1) + row_bytes);
	for (uint32_t i = 0; i < rows; i++) {
		if (!is_resident(row + i * stride, row_bytes))
			return false;
	}
	return true;
}

uint64_t wltex_rows_get_cost(size_t stride, size_t row_bytes, uint32_t rows)
{
	uint64_t far = (uint64_t)row_bytes + COST_PAGE;
	uint64_t row = stride < far ? stride : far;

	return rows * (row > CACHE_LINE ? row : CACHE_LINE);
}

uint64_t wltex_rows_get_residency_cost(size_t stride, size_t row_bytes, uint32_t rows)
{
	if (stride <= row_bytes + COST_PAGE)
		return (uint64_t)stride * rows / 8;
	/* A system call and a page fault each. */
	return rows * ((uint64_t)row_bytes + 2 * (uint64_t)COST_PAGE);
}
