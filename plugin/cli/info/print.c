/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wltex/texture.h>

#include "cli/info/info.h"
#include "cli/format.h"

/* Each format once; with all, a line of its own with its modifiers. */
static void print_formats(const struct wltex_capabilities *caps, bool all)
{
	size_t column = 0;

	for (size_t i = 0; i < caps->n_formats; i++) {
		const struct wltex_format *f = &caps->formats[i];
		bool is_new = i == 0 || f[-1].format != f->format;

		if (is_new && (all || column == 14)) {
			printf(i > 0 ? "\n             " : "");
			column = 0;
		}
		if (is_new) {
			printf("%s%s", column > 0 ? " " : "", fourcc_to_text(f->format).text);
			column++;
		}
		if (!all)
			continue;
		printf(" %s%s", modifier_to_text(f->modifier).text,
			f->external_only ? " (external)" : "");
	}
	putchar('\n');
}

static size_t count_formats(const struct wltex_capabilities *caps)
{
	size_t n = 0;

	for (size_t i = 0; i < caps->n_formats; i++)
		n += i == 0 || caps->formats[i - 1].format != caps->formats[i].format;
	return n;
}

static void print_egl(const struct info *info, bool all_formats)
{
	const struct wltex_capabilities *caps;

	if (!info->context) {
		printf("EGL          none: %s\n", info->egl_reason.text);
		return;
	}
	caps = wltex_context_get_capabilities(info->context);
	printf("EGL          %s%s, %s\n", info->render_node[0] ? "GBM on " : "surfaceless platform",
		info->render_node, caps->vendor);
	printf("GL           %s, GL ES %d.%d\n", caps->renderer, caps->gles_version / 10,
		caps->gles_version % 10);
	if (!caps->dmabuf_import) {
		printf("dmabufs      cannot be imported\n");
		return;
	}
	printf("dmabufs      imported%s%s\n", caps->modifiers ? ", with modifiers" : "",
		caps->external ? ", also as external textures" : "");
	printf("formats      %zu, with their modifiers %zu\n             ", count_formats(caps),
		caps->n_formats);
	print_formats(caps, all_formats);
}

static void print_allocators(const struct info *info)
{
	for (size_t i = 0; i < info->allocator_count; i++) {
		const struct info_allocator *a = &info->allocators[i];

		printf("%-12s %-10s", i == 0 ? "allocators" : "", a->name);
		if (!a->works)
			printf("no: %s\n", a->reason.text);
		else if (!a->imports)
			printf("%s, but not imported: %s\n", a->dmabuf ? "dmabufs" : "memory",
				a->reason.text);
		else
			printf("%s, imported%s%s\n",
				a->dmabuf ? "dmabufs" : "memory (for software renderers)",
				a->reason.text[0] ? ", no sum: " : "", a->reason.text);
	}
}

/* What there is for buffers that the processor cannot read. */
static void print_gpu_sums(const struct info *info)
{
	if (!info->gpu_sums)
		printf("GPU sums     none: %s\n", info->gpu_reason.text);
	else if (info->gpu_sum_rate > 0)
		printf("GPU sums     %.1f GB/s%s\n", info->gpu_sum_rate / 1e9,
			info->gpu_software ? ", in software: the processor's are better" : "");
	else
		printf("GPU sums     too quick to be told from an upload\n");
}

void info_print_text(const struct info *info, bool all_formats)
{
	print_egl(info, all_formats);
	print_allocators(info);
	printf("sums         %s, %.1f GB/s\n", info->kernel, info->sum_rate / 1e9);
	print_gpu_sums(info);
	printf("module       %s%s\n", info->module[0] ? info->module : "not found",
		info->module[0] && !info->module_installed && !info->running
			? " (built, not installed)"
			: "");
	if (info->running)
		printf("compositor   process %d with %ju clients%s\n", info->compositor_pid,
			(uintmax_t)info->compositor_clients,
			info->compositor_textures ? "" : ", without textures");
	else
		printf("compositor   %s\n", info->running_reason.text);
	for (size_t i = 0; i < info->advice_count; i++)
		printf("%s- %s\n", i == 0 ? "\nTo do:\n" : "", info->advice[i].text);
}

/* The adding stops at the first failure; takes value. */
static void add(struct json_object *object, const char *name, struct json_object *value, int *ret)
{
	if (*ret == 0 && object && value && json_object_object_add(object, name, value) == 0)
		return;
	json_object_put(value);
	*ret = -ENOMEM;
}

static void append(struct json_object *array, struct json_object *value, int *ret)
{
	if (*ret == 0 && array && value && json_object_array_add(array, value) == 0)
		return;
	json_object_put(value);
	*ret = -ENOMEM;
}

static void add_string(struct json_object *object, const char *name, const char *text, int *ret)
{
	add(object, name, json_object_new_string(text), ret);
}

