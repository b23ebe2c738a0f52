/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <sys/random.h>

#include "track/private.h"

/*
 * The pools of a client in a treap: pools of the same memory lie side by side, the largest
 * first. What a client does cannot make the tree deep, as it does not know the priorities.
 */

uint64_t shm_bytes_make_seed(const struct wltex_track *track)
{
	uint64_t seed = 0;

	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != (ssize_t)sizeof(seed))
		seed = (uintptr_t)track;
	return seed;
}

/* splitmix64 */
static uint64_t get_priority(uint64_t *seed)
{
	uint64_t z = (*seed += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static int compare_memory(const struct pool *a, const struct pool *b)
{
	if (a->base.dev != b->base.dev)
		return a->base.dev < b->base.dev ? -1 : 1;
	if (a->base.ino != b->base.ino)
		return a->base.ino < b->base.ino ? -1 : 1;
	return (a->alone > b->alone) - (a->alone < b->alone);
}

static bool is_before(const struct pool *a, const struct pool *b)
{
	int memory = compare_memory(a, b);

	if (memory != 0)
		return memory < 0;
	if (a->base.size != b->base.size)
		return a->base.size > b->base.size;
	return (uintptr_t)a < (uintptr_t)b;
}

/* What lies before a pool goes to the one side, what comes after it to the other. */
static void split(
	struct pool *tree, const struct pool *at, struct pool **before, struct pool **after)
{
	while (tree != NULL) {
		if (is_before(tree, at)) {
			*before = tree;
			before = &tree->after;
			tree = tree->after;
		} else {
			*after = tree;
			after = &tree->before;
			tree = tree->before;
		}
	}
	*before = NULL;
	*after = NULL;
}

/* One tree of two, of which the one lies before the other. */
static void merge(struct pool **tree, struct pool *before, struct pool *after)
{
	while (before != NULL && after != NULL) {
		if (before->priority > after->priority) {
			*tree = before;
			tree = &before->after;
			before = before->after;
		} else {
			*tree = after;
			tree = &after->before;
			after = after->before;
		}
	}
	*tree = before != NULL ? before : after;
}

static struct pool **step(struct pool *from, const struct pool *to)
{
	return is_before(to, from) ? &from->before : &from->after;
}

/* Bytes of the memory that the pool is of: those of the largest pool of it in the tree. */
static uint64_t get_bytes(const struct client *client, const struct pool *pool)
{
	uint64_t bytes = 0;

	for (const struct pool *p = client->pool_tree; p != NULL;) {
		int memory = compare_memory(p, pool);

		if (memory == 0)
			bytes = p->base.size;
		p = memory < 0 ? p->after : p->before;
	}
	return bytes;
}

void shm_bytes_add(struct client *client, struct pool *pool)
{
	struct pool **place = &client->pool_tree;
	uint64_t others = get_bytes(client, pool);

	pool->priority = get_priority(&client->track->seed);
	while (*place != NULL && (*place)->priority >= pool->priority)
		place = step(*place, pool);
	split(*place, pool, &pool->before, &pool->after);
	*place = pool;
	client->base.shm_bytes += get_bytes(client, pool) - others;
}

void shm_bytes_remove(struct client *client, struct pool *pool)
{
	struct pool **place = &client->pool_tree;
	uint64_t with = get_bytes(client, pool);

	while (*place != NULL && *place != pool)
		place = step(*place, pool);
	assert(*place != NULL);
	merge(place, (*place)->before, (*place)->after);
	client->base.shm_bytes -= with - get_bytes(client, pool);
}
