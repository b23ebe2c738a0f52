/* SPDX-License-Identifier: MIT */
/*
 * What attach and release cost beside the bare EGL and GL calls that they must make.
 * All methods take turns in one process; each row is the median of the rounds, its ratio
 * the median of the ratios to the bare calls in the same round.
 */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GLES2/gl2.h>
#include <GLES2/gl2ext.h>
#include <drm_fourcc.h>

#include <wltex/wltex.h>

#define EXIT_SKIP 77
#define MAX_ROUNDS 1001

struct bench {
	EGLDisplay display;
	EGLContext gl, sharing; // the caller's, which is current; one that shares with it
	PFNEGLCREATEIMAGEKHRPROC create_image;
	PFNEGLDESTROYIMAGEKHRPROC destroy_image;
	PFNGLEGLIMAGETARGETTEXTURE2DOESPROC image_target_texture;
	struct wltex_dmabuf_attributes attributes;
	struct wltex_dmabuf *dmabuf, *other; // two of the same memory
	pixman_region32_t damage;            // a small part of it
	uint32_t sum;                        // of its content
	/* In the caller's context, and in one that shares with it. */
	struct wltex_context *current, *shared;
	struct wltex_texture *texture, *switching;
};

static void fail(const char *what)
{
	fprintf(stderr, "bench-attach: %s failed\n", what);
	exit(EXIT_FAILURE);
}

/* One cycle of each method. */
static void bare(struct bench *b)
{
	const struct wltex_dmabuf_attributes *a = &b->attributes;
	const EGLint attribs[] = {EGL_WIDTH, a->width, EGL_HEIGHT, a->height,
		EGL_LINUX_DRM_FOURCC_EXT, (EGLint)a->format, EGL_DMA_BUF_PLANE0_FD_EXT,
		a->planes[0].fd, EGL_DMA_BUF_PLANE0_OFFSET_EXT, (EGLint)a->planes[0].offset,
		EGL_DMA_BUF_PLANE0_PITCH_EXT, (EGLint)a->planes[0].stride,
		EGL_DMA_BUF_PLANE0_MODIFIER_LO_EXT, (EGLint)(a->modifier & 0xffffffff),
		EGL_DMA_BUF_PLANE0_MODIFIER_HI_EXT, (EGLint)(a->modifier >> 32), EGL_NONE};
	EGLImageKHR image =
		b->create_image(b->display, EGL_NO_CONTEXT, EGL_LINUX_DMA_BUF_EXT, NULL, attribs);
	GLuint name = 0;

	if (image == EGL_NO_IMAGE_KHR)
		fail("eglCreateImage");
	glGenTextures(1, &name);
	glBindTexture(GL_TEXTURE_2D, name);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_LINEAR);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
	b->image_target_texture(GL_TEXTURE_2D, image);
	glDeleteTextures(1, &name);
	b->destroy_image(b->display, image);
}

static void attach(struct bench *b, struct wltex_texture *texture, struct wltex_attach attach,
	enum wltex_state state)
{
	attach.dmabuf = b->dmabuf;
	if (wltex_texture_attach(texture, &attach, NULL) != (int)state)
		fail("wltex_texture_attach");
}

static void attach_and_release(
	struct bench *b, struct wltex_texture *texture, struct wltex_attach options)
{
	attach(b, texture, options, WLTEX_STATE_IMPORTED);
	wltex_texture_release(texture, WLTEX_REASON_RELEASED);
}

static void without_sums(struct bench *b)
{
	attach_and_release(b, b->texture, (struct wltex_attach){.no_reading = true});
}

static void without_sums_switching(struct bench *b)
{
	attach_and_release(b, b->switching, (struct wltex_attach){.no_reading = true});
}

/* Attach takes the place of a release: the old pair is destroyed and the new one made. */
static void replace(struct bench *b, struct wltex_texture *texture)
{
	struct wltex_dmabuf *next = b->other;

	b->other = b->dmabuf;
	b->dmabuf = next;
	attach(b, texture, (struct wltex_attach){.no_reading = true}, WLTEX_STATE_IMPORTED);
}

static void replaced(struct bench *b)
{
	replace(b, b->texture);
}

static void replaced_switching(struct bench *b)
{
	replace(b, b->switching);
}

static void on_access(struct bench *b)
{
	attach(b, b->switching, (struct wltex_attach){.when = WLTEX_ON_ACCESS},
		WLTEX_STATE_NOT_ASKED);
	wltex_texture_release(b->switching, WLTEX_REASON_RELEASED);
}

static void promised(struct bench *b)
{
	attach_and_release(b, b->texture, (struct wltex_attach){.has_sum = true, .sum = b->sum});
}

static void sums_of_damage(struct bench *b)
{
	attach_and_release(b, b->texture, (struct wltex_attach){.damage = &b->damage});
}

static void sums_of_all(struct bench *b)
{
	attach_and_release(b, b->texture, (struct wltex_attach){0});
}

