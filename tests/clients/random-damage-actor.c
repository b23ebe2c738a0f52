/* SPDX-License-Identifier: MIT */
#include <drm_fourcc.h>
#include <stdlib.h>

#include "random-damage.h"

static const uint32_t formats[] = {DRM_FORMAT_XRGB8888, DRM_FORMAT_ARGB8888, DRM_FORMAT_XRGB8888,
	DRM_FORMAT_ARGB8888, DRM_FORMAT_XBGR8888, DRM_FORMAT_ABGR8888, DRM_FORMAT_RGB565};

#define N_FORMATS ((int32_t)(sizeof(formats) / sizeof(formats[0])))

bool has_alpha(uint32_t format)
{
	return format == DRM_FORMAT_ARGB8888 || format == DRM_FORMAT_ABGR8888;
}

static void choose_memory(struct world *world, struct actor *actor)
{
	struct twin_buffer_spec *spec = &actor->spec;
	int32_t dice = random_below(world, 16);

	spec->memory = dice < 8 ? TWIN_SHM : dice < 15 ? TWIN_DMABUF : TWIN_DMABUF_UNSEALED;
	if (!twin_takes(&world->twin, spec->memory, spec->format))
		spec->memory = TWIN_SHM;
	spec->y_inverted = spec->memory != TWIN_SHM && one_in(world, 6);
}

static void choose_format(struct world *world, struct actor *actor)
{
	struct twin_buffer_spec *spec = &actor->spec;

	do {
		spec->format = formats[random_below(world, N_FORMATS)];
	} while ((!twin_takes(&world->twin, TWIN_SHM, spec->format) &&
			 !twin_takes(&world->twin, TWIN_DMABUF, spec->format)) ||
		 /* Below a window there may be nothing, not even black. */
		 (actor->parent == NULL && has_alpha(spec->format)));
	choose_memory(world, actor);
	if (spec->memory == TWIN_SHM && !twin_takes(&world->twin, TWIN_SHM, spec->format))
		spec->memory = TWIN_DMABUF;
}

void actor_create(struct world *world, struct actor *actor, struct actor *parent)
{
	*actor = (struct actor){.parent = parent, .scale = 1, .synchronized = true};
	if (parent != NULL)
		actor->surface = twin_subsurface_create(&world->twin, parent->surface,
			random_from(world, -20, world->twin.width - 40),
			random_from(world, -20, world->twin.height - 40));
	else
		actor->surface = twin_surface_create(&world->twin);
	actor_retire_buffers(world, actor);
	actor_set_size(world, actor, random_from(world, 1, 200), random_from(world, 1, 200));
	tell(world, actor, "created below %d", parent != NULL ? (int)(parent - world->actors) : -1);
}

void actor_map(struct world *world, struct actor *actor)
{
	actor_set_size(world, actor, world->twin.width, world->twin.height);
	twin_surface_map(&world->twin, actor->surface);
	/* Without it, sub-surfaces would count. */
	both(xdg_surface_set_window_geometry(
		actor->surface->xdg[i], 0, 0, world->twin.width, world->twin.height));
	actor_commit(world, actor);
}

void actor_destroy(struct world *world, struct actor *actor)
{
	tell(world, actor, "destroyed");
	actor_retire_buffers(world, actor);
	twin_surface_destroy(actor->surface);
	actor->surface = NULL;
}

/* Buffers that a compositor may still read live until it says that it has done. */
void actor_retire_buffers(struct world *world, struct actor *actor)
{
	for (int k = 0; k < MAX_BUFFERS; k++) {
		struct retired *retired;
		if (actor->buffers[k] == NULL)
			continue;
		retired = malloc(sizeof(*retired));
		check(retired != NULL);
		*retired = (struct retired){actor->buffers[k], world->retired};
		world->retired = retired;
		actor->buffers[k] = NULL;
	}
	actor->attached = NULL;
	actor->n_buffers = random_from(world, 1, MAX_BUFFERS);
	actor->mixes_memory = one_in(world, 3);
	choose_format(world, actor);
	actor->all_dirty = true;
}

void actor_set_size(struct world *world, struct actor *actor, int32_t width, int32_t height)
{
	actor_retire_buffers(world, actor);
	actor->spec.width = width;
	actor->spec.height = height;
	for (int32_t k = 0; k < width * height; k++)
		actor->pixels[k] = 0xff000000u | (uint32_t)k * 2654435761u >> 9;
	actor->n_dirty = 0;
}

