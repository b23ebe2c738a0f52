/* SPDX-License-Identifier: MIT */
/*
 * Sums on the GPU beside a program that only reads the texture, a copy of the texture, and the
 * CPU's kernel on a mapping of the same bytes. All take turns in one process; each row is the
 * median of the rounds, its ratio the median of the ratios to the reading in the same round.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <GLES3/gl31.h>
#include <drm_fourcc.h>

#include "core/gpu.h"
#include "core/upload.h"
#include "util/clock.h"

#define EXIT_SKIP 77
#define MAX_ROUNDS 101

struct bench {
	struct wltex_context *context;
	struct core_guard guard;
	struct wltex_gpu_sum *sum;
	struct wltex_sum *cpu;
	struct wltex_pixels pixels;
	struct core_pair from, to;
	GLuint reader, framebuffer, result;
	int repeats; // of each method in a round
};

static void fail(const char *what)
{
	fprintf(stderr, "bench-gpu-sum: %s failed\n", what);
	exit(EXIT_FAILURE);
}

/* As many threads, and as many pixels for each, as in the program that sums. */
static const char reader_source[] =
	"#version 310 es\n"
	"precision highp float;\n"
	"layout(local_size_x = 16, local_size_y = 16) in;\n"
	"layout(binding = 0) uniform highp sampler2D image;\n"
	"layout(std430, binding = 0) buffer Result { uint result; };\n"
	"void main()\n"
	"{\n"
	"	vec4 all = vec4(0.0);\n"
	"	ivec2 at = ivec2(gl_WorkGroupID.xy * 64u + gl_LocalInvocationID.xy);\n"
	"	for (int y = 0; y < 64; y += 16) {\n"
	"		for (int x = 0; x < 64; x += 16)\n"
	"			all += texelFetch(image, at + ivec2(x, y), 0);\n"
	"	}\n"
	/* Never so, but nobody knows. */
	"	if (all.x < 0.0)\n"
	"		result = floatBitsToUint(all.x + all.y + all.z + all.w);\n"
	"}\n";

static void read_texture(struct bench *b)
{
	const struct gpu_procs *procs = &b->context->gpu->procs;

	glUseProgram(b->reader);
	procs->bind_buffer_base(GL_SHADER_STORAGE_BUFFER, 0, b->result);
	glBindTexture(GL_TEXTURE_2D, b->from.name);
	procs->dispatch((b->pixels.width + 63) / 64, (b->pixels.height + 63) / 64, 1);
}

static void sum_texture(struct bench *b)
{
	gpu_sum_dispatch(b->sum, &b->from);
}

static void copy_texture(struct bench *b)
{
	glBindTexture(GL_TEXTURE_2D, b->to.name);
	glCopyTexSubImage2D(
		GL_TEXTURE_2D, 0, 0, 0, 0, 0, (GLsizei)b->pixels.width, (GLsizei)b->pixels.height);
}

static void sum_mapping(struct bench *b)
{
	const struct wltex_sum_pixels pixels = {b->pixels.data, b->pixels.stride};

	wltex_sum_update(b->cpu, &pixels, NULL, NULL);
}

static const struct method {
	const char *name;
	void (*run)(struct bench *b);
} methods[] = {
	{"GPU: only reads", read_texture},
	{"GPU: sums and compares", sum_texture},
	{"GPU: copies", copy_texture},
	{"CPU: sums and compares", sum_mapping},
};
#define N_METHODS (sizeof(methods) / sizeof(methods[0]))

static void create_reader(struct bench *b)
{
	const char *text = reader_source;
	GLuint shader = glCreateShader(GL_COMPUTE_SHADER);
	GLint linked = GL_FALSE;

	b->reader = glCreateProgram();
	glShaderSource(shader, 1, &text, NULL);
	glCompileShader(shader);
	glAttachShader(b->reader, shader);
	glDeleteShader(shader);
	glLinkProgram(b->reader);
	glGetProgramiv(b->reader, GL_LINK_STATUS, &linked);
	if (!linked)
		fail("the program that reads");
	glGenBuffers(1, &b->result);
	glBindBuffer(GL_SHADER_STORAGE_BUFFER, b->result);
	glBufferData(GL_SHADER_STORAGE_BUFFER, 16, NULL, GL_DYNAMIC_COPY);
}

static void create_textures(struct bench *b)
{
	const struct core_upload_format *format = core_upload_find(b->context, DRM_FORMAT_ABGR8888);

	if (core_upload_make(&b->from, b->context, format, &b->pixels) < 0 ||
		core_upload_make(&b->to, b->context, format, &b->pixels) < 0)
		fail("a texture");
	glGenFramebuffers(1, &b->framebuffer);
	glBindFramebuffer(GL_FRAMEBUFFER, b->framebuffer);
	glFramebufferTexture2D(
		GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, b->from.name, 0);
	if (glCheckFramebufferStatus(GL_FRAMEBUFFER) != GL_FRAMEBUFFER_COMPLETE)
		fail("a framebuffer");
}

