/* SPDX-License-Identifier: MIT */
#include <drm_fourcc.h>
#include <stdio.h>
#include <unistd.h>

#include "moments.h"

/* Longer than any case takes, under ASan too. */
#define PATIENCE_S 60

int stale_cases;

static struct twin_buffer *make(
	struct stage *stage, int32_t width, int32_t height, enum twin_memory memory)
{
	const struct twin_buffer_spec spec = {
		.width = width,
		.height = height,
		.format = DRM_FORMAT_XRGB8888,
		.memory = memory,
	};

	return twin_buffer_create(&stage->twin, &spec);
}

/* What is below a sub-surface stays as it is. */
static void open_window(struct stage *stage)
{
	struct twin *twin = &stage->twin;
	struct twin_buffer *background = make(stage, twin->width, twin->height, TWIN_SHM);

	stage->window = twin_surface_create(twin);
	twin_buffer_fill(background, 0, 0, twin->width, twin->height, 0xff404040);
	twin_surface_map(twin, stage->window);
	/* Else sub-surfaces would count. */
	both(xdg_surface_set_window_geometry(
		stage->window->xdg[i], 0, 0, twin->width, twin->height));
	twin_present(stage->window, background);
}

static struct twin_surface *open_subsurface(struct stage *stage, int32_t x, int32_t y)
{
	struct twin_surface *surface = twin_subsurface_create(&stage->twin, stage->window, x, y);

	both(wl_subsurface_set_desync(surface->sub[i]));
	twin_commit(stage->window);
	return surface;
}

bool stage_open(struct stage *stage, enum twin_memory memory, bool is_window)
{
	struct twin *twin = &stage->twin;

	alarm(PATIENCE_S);
	*stage = (struct stage){.memory = memory, .is_window = is_window};
	twin_connect(twin);
	if (!twin_takes(twin, memory, DRM_FORMAT_XRGB8888)) {
		twin_disconnect(twin);
		return false;
	}
	open_window(stage);
	stage->surface = is_window ? stage->window : open_subsurface(stage, 10, 15);
	stage->passer = open_subsurface(stage, 30, 40);
	stage->shade = make(stage, 80, 60, TWIN_SHM);
	twin_buffer_fill(stage->shade, 0, 0, 80, 60, 0xff777777);
	for (int k = 0; k < N_BUFFERS; k++) {
		stage->buffers[k] = make(stage, is_window ? twin->width : 150,
			is_window ? twin->height : 100, memory);
		stage_fill(stage, k, BLUE);
	}
	stage_show(stage, FIRST, EVERYTHING);
	twin_show(twin);
	return true;
}

static const char *get_verdict(const struct stage *stage)
{
	if (stage->stale)
		return "STALE";
	if (stage->neither)
		return "both are wrong";
	return stage->fresher ? "Weston's own is stale" : "same";
}

void stage_close(struct stage *stage, const char *name)
{
	printf("%s, %s, %s: %s%s%s\n", name, stage->memory == TWIN_SHM ? "wl_shm" : "dmabuf",
		stage->is_window ? "window" : "sub-surface", get_verdict(stage),
		stage->where[0] != '\0' ? " " : "", stage->where);
	stale_cases += stage->stale;
	twin_disconnect(&stage->twin);
	fflush(stdout);
}

void stage_attach(struct stage *stage, int buffer)
{
	if (stage->buffers[buffer]->wl_buffers[0] == NULL)
		twin_buffer_renew(stage->buffers[buffer]);
	twin_attach(stage->surface, stage->buffers[buffer]);
}

void stage_claim(struct stage *stage, enum extent extent)
{
	struct wl_surface **wl = stage->surface->wl;

	if (extent == CORNER)
		both(wl_surface_damage_buffer(wl[i], 0, 0, 9, 9));
	else if (extent == EVERYTHING)
		both(wl_surface_damage_buffer(wl[i], 0, 0, INT32_MAX, INT32_MAX));
	else if (extent == BEYOND)
		both(wl_surface_damage(wl[i], -50, -50, 5000, 5000));
}

void stage_show(struct stage *stage, int buffer, enum extent extent)
{
	stage_attach(stage, buffer);
	stage_claim(stage, extent);
	twin_commit(stage->surface);
}

void stage_paint(struct stage *stage, int buffer, uint32_t argb)
{
	twin_buffer_fill(stage->buffers[buffer], 50, 45, 40, 30, argb);
}

void stage_fill(struct stage *stage, int buffer, uint32_t argb)
{
	twin_buffer_fill(stage->buffers[buffer], 0, 0, INT32_MAX, INT32_MAX, argb);
}

void stage_frame(struct stage *stage)
{
	twin_sync(&stage->twin);
	twin_show(&stage->twin);
}

/* The first that is wrong counts: to judge it, all is drawn anew. */
void stage_look(struct stage *stage, const char *when)
{
	int right_without, right_with;

	stage_frame(stage);
	if (twin_looks_equal(&stage->twin) || stage->stale)
		return;
	twin_judge(&stage->twin, &right_without, &right_with);
	if (right_without > 0)
		stage->stale = true;
	else if (right_with > 0)
		stage->fresher = true;
	else
		stage->neither = true;
	snprintf(stage->where, sizeof(stage->where), "(%s)", when);
}

void stage_pass(struct stage *stage)
{
	twin_present(stage->passer, stage->shade);
	stage_frame(stage);
	twin_attach(stage->passer, NULL);
	twin_commit(stage->passer);
	stage_frame(stage);
}
