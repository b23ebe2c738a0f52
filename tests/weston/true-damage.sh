#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What true damage saves, where it is switched off, and that nothing is looked at for nothing.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"

frames=20
window_px=$((640 * 480))

flip_frames()
{
	flip flipper --frames $frames --size 640x480 --damage full "$@"
}

# damaged MODULE-OPTIONS... -- FLIP-OPTIONS...: pixels that Weston had to draw.
damaged()
{
	local -a environment=() counts

	while [[ $1 != -- ]]; do
		environment+=("$1")
		shift
	done
	shift
	env ${environment[@]+"${environment[@]}"} "WLTEX_REPAINT_REPORT=$scratch/report" \
		"$tests/headless-weston" --size 640x480 --stats "$stats" --log "$log" \
		--first-module "$WLTEX_BUILD/tests/weston/repaint.so" -- \
		bash "$0" --inside flip_frames "$@"
	read -ra counts <"$scratch/report"
	((counts[1] == 0)) || fail "${counts[1]} stale repaints"
	echo "${counts[4]}"
}

expect_damaged()
{
	local what=$1 least=$2 most=$3 px

	shift 3
	px=$(damaged "$@")
	((px >= least && px <= most)) || fail "$what: $px pixels damaged, not $least to $most"
}

expect_all()
{
	expect_damaged "$1" $((window_px * frames)) $((window_px * (frames + 4))) "${@:2}"
}

# The window is drawn when it comes, and perhaps what is below it when it goes.
expect_little()
{
	expect_damaged "$1" $window_px $((window_px * 6)) "${@:2}"
}

savings()
{
	expect_little "nothing changes" -- --buffers 3 --change none
	expect_little "a tile changes" -- --buffers 3 --change tile
	expect_all "everything changes" -- --buffers 3 --change full
	expect_all "switched off" WLTEX_TRUE_DAMAGE=false -- --buffers 3 --change none
	expect_all "sums switched off" WLTEX_CONTENT_SUMS=false -- --buffers 3 --change none
	expect_all "excepted" WLTEX_TRUE_DAMAGE_EXCEPT=other,wltex -- --buffers 3 --change none
	expect_little "others excepted" WLTEX_TRUE_DAMAGE_EXCEPT=other,wlte -- \
		--buffers 3 --change none
}

# Another module that takes its time with each texture (writes it to a file) is no reason to
# look at a surface less.
slow_module()
{
	local claimed

	[[ -e $WLTEX_BUILD/tests/weston/snapshot.so ]] || return 0
	mkdir "$scratch/pictures"
	WLTEX_SNAPSHOT_DIR=$scratch/pictures WLTEX_SNAPSHOT_MAX=$frames \
		"$tests/headless-weston" --size 640x480 --stats "$stats" --log "$log" \
		--module "$WLTEX_BUILD/tests/weston/snapshot.so" -- \
		bash "$0" --inside flip_frames --buffers 3 --change tile
	claimed=$((window_px * frames))
	# The first frame is all new, and a tile of each other.
	expect total ".damage_claimed_px == $claimed" \
		".damage_true_px == $((window_px + (frames - 1) * 64 * 64))"
}

# A player that is paused: it is told of each frame, and nothing is drawn.
paused()
{
	local name

	for name in paused paused_shm; do
		weston -- "$clients/client-idle" "$name"
		expect "$name" '.redundant_commits == 29' '.damage_true_px == 300 * 200'
	done
}

# However many commits come, there is one look for each repaint of them.
mailbox()
{
	local looks
	local -a counts

	WLTEX_REPAINT_REPORT=$scratch/report "$tests/headless-weston" --no-wltex --log "$log" \
		--module "$WLTEX_BUILD/tests/weston/stale-broken.so" \
		--first-module "$WLTEX_BUILD/tests/weston/repaint.so" -- \
		"$clients/client-idle" mailbox
	looks=$(count_looks)
	read -ra counts <"$scratch/report"
	((looks > 0 && looks <= counts[0])) ||
		fail "5,000 commits: $looks looks in ${counts[0]} repaints"
}

nothing_for_nothing()
{
	local name looks

	for name in idle idle_shm; do
		"$tests/headless-weston" --no-wltex --log "$log" \
			--module "$WLTEX_BUILD/tests/weston/stale-broken.so" -- \
			"$clients/client-idle" "$name"
		looks=$(count_looks)
		[[ $looks == 1 ]] || fail "$name: content was looked at ${looks:-?} times, not once"
	done
}

test()
{
	savings
	slow_module
	nothing_for_nothing
	paused
	mailbox
}

main "$@"
