/* SPDX-License-Identifier: MIT */
#include <endian.h>
#include <string.h>
#include <zlib.h>

#include "sum/clmul.h"

#ifdef SUM_HAVE_PMULL
#include <asm/hwcap.h>
#include <sys/auxv.h>

bool sum_pmull_is_available(void)
{
	return (getauxval(AT_HWCAP) & HWCAP_PMULL) != 0;
}
#endif

static void init_prefetch(struct sum_span *span, size_t width)
{
	span->prefetch_ahead = span->stride - width < SUM_PREFETCH_GAP;
	span->rows_below = 0;
	span->below = 0;
	if (span->prefetch_ahead)
		return;
	span->rows_below = (uint32_t)((SUM_PREFETCH_BELOW - 1) / width) + 1;
	span->below = span->rows_below * span->stride;
	for (uint32_t y = 0; y < span->rows_below && y < span->rows; y++) {
		for (size_t i = 0; i < width; i += 64)
			__builtin_prefetch(span->data + y * span->stride + i, 0, 2);
	}
}

void sum_span_init(struct sum_span *span, const struct sum_layout *layout, const uint8_t *data,
	size_t stride, uint32_t rows, uint32_t column, uint32_t count)
{
	size_t missing = layout->segment_bytes - layout->last_bytes;

	span->data = data;
	span->stride = stride;
	span->rows = rows;
	span->whole = count;
	span->narrow = 0;
	init_prefetch(
		span, count == layout->columns ? layout->row_bytes : count * layout->segment_bytes);
	span->segment = layout->segment_bytes;
	if (column + count < layout->columns || missing == 0)
		return;
	span->whole--;
	span->narrow = layout->last_bytes;
	span->copy = layout->columns == 1;
	memset(span->buffer, 0, missing);
	memset(span->mask, 0, missing);
	memset(span->mask + missing, 0xff, span->narrow);
}

uint32_t sum_bytes_in_blocks(
	uint32_t crc, const void *data, size_t size, sum_blocks_func *sum_blocks)
{
	uint8_t head[SUM_HEAD_BLOCKS * SUM_BLOCK] = {0};
	size_t head_size = size % SUM_BLOCK + SUM_BLOCK;
	uint8_t *begin = head + sizeof(head) - head_size;
	uint32_t start;

	if (size < 2 * SUM_BLOCK)
		return size == 0 ? crc : (uint32_t)crc32_z(crc, data, size);

	/* What came before counts like a change of the first four bytes. */
	memcpy(begin, data, head_size);
	memcpy(&start, begin, 4);
	start ^= htole32(~crc);
	memcpy(begin, &start, 4);
	return ~sum_blocks(head, (const uint8_t *)data + head_size, size - head_size);
}
