/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gl.h"
#include "memory.h"
#include "core/core.h"
#include "dmabuf/dmabuf.h"
#include "dmabuf/format.h"

EGLDisplay gl_display(void)
{
	static EGLDisplay display;
	const char *extensions = eglQueryString(EGL_NO_DISPLAY, EGL_EXTENSIONS);
	PFNEGLGETPLATFORMDISPLAYEXTPROC get =
		(PFNEGLGETPLATFORMDISPLAYEXTPROC)eglGetProcAddress("eglGetPlatformDisplayEXT");

	if (display != EGL_NO_DISPLAY)
		return display;
	if (extensions == NULL || strstr(extensions, "EGL_MESA_platform_surfaceless") == NULL ||
		get == NULL)
		test_skip("EGL has no surfaceless platform");
	display = get(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, NULL);
	if (display == EGL_NO_DISPLAY || !eglInitialize(display, NULL, NULL))
		test_skip("no surfaceless EGL display");
	return display;
}

EGLContext gl_context_create(EGLContext share)
{
	EGLDisplay display = gl_display();
	EGLContext context = EGL_NO_CONTEXT;

	check(eglBindAPI(EGL_OPENGL_ES_API));
	for (EGLint version = 3; version >= 2 && context == EGL_NO_CONTEXT; version--) {
		const EGLint attribs[] = {EGL_CONTEXT_CLIENT_VERSION, version, EGL_NONE};
		context = eglCreateContext(display, EGL_NO_CONFIG_KHR, share, attribs);
	}
	if (context == EGL_NO_CONTEXT)
		test_skip("no GL ES context: %#x", (unsigned)eglGetError());
	return context;
}

void gl_make_current(EGLContext context)
{
	check(eglMakeCurrent(gl_display(), EGL_NO_SURFACE, EGL_NO_SURFACE, context));
}

bool gl_is_texture(GLuint name)
{
	return glIsTexture(name);
}

static void log_message(void *data, enum wltex_log_level level, const char *format, va_list args)
{
	struct gl_log *log = data;

	log->errors += level == WLTEX_LOG_ERROR;
	log->warnings += level == WLTEX_LOG_WARNING;
	vsnprintf(log->last, sizeof(log->last), format, args);
	/* Some tests make mistakes by the thousand. */
	if (log->n_printed++ < 20)
		printf("# %s\n", log->last);
}

struct wltex_logger gl_logger(struct gl_log *log)
{
	return (struct wltex_logger){.log = log_message, .data = log, .level = WLTEX_LOG_DEBUG};
}

static void add_word(struct gl_record *record, const char *state, const char *reason)
{
	size_t used = strlen(record->text);

	snprintf(record->text + used, sizeof(record->text) - used, "%s%s%s%s", used > 0 ? " " : "",
		state, reason[0] != '\0' ? ":" : "", reason);
}

static void on_destroying(void *data, struct wltex_texture *texture)
{
	struct gl_record *record = data;
	struct wltex_texture_info info = {0};

	check(wltex_texture_get(texture, &info));
	record->destroying = info.name;
	record->was_alive = gl_is_texture(info.name);
	add_word(record, "destroying", "");
}

static void on_event(void *data, struct wltex_texture *texture, const struct wltex_event *event)
{
	struct gl_record *record = data;
	struct wltex_texture_info info;

	record->last = *event;
	/* Changed pixels of memory are uploaded into the pair that is there. */
	if (event->state == WLTEX_STATE_IMPORTED ||
		(event->state == WLTEX_STATE_REIMPORTED && record->live == 0))
		record->live++;
	if (event->state == WLTEX_STATE_DESTROYED) {
		record->live--;
		record->destroyed = *event;
	}
	check(record->live >= 0);
	record->peak_live = record->live > record->peak_live ? record->live : record->peak_live;
	if (event->state == WLTEX_STATE_DESTROYED || event->state == WLTEX_STATE_FAILED ||
		event->state == WLTEX_STATE_REFUSED)
		check(!wltex_texture_get(texture, &info));
	else
		check(wltex_texture_get(texture, &info));
	add_word(record, wltex_state_name(event->state), wltex_reason_name(event->reason));
}

const struct wltex_texture_listener gl_listener = {.destroying = on_destroying, .event = on_event};

