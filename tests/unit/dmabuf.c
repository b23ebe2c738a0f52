/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "dmabuf-attributes.h"

TEST(create_and_destroy)
{
	struct wltex_dmabuf_attributes a = good_attributes();
	const struct wltex_dmabuf_attributes *copy;
	struct wltex_dmabuf *dmabuf;
	int fds = test_count_fds();

	a.flags = WLTEX_DMABUF_Y_INVERT | WLTEX_DMABUF_INTERLACED | WLTEX_DMABUF_BOTTOM_FIRST;
	dmabuf = wltex_dmabuf_create(&a, NULL);
	check(dmabuf != NULL);
	copy = wltex_dmabuf_get_attributes(dmabuf);
	check_int(copy->width, 64);
	check_int(copy->height, 64);
	check_int(copy->format, DRM_FORMAT_XRGB8888);
	check_int(copy->modifier, DRM_FORMAT_MOD_LINEAR);
	check_int(copy->flags, 7);
	check_int(copy->n_planes, 1);
	check_int(copy->planes[0].stride, 256);
	check(copy->planes[0].fd != a.planes[0].fd);
	check_int(fcntl(copy->planes[0].fd, F_GETFD), FD_CLOEXEC);
	for (int i = 1; i < WLTEX_MAX_PLANES; i++)
		check_int(copy->planes[i].fd, -1);
	check_int(wltex_dmabuf_get_bytes(dmabuf), 64 * 256);
	check_int(wltex_dmabuf_get_fd_count(dmabuf), 1);

	/* The copy outlives the caller's fd. */
	close(a.planes[0].fd);
	check_int(test_count_fds(), fds);
	check_int(fcntl(copy->planes[0].fd, F_GETFD), FD_CLOEXEC);
	wltex_dmabuf_destroy(dmabuf);
	check_int(test_count_fds(), fds - 1);
	wltex_dmabuf_destroy(NULL);
}

TEST(refusal_without_a_reason)
{
	struct wltex_dmabuf_attributes a = good_attributes();

	a.width = 0;
	check(wltex_dmabuf_create(&a, NULL) == NULL);
	check_int(errno, EINVAL);
}

TEST(errors_have_words_and_codes)
{
	static const int codes[] = {
		[WLTEX_DMABUF_OK] = -1,
		[WLTEX_DMABUF_ALREADY_USED] = 0,
		[WLTEX_DMABUF_PLANE_INDEX] = 1,
		[WLTEX_DMABUF_PLANE_SET_TWICE] = 2,
		[WLTEX_DMABUF_MODIFIER_MISMATCH] = 4,
		[WLTEX_DMABUF_NO_PLANE] = 3,
		[WLTEX_DMABUF_PLANE_GAP] = 3,
		[WLTEX_DMABUF_DIMENSIONS] = 5,
		[WLTEX_DMABUF_FLAGS] = 7,
		[WLTEX_DMABUF_PLANE_COUNT] = 3,
		[WLTEX_DMABUF_STRIDE_ZERO] = 6,
		[WLTEX_DMABUF_STRIDE_SHORT] = 6,
		[WLTEX_DMABUF_ROW_OVERFLOW] = 6,
		[WLTEX_DMABUF_PLANE_OVERFLOW] = 6,
		[WLTEX_DMABUF_OFFSET_BEYOND_END] = 6,
		[WLTEX_DMABUF_ROW_BEYOND_END] = 6,
		[WLTEX_DMABUF_PLANE_BEYOND_END] = 6,
		[WLTEX_DMABUF_BAD_FD] = 7,
		[WLTEX_DMABUF_NO_FDS] = -1,
		[WLTEX_DMABUF_NO_MEMORY] = -1,
		[WLTEX_DMABUF_CLOSED_FD] = 7,
		[WLTEX_DMABUF_UNREADABLE_FD] = 7,
		[WLTEX_DMABUF_TOO_MANY_PLANES] = 1,
	};
	int n = (int)ARRAY_LENGTH(codes);

	for (int i = 0; i < n; i++) {
		const char *message = wltex_dmabuf_error_message((enum wltex_dmabuf_error)i);
		check(message != NULL && strlen(message) > 5);
		for (int k = 0; k < i; k++)
			check(strcmp(message,
				      wltex_dmabuf_error_message((enum wltex_dmabuf_error)k)) != 0);
		check_int(wltex_dmabuf_error_protocol_code((enum wltex_dmabuf_error)i), codes[i]);
	}
	check_str(wltex_dmabuf_error_message((enum wltex_dmabuf_error)n), "unknown error");
	check_str(wltex_dmabuf_error_message((enum wltex_dmabuf_error) - 1), "unknown error");
	check_int(wltex_dmabuf_error_protocol_code((enum wltex_dmabuf_error)n), -1);
	check_int(wltex_dmabuf_error_protocol_code((enum wltex_dmabuf_error) - 1), -1);
}

