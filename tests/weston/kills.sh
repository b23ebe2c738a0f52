#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Clients that are killed in the middle leave nothing behind, not even an fd.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"

# start NAME [OPTION]...: flip without an end; $pid is the client's.
start()
{
	local name=$1

	shift
	"$wltex" flip --allocator memfd --frames 0 "$@" >/dev/null 2>&1 &
	pid=$!
	note "$name" "$pid"
}

kill_and_wait()
{
	kill -KILL "$1"
	wait "$1" 2>/dev/null || true
}

kills()
{
	local fds i pid
	local -a ways=(--no-wait "--no-wait --recreate" "--buffers 1" "--detach-every 2 --no-wait"
		"--no-wait --recreate --async-create" "--buffers 1 --content-sum --no-wait")

	flip first --frames 2
	fds=$(settled_fds)
	for i in {0..23}; do
		# shellcheck disable=SC2086 # several options
		start "killed$i" --size 64x64 ${ways[i % ${#ways[@]}]}
		sleep "0.$(printf %03d $((10 + RANDOM % 120)))"
		kill_and_wait "$pid"
	done
	start stopped --no-wait
	sleep 0.2
	kill -STOP "$pid"
	# Whoever does not read or answer does not hold up others.
	flip other --frames 20
	kill_and_wait "$pid"
	start together1 --no-wait
	i=$pid
	start together2 --no-wait --recreate
	sleep 0.2
	kill -KILL "$i" "$pid"
	wait 2>/dev/null
	expect_fds "$fds" "clients that were killed"
}

test()
{
	weston -- kills
	expect_clean
	expect total '.failures == 0' '.refused == 0'
	jq -e '[.clients[] | select(.imports > 0)] | length > 10' "$stats" >/dev/null ||
		fail "hardly any client came so far as to show something"
	expect stopped '.imports > 3'
	expect other '.imports == 20'
	expect together1 '.imports > 3'
	expect together2 '.imports > 3'
}

main "$@"
