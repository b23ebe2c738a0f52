/* SPDX-License-Identifier: MIT */
#include <pixman.h>
#include <string.h>
#include <zlib.h>

#if HAVE_LIBDEFLATE
#include <libdeflate.h>
#endif
#if HAVE_ISAL
#include <isa-l/crc.h>
#endif
#if HAVE_CRC_FAST
#include <libcrc_fast.h>
#endif
#include "sum-methods.h"

static uint64_t run_kernel(const struct frame *frame)
{
	struct wltex_sum_pixels pixels = {.data = frame->data, .stride = frame->width * 4};

	wltex_sum_update(frame->sum, &pixels, NULL, NULL);
	return wltex_sum_get_frame(frame->sum);
}

static uint64_t run_damage(const struct frame *frame)
{
	static uint32_t n;
	struct wltex_sum_pixels pixels = {.data = frame->data, .stride = frame->width * 4};
	uint32_t across = frame->width / 256, down = frame->height / 256;
	pixman_region32_t damage;

	pixman_region32_init_rect(
		&damage, (int)(n % across * 256), (int)(n / across % down * 256), 256, 256);
	n += across + 1;
	wltex_sum_update(frame->sum, &pixels, &damage, NULL);
	pixman_region32_fini(&damage);
	return wltex_sum_get_frame(frame->sum);
}

static uint64_t run_memcmp(const struct frame *frame)
{
	return (uint64_t)memcmp(frame->data, frame->other, frame->size);
}

static uint64_t run_zlib(const struct frame *frame)
{
	return crc32_z(0, frame->data, frame->size);
}

#if HAVE_LIBDEFLATE
static uint64_t run_libdeflate(const struct frame *frame)
{
	return libdeflate_crc32(0, frame->data, frame->size);
}
#endif

#if HAVE_ISAL
static uint64_t run_isal(const struct frame *frame)
{
	return crc32_gzip_refl(0, frame->data, frame->size);
}
#endif

#if HAVE_CRC_FAST
static uint64_t run_crc_fast(const struct frame *frame)
{
	return crc_fast_checksum(Crc32IsoHdlc, (const char *)frame->data, frame->size);
}
#endif

static size_t add(struct method *methods, size_t count, const char *name, const char *what,
	uint64_t (*run)(const struct frame *frame))
{
	methods[count] = (struct method){.name = name, .what = what, .run = run};
	return count + 1;
}

static size_t add_kernels(struct method *methods, size_t count)
{
	for (size_t i = 0; sum_kernel_get(i) != NULL; i++) {
		if (!sum_kernel_get(i)->is_available())
			continue;
		count = add(methods, count, sum_kernel_get(i)->name, "frame and tiles", run_kernel);
		methods[count - 1].kernel = sum_kernel_get(i);
	}
	count = add(methods, count, "two threads", "best kernel", run_kernel);
	methods[count - 1].kernel = sum_kernel_choose();
	methods[count - 1].threads = 2;
	count = add(methods, count, "256x256 damage", "best kernel", run_damage);
	methods[count - 1].kernel = sum_kernel_choose();
	methods[count - 1].damage = true;
	return count;
}

size_t get_methods(struct method methods[MAX_METHODS])
{
	size_t count = add(methods, 0, "plain read", "one stream", read_plain);

	count = add_kernels(methods, count);
	count = add(methods, count, "memcmp", "two frames", run_memcmp);
	count = add(methods, count, "zlib crc32", "frame only", run_zlib);
#if HAVE_LIBDEFLATE
	count = add(methods, count, "libdeflate crc32", "frame only", run_libdeflate);
#endif
#if HAVE_ISAL
	count = add(methods, count, "ISA-L crc32", "frame only", run_isal);
#endif
#if HAVE_CRC_FAST
	count = add(methods, count, "crc-fast crc32", "frame only", run_crc_fast);
#endif
#if HAVE_XXHASH
	if (can_run_xxh3()) {
		count = add(methods, count, "XXH3-64", "frame only", run_xxh3);
		count = add(methods, count, "XXH3-64 32x32", "tiles only", run_refinery);
	}
#endif
	return count;
}
