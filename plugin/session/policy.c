/* SPDX-License-Identifier: MIT */
#include "session/policy.h"

#define MAX_STRIKES 4
/* Each new size of a window that is resized is one. */
#define MAX_IN_VAIN 6
#define MS UINT64_C(1000000)
#define FIRST_REST (500 * MS)
#define LAST_REST (16000 * MS)
#define SMALL_PX (UINT64_C(16) * 64 * 64)

void policy_init(struct policy *policy)
{
	*policy = (struct policy){
		.small.next_rest_ns = FIRST_REST,
		.large.next_rest_ns = FIRST_REST,
	};
}

bool policy_is_small(uint64_t claimed_px)
{
	return claimed_px <= SMALL_PX;
}

static struct policy_part *get_part(struct policy *policy, uint64_t claimed_px)
{
	return policy_is_small(claimed_px) ? &policy->small : &policy->large;
}

bool policy_begin(struct policy *policy, uint64_t claimed_px, uint64_t now_ns)
{
	struct policy_part *part = get_part(policy, claimed_px);

	policy->last_small = part == &policy->small;
	if (part->state == POLICY_LOOKING)
		return true;
	if (now_ns < part->rest_end_ns)
		return false;
	part->state = POLICY_LOOKING;
	part->strikes = MAX_STRIKES - 1;
	part->in_vain = MAX_IN_VAIN - 2;
	return true;
}

static void leave_alone(struct policy_part *part, enum policy_state state, uint64_t now_ns)
{
	part->state = state;
	part->rest_end_ns = now_ns + part->next_rest_ns;
	if (part->next_rest_ns < LAST_REST)
		part->next_rest_ns *= 2;
}

static void strike(struct policy_part *part, enum policy_state state, uint64_t now_ns)
{
	if (++part->strikes >= MAX_STRIKES)
		leave_alone(part, state, now_ns);
}

void policy_end(struct policy *policy, bool compared, uint64_t claimed_px, uint64_t changed_px,
	uint64_t now_ns)
{
	struct policy_part *part = get_part(policy, claimed_px);

	if (claimed_px == 0)
		return;
	if (!compared) {
		if (++part->in_vain >= MAX_IN_VAIN)
			leave_alone(part, POLICY_IN_VAIN, now_ns);
		return;
	}
	part->in_vain = 0;
	/* An eighth is what the look itself may cost of a repaint. */
	if (changed_px > claimed_px - claimed_px / 8) {
		strike(part, POLICY_ALL_CHANGES, now_ns);
		return;
	}
	part->strikes = 0;
	part->next_rest_ns = FIRST_REST;
}

void policy_refuse(struct policy *policy, uint64_t claimed_px, uint64_t now_ns)
{
	strike(get_part(policy, claimed_px), POLICY_TOO_COSTLY, now_ns);
}

const char *policy_describe(const struct policy *policy)
{
	static const char *const names[] = {
		[POLICY_LOOKING] = "looking",
		[POLICY_ALL_CHANGES] = "left alone: all that is claimed changes",
		[POLICY_TOO_COSTLY] = "left alone: sums cost too much",
		[POLICY_IN_VAIN] = "left alone: nothing to compare with",
	};

	return names[policy->last_small ? policy->small.state : policy->large.state];
}
