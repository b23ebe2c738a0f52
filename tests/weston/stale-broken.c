/* SPDX-License-Identifier: MIT */
/*
 * Mistakes to be linked into the module, so that tests which look for stale pixels can show
 * that they would find some. WLTEX_BREAK says which. Without a mistake, how often content
 * was summed is written to Weston's log at the end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/content.h"
#include "weston/damage.h"

void __real_damage_commit_requested(
	struct damage *damage, const struct weston_surface *surface, uint64_t request);
void __wrap_damage_commit_requested(
	struct damage *damage, const struct weston_surface *surface, uint64_t request);
const char *__real_damage_commit_applied(struct damage *damage, struct weston_surface *surface,
	uint64_t request, const pixman_region32_t *changed);
const char *__wrap_damage_commit_applied(struct damage *damage, struct weston_surface *surface,
	uint64_t request, const pixman_region32_t *changed);

enum core_change __real_core_content_update_dmabuf(struct core_content *content,
	struct wltex_dmabuf *dmabuf, const pixman_region32_t *damage, pixman_region32_t *changed);
enum core_change __wrap_core_content_update_dmabuf(struct core_content *content,
	struct wltex_dmabuf *dmabuf, const pixman_region32_t *damage, pixman_region32_t *changed);
enum core_change __real_core_content_update_pixels(struct core_content *content,
	const struct wltex_pixels *pixels, uint32_t bytes_per_pixel,
	const pixman_region32_t *damage, pixman_region32_t *changed);
enum core_change __wrap_core_content_update_pixels(struct core_content *content,
	const struct wltex_pixels *pixels, uint32_t bytes_per_pixel,
	const pixman_region32_t *damage, pixman_region32_t *changed);

static unsigned int sums;

enum core_change __wrap_core_content_update_dmabuf(struct core_content *content,
	struct wltex_dmabuf *dmabuf, const pixman_region32_t *damage, pixman_region32_t *changed)
{
	sums++;
	return __real_core_content_update_dmabuf(content, dmabuf, damage, changed);
}

enum core_change __wrap_core_content_update_pixels(struct core_content *content,
	const struct wltex_pixels *pixels, uint32_t bytes_per_pixel,
	const pixman_region32_t *damage, pixman_region32_t *changed)
{
	sums++;
	return __real_core_content_update_pixels(content, pixels, bytes_per_pixel, damage, changed);
}

__attribute__((destructor)) static void print_sums(void)
{
	fprintf(stderr, "content was summed %u times\n", sums);
}

static bool breaks(const char *what)
{
	const char *wanted = getenv("WLTEX_BREAK");

	return wanted != NULL && strcmp(wanted, what) == 0;
}

/* Damage of earlier commits that no repaint has flushed is lost. */
void __wrap_damage_commit_requested(
	struct damage *damage, const struct weston_surface *surface, uint64_t request)
{
	__real_damage_commit_requested(damage, surface, request);
	if (breaks("unflushed"))
		pixman_region32_clear(&damage->unflushed);
}

/* One of the tiles that changed is not said to have. */
static const char *drop_a_tile(struct damage *damage, struct weston_surface *surface,
	uint64_t request, const pixman_region32_t *changed)
{
	pixman_box32_t box = {0};
	pixman_region32_t rest;
	const char *why;

	if (pixman_region32_not_empty(changed))
		box = *pixman_region32_rectangles(changed, NULL);
	pixman_region32_init_rect(&rest, box.x1, box.y1, 64, 64);
	pixman_region32_subtract(&rest, changed, &rest);
	why = __real_damage_commit_applied(damage, surface, request, &rest);
	pixman_region32_fini(&rest);
	return why;
}

const char *__wrap_damage_commit_applied(struct damage *damage, struct weston_surface *surface,
	uint64_t request, const pixman_region32_t *changed)
{
	static unsigned int calls;
	pixman_region32_t nothing;
	const char *why;

	if (changed != NULL && breaks("tile") && ++calls % 4 == 0)
		return drop_a_tile(damage, surface, request, changed);
	/* What is not known has not changed. */
	if (changed == NULL && breaks("unknown")) {
		pixman_region32_init(&nothing);
		why = __real_damage_commit_applied(damage, surface, request, &nothing);
		pixman_region32_fini(&nothing);
		return why;
	}
	return __real_damage_commit_applied(damage, surface, request, changed);
}
