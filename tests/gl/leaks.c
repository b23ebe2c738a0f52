/* SPDX-License-Identifier: MIT */
/* Nothing piles up: fds, images, texture names, memory. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "gl.h"

#define WARM_UP 500

/* The most by which many thousand cycles may grow the process, in KiB. */
#define SLACK 1024

/* Sanitizers and valgrind keep freed memory. */
static bool is_instrumented(void)
{
	const char *preload = getenv("LD_PRELOAD");

#if defined(__SANITIZE_ADDRESS__)
	return true;
#endif
	return preload != NULL && strstr(preload, "vgpreload") != NULL;
}

static long get_rss(void)
{
	long size = 0, rss = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	check(file != NULL && fscanf(file, "%ld %ld", &size, &rss) == 2);
	fclose(file);
	return rss * (sysconf(_SC_PAGESIZE) / 1024);
}

/* Names are handed out from the lowest that is free. */
static GLuint get_free_name(void)
{
	GLuint name = 0;

	glGenTextures(1, &name);
	glDeleteTextures(1, &name);
	return name;
}

struct run {
	struct gl_fixture f;
	struct gl_spy *spy;
	struct gl_buffer a, b;
	int cycle;
};

static void check_flat(void (*cycle)(struct run *run), int n_cycles)
{
	struct run run = {0};
	long rss = 0;
	int n_fds = 0;

	if (is_instrumented() && n_cycles > 2 * WARM_UP)
		n_cycles = 2 * WARM_UP;
	gl_fixture_init(&run.f, WLTEX_CONTEXT_SHARED);
	run.spy = gl_spy(run.f.context);
	gl_buffer_create(&run.a, 640, 360, DRM_FORMAT_XRGB8888);
	gl_buffer_create(&run.b, 640, 360, DRM_FORMAT_XRGB8888);
	for (run.cycle = 0; run.cycle < n_cycles; run.cycle++) {
		if (run.cycle == WARM_UP) {
			rss = get_rss();
			n_fds = test_count_fds();
		}
		cycle(&run);
		run.f.record.text[0] = '\0';
		check(run.spy->images <= 1);
	}
	check_int(test_count_fds(), n_fds);
	check(get_free_name() <= 16);
	long growth = get_rss() - rss;
	printf("# %d cycles: %ld KiB more\n", n_cycles - WARM_UP, growth);
	check(growth <= SLACK || is_instrumented());
	check(run.f.record.peak_live <= 1);
	gl_check_ledger(&run.f);
	run.f.log.errors = 0;
	gl_fixture_finish(&run.f);
	check_int(run.spy->images, 0);
	gl_buffer_destroy(&run.a);
	gl_buffer_destroy(&run.b);
}

static void attach_and_release(struct run *run)
{
	pixman_region32_t damage;

	pixman_region32_init_rect(&damage, 0, 0, 16, 16);
	check_int(wltex_texture_attach_dmabuf(run->f.texture, run->a.dmabuf, &damage),
		WLTEX_STATE_IMPORTED);
	check_int(wltex_texture_release(run->f.texture, WLTEX_REASON_RELEASED), 0);
	pixman_region32_fini(&damage);
}

TEST(attach_and_release)
{
	check_flat(attach_and_release, 20000 + WARM_UP);
}

static void flip(struct run *run)
{
	struct gl_buffer *next = run->cycle % 2 == 0 ? &run->a : &run->b;
	pixman_region32_t damage;

	pixman_region32_init_rect(&damage, 0, 0, 16, 16);
	next->data[0]++;
	check_int(wltex_texture_attach_dmabuf(run->f.texture, next->dmabuf, &damage),
		WLTEX_STATE_IMPORTED);
	pixman_region32_fini(&damage);
}

TEST(flip)
{
	check_flat(flip, 10000);
}

static void reimport(struct run *run)
{
	pixman_region32_t damage;

	pixman_region32_init_rect(&damage, 0, 0, 16, 16);
	run->a.data[0]++;
	check_int(wltex_texture_attach_dmabuf(run->f.texture, run->a.dmabuf, &damage),
		run->cycle == 0 ? WLTEX_STATE_IMPORTED : WLTEX_STATE_REIMPORTED);
	pixman_region32_fini(&damage);
}

TEST(reimport)
{
	check_flat(reimport, 10000);
}

static void fail_to_make_image(struct run *run)
{
	run->spy->fail_image = true;
	gl_buffer_forget_failure(&run->a);
	check_int(wltex_texture_attach_dmabuf(run->f.texture, run->a.dmabuf, NULL), -EIO);
}

TEST(failing_images)
{
	check_flat(fail_to_make_image, 3000);
}

