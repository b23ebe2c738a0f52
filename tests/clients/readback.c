/* SPDX-License-Identifier: MIT */
/*
 * Shows random images of every RGB format that is offered, and compares each pixel with
 * what the compositor's tests/weston/readback-module.c read from the texture.
 */
#include <drm_fourcc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "../weston/texels.h"
#include "peer.h"

/* Of no round size, with padding, and more than one tile. */
#define WIDTH 83
#define HEIGHT 67

struct format {
	uint32_t fourcc;
	uint32_t bytes;
	/* Lowest bit and number of bits of red, green, blue, alpha; 0 bits of alpha: none. */
	struct {
		uint32_t shift, bits;
	} channels[4];
	bool is_float;
};

#define ORDER(fourcc_, r, g, b, a, alpha_bits) \
	{ \
		fourcc_, 4, {{r, 8}, {g, 8}, {b, 8}, {a, alpha_bits}}, false \
	}
#define WIDE(fourcc_, r, b, alpha_bits) \
	{ \
		fourcc_, 4, {{r, 10}, {10, 10}, {b, 10}, {30, alpha_bits}}, false \
	}
#define HALF(fourcc_, r, b, alpha_bits) \
	{ \
		fourcc_, 8, {{r, 16}, {16, 16}, {b, 16}, {48, alpha_bits}}, true \
	}

static const struct format formats[] = {
	ORDER(DRM_FORMAT_XRGB8888, 16, 8, 0, 24, 0),
	ORDER(DRM_FORMAT_ARGB8888, 16, 8, 0, 24, 8),
	ORDER(DRM_FORMAT_XBGR8888, 0, 8, 16, 24, 0),
	ORDER(DRM_FORMAT_ABGR8888, 0, 8, 16, 24, 8),
	ORDER(DRM_FORMAT_RGBX8888, 24, 16, 8, 0, 0),
	ORDER(DRM_FORMAT_RGBA8888, 24, 16, 8, 0, 8),
	ORDER(DRM_FORMAT_BGRX8888, 8, 16, 24, 0, 0),
	ORDER(DRM_FORMAT_BGRA8888, 8, 16, 24, 0, 8),
	WIDE(DRM_FORMAT_XRGB2101010, 20, 0, 0),
	WIDE(DRM_FORMAT_ARGB2101010, 20, 0, 2),
	WIDE(DRM_FORMAT_XBGR2101010, 0, 20, 0),
	WIDE(DRM_FORMAT_ABGR2101010, 0, 20, 2),
	{DRM_FORMAT_RGB565, 2, {{11, 5}, {5, 6}, {0, 5}, {0, 0}}, false},
	HALF(DRM_FORMAT_XBGR16161616F, 0, 32, 0),
	HALF(DRM_FORMAT_ABGR16161616F, 0, 32, 16),
};

static struct peer peer;
static struct texels_header header;
static float texels[WIDTH * HEIGHT][4];

/* Only what can be compared exactly: no NaN, no infinity, no number too small. */
static void tame_halfs(struct peer_buffer *buffer)
{
	for (size_t i = 0; i + 1 < buffer->size; i += 2)
		buffer->pixels[i + 1] = (uint8_t)((buffer->pixels[i + 1] & 0xbf) | 0x04);
}

static double half_to_double(uint32_t half)
{
	double value = ldexp((half & 0x3ff) + 0x400, (int)(half >> 10 & 31) - 25);

	return half & 0x8000 ? -value : value;
}

static double get_expected(const struct format *format, uint64_t pixel, int channel)
{
	uint32_t bits = format->channels[channel].bits;
	uint32_t max = bits > 0 ? UINT32_MAX >> (32 - bits) : 0;
	uint32_t value = (uint32_t)(pixel >> format->channels[channel].shift) & max;

	if (bits == 0)
		return 1;
	return format->is_float ? half_to_double(value) : (double)value / max;
}

static void check_texels(const struct format *format, const struct peer_buffer *buffer)
{
	for (uint32_t i = 0; i < WIDTH * HEIGHT; i++) {
		const uint8_t *bytes =
			buffer->pixels + i / WIDTH * buffer->stride + i % WIDTH * format->bytes;
		uint64_t pixel = 0;

		for (uint32_t n = 0; n < format->bytes; n++)
			pixel |= (uint64_t)bytes[n] << 8 * n;
		for (int c = 0; c < 4; c++) {
			double expected = get_expected(format, pixel, c);

			if (fabs(texels[i][c] - expected) > 1e-6)
				test_fail(__FILE__, __LINE__,
					"%.4s: channel %d of pixel %u, %u is %f, not %f",
					(const char *)&format->fourcc, c, i % WIDTH, i / WIDTH,
					texels[i][c], expected);
		}
	}
}

static void read_texels(void)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", getenv("XDG_RUNTIME_DIR"), TEXELS_FILE);
	file = fopen(path, "re");
	check(file != NULL);
	check_int(fread(&header, sizeof(header), 1, file), 1);
	check(header.width == WIDTH && header.height == HEIGHT);
	check_int(fread(texels, sizeof(texels), 1, file), 1);
	check_int(fgetc(file), EOF);
	fclose(file);
}

static void check_format(const struct format *format)
{
	struct peer_surface *surface = peer_surface(&peer, "");
	struct peer_buffer *buffer = peer_buffer_of_format(
		&peer, WIDTH, HEIGHT, (WIDTH + 5) * format->bytes, format->fourcc);
	uint32_t count = header.count;

	/* What was there before must not be what is read. */
	for (uint32_t seed = 1; seed <= 2; seed++) {
		peer_buffer_fill(buffer, seed);
		if (format->is_float)
			tame_halfs(buffer);
		peer_surface_show(surface, buffer);
		check_events(
			&peer, seed == 1 ? "imported/attached"
					 : "destroyed/content_changed reimported/content_changed");
		read_texels();
		check_int(header.format, format->fourcc);
		check_int(header.has_alpha, format->channels[3].bits > 0);
		check_int(header.count, count + seed);
		check_int(header.y_inverted, 0);
		check(header.has_sum);
		check_int(header.sum, surface->sum);
		check_int(header.sum, peer_buffer_sum(buffer));
		check_texels(format, buffer);
	}
	peer_surface_show(surface, NULL);
	check_events(&peer, "destroyed/@(detached|released)");
	peer_buffer_destroy(buffer);
	peer_memory_free(buffer);
}

TEST(every_pixel)
{
	unsigned int compared = 0;

	peer_connect(&peer, "readback");
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (!peer_offers(&peer, formats[i].fourcc, DRM_FORMAT_MOD_LINEAR)) {
			printf("not offered: %.4s\n", (const char *)&formats[i].fourcc);
			continue;
		}
		check_format(&formats[i]);
		printf("compared: %.4s\n", (const char *)&formats[i].fourcc);
		compared++;
	}
	check(compared > 0);
}