TEST(plane_numbers)
{
	struct wltex_dmabuf_attributes a = good_nv12();

	accepted(&a);
	a.n_planes = 0;
	refused(&a, WLTEX_DMABUF_NO_PLANE);
	a.n_planes = -1;
	refused(&a, WLTEX_DMABUF_NO_PLANE);
	a.n_planes = WLTEX_MAX_PLANES + 1;
	refused(&a, WLTEX_DMABUF_TOO_MANY_PLANES);
	a.n_planes = INT32_MAX;
	refused(&a, WLTEX_DMABUF_TOO_MANY_PLANES);

	a = good_nv12();
	a.planes[0].fd = -1;
	refused(&a, WLTEX_DMABUF_PLANE_GAP);
	a.planes[1].fd = -1;
	refused(&a, WLTEX_DMABUF_NO_PLANE);

	a = good_nv12();
	a.planes[1].fd = -1;
	refused(&a, WLTEX_DMABUF_PLANE_GAP);
	a.n_planes = 4;
	a.planes[2] = a.planes[3] = a.planes[0];
	refused(&a, WLTEX_DMABUF_PLANE_GAP);
}

TEST(dimensions)
{
	struct wltex_dmabuf_attributes a = good_attributes();

	a.width = a.height = 1;
	accepted(&a);
	a.width = 0;
	refused(&a, WLTEX_DMABUF_DIMENSIONS);
	a.width = INT32_MIN;
	refused(&a, WLTEX_DMABUF_DIMENSIONS);
	a.width = 1;
	a.height = 0;
	refused(&a, WLTEX_DMABUF_DIMENSIONS);
	a.height = -1;
	refused(&a, WLTEX_DMABUF_DIMENSIONS);
}

TEST(flags)
{
	struct wltex_dmabuf_attributes a = good_attributes();

	a.flags = 7;
	accepted(&a);
	for (int bit = 3; bit < 32; bit++) {
		a.flags = 1u << bit;
		refused(&a, WLTEX_DMABUF_FLAGS);
	}
}

TEST(plane_count)
{
	struct wltex_dmabuf_attributes a = good_attributes();

	a.planes[1] = a.planes[2] = a.planes[3] = a.planes[0];
	a.n_planes = 2;
	refused(&a, WLTEX_DMABUF_PLANE_COUNT);
	a.modifier = DRM_FORMAT_MOD_INVALID;
	refused(&a, WLTEX_DMABUF_PLANE_COUNT);
	/* Compression state has planes of its own. */
	a.modifier = I915_FORMAT_MOD_Y_TILED_CCS;
	accepted(&a);
	a.n_planes = 4;
	accepted(&a);
	/* Nothing is known about an unknown format. */
	a.modifier = DRM_FORMAT_MOD_LINEAR;
	a.format = fourcc_code('?', '?', '?', '?');
	accepted(&a);

	a = good_nv12();
	a.n_planes = 1;
	refused(&a, WLTEX_DMABUF_PLANE_COUNT);
	a.modifier = I915_FORMAT_MOD_Y_TILED;
	refused(&a, WLTEX_DMABUF_PLANE_COUNT);
	a.n_planes = 2;
	accepted(&a);
}

