/* SPDX-License-Identifier: MIT */
#ifndef OBSERVER_WORTH_H
#define OBSERVER_WORTH_H

/*
 * Whether it pays to trim a surface's damage, in CPU time of the whole process. Where the compositor
 * shows a buffer directly, or uploads it all the same, there is nothing to be saved, and that is not
 * seen from outside. So now and then some commits in a row are trimmed, and some are not, and what
 * the compositor spends from one to the next is compared.
 */
#include <stdbool.h>
#include <stdint.h>

/* Commits of a trial that are compared, of each kind; one accident among them counts nothing. */
#define WORTH_COMMITS 15

enum worth_phase {
	WORTH_TRIMMED, // of a trial
	WORTH_CLAIMED, // of a trial
	WORTH_DECIDED,
};

struct worth {
	enum worth_phase phase;
	bool pays;           // once decided
	uint32_t n;          // commits of this phase
	uint32_t period;     // commits until the next trial
	uint64_t last_ns;    // CPU time at the last commit
	uint64_t trimmed_ns; // what one took: the median
	uint64_t spent_ns[WORTH_COMMITS];
};

void worth_init(struct worth *worth);

/* A commit comes that could be trimmed: whether it is to be. */
bool worth_begin(struct worth *worth, uint64_t cpu_ns);

/* CPU time of this process, in nanoseconds. */
uint64_t worth_get_cpu_ns(void);

#endif
