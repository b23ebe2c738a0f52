#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Each limit with each action: the client that goes too far meets it, and others do not.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"

beside()
{
	ASAN_OPTIONS=detect_leaks=0 "$clients/client-hostile" limit >"$scratch/limit" 2>"$scratch/limit.err"
	flip good --frames 5 --size 32x32
}

# check LIMIT MOST VALUE ACTION
check()
{
	local limit=$1 most=$2 value=$3 action=$4 variable

	variable=WLTEX_$(tr a-z- A-Z_ <<<"$limit")
	export "$variable=$most" WLTEX_LIMIT_ACTION="$action"
	weston -- beside
	unset "$variable"
	expect_clean
	expect good '.imports == 5' '.refused == 0'
	expect_log "wltex: pid [0-9]+ \(.*\) is over $limit: $value of $most"
	case $action in
	warn)
		grep -q alive "$scratch/limit" || fail "disconnected"
		expect hostile '.imports == 40' '.refused == 0'
		;;
	refuse)
		grep -q alive "$scratch/limit" || fail "disconnected"
		# Params are no textures: those over the limit are told of only.
		[[ $limit == limit-params ]] || expect hostile '.refused > 0' '.commits == 40'
		;;
	disconnect)
		grep -q disconnected "$scratch/limit" || fail "not disconnected"
		grep -Eq "over $limit: $value of $most" "$scratch/limit.err" ||
			fail "the client was not told why: $(<"$scratch/limit.err")"
		;;
	esac
}

test()
{
	local action

	for action in warn refuse disconnect; do
		check limit-params 20 21 "$action"
		check limit-buffers 20 21 "$action"
		check limit-bytes 200000 212992 "$action"
		check limit-fds 20 21 "$action"
		check limit-textures 20 21 "$action"
	done
}

main "$@"