TEST(stride)
{
	struct wltex_dmabuf_attributes a = good_attributes();

	a.planes[0].stride = 0;
	refused(&a, WLTEX_DMABUF_STRIDE_ZERO);
	a.planes[0].stride = 255;
	refused(&a, WLTEX_DMABUF_STRIDE_SHORT);
	/* In a memory file the implicit layout is linear. */
	a.modifier = DRM_FORMAT_MOD_INVALID;
	refused(&a, WLTEX_DMABUF_STRIDE_SHORT);
	/* What a stride means is the modifier's business, what 0 means is not. */
	a.modifier = I915_FORMAT_MOD_X_TILED;
	accepted(&a);
	a.planes[0].stride = 0;
	refused(&a, WLTEX_DMABUF_STRIDE_ZERO);

	a = good_attributes();
	a.planes[0].stride = 1;
	a.format = fourcc_code('?', '?', '?', '?');
	accepted(&a);

	/* width * 4 does not fit 32 bits. */
	a = good_attributes();
	a.width = INT32_MAX;
	refused(&a, WLTEX_DMABUF_STRIDE_SHORT);

	/* 63 pixels have 32 samples of chroma. */
	a = good_nv12();
	a.planes[1].stride = 63;
	refused(&a, WLTEX_DMABUF_STRIDE_SHORT);
	a.planes[1].stride = 0;
	refused(&a, WLTEX_DMABUF_STRIDE_ZERO);
	a.planes[0].stride = 63;
	a.planes[1].stride = 64;
	accepted(&a);
	a.planes[0].stride = 62;
	refused(&a, WLTEX_DMABUF_STRIDE_SHORT);
}

TEST(overflow_of_a_row)
{
	struct wltex_dmabuf_attributes a = good_attributes();
	int large = make_memfd(5ll << 30, F_SEAL_SHRINK);

	a.height = 1;
	a.planes[0].fd = large;
	a.planes[0].offset = UINT32_MAX - 256;
	accepted(&a);
	a.planes[0].offset++;
	refused(&a, WLTEX_DMABUF_ROW_OVERFLOW);
	a.modifier = I915_FORMAT_MOD_X_TILED;
	refused(&a, WLTEX_DMABUF_ROW_OVERFLOW);
	a.planes[0].offset = 256;
	a.planes[0].stride = UINT32_MAX - 256;
	accepted(&a);
	a.planes[0].stride++;
	refused(&a, WLTEX_DMABUF_ROW_OVERFLOW);

	a = good_nv12();
	a.planes[1].fd = large;
	a.height = 2;
	a.planes[1].offset = UINT32_MAX - 64;
	check_accepted(__FILE__, __LINE__, &a, 2);
	a.planes[1].offset++;
	refused(&a, WLTEX_DMABUF_ROW_OVERFLOW);
}

TEST(overflow_of_a_plane)
{
	struct wltex_dmabuf_attributes a = good_attributes();
	int large = make_memfd(5ll << 30, F_SEAL_SHRINK);

	a.planes[0].fd = large;
	a.height = 65535;
	a.planes[0].stride = 65536;
	a.planes[0].offset = 65535;
	accepted(&a);
	a.planes[0].offset++;
	refused(&a, WLTEX_DMABUF_PLANE_OVERFLOW);
	a.modifier = I915_FORMAT_MOD_X_TILED;
	refused(&a, WLTEX_DMABUF_PLANE_OVERFLOW);

	/* stride * height is 2^32: nothing in 32 bits. */
	a.planes[0].offset = 0;
	a.height = 65536;
	refused(&a, WLTEX_DMABUF_PLANE_OVERFLOW);
	a.height = INT32_MAX;
	a.planes[0].stride = UINT32_MAX;
	refused(&a, WLTEX_DMABUF_PLANE_OVERFLOW);

	/* The chroma plane has half the rows. */
	a = good_nv12();
	a.planes[0].fd = a.planes[1].fd = large;
	a.height = 131070;
	a.planes[0].stride = 63;
	a.planes[1].stride = 65536;
	a.planes[1].offset = 65535;
	accepted(&a);
	a.planes[1].offset++;
	refused(&a, WLTEX_DMABUF_PLANE_OVERFLOW);
}

