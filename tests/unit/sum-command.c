/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <json-c/json.h>
#include <png.h>

#include "cli/cli.h"
#include "cli/sum/picture.h"
#include "sum-reference.h"
#include "test.h"

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* What a run of wltex sum printed. */
static char output[65536], errors[4096];

static void read_back(FILE *file, char *text, size_t size)
{
	size_t length;

	rewind(file);
	length = fread(text, 1, size - 1, file);
	text[length] = '\0';
	fclose(file);
}

/* Run `wltex sum` with these arguments. Returns its exit status. */
static int sum(const char *const words[])
{
	char *argv[16] = {strdup("sum")};
	FILE *out = tmpfile(), *err = tmpfile();
	int argc = 1, status, saved_out = dup(STDOUT_FILENO), saved_err = dup(STDERR_FILENO);

	for (; *words; words++)
		argv[argc++] = strdup(*words);
	fflush(stdout);
	dup2(fileno(out), STDOUT_FILENO);
	dup2(fileno(err), STDERR_FILENO);
	cli_set_command("sum");
	status = cli_sum(argc, argv);
	while (argc > 0)
		free(argv[--argc]);
	fflush(stdout);
	dup2(saved_out, STDOUT_FILENO);
	dup2(saved_err, STDERR_FILENO);
	close(saved_out);
	close(saved_err);
	read_back(out, output, sizeof(output));
	read_back(err, errors, sizeof(errors));
	fputs(errors, stderr);
	return status;
}

static char folder[] = "/tmp/wltex-sum-XXXXXX";

