#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Many flips: the compositor's memory and fds stay as they are. With WLTEX_LONG=1 it is
# 100,000 flips instead of 2,000.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"

# What a part of the run may add: Mesa's and the allocator's caches, nothing per flip.
slack_kib=1024

rss_kib()
{
	awk '/^VmRSS:/ { print $2 }' "/proc/$WLTEX_WESTON_PID/status"
}

# run_part NAME FLIPS: and print what the compositor holds, clients' memory last.
run_part()
{
	flip "$1-full" --frames $(($2 / 2)) --no-wait
	flip "$1-new" --frames $(($2 / 4)) --recreate --no-wait
	flip "$1-detach" --frames $(($2 / 8)) --detach-every 50 --no-wait
	flip "$1-one" --frames $(($2 / 8)) --buffers 1 --change tile --no-wait
	printf '%-8s %8d flips, RSS %6d KiB, fds %s\n' "$1" "$2" "$(rss_kib)" "$(settled_fds)"
}

long()
{
	local flips=2000 fds rss

	[[ -z ${WLTEX_LONG-} ]] || flips=100000
	run_part warm-up 800
	fds=$(settled_fds)
	rss=$(rss_kib)
	run_part first $((flips / 2))
	run_part second $((flips / 2))
	expect_fds "$fds" "after $flips flips"
	is_plain || return 0
	(($(rss_kib) <= rss + slack_kib)) ||
		fail "RSS was $rss KiB and is $(rss_kib) KiB after $flips flips"
}

test()
{
	weston -- long
	expect_clean
	expect total '.peak_live_textures == 1' '.failures == 0' '.refused == 0'
}

main "$@"
