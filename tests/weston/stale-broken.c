/* SPDX-License-Identifier: MIT */
/*
 * Mistakes to be linked into the module, so that tests which look for stale pixels can show
 * that they would find some. WLTEX_BREAK says which. Without a mistake, how often content
 * was looked at is written to Weston's log at the end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/shown.h"
#include "util/memory.h"
#include "session/budget.h"
#include "weston/damage.h"

int __real_core_shown_look_dmabuf(struct core_shown *shown, struct wltex_dmabuf *dmabuf,
	const struct core_shown_look *look, pixman_region32_t *changed);
int __wrap_core_shown_look_dmabuf(struct core_shown *shown, struct wltex_dmabuf *dmabuf,
	const struct core_shown_look *look, pixman_region32_t *changed);
int __real_core_shown_look_pixels(struct core_shown *shown, const struct wltex_pixels *pixels,
	uint32_t bytes_per_pixel, const struct core_shown_look *look, pixman_region32_t *changed);
int __wrap_core_shown_look_pixels(struct core_shown *shown, const struct wltex_pixels *pixels,
	uint32_t bytes_per_pixel, const struct core_shown_look *look, pixman_region32_t *changed);
void __real_core_shown_forget(struct core_shown *shown, const pixman_region32_t *region);
void __wrap_core_shown_forget(struct core_shown *shown, const pixman_region32_t *region);
void __real_core_shown_forget_unlooked(struct core_shown *shown, const pixman_region32_t *region);
void __wrap_core_shown_forget_unlooked(struct core_shown *shown, const pixman_region32_t *region);
void __real_damage_add_global_region(pixman_region32_t *buffer_damage,
	const struct weston_view *view, const pixman_region32_t *region);
void __wrap_damage_add_global_region(pixman_region32_t *buffer_damage,
	const struct weston_view *view, const pixman_region32_t *region);
bool __real_budget_fits(
	const struct budget *budget, struct budget_share *share, uint64_t bytes, uint64_t now_ns);
bool __wrap_budget_fits(
	const struct budget *budget, struct budget_share *share, uint64_t bytes, uint64_t now_ns);
bool __real_wltex_rows_are_resident(
	const void *data, size_t stride, size_t row_bytes, uint32_t rows);
bool __wrap_wltex_rows_are_resident(
	const void *data, size_t stride, size_t row_bytes, uint32_t rows);
void __real_damage_add_buffer_region(pixman_region32_t *damage,
	const struct weston_surface *surface, bool filtered, const pixman_region32_t *changed);
void __wrap_damage_add_buffer_region(pixman_region32_t *damage,
	const struct weston_surface *surface, bool filtered, const pixman_region32_t *changed);

static unsigned int looks;

__attribute__((destructor)) static void print_looks(void)
{
	fprintf(stderr, "content was looked at %u times\n", looks);
}

static bool breaks(const char *what)
{
	const char *wanted = getenv("WLTEX_BREAK");

	return wanted != NULL && strcmp(wanted, what) == 0;
}

/* What cannot be looked at has not changed. */
static int finish_look(int ret, pixman_region32_t *changed)
{
	looks++;
	if (ret >= 0 || !breaks("unknown"))
		return ret;
	pixman_region32_clear(changed);
	return 1;
}

int __wrap_core_shown_look_dmabuf(struct core_shown *shown, struct wltex_dmabuf *dmabuf,
	const struct core_shown_look *look, pixman_region32_t *changed)
{
	return finish_look(__real_core_shown_look_dmabuf(shown, dmabuf, look, changed), changed);
}

int __wrap_core_shown_look_pixels(struct core_shown *shown, const struct wltex_pixels *pixels,
	uint32_t bytes_per_pixel, const struct core_shown_look *look, pixman_region32_t *changed)
{
	return finish_look(
		__real_core_shown_look_pixels(shown, pixels, bytes_per_pixel, look, changed),
		changed);
}

/* What is flushed without a look, half a tile, or of another shape, is believed to be known. */
void __wrap_core_shown_forget(struct core_shown *shown, const pixman_region32_t *region)
{
	if (!breaks("forget"))
		__real_core_shown_forget(shown, region);
}

/* So is what is in another buffer. */
void __wrap_core_shown_forget_unlooked(struct core_shown *shown, const pixman_region32_t *region)
{
	if (!breaks("unlooked"))
		__real_core_shown_forget_unlooked(shown, region);
}

/* So is what the compositor drew of the buffer without a look. */
void __wrap_damage_add_global_region(pixman_region32_t *buffer_damage,
	const struct weston_view *view, const pixman_region32_t *region)
{
	if (!breaks("drawn"))
		__real_damage_add_global_region(buffer_damage, view, region);
}

/* Looks may take what they like. */
bool __wrap_budget_fits(
	const struct budget *budget, struct budget_share *share, uint64_t bytes, uint64_t now_ns)
{
	return breaks("budget") || __real_budget_fits(budget, share, bytes, now_ns);
}

/* Holes are read, and filled with that. */
bool __wrap_wltex_rows_are_resident(
	const void *data, size_t stride, size_t row_bytes, uint32_t rows)
{
	return breaks("hole") || __real_wltex_rows_are_resident(data, stride, row_bytes, rows);
}

/* One of the tiles that changed is not drawn. */
void __wrap_damage_add_buffer_region(pixman_region32_t *damage,
	const struct weston_surface *surface, bool filtered, const pixman_region32_t *changed)
{
	static unsigned int calls;
	pixman_region32_t rest;
	pixman_box32_t box = {0};

	if (!breaks("tile") || ++calls % 4 != 0 ||
		!pixman_region32_not_empty((pixman_region32_t *)changed)) {
		__real_damage_add_buffer_region(damage, surface, filtered, changed);
		return;
	}
	box = *pixman_region32_rectangles((pixman_region32_t *)changed, NULL);
	pixman_region32_init_rect(&rest, box.x1, box.y1, 64, 64);
	pixman_region32_subtract(&rest, (pixman_region32_t *)changed, &rest);
	__real_damage_add_buffer_region(damage, surface, filtered, &rest);
	pixman_region32_fini(&rest);
}
