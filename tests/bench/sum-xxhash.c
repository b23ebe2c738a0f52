/* SPDX-License-Identifier: MIT */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "sum-methods.h"

bool can_run_xxh3(void)
{
#ifdef __AVX2__
	return __builtin_cpu_supports("avx2");
#else
	return true;
#endif
}

uint64_t run_xxh3(const struct frame *frame)
{
	return XXH3_64bits(frame->data, frame->size);
}

static uint64_t hash_square(const struct frame *frame, uint32_t x, uint32_t y)
{
	uint32_t width = frame->width - x < 32 ? frame->width - x : 32;
	uint32_t height = frame->height - y < 32 ? frame->height - y : 32;
	XXH3_state_t state;

	XXH3_64bits_reset(&state);
	for (uint32_t i = 0; i < height; i++) {
		XXH3_64bits_update(
			&state, frame->data + ((size_t)(y + i) * frame->width + x) * 4, width * 4);
	}
	return XXH3_64bits_digest(&state);
}

/* Changed tiles as remote desktops find them: a streamed hash per square of 32 pixels. */
uint64_t run_refinery(const struct frame *frame)
{
	uint64_t sum = 0;

	for (uint32_t y = 0; y < frame->height; y += 32) {
		for (uint32_t x = 0; x < frame->width; x += 32)
			sum ^= hash_square(frame, x, y);
	}
	return sum;
}
