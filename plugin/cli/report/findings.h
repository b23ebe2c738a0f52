/* SPDX-License-Identifier: MIT */
#ifndef CLI_REPORT_FINDINGS_H
#define CLI_REPORT_FINDINGS_H

#include "cli/report/model.h"

/*
 * What of a model deserves somebody's attention. Each threshold stands in wltex-report(1).
 *
 * Buffers that nobody has seen for so long, this many of them or more.
 */
#define IDLE_NS UINT64_C(10000000000)
#define IDLE_BUFFERS 8
/* This many late releases of a surface, or one buffer that stays unreleased for so long. */
#define LATE_RELEASES 3
#define UNRELEASED_NS UINT64_C(5000000000)
/* This many commits that were looked at, of which at least this share changed nothing. */
#define UNCHANGED_LOOKS 30
#define UNCHANGED_PERCENT 50
/* This many that changed something, which was at most this share of what was claimed. */
#define CLAIM_LOOKS 30
#define CLAIM_PERCENT 25
/* And on average at least so many pixels were claimed: smaller claims cost nobody anything. */
#define CLAIM_PX UINT64_C(65536)

enum finding_kind {
	FINDING_LEAK,
	FINDING_FAILURE,
	FINDING_LATE,
	FINDING_CLAIM,
	FINDING_UNCHANGED,
	FINDING_KINDS,
};

struct finding {
	enum finding_kind kind;
	const struct report_client *client;
	/* NULL: of the client as a whole. */
	const struct report_surface *surface;
	/* What was seen, plain text. */
	char what[512];
	/* What to do about it. Static. */
	const char *advice;
	/* Those of a kind come in this order, the worst first. */
	uint64_t weight;
};

struct findings {
	struct finding *list;
	size_t count, room;
	/* There was no memory for more, which went here. */
	bool is_short;
	struct finding spare;
};

/* In the order of their kinds. */
void findings_init(struct findings *findings, const struct report_model *model);
void findings_finish(struct findings *findings);

/* "leak", "late release", ...: static. */
const char *finding_get_name(enum finding_kind kind);

/* For those who look for findings: a new one, for whoever fills in the rest; never NULL. */
struct finding *findings_add(struct findings *findings, enum finding_kind kind,
	const struct report_client *client, const struct report_surface *surface);

/* The rules, each of which adds what it finds. */
void find_leaks(struct findings *findings, const struct report_model *model,
	const struct report_client *client);
void find_failures(struct findings *findings, const struct report_model *model,
	const struct report_client *client);
void find_late(struct findings *findings, const struct report_model *model,
	const struct report_surface *surface);
void find_claims(struct findings *findings, const struct report_surface *surface);
void find_unchanged(struct findings *findings, const struct report_surface *surface);

#endif