void gl_fixture_init(struct gl_fixture *fixture, enum wltex_context_mode mode)
{
	gl_fixture_init_with(fixture, (struct wltex_context_options){.mode = mode});
}

void gl_fixture_init_with(struct gl_fixture *fixture, struct wltex_context_options options)
{
	struct wltex_logger logger = gl_logger(&fixture->log);

	*fixture = (struct gl_fixture){0};
	fixture->gl = gl_context_create(EGL_NO_CONTEXT);
	gl_make_current(fixture->gl);
	fixture->ledger = wltex_ledger_create();
	check(fixture->ledger != NULL);
	fixture->owner = wltex_owner_create(fixture->ledger, 1234, "client");
	check(fixture->owner != NULL);

	options.display = gl_display();
	options.share = fixture->gl;
	options.render_fd = -1;
	options.ledger = fixture->ledger;
	options.logger = &logger;
	fixture->context = wltex_context_create(&options);
	check(fixture->context != NULL);
	if (!wltex_context_get_capabilities(fixture->context)->dmabuf_import)
		test_skip("EGL cannot import dmabufs");
	fixture->texture = wltex_texture_create(
		fixture->context, fixture->owner, &gl_listener, &fixture->record);
	check(fixture->texture != NULL);
}

void gl_fixture_finish(struct gl_fixture *fixture)
{
	const struct wltex_counts *counts = wltex_ledger_get_counts(fixture->ledger);

	check(eglGetCurrentContext() == fixture->gl);
	check_int(glGetError(), GL_NO_ERROR);
	wltex_texture_destroy(fixture->texture);
	check_int(counts->live_textures, 0);
	check_int(counts->live_bytes, 0);
	check_int(counts->imports + counts->reimports, counts->destroys);
	wltex_context_destroy(fixture->context);
	check_int(fixture->log.errors, 0);
	wltex_owner_destroy(fixture->owner);
	wltex_ledger_destroy(fixture->ledger);
	gl_make_current(EGL_NO_CONTEXT);
	check(eglDestroyContext(gl_display(), fixture->gl));
	*fixture = (struct gl_fixture){0};
}

int gl_attach(struct gl_fixture *fixture, struct wltex_attach attach)
{
	/* It is set in every case. */
	memset(&fixture->attached, 0xff, sizeof(fixture->attached));
	return wltex_texture_attach(fixture->texture, &attach, &fixture->attached);
}

int gl_attach_all(struct gl_fixture *fixture, const struct gl_buffer *buffer)
{
	return gl_attach(fixture, (struct wltex_attach){.dmabuf = buffer->dmabuf});
}

static void check_counts(const struct wltex_counts *c)
{
	check_int(c->imports + c->reimports, c->destroys + c->live_textures);
	check_int(c->commits, c->imports + c->reimports + c->uploads + c->reuses + c->failures +
				      c->refused + c->not_asked);
	check(c->live_textures <= c->peak_live_textures && c->live_bytes <= c->peak_live_bytes);
	check(c->damage_true_px <= c->damage_claimed_px);
}

void gl_check_ledger(const struct gl_fixture *fixture)
{
	check_counts(wltex_ledger_get_counts(fixture->ledger));
	check_counts(wltex_owner_get_counts(fixture->owner));
}

void gl_need_format(const struct wltex_context *context, uint32_t format)
{
	const struct wltex_capabilities *caps = wltex_context_get_capabilities(context);

	for (size_t i = 0; i < caps->n_formats; i++) {
		if (caps->formats[i].format == format &&
			caps->formats[i].modifier == DRM_FORMAT_MOD_LINEAR)
			return;
	}
	test_skip("EGL cannot import %.4s", (const char *)&format);
}

void gl_memory_create(struct gl_buffer *buffer, size_t size, bool sealed)
{
	*buffer = (struct gl_buffer){.size = size};
	buffer->fd = sealed ? test_memory_create(size) : test_memory_create_file(size, 0);
	buffer->data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, buffer->fd, 0);
	check(buffer->data != MAP_FAILED);
}

