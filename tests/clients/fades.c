/* SPDX-License-Identifier: MIT */
/*
 * Windows that a shell lets fade in and out, by their alpha, while their client claims again and
 * again all of what does not change. When that is over, both compositors must show what is
 * there; if one never does, this ends by SIGALRM.
 */
#include <drm_fourcc.h>
#include <stdio.h>
#include <unistd.h>

#include "twin.h"

/* Longer than all fades take, under ASan too. */
#define PATIENCE_S 150

#define N_WINDOWS 3

static struct twin twin;

static uint32_t get_pixel(int screen, int32_t x, int32_t y)
{
	const struct twin_output *output = &twin.screens[screen].outputs[0];

	return output->pixels[y * output->width + x] & 0xffffff;
}

/* Whether both show one colour, everywhere. */
static bool is_filled(uint32_t argb)
{
	for (int screen = 0; screen < 2; screen++) {
		for (int32_t y = 0; y < twin.height; y++) {
			for (int32_t x = 0; x < twin.width; x++) {
				if (get_pixel(screen, x, y) != (argb & 0xffffff))
					return false;
			}
		}
	}
	return true;
}

/* As large as the output, so that there is one place for it only. */
static struct twin_buffer *make(enum twin_memory memory, uint32_t argb)
{
	struct twin_buffer_spec spec = {
		.width = twin.width,
		.height = twin.height,
		.format = DRM_FORMAT_XRGB8888,
		.memory = twin_takes(&twin, memory, DRM_FORMAT_XRGB8888) ? memory : TWIN_SHM,
	};
	struct twin_buffer *buffer = twin_buffer_create(&twin, &spec);

	twin_buffer_fill(buffer, 0, 0, twin.width, twin.height, argb);
	return buffer;
}

static unsigned int show_until_filled(
	struct twin_surface *surface, struct twin_buffer *const buffers[2], uint32_t argb)
{
	unsigned int frames = 0;

	do {
		if (surface != NULL)
			twin_present(surface, buffers[frames % 2]);
		twin_show(&twin);
		frames++;
	} while (!is_filled(argb));
	return frames;
}

static void fade(enum twin_memory memory, uint32_t argb, uint32_t background)
{
	struct twin_buffer *buffers[] = {make(memory, argb), make(memory, argb)};
	struct twin_surface *window = twin_surface_create(&twin);
	unsigned int in, out;

	twin_surface_map(&twin, window);
	in = show_until_filled(window, buffers, argb);
	twin_surface_destroy(window);
	out = show_until_filled(NULL, buffers, background);
	printf("%06x: there after %u frames, gone after %u\n", argb & 0xffffff, in, out);
}

/* To be run with the background 0x203040, which is there when the shell is. */
TEST(fades)
{
	alarm(PATIENCE_S);
	twin_connect(&twin);
	show_until_filled(NULL, NULL, 0x203040);
	for (int turn = 0; turn < N_WINDOWS; turn++) {
		fade(TWIN_SHM, 0xffc06020u + (uint32_t)turn * 20, 0x203040);
		fade(TWIN_DMABUF, 0xff20c060u + (uint32_t)turn * 20, 0x203040);
	}
	twin_disconnect(&twin);
}
