/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <search.h>
#include <stddef.h>

#include "cli/report/index.h"

static int compare(const void *a, const void *b)
{
	uint64_t x = ((const struct index_key *)a)->number;
	uint64_t y = ((const struct index_key *)b)->number;

	return (x > y) - (x < y);
}

void *index_find(const struct index *index, uint64_t number)
{
	struct index_key key = {number};
	void **node = tfind(&key, &index->root, compare);

	return node != NULL ? *node : NULL;
}

int index_insert(struct index *index, struct index_key *key)
{
	void **node = tsearch(key, &index->root, compare);

	if (node == NULL)
		return -ENOMEM;
	return *node == key ? 0 : -EEXIST;
}

void index_remove(struct index *index, struct index_key *key)
{
	if (index_find(index, key->number) == key)
		tdelete(key, &index->root, compare);
}

void index_finish(struct index *index, void (*destroy)(void *key))
{
	tdestroy(index->root, destroy);
	index->root = NULL;
}