static void add_bool(struct json_object *object, const char *name, bool value, int *ret)
{
	add(object, name, json_object_new_boolean(value), ret);
}

static struct json_object *make_format(const struct wltex_format *format, int *ret)
{
	struct json_object *object = json_object_new_object();

	add_string(object, "format", fourcc_to_text(format->format).text, ret);
	add_string(object, "modifier", modifier_to_text(format->modifier).text, ret);
	add_bool(object, "external_only", format->external_only, ret);
	return object;
}

static struct json_object *make_egl(const struct info *info, int *ret)
{
	struct json_object *object = json_object_new_object(), *formats;
	const struct wltex_capabilities *caps;

	add_bool(object, "works", info->context != NULL, ret);
	if (!info->context) {
		add_string(object, "error", info->egl_reason.text, ret);
		return object;
	}
	caps = wltex_context_get_capabilities(info->context);
	add_string(object, "platform", info->render_node[0] ? "gbm" : "surfaceless", ret);
	add_string(object, "render_node", info->render_node, ret);
	add_string(object, "vendor", caps->vendor, ret);
	add_string(object, "renderer", caps->renderer, ret);
	add(object, "gles_version", json_object_new_int(caps->gles_version), ret);
	add_bool(object, "dmabuf_import", caps->dmabuf_import, ret);
	add_bool(object, "modifiers", caps->modifiers, ret);
	add_bool(object, "external", caps->external, ret);
	formats = json_object_new_array();
	for (size_t i = 0; i < caps->n_formats; i++)
		append(formats, make_format(&caps->formats[i], ret), ret);
	add(object, "formats", formats, ret);
	return object;
}

static struct json_object *make_allocators(const struct info *info, int *ret)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < info->allocator_count; i++) {
		const struct info_allocator *a = &info->allocators[i];
		struct json_object *object = json_object_new_object();

		add_string(object, "name", a->name, ret);
		add_bool(object, "dmabuf", a->dmabuf, ret);
		add_bool(object, "works", a->works, ret);
		add_bool(object, "imports", a->imports, ret);
		if (!a->works || !a->imports)
			add_string(object, "error", a->reason.text, ret);
		else if (a->reason.text[0])
			add_string(object, "no_sum", a->reason.text, ret);
		append(array, object, ret);
	}
	return array;
}

static void add_rate(struct json_object *object, double rate, int *ret)
{
	char text[32];

	snprintf(text, sizeof(text), "%.3f", rate / 1e9);
	add(object, "gb_per_s", json_object_new_double_s(rate / 1e9, text), ret);
}

static struct json_object *make_sums(const struct info *info, int *ret)
{
	struct json_object *object = json_object_new_object();

	add_string(object, "kernel", info->kernel, ret);
	add_rate(object, info->sum_rate, ret);
	return object;
}

static struct json_object *make_gpu_sums(const struct info *info, int *ret)
{
	struct json_object *object = json_object_new_object();

	add_bool(object, "works", info->gpu_sums, ret);
	if (!info->gpu_sums) {
		add_string(object, "error", info->gpu_reason.text, ret);
		return object;
	}
	add_bool(object, "software", info->gpu_software, ret);
	if (info->gpu_sum_rate > 0)
		add_rate(object, info->gpu_sum_rate, ret);
	return object;
}

static struct json_object *make_module(const struct info *info, int *ret)
{
	struct json_object *object = json_object_new_object();

	add_string(object, "path", info->module, ret);
	add_bool(object, "installed", info->module_installed, ret);
	add_bool(object, "running", info->running, ret);
	if (info->running) {
		add(object, "pid", json_object_new_int(info->compositor_pid), ret);
		add(object, "clients", json_object_new_int64((int64_t)info->compositor_clients),
			ret);
		add_bool(object, "textures", info->compositor_textures, ret);
	} else {
		add_string(object, "error", info->running_reason.text, ret);
	}
	return object;
}

int info_print_json(const struct info *info)
{
	struct json_object *object = json_object_new_object(), *advice = json_object_new_array();
	const char *text = NULL;
	int ret = 0;

	add_string(object, "version", WLTEX_VERSION, &ret);
	add(object, "egl", make_egl(info, &ret), &ret);
	add(object, "allocators", make_allocators(info, &ret), &ret);
	add(object, "sums", make_sums(info, &ret), &ret);
	add(object, "gpu_sums", make_gpu_sums(info, &ret), &ret);
	add(object, "module", make_module(info, &ret), &ret);
	for (size_t i = 0; i < info->advice_count; i++)
		append(advice, json_object_new_string(info->advice[i].text), &ret);
	add(object, "advice", advice, &ret);
	if (ret == 0)
		text = json_object_to_json_string_ext(
			object, JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE);
	if (text)
		puts(text);
	json_object_put(object);
	return text ? 0 : -ENOMEM;
}
