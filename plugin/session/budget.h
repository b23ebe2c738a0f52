/* SPDX-License-Identifier: MIT */
#ifndef SESSION_BUDGET_H
#define SESSION_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

/*
 * How much time looks may take: of each repaint, all surfaces together, and of each second, each
 * client's. What a look will take is told from the bytes that it will read and from what reading
 * took so far: one that does not fit is not begun.
 */
struct budget {
	uint64_t repaint_ns, second_ns;
	uint64_t left_ns;    // of the present repaint
	uint64_t ns_per_mib; // that reading takes, as far as was seen
};

/* A client's part. */
struct budget_share {
	uint64_t second_begin_ns, spent_ns;
};

void budget_init(struct budget *budget, uint64_t repaint_ns, uint64_t second_ns);

/* A repaint begins. */
void budget_begin_repaint(struct budget *budget);

/* Whether a look at so many bytes fits; now as of the monotonic clock. */
bool budget_fits(
	const struct budget *budget, struct budget_share *share, uint64_t bytes, uint64_t now_ns);

/* The same, of a client's part only: for what is read at other times. */
bool budget_fits_share(
	const struct budget *budget, struct budget_share *share, uint64_t bytes, uint64_t now_ns);
void budget_spend_share(struct budget_share *share, uint64_t took_ns);

/* A look at so many bytes took so long. */
void budget_spend(
	struct budget *budget, struct budget_share *share, uint64_t bytes, uint64_t took_ns);

#endif
