/* SPDX-License-Identifier: MIT */
#include "weston/policy.h"

#define MAX_STRIKES 4
#define FIRST_REST 32
#define LAST_REST 1024
#define SECOND_NS 1000000000u
/* A look at so little costs less than any repaint: there is nothing to save. */
#define FREE_PX (UINT64_C(16) * 64 * 64)

void policy_init(struct policy *policy)
{
	*policy = (struct policy){.next_rest = FIRST_REST};
}

bool policy_begin(struct policy *policy)
{
	if (policy->rest == 0)
		return true;
	if (--policy->rest == 0) {
		policy->state = POLICY_LOOKING;
		policy->strikes = MAX_STRIKES - 1;
	}
	return false;
}

static void leave_alone(struct policy *policy, enum policy_state state)
{
	policy->state = state;
	policy->rest = policy->next_rest;
	if (policy->next_rest < LAST_REST)
		policy->next_rest *= 2;
}

/* Whether the looks of this second cost more than they may. */
static bool second_is_spent(struct policy *policy, const struct policy_budget *budget,
	uint64_t now_ns, uint64_t cost_ns)
{
	if (now_ns - policy->second_start_ns >= SECOND_NS) {
		policy->second_start_ns = now_ns;
		policy->second_spent_ns = 0;
	}
	policy->second_spent_ns += cost_ns;
	return policy->second_spent_ns > budget->second_ns;
}

void policy_end(struct policy *policy, const struct policy_budget *budget, bool compared,
	uint64_t claimed_px, uint64_t changed_px, uint64_t now_ns, uint64_t cost_ns)
{
	bool costly =
		second_is_spent(policy, budget, now_ns, cost_ns) || cost_ns > budget->commit_ns;
	/* An eighth is what the look itself may cost of a repaint. */
	bool fruitless = changed_px > claimed_px - claimed_px / 8;

	if (!costly && (!compared || claimed_px <= FREE_PX))
		return;
	if (!costly && !fruitless) {
		policy->strikes = 0;
		policy->next_rest = FIRST_REST;
		return;
	}
	if (++policy->strikes >= MAX_STRIKES)
		leave_alone(policy, costly ? POLICY_TOO_COSTLY : POLICY_ALL_CHANGES);
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