static void create_buffer(struct gl_buffer *buffer, int32_t width, int32_t height, uint32_t format,
	uint32_t flags, bool sealed)
{
	const struct wltex_format_info *info = wltex_format_info_get(format);
	enum wltex_dmabuf_error error;

	check(info != NULL && info->n_planes == 1);
	uint32_t stride = (uint32_t)wltex_format_row_bytes(info, 0, (uint32_t)width);
	gl_memory_create(buffer, (size_t)stride * (size_t)height, sealed);
	buffer->attributes = (struct wltex_dmabuf_attributes){
		.width = width,
		.height = height,
		.format = format,
		.modifier = DRM_FORMAT_MOD_LINEAR,
		.flags = flags,
		.n_planes = 1,
		.planes = {{.fd = buffer->fd, .stride = stride}},
	};
	buffer->dmabuf = wltex_dmabuf_create(&buffer->attributes, &error);
	check_str(wltex_dmabuf_error_message(error), wltex_dmabuf_error_message(WLTEX_DMABUF_OK));
	check(buffer->dmabuf != NULL);
}

void gl_buffer_create(struct gl_buffer *buffer, int32_t width, int32_t height, uint32_t format)
{
	create_buffer(buffer, width, height, format, 0, true);
}

void gl_buffer_create_inverted(
	struct gl_buffer *buffer, int32_t width, int32_t height, uint32_t format)
{
	create_buffer(buffer, width, height, format, WLTEX_DMABUF_Y_INVERT, true);
}

void gl_buffer_create_unsealed(
	struct gl_buffer *buffer, int32_t width, int32_t height, uint32_t format)
{
	create_buffer(buffer, width, height, format, 0, false);
}

void gl_buffer_destroy(struct gl_buffer *buffer)
{
	wltex_dmabuf_destroy(buffer->dmabuf);
	munmap(buffer->data, buffer->size);
	close(buffer->fd);
	*buffer = (struct gl_buffer){.fd = -1};
}

void gl_buffer_forget_failure(struct gl_buffer *buffer)
{
	buffer->dmabuf->failure = (struct wltex_import_failure){0};
}

static struct gl_spy spy;
static struct core_procs real;

static EGLImageKHR spy_create_image(EGLDisplay display, EGLContext context, EGLenum target,
	EGLClientBuffer buffer, const EGLint *attribs)
{
	EGLImageKHR image = spy.fail_image
				    ? EGL_NO_IMAGE_KHR
				    : real.create_image(display, context, target, buffer, attribs);

	spy.images += image != EGL_NO_IMAGE_KHR;
	spy.made += image != EGL_NO_IMAGE_KHR;
	return image;
}

static EGLBoolean spy_destroy_image(EGLDisplay display, EGLImageKHR image)
{
	EGLBoolean ok = real.destroy_image(display, image);

	check(ok);
	spy.images--;
	return ok;
}

static void spy_image_target_texture(GLenum target, GLeglImageOES image)
{
	/* Not an image: GL_INVALID_VALUE. */
	real.image_target_texture(target, spy.fail_texture ? NULL : image);
}

struct gl_spy *gl_spy(struct wltex_context *context)
{
	spy = (struct gl_spy){0};
	real = context->procs;
	context->procs.create_image = spy_create_image;
	context->procs.destroy_image = spy_destroy_image;
	context->procs.image_target_texture = spy_image_target_texture;
	return &spy;
}

uint8_t *gl_buffer_row(const struct gl_buffer *buffer, uint32_t y)
{
	const struct wltex_dmabuf_plane *plane = &buffer->attributes.planes[0];

	return buffer->data + plane->offset + (size_t)y * plane->stride;
}

uint32_t gl_buffer_sum(const struct gl_buffer *buffer)
{
	const struct wltex_format_info *info = wltex_format_info_get(buffer->attributes.format);
	size_t row = (size_t)buffer->attributes.width * info->bytes_per_pixel[0];
	uint32_t crc = 0;

	for (uint32_t y = 0; y < (uint32_t)buffer->attributes.height; y++)
		crc = wltex_sum_bytes(crc, gl_buffer_row(buffer, y), row);
	return crc;
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

void gl_random(uint32_t *seed, void *data, size_t size)
{
	uint8_t *bytes = data;

	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)next_random(seed);
}

uint32_t gl_random_below(uint32_t *seed, uint32_t limit)
{
	return next_random(seed) % limit;
}
