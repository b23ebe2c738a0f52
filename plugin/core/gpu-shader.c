/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/gpu.h"
#include "sum/poly.h"

/*
 * Polynomials as in sum/poly.h, in the components of a vector: modulo P, modulo Q, and modulo P
 * what the tile adds to the frame. Multiplications by what is known when a program is compiled
 * are written out, bit by bit: GPUs have no carry-less one, and tables in memory that threads
 * share are no faster.
 */

static const char version[] = "#version 310 es\n";
static const char external[] = "#extension GL_OES_EGL_image_external_essl3 : require\n"
			       "#define SAMPLER highp samplerExternalOES\n";
static const char internal[] = "#define SAMPLER highp sampler2D\n";

static const char common[] =
	"precision highp float;\n"
	"precision highp int;\n"
	"layout(std430, binding = 0) readonly buffer Look {\n"
	"	uvec2 size, grid;\n"
	"	uint mask_words, first;\n"
	"	uvec4 shifts;\n"
	"	uint dirty[];\n"
	"};\n"
	/* Of tiles but those of the last column, and of these: see gpu-shape.c. */
	"struct Tile { uvec4 step[32], weight[256]; };\n"
	"layout(std430, binding = 1) readonly buffer Shape {\n"
	"	Tile tiles[2];\n"
	"	uint place[];\n"
	"};\n"
	"layout(std430, binding = 2) buffer Sums { uvec4 sums[]; };\n"
	"bool is_dirty(uvec2 tile)\n"
	"{\n"
	"	return (dirty[tile.y * mask_words + tile.x / 32u] >> (tile.x % 32u) & 1u) != 0u;\n"
	"}\n"
	/* All bits set where that one is. */
	"uvec3 spread(uvec3 v, int bit) { return uvec3(bitfieldExtract(ivec3(v), bit, 1)); }\n"
	"uvec3 multiply(uvec3 a, uvec3 b)\n"
	"{\n"
	"	uvec3 product = uvec3(0u);\n"
	"	for (int bit = 31; bit >= 0; bit--) {\n"
	"		product ^= spread(a, bit) & b;\n"
	"		b = (b >> 1) ^ (spread(b, 0) & MODULI);\n"
	"	}\n"
	"	return product;\n"
	"}\n";

/* What a pixel is: its bytes, the first one lowest, to both moduli. */
static const char bytes[] = "uvec2 get_words(vec4 pixel)\n"
			    "{\n"
			    "	uvec4 v = uvec4(pixel * 255.0 + 0.5) << shifts;\n"
			    "	return uvec2(v.r | v.g | v.b | v.a);\n"
			    "}\n";

/*
 * Or two words that have little to do with each other, made of the bits of what was sampled. Each
 * step can be undone, so that a change of one component is one of both words.
 */
static const char samples[] =
	"uvec2 get_words(vec4 pixel)\n"
	"{\n"
	"	uvec4 v = floatBitsToUint(pixel);\n"
	"	uvec2 words = uvec2(0u);\n"
	"	for (int i = 0; i < 4; i++) {\n"
	"		words = (words ^ v[i]) * uvec2(0x9e3779b1u, 0x85ebca6bu);\n"
	"		words ^= words >> uvec2(15u, 13u);\n"
	"	}\n"
	"	return words;\n"
	"}\n";

static const char sum[] =
	"layout(local_size_x = 16, local_size_y = 16) in;\n"
	"layout(binding = 0) uniform SAMPLER image;\n"
	"shared uvec3 parts[256];\n"
	/* Outside of the tile is nothing. */
	"uvec2 get_pixel(ivec2 at, int left)\n"
	"{\n"
	"	return at.x < left ? uvec2(0u) : get_words(texelFetch(image, at, 0));\n"
	"}\n"
	"uvec3 sum_row(ivec2 at, int left)\n"
	"{\n"
	"	uvec2 row = by_48(get_pixel(at, left)) ^ by_32(get_pixel(at + ivec2(16, 0), left)) ^\n"
	"		by_16(get_pixel(at + ivec2(32, 0), left)) ^\n"
	"		get_pixel(at + ivec2(48, 0), left);\n"
	"	return row.xyx;\n"
	"}\n"
	"uvec3 step_down(uvec3 v, uint shape)\n"
	"{\n"
	"	uvec3 result = uvec3(0u);\n"
	"	for (int bit = 0; bit < 32; bit++)\n"
	"		result ^= spread(v, bit) & tiles[shape].step[bit].xyz;\n"
	"	return result;\n"
	"}\n"
	"uvec3 sum_rows(uvec2 tile, uint shape)\n"
	"{\n"
	"	ivec2 begin = ivec2(tile * 64u), end = min(begin + 64, ivec2(size));\n"
	"	ivec2 at = end - 64 + ivec2(gl_LocalInvocationID.xy);\n"
	"	uvec3 result = uvec3(0u);\n"
	"	for (int k = 0; k < 4; k++, at.y += 16) {\n"
	"		result = step_down(result, shape);\n"
	"		if (at.y >= begin.y)\n"
	"			result ^= sum_row(at, begin.x);\n"
	"	}\n"
	"	return result;\n"
	"}\n"
	"void main()\n"
	"{\n"
	"	uvec2 tile = gl_WorkGroupID.xy;\n"
	"	uint shape = tile.x == grid.x - 1u ? 1u : 0u, id = gl_LocalInvocationIndex;\n"
	"	if (!is_dirty(tile))\n"
	"		return;\n"
	"	parts[id] = multiply(sum_rows(tile, shape), tiles[shape].weight[id].xyz);\n"
	"	for (uint n = 128u; n > 0u; n /= 2u) {\n"
	"		memoryBarrierShared();\n"
	"		barrier();\n"
	"		if (id < n)\n"
	"			parts[id] ^= parts[id + n];\n"
	"	}\n"
	"	if (id == 0u)\n"
	"		sums[grid.x * grid.y + tile.y * grid.x + tile.x] = uvec4(parts[0], 0u);\n"
	"}\n";

