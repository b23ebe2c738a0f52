/* SPDX-License-Identifier: MIT */
#include "session/budget.h"

#define MIB (UINT64_C(1) << 20)
#define SECOND_NS UINT64_C(1000000000)

/* At first, and within which all that is measured is believed: 10 GB/s, 100, and 0.2. */
#define FIRST_NS_PER_MIB 100000
#define MIN_NS_PER_MIB 10000
#define MAX_NS_PER_MIB 5000000
/* Less tells nothing of how fast memory is read. */
#define MIN_BYTES (UINT64_C(64) << 10)

void budget_init(struct budget *budget, uint64_t repaint_ns, uint64_t second_ns)
{
	*budget = (struct budget){
		.repaint_ns = repaint_ns,
		.second_ns = second_ns,
		.ns_per_mib = FIRST_NS_PER_MIB,
	};
}

void budget_begin_repaint(struct budget *budget)
{
	budget->left_ns = budget->repaint_ns;
}

static uint64_t estimate(const struct budget *budget, uint64_t bytes)
{
	return bytes / MIB >= SECOND_NS / MIN_NS_PER_MIB ? UINT64_MAX
							 : bytes * budget->ns_per_mib / MIB;
}

bool budget_fits_share(
	const struct budget *budget, struct budget_share *share, uint64_t bytes, uint64_t now_ns)
{
	if (now_ns - share->second_begin_ns >= SECOND_NS) {
		share->second_begin_ns = now_ns;
		share->spent_ns = 0;
	}
	return share->spent_ns < budget->second_ns &&
	       estimate(budget, bytes) <= budget->second_ns - share->spent_ns;
}

bool budget_fits(
	const struct budget *budget, struct budget_share *share, uint64_t bytes, uint64_t now_ns)
{
	return estimate(budget, bytes) <= budget->left_ns &&
	       budget_fits_share(budget, share, bytes, now_ns);
}

void budget_spend_share(struct budget_share *share, uint64_t took_ns)
{
	share->spent_ns += took_ns;
}

/*
 * Memory is hardly ever read sooner than it is found to be, but often later: the machine is busy
 * with other things. So what is believed falls at once, and rises slowly.
 */
static void learn(struct budget *budget, uint64_t ns_per_mib)
{
	if (ns_per_mib > MAX_NS_PER_MIB)
		ns_per_mib = MAX_NS_PER_MIB;
	if (ns_per_mib < MIN_NS_PER_MIB)
		ns_per_mib = MIN_NS_PER_MIB;
	if (ns_per_mib < budget->ns_per_mib)
		budget->ns_per_mib = (budget->ns_per_mib + ns_per_mib) / 2;
	else
		budget->ns_per_mib += (ns_per_mib - budget->ns_per_mib) / 16;
}

void budget_spend(
	struct budget *budget, struct budget_share *share, uint64_t bytes, uint64_t took_ns)
{
	if (bytes >= MIN_BYTES)
		learn(budget, took_ns * MIB / bytes);
	budget->left_ns -= took_ns < budget->left_ns ? took_ns : budget->left_ns;
	budget_spend_share(share, took_ns);
}
