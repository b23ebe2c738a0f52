/* SPDX-License-Identifier: MIT */
#include <endian.h>
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "cli/sum/picture.h"

#define SIGNATURE_SIZE 8

/* All that must be freed after libpng jumped out. */
struct reader {
	struct sum_picture *picture;
	struct cli_reason *reason;
	png_structp png;
	png_infop info;
	uint8_t *rgba;
	png_bytepp rows;
};

static void on_error(png_structp png, png_const_charp message)
{
	struct reader *reader = png_get_error_ptr(png);

	cli_set_reason(reader->reason, "%s", message);
	longjmp(png_jmpbuf(png), 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
}

/* Whatever is in the file: 8-bit red, green, blue, alpha, with the values as they are. */
static void read_info(struct reader *reader)
{
	png_structp png = reader->png;

	png_set_user_limits(png, SUM_PICTURE_MAX_SIDE, SUM_PICTURE_MAX_SIDE);
	png_read_info(png, reader->info);
	png_set_expand(png);
	png_set_scale_16(png);
	png_set_gray_to_rgb(png);
	png_set_add_alpha(png, 0xff, PNG_FILLER_AFTER);
	png_set_interlace_handling(png);
	png_read_update_info(png, reader->info);
	reader->picture->width = png_get_image_width(png, reader->info);
	reader->picture->height = png_get_image_height(png, reader->info);
}

static void read_pixels(struct reader *reader)
{
	uint32_t width = reader->picture->width, height = reader->picture->height;

	if ((uint64_t)width * height * 4 > SUM_PICTURE_MAX_BYTES)
		png_error(reader->png, "the picture is too large");
	reader->rgba = calloc(height, (size_t)width * 4);
	reader->rows = calloc(height, sizeof(*reader->rows));
	if (reader->rgba == NULL || reader->rows == NULL)
		png_error(reader->png, strerror(ENOMEM));
	for (uint32_t y = 0; y < height; y++)
		reader->rows[y] = reader->rgba + (size_t)y * width * 4;
	png_read_image(reader->png, reader->rows);
	png_read_end(reader->png, NULL);
}

static int pack_pixels(struct reader *reader)
{
	struct sum_picture *picture = reader->picture;
	struct format_packer packer;
	const uint8_t *rgba = reader->rgba;

	if (sum_picture_allocate(picture, 0, reader->reason) < 0)
		return -1;
	format_packer_init(&packer, picture->format);
	for (uint32_t y = 0; y < picture->height; y++) {
		uint8_t *pixel = picture->pixels + y * picture->stride;

		for (uint32_t x = 0; x < picture->width; x++, rgba += 4) {
			uint64_t packed =
				htole64(format_pack(&packer, rgba[0], rgba[1], rgba[2], rgba[3]));

			memcpy(pixel, &packed, format_bytes(picture->format));
			pixel += format_bytes(picture->format);
		}
	}
	return 0;
}

/* A function of its own, as libpng jumps back into it. */
static int decode(struct reader *reader, FILE *file)
{
	if (setjmp(png_jmpbuf(reader->png)) != 0)
		return -1;
	png_init_io(reader->png, file);
	png_set_sig_bytes(reader->png, SIGNATURE_SIZE);
	read_info(reader);
	read_pixels(reader);
	return 0;
}

int sum_picture_read_png(struct sum_picture *picture, FILE *file, struct cli_reason *reason)
{
	struct reader reader = {.picture = picture, .reason = reason};
	uint8_t signature[SIGNATURE_SIZE];
	int ret = -1;

	if (fread(signature, 1, SIGNATURE_SIZE, file) < SIGNATURE_SIZE ||
		png_sig_cmp(signature, 0, SIGNATURE_SIZE) != 0) {
		cli_set_reason(reason, "%s",
			ferror(file) ? strerror(errno) : "not a PNG; raw frames need --size");
		return -1;
	}
	cli_set_reason(reason, "%s", strerror(ENOMEM));
	reader.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reader, on_error, on_warning);
	if (reader.png != NULL)
		reader.info = png_create_info_struct(reader.png);
	if (reader.info != NULL && decode(&reader, file) == 0)
		ret = pack_pixels(&reader);
	free(reader.rows);
	free(reader.rgba);
	png_destroy_read_struct(&reader.png, &reader.info, NULL);
	return ret;
}