/* What the rest is made of: a query, and a switch there and back. */
static void query(struct bench *b)
{
	if (eglGetCurrentContext() != b->gl)
		fail("eglGetCurrentContext");
}

static void switch_twice(struct bench *b)
{
	if (!eglMakeCurrent(b->display, EGL_NO_SURFACE, EGL_NO_SURFACE, b->sharing) ||
		!eglMakeCurrent(b->display, EGL_NO_SURFACE, EGL_NO_SURFACE, b->gl))
		fail("eglMakeCurrent");
}

/* The dmabuf is attached before, and not released after. */
static void reuse_damage(struct bench *b)
{
	attach(b, b->texture, (struct wltex_attach){.damage = &b->damage}, WLTEX_STATE_REUSED);
}

static void reuse_all(struct bench *b)
{
	attach(b, b->texture, (struct wltex_attach){0}, WLTEX_STATE_REUSED);
}

static const struct method {
	const char *key, *name;
	void (*cycle)(struct bench *b);
	int n_cycles; // in a round
	bool attached;
} methods[] = {
	{"bare", "bare EGL and GL calls", bare, 200, false},
	{"query", "one eglGetCurrentContext", query, 200, false},
	{"switch", "to another GL context and back", switch_twice, 200, false},
	{"no_sums", "attach + release, no sums", without_sums, 200, false},
	{"no_sums_switching", "  in a GL context of its own", without_sums_switching, 200, false},
	{"replaced", "attach of another, no sums", replaced, 200, false},
	{"replaced_switching", "  in a GL context of its own", replaced_switching, 200, false},
	{"on_access", "attach + release, nobody asks", on_access, 200, false},
	{"promised", "attach + release, promised sum", promised, 200, false},
	{"sums_damage", "attach + release, sums, 64x64 damaged", sums_of_damage, 100, false},
	{"sums_all", "attach + release, sums, all damaged", sums_of_all, 5, false},
	{"reuse_damage", "attach again unchanged, 64x64 damaged", reuse_damage, 200, true},
	{"reuse_all", "attach again unchanged, all damaged", reuse_all, 5, true},
};
#define N_METHODS (sizeof(methods) / sizeof(methods[0]))

static bool start_gl(struct bench *b)
{
	static const EGLint attribs[] = {EGL_CONTEXT_CLIENT_VERSION, 2, EGL_NONE};
	PFNEGLGETPLATFORMDISPLAYEXTPROC get_display =
		(PFNEGLGETPLATFORMDISPLAYEXTPROC)eglGetProcAddress("eglGetPlatformDisplayEXT");

	if (get_display != NULL)
		b->display = get_display(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, NULL);
	if (b->display == EGL_NO_DISPLAY || !eglInitialize(b->display, NULL, NULL))
		return false;
	eglBindAPI(EGL_OPENGL_ES_API);
	b->gl = eglCreateContext(b->display, EGL_NO_CONFIG_KHR, EGL_NO_CONTEXT, attribs);
	b->sharing = eglCreateContext(b->display, EGL_NO_CONFIG_KHR, b->gl, attribs);
	b->create_image = (PFNEGLCREATEIMAGEKHRPROC)eglGetProcAddress("eglCreateImageKHR");
	b->destroy_image = (PFNEGLDESTROYIMAGEKHRPROC)eglGetProcAddress("eglDestroyImageKHR");
	b->image_target_texture = (PFNGLEGLIMAGETARGETTEXTURE2DOESPROC)eglGetProcAddress(
		"glEGLImageTargetTexture2DOES");
	return eglMakeCurrent(b->display, EGL_NO_SURFACE, EGL_NO_SURFACE, b->gl);
}

static void make_dmabuf(struct bench *b, int32_t width, int32_t height)
{
	size_t size = (size_t)width * (size_t)height * 4;
	int fd = memfd_create("bench", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	uint8_t *data;

	if (fd < 0 || ftruncate(fd, (off_t)size) != 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) != 0)
		fail("memfd_create");
	data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (data == MAP_FAILED)
		fail("mmap");
	for (size_t i = 0; i < size; i++)
		data[i] = (uint8_t)(i * 2654435761u >> 13);
	b->sum = wltex_sum_bytes(0, data, size);
	munmap(data, size);
	b->attributes = (struct wltex_dmabuf_attributes){
		.width = width,
		.height = height,
		.format = DRM_FORMAT_XRGB8888,
		.modifier = DRM_FORMAT_MOD_LINEAR,
		.n_planes = 1,
		.planes = {{.fd = fd, .stride = (uint32_t)width * 4}},
	};
	b->dmabuf = wltex_dmabuf_create(&b->attributes, NULL);
	b->other = wltex_dmabuf_create(&b->attributes, NULL);
	if (b->dmabuf == NULL || b->other == NULL)
		fail("wltex_dmabuf_create");
	pixman_region32_init_rect(&b->damage, 64, 64, 64, 64);
}

