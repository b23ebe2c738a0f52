/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/ledger.h"
#include "util/export.h"

WLTEX_EXPORT struct wltex_ledger *wltex_ledger_create(void)
{
	struct wltex_ledger *ledger = calloc(1, sizeof(*ledger));

	if (ledger == NULL)
		return NULL;
	wltex_list_init(&ledger->owners);
	wltex_list_init(&ledger->gone);
	return ledger;
}

static void owner_free(struct wltex_owner *owner)
{
	wltex_list_remove(&owner->link);
	free(owner);
}

WLTEX_EXPORT void wltex_ledger_destroy(struct wltex_ledger *ledger)
{
	struct wltex_list *link, *next;

	if (ledger == NULL)
		return;
	while (!wltex_list_empty(&ledger->owners)) {
		struct wltex_owner *owner =
			wltex_container_of(ledger->owners.next, struct wltex_owner, link);
		wltex_list_remove(&owner->link);
		owner->ledger = NULL;
	}
	for (link = ledger->gone.next; link != &ledger->gone; link = next) {
		next = link->next;
		free(wltex_container_of(link, struct wltex_owner, link));
	}
	free(ledger);
}

WLTEX_EXPORT struct wltex_owner *wltex_owner_create(
	struct wltex_ledger *ledger, pid_t pid, const char *name)
{
	struct wltex_owner *owner;

	if (ledger == NULL) {
		errno = EINVAL;
		return NULL;
	}
	owner = calloc(1, sizeof(*owner));
	if (owner == NULL)
		return NULL;
	owner->ledger = ledger;
	wltex_owner_rename(owner, pid, name);
	wltex_list_insert(ledger->owners.prev, &owner->link);
	return owner;
}

void wltex_owner_rename(struct wltex_owner *owner, pid_t pid, const char *name)
{
	if (owner == NULL)
		return;
	owner->pid = pid;
	snprintf(owner->name, sizeof(owner->name), "%s", name != NULL ? name : "");
}

/* Kept for the report, if it did something. */
static void bury(struct wltex_owner *owner)
{
	static const struct wltex_counts nothing;
	struct wltex_ledger *ledger = owner->ledger;
	const struct wltex_counts *c = &owner->counts;

	assert(c->live_textures == 0 && c->live_bytes == 0 && c->fds == 0);
	assert(c->shm_pools == 0 && c->shm_buffers == 0 && c->shm_bytes == 0);
	wltex_list_remove(&owner->link);
	if (ledger == NULL || memcmp(c, &nothing, sizeof(nothing)) == 0) {
		free(owner);
		return;
	}
	wltex_list_insert(&ledger->gone, &owner->link);
	if (++ledger->n_gone > LEDGER_MAX_GONE) {
		owner_free(wltex_container_of(ledger->gone.prev, struct wltex_owner, link));
		ledger->n_gone--;
	}
}

WLTEX_EXPORT void wltex_owner_destroy(struct wltex_owner *owner)
{
	if (owner == NULL || owner->destroyed)
		return;
	owner->destroyed = true;
	if (owner->n_users == 0)
		bury(owner);
}

void wltex_owner_add_user(struct wltex_owner *owner)
{
	if (owner != NULL)
		owner->n_users++;
}

void wltex_owner_remove_user(struct wltex_owner *owner)
{
	if (owner != NULL && --owner->n_users == 0 && owner->destroyed)
		bury(owner);
}

WLTEX_EXPORT const struct wltex_counts *wltex_ledger_get_counts(const struct wltex_ledger *ledger)
{
	return ledger != NULL ? &ledger->total : NULL;
}

WLTEX_EXPORT const struct wltex_counts *wltex_owner_get_counts(const struct wltex_owner *owner)
{
	return owner != NULL ? &owner->counts : NULL;
}

static void check(const struct wltex_counts *c)
{
	assert(c->imports + c->reimports == c->destroys + c->live_textures);
	assert(c->live_textures != 0 || c->live_bytes == 0);
	assert(c->damage_true_px <= c->damage_claimed_px);
	assert(c->not_asked <= c->commits);
	(void)c;
}

/* Apply one statement to the totals and to the owner, and check both. */
#define record(ledger, owner, statement) \
	do { \
		struct wltex_counts *both[] = { \
			&(ledger)->total, (owner) != NULL ? &(owner)->counts : NULL}; \
		for (int i_ = 0; i_ < 2 && both[i_] != NULL; i_++) { \
			struct wltex_counts *c = both[i_]; \
			statement; \
			check(c); \
		} \
	} while (0)