/* The half float as a component of 8 bits; what is below 0 or not a number is 0. */
static uint8_t half_to_8(uint32_t half)
{
	uint32_t exponent = half >> 10 & 0x1f, mantissa = half & 0x3ff;
	double value;

	if (half >> 15 || (exponent == 31 && mantissa != 0))
		return 0;
	if (exponent >= 15)
		return 255;
	value = exponent > 0 ? ldexp(1024 + mantissa, (int)exponent - 25) : ldexp(mantissa, -24);
	return (uint8_t)(value * 255 + 0.5);
}

static uint8_t unpack(uint64_t pixel, struct wltex_format_component place, bool half_float)
{
	uint32_t most = (UINT32_C(1) << place.bits) - 1;
	uint32_t value = (uint32_t)(pixel >> place.shift) & most;

	return (uint8_t)(half_float ? half_to_8(value) : (value * 255 + most / 2) / most);
}

static void unpack_row(const struct sum_picture *picture, uint32_t y, uint8_t *rgb)
{
	const struct wltex_format_info *format = picture->format;
	const uint8_t *data = picture->pixels + y * picture->stride;
	struct wltex_format_component places[3];

	for (unsigned int c = 0; c < 3; c++)
		places[c] = format_find(format, FORMAT_RED + c);
	for (uint32_t x = 0; x < picture->width; x++, data += format_bytes(format), rgb += 3) {
		uint64_t pixel = 0;

		memcpy(&pixel, data, format_bytes(format));
		for (unsigned int c = 0; c < 3; c++)
			rgb[c] = unpack(le64toh(pixel), places[c], format->half_float);
	}
}

/* Half red, with a frame of red. */
static void paint_box(uint8_t *rgb, uint32_t width, const pixman_box32_t *box)
{
	for (int32_t y = box->y1; y < box->y2; y++) {
		uint8_t *pixel = rgb + ((size_t)y * width + (size_t)box->x1) * 3;

		for (int32_t x = box->x1; x < box->x2; x++, pixel += 3) {
			bool edge = x < box->x1 + 2 || x >= box->x2 - 2 || y < box->y1 + 2 ||
				    y >= box->y2 - 2;

			pixel[0] = (uint8_t)(edge ? 255 : (pixel[0] + 255) / 2);
			pixel[1] = edge ? 0 : pixel[1] / 2;
			pixel[2] = edge ? 0 : pixel[2] / 2;
		}
	}
}

int sum_picture_write_png(const struct sum_picture *picture, const char *path,
	const pixman_region32_t *painted, struct cli_reason *reason)
{
	png_image image = {
		.version = PNG_IMAGE_VERSION,
		.width = picture->width,
		.height = picture->height,
		.format = PNG_FORMAT_RGB,
	};
	uint8_t *rgb = calloc(picture->height, (size_t)picture->width * 3);
	int count, ret = -1;
	const pixman_box32_t *boxes =
		pixman_region32_rectangles((pixman_region32_t *)painted, &count);

	if (rgb == NULL) {
		cli_set_reason(reason, "%s", strerror(errno));
		return -1;
	}
	for (uint32_t y = 0; y < picture->height; y++)
		unpack_row(picture, y, rgb + (size_t)y * picture->width * 3);
	for (int i = 0; i < count; i++)
		paint_box(rgb, picture->width, &boxes[i]);
	if (png_image_write_to_file(&image, path, 0, rgb, 0, NULL))
		ret = 0;
	else
		cli_set_reason(reason, "%s", image.message);
	free(rgb);
	return ret;
}
