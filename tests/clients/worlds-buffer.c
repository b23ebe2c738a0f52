/* SPDX-License-Identifier: MIT */
/* Memory and buffers of a random world: several buffers may lie in one piece of memory. */
#include <drm_fourcc.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "worlds.h"

/* Of a pool that grows. */
#define MOST_BYTES 4000000

static const uint32_t formats[] = {DRM_FORMAT_XRGB8888, DRM_FORMAT_XRGB8888, DRM_FORMAT_XRGB8888,
	DRM_FORMAT_XBGR8888, DRM_FORMAT_RGB565};
static const uint32_t alpha_formats[] = {
	DRM_FORMAT_ARGB8888, DRM_FORMAT_ARGB8888, DRM_FORMAT_ABGR8888};

static void map(struct memory *memory)
{
	memory->bytes = mmap(NULL, memory->size, PROT_READ | PROT_WRITE, MAP_SHARED, memory->fd, 0);
	check(memory->bytes != MAP_FAILED);
}

static struct memory *memory_create(size_t size, bool sealed)
{
	struct memory *memory = calloc(1, sizeof(*memory));

	check(memory != NULL);
	*memory = (struct memory){.users = 1, .size = size, .sealed = sealed};
	memory->fd = memfd_create("wltex-world", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	check(memory->fd >= 0 && ftruncate(memory->fd, (off_t)size) == 0);
	if (sealed)
		check_int(fcntl(memory->fd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	map(memory);
	return memory;
}

static void memory_unref(struct memory *memory)
{
	if (memory == NULL || --memory->users > 0)
		return;
	munmap(memory->bytes, memory->size);
	close(memory->fd);
	free(memory->saved);
	free(memory);
}

static void memory_grow(struct memory *memory, size_t size)
{
	check_int(ftruncate(memory->fd, (off_t)size), 0);
	munmap(memory->bytes, memory->size);
	free(memory->saved);
	memory->saved = NULL;
	memory->size = size;
	map(memory);
}

static uint32_t get_shm_format(uint32_t format)
{
	if (format == DRM_FORMAT_ARGB8888)
		return WL_SHM_FORMAT_ARGB8888;
	return format == DRM_FORMAT_XRGB8888 ? WL_SHM_FORMAT_XRGB8888 : format;
}

static void make_shm(struct place *place, int i)
{
	if (place->pool[i] == NULL)
		place->pool[i] = wl_shm_create_pool(
			world.twin.screens[i].shm, place->memory->fd, (int32_t)place->memory->size);
	place->wl[i] = wl_shm_pool_create_buffer(place->pool[i], (int32_t)place->offset,
		place->width, place->height, (int32_t)place->stride, get_shm_format(place->format));
}

static void make_dmabuf(struct place *place, int i)
{
	struct zwp_linux_buffer_params_v1 *params =
		zwp_linux_dmabuf_v1_create_params(world.twin.screens[i].dmabuf);

	zwp_linux_buffer_params_v1_add(params, place->memory->fd, 0, (uint32_t)place->offset,
		(uint32_t)place->stride, DRM_FORMAT_MOD_LINEAR >> 32,
		DRM_FORMAT_MOD_LINEAR & 0xffffffff);
	place->wl[i] = zwp_linux_buffer_params_v1_create_immed(params, place->width, place->height,
		place->format, place->y_inverted ? ZWP_LINUX_BUFFER_PARAMS_V1_FLAGS_Y_INVERT : 0);
	zwp_linux_buffer_params_v1_destroy(params);
}

static void make_wl_buffers(struct place *place)
{
	for (int i = 0; i < 2; i++) {
		if (place->shm)
			make_shm(place, i);
		else
			make_dmabuf(place, i);
	}
}

static void destroy_wl_buffers(struct place *place)
{
	if (place->wl[0] != NULL)
		both(wl_buffer_destroy(place->wl[i]));
	both(place->wl[i] = NULL);
}

void place_finish(struct place *place)
{
	destroy_wl_buffers(place);
	if (place->pool[0] != NULL)
		both(wl_shm_pool_destroy(place->pool[i]));
	memory_unref(place->memory);
	*place = (struct place){0};
}

/* Whether a compositor may be about to read what is in this memory. */
static bool is_held(const struct memory *memory)
{
	for (int k = 0; k < N_ACTORS; k++) {
		const struct actor *actor = &world.actors[k];
		if (actor->wl[0] != NULL && actor->place >= 0 &&
			world.places[actor->place].memory == memory &&
			(!actor->hidden || actor->attached != NOTHING_NEW))
			return true;
	}
	for (int k = 0; k < N_PLACES; k++) {
		if (world.places[k].fresh && world.places[k].memory == memory)
			return true;
	}
	return false;
}

static bool may_write(const struct memory *memory)
{
	return !world.avoid.late || !is_held(memory);
}

static bool may_destroy(const struct place *place)
{
	if (world.avoid.gone && place->memory != NULL && is_held(place->memory))
		return false;
	return !(world.avoid.destroy && place->fresh);
}

uint8_t *place_get_row(const struct place *place, int32_t y)
{
	int32_t row = place->y_inverted ? place->height - 1 - y : y;

	return place->memory->bytes + place->offset + (size_t)row * place->stride;
}

static void put_pixel(const struct place *place, int32_t x, int32_t y, uint32_t argb)
{
	uint8_t *pixel = place_get_row(place, y) + (size_t)x * place->bytes_per_pixel;
	uint16_t rgb565 =
		(uint16_t)((argb >> 8 & 0xf800) | (argb >> 5 & 0x07e0) | (argb >> 3 & 0x1f));

	if (place->bytes_per_pixel == 2)
		memcpy(pixel, &rgb565, 2);
	else
		memcpy(pixel, &argb, 4);
}

void place_fill(
	struct place *place, int32_t x, int32_t y, int32_t width, int32_t height, uint32_t argb)
{
	for (int32_t row = y; row < y + height && row < place->height; row++) {
		for (int32_t column = x; column < x + width && column < place->width; column++)
			put_pixel(place, column, row, argb);
	}
}

/* A picture in which no two places look alike. */
static void draw_pattern(struct place *place, uint32_t kind)
{
	for (int32_t y = 0; y < place->height; y++) {
		for (int32_t x = 0; x < place->width; x++)
			put_pixel(place, x, y,
				0xff000000u | ((uint32_t)(x * 7 + y * 13) * 2654435761u ^
						      kind * 0x9e3779b9u) >>
						      8);
	}
}

static void copy(struct place *a, const struct place *b)
{
	size_t a_row = (size_t)a->width * a->bytes_per_pixel;
	size_t b_row = (size_t)b->width * b->bytes_per_pixel;

	for (int32_t y = 0; y < a->height && y < b->height; y++)
		memmove(place_get_row(a, y), place_get_row(b, y), a_row < b_row ? a_row : b_row);
}

void place_copy(int to, int from)
{
	const struct place *source = &world.places[from];
	struct place *place = &world.places[to];

	if (source->memory == NULL || to == from || !may_write(place->memory))
		return;
	copy(place, source);
	tell("copy to b%d from b%d", to, from);
}

static void save(struct memory *memory)
{
	if (memory->saved == NULL)
		memory->saved = malloc(memory->size);
	check(memory->saved != NULL);
	memcpy(memory->saved, memory->bytes, memory->size);
}

static void draw(int number, int32_t kind, uint32_t argb)
{
	struct place *place = &world.places[number];
	int32_t x = pick(place->width), y = pick(place->height);
	int32_t width = between(1, place->width), height = between(1, place->height);

	if (kind < 26) {
		place_fill(place, 0, 0, place->width, place->height, argb);
		tell("fill b%d with %08x", number, argb);
	} else if (kind < 51) {
		place_fill(place, x, y, width, height, argb);
		tell("fill b%d at %d,%d %dx%d with %08x", number, x, y, width, height, argb);
	} else if (kind < 61) {
		put_pixel(place, x, y, argb);
		tell("fill b%d at %d,%d with %08x", number, x, y, argb);
	} else {
		draw_pattern(place, argb);
		tell("draw all over b%d", number);
	}
}

void place_write_some(int number)
{
	struct memory *memory = world.places[number].memory;
	int32_t kind = pick(100), colour = pick(N_COLOURS), other = pick(N_PLACES);
	bool keep = chance(50);

	if (!may_write(memory)) {
		tell("(b%d is held)", number);
	} else if (kind < 14 && memory->saved != NULL) {
		memcpy(memory->bytes, memory->saved, memory->size);
		tell("restore b%d", number);
	} else if (kind >= 14) {
		if (keep) {
			save(memory);
			tell("save b%d", number);
		}
		if (kind < 82)
			draw(number, kind - 14, world.palette[colour]);
		else
			place_copy(number, other);
	}
}

static void choose_format(struct place *place)
{
	enum twin_memory kind;
	bool alpha = chance(40);
	int32_t a = pick(3), x = pick(5), invert = pick(12);

	place->shm = chance(50);
	place->format = alpha && !world.avoid.alpha ? alpha_formats[a] : formats[x];
	kind = place->shm ? TWIN_SHM : TWIN_DMABUF;
	if (world.avoid.formats || !twin_takes(&world.twin, kind, place->format)) {
		place->format =
			alpha && !world.avoid.alpha ? DRM_FORMAT_ARGB8888 : DRM_FORMAT_XRGB8888;
		place->shm |= !twin_takes(&world.twin, TWIN_DMABUF, place->format);
	}
	place->bytes_per_pixel = place->format == DRM_FORMAT_RGB565 ? 2 : 4;
	place->y_inverted = !place->shm && invert == 0 && !world.avoid.invert;
}

static void choose_size(int number, struct place *place)
{
	const int32_t *size = world.sizes[chance(85) ? number % N_SIZES : pick(N_SIZES)];
	bool any = chance(12);
	int32_t width = between(1, 300), height = between(1, 300);
	int32_t padding = pick(4) ? 0 : 64 * between(1, 3),
		offset = pick(4) ? 0 : 256 * between(1, 5);

	place->width = any ? width : size[0];
	place->height = any ? height : size[1];
	/* In pixels of the larger kind, so that all formats are aligned. */
	place->stride = (size_t)((place->width * 4 + padding) & ~3);
	place->offset = (size_t)offset;
}

/* The same buffer again, of another kind perhaps. */
static void choose_twin(struct place *place, const struct place *other)
{
	bool same = chance(50);
	bool shm = place->shm;

	*place = *other;
	place->shm = same ? other->shm : shm;
	if (!place->shm && !twin_takes(&world.twin, TWIN_DMABUF, place->format))
		place->shm = true;
	if (place->shm && !twin_takes(&world.twin, TWIN_SHM, place->format))
		place->shm = false;
	place->y_inverted &= !place->shm;
	both(place->wl[i] = NULL);
	both(place->pool[i] = NULL);
	place->fresh = false;
}

/* Memory of its own, or another's. */
static bool choose_memory(struct place *place, struct place *other)
{
	size_t size = place->offset + place->stride * (size_t)place->height;
	int32_t dice = pick(100), tail = pick(3) ? 0 : pick(5000);
	bool sealed = !chance(12);
	bool shareable = other != NULL && other->memory != NULL && may_write(other->memory);

	if (dice < 20 && shareable && other->memory->size >= size)
		place->memory = other->memory;
	else if (dice < 40 && shareable)
		choose_twin(place, other);
	if (place->memory != NULL) {
		place->memory->users++;
		return true;
	}
	place->memory = memory_create(size + (size_t)tail, sealed);
	return false;
}

static void tell_of(int number, bool shared)
{
	const struct place *place = &world.places[number];

	tell("make b%d %s%s %dx%d %.4s offset %zu stride %zu%s%s", number,
		place->shm ? "shm" : "dmabuf", place->memory->sealed ? "" : " unsealed",
		place->width, place->height, (const char *)&place->format, place->offset,
		place->stride, place->y_inverted ? " upside down" : "",
		shared ? " (shared memory)" : "");
}

void place_make(int number)
{
	struct place *place = &world.places[number], *other = &world.places[pick(N_PLACES)];
	struct place was = *place, new = {0};
	bool before = chance(50), shared;
	uint32_t argb = world.palette[pick(N_COLOURS)];

	if (!may_destroy(place)) {
		tell("(b%d is in use)", number);
		return;
	}
	choose_size(number, &new);
	choose_format(&new);
	shared = choose_memory(&new, other != place ? other : NULL);
	if (before)
		destroy_wl_buffers(&was);
	make_wl_buffers(&new);
	place_finish(&was);
	*place = new;
	tell_of(number, shared);
	if (!shared)
		place_fill(place, 0, 0, place->width, place->height, argb);
}

void place_need(int number)
{
	struct place *place = &world.places[number];

	if (place->wl[0] != NULL)
		return;
	if (place->memory == NULL) {
		place_make(number);
		return;
	}
	make_wl_buffers(place);
	tell("again b%d", number);
}

void place_destroy(int number)
{
	struct place *place = &world.places[number];

	if (place->wl[0] == NULL)
		return;
	if (!may_destroy(place)) {
		tell("(b%d is in use)", number);
		return;
	}
	destroy_wl_buffers(place);
	tell("destroy b%d", number);
}

static bool has_8888(const struct place *place)
{
	return place->bytes_per_pixel == 4;
}

void place_make_again(int number)
{
	struct place *place = &world.places[number];
	bool wait = chance(70), other_format = chance(30);

	if (place->wl[0] == NULL || !may_destroy(place))
		return;
	destroy_wl_buffers(place);
	/* Else the id may be another. */
	if (wait)
		twin_sync(&world.twin);
	if (other_format && has_8888(place) && !world.avoid.alpha)
		place->format ^= DRM_FORMAT_ARGB8888 ^ DRM_FORMAT_XRGB8888;
	make_wl_buffers(place);
	tell("destroy b%d, and again as %.4s", number, (const char *)&place->format);
}

void place_grow(int from, int to)
{
	struct place *place = &world.places[from], *new = &world.places[to], grown = *place;
	size_t was, size;
	bool same = chance(60);

	if (place->wl[0] == NULL || !place->shm || place->pool[0] == NULL || from == to ||
		world.avoid.resize || !may_destroy(new))
		return;
	was = (place->memory->size + 255) & ~(size_t)255;
	size = was + place->stride * (size_t)place->height;
	if (size > MOST_BYTES)
		return;
	memory_grow(place->memory, size);
	both(wl_shm_pool_resize(place->pool[i], (int32_t)size));
	grown.offset = was;
	grown.fresh = false;
	grown.memory->users++;
	for (int i = 0; i < 2; i++) {
		make_shm(&grown, i);
		grown.pool[i] = NULL;
	}
	place_finish(new);
	*new = grown;
	tell("pool of b%d grows; b%d there%s", from, to, same ? ", the same" : "");
	if (same)
		copy(new, place);
}

void place_init(struct place *place, int32_t width, int32_t height, uint32_t format, uint32_t argb)
{
	*place = (struct place){
		.shm = true,
		.width = width,
		.height = height,
		.stride = (size_t)width * 4,
		.bytes_per_pixel = 4,
		.format = format,
		.memory = memory_create((size_t)width * (size_t)height * 4, true),
	};
	make_wl_buffers(place);
	place_fill(place, 0, 0, width, height, argb);
}