/*
 * A file of holes can claim to have 2^63 bytes. No machine has more than this; a million
 * textures of it can be summed up.
 */
static uint64_t clamp_bytes(uint64_t bytes)
{
	const uint64_t max = UINT64_C(1) << 44;

	return bytes < max ? bytes : max;
}

static uint64_t max64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

void wltex_ledger_commit(struct wltex_ledger *ledger, struct wltex_owner *owner)
{
	record(ledger, owner, c->commits++);
}

void wltex_ledger_import(
	struct wltex_ledger *ledger, struct wltex_owner *owner, uint64_t bytes, bool again)
{
	bytes = clamp_bytes(bytes);
	record(ledger, owner, {
		c->imports += !again;
		c->reimports += again;
		c->live_textures++;
		c->live_bytes += bytes;
		c->peak_live_textures = max64(c->peak_live_textures, c->live_textures);
		c->peak_live_bytes = max64(c->peak_live_bytes, c->live_bytes);
	});
}

void wltex_ledger_upload(struct wltex_ledger *ledger, struct wltex_owner *owner)
{
	record(ledger, owner, c->uploads++);
}

void wltex_ledger_reuse(struct wltex_ledger *ledger, struct wltex_owner *owner)
{
	record(ledger, owner, c->reuses++);
}

void wltex_ledger_destroyed(struct wltex_ledger *ledger, struct wltex_owner *owner, uint64_t bytes)
{
	bytes = clamp_bytes(bytes);
	record(ledger, owner, {
		assert(c->live_textures > 0 && c->live_bytes >= bytes);
		c->destroys++;
		c->live_textures--;
		c->live_bytes -= bytes;
	});
}

void wltex_ledger_failure(struct wltex_ledger *ledger, struct wltex_owner *owner)
{
	record(ledger, owner, c->failures++);
}

void wltex_ledger_refuse(struct wltex_ledger *ledger, struct wltex_owner *owner)
{
	record(ledger, owner, c->refused++);
}

void wltex_ledger_not_asked(struct wltex_ledger *ledger, struct wltex_owner *owner, int delta)
{
	record(ledger, owner, c->not_asked += (uint64_t)(int64_t)delta);
}

void wltex_ledger_damage(struct wltex_ledger *ledger, struct wltex_owner *owner,
	uint64_t claimed_px, uint64_t true_px, uint64_t redundant_commits)
{
	record(ledger, owner, {
		c->damage_claimed_px += claimed_px;
		c->damage_true_px += true_px;
		c->redundant_commits += redundant_commits;
	});
}

void wltex_ledger_slow(struct wltex_ledger *ledger, struct wltex_owner *owner)
{
	record(ledger, owner, c->slow_skips++);
}

void wltex_ledger_late_verdict(struct wltex_ledger *ledger, struct wltex_owner *owner, bool in_time)
{
	record(ledger, owner, {
		c->late_verdicts += in_time;
		c->too_late += !in_time;
	});
}

/* So many more, or fewer, and perhaps more than ever. */
static void change(uint64_t *count, uint64_t *peak, int64_t delta)
{
	assert(delta >= 0 || *count >= (uint64_t)-delta);
	*count += (uint64_t)delta;
	*peak = max64(*peak, *count);
}

void wltex_ledger_fds(struct wltex_ledger *ledger, struct wltex_owner *owner, int delta)
{
	record(ledger, owner, change(&c->fds, &c->peak_fds, delta));
}

void wltex_ledger_shm_commit(struct wltex_ledger *ledger, struct wltex_owner *owner)
{
	record(ledger, owner, c->shm_commits++);
}

void wltex_ledger_shm_pools(struct wltex_ledger *ledger, struct wltex_owner *owner, int delta)
{
	record(ledger, owner, change(&c->shm_pools, &c->peak_shm_pools, delta));
}

void wltex_ledger_shm_bytes(struct wltex_ledger *ledger, struct wltex_owner *owner, int64_t delta)
{
	record(ledger, owner, change(&c->shm_bytes, &c->peak_shm_bytes, delta));
}

void wltex_ledger_shm_buffers(struct wltex_ledger *ledger, struct wltex_owner *owner, int delta)
{
	record(ledger, owner, change(&c->shm_buffers, &c->peak_shm_buffers, delta));
}
