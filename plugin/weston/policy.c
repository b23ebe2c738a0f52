/* SPDX-License-Identifier: MIT */
#include "weston/policy.h"

#define MAX_STRIKES 4
#define MS UINT64_C(1000000)
#define FIRST_REST (500 * MS)
#define LAST_REST (16000 * MS)
/* A look at so little costs less than any repaint: there is nothing to save. */
#define FREE_PX (UINT64_C(16) * 64 * 64)

void policy_init(struct policy *policy)
{
	*policy = (struct policy){.next_rest_ns = FIRST_REST};
}

bool policy_begin(struct policy *policy, uint64_t now_ns)
{
	if (policy->state == POLICY_LOOKING)
		return true;
	if (now_ns < policy->rest_end_ns)
		return false;
	policy->state = POLICY_LOOKING;
	policy->strikes = MAX_STRIKES - 1;
	return true;
}

static void strike(struct policy *policy, enum policy_state state, uint64_t now_ns)
{
	if (++policy->strikes < MAX_STRIKES)
		return;
	policy->state = state;
	policy->rest_end_ns = now_ns + policy->next_rest_ns;
	if (policy->next_rest_ns < LAST_REST)
		policy->next_rest_ns *= 2;
}

void policy_end(struct policy *policy, bool compared, uint64_t claimed_px, uint64_t changed_px,
	uint64_t now_ns)
{
	if (!compared || claimed_px <= FREE_PX)
		return;
	/* An eighth is what the look itself may cost of a repaint. */
	if (changed_px > claimed_px - claimed_px / 8) {
		strike(policy, POLICY_ALL_CHANGES, now_ns);
		return;
	}
	policy->strikes = 0;
	policy->next_rest_ns = FIRST_REST;
}

void policy_refuse(struct policy *policy, uint64_t now_ns)
{
	strike(policy, POLICY_TOO_COSTLY, now_ns);
}

const char *policy_state_name(enum policy_state state)
{
	static const char *const names[] = {
		[POLICY_LOOKING] = "looking",
		[POLICY_ALL_CHANGES] = "left alone: all that is claimed changes",
		[POLICY_TOO_COSTLY] = "left alone: sums cost too much",
	};

	return names[state];
}