TEST(end_of_the_file)
{
	struct wltex_dmabuf_attributes a = good_attributes();

	a.height = 1;
	a.planes[0].offset = 63 * 256;
	accepted(&a);
	a.planes[0].offset++;
	refused(&a, WLTEX_DMABUF_ROW_BEYOND_END);
	a.planes[0].offset = 64 * 256 - 1;
	refused(&a, WLTEX_DMABUF_ROW_BEYOND_END);
	a.planes[0].offset = 64 * 256;
	refused(&a, WLTEX_DMABUF_OFFSET_BEYOND_END);

	a = good_attributes();
	a.planes[0].offset = 1;
	refused(&a, WLTEX_DMABUF_PLANE_BEYOND_END);
	a.planes[0].offset = 0;
	a.planes[0].stride = 257;
	refused(&a, WLTEX_DMABUF_PLANE_BEYOND_END);
	a.planes[0].stride = 256;
	a.height = 65;
	refused(&a, WLTEX_DMABUF_PLANE_BEYOND_END);
	a.modifier = I915_FORMAT_MOD_X_TILED;
	refused(&a, WLTEX_DMABUF_PLANE_BEYOND_END);
	a.format = fourcc_code('?', '?', '?', '?');
	refused(&a, WLTEX_DMABUF_PLANE_BEYOND_END);

	a = good_attributes();
	a.planes[0].fd = make_memfd(0, F_SEAL_SHRINK);
	refused(&a, WLTEX_DMABUF_OFFSET_BEYOND_END);
}

TEST(end_of_the_file_of_other_planes)
{
	struct wltex_dmabuf_attributes a = good_nv12();

	a.planes[1].offset++;
	refused(&a, WLTEX_DMABUF_PLANE_BEYOND_END);
	/* How far tiles of a second plane reach is not known, but a row there must be. */
	a.modifier = I915_FORMAT_MOD_Y_TILED;
	accepted(&a);
	a.planes[1].offset = (63 + 32) * 64 - 63;
	refused(&a, WLTEX_DMABUF_ROW_BEYOND_END);
	a.planes[1].offset = (63 + 32) * 64;
	refused(&a, WLTEX_DMABUF_OFFSET_BEYOND_END);

	/* As with Intel's clear colour: 64 bytes behind everything else. */
	a = good_attributes();
	a.planes[0].fd = make_memfd(64 * 256 + 4096 + 64, F_SEAL_SHRINK);
	a.modifier = I915_FORMAT_MOD_Y_TILED_GEN12_RC_CCS_CC;
	a.n_planes = 3;
	a.planes[1] = a.planes[2] = a.planes[0];
	a.planes[1].offset = 64 * 256;
	a.planes[2].offset = 64 * 256 + 4096;
	a.planes[2].stride = 64;
	accepted(&a);
	a.planes[2].stride = 65;
	refused(&a, WLTEX_DMABUF_ROW_BEYOND_END);
}

/* Each plane of the format that has most of them is checked, not only the first. */
TEST(every_plane_is_checked)
{
	for (int i = 0; i < 3; i++) {
		struct wltex_dmabuf_attributes a = {
			.width = 16,
			.height = 16,
			.format = DRM_FORMAT_YUV444,
			.modifier = DRM_FORMAT_MOD_LINEAR,
			.n_planes = 3,
		};
		for (int k = 0; k < 3; k++)
			a.planes[k] = (struct wltex_dmabuf_plane){
				.fd = make_memfd(256, F_SEAL_SHRINK),
				.stride = 16,
			};
		check_accepted(__FILE__, __LINE__, &a, 3);
		a.planes[i].stride = 0;
		refused(&a, WLTEX_DMABUF_STRIDE_ZERO);
		a.planes[i].stride = 15;
		refused(&a, WLTEX_DMABUF_STRIDE_SHORT);
		a.planes[i].stride = 17;
		refused(&a, WLTEX_DMABUF_PLANE_BEYOND_END);
		a.planes[i].stride = 257;
		refused(&a, WLTEX_DMABUF_ROW_BEYOND_END);
		a.planes[i].stride = UINT32_MAX;
		refused(&a, WLTEX_DMABUF_PLANE_OVERFLOW);
		a.planes[i].offset = 1;
		refused(&a, WLTEX_DMABUF_ROW_OVERFLOW);
		a.planes[i].stride = 16;
		refused(&a, WLTEX_DMABUF_PLANE_BEYOND_END);
		a.planes[i].offset = 256;
		refused(&a, WLTEX_DMABUF_OFFSET_BEYOND_END);
		a.planes[i].fd = 1000;
		check_refused(__FILE__, __LINE__, &a, WLTEX_DMABUF_CLOSED_FD, EBADF);
	}
}
