/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include <stdbool.h>
#include <stddef.h>

#include <wltex/ledger.h>

#include "util/json.h"
#include "util/list.h"

/* Owners that are gone but did something, kept for the report. */
#define LEDGER_MAX_GONE 64
#define LEDGER_NAME_SIZE 64

struct wltex_owner {
	struct wltex_ledger *ledger; // NULL once the ledger is gone
	struct wltex_list link;      // wltex_ledger.owners or wltex_ledger.gone
	pid_t pid;
	char name[LEDGER_NAME_SIZE];
	struct wltex_counts counts;
	unsigned n_users; // that count for it
	bool destroyed;   // but for its users
};

struct wltex_ledger {
	struct wltex_counts total;
	struct wltex_list owners; // wltex_owner.link
	struct wltex_list gone;   // wltex_owner.link, newest first
	int n_gone;
};

/* What it is called is known only now. owner may be NULL. */
void wltex_owner_rename(struct wltex_owner *owner, pid_t pid, const char *name);

/* Who counts for an owner, which stays until all are gone. owner may be NULL. */
void wltex_owner_add_user(struct wltex_owner *owner);
void wltex_owner_remove_user(struct wltex_owner *owner);

/* Write all counts as members of an object. */
void wltex_counts_print(const struct wltex_counts *counts, struct wltex_json *json);

/*
 * Recording. owner may be NULL: only the totals count then. bytes is what the texture's
 * source holds; destroy must be told the same number as the import was.
 */
void wltex_ledger_commit(struct wltex_ledger *ledger, struct wltex_owner *owner);
void wltex_ledger_import(
	struct wltex_ledger *ledger, struct wltex_owner *owner, uint64_t bytes, bool again);
void wltex_ledger_upload(struct wltex_ledger *ledger, struct wltex_owner *owner);
void wltex_ledger_reuse(struct wltex_ledger *ledger, struct wltex_owner *owner);
void wltex_ledger_destroyed(struct wltex_ledger *ledger, struct wltex_owner *owner, uint64_t bytes);
void wltex_ledger_failure(struct wltex_ledger *ledger, struct wltex_owner *owner);
void wltex_ledger_refuse(struct wltex_ledger *ledger, struct wltex_owner *owner);
/* delta: 1 for a commit that nobody asked for yet, -1 once somebody did. */
void wltex_ledger_not_asked(struct wltex_ledger *ledger, struct wltex_owner *owner, int delta);
void wltex_ledger_damage(struct wltex_ledger *ledger, struct wltex_owner *owner,
	uint64_t claimed_px, uint64_t true_px, uint64_t redundant_commits);
void wltex_ledger_slow(struct wltex_ledger *ledger, struct wltex_owner *owner);
/* A look of the GPU was or was not over when the compositor needed it. */
void wltex_ledger_late_verdict(
	struct wltex_ledger *ledger, struct wltex_owner *owner, bool in_time);
void wltex_ledger_fds(struct wltex_ledger *ledger, struct wltex_owner *owner, int delta);
/*
 * Of wl_shm: a buffer was committed; there are so many pools, bytes of pools, or buffers more,
 * or fewer. Each pool and each buffer must be taken back before its owner goes.
 */
void wltex_ledger_shm_commit(struct wltex_ledger *ledger, struct wltex_owner *owner);
void wltex_ledger_shm_pools(struct wltex_ledger *ledger, struct wltex_owner *owner, int delta);
void wltex_ledger_shm_bytes(struct wltex_ledger *ledger, struct wltex_owner *owner, int64_t delta);
void wltex_ledger_shm_buffers(struct wltex_ledger *ledger, struct wltex_owner *owner, int delta);

#endif
