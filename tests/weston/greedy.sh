#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Clients that take ever more params, buffers or fds: each meets its limit, with each action,
# while the clients beside it miss nothing. A million of each with WLTEX_LONG=1.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"

commits_of()
{
	"$wltex" top --once --json --interval 0.05 |
		jq ".clients[] | select(.pid == $(<"$scratch/pid.$1")) | .commits"
}

has_commits()
{
	(($(commits_of "$1") >= $2))
}

# expect_flips NAME: the client goes on.
expect_flips()
{
	local commits

	commits=$(commits_of "$1")
	until_true 30 has_commits "$1" $((commits + 10)) ||
		fail "$1 does not go on: $(commits_of "$1") commits, $commits before"
}

is_through()
{
	grep -qE '^(alive|disconnected) ' "$scratch/greedy" || ! kill -0 "$greedy" 2>/dev/null
}

# beside CASE COUNT: a client that flips all the time, one that comes when all is taken.
beside()
{
	local greedy good fds

	fds=$(settled_fds)
	"$wltex" flip --allocator memfd --frames 0 --size 32x32 >"$scratch/good" 2>&1 &
	good=$!
	note good "$good"
	until_true 20 has_commits good 3 || fail "no client to disturb"
	mkfifo "$scratch/hold"
	GREEDY_COUNT=$2 ASAN_OPTIONS=detect_leaks=0 "$clients/client-greedy" "$1" \
		<>"$scratch/hold" >"$scratch/greedy" 2>"$scratch/greedy.err" &
	greedy=$!
	note greedy "$greedy"
	until_true 600 is_through || fail "the greedy client does not come to an end"
	expect_flips good
	flip beside --frames 5 --size 32x32
	kill "$greedy" 2>/dev/null || true
	wait "$greedy" 2>/dev/null || true
	rm "$scratch/hold"
	expect_flips good
	kill "$good"
	wait "$good" || true
	expect_fds "$fds" "$1"
}

# check CASE COUNT LIMIT MOST ACTION FILTER...
check()
{
	local case=$1 count=$2 limit=$3 most=$4 action=$5 variable

	shift 5
	variable=WLTEX_$(tr a-z- A-Z_ <<<"$limit")
	export "$variable=$most" WLTEX_LIMIT_ACTION="$action"
	rm -f "$scratch"/greedy "$scratch"/pid.*
	weston -- beside "$case" "$count"
	unset "$variable"
	expect_clean
	expect good '.imports == .commits' '.failures == 0' '.refused == 0'
	expect beside '.imports == 5'
	expect_log "wltex: pid [0-9]+ \(.*\) is over $limit: $((most + 1)) of $most"
	(($(grep -c "is over $limit" "$log") == 1)) || fail "it is told more than once"
	if [[ $action == disconnect ]]; then
		grep -q '^disconnected ' "$scratch/greedy" || fail "not disconnected"
		# What was under way still arrives.
		(($(cut -d ' ' -f 2 "$scratch/greedy") <= most + 2000)) ||
			fail "disconnected late: $(<"$scratch/greedy")"
	else
		grep -qx "alive $count" "$scratch/greedy" ||
			fail "not alive: $(cat "$scratch/greedy" "$scratch/greedy.err")"
	fi
	(($# == 0)) || expect greedy "$@"
	echo "# $case: $(<"$scratch/greedy"), $limit=$most, $action"
}

# Many buffers in one memory are as large as that.
shared_memory()
{
	GREEDY_COUNT=100 "$clients/client-greedy" buffers </dev/null >"$scratch/greedy" ||
		fail "100 buffers cannot be had"
}

check_shared_memory()
{
	rm -f "$scratch"/pid.*
	WLTEX_LIMIT_BYTES=16384 WLTEX_LIMIT_ACTION=refuse weston -- shared_memory
	expect_clean
	expect_no_log 'is over limit'
	expect greedy '.imports == 100' '.refused == 0'
	WLTEX_LIMIT_BYTES=16383 WLTEX_LIMIT_ACTION=refuse weston -- shared_memory
	expect_log 'is over limit-bytes: 16384 of 16383'
	expect greedy '.imports == 0' '.refused == 100'
}

test()
{
	local params=100000 buffers=10000 fds=10000 action

	if [[ -n ${WLTEX_LONG-} ]]; then
		params=1000000 buffers=1000000
	elif ! is_plain; then
		params=20000 buffers=2000
	fi
	# Weston holds an fd for each of the client's, and needs some more.
	(($(ulimit -Hn) >= 16384)) || fds=$(($(ulimit -Hn) / 2 - 200))
	for action in warn refuse disconnect; do
		check params "$params" limit-params 5000 "$action"
	done
	check buffers "$buffers" limit-buffers 500 warn ".imports == $buffers" '.refused == 0'
	check buffers "$buffers" limit-buffers 500 refuse '.imports == 500' \
		".refused == $buffers - 500"
	check buffers "$buffers" limit-buffers 500 disconnect '.imports <= 500'
	check fds "$fds" limit-fds 1000 warn '.peak_fds > 1000'
	check fds "$fds" limit-fds 1000 refuse '.peak_fds == 1000'
	check fds "$fds" limit-fds 1000 disconnect '.peak_fds <= 1001'
	check_shared_memory
}

main "$@"
