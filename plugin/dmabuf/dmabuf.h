/* SPDX-License-Identifier: MIT */
#ifndef DMABUF_DMABUF_H
#define DMABUF_DMABUF_H

#include <stddef.h>
#include <stdint.h>

#include <wltex/dmabuf.h>

#include "dmabuf/object.h"
#include "util/cost.h"
#include "util/list.h"

/* The part of a kernel object that is mapped, in whole pages; private to read.c. */
struct wltex_mapping {
	/* NULL until the first read. */
	const uint8_t *data;
	/* Where in the object that is. */
	uint64_t offset;
	size_t size;
};

/* That it cannot be imported; kept by who tries. */
struct wltex_import_failure {
	uint64_t context;   // which one tried; 0: none
	int tries;          // that failed
	const char *reason; // in words; NULL: worth another try
};

struct wltex_dmabuf {
	/* The fds are owned. Planes that are one kernel object have one and the same fd. */
	struct wltex_dmabuf_attributes attributes;
	/* The kernel object of each plane. */
	struct wltex_object objects[WLTEX_MAX_PLANES];
	struct wltex_list users; /* wltex_dmabuf_user.link */
	/* Of the first plane of each kernel object. */
	struct wltex_mapping mappings[WLTEX_MAX_PLANES];
	/* What reading them was found to cost; kept by who reads. */
	struct sum_cost cost;
	struct wltex_import_failure failure;
	/* Reads that were begun and not ended. */
	int n_reads;
	/* Its fds are in a ledger already; kept by who counts. */
	bool fds_counted;
};

/* Who must let go of a dmabuf before it is destroyed. */
struct wltex_dmabuf_user {
	struct wltex_list link; /* wltex_dmabuf.users */
	/*
	 * The dmabuf is about to be destroyed, and is still whole. The user is off the list
	 * already, so that it may be freed here; other users may be added or removed too.
	 */
	void (*destroyed)(struct wltex_dmabuf_user *user);
};

void wltex_dmabuf_add_user(struct wltex_dmabuf *dmabuf, struct wltex_dmabuf_user *user);
/* Harmless for a user that is removed already or was called. */
void wltex_dmabuf_remove_user(struct wltex_dmabuf_user *user);

/* The first plane that is the same kernel object as plane: plane itself for most. */
int wltex_dmabuf_first_plane(const struct wltex_dmabuf *dmabuf, int plane);

/*
 * Bytes of the kernel object that a plane is in: what it says or, where it does not, up to
 * the end of the last plane in it.
 */
uint64_t wltex_dmabuf_get_object_bytes(const struct wltex_dmabuf *dmabuf, int plane);

/* Whether the memory is all still there; its owner may have made it smaller. */
bool wltex_dmabuf_is_whole(const struct wltex_dmabuf *dmabuf);

/* The layout is known to be rows of samples, one after the other. */
bool wltex_dmabuf_is_linear(uint64_t modifier, const struct wltex_object *object);

#endif
