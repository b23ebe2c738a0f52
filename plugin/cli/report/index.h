/* SPDX-License-Identifier: MIT */
#ifndef CLI_REPORT_INDEX_H
#define CLI_REPORT_INDEX_H

#include <stdint.h>

/* Finds by a number what is not its own. All zero is an empty one. */
struct index {
	void *root; // of tsearch(3)
};

/* The first member of what is found by it. */
struct index_key {
	uint64_t number;
};

void *index_find(const struct index *index, uint64_t number);
/* Returns 0, -EEXIST, or -ENOMEM. */
int index_insert(struct index *index, struct index_key *key);
void index_remove(struct index *index, struct index_key *key);
/* Forget all, each of which is destroyed. */
void index_finish(struct index *index, void (*destroy)(void *key));

#endif
