/* SPDX-License-Identifier: MIT */
#ifndef CLI_FLIP_DMABUF_FORMATS_H
#define CLI_FLIP_DMABUF_FORMATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct zwp_linux_dmabuf_v1;
struct zwp_linux_dmabuf_feedback_v1;

struct dmabuf_format {
	uint32_t format;
	uint64_t modifier;
};

/* What the compositor imports, told by events (to version 3) or by a feedback (from 4). */
struct dmabuf_formats {
	struct dmabuf_format *pairs;
	size_t count, capacity;
	/* Out of memory: pairs are missing. */
	bool failed;
	bool has_main_device;
	dev_t main_device;

	struct zwp_linux_dmabuf_feedback_v1 *feedback;
	/* The format table while the feedback is under way: 16 bytes an entry. */
	void *table;
	size_t table_size;
	bool done;
};

/*
 * Listen to a global that was just bound. The formats are complete two roundtrips later.
 */
void dmabuf_formats_init(struct dmabuf_formats *formats, struct zwp_linux_dmabuf_v1 *dmabuf);
void dmabuf_formats_finish(struct dmabuf_formats *formats);

bool dmabuf_formats_has(const struct dmabuf_formats *formats, uint32_t format);
bool dmabuf_formats_has_pair(
	const struct dmabuf_formats *formats, uint32_t format, uint64_t modifier);

#endif
