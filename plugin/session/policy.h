/* SPDX-License-Identifier: MIT */
#ifndef SESSION_POLICY_H
#define SESSION_POLICY_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Whether it pays to look at what a surface commits. Looks go on as long as they find work
 * that would be done for nothing. A surface that changes all that it claims (video, games), or
 * whose looks cost more than there is for them, or never have anything to compare with, is left
 * alone for a time, which doubles each time; then it is looked at again twice: once to have
 * something to compare with, once to compare.
 */
enum policy_state {
	POLICY_LOOKING,
	POLICY_ALL_CHANGES, // left alone: all that is claimed changes
	POLICY_TOO_COSTLY,  // left alone: over the budget
	POLICY_IN_VAIN,     // left alone: there never was anything to compare with
};

struct policy_part {
	enum policy_state state;
	uint32_t strikes; // looks in a row that saved nothing, or cost too much
	uint32_t in_vain; // looks in a row that had nothing to compare with
	uint64_t rest_end_ns, next_rest_ns;
};

/*
 * Small claims and others are learnt of apart: a cursor that blinks, and is claimed exactly, says
 * nothing of what else the surface claims, nor is there much to be saved of it.
 */
struct policy {
	struct policy_part small, large;
	bool last_small; // what was committed last
};

/* Whether a claim of so many pixels is a small one: to look at it costs next to nothing. */
bool policy_is_small(uint64_t claimed_px);

void policy_init(struct policy *policy);

/*
 * Something was committed that claims so many pixels, at that time (monotonic clock): whether to
 * look at it.
 */
bool policy_begin(struct policy *policy, uint64_t claimed_px, uint64_t now_ns);

/*
 * What the look found: whether there was something to compare with, and pixels claimed and
 * changed.
 */
void policy_end(struct policy *policy, bool compared, uint64_t claimed_px, uint64_t changed_px,
	uint64_t now_ns);

/* It would have cost too much. */
void policy_refuse(struct policy *policy, uint64_t claimed_px, uint64_t now_ns);

/* Of what was committed last, in words, e.g. "looking". */
const char *policy_describe(const struct policy *policy);

#endif
