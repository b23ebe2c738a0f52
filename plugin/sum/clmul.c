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

static void init_ahead(struct sum_span *span, size_t width)
{
	span->ahead = SUM_PREFETCH;
	span->rows_ahead = 0;
	if (width < 2 * SUM_PREFETCH) {
		span->rows_ahead = (uint32_t)(SUM_PREFETCH / width + 1);
		span->ahead = span->rows_ahead * span->stride;
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
	init_ahead(span, count == layout->columns ? stride : count * layout->segment_bytes);
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