static struct rect random_rect(struct world *world, const struct actor *actor)
{
	int32_t width = actor->spec.width, height = actor->spec.height;
	struct rect rect = {random_below(world, width), random_below(world, height), 1, 1};
	int32_t most = one_in(world, 3) ? MAX_SIZE : one_in(world, 2) ? 64 : 5;

	/* Edges of tiles are where mistakes would be made. */
	if (one_in(world, 4))
		rect.x = rect.x / 64 * 64 - random_below(world, 2);
	if (one_in(world, 4))
		rect.y = rect.y / 64 * 64 - random_below(world, 2);
	rect.x = rect.x > 0 ? rect.x : 0;
	rect.y = rect.y > 0 ? rect.y : 0;
	rect.width = random_from(world, 1, width - rect.x < most ? width - rect.x : most);
	rect.height = random_from(world, 1, height - rect.y < most ? height - rect.y : most);
	return rect;
}

/* Premultiplied, as colours have to be. */
static uint32_t random_colour(struct world *world)
{
	uint32_t alpha = one_in(world, 2) ? 0xff : (uint32_t)random_below(world, 256);
	uint32_t colour = alpha;

	for (int k = 0; k < 3; k++)
		colour = colour << 8 | (uint32_t)random_below(world, (int32_t)alpha + 1);
	return colour;
}

/* No flat rectangles: what is drawn at a wrong place is to be seen. */
static uint32_t get_colour(uint32_t colour, int32_t x, int32_t y)
{
	return (colour & ~0xffu) | (colour & 0xff) * (uint32_t)(x * y & 63) / 63;
}

void actor_draw(struct world *world, struct actor *actor)
{
	struct rect rect = random_rect(world, actor);
	uint32_t colour = random_colour(world);

	if (actor->n_dirty == MAX_RECTS)
		return;
	actor->dirty[actor->n_dirty++] = rect;
	for (int32_t y = rect.y; y < rect.y + rect.height; y++) {
		for (int32_t x = rect.x; x < rect.x + rect.width; x++)
			actor->pixels[y * actor->spec.width + x] = get_colour(colour, x, y);
	}
	tell(world, actor, "draws %d,%d %dx%d", rect.x, rect.y, rect.width, rect.height);
}

static bool is_synchronized(const struct actor *actor)
{
	for (; actor->parent != NULL; actor = actor->parent) {
		if (actor->synchronized)
			return true;
	}
	return false;
}

/*
 * A buffer to draw to: one that is free, or a single one for who does not wait. What is drawn
 * to a buffer in use is to be committed before anybody can see it.
 */
static struct twin_buffer *get_buffer(struct world *world, struct actor *actor)
{
	int32_t first = random_below(world, actor->n_buffers);

	for (int32_t k = 0; k < actor->n_buffers; k++) {
		struct twin_buffer **buffer = &actor->buffers[(first + k) % actor->n_buffers];
		bool single = actor->n_buffers == 1 && !is_synchronized(actor) &&
			      (!world->timed || !actor->in_flight);
		if (*buffer == NULL) {
			if (actor->mixes_memory)
				choose_memory(world, actor);
			*buffer = twin_buffer_create(&world->twin, &actor->spec);
		}
		if (!twin_buffer_is_busy(*buffer) || single)
			return *buffer;
	}
	/* All are in use: forget them. */
	actor_retire_buffers(world, actor);
	return get_buffer(world, actor);
}

static void damage_buffer(struct actor *actor, struct rect r)
{
	both(wl_surface_damage_buffer(actor->surface->wl[i], r.x, r.y, r.width, r.height));
}

static void damage_surface(struct actor *actor, struct rect r)
{
	both(wl_surface_damage(actor->surface->wl[i], r.x, r.y, r.width, r.height));
}

void actor_claim_junk(struct world *world, struct actor *actor)
{
	struct rect rect = random_rect(world, actor);

	switch (random_below(world, 8)) {
	case 0:
		damage_buffer(actor, rect);
		break;
	case 1:
		damage_surface(actor, rect);
		break;
	case 2:
		damage_buffer(actor, (struct rect){-50, -60, 100, 70});
		break;
	case 3:
		damage_surface(actor, (struct rect){INT32_MAX - 5, 3, 100, 100});
		break;
	case 4:
		damage_buffer(actor, (struct rect){-7, -8, 0, -3});
		break;
	default:
		break;
	}
}

static struct rect grow(struct rect rect, int32_t by)
{
	return (struct rect){rect.x - by, rect.y - by, rect.width + 2 * by, rect.height + 2 * by};
}

