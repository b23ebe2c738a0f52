/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <drm_fourcc.h>

#include "linux-dmabuf-v1-client.h"

#include "cli/flip/dmabuf-formats.h"

/* An entry of the feedback's format table, as the protocol lays it out. */
struct table_entry {
	uint32_t format;
	uint32_t padding;
	uint64_t modifier;
};

bool dmabuf_formats_has_pair(
	const struct dmabuf_formats *formats, uint32_t format, uint64_t modifier)
{
	for (size_t i = 0; i < formats->count; i++) {
		if (formats->pairs[i].format == format && formats->pairs[i].modifier == modifier)
			return true;
	}
	return false;
}

bool dmabuf_formats_has(const struct dmabuf_formats *formats, uint32_t format)
{
	for (size_t i = 0; i < formats->count; i++) {
		if (formats->pairs[i].format == format)
			return true;
	}
	return false;
}

static void add(struct dmabuf_formats *formats, uint32_t format, uint64_t modifier)
{
	struct dmabuf_format *pairs = formats->pairs;

	if (formats->failed || dmabuf_formats_has_pair(formats, format, modifier))
		return;
	if (formats->count == formats->capacity) {
		size_t capacity = formats->capacity ? formats->capacity * 2 : 64;

		pairs = reallocarray(pairs, capacity, sizeof(*pairs));
		if (!pairs) {
			formats->failed = true;
			return;
		}
		formats->pairs = pairs;
		formats->capacity = capacity;
	}
	pairs[formats->count++] = (struct dmabuf_format){format, modifier};
}

static void handle_format(void *data, struct zwp_linux_dmabuf_v1 *dmabuf, uint32_t format)
{
	/* From version 3 on the modifier events repeat it, with what is really offered. */
	if (zwp_linux_dmabuf_v1_get_version(dmabuf) < ZWP_LINUX_DMABUF_V1_MODIFIER_SINCE_VERSION)
		add(data, format, DRM_FORMAT_MOD_INVALID);
}

static void handle_modifier(void *data, struct zwp_linux_dmabuf_v1 *dmabuf, uint32_t format,
	uint32_t modifier_hi, uint32_t modifier_lo)
{
	add(data, format, (uint64_t)modifier_hi << 32 | modifier_lo);
}

static const struct zwp_linux_dmabuf_v1_listener dmabuf_listener = {
	.format = handle_format,
	.modifier = handle_modifier,
};

static void drop_table(struct dmabuf_formats *formats)
{
	if (formats->table)
		munmap(formats->table, formats->table_size);
	formats->table = NULL;
	formats->table_size = 0;
}

static void handle_done(void *data, struct zwp_linux_dmabuf_feedback_v1 *feedback)
{
	struct dmabuf_formats *formats = data;

	formats->done = true;
}

static void handle_format_table(
	void *data, struct zwp_linux_dmabuf_feedback_v1 *feedback, int32_t fd, uint32_t size)
{
	struct dmabuf_formats *formats = data;
	void *table;

	drop_table(formats);
	table = size > 0 ? mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
	close(fd);
	if (table == MAP_FAILED)
		return;
	formats->table = table;
	formats->table_size = size;
}

static void handle_main_device(
	void *data, struct zwp_linux_dmabuf_feedback_v1 *feedback, struct wl_array *device)
{
	struct dmabuf_formats *formats = data;

	if (device->size != sizeof(formats->main_device))
		return;
	memcpy(&formats->main_device, device->data, sizeof(formats->main_device));
	formats->has_main_device = true;
}

static void handle_tranche_formats(
	void *data, struct zwp_linux_dmabuf_feedback_v1 *feedback, struct wl_array *indices)
{
	struct dmabuf_formats *formats = data;
	const struct table_entry *entries = formats->table;
	const uint16_t *index;

	/* A later feedback changes preferences, and nothing that this program depends on. */
	if (formats->done)
		return;
	wl_array_for_each(index, indices)
	{
		if (*index < formats->table_size / sizeof(*entries))
			add(formats, entries[*index].format, entries[*index].modifier);
	}
}

static void ignore_feedback(void *data, struct zwp_linux_dmabuf_feedback_v1 *feedback)
{
}

static void ignore_target(
	void *data, struct zwp_linux_dmabuf_feedback_v1 *feedback, struct wl_array *device)
{
}

static void ignore_flags(void *data, struct zwp_linux_dmabuf_feedback_v1 *feedback, uint32_t flags)
{
}

/*
 * All tranches count alike: the buffers are linear and written by the CPU, so it does
 * not matter which device would scan them out.
 */
static const struct zwp_linux_dmabuf_feedback_v1_listener feedback_listener = {
	.done = handle_done,
	.format_table = handle_format_table,
	.main_device = handle_main_device,
	.tranche_done = ignore_feedback,
	.tranche_target_device = ignore_target,
	.tranche_formats = handle_tranche_formats,
	.tranche_flags = ignore_flags,
};

void dmabuf_formats_init(struct dmabuf_formats *formats, struct zwp_linux_dmabuf_v1 *dmabuf)
{
	zwp_linux_dmabuf_v1_add_listener(dmabuf, &dmabuf_listener, formats);
	if (zwp_linux_dmabuf_v1_get_version(dmabuf) <
		ZWP_LINUX_DMABUF_V1_GET_DEFAULT_FEEDBACK_SINCE_VERSION)
		return;
	formats->feedback = zwp_linux_dmabuf_v1_get_default_feedback(dmabuf);
	zwp_linux_dmabuf_feedback_v1_add_listener(formats->feedback, &feedback_listener, formats);
}

void dmabuf_formats_finish(struct dmabuf_formats *formats)
{
	if (formats->feedback)
		zwp_linux_dmabuf_feedback_v1_destroy(formats->feedback);
	drop_table(formats);
	free(formats->pairs);
	*formats = (struct dmabuf_formats){0};
}
