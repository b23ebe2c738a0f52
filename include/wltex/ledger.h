/* SPDX-License-Identifier: MIT */
#ifndef WLTEX_LEDGER_H
#define WLTEX_LEDGER_H

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The ledger: counts and bytes of all that was imported, in all and per owner (a
 * client). At every moment, for every owner and for the whole:
 *
 *   imports + reimports == destroys + live_textures
 *
 * and, as long as nobody calls wltex_texture_sync(),
 *
 *   commits == imports + reimports + uploads + reuses + failures + refused + not_asked
 *
 * An import that is made when somebody asks for the texture counts for the commit whose
 * content it shows: not_asked goes down by one as imports, reimports, uploads, reuses,
 * failures or refused goes up.
 * Builds with assertions check the first at every step.
 *
 * No function here touches GL or Wayland.
 */
struct wltex_ledger;

/** One owner of textures: a Wayland client, or any other part of a compositor. */
struct wltex_owner;

struct wltex_counts {
	/** Times that an owner presented a source (committed a buffer). */
	uint64_t commits;
	/** Image and texture made for a new source. */
	uint64_t imports;
	/** Image and texture made anew for the same source, whose content changed. */
	uint64_t reimports;
	/** Changed tiles of pixels in memory uploaded into the texture that was there. */
	uint64_t uploads;
	/** Same source with the same content: nothing was touched. */
	uint64_t reuses;
	/** Image and texture destroyed. */
	uint64_t destroys;
	/** Sources that EGL, GL or the system failed to import. */
	uint64_t failures;
	/** Sources that wltex refused: invalid, of an unsupported format, over a limit. */
	uint64_t refused;
	/** Commits whose texture is made on access, and that nobody asked for (yet). */
	uint64_t not_asked;
	/** Textures alive now, and the most there ever were. */
	uint64_t live_textures, peak_live_textures;
	/** Bytes of the sources behind them now, and the most there ever were. */
	uint64_t live_bytes, peak_live_bytes;
	/** Commits in which no pixel changed. */
	uint64_t redundant_commits;
	/** Pixels that clients said they changed / the part of it that really changed. */
	uint64_t damage_claimed_px, damage_true_px;
	/** Looks at content that were not made, because its memory reads far slower than RAM. */
	uint64_t slow_skips;
	/** Looks of the GPU whose answer came before the repaint, and that it did not wait for. */
	uint64_t late_verdicts, too_late;
	/**
	 * File descriptors held for dmabufs now, and the most there ever were: of those that
	 * textures show, each dmabuf counts once, for the owner of the first; a session
	 * (wltex/session.h) counts all that its clients sent.
	 */
	uint64_t fds, peak_fds;
	/** Times that an owner committed a buffer of wl_shm; these are not among commits. */
	uint64_t shm_commits;
	/** Pools of wl_shm whose memory is there now, and the most there ever were. */
	uint64_t shm_pools, peak_shm_pools;
	/** Buffers of wl_shm now, and the most there ever were. */
	uint64_t shm_buffers, peak_shm_buffers;
	/**
	 * Bytes of the pools now, and the most there ever were. What several pools of an owner
	 * share counts once for that owner.
	 */
	uint64_t shm_bytes, peak_shm_bytes;
};

/** \return a new, empty ledger, or NULL with errno set to ENOMEM. */
struct wltex_ledger *wltex_ledger_create(void);

/**
 * Destroy the ledger; NULL does nothing. Owners that are left keep their counts and must still be
 * destroyed. Contexts that count in it must be gone: else it is undefined what happens.
 */
void wltex_ledger_destroy(struct wltex_ledger *ledger);

/**
 * Add an owner.
 * \param pid the owner's process, 0 if it has none
 * \param name a short name (copied); NULL for none. It may be any bytes: it is made
 * printable where it is shown.
 * \return NULL with errno set to ENOMEM, or EINVAL without a ledger.
 */
struct wltex_owner *wltex_owner_create(struct wltex_ledger *ledger, pid_t pid, const char *name);

/**
 * Remove an owner; NULL does nothing. As long as a struct wltex_texture counts for it, it is only
 * marked as gone, and removed with the last of them. Its counts stay part of the
 * ledger's totals and, for the last 64 owners that did something, of the report.
 */
void wltex_owner_destroy(struct wltex_owner *owner);

/** The totals. Borrowed, always up to date. NULL of NULL. */
const struct wltex_counts *wltex_ledger_get_counts(const struct wltex_ledger *ledger);

/** One owner's counts. Borrowed, always up to date. NULL of NULL. */
const struct wltex_counts *wltex_owner_get_counts(const struct wltex_owner *owner);

/**
 * Write the ledger as one JSON object: the fields of struct wltex_counts, and
 * "clients", an array of objects with pid, name, live (false once gone) and the
 * same fields.
 * \return 0, -EIO when writing failed, or -EINVAL without a ledger or file.
 */
int wltex_ledger_print_json(const struct wltex_ledger *ledger, FILE *file);

#ifdef __cplusplus
}
#endif

#endif