static bool start_wltex(struct bench *b)
{
	struct wltex_context_options options = {
		.mode = WLTEX_CONTEXT_SHARED,
		.display = b->display,
		.share = b->gl,
	};

	b->current = wltex_context_create(NULL);
	b->shared = wltex_context_create(&options);
	if (b->current == NULL || b->shared == NULL)
		fail("wltex_context_create");
	b->texture = wltex_texture_create(b->current, NULL, NULL, NULL);
	b->switching = wltex_texture_create(b->shared, NULL, NULL, NULL);
	if (b->texture == NULL || b->switching == NULL)
		fail("wltex_texture_create");
	return wltex_context_get_capabilities(b->current)->dmabuf_import;
}

static void finish(struct bench *b)
{
	wltex_texture_destroy(b->texture);
	wltex_texture_destroy(b->switching);
	wltex_context_destroy(b->shared);
	wltex_context_destroy(b->current);
	wltex_dmabuf_destroy(b->dmabuf);
	wltex_dmabuf_destroy(b->other);
	close(b->attributes.planes[0].fd);
	pixman_region32_fini(&b->damage);
	eglMakeCurrent(b->display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
	eglDestroyContext(b->display, b->sharing);
	eglDestroyContext(b->display, b->gl);
}

static double get_time_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* Microseconds for one cycle. */
static double measure(struct bench *b, const struct method *method)
{
	double start, end;

	if (method->attached)
		attach(b, b->texture, (struct wltex_attach){0}, WLTEX_STATE_IMPORTED);
	method->cycle(b);
	start = get_time_us();
	for (int i = 0; i < method->n_cycles; i++)
		method->cycle(b);
	end = get_time_us();
	wltex_texture_release(b->texture, WLTEX_REASON_RELEASED);
	wltex_texture_release(b->switching, WLTEX_REASON_RELEASED);
	return (end - start) / method->n_cycles;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(const double values[], int n)
{
	static double sorted[MAX_ROUNDS];

	memcpy(sorted, values, (size_t)n * sizeof(*values));
	qsort(sorted, (size_t)n, sizeof(*sorted), compare);
	return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

static double times[N_METHODS][MAX_ROUNDS], ratios[N_METHODS][MAX_ROUNDS];

static void run(struct bench *b, int n_rounds)
{
	for (int round = -1; round < n_rounds; round++) {
		for (size_t i = 0; i < N_METHODS; i++) {
			/* Another one first in each round; the first round warms up. */
			size_t m = (i + (size_t)(round + 1)) % N_METHODS;
			double time = measure(b, &methods[m]);
			if (round >= 0)
				times[m][round] = time;
		}
		for (size_t m = 0; m < N_METHODS && round >= 0; m++)
			ratios[m][round] = times[m][round] / times[0][round];
	}
}

static void print(const struct bench *b, int n_rounds, bool json)
{
	printf(json ? "{\"width\": %d, \"height\": %d, \"rounds\": %d, \"methods\": {\n"
		    : "%dx%d, median of %d rounds\n",
		b->attributes.width, b->attributes.height, n_rounds);
	if (!json)
		printf("%-40s %10s %8s\n", "", "us", "ratio");
	for (size_t m = 0; m < N_METHODS; m++) {
		double time = median(times[m], n_rounds), ratio = median(ratios[m], n_rounds);
		if (json)
			printf("  \"%s\": {\"us\": %.3f, \"ratio\": %.4f}%s\n", methods[m].key,
				time, ratio, m + 1 < N_METHODS ? "," : "");
		else
			printf("%-40s %10.2f %8.3f\n", methods[m].name, time, ratio);
	}
	if (json)
		puts("}}");
}

static void usage(void)
{
	puts("Usage: bench-attach [--rounds N] [--size WxH] [--json]");
}

int main(int argc, char *argv[])
{
	static const struct option options[] = {{"rounds", required_argument, NULL, 'r'},
		{"size", required_argument, NULL, 's'}, {"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'}, {0}};
	int rounds = 51, width = 1920, height = 1080, option;
	struct bench b = {0};
	bool json = false;

	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (option == 'r')
			rounds = atoi(optarg);
		else if (option == 's' && sscanf(optarg, "%dx%d", &width, &height) != 2)
			width = 0;
		else if (option == 'j')
			json = true;
		if (option == 'h' || option == '?') {
			usage();
			return option == 'h' ? EXIT_SUCCESS : 2;
		}
	}
	if (optind < argc || rounds < 1 || rounds > MAX_ROUNDS || width < 128 || width > 16384 ||
		height < 128 || height > 16384) {
		usage();
		return 2;
	}
	if (!start_gl(&b)) {
		puts("SKIP: no surfaceless GL ES context");
		return EXIT_SKIP;
	}
	make_dmabuf(&b, width, height);
	if (!start_wltex(&b)) {
		puts("SKIP: EGL cannot import dmabufs");
		return EXIT_SKIP;
	}
	run(&b, rounds);
	print(&b, rounds, json);
	finish(&b);
	return EXIT_SUCCESS;
}