static const char compare[] =
	"layout(local_size_x = 64) in;\n"
	"layout(std430, binding = 3) buffer Result { uint frame, n_changed, changed[]; };\n"
	"void main()\n"
	"{\n"
	"	uint i = gl_GlobalInvocationID.x, n = grid.x * grid.y;\n"
	"	uvec2 tile = uvec2(i % grid.x, i / grid.x);\n"
	"	if (i >= n || !is_dirty(tile))\n"
	"		return;\n"
	"	uvec3 kept = first != 0u ? uvec3(0u) : sums[i].xyz, found = sums[n + i].xyz;\n"
	"	sums[i] = uvec4(found, 0u);\n"
	"	if (first != 0u || kept.xy != found.xy) {\n"
	"		atomicOr(changed[tile.y * mask_words + tile.x / 32u], 1u << (tile.x % 32u));\n"
	"		atomicAdd(n_changed, 1u);\n"
	"	}\n"
	"	uvec3 part = multiply(uvec3(kept.z ^ found.z), uvec3(place[tile.x]));\n"
	"	atomicXor(frame, multiply(part, uvec3(place[grid.x + tile.y])).x);\n"
	"}\n";

static void print_common(FILE *file)
{
	fprintf(file, "#define MODULI uvec3(%#xu, %#xu, %#xu)\n", SUM_CRC32, SUM_CRC32C, SUM_CRC32);
	fputs(common, file);
}

/* A function that multiplies by what so many pixels to the right are. */
static void print_shift(FILE *file, unsigned int pixels)
{
	uint32_t p = sum_poly_power(SUM_CRC32, SUM_BYTE32, UINT64_C(4) * pixels);
	uint32_t q = sum_poly_power(SUM_CRC32C, SUM_BYTE32, UINT64_C(4) * pixels);

	fprintf(file, "uvec2 by_%u(uvec2 v)\n{\n\tivec2 s = ivec2(v);\n\tuvec2 r = uvec2(0u);\n",
		pixels);
	for (unsigned int bit = 0; bit < 32; bit++) {
		fprintf(file,
			"\tr ^= uvec2(bitfieldExtract(s, %u, 1)) & uvec2(%#" PRIx32 "u, %#" PRIx32
			"u);\n",
			bit, sum_poly_multiply(SUM_CRC32, UINT32_C(1) << bit, p),
			sum_poly_multiply(SUM_CRC32C, UINT32_C(1) << bit, q));
	}
	fputs("\treturn r;\n}\n", file);
}

static void print_sum(FILE *file, enum gpu_source source)
{
	fputs(source == GPU_EXTERNAL ? external : internal, file);
	print_common(file);
	print_shift(file, 16);
	print_shift(file, 32);
	print_shift(file, 48);
	fputs(source == GPU_BYTES ? bytes : samples, file);
	fputs(sum, file);
}

static void print_compare(FILE *file, enum gpu_source source)
{
	print_common(file);
	fputs(compare, file);
}

static char *make(void (*print)(FILE *file, enum gpu_source source), enum gpu_source source)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	bool failed;

	if (file == NULL)
		return NULL;
	fputs(version, file);
	print(file, source);
	failed = ferror(file) != 0;
	if (fclose(file) == 0 && !failed)
		return text;
	free(text);
	return NULL;
}

char *gpu_shader_make_sum(enum gpu_source source)
{
	return make(print_sum, source);
}

char *gpu_shader_make_compare(void)
{
	return make(print_compare, GPU_BYTES);
}