static void remove_folder(void)
{
	static const char *const names[] = {"a", "b", "c.png", "d.png"};

	check(chdir(folder) == 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(names[i]);
	rmdir(folder);
}

static void enter_folder(void)
{
	check(mkdtemp(folder) != NULL);
	check(chdir(folder) == 0);
	atexit(remove_folder);
}

static void write_file(const char *name, const void *data, size_t size)
{
	FILE *file = fopen(name, "wb");

	check(file != NULL);
	check(fwrite(data, 1, size, file) == size);
	check(fclose(file) == 0);
}

static void check_starts(const char *text, const char *start)
{
	if (strncmp(text, start, strlen(start)) != 0)
		check_str(text, start);
}

/* "one line", and nothing was printed before. */
static void check_error(const char *start)
{
	check_starts(errors, start);
	check(strchr(errors, '\n') == errors + strlen(errors) - 1);
}

TEST(raw_frames)
{
	uint64_t state = 1;
	struct picture p = make_picture(&state, 70, 66, 4, 24, 0);
	size_t least = p.stride * 65 + 280;
	char expected[256];

	enter_folder();
	write_file("a", p.data, least);
	check_int(sum(WORDS("--size=70x66", "--stride=304", "--format=xr24", "a")), 0);
	snprintf(expected, sizeof(expected), "%08x  70x66 XRGB8888  a\n  %08x %08x\n  %08x %08x\n",
		reference_crc32(&p, 0, 0, 70, 66), reference_crc32(&p, 0, 0, 64, 64),
		reference_crc32(&p, 64, 0, 6, 64), reference_crc32(&p, 0, 64, 64, 2),
		reference_crc32(&p, 64, 64, 6, 2));
	check_str(output, expected);

	/* From standard input. */
	check(freopen("a", "rb", stdin) != NULL);
	check_int(sum(WORDS("--size=70x66", "--stride=304", "--format=xr24", "-")), 0);
	strcpy(strstr(expected, "  a\n") + 2, strstr(output, "-\n"));
	check_str(output, expected);
	/* It is at its end now. */
	check_int(sum(WORDS("--size=70x66", "-")), 1);
	check_starts(errors, "wltex sum: -: 0 bytes are too few");

	/* The padding of the last row may be there as well. */
	p.memory = realloc(p.memory, p.stride * 66);
	memset(p.memory + least, 7, 24);
	write_file("b", p.memory, p.stride * 66);
	check_int(sum(WORDS("--brief", "--size=70x66", "--stride=304", "b", "a")), 0);
	snprintf(expected, sizeof(expected), "%08x  70x66 ARGB8888  b\n%08x  70x66 ARGB8888  a\n",
		(unsigned)strtoul(output, NULL, 16), (unsigned)strtoul(output, NULL, 16));
	check_str(output, expected);
	free(p.memory);
}

/* Colors of 5 bits each, which all formats hold. */
static void make_colors(struct sum_picture *picture, uint64_t *state)
{
	struct cli_reason reason;
	struct format_packer packer;

	check_int(sum_picture_allocate(picture, 0, &reason), 0);
	format_packer_init(&packer, picture->format);
	for (size_t i = 0; i < (size_t)picture->width * picture->height; i++) {
		uint8_t c[3];

		for (int j = 0; j < 3; j++) {
			c[j] = (uint8_t)(next_random(state) % 32);
			c[j] = (uint8_t)(c[j] << 3 | c[j] >> 2);
		}
		memcpy(picture->pixels + i * format_bytes(picture->format),
			&(uint64_t){format_pack(&packer, c[0], c[1], c[2], 255)},
			format_bytes(picture->format));
	}
}

/* To a PNG and back, in every format. */
TEST(pngs_in_all_formats)
{
	const struct wltex_format_info *format;
	struct cli_reason reason;
	pixman_region32_t nothing;

	enter_folder();
	pixman_region32_init(&nothing);
	for (size_t i = 0; (format = format_by_index(i)) != NULL; i++) {
		struct sum_picture before = {.format = format, .width = 67, .height = 65}, after;
		struct sum_picture_options options = {.format = format};
		uint64_t state = i;

		make_colors(&before, &state);
		check_int(sum_picture_write_png(&before, "c.png", &nothing, &reason), 0);
		check_int(sum_picture_read(&after, "c.png", &options, &reason), 0);
		check_int(after.width, 67);
		check_int(after.height, 65);
		check_int(after.stride, 67 * format_bytes(format));
		check(memcmp(before.pixels, after.pixels, after.stride * 65) == 0);

		write_file("a", before.pixels, before.stride * 65);
		check_int(sum(WORDS("--brief", "--format", format->long_name, "c.png")), 0);
		check_int(strtoul(output, NULL, 16),
			crc32_z(0, before.pixels, before.stride * before.height));
		sum_picture_finish(&before);
		sum_picture_finish(&after);
	}
	pixman_region32_fini(&nothing);
}

static void write_png(const char *name, uint32_t format, uint32_t side, const void *data)
{
	png_image image = {
		.version = PNG_IMAGE_VERSION, .width = side, .height = side, .format = format};

	check(png_image_write_to_file(&image, name, 0, data, 0, NULL));
}

/* Gray, alpha and 16 bits all become four components of 8 bits. */
TEST(pngs_of_all_kinds)
{
	static const uint8_t gray[4] = {0, 1, 128, 255};
	static const uint8_t gray_alpha[8] = {9, 0, 9, 1, 9, 128, 9, 255};
	static const uint8_t as_gray[16] = {
		0, 0, 0, 255, 1, 1, 1, 255, 128, 128, 128, 255, 255, 255, 255, 255};
	static const uint8_t as_gray_alpha[16] = {
		9, 9, 9, 0, 9, 9, 9, 1, 9, 9, 9, 128, 9, 9, 9, 255};

	enter_folder();
	write_png("c.png", PNG_FORMAT_GRAY, 2, gray);
	check_int(sum(WORDS("--brief", "c.png")), 0);
	check_int(strtoul(output, NULL, 16), crc32_z(0, as_gray, 16));
	write_png("c.png", PNG_FORMAT_GA, 2, gray_alpha);
	check_int(sum(WORDS("--brief", "c.png")), 0);
	check_int(strtoul(output, NULL, 16), crc32_z(0, as_gray_alpha, 16));
	write_png("c.png", PNG_FORMAT_LINEAR_RGB, 2, (const uint16_t[12]){0});
	check_int(sum(WORDS("--brief", "--format=RG16", "c.png")), 0);
	check_int(strtoul(output, NULL, 16), crc32_z(0, (const uint8_t[8]){0}, 8));
}

static void read_rgb(const char *name, uint8_t *rgb, uint32_t width, uint32_t height)
{
	png_image image = {.version = PNG_IMAGE_VERSION};

	check(png_image_begin_read_from_file(&image, name));
	check_int(image.width, width);
	check_int(image.height, height);
	image.format = PNG_FORMAT_RGB;
	check(png_image_finish_read(&image, NULL, rgb, 0, NULL));
}

TEST(differences)
{
	uint64_t state = 3;
	struct picture p = make_picture(&state, 200, 150, 4, 0, 0);
	static uint8_t rgb[150][200][3];
	char expected[256];
	uint32_t before = reference_crc32(&p, 0, 0, 200, 150), after;

	enter_folder();
	write_file("a", p.data, p.stride * 150);
	p.data[70 * p.stride + 130 * 4] ^= 1;
	p.data[149 * p.stride + 199 * 4 + 3] ^= 0x80;
	after = reference_crc32(&p, 0, 0, 200, 150);
	write_file("b", p.data, p.stride * 150);

	check_int(sum(WORDS("--diff", "--size=200x150", "--png=d.png", "a", "b")), 0);
	snprintf(expected, sizeof(expected),
		"%08x  200x150 ARGB8888  a\n%08x  200x150 ARGB8888  b\n"
		"2 of 12 tiles changed\n  128,64 64x64\n  192,128 8x22\n",
		before, after);
	check_str(output, expected);

	read_rgb("d.png", &rgb[0][0][0], 200, 150);
	for (uint32_t y = 0; y < 150; y++) {
		for (uint32_t x = 0; x < 200; x++) {
			const uint8_t *pixel = p.data + y * p.stride + x * 4;
			bool changed = (x >= 128 && x < 192 && y >= 64 && y < 128) ||
				       (x >= 192 && y >= 128);

			check(changed ? rgb[y][x][0] >= 127 : rgb[y][x][0] == pixel[2]);
			check(changed ? rgb[y][x][1] < 128 : rgb[y][x][1] == pixel[1]);
			check(changed ? rgb[y][x][2] < 128 : rgb[y][x][2] == pixel[0]);
		}
	}

	check_int(sum(WORDS("--diff", "--brief", "--size=200x150", "a", "a")), 0);
	check(strstr(output, "\n0 of 12 tiles changed\n") != NULL);
	free(p.memory);
}

static const char *get_string(struct json_object *object, const char *name)
{
	return json_object_get_string(json_object_object_get(object, name));
}

TEST(json)
{
	uint64_t state = 4;
	struct picture p = make_picture(&state, 65, 64, 2, 0, 0);
	struct json_object *object, *tiles, *box;
	char sum_text[9];

	enter_folder();
	write_file("a", p.data, p.stride * 64);
	check_int(sum(WORDS("--json", "--size=65x64", "--format=RG16", "a")), 0);
	object = json_tokener_parse(output);
	snprintf(sum_text, sizeof(sum_text), "%08x", reference_crc32(&p, 0, 0, 65, 64));
	check_str(get_string(object, "sum"), sum_text);
	check_str(get_string(object, "format"), "RGB565");
	check_str(get_string(object, "file"), "a");
	check_int(json_object_get_int(json_object_object_get(object, "width")), 65);
	tiles = json_object_array_get_idx(json_object_object_get(object, "tiles"), 0);
	check_int(json_object_array_length(tiles), 2);
	snprintf(sum_text, sizeof(sum_text), "%08x", reference_crc32(&p, 64, 0, 1, 64));
	check_str(json_object_get_string(json_object_array_get_idx(tiles, 1)), sum_text);
	json_object_put(object);

	p.data[64 * 2] ^= 1;
	write_file("b", p.data, p.stride * 64);
	check_int(sum(WORDS("--json", "--diff", "--size=65x64", "--format=RG16", "a", "b")), 0);
	object = json_tokener_parse(output);
	check_str(get_string(json_object_object_get(object, "after"), "file"), "b");
	check_int(json_object_get_int(json_object_object_get(object, "changed_tiles")), 1);
	box = json_object_array_get_idx(json_object_object_get(object, "changed"), 0);
	check_str(json_object_to_json_string_ext(box, JSON_C_TO_STRING_PLAIN), "[64,0,1,64]");
	json_object_put(object);
	free(p.memory);
}

TEST(bad_files)
{
	static uint8_t data[4096];
	struct stat st;

	enter_folder();
	check_int(sum(WORDS("nothing")), 1);
	check_error("wltex sum: nothing: No such file or directory\n");
	check_int(sum(WORDS("/")), 1);
	check_error("wltex sum: /: Is a directory\n");
	check_int(sum(WORDS("--size=4x4", "/")), 1);
	check_error("wltex sum: /: Is a directory\n");
	write_file("a", data, 100);
	check_int(sum(WORDS("a")), 1);
	check_error("wltex sum: a: not a PNG; raw frames need --size\n");
	check_int(sum(WORDS("--size=10x10", "a")), 1);
	check_error("wltex sum: a: 100 bytes are too few for 10x10 ARGB8888: that is 400\n");
	check_int(sum(WORDS("--size=5x4", "a")), 1);
	check_error("wltex sum: a: it has more than the 80 bytes of 5x4 ARGB8888\n");
	check_int(sum(WORDS("--size=65536x65536", "a")), 1);
	check_error("wltex sum: a: 65536x65536 ARGB8888 is too large\n");

	/* What could be read is printed all the same. */
	check_int(sum(WORDS("--brief", "--size=5x5", "nothing", "a")), 1);
	check_error("wltex sum: nothing: No such file or directory\n");
	check(strstr(output, "5x5 ARGB8888  a\n") != NULL);

	/* A PNG that ends early, wherever that is. */
	write_png("c.png", PNG_FORMAT_GRAY, 20, data);
	check_int(stat("c.png", &st), 0);
	for (off_t size = st.st_size - 1; size >= 0; size--) {
		check_int(truncate("c.png", size), 0);
		check_int(sum(WORDS("c.png")), 1);
		check_error("wltex sum: c.png: ");
		check_str(output, "");
	}
	write_png("c.png", PNG_FORMAT_GRAY, 20, data);
	write_png("d.png", PNG_FORMAT_GRAY, 21, data);
	check_int(sum(WORDS("--diff", "c.png", "d.png")), 1);
	check_error("wltex sum: c.png is 20x20, d.png is 21x21\n");
	check_int(sum(WORDS("--diff", "--png=/nothing/d.png", "c.png", "c.png")), 1);
	check_error("wltex sum: /nothing/d.png: ");
}

/* The same as the processor's, and zlib says so. */
TEST(method_gpu)
{
	static char cpu[sizeof(output)];
	uint64_t state = 7;
	struct picture p = make_picture(&state, 130, 66, 4, 12, 0);
	char expected[64];

	enter_folder();
	write_file("a", p.data, p.stride * 65 + 520);
	check_int(sum(WORDS("--size=130x66", "--stride=532", "--method=cpu", "a")), 0);
	strcpy(cpu, output);
	if (sum(WORDS("--size=130x66", "--stride=532", "--method=gpu", "a")) != 0) {
		check_error("wltex sum: a: ");
		test_skip("%.*s", (int)strcspn(errors, "\n"), errors);
	}
	check_starts(output, cpu);
	snprintf(expected, sizeof(expected), "%08x  zlib; 6 of 6 tiles equal\n",
		reference_crc32(&p, 0, 0, 130, 66));
	check_str(output + strlen(cpu), expected);
	check_int(sum(WORDS("--size=130x66", "--stride=532", "--method=gpu", "--json", "a")), 0);
	check(strstr(output, "\"equal_tiles\":6}") != NULL);
	/* Not of 4 bytes. */
	check_int(sum(WORDS("--size=130x66", "--format=RG16", "--stride=532", "--method=gpu", "a")),
		1);
	check_error("wltex sum: a: the GPU does not sum it: ");
	free(p.memory);
}

TEST(usage)
{
	check_int(sum(WORDS(NULL)), 2);
	check_int(sum(WORDS("--diff", "a")), 2);
	check_int(sum(WORDS("--diff", "a", "b", "c")), 2);
	check_int(sum(WORDS("--png=x", "a", "b")), 2);
	check_int(sum(WORDS("--stride=64", "a")), 2);
	check_int(sum(WORDS("--size=17x1", "--stride=64", "a")), 2);
	check_int(sum(WORDS("--size=0x1", "a")), 2);
	check_int(sum(WORDS("--format=NV12", "a")), 2);
	check_int(sum(WORDS("--method=abacus", "a")), 2);
	check_int(sum(WORDS("--method=gpu", "--diff", "a", "b")), 2);
	check_int(sum(WORDS("--frobnicate", "a")), 2);
	check_int(sum(WORDS("--size")), 2);
	check_str(output, "");
	check_int(sum(WORDS("--help")), 0);
	check_starts(output, "Usage: wltex sum ");
}
