/* SPDX-License-Identifier: MIT */
/* What the clients of a random world claim to have changed, rightly or not. */
#include <stdlib.h>

#include "worlds.h"

static const struct place *get_content(const struct actor *actor)
{
	const struct place *place = actor->place >= 0 ? &world.places[actor->place] : NULL;

	return place != NULL && place->memory != NULL ? place : NULL;
}

static int32_t smaller(int32_t a, int32_t b)
{
	return a < b ? a : b;
}

static int32_t greater(int32_t a, int32_t b)
{
	return a > b ? a : b;
}

static void add_row(
	struct box *box, const uint8_t *a, const uint8_t *b, size_t bytes, int32_t y, int32_t width)
{
	for (int32_t x = 0; x < width; x++) {
		if (memcmp(a + (size_t)x * bytes, b + (size_t)x * bytes, bytes) == 0)
			continue;
		box->x1 = smaller(box->x1, x);
		box->y1 = smaller(box->y1, y);
		box->x2 = greater(box->x2, x + 1);
		box->y2 = y + 1;
	}
}

bool find_change(const struct actor *actor, struct box *box)
{
	const struct place *place = get_content(actor);
	size_t bytes, row;

	*box = (struct box){0};
	if (place == NULL)
		return false;
	bytes = place->bytes_per_pixel;
	row = (size_t)place->width * bytes;
	if (actor->shown == NULL || actor->shown_width != place->width ||
		actor->shown_height != place->height || actor->shown_bytes_per_pixel != bytes) {
		*box = (struct box){0, 0, place->width, place->height};
		return true;
	}
	*box = (struct box){INT32_MAX, INT32_MAX, 0, 0};
	for (int32_t y = 0; y < place->height; y++)
		add_row(box, actor->shown + (size_t)y * row, place_get_row(place, y), bytes, y,
			place->width);
	return box->x2 > 0;
}

void remember_content(struct actor *actor)
{
	const struct place *place = get_content(actor);
	size_t row;

	if (place == NULL)
		return;
	row = (size_t)place->width * place->bytes_per_pixel;
	free(actor->shown);
	actor->shown = malloc(row * (size_t)place->height);
	check(actor->shown != NULL);
	actor->shown_width = place->width;
	actor->shown_height = place->height;
	actor->shown_bytes_per_pixel = place->bytes_per_pixel;
	for (int32_t y = 0; y < place->height; y++)
		memcpy(actor->shown + (size_t)y * row, place_get_row(place, y), row);
}

static void damage(int number, bool in_buffer, struct box box)
{
	const struct actor *actor = &world.actors[number];
	/* More would overflow in Weston 14, where a cached commit moves the surface. */
	int32_t most = actor->dx != 0 || actor->dy != 0 ? INT32_MAX / 2 : INT32_MAX;
	int32_t width = smaller(box.x2 - box.x1, most), height = smaller(box.y2 - box.y1, most);

	if (in_buffer)
		both(wl_surface_damage_buffer(actor->wl[i], box.x1, box.y1, width, height));
	else
		both(wl_surface_damage(actor->wl[i], box.x1, box.y1, width, height));
}

static const struct box everything = {0, 0, INT32_MAX, INT32_MAX};

void claim_all(int number)
{
	damage(number, true, everything);
}

void claim_change(int number)
{
	struct box box;

	if (find_change(&world.actors[number], &box))
		damage(number, true, box);
}

static struct box grow(struct box box, int32_t x, int32_t y)
{
	return (struct box){box.x1 - x, box.y1 - y, box.x2 + x, box.y2 + y};
}

/* A quarter of it, at the left or somewhat right of that. */
static struct box shrink(struct box box, bool right)
{
	int32_t width = (box.x2 - box.x1 + 1) / 2, height = (box.y2 - box.y1 + 1) / 2;
	int32_t x = box.x1 + (right ? width / 2 : 0);

	return (struct box){x, box.y1, x + width, box.y1 + height};
}

static void claim_outside(int number, bool in_buffer, int32_t a, int32_t b)
{
	int32_t right = world.actors[number].width + a;

	damage(number, in_buffer, (struct box){right, -50, right + 100, -10});
	damage(number, in_buffer, (struct box){-100, -100, 1 + a / 2, 1 + b / 2});
	/* Nothing, and less. */
	damage(number, in_buffer, (struct box){-7, -8, -7, -11});
	tell("claim s%d outside", number);
}

static void claim_many(int number, bool in_buffer, int32_t n)
{
	for (int32_t k = 0; k < n; k++) {
		int32_t x = pick(world.actors[number].width), y = pick(world.actors[number].height);
		int32_t width = 1 + pick(20), height = 1 + pick(20);
		damage(number, in_buffer, (struct box){x, y, x + width, y + height});
	}
	tell("claim s%d %d rectangles", number, n);
}

static void claim_around(int number, enum claim what, bool in_buffer, int32_t a, int32_t b)
{
	struct box box;

	if (!find_change(&world.actors[number], &box)) {
		tell("claim s%d nothing (same)", number);
		return;
	}
	if (what == CLAIM_TOO_LITTLE)
		box = shrink(box, a & 1);
	if (what == CLAIM_WIDE)
		box = grow(box, a, b);
	damage(number, in_buffer, box);
	tell("claim s%d%s %d,%d to %d,%d%s", number,
		what == CLAIM_TOO_LITTLE ? " too little"
		: what == CLAIM_WIDE     ? " wide"
					 : "",
		box.x1, box.y1, box.x2, box.y2, in_buffer ? "" : " of the surface");
}

static bool is_plain(const struct actor *actor)
{
	return actor->scale == 1 && actor->transform == 0 && !actor->has_source &&
	       !actor->has_destination;
}

void claim(int number, enum claim what, bool in_buffer)
{
	const struct actor *actor = &world.actors[number];
	int32_t a = pick(100), b = pick(100);

	if (get_content(actor) == NULL)
		return;
	in_buffer |= !is_plain(actor) && what != CLAIM_ALL;
	switch (what) {
	case CLAIM_EXACT:
	case CLAIM_TOO_LITTLE:
	case CLAIM_WIDE:
		claim_around(number, what, in_buffer, a, b);
		break;
	case CLAIM_NOTHING:
		tell("no claim");
		break;
	case CLAIM_ALL:
		damage(number, in_buffer, everything);
		tell("claim s%d all%s", number, in_buffer ? "" : " of the surface");
		break;
	case CLAIM_OUTSIDE:
		claim_outside(number, in_buffer, a, b);
		break;
	case CLAIM_MANY:
		claim_many(number, in_buffer, 20 + a);
		break;
	}
}

void claim_some(int number)
{
	static const struct {
		enum claim what;
		int32_t weight;
	} kinds[] = {
		{CLAIM_EXACT, 34},
		{CLAIM_TOO_LITTLE, 8},
		{CLAIM_NOTHING, 6},
		{CLAIM_ALL, 24},
		{CLAIM_OUTSIDE, 5},
		{CLAIM_MANY, 7},
		{CLAIM_WIDE, 16},
	};
	int32_t dice = pick(100);
	bool in_buffer = chance(70);
	size_t k;

	for (k = 0; dice >= kinds[k].weight; k++)
		dice -= kinds[k].weight;
	claim(number, kinds[k].what, in_buffer);
}
