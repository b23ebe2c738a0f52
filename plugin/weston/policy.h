/* SPDX-License-Identifier: MIT */
#ifndef WESTON_POLICY_H
#define WESTON_POLICY_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Whether it pays to look at what a surface commits. Sums stay on as long as they find
 * work that would be done for nothing. A surface that changes all that it claims (video,
 * games), or whose sums cost too much, is left alone for a number of commits, which
 * doubles each time; then it is looked at again for two commits: one to have something
 * to compare with, one to compare.
 */
struct policy_budget {
	/* Nanoseconds that one look may cost, and all looks within a second. */
	uint64_t commit_ns, second_ns;
};

enum policy_state {
	POLICY_LOOKING,
	POLICY_ALL_CHANGES, // left alone: all that is claimed changes
	POLICY_TOO_COSTLY,  // left alone: over the budget
};

struct policy {
	enum policy_state state;
	uint32_t strikes;         // looks in a row that saved nothing, or cost too much
	uint32_t rest, next_rest; // commits to be left alone, now and next time
	uint64_t second_start_ns, second_spent_ns;
};

void policy_init(struct policy *policy);

/* A commit comes: whether to look at it. */
bool policy_begin(struct policy *policy);

/*
 * What the look found: pixels claimed and really changed (equal where there was nothing
 * to compare with: compared false), when it was (monotonic clock), and how long it took.
 */
void policy_end(struct policy *policy, const struct policy_budget *budget, bool compared,
	uint64_t claimed_px, uint64_t changed_px, uint64_t now_ns, uint64_t cost_ns);

/* The state in words, e.g. "looking". */
const char *policy_state_name(enum policy_state state);

#endif