/* In surface coordinates, where the way there is a division only. */
static void claim_on_surface(struct actor *actor, struct rect r)
{
	int32_t scale = actor->scale;
	int32_t x2 = (r.x + r.width + scale - 1) / scale;
	int32_t y2 = (r.y + r.height + scale - 1) / scale;

	damage_surface(
		actor, (struct rect){r.x / scale, r.y / scale, x2 - r.x / scale, y2 - r.y / scale});
}

static void claim_rect(struct world *world, struct actor *actor, struct rect rect)
{
	/* Weston does not draw, nor upload, what filtering lets be seen beside it. */
	if (actor->has_viewport && world->filters)
		rect = grow(rect, 2);
	if (one_in(world, 5))
		rect = grow(rect, random_below(world, 40));
	if (!actor->has_viewport && actor->transform == 0 && rect.x >= 0 && rect.y >= 0 &&
		one_in(world, 2))
		claim_on_surface(actor, rect);
	else
		damage_buffer(actor, rect);
}

static void claim(struct world *world, struct actor *actor, bool honest)
{
	/* More would overflow in Weston 14, where a cached commit moves the surface. */
	const struct rect all = {0, 0, INT32_MAX / 2, INT32_MAX / 2};

	if (actor->all_dirty || one_in(world, 3)) {
		if (one_in(world, 2))
			damage_buffer(actor, all);
		else
			damage_surface(actor, all);
		actor->n_dirty = 0;
	}
	/* Who is not honest leaves something out. */
	while (actor->n_dirty > (honest ? 0 : 1))
		claim_rect(world, actor, actor->dirty[--actor->n_dirty]);
	actor_claim_junk(world, actor);
	actor->all_dirty = false;
}

static void promise(struct world *world, struct actor *actor, struct twin_buffer *buffer)
{
	if (actor->surface->watch != NULL && one_in(world, 8))
		wltex_surface_v1_set_content_sum(actor->surface->watch, twin_buffer_sum(buffer));
}

static void attach(struct world *world, struct actor *actor, struct twin_buffer *buffer)
{
	int32_t dx = 0, dy = 0;

	/* It moves the surface. */
	if (actor->parent != NULL && one_in(world, 30)) {
		dx = random_from(world, -3, 3);
		dy = random_from(world, -3, 3);
		actor->all_dirty = true;
		tell(world, actor, "moves by %d,%d", dx, dy);
	}
	both(wl_surface_attach(actor->surface->wl[i], buffer->wl_buffers[i], dx, dy));
	both(buffer->busy[i] = true);
}

static void commit(struct world *world, struct actor *actor, bool honest)
{
	struct twin_buffer *buffer = get_buffer(world, actor);

	twin_buffer_write(buffer, actor->pixels);
	promise(world, actor, buffer);
	attach(world, actor, buffer);
	/* Weston 14 shows one row of these all over, where it draws to a framebuffer object. */
	if (actor->attached == NULL || actor->attached->spec.y_inverted || buffer->spec.y_inverted)
		actor->all_dirty = true;
	claim(world, actor, honest);
	twin_commit(actor->surface);
	actor->attached = buffer;
	actor->in_flight = true;
	world->commits++;
	tell(world, actor, "shows %dx%d %.4s in %s%s, buffer %d of %d", buffer->spec.width,
		buffer->spec.height, (const char *)&buffer->spec.format,
		buffer->spec.memory == TWIN_SHM ? "shm" : "dmabuf",
		buffer->spec.memory == TWIN_DMABUF_UNSEALED ? " unsealed"
		: buffer->spec.y_inverted                   ? " upside down"
							    : "",
		buffer->fd, actor->n_buffers);
}

void actor_commit(struct world *world, struct actor *actor)
{
	/* Some claim too little, and the rest right after. */
	if (one_in(world, 6))
		commit(world, actor, false);
	commit(world, actor, true);
}

void actor_commit_state(struct world *world, struct actor *actor, bool detach)
{
	/* Weston 14 compares the viewport with the buffer that it shows, not with a cached one. */
	if (!detach && actor->has_viewport && is_synchronized(actor))
		return;
	if (detach) {
		both(wl_surface_attach(actor->surface->wl[i], NULL, 0, 0));
		actor->attached = NULL;
		actor->all_dirty = true;
	}
	actor_claim_junk(world, actor);
	twin_commit(actor->surface);
	world->commits++;
	tell(world, actor, detach ? "shows nothing" : "commits without a buffer");
}