static void fail_to_make_texture(struct run *run)
{
	run->spy->fail_texture = true;
	gl_buffer_forget_failure(&run->a);
	check_int(wltex_texture_attach_dmabuf(run->f.texture, run->a.dmabuf, NULL), -EIO);
}

TEST(failing_textures)
{
	check_flat(fail_to_make_texture, 3000);
}

/* A buffer per frame, as some clients do, and each is destroyed while it is shown. */
static void new_buffer(struct run *run)
{
	struct gl_buffer buffer;

	gl_buffer_create(&buffer, 64, 64, DRM_FORMAT_XRGB8888);
	check_int(wltex_texture_attach_dmabuf(run->f.texture, buffer.dmabuf, NULL),
		WLTEX_STATE_IMPORTED);
	gl_buffer_destroy(&buffer);
}

TEST(new_buffers)
{
	check_flat(new_buffer, 5000);
}

static void refused_buffer(struct run *run)
{
	struct gl_buffer buffer;

	gl_buffer_create(&buffer, 64, 64, DRM_FORMAT_BGRX1010102);
	check_int(wltex_texture_attach_dmabuf(run->f.texture, buffer.dmabuf, NULL), -EINVAL);
	gl_buffer_destroy(&buffer);
}

TEST(refused_buffers)
{
	check_flat(refused_buffer, 5000);
}

static void pixels(struct run *run)
{
	const struct wltex_pixels pixels = {.data = run->a.data,
		.width = 30 + (uint32_t)(run->cycle / 2) % 7,
		.height = 20,
		.stride = 640,
		.format = run->cycle % 3 == 0 ? DRM_FORMAT_ABGR8888 : DRM_FORMAT_RGB565};

	run->a.data[run->cycle % 1000]++;
	check(wltex_texture_attach_pixels(run->f.texture, &pixels, NULL) >= 0);
}

TEST(pixels)
{
	check_flat(pixels, 5000);
}

static void texture_objects(struct run *run)
{
	struct wltex_texture *texture =
		wltex_texture_create(run->f.context, run->f.owner, &gl_listener, &run->f.record);

	check(texture != NULL);
	check_int(wltex_texture_attach_dmabuf(texture, run->a.dmabuf, NULL), WLTEX_STATE_IMPORTED);
	wltex_texture_destroy(texture);
}

TEST(texture_objects)
{
	check_flat(texture_objects, 3000);
}

/* Contexts, also such as cannot be made. */
static void contexts(struct run *run)
{
	struct wltex_context_options options = {.display = gl_display(), .render_fd = -1};
	bool fails = run->cycle % 100 == 0;

	/* One in 20 cycles: they take a while. */
	if (run->cycle % 20 != 0)
		return;
	options.mode = run->cycle % 40 == 0 ? WLTEX_CONTEXT_SHARED : WLTEX_CONTEXT_OWN;
	options.share = fails ? (EGLContext)&options : run->f.gl;
	struct wltex_context *context = wltex_context_create(&options);
	check((context == NULL) == (fails && options.mode == WLTEX_CONTEXT_SHARED));
	wltex_context_destroy(context);
}

TEST(contexts)
{
	check_flat(contexts, 4 * WARM_UP);
}

/* Fds of what textures show: each dmabuf's once, whoever shows it. */
TEST(fds_in_the_ledger)
{
	const struct wltex_counts *counts;
	struct wltex_texture *other;
	struct gl_fixture f;
	struct gl_buffer a, b;

	gl_fixture_init(&f, WLTEX_CONTEXT_SHARED);
	counts = wltex_ledger_get_counts(f.ledger);
	other = wltex_texture_create(f.context, f.owner, NULL, NULL);
	gl_buffer_create(&a, 64, 64, DRM_FORMAT_ARGB8888);
	gl_buffer_create(&b, 64, 64, DRM_FORMAT_ARGB8888);
	check_int(gl_attach_all(&f, &a), WLTEX_STATE_IMPORTED);
	check_int((long)counts->fds, 1);
	check(wltex_texture_attach_dmabuf(other, a.dmabuf, NULL) >= 0);
	check_int((long)counts->fds, 1);
	/* The first one shows another: the second one counts them now. */
	check_int(gl_attach_all(&f, &b), WLTEX_STATE_IMPORTED);
	check_int((long)counts->fds, 2);
	wltex_texture_destroy(other);
	check_int((long)counts->fds, 1);
	gl_buffer_destroy(&b);
	check_int((long)counts->fds, 0);
	check_int((long)counts->peak_fds, 2);
	gl_buffer_destroy(&a);
	gl_fixture_finish(&f);
}