static void wait_for_result(struct bench *b)
{
	struct wltex_gpu_sum_result result;
	int ret;

	while ((ret = wltex_gpu_sum_finish(b->sum, &result)) == -EAGAIN)
		usleep(100);
	if (ret < 0)
		fail("a look");
}

static void begin(struct bench *b, uint32_t width, uint32_t height)
{
	size_t stride = (size_t)width * 4;
	uint8_t *data = malloc(stride * height);

	for (size_t i = 0; i < stride * height; i++)
		data[i] = (uint8_t)(i * 2654435761u >> 13);
	b->pixels = (struct wltex_pixels){data, width, height, stride, DRM_FORMAT_ABGR8888};
	b->cpu = wltex_sum_create(width, height, 4);
	b->sum = wltex_gpu_sum_create(b->context);
	if (b->sum == NULL) {
		printf("no sums on this GPU: %s\n", strerror(errno));
		exit(EXIT_SKIP);
	}
	if (wltex_gpu_sum_start(b->sum, &(struct wltex_gpu_look){.pixels = &b->pixels}) < 0)
		fail("a look");
	wait_for_result(b);
	if (core_enter(&b->guard, b->context) < 0)
		fail("the context");
	create_reader(b);
	create_textures(b);
}

static void end(struct bench *b)
{
	glDeleteFramebuffers(1, &b->framebuffer);
	glDeleteBuffers(1, &b->result);
	glDeleteProgram(b->reader);
	core_pair_finish(&b->from, b->context);
	core_pair_finish(&b->to, b->context);
	core_leave(&b->guard);
	wltex_gpu_sum_destroy(b->sum);
	wltex_sum_destroy(b->cpu);
	free((void *)b->pixels.data);
}

static double time_ns(struct bench *b, const struct method *method)
{
	uint64_t begin_ns;

	glFinish();
	begin_ns = wltex_now_ns();
	for (int i = 0; i < b->repeats; i++)
		method->run(b);
	glFinish();
	return (double)(wltex_now_ns() - begin_ns) / b->repeats;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, int n)
{
	qsort(values, (size_t)n, sizeof(*values), compare);
	return values[n / 2];
}

static void measure(struct bench *b, int rounds)
{
	static double ns[N_METHODS][MAX_ROUNDS], ratios[N_METHODS][MAX_ROUNDS];
	double bytes = (double)b->pixels.stride * b->pixels.height;

	for (int round = -1; round < rounds; round++) {
		for (size_t m = 0; m < N_METHODS; m++) {
			double time = time_ns(b, &methods[m]);

			/* The first round is a warm-up. */
			if (round < 0)
				continue;
			ns[m][round] = time;
			ratios[m][round] = ns[0][round] / time;
		}
	}
	printf("%ux%u\n", b->pixels.width, b->pixels.height);
	for (size_t m = 0; m < N_METHODS; m++)
		printf("  %-24s %9.3f ms %8.2f GB/s %7.2f\n", methods[m].name,
			median(ns[m], rounds) / 1e6, bytes / median(ns[m], rounds),
			median(ratios[m], rounds));
	if (glGetError() != GL_NO_ERROR)
		fail("GL");
}

/* The last number: to what the reading does. */
static void run(struct bench *b, uint32_t width, uint32_t height, int rounds)
{
	begin(b, width, height);
	measure(b, rounds);
	end(b);
}

int main(int argc, char *argv[])
{
	const struct wltex_context_options options = {.mode = WLTEX_CONTEXT_OWN, .render_fd = -1};
	struct bench b = {.context = wltex_context_create(&options), .repeats = 1};
	const char *renderer;
	int rounds = argc > 1 ? atoi(argv[1]) : 11; // NOLINT(cert-err34-c): ours
	bool software;

	if (b.context == NULL) {
		printf("no GL\n");
		return EXIT_SKIP;
	}
	if (rounds < 1 || rounds > MAX_ROUNDS)
		return EXIT_FAILURE;
	renderer = wltex_context_get_capabilities(b.context)->renderer;
	software = wltex_context_get_capabilities(b.context)->software;
	b.repeats = software ? 1 : 50;
	printf("%s%s; medians of %d rounds, the last column is to the reading\n", renderer,
		software ? ", WHICH IS NO GPU: figures of a processor" : "", rounds);
	run(&b, 1920, 1080, rounds);
	run(&b, 3840, 2160, rounds);
	wltex_context_destroy(b.context);
	return EXIT_SUCCESS;
}
